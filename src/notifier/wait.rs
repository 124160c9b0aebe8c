use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use futures::future::FutureExt;

use super::{ending::Waiter, shared::Shared};
use crate::{
    base::Moment,
    dispatch::{FlushId, Stats},
};

pub(super) async fn flush(shared: &Arc<Shared>, within: Duration) -> Stats {
    let now = shared.now();
    let deadline = now + within;
    let flush = shared.with(|state| state.dispatcher.start_flush(now));
    Wait::new(shared, Some(flush)).until(deadline).await;
    shared.read(|dispatcher| dispatcher.total())
}

pub(super) async fn shutdown(shared: &Arc<Shared>, within: Duration) -> Stats {
    let deadline = shared.now() + within;
    shared.drain();
    Wait::new(shared, None).until(deadline).await;
    shared.with(|state| state.ending.finish(&mut state.dispatcher));
    shared.read(|dispatcher| dispatcher.total())
}

/// A wait for a flush, or without one for the end, that leaves nothing behind when it is dropped.
struct Wait<'a> {
    shared: &'a Shared,
    id: u64,
    flush: Option<FlushId>,
}

impl<'a> Wait<'a> {
    fn new(shared: &'a Shared, flush: Option<FlushId>) -> Self {
        let id = shared.with(|state| state.ending.join());
        Self { shared, id, flush }
    }

    async fn until(self, deadline: Moment) {
        let mut sleep = self.shared.clock.sleep_until(deadline);
        poll_fn(|context| {
            // Made, and dropped if it need not wait, outside of the lock: it holds a waker.
            let mut waiter =
                Some(Waiter { id: self.id, flush: self.flush, waker: context.waker().clone() });
            let (done, _old) = self.shared.with(|state| {
                let old = state.ending.withdraw(self.id);
                let drivers = state.seats.drivers();
                let done = state.ending.is_due(self.flush, &state.dispatcher, drivers);
                if !done {
                    state.ending.wait(&mut waiter);
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
        let _withdrawn = self.shared.with(|state| {
            if let Some(flush) = self.flush {
                state.dispatcher.end_flush(flush);
            }
            state.ending.withdraw(self.id)
        });
    }
}
