use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use futures::future::FutureExt;

use super::shared::Shared;
use crate::{
    Moment, Webhook,
    dispatch::{Account, Dispatcher, FlushId},
};

/// How far the end has come, and who waits for it or for a flush.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Set while what was pending at the beginning of the end is being sent.
    draining: Option<FlushId>,
    over: bool,
    last: u64,
    waiters: Vec<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    flush: Option<FlushId>,
    waker: std::task::Waker,
}

impl Ending {
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Begins the end: nothing more is accepted.
    pub(super) fn begin(&mut self, dispatcher: &mut Dispatcher<Webhook>, now: Moment) {
        if self.draining.is_none() {
            dispatcher.close();
            self.draining = Some(dispatcher.start_flush(now));
        }
    }

    /// Ends where nothing is left to send, or nobody to send it.
    pub(super) fn advance(&mut self, dispatcher: &mut Dispatcher<Webhook>, drivers: usize) {
        let Some(flush) = self.draining else { return };
        if !self.over && (drivers == 0 || dispatcher.is_flushed(flush)) {
            self.finish(dispatcher);
        }
    }

    /// Drops what is left.
    fn finish(&mut self, dispatcher: &mut Dispatcher<Webhook>) {
        dispatcher.abort();
        self.over = true;
    }

    /// Whom to wake: those whose wait has ended.
    pub(super) fn call(
        &mut self,
        dispatcher: &Dispatcher<Webhook>,
        drivers: usize,
    ) -> Vec<std::task::Waker> {
        let all = self.over || drivers == 0;
        let done = self.waiters.extract_if(.., |waiter| {
            all || waiter.flush.is_some_and(|flush| dispatcher.is_flushed(flush))
        });
        done.map(|waiter| waiter.waker).collect()
    }
}

/// A wait for a flush, or without one for the end, that leaves nothing behind when it is dropped.
struct Wait<'a> {
    shared: &'a Shared,
    id: u64,
    flush: Option<FlushId>,
}

pub(super) async fn flush(shared: &Arc<Shared>, within: Duration) -> Account {
    let deadline = shared.now() + within;
    let now = shared.now();
    let flush = shared.with(|core| core.dispatcher.start_flush(now));
    Wait::new(shared, Some(flush)).until(deadline).await;
    shared.read(|dispatcher| dispatcher.total())
}

pub(super) async fn shutdown(shared: &Arc<Shared>, within: Duration) -> Account {
    let deadline = shared.now() + within;
    shared.drain();
    Wait::new(shared, None).until(deadline).await;
    shared.with(|core| {
        if !core.ending.over {
            core.ending.finish(&mut core.dispatcher);
        }
    });
    shared.read(|dispatcher| dispatcher.total())
}

impl<'a> Wait<'a> {
    fn new(shared: &'a Shared, flush: Option<FlushId>) -> Self {
        let id = shared.with(|core| {
            core.ending.last += 1;
            core.ending.last
        });
        Self { shared, id, flush }
    }

    async fn until(self, deadline: Moment) {
        let mut sleep = self.shared.clock.sleep_until(deadline);
        poll_fn(|context| {
            // Made, and dropped if it need not wait, outside of the lock: it holds a waker.
            let mut waiter =
                Some(Waiter { id: self.id, flush: self.flush, waker: context.waker().clone() });
            let (done, _old) = self.shared.with(|core| {
                let old = self.withdraw(&mut core.ending);
                let flushed = self.flush.is_some_and(|flush| core.dispatcher.is_flushed(flush));
                let done = flushed || core.ending.over || core.seats.drivers() == 0;
                if !done {
                    core.ending.waiters.extend(waiter.take());
                }
                (done, old)
            });
            if done { Poll::Ready(()) } else { sleep.poll_unpin(context) }
        })
        .await;
    }

    fn withdraw(&self, ending: &mut Ending) -> Option<Waiter> {
        let at = ending.waiters.iter().position(|waiter| waiter.id == self.id)?;
        Some(ending.waiters.swap_remove(at))
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let _withdrawn = self.shared.with(|core| {
            if let Some(flush) = self.flush {
                core.dispatcher.end_flush(flush);
            }
            self.withdraw(&mut core.ending)
        });
    }
}
