use std::{collections::BTreeMap, task::Waker};

use crate::base::Moment;

/// The timers of a clock. Each has a moment and the waker to wake at that moment.
///
/// The methods return wakers but never clone, wake or drop one, because that would run the host's
/// code under the caller's lock.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    // An ordered map, so that finding the earliest timer and removing any timer take O(log n).
    queue: BTreeMap<TimerId, Waker>,
    /// The sequence number of the last id.
    sequence: u64,
}

/// The id of a timer. Ids are ordered by moment, then by creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerId {
    at: Moment,
    sequence: u64,
}

impl Timers {
    /// Returns a new id for a sleep until `at`. The timer is not added to the queue.
    pub(crate) fn id(&mut self, at: Moment) -> TimerId {
        self.sequence += 1;
        TimerId { at, sequence: self.sequence }
    }

    /// Sets the waker of a timer and returns the waker that it replaces.
    #[must_use]
    pub(crate) fn register(&mut self, id: TimerId, waker: Waker) -> Option<Waker> {
        self.queue.insert(id, waker)
    }

    /// Removes a timer and returns its waker. Returns `None` if the timer has already been removed.
    #[must_use]
    pub(crate) fn cancel(&mut self, id: TimerId) -> Option<Waker> {
        self.queue.remove(&id)
    }

    /// Removes all timers that are due at `now` and returns their wakers in order.
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

    /// Returns the moment of the earliest timer.
    pub(crate) fn next_at(&self) -> Option<Moment> {
        self.queue.first_key_value().map(|(id, _)| id.at)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}
