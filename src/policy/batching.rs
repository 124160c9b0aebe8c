use std::{num::NonZeroUsize, time::Duration};

use super::PolicyError;

/// How large a batch can be, and how long it waits to fill.
///
/// A batch is ready when it has reached its maximum number of notifications or bytes, or when its
/// oldest notification has waited for the linger time. The batch stays in the queue until it is
/// sent. While its lane is busy, the batch keeps growing, up to these maximums.
///
/// By default, each batch has one notification and is sent at once.
///
/// ```
/// use recohook::policy::Batching;
/// use std::time::Duration;
///
/// // Up to 100 notifications, collected for at most 20 ms.
/// let batching = Batching::at_most(100)?.with_linger(Duration::from_millis(20));
/// assert_eq!(batching.max_items(), 100);
///
/// let default = Batching::default();
/// assert_eq!(default.max_items(), 1);
/// assert_eq!(default.max_bytes(), 8 * 1024 * 1024);
/// assert_eq!(default.linger(), Duration::ZERO);
/// # Ok::<(), recohook::policy::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batching {
    max_items: NonZeroUsize,
    max_bytes: NonZeroUsize,
    linger: Duration,
}

impl Batching {
    /// Creates a policy with batches of up to `max_items` notifications and up to 8 MiB, without
    /// linger.
    ///
    /// Without linger, a notification is sent at once if its lane is free. A batch of several
    /// notifications then forms only while the lane is busy.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::policy::{Batching, Policy};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?
    ///     .with_policy(Policy::default().with_batch(Batching::at_most(2)?));
    /// let now = Moment::ZERO;
    /// engine.insert(1, webhook, now)?;
    /// for id in ["1", "2", "3"] {
    ///     engine.publish(&Event::new(id), now)?;
    /// }
    /// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
    /// let events: Vec<Event> = serde_json::from_slice(outgoing.request().body())?;
    /// assert_eq!(events.len(), 2, "the third waits in the queue");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`PolicyError::ZeroBatch`] if `max_items` is 0.
    pub fn at_most(max_items: usize) -> Result<Self, PolicyError> {
        let max_items = NonZeroUsize::new(max_items).ok_or(PolicyError::ZeroBatch)?;
        Ok(Self { max_items, ..Self::default() })
    }

    /// Sets the maximum size of a batch in bytes. Default: 8 MiB.
    ///
    /// This is the total size of the notifications as JSON, not counting the brackets and commas
    /// around them. A single notification that exceeds this size is sent alone.
    ///
    /// # Errors
    /// Returns [`PolicyError::ZeroBatchBytes`] if `max_bytes` is 0.
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Result<Self, PolicyError> {
        self.max_bytes = NonZeroUsize::new(max_bytes).ok_or(PolicyError::ZeroBatchBytes)?;
        Ok(self)
    }

    /// Sets how long a notification may wait for others to fill its batch. Default: zero.
    ///
    /// The time is measured from the moment at which the notification was queued. A flush ends the
    /// wait early. The linger has no effect if batches are limited to one notification, because
    /// every batch is then full at once.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::policy::{Batching, Policy};
    /// use recohook::{Engine, Filter, Moment, Webhook};
    /// use std::time::{Duration, SystemTime};
    ///
    /// let linger = Duration::from_millis(20);
    /// let policy = Policy::default().with_batch(Batching::at_most(100)?.with_linger(linger));
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// engine.insert(1, webhook.with_policy(policy), now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// assert!(engine.poll_request(now, SystemTime::now()).is_none());
    /// assert_eq!(engine.poll_timeout(), Some(now + linger));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Returns the maximum number of notifications in a batch.
    pub fn max_items(&self) -> usize {
        self.max_items.get()
    }

    /// Returns the maximum size of a batch in bytes.
    pub fn max_bytes(&self) -> usize {
        self.max_bytes.get()
    }

    /// Returns how long a notification may wait for others to fill its batch.
    pub fn linger(&self) -> Duration {
        self.linger
    }
}

impl Default for Batching {
    /// Returns a policy with batches of one notification, which are sent at once.
    fn default() -> Self {
        Self {
            // The default suits every framing, because `Framing::Object` allows only one
            // notification.
            max_items: NonZeroUsize::MIN,
            // In a `const` block, a wrong value would be a compile error rather than a panic.
            max_bytes: const { NonZeroUsize::new(8 * 1024 * 1024).expect("8 MiB is not zero") },
            linger: Duration::ZERO,
        }
    }
}
