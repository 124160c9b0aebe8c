use std::{sync::LazyLock, time::Duration};

use http::StatusCode;

use crate::{
    Framing, Profile,
    policy::{Attempts, Backoff, Policy, Retry, RetryOn, Success},
};

/// What the FindFace systems share. The `policy` of each says what of it is documented there.
pub(super) fn policy() -> Policy {
    let backoff = Backoff::exponential(Duration::from_millis(270), 2.7, LONGEST)
        .expect("the documented curve is valid");
    let retry = Retry::new(Attempts::from(10), backoff)
        .with_retry_on(RetryOn::AnyFailure)
        .with_longest_retry_after(LONGEST);
    Policy::default().with_retry(retry).with_success(Success::Exactly(StatusCode::OK))
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
