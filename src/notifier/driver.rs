use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures::{
    StreamExt,
    future::{BoxFuture, FutureExt},
    stream::FuturesUnordered,
};

use super::{
    attempt::{Attempt, FinishedAttempt},
    driver_set::DriverId,
    inner::NotifierInner,
    next_action::DriverAction,
    timeouts::Timeouts,
};
use crate::base::{Moment, sync};

/// A future that sends the notifications that a [`Notifier`](crate::Notifier) has queued.
///
/// [`Notifier::driver`](crate::Notifier::driver) creates a driver, and the host spawns it. It is
/// `Send` and `'static`. It runs on any executor on which the transport and the clock work. It
/// blocks only if it calls the host's code and that code blocks.
///
/// A driver makes many attempts at once, within the bounds of [`Limits`](crate::Limits). It uses a
/// single sleep of the clock, however many retries and timeouts are pending. It yields to its
/// executor after every 32 steps.
///
/// It completes after a [shutdown](crate::Notifier::shutdown), or after the last notifier has been
/// dropped and everything pending has been settled.
///
/// # Panics
/// Panics if the clock's `now` or `sleep_until` panics, or if the dead-letter handler does. If the
/// transport, a signer or the clock's `wall` panics, the attempt fails with
/// [`FailureKind::Panic`](crate::FailureKind::Panic) instead.
///
/// # Cancel safety
/// Dropping a driver loses nothing. Its attempts in flight are abandoned. Abandoned attempts do not
/// count, and another driver repeats them under the same delivery ids, so receivers may get those
/// deliveries twice. The repeated attempts are due at once. Like any other attempt, they can be
/// held back by a `Retry-After` that blocks the webhook, by a pause, or by the bounds on requests
/// in flight. If the last driver is dropped, everything stays queued until another driver is
/// created. If a shutdown has begun, everything is dropped instead.
///
/// ```
/// use futures::{FutureExt, executor::block_on, future::join};
/// use recohook::findface::security::Event;
/// use recohook::{Notifier, clock::ThreadClock};
/// use std::time::Duration;
///
#[doc = include_str!("example_accept.txt")]
/// let notifier = Notifier::new(Accept, ThreadClock::new());
/// notifier.insert("front", webhook())?;
/// drop(notifier.driver());
/// notifier.publish(&Event::new("42"))?;
/// assert_eq!(notifier.total().pending(), 1);
///
/// // The next driver sends what the first one left behind.
/// let shutdown = notifier.shutdown(Duration::from_secs(5));
/// let ((), stats) = block_on(join(notifier.driver(), shutdown));
/// assert_eq!(stats.delivered, 1);
/// assert!(notifier.driver().now_or_never().is_some()); // it ends at once
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a driver sends nothing until it is spawned or awaited"]
pub struct Driver {
    // Fields are dropped in the order of their declaration. The attempts are abandoned while the
    // driver still counts as live, and the guard removes the driver even if dropping one of the
    // host's futures panics.
    attempts: FuturesUnordered<BoxFuture<'static, FinishedAttempt>>,
    timeouts: Timeouts,
    /// The current sleep and the moment at which it ends.
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
    guard: DriverGuard,
}

/// Counts the driver as live until it is dropped.
struct DriverGuard {
    inner: Arc<NotifierInner>,
    id: DriverId,
}

/// The number of steps that a driver takes in one poll before it lets other tasks of its executor
/// run. The docs of [`Driver`] state this number.
const ACTIONS_PER_POLL: usize = 32;

impl Driver {
    pub(super) fn new(inner: Arc<NotifierInner>) -> Self {
        let id = inner.with_state(|state| state.drivers.join());
        let guard = DriverGuard { inner, id };
        Self {
            attempts: FuturesUnordered::new(),
            timeouts: Timeouts::default(),
            sleep: None,
            guard,
        }
    }

    /// Starts an attempt.
    fn start(&mut self, task: Attempt) {
        let (timeout, registration) = self.timeouts.start(task.deadline());
        self.attempts.push(task.run(timeout, registration).boxed());
        debug_assert!(
            self.timeouts.len() <= self.attempts.len(),
            "each timeout belongs to an attempt"
        );
    }

    /// Polls the attempts that have been woken, and returns one that has finished.
    fn poll_finished(&mut self, context: &mut Context<'_>) -> Option<FinishedAttempt> {
        match self.attempts.poll_next_unpin(context) {
            // This does nothing if the timeout has aborted the attempt.
            Poll::Ready(Some(finished)) => {
                self.timeouts.cancel(finished.timeout);
                Some(finished)
            }
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    /// Sleeps until `deadline` or the first timeout, whichever is earlier, and expires the timeouts
    /// that are due. Returns `true` if the sleep has ended, or `false` if the driver has to wait.
    fn poll_sleep(&mut self, deadline: Option<Moment>, context: &mut Context<'_>) -> bool {
        let Some(wake_at) = deadline.into_iter().chain(self.timeouts.next()).min() else {
            self.sleep = None;
            return false;
        };
        let clock = &self.guard.inner.clock;
        // A sleep that ends earlier is kept, even if it wakes the driver too early. Most timeouts
        // are cancelled, and adjusting the sleep after each cancellation would require a new sleep
        // every time.
        if self.sleep.as_ref().is_none_or(|(sleeps_until, _)| *sleeps_until > wake_at) {
            let clock = Arc::clone(clock);
            let sleep = async move { clock.sleep_until(wake_at).await }.boxed();
            self.sleep = Some((wake_at, sleep));
        }
        let slept = self.sleep.as_mut().is_some_and(|(_, one)| one.poll_unpin(context).is_ready());
        if slept {
            self.sleep = None;
            self.timeouts.expire(clock.now());
        }
        slept
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        sync::assert_unlocked();
        // The moment until which the dispatcher has no work, if the driver is parked.
        let mut parked = None;
        for _ in 0..ACTIONS_PER_POLL {
            // Attempts are also polled while the driver is parked. If one has finished,
            // `next_action` unparks the driver.
            let finished = self.poll_finished(context);
            if finished.is_none()
                && let Some(deadline) = parked
            {
                if !self.poll_sleep(deadline, context) {
                    return Poll::Pending;
                }
                parked = None;
                continue;
            }
            let DriverGuard { inner, id } = &self.guard;
            match inner.next_action(*id, finished, context.waker()) {
                DriverAction::End => return Poll::Ready(()),
                // The attempt is polled, and therefore framed and signed, before the next one is
                // taken. In the meantime, other drivers can take the next attempts.
                DriverAction::Send(task) => {
                    parked = None;
                    self.start(task);
                }
                DriverAction::Park(deadline) => parked = Some(deadline),
            }
        }
        // There may be more to do, so the executor should poll the driver again after other tasks.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Removes the driver and wakes another one to take over its work.
impl Drop for DriverGuard {
    fn drop(&mut self) {
        let _unparked = self.inner.with_state(|state| state.drivers.leave(self.id));
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("attempts", &self.attempts.len()).finish_non_exhaustive()
    }
}
