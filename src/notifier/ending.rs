use std::task::Waker;

use crate::{
    base::Moment,
    dispatch::{Dispatcher, FlushId},
    webhook::Webhook,
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

/// Somebody who waits for a flush, or without one for the end.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) id: u64,
    pub(super) flush: Option<FlushId>,
    pub(super) waker: Waker,
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
        if drivers == 0 || dispatcher.is_flushed(flush) {
            self.finish(dispatcher);
        }
    }

    /// Ends now: drops what is left.
    pub(super) fn finish(&mut self, dispatcher: &mut Dispatcher<Webhook>) {
        if !self.over {
            dispatcher.abort();
            self.over = true;
        }
        debug_assert!(dispatcher.is_closed() && dispatcher.total().pending() == 0);
    }

    /// An id for somebody who will wait.
    pub(super) fn join(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Whether the wait for `flush`, or without one for the end, is over.
    pub(super) fn is_due(
        &self,
        flush: Option<FlushId>,
        dispatcher: &Dispatcher<Webhook>,
        drivers: usize,
    ) -> bool {
        let flushed = flush.is_some_and(|flush| dispatcher.is_flushed(flush));
        flushed || self.over || drivers == 0
    }

    /// Takes note of a waiter, who is taken.
    pub(super) fn wait(&mut self, waiter: &mut Option<Waiter>) {
        debug_assert!(
            waiter.as_ref().is_some_and(|new| self.waiters.iter().all(|one| one.id != new.id)),
            "a wait is listed once"
        );
        self.waiters.extend(waiter.take());
    }

    /// Forgets a waiter. It holds a waker, for the caller to drop outside of the lock.
    pub(super) fn withdraw(&mut self, id: u64) -> Option<Waiter> {
        let at = self.waiters.iter().position(|waiter| waiter.id == id)?;
        Some(self.waiters.swap_remove(at))
    }

    pub(super) fn has_waiters(&self) -> bool {
        !self.waiters.is_empty()
    }

    /// Whom to wake: those whose wait has ended.
    pub(super) fn call(&mut self, dispatcher: &Dispatcher<Webhook>, drivers: usize) -> Vec<Waker> {
        let mut waiters = std::mem::take(&mut self.waiters);
        let done = waiters
            .extract_if(.., |waiter| self.is_due(waiter.flush, dispatcher, drivers))
            .map(|waiter| waiter.waker)
            .collect();
        self.waiters = waiters;
        done
    }
}
