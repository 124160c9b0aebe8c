//! The locks, atomics and thread-locals of the parts that several threads use at once.
//!
//! They are std's. With `--cfg recohook_shuttle` they are those of `shuttle`, which runs
//! `tests/interleave` under thousands of schedules. `Arc` is std's in both cases, and so are the
//! statics, the clocks, the testing tools, and the id counter of the FindFace registry.

use std::{
    ops::{Deref, DerefMut},
    sync::PoisonError,
};

#[cfg(not(recohook_shuttle))]
use std::sync as implementation;

#[cfg(recohook_shuttle)]
use shuttle::sync as implementation;

pub(crate) use implementation::atomic;
#[cfg(recohook_shuttle)]
pub(crate) use shuttle::thread_local;
#[cfg(not(recohook_shuttle))]
pub(crate) use std::thread_local;

/// The lock order. A thread may take a lock only if every lock that it holds comes earlier in this
/// list.
///
/// So no threads can wait for each other in a circle. Debug builds assert it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LockOrder {
    /// The registry of a notifier.
    Router,
    /// The routes that one thread has read last.
    ThreadCache,
    /// The list of these caches.
    ThreadCaches,
    /// The routes that are read from now on.
    Routes,
    /// The dispatcher, the drivers and the waiters of a notifier.
    State,
    /// The reports.
    Reports,
    /// The attempts that dropped requests have abandoned.
    Abandoned,
    /// The notifications of a history.
    History,
}

/// What a [`Mutex`] of this crate guards.
pub(crate) trait Guarded {
    /// The place of its lock among the others.
    const ORDER: LockOrder;
}

/// A mutex that cannot be poisoned.
///
/// No code of the host runs under a lock, so a panic under one is a fault of this crate, and it may
/// leave a half-made change. The next thread takes the lock all the same: otherwise every later
/// call would panic as well.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(implementation::Mutex<T>);

/// Unlocks the mutex when it is dropped.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    // Dropped first, so that the lock is free before it stops counting as held.
    guard: implementation::MutexGuard<'a, T>,
    _held: HeldLock,
}

impl<T: Guarded> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(implementation::Mutex::new(value))
    }

    /// Waits for the lock and takes it.
    ///
    /// # Panics
    /// In debug builds, if this thread holds a lock that is not to be taken before this one.
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        // First, so that a wrong order is reported and does not hang.
        let held = HeldLock::new(T::ORDER);
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        MutexGuard { guard, _held: held }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

/// Asserts in debug builds that this thread holds no lock of this crate. It goes before every call
/// of the host's code: a host that calls back would otherwise wait for its own thread.
#[inline]
#[track_caller]
pub(crate) fn assert_unlocked() {
    #[cfg(debug_assertions)]
    assert_eq!(
        HeldLock::all(),
        0,
        "the host's code would run under a lock, by its bit in `LockOrder`"
    );
}

/// Notes that this thread holds a lock. In release builds it is nothing.
#[derive(Debug)]
struct HeldLock {
    #[cfg(debug_assertions)]
    order: LockOrder,
}

#[cfg(not(debug_assertions))]
impl HeldLock {
    #[inline]
    fn new(_order: LockOrder) -> Self {
        Self {}
    }
}

#[cfg(debug_assertions)]
mod held {
    use std::cell::Cell;

    use super::{HeldLock, LockOrder};

    super::thread_local! {
        /// A bit for each lock that this thread holds.
        static HELD: Cell<u8> = const { Cell::new(0) };
    }

    impl HeldLock {
        #[track_caller]
        pub(super) fn new(order: LockOrder) -> Self {
            let held = Self::all();
            assert!(held >> order as u8 == 0, "{order:?} is locked after a later one: {held:#b}");
            Self::set(held | Self::bit(order));
            Self { order }
        }

        pub(super) fn all() -> u8 {
            // At the end of a thread, nothing is known.
            HELD.try_with(Cell::get).unwrap_or(0)
        }

        fn set(held: u8) {
            let _ = HELD.try_with(|all| all.set(held));
        }

        fn bit(order: LockOrder) -> u8 {
            1 << order as u8
        }
    }

    impl Drop for HeldLock {
        fn drop(&mut self) {
            Self::set(Self::all() & !Self::bit(self.order));
        }
    }
}

#[cfg(all(test, debug_assertions, not(recohook_shuttle)))]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    struct First;
    struct Second;

    impl Guarded for First {
        const ORDER: LockOrder = LockOrder::Router;
    }

    impl Guarded for Second {
        const ORDER: LockOrder = LockOrder::State;
    }

    #[test]
    fn locks_are_taken_in_their_order() {
        let (first, second) = (Mutex::new(First), Mutex::new(Second));
        drop((first.lock(), second.lock()));
        drop((first.lock(), second.lock()));
        let wrong = catch_unwind(|| drop((second.lock(), first.lock())));
        assert!(wrong.is_err());
        let twice = catch_unwind(|| drop((first.lock(), first.lock())));
        assert!(twice.is_err(), "it panics and does not wait for itself");
        assert_unlocked();
    }

    #[test]
    fn the_hosts_code_is_not_called_under_a_lock() {
        let first = Mutex::new(First);
        let called = catch_unwind(|| {
            let _guard = first.lock();
            assert_unlocked();
        });
        assert!(called.is_err());
        assert_unlocked();
    }
}
