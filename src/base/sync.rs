//! The locks, atomics and thread-locals used by code that runs on several threads concurrently.
//!
//! They come from the standard library or, with `--cfg recohook_shuttle`, from `shuttle`, which
//! runs `tests/interleave` under thousands of schedules. `Arc`, statics, the clocks, the testing
//! tools, and the id counter of the FindFace registry always use the standard library.

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

/// The order in which locks are taken. A thread may take a lock only if every lock that it holds
/// comes earlier in this list.
///
/// This prevents deadlocks, because threads cannot wait for each other in a circle. Debug builds
/// assert the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LockOrder {
    /// The registry of a notifier.
    Router,
    /// The routes that a thread last read.
    ThreadCache,
    /// The list of all thread caches.
    ThreadCaches,
    /// The current routes, which a thread reads if its cache is out of date.
    Routes,
    /// The dispatcher of a notifier, its drivers, and the tasks that wait for it.
    State,
    /// The reports.
    Reports,
    /// The attempts that were abandoned because their requests were dropped.
    Abandoned,
    /// The notifications of a history.
    History,
    /// The idle connections of a transport.
    #[cfg(feature = "hyper")]
    Connections,
    /// The spelling of the headers of the request that a connection sends.
    #[cfg(feature = "hyper")]
    HeaderCase,
}

/// A value that a [`Mutex`] of this crate guards.
pub(crate) trait Guarded {
    /// The position of its lock in the lock order.
    const ORDER: LockOrder;
}

/// A mutex that cannot be poisoned.
///
/// No code of the host runs under a lock, so a panic under a lock is a bug in this crate. The state
/// may then be half changed. The next thread takes the lock nevertheless, because otherwise every
/// later call would also panic.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(implementation::Mutex<T>);

/// Unlocks the mutex when it is dropped.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    // Fields are dropped in the order of their declaration, so the lock is released before it stops
    // counting as held.
    guard: implementation::MutexGuard<'a, T>,
    _held: HeldLock,
}

impl<T: Guarded> Mutex<T> {
    /// Creates an unlocked mutex.
    pub(crate) fn new(value: T) -> Self {
        Self(implementation::Mutex::new(value))
    }

    /// Takes the lock. Blocks the thread until the lock is available.
    ///
    /// # Panics
    /// In debug builds, panics if this thread already holds this lock or one that comes later in
    /// the [`LockOrder`].
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        // This must come before the thread waits, so that a wrong order panics instead of hanging.
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

/// In debug builds, asserts that this thread does not hold any lock of this crate.
///
/// Call it before every call into the host's code. That code may call this crate again, and if a
/// lock were held, the thread would wait for itself forever.
#[inline]
#[track_caller]
pub(crate) fn assert_unlocked() {
    #[cfg(debug_assertions)]
    assert_eq!(
        HeldLock::all(),
        0,
        "the host's code would run while this thread holds locks: the bits follow `LockOrder`"
    );
}

/// While this value exists, the thread counts as holding a lock. In release builds, the value is
/// empty.
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
        /// A bit set of the locks that this thread holds, indexed by [`LockOrder`].
        static HELD: Cell<u16> = const { Cell::new(0) };
    }

    impl HeldLock {
        /// Records a lock that this thread is about to take.
        #[track_caller]
        pub(super) fn new(order: LockOrder) -> Self {
            let held = Self::all();
            // The shift keeps the bit of this lock, so that taking a lock twice also panics.
            assert!(
                held >> order as u8 == 0,
                "{order:?} must be locked before the locks that this thread holds: {held:#b}"
            );
            Self::set(held | Self::bit(order));
            Self { order }
        }

        /// Returns the bits of all locks that this thread holds.
        pub(super) fn all() -> u16 {
            // If the thread is ending, the thread-local has already been destroyed, and nothing is
            // checked.
            HELD.try_with(Cell::get).unwrap_or(0)
        }

        fn set(held: u16) {
            let _ = HELD.try_with(|all| all.set(held));
        }

        fn bit(order: LockOrder) -> u16 {
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
        assert!(twice.is_err(), "it panics instead of waiting for itself");
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
