//! Receivers, and the outcomes of the requests to them.

use std::time::Duration;

use recohook::{FailureKind, unstable::Outcome};

use crate::{
    dice::Dice,
    plan::{MILLI, Plan, SECOND, STATUSES, status},
};

/// The present behaviour of a receiver.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Receiver {
    Healthy,
    /// Answers each request with a random status.
    Moody,
    Answers(u16),
    /// Asks for a retry after this many seconds.
    Limits(u64),
    /// Does not respond before the timeout.
    Stalls,
    Fails(FailureKind),
    /// The driver abandons each attempt.
    HangsUp,
}

impl Receiver {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        match dice.between(0, 9) {
            0..3 => Self::Healthy,
            3 => Self::Moody,
            4 => Self::Answers(dice.pick(&STATUSES)),
            5 => Self::Limits(dice.pick(&[0, 1, 30, 100_000])),
            6 => Self::Stalls,
            7 | 8 => Self::Fails(dice.pick(&[
                FailureKind::Connect,
                FailureKind::Interrupted,
                FailureKind::StaleConnection,
                FailureKind::Exhausted,
                FailureKind::Panic,
                FailureKind::InvalidRequest,
            ])),
            _ => Self::HangsUp,
        }
    }

    /// Returns how many nanoseconds an attempt takes, and its outcome.
    pub(crate) fn receive(self, plan: &Plan, dice: &mut Dice) -> (u64, Outcome) {
        let soon = dice.between(0, 20 * MILLI);
        match self {
            Self::Healthy => {
                (soon, Outcome::Response { status: plan.success(), retry_after: None })
            }
            Self::Moody => {
                let asks = dice.chance(30).then(|| dice.between(0, 4 * SECOND));
                (soon, answer(dice.pick(&STATUSES), asks))
            }
            Self::Answers(code) => (soon, answer(code, None)),
            Self::Limits(seconds) => (soon, answer(dice.pick(&[429, 503]), Some(seconds * SECOND))),
            Self::Stalls => (plan.timeout + soon, Outcome::Failed(FailureKind::Timeout)),
            Self::Fails(kind) => (soon, Outcome::Failed(kind)),
            Self::HangsUp => (soon, Outcome::Abandoned),
        }
    }
}

/// Returns the text that hosts pass on with a failure of this kind.
pub(crate) fn error_text(kind: FailureKind) -> Option<&'static str> {
    match kind {
        FailureKind::Connect => Some("connection refused"),
        FailureKind::Interrupted => Some("connection reset"),
        _ => None,
    }
}

pub(crate) fn answer(code: u16, retry_after: Option<u64>) -> Outcome {
    Outcome::Response { status: status(code), retry_after: retry_after.map(Duration::from_nanos) }
}
