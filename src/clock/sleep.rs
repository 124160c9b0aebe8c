use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    Clock,
    timers::{TimerId, Timers},
};
use crate::base::Moment;

/// A clock that stores its sleeps in [`Timers`] behind a lock.
pub(crate) trait TimerClock: Clock {
    /// Runs `act` under the lock. `act` must not run the host's code.
    fn with_timers<R>(&self, act: impl FnOnce(&mut Timers) -> R) -> R;

    /// Ensures that the timers are checked when the earliest of them is due. Returns `false` if
    /// this is currently not possible.
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
        // The waker is cloned before the lock is taken, because cloning it runs the host's code.
        let waker = context.waker().clone();
        let (replaced, first) = clock.with_timers(|timers| {
            let id = *id.get_or_insert_with(|| timers.id(*at));
            (timers.register(id, waker), timers.next_at() == Some(*at))
        });
        drop(replaced);
        // The check of the timers at this moment may have run just before this timer was added.
        if clock.now() >= *at {
            return Poll::Ready(());
        }
        // The time of the next check changes only if this timer is the earliest. If the check
        // cannot be arranged, this task checks the time itself.
        if first && !clock.arm() {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl<C: TimerClock> Drop for Sleep<'_, C> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            // The waker is dropped after unlocking, because dropping it may drop the host's task.
            drop(self.clock.with_timers(|timers| timers.cancel(id)));
        }
    }
}
