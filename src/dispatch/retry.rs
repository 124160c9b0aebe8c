use std::time::Duration;

use http::StatusCode;

use super::{Cause, Outcome};
use crate::{base::random::Random, failure::FailureKind, policy::Policy};

/// What a policy makes of an outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Delivered(StatusCode),
    /// Try again after the wait.
    Again {
        cause: Cause,
        wait: Duration,
        hold: Duration,
    },
    /// Give up.
    Dead {
        cause: Cause,
        hold: Duration,
    },
    /// Make the same attempt again.
    Unmade,
}

/// Judges the outcome of attempt number `attempt`.
pub(super) fn judge(
    policy: &Policy,
    attempt: u32,
    outcome: Outcome,
    random: &mut Random,
) -> Verdict {
    let retry = policy.retry();
    let (cause, hold, curable) = match outcome {
        Outcome::Abandoned => return Verdict::Unmade,
        Outcome::Response { status, .. } if policy.success().accepts(status) => {
            return Verdict::Delivered(status);
        }
        Outcome::Response { status, retry_after } => (
            Cause::Status(status),
            retry_after.unwrap_or_default().min(retry.max_retry_after()),
            retry.retry_on().retries(status),
        ),
        Outcome::Failed(kind) => {
            (Cause::Failure(kind), Duration::ZERO, kind != FailureKind::Unsendable)
        }
    };
    if !curable || !retry.attempts().allows(attempt.saturating_add(1)) {
        return Verdict::Dead { cause, hold };
    }
    let backoff = retry.backoff();
    let mut wait = backoff.delay(attempt, random);
    if !hold.is_zero() {
        // The receiver's wish is a floor; jitter only adds to it, so that webhooks that were sent
        // away together come back one by one.
        wait = wait.max(hold.saturating_add(backoff.spread(attempt, random)));
    }
    Verdict::Again { cause, wait, hold }
}
