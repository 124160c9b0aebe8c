use std::{sync::Arc, task::Waker};

use super::{
    attempt::{Ended, Task},
    seats::DriverId,
    shared::Shared,
};
use crate::base::Moment;

/// What a driver is to do next.
pub(super) enum Step {
    Send(Task),
    /// Wait: for its waker, or for the moment.
    Park(Option<Moment>),
    End,
}

impl Shared {
    /// The next thing for a driver to do, once it has told what it did. Where that is to park, it
    /// is parked already.
    pub(super) fn step(
        self: &Arc<Self>,
        driver: DriverId,
        ended: Option<Ended>,
        waker: &Waker,
    ) -> Step {
        let now = self.now();
        // Cloned, and dropped if the driver does not park, outside of the lock: a waker is the
        // host's code.
        let mut waker = Some(waker.clone());
        let (step, _unparked) = self.with(|state| {
            let before = state.seats.unpark(driver);
            if let Some(ended) = ended {
                ended.record(&mut state.dispatcher, now);
            }
            if state.ending.is_over() {
                return (Step::End, before);
            }
            if let Some(delivery) = state.dispatcher.poll_delivery(now) {
                return (Step::Send(Task::new(self, delivery, now)), before);
            }
            let deadline = state.dispatcher.poll_timeout();
            state.seats.park(driver, &mut waker, deadline);
            (Step::Park(deadline), before)
        });
        step
    }
}
