//! Reads values from the bytes of an input. After its end, the input consists of zeros.

use std::{num::NonZeroU32, time::Duration};

use recohook::{
    FailureKind, Limits,
    http::StatusCode,
    policy::{Attempts, Backoff, Batching, Jitter, Overflow, Policy, Retry, RetryOn},
    unstable::Outcome,
};

pub(super) struct Input<'a>(std::slice::Iter<'a, u8>);

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.as_slice().is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }

    pub(super) fn coin(&mut self) -> bool {
        self.byte() & 1 == 0
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::from(self.byte()) % length
    }

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    pub(super) fn duration(&mut self) -> Duration {
        self.pick(&[
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::from_millis(5),
            Duration::from_secs(1),
            Duration::from_secs(3600),
            Duration::from_secs(1 << 33),
            Duration::MAX,
        ])
    }

    /// Returns small limits, or sometimes the default ones.
    pub(super) fn limits(&mut self) -> Limits {
        let limits = Limits::default()
            .with_max_webhook_queue_items(self.pick(&[1, 2, 5, 50]))
            .with_max_queue_items(self.pick(&[1, 3, 20, 1000]))
            .with_max_webhook_queue_bytes(self.pick(&[1, 50, 500, usize::MAX]))
            .with_max_in_flight(self.pick(&[1, 2, 3, 9]))
            .with_max_webhook_in_flight(self.pick(&[1, 2, 8]));
        if self.byte() > 250 { Limits::default() } else { limits }
    }

    /// Returns a valid policy.
    pub(super) fn policy(&mut self) -> Policy {
        let policy = Policy::default()
            .with_batch(self.batching())
            .with_retry(self.retry())
            .with_overflow(self.pick(&[Overflow::RejectNewest, Overflow::DropOldest]));
        let batches = self.pick(&[1, 1, 2, 7, usize::MAX]);
        let policy = policy.with_max_in_flight_batches(batches).expect("it should not be zero");
        let timeout = self.duration();
        policy.clone().with_timeout(timeout).unwrap_or(policy)
    }

    fn batching(&mut self) -> Batching {
        let items = self.pick(&[1, 1, 2, 3, 100, usize::MAX]);
        let bytes = self.pick(&[usize::MAX, 1, 10, 100]);
        let batching = Batching::at_most(items).and_then(|batching| batching.with_max_bytes(bytes));
        batching.expect("neither should be zero").with_linger(self.duration())
    }

    fn retry(&mut self) -> Retry {
        let (first, longest) = (self.duration(), self.duration());
        let factor = self.pick(&[1.0, 1.5, 1e9, f64::MAX, 0.5, f64::NAN]);
        let backoff = Backoff::exponential(first, factor, longest);
        let backoff = backoff.or_else(|_| Backoff::constant(Duration::from_millis(1)));
        let jitter = self.pick(&[Jitter::None, Jitter::Full, Jitter::Equal]);
        let backoff = backoff.expect("the delay should be valid").with_jitter(jitter);
        let attempts = self.pick(&[0, 1, 2, 3, u32::MAX]);
        let attempts = NonZeroU32::new(attempts).map_or(Attempts::Unlimited, Attempts::Limited);
        Retry::new(attempts, backoff)
            .with_retry_on(self.pick(&[RetryOn::AnyFailure, RetryOn::Transient]))
            .with_max_retry_after(self.duration())
    }

    /// Returns the outcome of an attempt, which is a success in half of the cases.
    pub(super) fn outcome(&mut self) -> Outcome {
        match self.byte() % 6 {
            0 => Outcome::Abandoned,
            1 => Outcome::Failed(self.pick(&[
                FailureKind::Connect,
                FailureKind::StaleConnection,
                FailureKind::Exhausted,
                FailureKind::Timeout,
                FailureKind::InvalidRequest,
                FailureKind::Panic,
            ])),
            2 => {
                let status = self.pick(&[500, 429, 404, 100, 302]);
                let status = StatusCode::from_u16(status).expect("the status should be valid");
                Outcome::Response { status, retry_after: Some(self.duration()) }
            }
            _ => DELIVERED,
        }
    }
}

pub(super) const DELIVERED: Outcome =
    Outcome::Response { status: StatusCode::OK, retry_after: None };
