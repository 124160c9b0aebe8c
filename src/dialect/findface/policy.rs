use std::{sync::LazyLock, time::Duration};

use http::StatusCode;

use crate::{
    dialect::parse_error::Sender,
    policy::{Attempts, Backoff, Policy, Retry, RetryOn, Success},
    webhook::{Framing, Profile},
};

/// What a receiver should do with a delivery of a FindFace system that it cannot read. The policy
/// below lists the sources.
pub(super) static SENDER: Sender = Sender {
    damaged: "answer with 400, so that FindFace sends it again",
    unreadable: "answer with 200 and store the body, because FindFace repeats what is refused and \
                 sends nothing else of this kind until it gives up",
};

/// Returns the delivery policy of the FindFace systems.
///
/// All four systems have the same policy. The last four columns show which parts of the policy each
/// system documents. An inferred fact comes from Security 2020 unless the table says otherwise.
///
/// | part | rule | Security 2020 | Multi | Lite | Security 2019 |
/// |---|---|---|---|---|---|
/// | batch | 1 notification; use [`Policy::with_batch`] to allow more | inferred from the log | documented | inferred: a webhook has no `batch_size` | inferred: the page does not mention larger batches |
/// | linger | none | inferred | inferred | inferred | inferred |
/// | attempts | 10; 0 means unlimited, see [`findface::attempts`](attempts) | 10 is documented, "out of 10" in the log; 0 is inferred from Multi | documented | 0 is documented, the default is inferred from Multi | inferred |
/// | retries | after every failure, including 4xx responses | documented: a 405 is retried in the log | inferred | inferred | inferred |
/// | backoff | 0.1 s x 2.7^n after attempt n, counted from 1; at most 100 s; without jitter | the cap is documented, the curve is inferred from the log | exponential up to 100 s is documented, the curve is inferred | inferred | inferred |
/// | success | only status 200; [201 and 204 are failures](#receivers-that-answer-with-201-or-204) | documented | inferred | inferred | inferred; the sample receiver answers with 200 |
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
///
/// # Receivers that answer with 201 or 204
///
/// The receiver "must return an HTTP 200" (documented). All other statuses, 201 and 204 included,
/// are failures: the batch is sent again until the attempts are used up, and the receiver sees it
/// up to ten times. Many web frameworks answer with 204 if a handler returns nothing.
/// [`Webhook::lint`](crate::Webhook::lint) warns about this. To accept them, change the rule:
///
/// ```
/// use recohook::{findface::security, policy::Success};
///
/// let policy = security::policy().with_success(Success::Any2xx);
/// let profile = security::profile().with_policy(policy);
/// # assert_eq!(profile.policy().success(), &Success::Any2xx);
/// ```
pub fn policy() -> Policy {
    // The first delay is 0.1 s x 2.7, because the curve counts attempts from 1.
    let backoff = Backoff::exponential(Duration::from_millis(270), 2.7, LONGEST)
        .expect("the documented curve is valid");
    let retry = Retry::new(attempts(10), backoff)
        .with_retry_on(RetryOn::AnyFailure)
        .with_max_retry_after(LONGEST);
    Policy::default().with_retry(retry).with_success(Success::Exactly(StatusCode::OK))
}

/// Converts the `send_attempts` of the FindFace systems into [`Attempts`]. 0 means unlimited
/// (documented for Multi and Lite, inferred for Security).
///
/// This never fails, whereas [`Attempts::at_most`] returns an error for 0.
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
    // `at_most` fails only for 0.
    Attempts::at_most(send_attempts).unwrap_or(Attempts::Unlimited)
}

/// Returns the delivery profile of the FindFace systems. It combines [`policy`] with a body that is
/// an array of notifications, even if there is only one notification (documented for Security 2019
/// and 2020, inferred for Lite and Multi).
///
/// Entities are written in full. To write their ids instead, set
/// [`Rendering::Compact`](crate::Rendering::Compact).
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
    // The profile is created only once, so that all webhooks share one allocation.
    static PROFILE: LazyLock<Profile> =
        LazyLock::new(|| Profile::default().with_policy(policy()).with_framing(Framing::Array));
    PROFILE.clone()
}

/// The longest interval, which is documented for Security 2020 as "with a maximum of 100 seconds".
const LONGEST: Duration = Duration::from_secs(100);
