use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use futures::future::FutureExt;

use super::{inner::NotifierInner, shutdown::Waiter};
use crate::{
    base::Moment,
    dispatch::{FlushId, Stats},
};

pub(super) async fn flush(inner: &Arc<NotifierInner>, within: Duration) -> Stats {
    let now = inner.now();
    let deadline = now + within;
    let flush = inner.with_state(|state| state.dispatcher.start_flush(now));
    Wait::new(inner, Some(flush)).until(deadline).await;
    inner.read(|dispatcher| dispatcher.total())
}

pub(super) async fn shutdown(inner: &Arc<NotifierInner>, within: Duration) -> Stats {
    let deadline = inner.now() + within;
    inner.drain();
    Wait::new(inner, None).until(deadline).await;
    inner.with_state(|state| state.shutdown.finish(&mut state.dispatcher));
    inner.read(|dispatcher| dispatcher.total())
}

/// A wait for a flush, or for the shutdown if `flush` is `None`, that leaves nothing behind when it
/// is dropped.
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

    async fn until(self, deadline: Moment) {
        let mut sleep = self.inner.clock.sleep_until(deadline);
        poll_fn(|context| {
            // Made, and dropped if it need not wait, outside of the lock: it holds a waker.
            let mut waiter =
                Some(Waiter { id: self.id, flush: self.flush, waker: context.waker().clone() });
            let (done, _old) = self.inner.with_state(|state| {
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
        let _withdrawn = self.inner.with_state(|state| {
            if let Some(flush) = self.flush {
                state.dispatcher.end_flush(flush);
            }
            state.shutdown.remove_waiter(self.id)
        });
    }
}
