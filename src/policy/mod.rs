//! The delivery policy of a webhook: batches, attempts, delays, and which responses count as a
//! success.
//!
//! All values are checked when they are created, so every policy is valid.
//!
//! Notifications are queued in *lanes*. A lane is the FIFO of one webhook and topic. Batches are
//! taken from the front of a lane. Each batch is one *delivery*, which may take several *attempts*.
//!
//! A policy determines when a retry is due. The retry may be made later, because other things can
//! hold it back. A receiver's [`Retry-After`](Retry::with_max_retry_after) blocks the whole
//! webhook. [`Notifier::pause`](crate::Notifier::pause) or [`Engine::pause`](crate::Engine::pause)
//! stops the webhook until it is resumed. [`Limits`](crate::Limits) bound the number of requests in
//! flight. An attempt that is repeated because it was abandoned can be held back in the same ways.
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
//!
//! [`design`](crate::design#how-is-a-retry-scheduled-step-by-step) describes a retry step by step
//! and explains [what `Retry-After` does](crate::design#how-does-retry-after-work).

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

/// The delivery policy of a webhook.
///
/// It is set with [`Webhook::with_policy`](crate::Webhook::with_policy). The systems have their own
/// policies, such as [`findface::security::policy`](crate::findface::security::policy). A host
/// starts from one of these or from the default:
///
/// ```
/// use recohook::policy::{Batching, Overflow, Policy, Retry, Success};
/// use std::time::Duration;
///
/// let policy = Policy::default();
/// assert_eq!(policy.batch(), &Batching::default()); // one notification, at once
/// assert_eq!(policy.retry(), &Retry::default()); // 10 attempts, from 1 second to 5 minutes
/// assert_eq!(policy.success(), &Success::Any2xx);
/// assert_eq!(policy.overflow(), Overflow::RejectNewest);
/// assert_eq!(policy.timeout(), Duration::from_secs(10));
/// assert_eq!(policy.max_in_flight_batches(), 1); // keeps the order
/// ```
// Here and in `Batching` and `Attempts`, numbers that must not be 0 have types that cannot be 0.
// Code that reads a policy does not have to check them.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    batch: Batching,
    retry: Retry,
    success: Success,
    overflow: Overflow,
    timeout: Duration,
    max_in_flight_batches: NonZeroUsize,
}

/// The action to take if a queue is full when a notification is published. Later releases may add
/// variants.
///
/// The sizes of the queues are set in [`Limits`](crate::Limits).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// Rejects the new notification. The statistics count it as rejected, and
    /// [`publish`](crate::Notifier::publish) reports it.
    #[default]
    RejectNewest,
    /// Drops the webhook's oldest queued notifications until the new one fits. The statistics count
    /// them as dropped.
    ///
    /// Batches that are already being delivered are never dropped. If dropping all queued
    /// notifications would not make enough room, the new notification is rejected and nothing is
    /// dropped. If [`Limits::max_queue_bytes`](crate::Limits::max_queue_bytes) is reached, the new
    /// notification is always rejected, because webhooks share payloads and dropping a payload from
    /// one queue may not free any memory.
    DropOldest,
}

impl Policy {
    /// Returns the batch policy.
    pub fn batch(&self) -> &Batching {
        &self.batch
    }

    /// Sets the batch policy. Default: [`Batching::default`], which sends each notification at once
    /// in its own batch.
    #[must_use]
    pub fn with_batch(mut self, batch: Batching) -> Self {
        self.batch = batch;
        self
    }

    /// Returns the retry policy.
    pub fn retry(&self) -> &Retry {
        &self.retry
    }

    /// Sets the retry policy. Default: [`Retry::default`], which makes 10 attempts.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Returns the success rule.
    pub fn success(&self) -> &Success {
        &self.success
    }

    /// Sets the success rule. Default: [`Success::Any2xx`].
    #[must_use]
    pub fn with_success(mut self, success: Success) -> Self {
        self.success = success;
        self
    }

    /// Returns the overflow policy.
    pub fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// Sets the overflow policy. Default: [`Overflow::RejectNewest`].
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::policy::{Overflow, Policy};
    /// use recohook::{Config, Engine, Filter, Limits, Moment, Webhook};
    ///
    /// let limits = Limits::default().with_max_webhook_queue_items(2);
    /// let mut engine = Engine::with_config(Config::default().with_limits(limits));
    /// let policy = Policy::default().with_overflow(Overflow::DropOldest);
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// let now = Moment::ZERO;
    /// engine.insert(1, webhook.with_policy(policy), now)?;
    /// for id in ["1", "2", "3"] {
    ///     assert_eq!(engine.publish(&Event::new(id), now)?.queued, 1);
    /// }
    /// assert_eq!(engine.total().dropped.overflow, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Returns how long an attempt may take. This is the definition of the timeout for the whole
    /// crate.
    ///
    /// The timeout covers connecting, sending the request, and receiving the response until its
    /// body ends or exceeds [`Limits::max_response_bytes`](crate::Limits::max_response_bytes). When
    /// it starts depends on who sends the request:
    ///
    /// - With a [`Notifier`](crate::Notifier), it starts when a [`Driver`](crate::Driver) takes the
    ///   delivery. Therefore it covers framing and signing as well. The driver ends the attempt
    ///   when the time is up.
    /// - An [`Engine`](crate::Engine) sends nothing. It frames and signs a request before handing
    ///   it out. From then on, the host applies [`Outgoing::timeout`](crate::Outgoing::timeout).
    ///
    /// Each attempt has the full timeout. The timeout does not cover the delay before a retry.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sets the timeout of an attempt. Default: 10 seconds. See [`timeout`](Self::timeout) for what
    /// it covers.
    ///
    /// ```
    /// use recohook::policy::{Policy, PolicyError};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::default().with_timeout(Duration::from_secs(3))?;
    /// assert_eq!(policy.timeout(), Duration::from_secs(3));
    /// assert_eq!(policy.with_timeout(Duration::ZERO), Err(PolicyError::ZeroTimeout));
    /// # Ok::<(), PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`PolicyError::ZeroTimeout`] if `timeout` is zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, PolicyError> {
        if timeout.is_zero() {
            return Err(PolicyError::ZeroTimeout);
        }
        self.timeout = timeout;
        Ok(self)
    }

    /// Returns the maximum number of batches of a lane that may be in delivery at the same time.
    pub fn max_in_flight_batches(&self) -> usize {
        self.max_in_flight_batches.get()
    }

    /// Sets the maximum number of batches of a lane that may be in delivery at the same time.
    /// Default: 1.
    ///
    /// A batch is in delivery from its first attempt until it is delivered, dead or dropped. This
    /// includes the time during which it waits for a retry. With a maximum of 1, batches arrive in
    /// order, because each batch waits until the previous batch is settled. With a higher maximum,
    /// the first attempts are made in order, but batches may arrive out of order.
    /// [`Limits::max_webhook_in_flight`](crate::Limits::max_webhook_in_flight) also limits the
    /// requests of a webhook.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::policy::Policy;
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let policy = Policy::default().with_max_in_flight_batches(2)?;
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// engine.insert(1, webhook.with_policy(policy), now)?;
    /// engine.publish(&Event::new("1"), now)?;
    /// engine.publish(&Event::new("2"), now)?;
    /// let first = engine.poll_request(now, wall);
    /// let second = engine.poll_request(now, wall);
    /// assert!(first.is_some() && second.is_some(), "the second does not wait for the first");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`PolicyError::ZeroInFlightBatches`] if `batches` is 0.
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
