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

/// A future that sends what a [`Notifier`](crate::Notifier) has queued. The host spawns it.
///
/// It never blocks and asks nothing of a runtime beyond being polled. Each driver has one sleep of
/// the clock, whatever it waits for and however many attempts may run out of time.
#[must_use = "a driver sends nothing until it is spawned or awaited"]
pub struct Driver {
    // Dropped from above to below: what is in flight is abandoned before the driver is gone, and
    // it is gone even if a future of the host panics in its drop.
    attempts: FuturesUnordered<BoxFuture<'static, FinishedAttempt>>,
    timeouts: Timeouts,
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
    guard: DriverGuard,
}

/// Counts the driver among those that live, until it is dropped.
struct DriverGuard {
    inner: Arc<NotifierInner>,
    id: DriverId,
}

/// How many attempts a driver finishes or starts before it lets others on its executor have a turn.
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

    fn start(&mut self, task: Attempt) {
        let (timeout, registration) = self.timeouts.start(task.deadline());
        self.attempts.push(task.run(timeout, registration).boxed());
        debug_assert!(
            self.timeouts.len() <= self.attempts.len(),
            "a timeout goes with its attempt"
        );
    }

    /// Runs all attempts that can run, and returns one that has finished.
    fn poll_finished(&mut self, context: &mut Context<'_>) -> Option<FinishedAttempt> {
        match self.attempts.poll_next_unpin(context) {
            Poll::Ready(Some(finished)) => {
                self.timeouts.cancel(finished.timeout);
                Some(finished)
            }
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    /// Sleeps until `deadline` or the first timeout, and expires those that are due. Returns false
    /// if the driver must wait.
    fn poll_sleep(&mut self, deadline: Option<Moment>, context: &mut Context<'_>) -> bool {
        let Some(wake_at) = deadline.into_iter().chain(self.timeouts.next()).min() else {
            self.sleep = None;
            return false;
        };
        let clock = &self.guard.inner.clock;
        // One that ends earlier stays: most timeouts are cancelled, and each would cost a new
        // sleep.
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
        let mut parked = None;
        for _ in 0..ACTIONS_PER_POLL {
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
                // Mostly it is framed, signed and under way before another is taken, so that other
                // drivers take those.
                DriverAction::Send(task) => {
                    parked = None;
                    self.start(task);
                }
                DriverAction::Park(deadline) => parked = Some(deadline),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Lets another driver take over.
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
