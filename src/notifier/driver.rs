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
    shared: Arc<Shared>,
    id: DriverId,
    attempts: FuturesUnordered<BoxFuture<'static, ()>>,
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
}

/// How many attempts a driver starts before it lets others on its executor have a turn.
const STARTS: usize = 32;

impl Driver {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let id = shared.with(|core| core.seats.join());
        Self { shared, id, attempts: FuturesUnordered::new(), sleep: None }
    }

    /// Sleeps until `deadline`; true if that has passed.
    fn slept(&mut self, deadline: Option<Moment>, context: &mut Context<'_>) -> bool {
        let Some(deadline) = deadline else {
            self.sleep = None;
            return false;
        };
        if self.sleep.as_ref().is_none_or(|(armed, _)| *armed != deadline) {
            let clock = Arc::clone(&self.shared.clock);
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
            match self.shared.step(self.id, context.waker()) {
                Step::End => return Poll::Ready(()),
                Step::Send(delivery) => {
                    let attempt = attempt(Arc::clone(&self.shared), delivery);
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

/// Gives back what it has in flight, and lets another driver take over.
impl Drop for Driver {
    fn drop(&mut self) {
        self.attempts.clear();
        let _unparked = self.shared.with(|core| core.seats.leave(self.id));
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("attempts", &self.attempts.len()).finish_non_exhaustive()
    }
}
