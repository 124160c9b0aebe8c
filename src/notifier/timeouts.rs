use std::collections::BTreeMap;

use futures::future::{AbortHandle, AbortRegistration};

use crate::base::Moment;

/// The timeouts of a driver's attempts. A single sleep serves all of them.
#[derive(Debug, Default)]
pub(super) struct Timeouts {
    /// The number of the last timeout.
    last: u64,
    // A map ordered by moment. Each attempt adds and removes one timeout, in O(log n).
    running: BTreeMap<TimeoutId, AbortHandle>,
}

/// The id of an attempt's timeout.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct TimeoutId {
    at: Moment,
    // Distinguishes timeouts that expire at the same moment.
    number: u64,
}

impl Timeouts {
    /// Starts a timeout. When it expires, it aborts the future that was created with the returned
    /// registration.
    pub(super) fn start(&mut self, at: Moment) -> (TimeoutId, AbortRegistration) {
        self.last += 1;
        let timeout = TimeoutId { at, number: self.last };
        let (handle, registration) = AbortHandle::new_pair();
        self.running.insert(timeout, handle);
        (timeout, registration)
    }

    /// Cancels a timeout. Does nothing if it has already expired.
    pub(super) fn cancel(&mut self, timeout: TimeoutId) {
        self.running.remove(&timeout);
    }

    /// Returns the moment of the earliest timeout.
    pub(super) fn next(&self) -> Option<Moment> {
        self.running.first_key_value().map(|(timeout, _)| timeout.at)
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// Expires the timeouts that are due at `now`, aborting their attempts.
    pub(super) fn expire(&mut self, now: Moment) {
        while let Some(first) = self.running.first_entry()
            && first.key().at <= now
        {
            first.remove().abort();
        }
    }
}
