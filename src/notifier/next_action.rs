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
    /// Wait until the waker is woken or the moment has passed, whichever comes first.
    Park(Option<Moment>),
    /// Return, because the shutdown is finished.
    End,
}

impl NotifierInner {
    /// Records the attempt that a driver has finished, and returns the driver's next action. If
    /// this is [`DriverAction::Park`], the driver has been parked.
    pub(super) fn next_action(
        self: &Arc<Self>,
        driver: DriverId,
        finished: Option<FinishedAttempt>,
        waker: &Waker,
    ) -> DriverAction {
        let now = self.now();
        // Wakers are the host's code. Therefore this one is cloned outside the lock, and also
        // dropped outside the lock if the driver does not park.
        let mut waker = Some(waker.clone());
        let (action, _unparked) = self.with_state(|state| {
            // The driver parks again below, with its current waker, but only if there is no work.
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
