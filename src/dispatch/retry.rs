//! A policy's decision about an outcome.

use std::time::Duration;

use http::StatusCode;

use super::{FailureCause, Outcome};
use crate::{base::random::Random, failure::FailureKind, policy::Policy};

/// A policy's decision about an outcome.
// An outcome is a fact, and a decision is the policy's interpretation of it. Nothing else in the
// module examines an outcome, so all of the rules are in `decide`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Decision {
    /// The attempt succeeded.
    Delivered(StatusCode),
    /// The attempt failed, and the policy allows another one after `delay`.
    Retry {
        cause: FailureCause,
        /// How long to wait, computed from the backoff, the jitter and `retry_after`.
        delay: Duration,
        /// The receiver's `Retry-After`, capped at the policy's maximum. Zero if the receiver sent
        /// none.
        retry_after: Duration,
    },
    /// The attempt failed, and no further attempt is made.
    Dead {
        cause: FailureCause,
        /// The receiver's `Retry-After`, capped at the policy's maximum. Zero if the receiver sent
        /// none.
        retry_after: Duration,
    },
    /// The attempt was abandoned and is repeated.
    Abandoned,
    /// The attempt failed for a reason that says nothing about the receiver. It does not count and
    /// is repeated after `delay`.
    Repeat { kind: FailureKind, delay: Duration },
}

/// How long an attempt waits after this host had no descriptor left for a connection. The docs of
/// [`FailureKind::Exhausted`] state it.
const EXHAUSTED_DELAY: Duration = Duration::from_secs(1);

/// Applies a policy to the outcome of attempt number `attempt`. `is_repeated` states whether an
/// attempt with this number was repeated before because of a stale connection.
///
/// Uses `random` only if the decision is to retry and the backoff has jitter.
pub(super) fn decide(
    policy: &Policy,
    attempt: u32,
    is_repeated: bool,
    outcome: Outcome,
    random: &mut Random,
) -> Decision {
    let retry = policy.retry();
    let (cause, retry_after, retryable) = match outcome {
        Outcome::Abandoned => return Decision::Abandoned,
        Outcome::Response { status, .. } if policy.success().accepts(status) => {
            return Decision::Delivered(status);
        }
        Outcome::Response { status, retry_after } => (
            FailureCause::Status(status),
            // The policy limits how long a receiver can block a webhook.
            retry_after.unwrap_or_default().min(retry.max_retry_after()),
            retry.retry_on().retries(status),
        ),
        Outcome::Failed(kind @ FailureKind::Exhausted) => {
            return Decision::Repeat { kind, delay: EXHAUSTED_DELAY };
        }
        // The next attempt uses another connection. If that breaks as well, it is a failure.
        Outcome::Failed(kind @ FailureKind::StaleConnection)
            if !is_repeated && retry.repeats_stale() =>
        {
            return Decision::Repeat { kind, delay: Duration::ZERO };
        }
        // `RetryOn` applies only to responses. If there was none, another attempt may
        // succeed. An invalid request is the exception, since every attempt would make the same
        // request.
        Outcome::Failed(kind) => {
            (FailureCause::Failure(kind), Duration::ZERO, kind != FailureKind::InvalidRequest)
        }
    };
    if !retryable || !retry.attempts().allows(attempt.saturating_add(1)) {
        return Decision::Dead { cause, retry_after };
    }
    let backoff = retry.backoff();
    let mut delay = backoff.delay(attempt, random);
    if !retry_after.is_zero() {
        // `Retry-After` is a minimum. Jitter only adds to it, so that deliveries that were turned
        // away at the same time do not return at the same time.
        delay = delay.max(retry_after.saturating_add(backoff.spread(attempt, random)));
    }
    Decision::Retry { cause, delay, retry_after }
}
