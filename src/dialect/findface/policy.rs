use std::{sync::LazyLock, time::Duration};

use http::StatusCode;

use crate::{
    policy::{Attempts, Backoff, Policy, Retry, RetryOn, Success},
    webhook::{Framing, Profile},
};

/// What the FindFace systems share. The `policy` of each says what of it is documented there.
pub(super) fn policy() -> Policy {
    let backoff = Backoff::exponential(Duration::from_millis(270), 2.7, LONGEST)
        .expect("the documented curve is valid");
    let retry = Retry::new(attempts(10), backoff)
        .with_retry_on(RetryOn::AnyFailure)
        .with_max_retry_after(LONGEST);
    Policy::default().with_retry(retry).with_success(Success::Exactly(StatusCode::OK))
}

/// Reads `send_attempts` as the FindFace systems do: 0 is unlimited (documented).
///
/// ```
/// use recohook::{findface, policy::Attempts};
///
/// assert_eq!(findface::attempts(0), Attempts::Unlimited);
/// assert!(!findface::attempts(10).allows(11));
/// ```
pub fn attempts(send_attempts: u32) -> Attempts {
    Attempts::at_most(send_attempts).unwrap_or(Attempts::Unlimited)
}

/// What the FindFace systems share. The `profile` of each says what of it is documented there.
pub(super) fn profile() -> Profile {
    // Made once, so that its webhooks share it.
    static PROFILE: LazyLock<Profile> =
        LazyLock::new(|| Profile::default().with_policy(policy()).with_framing(Framing::Array));
    PROFILE.clone()
}

/// Documented for Security 2020: "with a maximum of 100 seconds".
const LONGEST: Duration = Duration::from_secs(100);
