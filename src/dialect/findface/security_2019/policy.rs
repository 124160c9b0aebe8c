use super::FILTERS;
use crate::{dialect::findface, policy::Policy, webhook::Profile};

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
    findface::policy::policy()
}

/// The delivery profile of FindFace Security 2019: [`policy`], and an array of events, of a single one too
/// (documented).
///
/// ```
/// use recohook::findface::security_2019;
/// use recohook::{Filter, Webhook};
///
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&security_2019::FILTERS))?
///     .with_profile(security_2019::profile());
/// assert_eq!(webhook.policy(), &security_2019::policy());
/// # Ok::<(), recohook::WebhookError>(())
/// ```
pub fn profile() -> Profile {
    findface::policy::profile()
}

/// Returns the registry behind the REST API of a FindFace Security 2019.
pub fn webhooks() -> findface::Webhooks<findface::Registration> {
    findface::Webhooks::new(&FILTERS, profile())
}
