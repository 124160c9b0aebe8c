use super::FILTERS;
use crate::{dialect::findface, policy::Policy, webhook::Profile};

/// The delivery policy of FindFace Security 2020.
///
/// | what | rule | source |
/// |---|---|---|
/// | batch | 1 notification; set more with [`Policy::with_batch`] | inferred from the documented log |
/// | linger | none | inferred |
/// | attempts | 10 | documented, "out of 10" in the log |
/// | retried | everything that is no success, 4xx included | documented: the log retries a 405 |
/// | backoff | 0.1 s x 2.7^n after attempt n, at most 100 s, no jitter | the cap documented, the curve inferred from the log |
/// | success | status 200 alone | documented |
/// | `Retry-After` | honoured up to 100 s | ours: the longest interval that is documented |
/// | timeout | 10 s | ours |
///
/// ```
/// let policy = recohook::findface::security::policy();
/// let delays: Vec<_> = policy.retry().backoff().delays(0).take(7).collect();
/// let seconds: Vec<_> = delays.iter().map(|d| format!("{:.3}", d.as_secs_f64())).collect();
/// assert_eq!(seconds, ["0.270", "0.729", "1.968", "5.314", "14.349", "38.742", "100.000"]);
/// ```
pub fn policy() -> Policy {
    findface::policy::policy()
}

/// The delivery profile of FindFace Security 2020: [`policy`], and an array of notifications, of a
/// single one too (documented). Entities stay whole; set
/// [`Rendering::Compact`](crate::Rendering::Compact) for ids in their place.
///
/// ```
/// use recohook::findface::security;
/// use recohook::{Filter, Webhook};
///
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&security::FILTERS))?
///     .with_profile(security::profile());
/// assert_eq!(webhook.policy(), &security::policy());
/// # Ok::<(), recohook::WebhookError>(())
/// ```
pub fn profile() -> Profile {
    findface::policy::profile()
}

/// Returns the registry behind the REST API of a FindFace Security 2020.
pub fn webhooks() -> findface::Webhooks<findface::Registration> {
    findface::Webhooks::new(&FILTERS, profile())
}
