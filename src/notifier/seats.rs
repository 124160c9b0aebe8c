use std::task::Waker;

use crate::base::Moment;

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

    /// The driver is gone. The waker is for the caller to drop outside of the lock.
    pub(super) fn leave(&mut self, driver: DriverId) -> Option<Waker> {
        self.drivers -= 1;
        let waker = self.unpark(driver);
        self.check();
        waker
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
        debug_assert!(waker.is_some(), "a driver that parks can be woken");
        debug_assert!(self.parked.iter().all(|seat| seat.driver != driver), "it parks once");
        self.parked.extend(waker.take().map(|waker| Seat { driver, waker, armed }));
        self.check();
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

    /// Only drivers that live are parked.
    fn check(&self) {
        debug_assert!(self.parked.len() <= self.drivers, "{self:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures::task::{ArcWake, waker};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl ArcWake for Count {
        fn wake_by_ref(count: &Arc<Self>) {
            count.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn at(nanos: u64) -> Option<Moment> {
        Some(Moment::from_nanos(nanos))
    }

    /// Drivers that are parked until these moments.
    fn parked(moments: &[Option<Moment>]) -> Seats {
        let mut seats = Seats::default();
        for armed in moments {
            let driver = seats.join();
            seats.park(driver, &mut Some(waker(Arc::<Count>::default())), *armed);
        }
        seats
    }

    fn is_called(moments: &[Option<Moment>], ready: bool, deadline: Option<Moment>) -> bool {
        let mut seats = parked(moments);
        let called = seats.call(|| (ready, deadline)).is_some();
        assert_eq!(seats.parked.len(), moments.len() - usize::from(called));
        called
    }

    #[test]
    fn work_calls_a_driver_whatever_it_sleeps_until() {
        for moments in [&[None][..], &[at(5)], &[at(5), None]] {
            assert!(is_called(moments, true, None));
            assert!(is_called(moments, true, at(9)));
            assert!(!is_called(moments, false, None));
        }
    }

    #[test]
    fn only_a_nearer_timer_calls_a_driver_that_sleeps_until_a_farther_one() {
        assert!(is_called(&[at(5)], false, at(4)));
        assert!(!is_called(&[at(5)], false, at(5)), "its own sleep ends in time");
        assert!(!is_called(&[at(5)], false, at(6)), "its own sleep ends in time");
        assert!(is_called(&[None], false, at(6)), "nothing would wake it");
    }

    #[test]
    fn of_several_drivers_the_one_that_wakes_first_counts() {
        for moments in [[at(5), at(9)], [at(9), at(5)], [None, at(5)], [at(5), None]] {
            assert!(is_called(&moments, false, at(4)));
            assert!(!is_called(&moments, false, at(5)));
            assert!(!is_called(&moments, false, at(7)));
        }
    }

    #[test]
    fn a_driver_that_leaves_is_called_no_more() {
        let mut seats = Seats::default();
        let (removed, left) = (seats.join(), seats.join());
        let (of_gone, of_left) = (Arc::<Count>::default(), Arc::<Count>::default());
        seats.park(left, &mut Some(waker(Arc::clone(&of_left))), None);
        seats.park(removed, &mut Some(waker(Arc::clone(&of_gone))), None);
        assert!(seats.leave(removed).is_some());
        assert_eq!(seats.drivers(), 1);
        seats.call(|| (true, None)).expect("the other one is parked").wake();
        assert!(seats.are_empty() && seats.call(|| unreachable!("nobody is parked")).is_none());
        let woken = [of_gone, of_left].map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [0, 1]);
    }
}
