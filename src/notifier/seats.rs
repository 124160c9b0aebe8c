use std::task::Waker;

use crate::Moment;

/// The drivers that live, and which of them are parked.
#[derive(Debug, Default)]
pub(super) struct Seats {
    last: u64,
    drivers: usize,
    parked: Vec<Seat>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DriverId(u64);

/// A driver that waits.
#[derive(Debug)]
struct Seat {
    driver: DriverId,
    waker: Waker,
    /// When its own sleep ends.
    armed: Option<Moment>,
}

impl Seats {
    pub(super) fn join(&mut self) -> DriverId {
        self.last += 1;
        self.drivers += 1;
        DriverId(self.last)
    }

    pub(super) fn leave(&mut self, driver: DriverId) -> Option<Waker> {
        self.drivers -= 1;
        self.unpark(driver)
    }

    pub(super) fn drivers(&self) -> usize {
        self.drivers
    }

    /// Puts a driver in a seat; `waker` is taken.
    pub(super) fn park(
        &mut self,
        driver: DriverId,
        waker: &mut Option<Waker>,
        armed: Option<Moment>,
    ) {
        self.parked.extend(waker.take().map(|waker| Seat { driver, waker, armed }));
    }

    /// Takes a driver out of its seat. The waker is for the caller to drop outside of the lock.
    pub(super) fn unpark(&mut self, driver: DriverId) -> Option<Waker> {
        let at = self.parked.iter().position(|seat| seat.driver == driver)?;
        Some(self.parked.swap_remove(at).waker)
    }

    /// Whether no driver is parked.
    pub(super) fn are_empty(&self) -> bool {
        self.parked.is_empty()
    }

    /// Whom to wake after a change: one driver if there is work or a moment earlier than any that
    /// a parked driver sleeps until. `due` tells of both, where any is parked.
    ///
    /// One is enough. It asks for work itself, which is a change that calls the next one.
    pub(super) fn call(&mut self, due: impl FnOnce() -> (bool, Option<Moment>)) -> Option<Waker> {
        if self.are_empty() {
            return None;
        }
        let (ready, deadline) = due();
        let unmet = || {
            let earliest = self.parked.iter().filter_map(|seat| seat.armed).min();
            deadline.is_some_and(|due| earliest.is_none_or(|armed| due < armed))
        };
        let called = if ready || unmet() { self.parked.pop() } else { None };
        called.map(|seat| seat.waker)
    }

    /// All of them, at the end.
    pub(super) fn call_all(&mut self) -> impl Iterator<Item = Waker> {
        self.parked.drain(..).map(|seat| seat.waker)
    }
}
