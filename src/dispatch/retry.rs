//! The decision of a policy about an outcome.

use std::time::Duration;

use http::StatusCode;

use super::{FailureCause, Outcome};
use crate::{base::random::Random, failure::FailureKind, policy::Policy};

/// The decision of a policy about an outcome.
// An outcome is a fact, and a decision is the policy's reading of it. Nothing else in the module
// looks at an outcome, so the rules are all in `decide`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Decision {
    /// The attempt succeeded.
    Delivered(StatusCode),
    /// The attempt failed, and the policy allows another one after `delay`.
    Retry {
        cause: FailureCause,
        /// How long to wait, from the backoff, jitter and `retry_after`.
        delay: Duration,
        /// The `Retry-After` of the receiver, at most the policy's maximum. Zero if there is none.
        retry_after: Duration,
    },
    /// The attempt failed, and there is no other one.
    Dead {
        cause: FailureCause,
        /// The `Retry-After` of the receiver, at most the policy's maximum. Zero if there is none.
        retry_after: Duration,
    },
    /// The same attempt is made again.
    Abandoned,
}

/// Applies a policy to the outcome of the attempt number `attempt`.
///
/// Draws from `random` only if the decision is to retry and the backoff has jitter.
pub(super) fn decide(
    policy: &Policy,
    attempt: u32,
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
            // The policy bounds how long a receiver can block a webhook.
            retry_after.unwrap_or_default().min(retry.max_retry_after()),
            retry.retry_on().retries(status),
        ),
        // `RetryOn` is about responses. Without one, another attempt may succeed, unless the request
        // itself is the reason: the next one would be the same.
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
        // `Retry-After` is a minimum. Jitter only adds to it, so that deliveries that were sent away
        // at the same time do not return at the same time.
        delay = delay.max(retry_after.saturating_add(backoff.spread(attempt, random)));
    }
    Decision::Retry { cause, delay, retry_after }
}
