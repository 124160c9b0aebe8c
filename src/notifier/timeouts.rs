use std::collections::BTreeMap;

use futures::future::{AbortHandle, AbortRegistration};

use crate::base::Moment;

/// When the attempts of a driver run out of time, so that it needs one sleep for all of them.
#[derive(Debug, Default)]
pub(super) struct Timeouts {
    last: u64,
    running: BTreeMap<TimeoutId, AbortHandle>,
}

/// Names the timeout of one attempt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct TimeoutId {
    at: Moment,
    number: u64,
}

impl Timeouts {
    /// Starts a timeout, which aborts what is made abortable with the registration.
    pub(super) fn start(&mut self, at: Moment) -> (TimeoutId, AbortRegistration) {
        self.last += 1;
        let timeout = TimeoutId { at, number: self.last };
        let (handle, registration) = AbortHandle::new_pair();
        self.running.insert(timeout, handle);
        (timeout, registration)
    }

    pub(super) fn cancel(&mut self, timeout: TimeoutId) {
        self.running.remove(&timeout);
    }

    /// Returns the earliest.
    pub(super) fn next(&self) -> Option<Moment> {
        self.running.first_key_value().map(|(timeout, _)| timeout.at)
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// Aborts everything that is due by `now`.
    pub(super) fn expire(&mut self, now: Moment) {
        while let Some(first) = self.running.first_entry()
            && first.key().at <= now
        {
            first.remove().abort();
        }
    }
}
