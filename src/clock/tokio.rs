use std::{future, time::SystemTime};

use async_trait::async_trait;
use tokio::time::{self, Instant};

use super::Clock;
use crate::base::Moment;

/// Tokio's timer, which counts in milliseconds. It follows tokio's paused time in tests.
///
/// # Panics
/// A sleep that is polled outside a tokio runtime, or in one without its time driver
/// (`enable_time`), panics with tokio's message. [`ThreadClock`](super::ThreadClock) works
/// everywhere.
///
/// ```
/// use recohook::clock::{Clock, TokioClock};
/// use std::time::Duration;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let clock = TokioClock::new();
/// let at = clock.now() + Duration::from_millis(2);
/// clock.sleep_until(at).await;
/// assert!(clock.now() >= at);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    origin: Instant,
}

impl TokioClock {
    /// A clock whose origin is this moment.
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
            // Further away than the platform can tell.
            None => future::pending().await,
        }
    }
}
