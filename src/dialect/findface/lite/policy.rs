use super::{FILTERS, Registration};
use crate::{dialect::findface, policy::Policy, webhook::Profile};

/// The delivery policy of FindFace Lite: that of [Security
/// 2020](crate::findface::security::policy), most of it inferred from there.
///
/// | what | rule | source |
/// |---|---|---|
/// | batch | 1 notification | inferred: a webhook has no `batch_size` |
/// | attempts | 10; set what `send_attempts` says with [`findface::attempts`], where 0 is unlimited | 0 documented, the default inferred from FindFace Multi |
/// | retried | everything that is no success, 4xx included | inferred from Security 2020 |
/// | backoff | 0.1 s x 2.7^n after attempt n, at most 100 s, no jitter | inferred from Security 2020 |
/// | success | status 200 alone | inferred from Security 2020 |
/// | `Retry-After` | honoured up to 100 s | ours |
/// | timeout | 10 s | ours |
///
/// ```
/// use recohook::findface::{self, lite};
/// use recohook::policy::Attempts;
///
/// let send_attempts = 0;
/// let policy = lite::policy();
/// let retry = policy.retry().clone().with_attempts(findface::attempts(send_attempts));
/// assert_eq!(policy.with_retry(retry).retry().attempts(), Attempts::Unlimited);
/// ```
pub fn policy() -> Policy {
    findface::policy::policy()
}

/// The delivery profile of FindFace Lite: [`policy`], and an array of events, of a single one too
/// (inferred).
///
/// ```
/// use recohook::findface::lite;
/// use recohook::{Filter, Webhook};
///
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&lite::FILTERS))?
///     .with_profile(lite::profile());
/// assert_eq!(webhook.policy(), &lite::policy());
/// # Ok::<(), recohook::WebhookError>(())
/// ```
pub fn profile() -> Profile {
    findface::policy::profile()
}

/// Returns the registry behind the REST API of a FindFace Lite.
pub fn webhooks() -> findface::Webhooks<Registration> {
    findface::Webhooks::new(&FILTERS, profile())
}
