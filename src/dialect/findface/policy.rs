use std::{sync::LazyLock, time::Duration};

use http::StatusCode;

use crate::{
    policy::{Attempts, Backoff, Policy, Retry, RetryOn, Success},
    webhook::{Framing, Profile},
};

/// Returns the delivery policy of the FindFace systems.
///
/// All four have the same policy. The columns say how far each system documents it. A fact that is
/// inferred comes from Security 2020, unless the table says otherwise.
///
/// | part | rule | Security 2020 | Multi | Lite | Security 2019 |
/// |---|---|---|---|---|---|
/// | batch | 1 notification; set more with [`Policy::with_batch`] | inferred from the log | documented | inferred: a webhook has no `batch_size` | inferred: the page names no larger one |
/// | linger | none | inferred | inferred | inferred | inferred |
/// | attempts | 10; 0 means unlimited, see [`findface::attempts`](attempts) | documented, "out of 10" in the log | documented | 0 documented, the default inferred from Multi | inferred |
/// | retried | every failure, 4xx included | documented: the log retries a 405 | inferred | inferred | inferred |
/// | backoff | 0.1 s x 2.7^n after attempt n, counted from 1; at most 100 s; no jitter | the cap documented, the curve inferred from the log | exponential up to 100 s documented, the curve inferred | inferred | inferred |
/// | success | only status 200 | documented | inferred | inferred | inferred; the sample receiver answers 200 |
/// | `Retry-After` | honoured up to 100 s, the longest documented interval | ours | ours | ours | ours |
/// | timeout | 10 s | ours | ours | ours | ours |
///
/// ```
/// use recohook::findface::{lite, multi, security, security_2019};
///
/// let policy = security::policy();
/// let delays: Vec<_> = policy.retry().backoff().delays(0).take(7).collect();
/// let seconds: Vec<_> = delays.iter().map(|d| format!("{:.3}", d.as_secs_f64())).collect();
/// assert_eq!(seconds, ["0.270", "0.729", "1.968", "5.314", "14.349", "38.742", "100.000"]);
///
/// assert_eq!(multi::policy(), policy);
/// assert_eq!(lite::policy(), policy);
/// assert_eq!(security_2019::policy(), policy);
/// ```
pub fn policy() -> Policy {
    // The first delay is 0.1 s x 2.7: the curve counts attempts from 1.
    let backoff = Backoff::exponential(Duration::from_millis(270), 2.7, LONGEST)
        .expect("the documented curve is valid");
    let retry = Retry::new(attempts(10), backoff)
        .with_retry_on(RetryOn::AnyFailure)
        .with_max_retry_after(LONGEST);
    Policy::default().with_retry(retry).with_success(Success::Exactly(StatusCode::OK))
}

/// Converts the `send_attempts` of the FindFace systems: 0 is unlimited (documented).
///
/// Never fails. [`Attempts::at_most`], in contrast, returns an error for 0.
///
/// ```
/// use recohook::{findface, policy::Attempts};
///
/// assert_eq!(findface::attempts(0), Attempts::Unlimited);
/// assert!(!findface::attempts(10).allows(11));
///
/// let policy = findface::lite::policy();
/// let retry = policy.retry().clone().with_attempts(findface::attempts(0));
/// assert_eq!(policy.with_retry(retry).retry().attempts(), Attempts::Unlimited);
/// ```
pub fn attempts(send_attempts: u32) -> Attempts {
    // The only error of `at_most` is that of 0.
    Attempts::at_most(send_attempts).unwrap_or(Attempts::Unlimited)
}

/// Returns the delivery profile of the FindFace systems: [`policy`], and an array of notifications,
/// even for a single one (documented for Security 2019 and 2020, inferred for Lite and Multi).
///
/// Entities are written whole. Set [`Rendering::Compact`](crate::Rendering::Compact) to write their
/// ids instead.
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
    // Made once, so that all webhooks share one allocation.
    static PROFILE: LazyLock<Profile> =
        LazyLock::new(|| Profile::default().with_policy(policy()).with_framing(Framing::Array));
    PROFILE.clone()
}

/// The longest interval. Documented for Security 2020: "with a maximum of 100 seconds".
const LONGEST: Duration = Duration::from_secs(100);
