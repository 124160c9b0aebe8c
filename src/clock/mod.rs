//! Provides the time, through a [`Clock`] that the host chooses.
//!
//! | clock | feature | time and sleep |
//! |---|---|---|
//! | [`ThreadClock`] | | the system's time; its own thread ends sleeps, so it works on any executor |
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

/// A source of monotonic time, wall-clock time and sleeps.
///
/// A [`Notifier`](crate::Notifier) and its [`Driver`](crate::Driver)s read the time only through
/// their clock. An [`Engine`](crate::Engine) has no clock. Its host passes the time to each call.
///
/// # What an implementation must do
///
/// - **Return from [`now`](Self::now) and [`wall`](Self::wall) at once.** They are called from any
///   thread, and `now` is called several times for each attempt.
/// - **Count from one origin.** All [`Moment`]s of one clock have the same origin. Clones of a
///   clock share the origin, but different clocks need not. Do not pass a moment of one clock to
///   another.
/// - **End each sleep** once `now()` has reached its moment, and immediately if the moment has
///   passed. As with every future, wake the waker that was passed to the last poll.
/// - **Support many sleeps at once**, from several threads. Each driver has one, and so does each
///   waiting [`flush`](crate::Notifier::flush) or [`shutdown`](crate::Notifier::shutdown).
/// - **Accept [`Moment::MAX`].** It means "never", for example if a host calls
///   `shutdown(Duration::MAX)`. Converting it must not overflow.
/// - **Release a sleep and its waker if the sleep is dropped.** Many sleeps are dropped before they
///   end.
///
/// # What it may do
///
/// - **Stand still.** Many calls to `now` may return the same moment.
/// - **Step back.** The crate continues from the latest moment that it has seen. Nothing is sent
///   too early or twice, but running timers last longer by the size of the step.
/// - **End a sleep late.** Attempts, retries and the end of a batch's linger are then late by the
///   same amount, and requests get more time before they time out.
/// - **Let `wall` jump** forward or back. The crate uses only `now` for scheduling.
///
/// # What it must not do
///
/// - **End a sleep early.** A driver would merely sleep again, but `flush` and `shutdown` would
///   give up too early.
/// - **Block the thread in a sleep.** The driver polls the sleep and all its requests as one task.
/// - **Panic.** The panic would reach the caller of the notifier or end a driver. If `wall` panics
///   during an attempt, only the attempt fails.
///
/// # What the crate does with it
///
/// - `now` determines when a batch is due, when an attempt is retried and when it times out.
///   Reports also contain it (see [`Report::at`](crate::report::Report::at)).
/// - `wall` is the time that signatures cover, and the date of a registration (see
///   [`Registrar::now`](crate::Registrar::now)). If a response has no `Date`, `wall` is also used
///   to convert a `Retry-After` date to a delay.
/// - `sleep_until` wakes a driver that has nothing to do before a given moment, and limits how long
///   `flush` and `shutdown` wait. A driver uses a single sleep for all its timers.
///
/// # Cancellation, threads and executors
///
/// A sleep is created, polled and dropped on the thread that polls or drops the driver or the
/// future of `flush` or `shutdown`. It may be dropped at any time, even without having been polled.
/// The crate holds no lock during any call, so a clock may call the notifier.
///
/// A clock that needs a runtime, such as `TokioClock`, works only if the futures are polled inside
/// that runtime. The clock is dropped with the last notifier or driver.
///
/// # Example
///
/// This is a complete clock that uses smol's timers:
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
///             // The timer fires at once if the moment has passed. Dropping it cancels it.
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
/// // A sleep that never ends can be dropped.
/// let limit = clock.now() + Duration::from_millis(2);
/// futures::future::select(clock.sleep_until(Moment::MAX), clock.sleep_until(limit)).await;
/// # });
/// ```
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the current moment of the monotonic clock.
    ///
    /// It should not step back. If it does, the crate continues from the latest moment that it has
    /// seen.
    fn now(&self) -> Moment;

    /// Returns the wall-clock time.
    ///
    /// It may jump forward or back. It is used for signatures and dates.
    fn wall(&self) -> SystemTime;

    /// Waits until [`now`](Self::now) has reached `at`. Returns immediately if it already has.
    ///
    /// The future may complete late, but must not complete early.
    ///
    /// # Cancel safety
    /// Dropping the future ends the wait, and its waker is no longer woken.
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
