use std::{collections::VecDeque, fmt, sync::Arc};

use crate::{
    base::sync::{Guarded, LockOrder, Mutex, MutexGuard},
    notification::Notification,
};

/// A bounded list of the most recent notifications, for hosts that show them.
///
/// If it is full, each new notification replaces the oldest. It is independent of engines and
/// notifiers: it keeps what the host pushes, whether any webhook wants it or not.
///
/// Threads share it by reference or in an `Arc`. No code of the host runs while its lock is held:
/// neither [`kind`](Notification::kind) nor a destructor.
///
/// ```
/// use recohook::findface::security::{AnyNotification, CounterRecord, Event};
/// use recohook::{History, Notification};
///
/// let history = History::new(1000);
/// for id in ["1", "2", "3"] {
///     history.push(AnyNotification::from(Event::new(id)));
/// }
/// history.push(AnyNotification::from(CounterRecord::new(7)));
///
/// let events = history.recent(2, Some("event_created"));
/// assert!(events.iter().map(|event| event.id()).eq(["3", "2"]));
/// assert_eq!(history.recent(1, None)[0].id(), "7");
/// ```
///
/// `T` may be a trait object, for notifications of several types:
///
/// ```
/// use recohook::findface::{lite, security};
/// use recohook::{History, Notification};
///
/// let history: History<dyn Notification + Send + Sync> = History::new(1000);
/// let events: [Box<dyn Notification + Send + Sync>; 2] = [
///     Box::new(security::Event::new("1")),
///     Box::new(lite::Event::new(2, lite::EventType::Face)),
/// ];
/// events.into_iter().for_each(|event| history.push(event));
/// assert_eq!(history.recent(1, None)[0].id(), "2");
/// ```
pub struct History<T: ?Sized> {
    capacity: usize,
    ring: Mutex<HistoryRing<T>>,
}

struct HistoryRing<T: ?Sized> {
    items: VecDeque<Arc<T>>,
    /// The number of the first item. Items are numbered from 0 in the order in which they were
    /// pushed, so this is also how many were evicted. A search continues by number: positions
    /// change while it is not under the lock.
    first: u64,
}

/// The number of items that a search copies each time it takes the lock. It bounds how long a
/// thread that pushes waits.
const CHUNK: usize = 64;

impl<T: Notification + ?Sized> History<T> {
    /// Creates a history of at most `capacity` notifications. With a capacity of 0 it keeps
    /// nothing.
    ///
    /// Memory is allocated while it fills.
    ///
    /// ```
    /// use recohook::{History, findface::security::Event};
    ///
    /// let history = History::<Event>::new(2);
    /// for id in ["1", "2", "3"] {
    ///     history.push(Event::new(id));
    /// }
    /// assert_eq!(history.len(), 2);
    /// ```
    pub fn new(capacity: usize) -> Self {
        Self { capacity, ring: Mutex::new(HistoryRing { items: VecDeque::new(), first: 0 }) }
    }

    /// Adds a notification. If the history is full, removes the oldest.
    ///
    /// The lock is held for a move of two pointers. A notification that is not in an `Arc` already
    /// is moved into one. With an `Arc`, a full history does not allocate.
    ///
    /// ```
    /// use recohook::{History, findface::security::Event};
    /// use std::sync::Arc;
    ///
    /// let history = History::new(1000);
    /// let event = Arc::new(Event::new("42"));
    /// history.push(Arc::clone(&event));
    /// // Publish the same event: `notifier.publish(&event)?`.
    /// assert!(Arc::ptr_eq(&history.recent(1, None)[0], &event));
    /// ```
    pub fn push(&self, notification: impl Into<Arc<T>>) {
        let notification = notification.into();
        if self.capacity == 0 {
            return;
        }
        let mut ring = self.ring();
        let evicted = ring.push(notification, self.capacity);
        // In this order: the destructor of the notification is the host's code.
        drop(ring);
        drop(evicted);
    }

    /// Returns at most `limit` notifications, the newest first. With `kind`, it returns only
    /// notifications of this [`kind`](Notification::kind).
    ///
    /// It takes the lock once for every 64 notifications, so that a long search does not hold up
    /// threads that push. Notifications that are pushed meanwhile are left out, and so are those
    /// that are evicted before the search reaches them. Without `kind` it looks at `limit`
    /// notifications. With `kind` it looks at as many as it takes to find `limit`, at most all.
    ///
    /// ```
    /// use recohook::{History, findface::security::Event};
    ///
    /// let history = History::new(1000);
    /// history.push(Event::new("42").camera(3));
    ///
    /// // As JSON: collect references, because serde writes an `Arc` only with its feature `rc`.
    /// let recent = history.recent(10, None);
    /// let events: Vec<&Event> = recent.iter().map(AsRef::as_ref).collect();
    /// assert!(serde_json::to_string(&events)?.contains(r#""camera":3"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn recent(&self, limit: usize, kind: Option<&str>) -> Vec<Arc<T>> {
        let mut recent = Vec::new();
        let mut chunk = Vec::new();
        let mut end = None;
        while recent.len() < limit {
            // With a kind it is unknown how many of the next items match.
            let len = kind.map_or(limit - recent.len(), |_| CHUNK).min(CHUNK);
            end = Some(self.ring().read_before(end, len, &mut chunk));
            if chunk.is_empty() {
                // The search has reached the oldest.
                break;
            }
            let matching = chunk.drain(..).filter(|one| kind.is_none_or(|kind| one.kind() == kind));
            recent.extend(matching.take(limit - recent.len()));
        }
        recent
    }

    /// Returns the number of notifications that it keeps at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the number of notifications that it keeps now.
    pub fn len(&self) -> usize {
        self.ring().items.len()
    }

    /// Returns whether it keeps none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: ?Sized> History<T> {
    fn ring(&self) -> MutexGuard<'_, HistoryRing<T>> {
        self.ring.lock()
    }
}

impl<T: ?Sized> Guarded for HistoryRing<T> {
    const ORDER: LockOrder = LockOrder::History;
}

impl<T: ?Sized> HistoryRing<T> {
    /// Adds an item. Returns the item that it replaces, to be dropped after unlocking.
    fn push(&mut self, item: Arc<T>, capacity: usize) -> Option<Arc<T>> {
        let evicted = if self.items.len() == capacity { self.items.pop_front() } else { None };
        self.first += u64::from(evicted.is_some());
        self.items.push_back(item);
        evicted
    }

    /// Copies at most `len` items before number `end` to `chunk`, the newest first. Returns the
    /// number of the oldest that it copied, where the next call continues.
    fn read_before(&self, end: Option<u64>, len: usize, chunk: &mut Vec<Arc<T>>) -> u64 {
        let last = self.first + self.items.len() as u64;
        let end = end.unwrap_or(last).max(self.first);
        // The cast fits: it is at most the number of items.
        let left = (end - self.first) as usize;
        let start = left.saturating_sub(len);
        chunk.extend(self.items.range(start..left).rev().map(Arc::clone));
        self.first + start as u64
    }
}

impl<T: ?Sized> fmt::Debug for History<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Read before anything is written: a formatter may run the host's code, which must not
        // happen under the lock.
        let len = self.ring().items.len();
        f.debug_struct("History")
            .field("capacity", &self.capacity)
            .field("len", &len)
            .finish_non_exhaustive()
    }
}
