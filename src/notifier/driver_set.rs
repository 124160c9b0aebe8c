use std::task::Waker;

use crate::base::Moment;

/// The set of live drivers, some of which are parked.
#[derive(Debug, Default)]
pub(super) struct DriverSet {
    /// The number of the last driver that joined.
    last: u64,
    /// The number of drivers that have been created and not yet dropped.
    live: usize,
    // A list suffices, because a host has few drivers, about one for each of its threads.
    parked: Vec<ParkedDriver>,
}

/// The id of a driver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DriverId(u64);

/// A driver that waits for work.
#[derive(Debug)]
struct ParkedDriver {
    driver: DriverId,
    waker: Waker,
    /// The moment by which the driver's own sleep will have ended, or `None` if the driver does not
    /// sleep.
    sleeps_until: Option<Moment>,
}

impl DriverSet {
    /// Adds a driver and returns its id.
    pub(super) fn join(&mut self) -> DriverId {
        self.last += 1;
        self.live += 1;
        DriverId(self.last)
    }

    /// Removes a driver that is being dropped. If it was parked, returns its waker, which the
    /// caller must drop outside the lock.
    pub(super) fn leave(&mut self, driver: DriverId) -> Option<Waker> {
        self.live -= 1;
        let waker = self.unpark(driver);
        self.check();
        waker
    }

    /// Returns the number of live drivers.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// Parks a driver, taking its waker out of `waker`.
    pub(super) fn park(
        &mut self,
        driver: DriverId,
        waker: &mut Option<Waker>,
        sleeps_until: Option<Moment>,
    ) {
        debug_assert!(waker.is_some(), "a driver parks with a waker");
        debug_assert!(self.parked.iter().all(|parked| parked.driver != driver), "it parks once");
        self.parked.extend(waker.take().map(|waker| ParkedDriver { driver, waker, sleeps_until }));
        self.check();
    }

    /// Unparks a driver. If it was parked, returns its waker, which the caller must drop outside
    /// the lock.
    pub(super) fn unpark(&mut self, driver: DriverId) -> Option<Waker> {
        let at = self.parked.iter().position(|parked| parked.driver == driver)?;
        Some(self.parked.swap_remove(at).waker)
    }

    /// Returns whether no driver is parked.
    pub(super) fn none_parked(&self) -> bool {
        self.parked.is_empty()
    }

    /// Unparks a driver if there is something for it to do, and returns its waker, which the caller
    /// must wake.
    ///
    /// A driver has something to do if the dispatcher has work, or if the dispatcher's next
    /// deadline comes before the end of every parked driver's sleep. `due` returns whether the
    /// dispatcher has work and when its next deadline is. It is called only if a driver is parked.
    ///
    /// Waking one driver suffices. Asking for work is itself a change to the state, and that change
    /// wakes the next driver if needed.
    pub(super) fn take_one_to_wake(
        &mut self,
        due: impl FnOnce() -> (bool, Option<Moment>),
    ) -> Option<Waker> {
        if self.none_parked() {
            return None;
        }
        // `due` is called only here, so a change does not read the schedule if no driver is parked.
        let (ready, deadline) = due();
        let unmet = || {
            let earliest = self.parked.iter().filter_map(|parked| parked.sleeps_until).min();
            deadline.is_some_and(|due| earliest.is_none_or(|sleeps_until| due < sleeps_until))
        };
        // Any parked driver will do. The last one is the cheapest to remove.
        let taken = if ready || unmet() { self.parked.pop() } else { None };
        taken.map(|parked| parked.waker)
    }

    /// Unparks all drivers after the shutdown, and returns their wakers, which the caller must
    /// wake.
    pub(super) fn take_all_to_wake(&mut self) -> impl Iterator<Item = Waker> {
        self.parked.drain(..).map(|parked| parked.waker)
    }

    /// Asserts that only live drivers are parked.
    fn check(&self) {
        debug_assert!(self.parked.len() <= self.live, "{self:?}");
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

    /// Returns a set of drivers that are parked until these moments.
    fn parked(moments: &[Option<Moment>]) -> DriverSet {
        let mut drivers = DriverSet::default();
        for sleeps_until in moments {
            let driver = drivers.join();
            drivers.park(driver, &mut Some(waker(Arc::<Count>::default())), *sleeps_until);
        }
        drivers
    }

    fn is_woken(moments: &[Option<Moment>], ready: bool, deadline: Option<Moment>) -> bool {
        let mut drivers = parked(moments);
        let taken = drivers.take_one_to_wake(|| (ready, deadline)).is_some();
        assert_eq!(drivers.parked.len(), moments.len() - usize::from(taken));
        taken
    }

    #[test]
    fn work_wakes_a_driver_whatever_it_sleeps_until() {
        for moments in [&[None][..], &[at(5)], &[at(5), None]] {
            assert!(is_woken(moments, true, None));
            assert!(is_woken(moments, true, at(9)));
            assert!(!is_woken(moments, false, None));
        }
    }

    #[test]
    fn only_a_nearer_timer_wakes_a_driver_that_sleeps_until_a_farther_one() {
        assert!(is_woken(&[at(5)], false, at(4)));
        assert!(!is_woken(&[at(5)], false, at(5)), "its own sleep ends in time");
        assert!(!is_woken(&[at(5)], false, at(6)), "its own sleep ends in time");
        assert!(is_woken(&[None], false, at(6)), "nothing would wake it");
    }

    #[test]
    fn of_several_drivers_the_one_that_wakes_first_counts() {
        for moments in [[at(5), at(9)], [at(9), at(5)], [None, at(5)], [at(5), None]] {
            assert!(is_woken(&moments, false, at(4)));
            assert!(!is_woken(&moments, false, at(5)));
            assert!(!is_woken(&moments, false, at(7)));
        }
    }

    #[test]
    fn a_driver_that_leaves_is_woken_no_more() {
        let mut drivers = DriverSet::default();
        let (removed, left) = (drivers.join(), drivers.join());
        let (of_gone, of_left) = (Arc::<Count>::default(), Arc::<Count>::default());
        drivers.park(left, &mut Some(waker(Arc::clone(&of_left))), None);
        drivers.park(removed, &mut Some(waker(Arc::clone(&of_gone))), None);
        assert!(drivers.leave(removed).is_some());
        assert_eq!(drivers.live(), 1);
        drivers.take_one_to_wake(|| (true, None)).expect("the other driver is parked").wake();
        assert!(
            drivers.none_parked()
                && drivers.take_one_to_wake(|| unreachable!("nobody is parked")).is_none()
        );
        let woken = [of_gone, of_left].map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [0, 1]);
    }
}
