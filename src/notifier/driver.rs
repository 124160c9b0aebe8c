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
    alarms::Alarms,
    attempt::{Ended, Task},
    seats::DriverId,
    shared::Shared,
    step::Step,
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
    attempts: FuturesUnordered<BoxFuture<'static, Ended>>,
    alarms: Alarms,
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
    membership: Membership,
}

/// Makes the driver one of those that live, until it is dropped.
struct Membership {
    shared: Arc<Shared>,
    id: DriverId,
}

/// How many attempts a driver ends or starts before it lets others on its executor have a turn.
const STEPS: usize = 32;

impl Driver {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let id = shared.with(|state| state.seats.join());
        let membership = Membership { shared, id };
        Self {
            attempts: FuturesUnordered::new(),
            alarms: Alarms::default(),
            sleep: None,
            membership,
        }
    }

    fn start(&mut self, task: Task) {
        let (alarm, registration) = self.alarms.set(task.deadline());
        self.attempts.push(task.run(alarm, registration).boxed());
        debug_assert!(self.alarms.len() <= self.attempts.len(), "an alarm goes with its attempt");
    }

    /// An attempt that has ended, as soon as all that can run has run.
    fn ended(&mut self, context: &mut Context<'_>) -> Option<Ended> {
        match self.attempts.poll_next_unpin(context) {
            Poll::Ready(Some(ended)) => {
                self.alarms.unset(ended.alarm);
                Some(ended)
            }
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    /// Sleeps until `deadline` or the first alarm, and has those ring that are due; false where
    /// it is to wait.
    fn slept(&mut self, deadline: Option<Moment>, context: &mut Context<'_>) -> bool {
        let Some(wanted) = deadline.into_iter().chain(self.alarms.next()).min() else {
            self.sleep = None;
            return false;
        };
        let clock = &self.membership.shared.clock;
        // One that ends earlier stays: most alarms are unset, and each would cost a new sleep.
        if self.sleep.as_ref().is_none_or(|(armed, _)| *armed > wanted) {
            let clock = Arc::clone(clock);
            let sleep = async move { clock.sleep_until(wanted).await }.boxed();
            self.sleep = Some((wanted, sleep));
        }
        let slept = self.sleep.as_mut().is_some_and(|(_, one)| one.poll_unpin(context).is_ready());
        if slept {
            self.sleep = None;
            self.alarms.ring(clock.now());
        }
        slept
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        sync::assert_unlocked();
        let mut parked = None;
        for _ in 0..STEPS {
            let ended = self.ended(context);
            if ended.is_none()
                && let Some(deadline) = parked
            {
                if !self.slept(deadline, context) {
                    return Poll::Pending;
                }
                parked = None;
                continue;
            }
            let Membership { shared, id } = &self.membership;
            match shared.step(*id, ended, context.waker()) {
                Step::End => return Poll::Ready(()),
                // Mostly it is framed, signed and under way before another is taken, so that other
                // drivers take those.
                Step::Send(task) => {
                    parked = None;
                    self.start(task);
                }
                Step::Park(deadline) => parked = Some(deadline),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Lets another driver take over.
impl Drop for Membership {
    fn drop(&mut self) {
        let _unparked = self.shared.with(|state| state.seats.leave(self.id));
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("attempts", &self.attempts.len()).finish_non_exhaustive()
    }
}
