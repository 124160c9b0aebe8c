use crate::policy::Policy;

/// The delivery policy of FindFace Security 2019: that of
/// [2020](crate::findface::security::policy), most of it inferred from there.
///
/// | what | rule | source |
/// |---|---|---|
/// | batch | 1 notification | inferred: the page names no larger one |
/// | attempts | 10 | inferred from 2020 |
/// | retried | everything that is no success, 4xx included | inferred from 2020 |
/// | backoff | 0.1 s x 2.7^n after attempt n, at most 100 s, no jitter | inferred from 2020 |
/// | success | status 200 alone | inferred from 2020; the sample receiver answers 200 |
/// | `Retry-After` | honoured up to 100 s | ours |
/// | timeout | 10 s | ours |
///
/// ```
/// use recohook::findface::{security, security_2019};
///
/// assert_eq!(security_2019::policy(), security::policy());
/// ```
pub fn policy() -> Policy {
    super::super::policy::policy()
}
