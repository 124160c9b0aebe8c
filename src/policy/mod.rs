//! How a webhook is delivered: batches, attempts, backoff, success. Values that can't be wrong
//! once they are built.
//!
//! Notifications are queued in *lanes*. A lane is the FIFO of one webhook and topic.
//!
//! ```
//! use recohook::policy::{Attempts, Backoff, Batching, Jitter, Policy, Retry, Success};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), recohook::policy::PolicyError> {
//! let backoff = Backoff::exponential(Duration::from_millis(500), 2.0, Duration::from_secs(60))?
//!     .with_jitter(Jitter::Full);
//! let policy = Policy::default()
//!     .with_batch(Batching::at_most(100)?.with_linger(Duration::from_millis(20)))
//!     .with_retry(Retry::new(Attempts::at_most(5)?, backoff))
//!     .with_success(Success::Any2xx)
//!     .with_timeout(Duration::from_secs(6))?;
//! assert_eq!(policy.batch().max_items(), 100);
//! # Ok(())
//! # }
//! ```

mod backoff;
mod batching;
mod error;
mod retry;
mod success;

use std::{num::NonZeroUsize, time::Duration};

pub use backoff::{Backoff, Jitter};
pub use batching::Batching;
pub use error::PolicyError;
pub use retry::{Attempts, Retry, RetryOn};
pub use success::{StatusSet, Success};

/// The delivery policy of one webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    batch: Batching,
    retry: Retry,
    success: Success,
    overflow: Overflow,
    timeout: Duration,
    max_in_flight_batches: NonZeroUsize,
}

/// What happens to a new notification when a queue is full. Other ways may come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// The new one is refused: it counts as rejected, and `publish` says so.
    #[default]
    RejectNewest,
    /// The webhook's oldest queued notifications make room: they count as dropped. Where it has
    /// none that is not yet under way, the new one is refused. The bound on all payload bytes
    /// always refuses, since what one webhook drops others may still hold.
    DropOldest,
}

impl Policy {
    /// The batch policy.
    pub fn batch(&self) -> &Batching {
        &self.batch
    }

    /// Sets the batch policy. Default: [`Batching::default`], one notification at once.
    #[must_use]
    pub fn with_batch(mut self, batch: Batching) -> Self {
        self.batch = batch;
        self
    }

    /// The retry policy.
    pub fn retry(&self) -> &Retry {
        &self.retry
    }

    /// Sets the retry policy. Default: [`Retry::default`].
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The success rule.
    pub fn success(&self) -> &Success {
        &self.success
    }

    /// Sets the success rule. Default: [`Success::Any2xx`].
    #[must_use]
    pub fn with_success(mut self, success: Success) -> Self {
        self.success = success;
        self
    }

    /// The overflow policy.
    pub fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// Sets the overflow policy. Default: [`Overflow::RejectNewest`].
    #[must_use]
    pub fn with_overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the response.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sets the timeout of an attempt. Default 10 s.
    ///
    /// # Errors
    /// [`PolicyError::ZeroTimeout`] for zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, PolicyError> {
        if timeout.is_zero() {
            return Err(PolicyError::ZeroTimeout);
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// How many batches of one lane may be under way at a time, those that wait for a retry
    /// included.
    pub fn max_in_flight_batches(&self) -> usize {
        self.max_in_flight_batches.get()
    }

    /// Sets how many batches of a lane may be under way at a time. Default 1, which keeps order:
    /// the next batch waits until the head is delivered or given up. With more, batches leave in
    /// order and may arrive out of it.
    ///
    /// # Errors
    /// [`PolicyError::ZeroInFlightBatches`] for zero.
    pub fn with_max_in_flight_batches(mut self, batches: usize) -> Result<Self, PolicyError> {
        self.max_in_flight_batches =
            NonZeroUsize::new(batches).ok_or(PolicyError::ZeroInFlightBatches)?;
        Ok(self)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            batch: Batching::default(),
            retry: Retry::default(),
            success: Success::Any2xx,
            overflow: Overflow::default(),
            timeout: Duration::from_secs(10),
            max_in_flight_batches: NonZeroUsize::MIN,
        }
    }
}
