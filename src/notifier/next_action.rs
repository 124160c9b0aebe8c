use std::{sync::Arc, task::Waker};

use super::{
    attempt::{Attempt, FinishedAttempt},
    driver_set::DriverId,
    inner::NotifierInner,
};
use crate::base::Moment;

/// The next action of a driver.
pub(super) enum DriverAction {
    /// Make an attempt.
    Send(Attempt),
    /// Wait for its waker or for the moment, whichever comes first.
    Park(Option<Moment>),
    /// Return: the shutdown is finished.
    End,
}

impl NotifierInner {
    /// Records the attempt that a driver has finished, and returns its next action. If that is
    /// [`DriverAction::Park`], the driver is parked when this returns.
    pub(super) fn next_action(
        self: &Arc<Self>,
        driver: DriverId,
        finished: Option<FinishedAttempt>,
        waker: &Waker,
    ) -> DriverAction {
        let now = self.now();
        // Wakers are the host's code. This one is cloned, and dropped if the driver does not park,
        // outside of the lock.
        let mut waker = Some(waker.clone());
        let (action, _unparked) = self.with_state(|state| {
            // It parks again below, with its present waker, only if there is no work.
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
