use std::time::Duration;

use http::StatusCode;

use crate::policy::{Attempts, Backoff, Policy, Retry, RetryOn, Success};

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
    let backoff = Backoff::exponential(Duration::from_millis(270), 2.7, LONGEST)
        .expect("the documented curve is valid");
    let retry = Retry::new(Attempts::from(10), backoff)
        .with_retry_on(RetryOn::AnyFailure)
        .with_longest_retry_after(LONGEST);
    Policy::default().with_retry(retry).with_success(Success::Exactly(StatusCode::OK))
}

/// Documented: "with a maximum of 100 seconds".
const LONGEST: Duration = Duration::from_secs(100);
