use std::{collections::BTreeMap, task::Waker};

use crate::base::Moment;

/// Who sleeps until when: the queue behind a clock.
///
/// It hands wakers back and neither clones, wakes nor drops one: that would run code of the host
/// under the caller's lock.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeMap<TimerId, Waker>,
    sequence: u64,
}

/// Ordered by the moment, then by who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerId {
    at: Moment,
    sequence: u64,
}

impl Timers {
    /// A new id for a sleep until `at`, not yet in the queue.
    pub(crate) fn id(&mut self, at: Moment) -> TimerId {
        self.sequence += 1;
        TimerId { at, sequence: self.sequence }
    }

    /// Puts `waker` in the place of `id`; the one it replaces comes back.
    #[must_use]
    pub(crate) fn register(&mut self, id: TimerId, waker: Waker) -> Option<Waker> {
        self.queue.insert(id, waker)
    }

    /// Takes `id` from the queue.
    #[must_use]
    pub(crate) fn cancel(&mut self, id: TimerId) -> Option<Waker> {
        self.queue.remove(&id)
    }

    /// Takes all that are due at `now`, in order.
    #[must_use]
    pub(crate) fn take_due(&mut self, now: Moment) -> Vec<Waker> {
        let mut due = Vec::new();
        while let Some(first) = self.queue.first_entry()
            && first.key().at <= now
        {
            due.push(first.remove());
        }
        due
    }

    /// The earliest moment in the queue.
    pub(crate) fn next_at(&self) -> Option<Moment> {
        self.queue.first_key_value().map(|(id, _)| id.at)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}
