use std::{future, time::SystemTime};

use async_trait::async_trait;
use tokio::time::{self, Instant};

use super::Clock;
use crate::base::Moment;

/// A clock that uses tokio's timer.
///
/// Sleeps are precise to one millisecond, as tokio's are. Copies share the origin, so their moments
/// can be compared. In a test with paused time, the clock follows the paused time.
///
/// # Panics
/// A sleep panics if it is polled outside a tokio runtime, or in a runtime without a time driver
/// (`enable_time`). Drivers and the futures of [`flush`](crate::Notifier::flush) and
/// [`shutdown`](crate::Notifier::shutdown) poll sleeps, so run them on tokio.
/// [`ThreadClock`](super::ThreadClock) works on every executor.
///
/// ```
/// use recohook::clock::{Clock, TokioClock};
/// use std::time::Duration;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let clock = TokioClock::new();
/// let due = clock.now() + Duration::from_millis(2);
/// clock.sleep_until(due).await;
/// assert!(clock.now() >= due);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    origin: Instant,
}

impl TokioClock {
    /// Creates a clock whose origin is the current time. This does not require a runtime.
    ///
    /// ```
    /// use recohook::Moment;
    /// use recohook::clock::{Clock, TokioClock};
    /// use std::time::Duration;
    ///
    /// let clock = TokioClock::new();
    /// assert!(clock.now() - Moment::ZERO < Duration::from_secs(60));
    /// ```
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for TokioClock {
    fn now(&self) -> Moment {
        Moment::ZERO + self.origin.elapsed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    async fn sleep_until(&self, at: Moment) {
        match self.origin.checked_add(at - Moment::ZERO) {
            Some(at) => time::sleep_until(at).await,
            // The moment is later than the platform can represent.
            None => future::pending().await,
        }
    }
}
