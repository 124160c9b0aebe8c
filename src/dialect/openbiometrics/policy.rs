use std::{sync::LazyLock, time::Duration};

use crate::{
    dialect::parse_error::Sender,
    policy::{Attempts, Backoff, Policy, Retry, RetryOn, Success},
    webhook::{Framing, Profile},
};

/// What a receiver should do with a delivery of OpenBiometrics that it cannot read.
pub(super) static SENDER: Sender = Sender {
    damaged: "answer with 400, so that the engine sends it again",
    unreadable: "answer with 200 and store the body, because the engine would only send the same \
                 body again",
};

/// Returns the delivery policy of OpenBiometrics.
///
/// | part | rule | source |
/// |---|---|---|
/// | batch | 1 event | documented |
/// | attempts | 3 | the engine's source |
/// | retries | after every failure | inferred from the engine's source |
/// | backoff | 1 s, then 2 s, without jitter | the engine's source |
/// | success | any 2xx | the engine's source; a receiver is asked to "return 200 quickly" (documented) |
/// | `Retry-After` | honoured up to 2 s | ours: the longest interval of the engine |
/// | timeout | 10 s | the engine's source |
/// | order | one event at a time; a failed event delays the next one | ours: the engine sends up to four events at the same time and does not keep them in order (read) |
///
/// ```
/// let policy = recohook::openbiometrics::policy();
/// let seconds: Vec<_> = policy.retry().backoff().delays(0).take(2).map(|d| d.as_secs()).collect();
/// assert_eq!(seconds, [1, 2]);
/// ```
pub fn policy() -> Policy {
    let backoff = Backoff::exponential(Duration::from_secs(1), 2.0, LONGEST)
        .expect("the engine's curve is valid");
    // Any failure is retried, including 4xx responses (inferred, as the table says).
    let retry = Retry::new(Attempts::at_most(3).expect("3 is not 0"), backoff)
        .with_retry_on(RetryOn::AnyFailure)
        .with_max_retry_after(LONGEST);
    Policy::default()
        .with_retry(retry)
        .with_success(Success::Any2xx)
        .with_timeout(Duration::from_secs(10))
        .expect("the engine's timeout is valid")
}

/// Returns the delivery profile of OpenBiometrics. It combines [`policy`] with a body that is one
/// event as a JSON object, the event's type in `X-Event-Type`, and the event's id in `X-Event-ID`
/// (documented).
///
/// An event whose type or id is not a valid header value is not sent.
///
/// ```
/// use recohook::openbiometrics::{self, EventType};
/// use recohook::{Webhook, signature::Secret};
///
/// let filter = openbiometrics::subscription([EventType::FaceMatched])?;
/// let webhook = Webhook::new("https://example.com/webhooks/biometrics", filter)?
///     .with_profile(openbiometrics::profile())
///     .with_signer(openbiometrics::signer(&Secret::new("whsec_your_signing_secret")?));
/// assert_eq!(webhook.id_header().expect("the profile sets it"), "x-event-id");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn profile() -> Profile {
    // The profile is created only once, so that all webhooks share one allocation.
    static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
        Profile::default()
            .with_policy(policy())
            .with_framing(Framing::Object)
            .with_kind_header("X-Event-Type")
            .and_then(|profile| profile.with_id_header("X-Event-ID"))
            .expect("the documented headers are valid")
    });
    PROFILE.clone()
}

/// The engine's longest interval: the one between the second and the third attempt.
const LONGEST: Duration = Duration::from_secs(2);
