use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use futures::future::FutureExt;

use super::{inner::NotifierInner, shutdown::Waiter};
use crate::{
    base::Moment,
    dispatch::{FlushId, Stats},
};

/// Flushes, waits until the flush is done or `within` has passed, and returns the statistics.
pub(super) async fn flush(inner: &Arc<NotifierInner>, within: Duration) -> Stats {
    let now = inner.now();
    let deadline = now + within;
    let flush = inner.with_state(|state| state.dispatcher.start_flush(now));
    Wait::new(inner, Some(flush)).until(deadline).await;
    inner.read(|dispatcher| dispatcher.total())
}

/// Begins the shutdown, waits until it is finished or `within` has passed, drops everything that is
/// left, and returns the statistics.
pub(super) async fn shutdown(inner: &Arc<NotifierInner>, within: Duration) -> Stats {
    let deadline = inner.now() + within;
    inner.drain();
    Wait::new(inner, None).until(deadline).await;
    // This finishes the shutdown for all tasks that wait for it, not only for this one.
    inner.with_state(|state| state.shutdown.finish(&mut state.dispatcher));
    inner.read(|dispatcher| dispatcher.total())
}

/// A wait for a flush, or for the shutdown if `flush` is `None`. Dropping it removes the waiter and
/// ends the flush.
struct Wait<'a> {
    inner: &'a NotifierInner,
    id: u64,
    flush: Option<FlushId>,
}

impl<'a> Wait<'a> {
    fn new(inner: &'a NotifierInner, flush: Option<FlushId>) -> Self {
        let id = inner.with_state(|state| state.shutdown.next_waiter_id());
        Self { inner, id, flush }
    }

    /// Waits until the wait is over or `deadline` has passed.
    async fn until(self, deadline: Moment) {
        let mut sleep = self.inner.clock.sleep_until(deadline);
        poll_fn(|context| {
            // A waker is the host's code, and the waiter contains one. The waiter is therefore
            // created outside the lock. If there is nothing to wait for, it is also dropped outside
            // the lock.
            let mut waiter =
                Some(Waiter { id: self.id, flush: self.flush, waker: context.waker().clone() });
            let (done, _old) = self.inner.with_state(|state| {
                // The waker of an earlier poll may belong to a different task.
                let old = state.shutdown.remove_waiter(self.id);
                let drivers = state.drivers.live();
                let done = state.shutdown.is_done(self.flush, &state.dispatcher, drivers);
                if !done {
                    state.shutdown.add_waiter(&mut waiter);
                }
                (done, old)
            });
            if done { Poll::Ready(()) } else { sleep.poll_unpin(context) }
        })
        .await;
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        // If the waiter is still listed, it is dropped after unlocking, because it contains a
        // waker.
        let _withdrawn = self.inner.with_state(|state| {
            if let Some(flush) = self.flush {
                state.dispatcher.end_flush(flush);
            }
            state.shutdown.remove_waiter(self.id)
        });
    }
}
