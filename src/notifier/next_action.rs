use std::{sync::Arc, task::Waker};

use super::{
    attempt::{Attempt, FinishedAttempt},
    driver_set::DriverId,
    inner::NotifierInner,
};
use crate::base::Moment;

/// What a driver does next.
pub(super) enum DriverAction {
    Send(Attempt),
    /// Wait: for its waker, or for the moment.
    Park(Option<Moment>),
    End,
}

impl NotifierInner {
    /// Records what a driver did, and returns what it does next. If that is to park, it is parked
    /// already.
    pub(super) fn next_action(
        self: &Arc<Self>,
        driver: DriverId,
        finished: Option<FinishedAttempt>,
        waker: &Waker,
    ) -> DriverAction {
        let now = self.now();
        // Cloned, and dropped if the driver does not park, outside of the lock: a waker is the
        // host's code.
        let mut waker = Some(waker.clone());
        let (action, _unparked) = self.with_state(|state| {
            let before = state.drivers.unpark(driver);
            if let Some(finished) = finished {
                finished.record(&mut state.dispatcher, now);
            }
            if state.shutdown.is_finished() {
                return (DriverAction::End, before);
            }
            if let Some(delivery) = state.dispatcher.poll_delivery(now) {
                return (DriverAction::Send(Attempt::new(self, delivery, now)), before);
            }
            let deadline = state.dispatcher.poll_timeout();
            state.drivers.park(driver, &mut waker, deadline);
            (DriverAction::Park(deadline), before)
        });
        action
    }
}
