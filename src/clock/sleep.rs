use std::{
    pin::Pin,
    task::{Context, Poll},
};

use super::{
    Clock,
    timers::{TimerId, Timers},
};
use crate::base::Moment;

/// A clock that keeps its sleepers in [`Timers`].
pub(crate) trait TimerClock: Clock {
    /// Runs `act` under the lock. It must not touch code of the host.
    fn with_timers<R>(&self, act: impl FnOnce(&mut Timers) -> R) -> R;

    /// Sees to it that the timers are looked at when the earliest of them is due. False where
    /// that cannot be had now.
    fn arm(&self) -> bool;
}

/// Ends at its moment; takes itself off the clock when dropped.
pub(crate) struct Sleep<'a, C: TimerClock> {
    clock: &'a C,
    at: Moment,
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
        let waker = context.waker().clone();
        let (replaced, first) = clock.with_timers(|timers| {
            let id = *id.get_or_insert_with(|| timers.id(*at));
            (timers.register(id, waker), timers.next_at() == Some(*at))
        });
        drop(replaced);
        // Time may have moved, and the timers been looked at, before this one was among them.
        if clock.now() >= *at {
            return Poll::Ready(());
        }
        if first && !clock.arm() {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl<C: TimerClock> Drop for Sleep<'_, C> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            // The waker is dropped here, after the lock: that may end the task behind it.
            drop(self.clock.with_timers(|timers| timers.cancel(id)));
        }
    }
}
