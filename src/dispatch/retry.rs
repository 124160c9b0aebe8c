use std::time::Duration;

use http::StatusCode;

use super::{FailureCause, Outcome};
use crate::{base::random::Random, failure::FailureKind, policy::Policy};

/// What a policy decides about an outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Decision {
    Delivered(StatusCode),
    /// Try again after the delay.
    Retry {
        cause: FailureCause,
        delay: Duration,
        retry_after: Duration,
    },
    /// Give up.
    Dead {
        cause: FailureCause,
        retry_after: Duration,
    },
    /// Make the same attempt again.
    Abandoned,
}

/// Applies the policy to the outcome of attempt number `attempt`.
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
            retry_after.unwrap_or_default().min(retry.max_retry_after()),
            retry.retry_on().retries(status),
        ),
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
        // `Retry-After` is a floor. Jitter only adds to it, so that webhooks that were sent away
        // together come back one by one.
        delay = delay.max(retry_after.saturating_add(backoff.spread(attempt, random)));
    }
    Decision::Retry { cause, delay, retry_after }
}
