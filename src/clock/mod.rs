//! Provides time: a [`Clock`] of the host's choice.
//!
//! | clock | feature | time and sleep |
//! |---|---|---|
//! | [`ThreadClock`] | | the system's time; a thread of its own ends sleeps, on any executor |
//! | `TokioClock` | `tokio` | tokio's time; sleeps need a tokio runtime |
//! | `ManualClock` | `testing` | moves only if a test moves it |
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

/// A source of time: monotonic time, wall-clock time, and sleep.
///
/// A [`Notifier`](crate::Notifier) and its [`Driver`](crate::Driver)s read time only through their
/// clock. An [`Engine`](crate::Engine) has no clock: its host passes the time to each call.
///
/// # What an implementation must do
///
/// - **Return from [`now`](Self::now) and [`wall`](Self::wall) at once.** They are called from any
///   thread, and `now` several times for each attempt.
/// - **Count from one origin.** All [`Moment`]s of one clock have the same origin. Clones of a
///   clock share it; two clocks need not. Do not pass a moment of one clock to another.
/// - **End each sleep**, once `now()` has reached its moment, and immediately if the moment has
///   passed. Wake the waker of the last poll, as each future must.
/// - **Serve many sleeps at once**, from several threads. Each driver has one, and each waiting
///   [`flush`](crate::Notifier::flush) or [`shutdown`](crate::Notifier::shutdown) has another.
/// - **Accept [`Moment::MAX`].** It stands for "never", for example if a host calls
///   `shutdown(Duration::MAX)`. Converting it must not overflow.
/// - **Release a sleep that is dropped**, with its waker. Many sleeps are dropped before they end.
///
/// # What it may do
///
/// - **Stand still.** Many calls of `now` may return the same moment.
/// - **Step back.** The crate goes on from the latest moment that it has seen. Nothing is sent too
///   early or twice, but timers that are running last longer by the step.
/// - **End a sleep late.** Attempts, retries and the end of a batch's linger are then late by as
///   much, and a timeout gives its request more time.
/// - **Let `wall` jump**, forward or back. The crate schedules by `now`.
///
/// # What it must not do
///
/// - **End a sleep early.** A driver would only sleep again, but `flush` and `shutdown` would give
///   up before their time.
/// - **Block the thread in a sleep.** The driver polls the sleep together with all its requests.
/// - **Panic.** The panic would reach whoever called the notifier, or end a driver.
///
/// # What the crate does with it
///
/// - `now` decides when a batch is due, when an attempt is retried and when it times out. Reports
///   carry it, too: see [`Report::at`](crate::report::Report::at).
/// - `wall` is the time that signatures cover, and the date of a registration: see
///   [`Registrar::now`](crate::Registrar::now). It also turns a `Retry-After` date into a delay,
///   if the response has no `Date`.
/// - `sleep_until` wakes a driver that has nothing to do before some moment, and ends the wait of
///   `flush` and `shutdown`. One sleep serves all timers of a driver.
///
/// # Cancellation, threads and executors
///
/// A sleep is created, polled and dropped on the thread that polls the driver, or that polls the
/// future of `flush` or `shutdown`. It may be dropped at any time, and may never be polled. The
/// crate holds no lock during any call, so a clock may call the notifier.
///
/// A clock that needs a runtime, like `TokioClock`, works only where the futures are polled inside
/// it. The clock is dropped when the last notifier and the last driver are gone.
///
/// # Example
///
/// A complete clock on smol's timers:
///
/// ```
/// use recohook::{Clock, Moment, async_trait};
/// use std::time::{Duration, Instant, SystemTime};
///
/// struct SmolClock {
///     origin: Instant,
/// }
///
/// #[async_trait]
/// impl Clock for SmolClock {
///     fn now(&self) -> Moment {
///         Moment::ZERO + self.origin.elapsed()
///     }
///
///     fn wall(&self) -> SystemTime {
///         SystemTime::now()
///     }
///
///     async fn sleep_until(&self, at: Moment) {
///         match self.origin.checked_add(at - Moment::ZERO) {
///             // It ends at once if the moment has passed, and is removed if it is dropped.
///             Some(at) => {
///                 smol::Timer::at(at).await;
///             }
///             // The moment is later than the platform can represent.
///             None => std::future::pending().await,
///         }
///     }
/// }
///
/// # smol::block_on(async {
/// let clock = SmolClock { origin: Instant::now() };
/// let due = clock.now() + Duration::from_millis(2);
/// clock.sleep_until(due).await;
/// assert!(clock.now() >= due);
/// clock.sleep_until(Moment::ZERO).await;
///
/// // A sleep that never ends can be given up.
/// let limit = clock.now() + Duration::from_millis(2);
/// futures::future::select(clock.sleep_until(Moment::MAX), clock.sleep_until(limit)).await;
/// # });
/// ```
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the current moment of the monotonic clock.
    ///
    /// It should not step back. If it does, the crate goes on from the latest moment that it has
    /// seen.
    fn now(&self) -> Moment;

    /// Returns the time of the wall clock.
    ///
    /// It may jump, forward or back. Signatures and dates use it.
    fn wall(&self) -> SystemTime;

    /// Waits until [`now`](Self::now) has reached `at`. Returns immediately if it has.
    ///
    /// It may return late, but must not return early.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait, and its waker is not woken any more.
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
