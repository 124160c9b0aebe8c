use std::{
    cell::RefCell,
    sync::{
        Arc,
        Weak,
        // Of std in every build: it outlives the schedules of an interleaving test.
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    base::sync::{Guarded, LockOrder, Mutex, thread_local},
    engine::SharedRoutes,
};

/// The routes, as many threads read them while they change now and then.
///
/// Each thread keeps what it read last in a place of its own, behind a lock that nobody else takes
/// but who changes the routes: readers share nothing that is written to. A change empties all
/// places, so that no thread which reads no more keeps old routes alive.
#[derive(Debug)]
pub(super) struct Readers {
    number: u64,
    current: Mutex<Arc<SharedRoutes>>,
    places: Mutex<Places>,
}

/// The places of all threads.
#[derive(Debug, Default)]
struct Places {
    places: Vec<Weak<Place>>,
    /// With more, those of threads that have ended are looked for.
    most: usize,
}

type Place = Mutex<Option<Arc<SharedRoutes>>>;

thread_local! {
    /// This thread's places, each with the number of its readers.
    static PLACES: RefCell<Vec<(u64, Arc<Place>)>> = const { RefCell::new(Vec::new()) };
}

impl Readers {
    pub(super) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self {
            number: LAST.fetch_add(1, Ordering::Relaxed),
            current: Mutex::default(),
            places: Mutex::default(),
        }
    }

    /// Reads the routes. `read` must not read others, nor run what is the host's.
    pub(super) fn read<R>(&self, read: impl FnOnce(&SharedRoutes) -> R) -> R {
        let mut read = Some(read);
        let kept = PLACES.try_with(|places| {
            let read = read.take()?;
            let mut places = places.borrow_mut();
            let known = places.iter().position(|(number, _)| *number == self.number);
            let at = known.unwrap_or_else(|| self.join(&mut places));
            let mut place = places[at].1.lock();
            Some(read(place.get_or_insert_with(|| self.current())))
        });
        // At the end of a thread its places are gone.
        let kept = kept.ok().flatten();
        kept.unwrap_or_else(|| read.take().map(|read| read(&self.current())).expect("not taken"))
    }

    /// Lets all who read from now on read these.
    pub(super) fn set(&self, routes: SharedRoutes) {
        let old = std::mem::replace(&mut *self.current.lock(), Arc::new(routes));
        self.empty_places();
        drop(old);
    }

    fn current(&self) -> Arc<SharedRoutes> {
        Arc::clone(&self.current.lock())
    }

    /// Makes a place for this thread.
    fn join(&self, places: &mut Vec<(u64, Arc<Place>)>) -> usize {
        // Where nobody would empty a place any more, its readers are gone.
        places.retain(|(_, place)| Arc::weak_count(place) > 0);
        let place = Arc::new(Place::default());
        self.places.lock().add(&place);
        places.push((self.number, place));
        places.len() - 1
    }

    fn empty_places(&self) {
        // Taken out first: a thread may hold its place for as long as a match takes.
        let places = self.places.lock().living();
        for place in places {
            // Dropped once the lock is free again.
            let _old = place.lock().take();
        }
    }
}

impl Places {
    fn add(&mut self, place: &Arc<Place>) {
        if self.places.len() >= self.most {
            self.forget_the_dead();
        }
        self.places.push(Arc::downgrade(place));
    }

    fn living(&mut self) -> Vec<Arc<Place>> {
        self.forget_the_dead();
        self.places.iter().filter_map(Weak::upgrade).collect()
    }

    fn forget_the_dead(&mut self) {
        self.places.retain(|place| place.strong_count() > 0);
        self.most = (2 * self.places.len()).max(16);
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.empty_places();
    }
}

impl Guarded for Places {
    const ORDER: LockOrder = LockOrder::ThreadCaches;
}

/// What a [`Place`] holds.
impl Guarded for Option<Arc<SharedRoutes>> {
    const ORDER: LockOrder = LockOrder::ThreadCache;
}

/// Those that are current.
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
        let readers = Readers::new();
        readers.read(|_| ());
        let (read, done) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                readers.read(|_| ());
                read.wait();
                done.wait();
            });
            read.wait();
            let old = Arc::downgrade(&readers.current());
            let before = old.strong_count();
            readers.set(SharedRoutes::default());
            let after = old.strong_count();
            // Asserted only once the thread can end, since a failure waits for it.
            done.wait();
            assert_eq!((before, after), (3, 0));
        });
        readers.read(|_| ());
        let last = Arc::downgrade(&readers.current());
        drop(readers);
        assert_eq!(last.strong_count(), 0);
    }

    #[test]
    fn places_go_with_their_threads_and_with_their_readers() {
        let readers = Readers::new();
        for _ in 0..10 {
            // Joined, since a scope does not wait for a thread's own values to be dropped.
            thread::scope(|scope| scope.spawn(|| readers.read(|_| ())).join()).expect("it ends");
            readers.set(SharedRoutes::default());
            assert_eq!(readers.places.lock().places.len(), 0);
        }
        thread::spawn(|| {
            for _ in 0..10 {
                Readers::new().read(|_| ());
            }
            PLACES.with_borrow(|places| assert_eq!(places.len(), 1));
        })
        .join()
        .expect("one place is left, of readers that are gone");
    }

    #[test]
    fn threads_that_come_and_go_leave_few_places() {
        let readers = Readers::new();
        for _ in 0..200 {
            thread::scope(|scope| scope.spawn(|| readers.read(|_| ())).join()).expect("it ends");
            assert!(readers.places.lock().places.len() <= 16);
        }
    }

    /// Looking for the places of ended threads costs a look at each place. It is done often enough
    /// that they never outnumber those in use by much, and seldom enough to be cheap.
    #[test]
    fn places_of_ended_threads_are_looked_for_now_and_then() {
        for living in [0, 1, 50] {
            let mut places = Places::default();
            let kept: Vec<_> = (0..living).map(|_| Arc::new(Place::default())).collect();
            kept.iter().for_each(|place| places.add(place));
            let (mut looks, most) = (0, (2 * living).max(16));
            for _ in 0..1000 {
                let before = places.places.len();
                places.add(&Arc::new(Place::default()));
                looks += usize::from(places.places.len() <= before);
                assert!(places.places.len() <= most, "{living} are in use");
            }
            let between = most - living;
            assert!((1000 / between - 1..=1000 / between + 1).contains(&looks), "{looks} looks");
            assert_eq!(places.living().len(), living);
            assert_eq!(places.places.len(), living, "the others are forgotten");
        }
    }

    #[test]
    fn a_thread_reads_the_routes_of_each_notifier() {
        let (one, other) = (Readers::new(), Readers::new());
        let read = |readers: &Readers| readers.read(|routes| std::ptr::from_ref(routes) as usize);
        let before = (read(&one), read(&other));
        assert_ne!(before.0, before.1);
        assert_eq!((read(&one), read(&other)), before, "they are kept");
        let is_current = |readers: &Readers| {
            let current = readers.current();
            read(readers) == Arc::as_ptr(&current) as usize
        };
        one.set(SharedRoutes::default());
        assert!(is_current(&one) && is_current(&other));
        assert_eq!(read(&other), before.1, "a change of one is none of the other");
        PLACES.with_borrow(|places| {
            let own = places.iter().filter(|(of, _)| [one.number, other.number].contains(of));
            assert_eq!(own.count(), 2, "a place for each");
        });
    }

    /// At the end of a thread, thread-local values are gone.
    #[test]
    fn a_thread_at_its_end_reads_too() {
        static READ: AtomicUsize = AtomicUsize::new(0);
        struct Late(Readers);
        impl Drop for Late {
            fn drop(&mut self) {
                READ.fetch_add(self.0.read(|_| 1), Ordering::Relaxed);
            }
        }
        thread_local!(static LATE: RefCell<Option<Late>> = const { RefCell::new(None) });
        thread::spawn(|| {
            // Made in either order: one of the two is gone before the other.
            LATE.with_borrow_mut(|late| *late = Some(Late(Readers::new())));
            Readers::new().read(|_| ());
        })
        .join()
        .expect("the thread ends");
        assert_eq!(READ.load(Ordering::Relaxed), 1);
    }
}
