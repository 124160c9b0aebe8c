//! Where time comes from: a [`Clock`] of the host's choice.
//!
//! [`ThreadClock`] needs no runtime; `TokioClock` (feature `tokio`) uses tokio's timer;
//! `ManualClock` (feature `testing`) moves when a test says so.
//!
//! ```
//! use recohook::clock::{Clock, ThreadClock};
//! use std::time::Duration;
//!
//! # futures::executor::block_on(async {
//! let clock = ThreadClock::new();
//! let due = clock.now() + Duration::from_millis(1);
//! clock.sleep_until(due).await;
//! assert!(clock.now() >= due);
//! # });
//! ```

pub(crate) mod sleep;
mod thread;
pub(crate) mod timers;
#[cfg(feature = "tokio")]
mod tokio;

use std::{sync::Arc, time::SystemTime};

use async_trait::async_trait;

pub use self::thread::ThreadClock;
#[cfg(feature = "tokio")]
pub use self::tokio::TokioClock;
use crate::base::Moment;

/// Monotonic time, wall time and sleep.
///
/// Drivers and [`Notifier`](crate::Notifier) read time only through it; the core below them takes
/// the moment as an argument.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present moment. It may stand still; where it steps back, the core goes on from the
    /// latest moment it has seen.
    fn now(&self) -> Moment;

    /// The wall clock's time, for signatures and headers that carry it.
    fn wall(&self) -> SystemTime;

    /// Ends once `now()` has reached `at`, at once if it has. Waking a little late is fine; waking
    /// early costs another sleep.
    async fn sleep_until(&self, at: Moment);
}

#[async_trait]
impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Moment {
        (**self).now()
    }

    fn wall(&self) -> SystemTime {
        (**self).wall()
    }

    async fn sleep_until(&self, at: Moment) {
        (**self).sleep_until(at).await;
    }
}

#[async_trait]
impl<T: Clock + ?Sized> Clock for Box<T> {
    fn now(&self) -> Moment {
        (**self).now()
    }

    fn wall(&self) -> SystemTime {
        (**self).wall()
    }

    async fn sleep_until(&self, at: Moment) {
        (**self).sleep_until(at).await;
    }
}
