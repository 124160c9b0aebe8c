use std::task::Waker;

use crate::{
    base::Moment,
    dispatch::{Dispatcher, FlushId},
    webhook::Webhook,
};

/// The progress of the shutdown, and the tasks that wait for it or for a flush.
#[derive(Debug, Default)]
pub(super) struct Shutdown {
    /// The flush of everything that was pending when the shutdown began, or `None` if no shutdown
    /// has begun.
    draining: Option<FlushId>,
    /// Whether the shutdown is finished, which means that everything has been sent or dropped.
    finished: bool,
    /// The id of the last waiter.
    last: u64,
    // A list suffices, because few tasks wait at the same time.
    waiters: Vec<Waiter>,
}

/// A task that waits for a flush, or for the shutdown if `flush` is `None`.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) id: u64,
    pub(super) flush: Option<FlushId>,
    pub(super) waker: Waker,
}

impl Shutdown {
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Begins the shutdown. New notifications are refused, and pending notifications are sent. Does
    /// nothing if the shutdown has already begun.
    pub(super) fn begin(&mut self, dispatcher: &mut Dispatcher<Webhook>, now: Moment) {
        if self.draining.is_none() {
            dispatcher.close();
            self.draining = Some(dispatcher.start_flush(now));
        }
    }

    /// Finishes the shutdown if it has begun and there is either nothing left to send or no driver
    /// to send it.
    pub(super) fn advance(&mut self, dispatcher: &mut Dispatcher<Webhook>, drivers: usize) {
        let Some(flush) = self.draining else { return };
        if drivers == 0 || dispatcher.is_flushed(flush) {
            self.finish(dispatcher);
        }
    }

    /// Finishes the shutdown now and drops everything that is left. Does nothing if the shutdown is
    /// already finished.
    pub(super) fn finish(&mut self, dispatcher: &mut Dispatcher<Webhook>) {
        if !self.finished {
            dispatcher.abort();
            self.finished = true;
        }
        debug_assert!(dispatcher.is_closed() && dispatcher.total().pending() == 0);
    }

    /// Returns the id for a new waiter.
    pub(super) fn next_waiter_id(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Returns whether the wait for `flush` is over, or the wait for the shutdown if `flush` is
    /// `None`.
    pub(super) fn is_done(
        &self,
        flush: Option<FlushId>,
        dispatcher: &Dispatcher<Webhook>,
        drivers: usize,
    ) -> bool {
        let flushed = flush.is_some_and(|flush| dispatcher.is_flushed(flush));
        flushed || self.finished || drivers == 0
    }

    /// Adds a waiter, taking it out of `waiter`.
    pub(super) fn add_waiter(&mut self, waiter: &mut Option<Waiter>) {
        debug_assert!(
            waiter.as_ref().is_some_and(|new| self.waiters.iter().all(|one| one.id != new.id)),
            "a wait is listed once"
        );
        self.waiters.extend(waiter.take());
    }

    /// Removes a waiter and returns it, or returns `None` if its wait is over. The waiter contains
    /// a waker, so the caller must drop it outside the lock.
    pub(super) fn remove_waiter(&mut self, id: u64) -> Option<Waiter> {
        let at = self.waiters.iter().position(|waiter| waiter.id == id)?;
        Some(self.waiters.swap_remove(at))
    }

    pub(super) fn has_waiters(&self) -> bool {
        !self.waiters.is_empty()
    }

    /// Removes the waiters whose wait is over and returns their wakers.
    pub(super) fn take_done(
        &mut self,
        dispatcher: &Dispatcher<Webhook>,
        drivers: usize,
    ) -> Vec<Waker> {
        // The list is taken out, because the closure reads the rest of `self`.
        let mut waiters = std::mem::take(&mut self.waiters);
        let done = waiters
            .extract_if(.., |waiter| self.is_done(waiter.flush, dispatcher, drivers))
            .map(|waiter| waiter.waker)
            .collect();
        self.waiters = waiters;
        done
    }
}
