use std::{
    cell::RefCell,
    sync::{
        Arc,
        Weak,
        // The atomics come from `std` in every build, because the counter of ids outlives the
        // schedules of an interleaving test.
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    base::sync::{Guarded, LockOrder, Mutex, thread_local},
    engine::SharedRoutes,
};

/// The current routes, which are read by many threads and rarely change.
///
/// Each thread keeps the routes that it last read in its own cache. Only a change to the routes
/// takes the lock of another thread's cache. Readers therefore do not write to shared memory, and
/// can publish in parallel. A change clears all caches, so that a thread that stops reading does
/// not keep old routes alive.
#[derive(Debug)]
pub(super) struct RouteCache {
    /// An id that is unique in the process. A thread uses it to find its cache for this value.
    id: u64,
    current: Mutex<Arc<SharedRoutes>>,
    caches: Mutex<ThreadCaches>,
}

/// The caches of all threads.
#[derive(Debug, Default)]
struct ThreadCaches {
    // Weak references, because a thread drops its caches when it ends.
    caches: Vec<Weak<ThreadCache>>,
    /// The length of `caches` at which the caches of ended threads are removed.
    prune_at: usize,
}

/// The routes that a thread last read. `None` after a change.
type ThreadCache = Mutex<Option<Arc<SharedRoutes>>>;

thread_local! {
    /// This thread's caches, each with the id of its [`RouteCache`].
    static CACHES: RefCell<Vec<(u64, Arc<ThreadCache>)>> = const { RefCell::new(Vec::new()) };
}

impl RouteCache {
    pub(super) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self {
            id: LAST.fetch_add(1, Ordering::Relaxed),
            current: Mutex::default(),
            caches: Mutex::default(),
        }
    }

    /// Runs `read` with the current routes. `read` must not read the routes of this or any other
    /// [`RouteCache`], and must not run the host's code.
    pub(super) fn read<R>(&self, read: impl FnOnce(&SharedRoutes) -> R) -> R {
        // `read` is kept in an `Option` outside the closure, because `try_with` drops its closure
        // if the thread-local has been destroyed.
        let mut read = Some(read);
        let kept = CACHES.try_with(|caches| {
            let read = read.take()?;
            let mut caches = caches.borrow_mut();
            let known = caches.iter().position(|(id, _)| *id == self.id);
            let at = known.unwrap_or_else(|| self.add_thread(&mut caches));
            let mut cache = caches[at].1.lock();
            Some(read(cache.get_or_insert_with(|| self.current())))
        });
        // If the thread is ending, its caches have been dropped and `read` was not called.
        let kept = kept.ok().flatten();
        kept.unwrap_or_else(|| read.take().map(|read| read(&self.current())).expect("not taken"))
    }

    /// Replaces the routes. Every read that begins after this method has returned sees the new
    /// routes.
    pub(super) fn set(&self, routes: SharedRoutes) {
        let old = std::mem::replace(&mut *self.current.lock(), Arc::new(routes));
        self.clear_caches();
        // This is usually the last reference, because the caches have been cleared. It must be
        // dropped while no lock is held.
        drop(old);
    }

    fn current(&self) -> Arc<SharedRoutes> {
        Arc::clone(&self.current.lock())
    }

    /// Adds a cache for this thread and returns its index.
    fn add_thread(&self, caches: &mut Vec<(u64, Arc<ThreadCache>)>) -> usize {
        // A cache without a weak reference belongs to a `RouteCache` that has been dropped.
        caches.retain(|(_, cache)| Arc::weak_count(cache) > 0);
        let cache = Arc::new(ThreadCache::default());
        // The cache is listed before it is filled, so that no change can miss it.
        self.caches.lock().add(&cache);
        caches.push((self.id, cache));
        caches.len() - 1
    }

    /// Clears the caches of all threads. Waits for running matches to end.
    fn clear_caches(&self) {
        // The list is copied first. A thread holds the lock of its cache during a match, and other
        // threads must be able to add their caches in the meantime.
        let caches = self.caches.lock().live();
        for cache in caches {
            // The routes are dropped after unlocking, because freeing them takes a while.
            let _old = cache.lock().take();
        }
    }
}

impl ThreadCaches {
    /// Adds a thread's cache.
    fn add(&mut self, cache: &Arc<ThreadCache>) {
        if self.caches.len() >= self.prune_at {
            self.prune();
        }
        self.caches.push(Arc::downgrade(cache));
    }

    /// Returns the caches of all threads that have not ended.
    fn live(&mut self) -> Vec<Arc<ThreadCache>> {
        self.prune();
        self.caches.iter().filter_map(Weak::upgrade).collect()
    }

    /// Removes the caches of ended threads.
    fn prune(&mut self) {
        self.caches.retain(|cache| cache.strong_count() > 0);
        // Because the threshold is twice the remaining length, pruning takes amortised constant
        // time for each added cache.
        self.prune_at = (2 * self.caches.len()).max(16);
    }
}

impl Drop for RouteCache {
    fn drop(&mut self) {
        self.clear_caches();
    }
}

impl Guarded for ThreadCaches {
    const ORDER: LockOrder = LockOrder::ThreadCaches;
}

/// The content of a [`ThreadCache`].
impl Guarded for Option<Arc<SharedRoutes>> {
    const ORDER: LockOrder = LockOrder::ThreadCache;
}

/// The current routes.
impl Guarded for Arc<SharedRoutes> {
    const ORDER: LockOrder = LockOrder::Routes;
}

#[cfg(all(test, not(recohook_shuttle)))]
mod tests {
    use std::{
        sync::{Barrier, atomic::AtomicUsize},
        thread,
    };

    use super::*;

    #[test]
    fn no_thread_keeps_old_routes_alive() {
        let route_cache = RouteCache::new();
        route_cache.read(|_| ());
        let (read, done) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                route_cache.read(|_| ());
                read.wait();
                done.wait();
            });
            read.wait();
            let old = Arc::downgrade(&route_cache.current());
            let before = old.strong_count();
            route_cache.set(SharedRoutes::default());
            let after = old.strong_count();
            // The assertion comes only after the thread is allowed to end. If it failed earlier,
            // the scope would wait for the thread forever.
            done.wait();
            assert_eq!((before, after), (3, 0));
        });
        route_cache.read(|_| ());
        let last = Arc::downgrade(&route_cache.current());
        drop(route_cache);
        assert_eq!(last.strong_count(), 0);
    }

    #[test]
    fn caches_go_with_their_threads_and_with_their_route_cache() {
        let route_cache = RouteCache::new();
        for _ in 0..10 {
            // The thread is joined, because a scope does not wait until thread-local values have
            // been dropped.
            thread::scope(|scope| scope.spawn(|| route_cache.read(|_| ())).join())
                .expect("it ends");
            route_cache.set(SharedRoutes::default());
            assert_eq!(route_cache.caches.lock().caches.len(), 0);
        }
        thread::spawn(|| {
            for _ in 0..10 {
                RouteCache::new().read(|_| ());
            }
            CACHES.with_borrow(|caches| assert_eq!(caches.len(), 1));
        })
        .join()
        .expect("one cache is left, whose route cache is gone");
    }

    #[test]
    fn threads_that_come_and_go_leave_few_caches() {
        let route_cache = RouteCache::new();
        for _ in 0..200 {
            thread::scope(|scope| scope.spawn(|| route_cache.read(|_| ())).join())
                .expect("it ends");
            assert!(route_cache.caches.lock().caches.len() <= 16);
        }
    }

    /// Pruning visits every cache. It must happen often enough that few caches of ended threads
    /// remain, and rarely enough to be cheap.
    #[test]
    fn caches_of_ended_threads_are_pruned_now_and_then() {
        for live in [0, 1, 50] {
            let mut caches = ThreadCaches::default();
            let kept: Vec<_> = (0..live).map(|_| Arc::new(ThreadCache::default())).collect();
            kept.iter().for_each(|cache| caches.add(cache));
            let (mut looks, prune_at) = (0, (2 * live).max(16));
            for _ in 0..1000 {
                let before = caches.caches.len();
                caches.add(&Arc::new(ThreadCache::default()));
                looks += usize::from(caches.caches.len() <= before);
                assert!(caches.caches.len() <= prune_at, "{live} are in use");
            }
            let between = prune_at - live;
            assert!((1000 / between - 1..=1000 / between + 1).contains(&looks), "{looks} looks");
            assert_eq!(caches.live().len(), live);
            assert_eq!(caches.caches.len(), live, "the others are pruned");
        }
    }

    #[test]
    fn a_thread_reads_the_routes_of_each_notifier() {
        let (one, other) = (RouteCache::new(), RouteCache::new());
        let read = |route_cache: &RouteCache| {
            route_cache.read(|routes| std::ptr::from_ref(routes) as usize)
        };
        let before = (read(&one), read(&other));
        assert_ne!(before.0, before.1);
        assert_eq!((read(&one), read(&other)), before, "both are cached");
        let is_current = |route_cache: &RouteCache| {
            let current = route_cache.current();
            read(route_cache) == Arc::as_ptr(&current) as usize
        };
        one.set(SharedRoutes::default());
        assert!(is_current(&one) && is_current(&other));
        assert_eq!(read(&other), before.1, "a change of one does not affect the other");
        CACHES.with_borrow(|caches| {
            let own = caches.iter().filter(|(of, _)| [one.id, other.id].contains(of));
            assert_eq!(own.count(), 2, "a cache for each");
        });
    }

    /// Routes can still be read when the thread is ending and its thread-local values have been
    /// destroyed.
    #[test]
    fn a_thread_at_its_end_reads_too() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        struct Late(RouteCache);
        impl Drop for Late {
            fn drop(&mut self) {
                READ.fetch_add(self.0.read(|_| 1), Ordering::Relaxed);
            }
        }
        thread_local!(static LATE: RefCell<Option<Late>> = const { RefCell::new(None) });
        thread::spawn(|| {
            // One of the two thread-local values is dropped before the other.
            LATE.with_borrow_mut(|late| *late = Some(Late(RouteCache::new())));
            RouteCache::new().read(|_| ());
        })
        .join()
        .expect("the thread ends");
        assert_eq!(READ.load(Ordering::Relaxed), 1);
    }
}
