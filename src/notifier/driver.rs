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
    attempt::attempt,
    seats::DriverId,
    shared::{Shared, Step},
};
use crate::Moment;

/// A future that sends what a [`Notifier`](crate::Notifier) has queued. The host spawns it.
///
/// It never blocks and asks nothing of a runtime beyond being polled. Each driver has one sleep
/// armed besides those of its attempts' timeouts.
#[must_use = "a driver sends nothing until it is spawned or awaited"]
pub struct Driver {
    // Dropped from above to below: what is in flight is given back before the driver is gone, and
    // it is gone even if a future of the host panics in its drop.
    attempts: FuturesUnordered<BoxFuture<'static, ()>>,
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
    membership: Membership,
}

/// Makes the driver one of those that live, until it is dropped.
struct Membership {
    shared: Arc<Shared>,
    id: DriverId,
}

/// How many attempts a driver starts before it lets others on its executor have a turn.
const STARTS: usize = 32;

impl Driver {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let id = shared.with(|core| core.seats.join());
        let membership = Membership { shared, id };
        Self { attempts: FuturesUnordered::new(), sleep: None, membership }
    }

    /// Sleeps until `deadline`; true if that has passed.
    fn slept(&mut self, deadline: Option<Moment>, context: &mut Context<'_>) -> bool {
        let Some(deadline) = deadline else {
            self.sleep = None;
            return false;
        };
        if self.sleep.as_ref().is_none_or(|(armed, _)| *armed != deadline) {
            let clock = Arc::clone(&self.membership.shared.clock);
            let sleep = async move { clock.sleep_until(deadline).await }.boxed();
            self.sleep = Some((deadline, sleep));
        }
        let slept = self.sleep.as_mut().is_some_and(|(_, one)| one.poll_unpin(context).is_ready());
        if slept {
            self.sleep = None;
        }
        slept
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        for _ in 0..STARTS {
            // Runs what can run, so that a new attempt is framed, signed and under way before the
            // next is taken: other drivers take those.
            while let Poll::Ready(Some(())) = self.attempts.poll_next_unpin(context) {}
            let Membership { shared, id } = &self.membership;
            match shared.step(*id, context.waker()) {
                Step::End => return Poll::Ready(()),
                Step::Send(delivery) => {
                    let attempt = attempt(Arc::clone(shared), delivery);
                    self.attempts.push(attempt.boxed());
                }
                Step::Park(deadline) => {
                    if !self.slept(deadline, context) {
                        return Poll::Pending;
                    }
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Lets another driver take over.
impl Drop for Membership {
    fn drop(&mut self) {
        let _unparked = self.shared.with(|core| core.seats.leave(self.id));
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("attempts", &self.attempts.len()).finish_non_exhaustive()
    }
}
