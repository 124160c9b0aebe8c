use super::FILTERS;
use crate::{dialect::findface, policy::Policy, webhook::Profile};

/// The delivery policy of FindFace Multi.
///
/// | what | rule | source |
/// |---|---|---|
/// | batch | 1 notification; set more with [`Policy::with_batch`] | documented |
/// | linger | none | inferred from FindFace Security 2020 |
/// | attempts | 10; 0 means unlimited, see [`findface::attempts`] | documented |
/// | retried | everything that is no success, 4xx included | inferred from FindFace Security 2020 |
/// | backoff | 0.1 s x 2.7^n after attempt n, at most 100 s, no jitter | exponential up to 100 s documented, the curve inferred from FindFace Security 2020 |
/// | success | status 200 alone | inferred from FindFace Security 2020 |
/// | `Retry-After` | honoured up to 100 s | ours: the longest interval that is documented |
/// | timeout | 10 s | ours |
///
/// ```
/// use recohook::findface::multi;
///
/// let delays = multi::policy().retry().backoff().clone();
/// assert_eq!(delays.base(2).as_millis(), 729);
/// ```
pub fn policy() -> Policy {
    findface::policy::policy()
}

/// The delivery profile of FindFace Multi: [`policy`], and an array of notifications, of a single
/// one too (inferred from FindFace Security 2020).
///
/// ```
/// use recohook::findface::multi;
/// use recohook::{Filter, Webhook};
///
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&multi::FILTERS))?
///     .with_profile(multi::profile());
/// # Ok::<(), recohook::WebhookError>(())
/// ```
pub fn profile() -> Profile {
    findface::policy::profile()
}

/// Returns the registry behind the REST API of a FindFace Multi.
pub fn webhooks() -> findface::Webhooks<findface::Registration> {
    findface::Webhooks::new(&FILTERS, profile())
}
