use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    Clock,
    timers::{TimerId, Timers},
};
use crate::base::Moment;

/// A clock that keeps its sleeps in [`Timers`], behind a lock.
pub(crate) trait TimerClock: Clock {
    /// Runs `act` under the lock. It must not run the host's code.
    fn with_timers<R>(&self, act: impl FnOnce(&mut Timers) -> R) -> R;

    /// Makes sure that the timers are checked when the earliest of them is due. Returns false if
    /// that is not possible at present.
    fn arm(&self) -> bool;
}

/// A sleep on a [`TimerClock`]. Dropping it removes its timer.
pub(crate) struct Sleep<'a, C: TimerClock> {
    clock: &'a C,
    at: Moment,
    /// `None` until the first poll that has to wait.
    id: Option<TimerId>,
}

impl<'a, C: TimerClock> Sleep<'a, C> {
    pub(crate) fn new(clock: &'a C, at: Moment) -> Self {
        Self { clock, at, id: None }
    }
}

impl<C: TimerClock> Future for Sleep<'_, C> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now() >= self.at {
            return Poll::Ready(());
        }
        let Self { clock, at, id } = &mut *self;
        // Cloned before the lock, since cloning a waker is the host's code.
        let waker = context.waker().clone();
        let (replaced, first) = clock.with_timers(|timers| {
            let id = *id.get_or_insert_with(|| timers.id(*at));
            (timers.register(id, waker), timers.next_at() == Some(*at))
        });
        drop(replaced);
        // The timers may have been checked for this moment just before this one was added.
        if clock.now() >= *at {
            return Poll::Ready(());
        }
        // Only an earlier timer changes when the timers must be checked next. If they cannot be,
        // this task checks the time itself.
        if first && !clock.arm() {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl<C: TimerClock> Drop for Sleep<'_, C> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            // The waker is dropped after the lock: that may drop the host's task.
            drop(self.clock.with_timers(|timers| timers.cancel(id)));
        }
    }
}
