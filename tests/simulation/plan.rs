//! Random policies, and what they mean, computed independently of the crate.

use std::time::Duration;

use recohook::{
    Limits,
    http::StatusCode,
    policy::{Attempts, Backoff, Batching, Jitter, Overflow, Policy, Retry, RetryOn, Success},
    unstable::Outcome,
};

use crate::dice::Dice;

pub(crate) const MILLI: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1_000 * MILLI;

/// A policy in plain numbers. Its methods compute what the policy means, independently of the
/// crate. Times are in nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
    pub(crate) linger: u64,
    pub(crate) window: usize,
    pub(crate) timeout: u64,
    pub(crate) drop_oldest: bool,
    /// 0 is unlimited.
    pub(crate) attempts: u32,
    retry_all: bool,
    max_retry_after: u64,
    curve: Curve,
    jitter: Jitter,
    success: Rule,
}

/// The shortest and the longest wait for the next attempt, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

/// The wait after attempt n: `first * (up / down)^(n - 1)`, at most `cap`. Each is a whole number
/// of nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Curve {
    first: u64,
    up: u64,
    down: u64,
    cap: u64,
}

#[derive(Clone, Copy, Debug)]
enum Rule {
    Any2xx,
    Only200,
    Below400,
    Set,
}

const CURVES: [Curve; 4] = [
    Curve { first: 270 * MILLI, up: 27, down: 10, cap: 100 * SECOND },
    Curve { first: MILLI, up: 2, down: 1, cap: 3 * SECOND },
    Curve { first: SECOND, up: 3, down: 2, cap: 20 * SECOND },
    Curve { first: 500 * MILLI, up: 1, down: 1, cap: 500 * MILLI },
];

const SET: [u16; 3] = [202, 302, 404];

/// All statuses that receivers of the simulation answer with.
pub(crate) const STATUSES: [u16; 16] =
    [100, 200, 201, 202, 204, 302, 400, 404, 405, 408, 410, 425, 429, 500, 503, 599];

impl Plan {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        Self {
            items: dice.pick(&[1, 1, 2, 3, 5]),
            bytes: dice.pick(&[40, 120, 300, 1_000_000]),
            linger: dice.pick(&[0, 0, 5, 40, 900]) * MILLI,
            window: dice.pick(&[1, 1, 1, 2, 3]),
            timeout: dice.pick(&[1, 3, 10]) * SECOND,
            drop_oldest: dice.chance(50),
            attempts: dice.pick(&[0, 1, 2, 3, 3, 5, 10]),
            retry_all: dice.chance(50),
            max_retry_after: dice.pick(&[0, 2, 60, 3_600]) * SECOND,
            curve: dice.pick(&CURVES),
            jitter: dice.pick(&[Jitter::None, Jitter::None, Jitter::Full, Jitter::Equal]),
            success: dice.pick(&[Rule::Any2xx, Rule::Only200, Rule::Below400, Rule::Set]),
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        let Curve { first, up, down, cap } = self.curve;
        let nanos = Duration::from_nanos;
        let backoff = Backoff::exponential(nanos(first), up as f64 / down as f64, nanos(cap));
        let retry = Retry::new(
            Attempts::at_most(self.attempts).unwrap_or(Attempts::Unlimited),
            backoff.unwrap().with_jitter(self.jitter),
        )
        .with_retry_on(if self.retry_all { RetryOn::AnyFailure } else { RetryOn::Transient })
        .with_max_retry_after(nanos(self.max_retry_after));
        let batch = Batching::at_most(self.items).unwrap().with_max_bytes(self.bytes).unwrap();
        Policy::default()
            .with_batch(batch.with_linger(nanos(self.linger)))
            .with_retry(retry)
            .with_success(match self.success {
                Rule::Any2xx => Success::Any2xx,
                Rule::Only200 => Success::Exactly(StatusCode::OK),
                Rule::Below400 => Success::Below400,
                Rule::Set => Success::one_of(SET.map(status)).unwrap(),
            })
            .with_overflow(if self.drop_oldest {
                Overflow::DropOldest
            } else {
                Overflow::RejectNewest
            })
            .with_max_in_flight_batches(self.window)
            .unwrap()
            .with_timeout(nanos(self.timeout))
            .unwrap()
    }

    pub(crate) fn accepts(&self, status: u16) -> bool {
        match self.success {
            Rule::Any2xx => (200..300).contains(&status),
            Rule::Only200 => status == 200,
            Rule::Below400 => (200..400).contains(&status),
            Rule::Set => SET.contains(&status),
        }
    }

    /// Returns a status that counts as a success.
    pub(crate) fn success(&self) -> StatusCode {
        status(STATUSES.into_iter().find(|code| self.accepts(*code)).unwrap())
    }

    pub(crate) fn retries(&self, status: u16) -> bool {
        self.retry_all || !(400..500).contains(&status) || matches!(status, 408 | 425 | 429)
    }

    pub(crate) fn allows(&self, attempt: u32) -> bool {
        self.attempts == 0 || attempt <= self.attempts
    }

    pub(crate) fn has_jitter(&self) -> bool {
        self.jitter != Jitter::None
    }

    /// Returns how long the webhook is blocked after this outcome.
    pub(crate) fn retry_after(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Response { retry_after: Some(asked), .. } => {
                (asked.as_nanos() as u64).min(self.max_retry_after)
            }
            _ => 0,
        }
    }

    /// Returns the wait after `attempt` failed, if the receiver asked for `retry_after`.
    pub(crate) fn wait(&self, attempt: u32, retry_after: u64) -> Wait {
        let base = self.curve.base(attempt);
        let (low, added) = match self.jitter {
            Jitter::None => (base, 0),
            Jitter::Full => (0, base),
            Jitter::Equal => (base / 2, base),
            other => panic!("unexpected jitter: {other:?}"),
        };
        let high = if retry_after > 0 { base.max(retry_after + added) } else { base };
        Wait { low: low.max(retry_after), high }
    }
}

impl Curve {
    fn base(self, attempt: u32) -> u64 {
        let mut delay = self.first;
        for _ in 1..attempt {
            if delay >= self.cap {
                break;
            }
            assert_eq!(
                delay * self.up % self.down,
                0,
                "a delay of {self:?} is not a whole number of nanoseconds"
            );
            delay = delay * self.up / self.down;
        }
        delay.min(self.cap)
    }
}

pub(crate) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap()
}

/// Returns limits that are small enough to be reached often.
pub(crate) fn random_limits(dice: &mut Dice) -> Limits {
    Limits::default()
        .with_max_webhook_queue_items(dice.pick(&[1, 4, 12, 40]))
        .with_max_webhook_queue_bytes(dice.pick(&[120, 600, 5_000]))
        .with_max_queue_items(dice.pick(&[8, 40, 150]))
        .with_max_webhook_in_flight(dice.pick(&[1, 2, 4]))
        .with_max_in_flight(dice.pick(&[1, 2, 3, 5, 8]))
}
