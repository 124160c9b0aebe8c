use std::collections::BTreeMap;

use futures::future::{AbortHandle, AbortRegistration};

use crate::base::Moment;

/// When the attempts of a driver run out of time, so that it needs one sleep for all of them.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    last: u64,
    set: BTreeMap<Alarm, AbortHandle>,
}

/// Names an alarm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Alarm {
    at: Moment,
    number: u64,
}

impl Alarms {
    /// Sets an alarm for what is made abortable with the registration.
    pub(super) fn set(&mut self, at: Moment) -> (Alarm, AbortRegistration) {
        self.last += 1;
        let alarm = Alarm { at, number: self.last };
        let (handle, registration) = AbortHandle::new_pair();
        self.set.insert(alarm, handle);
        (alarm, registration)
    }

    pub(super) fn unset(&mut self, alarm: Alarm) {
        self.set.remove(&alarm);
    }

    /// The earliest.
    pub(super) fn next(&self) -> Option<Moment> {
        self.set.first_key_value().map(|(alarm, _)| alarm.at)
    }

    pub(super) fn len(&self) -> usize {
        self.set.len()
    }

    /// Ends all that is due by `now`.
    pub(super) fn ring(&mut self, now: Moment) {
        while let Some(first) = self.set.first_entry()
            && first.key().at <= now
        {
            first.remove().abort();
        }
    }
}
