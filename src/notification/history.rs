use std::{collections::VecDeque, fmt, sync::Arc};

use crate::{
    base::sync::{Guarded, LockOrder, Mutex, MutexGuard},
    notification::Notification,
};

/// A bounded list of the most recent notifications, for hosts that show them.
///
/// If the history is full, each new notification replaces the oldest. A history is independent of
/// engines and notifiers. It keeps every notification that the host pushes, even if no webhook
/// matches it.
///
/// Threads share a history by reference or in an `Arc`. While the history's lock is held, none of
/// the host's code runs, not even [`kind`](Notification::kind) or a destructor.
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
/// `T` may be a trait object, so that a history can contain notifications of several types:
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
    /// The number of the first item. Items are numbered from 0 in the order in which they are
    /// pushed, so this is also the number of evicted items. A search may release the lock and take
    /// it again. It then continues by number, because positions may have changed in the meantime.
    first: u64,
}

/// The number of items that a search copies each time it takes the lock. This bounds the time that
/// a thread waits to push.
const CHUNK: usize = 64;

impl<T: Notification + ?Sized> History<T> {
    /// Creates a history of at most `capacity` notifications. With a capacity of 0, it keeps
    /// nothing.
    ///
    /// Memory is allocated as the history fills.
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
    /// The lock is held only while two pointers are moved. A notification that is not yet in an
    /// `Arc` is moved into one. If it is already in an `Arc` and the history is full, nothing is
    /// allocated.
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
        // The lock is released first, because the notification's destructor is the host's code.
        drop(ring);
        drop(evicted);
    }

    /// Returns at most `limit` notifications, newest first. If `kind` is given, returns only
    /// notifications of this [`kind`](Notification::kind).
    ///
    /// The lock is taken once for every 64 notifications, so that a long search does not hold up
    /// threads that push. Notifications that are pushed during the search are left out, and so are
    /// notifications that are evicted before the search reaches them. Without `kind`, the search
    /// looks at up to `limit` notifications. With `kind`, the search continues until it has found
    /// `limit` matches or passed the oldest notification.
    ///
    /// ```
    /// use recohook::{History, findface::security::Event};
    ///
    /// let history = History::new(1000);
    /// history.push(Event::new("42").camera(3));
    ///
    /// // To write JSON, collect references. Serde serializes an `Arc` only with its feature `rc`.
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
            // With a kind, the number of matches among the next items is unknown.
            let len = kind.map_or(limit - recent.len(), |_| CHUNK).min(CHUNK);
            end = Some(self.ring().read_before(end, len, &mut chunk));
            if chunk.is_empty() {
                // The search has passed the oldest item.
                break;
            }
            let matching = chunk.drain(..).filter(|one| kind.is_none_or(|kind| one.kind() == kind));
            recent.extend(matching.take(limit - recent.len()));
        }
        recent
    }

    /// Returns the maximum number of notifications that the history keeps.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the number of notifications in the history.
    pub fn len(&self) -> usize {
        self.ring().items.len()
    }

    /// Returns whether the history is empty.
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
    /// Adds an item. Returns the item that it replaces, which must be dropped after unlocking.
    fn push(&mut self, item: Arc<T>, capacity: usize) -> Option<Arc<T>> {
        let evicted = if self.items.len() == capacity { self.items.pop_front() } else { None };
        self.first += u64::from(evicted.is_some());
        self.items.push_back(item);
        evicted
    }

    /// Fills `chunk` with up to `len` items that directly precede number `end`, newest first.
    /// Returns the number of the oldest item that was copied. Pass this number as `end` to continue
    /// the search.
    fn read_before(&self, end: Option<u64>, len: usize, chunk: &mut Vec<Arc<T>>) -> u64 {
        let last = self.first + self.items.len() as u64;
        let end = end.unwrap_or(last).max(self.first);
        // The cast cannot truncate, because the result is at most the number of items.
        let left = (end - self.first) as usize;
        let start = left.saturating_sub(len);
        chunk.extend(self.items.range(start..left).rev().map(Arc::clone));
        self.first + start as u64
    }
}

impl<T: ?Sized> fmt::Debug for History<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The length is read before anything is written, because a formatter may run the host's
        // code, which must not happen under the lock.
        let len = self.ring().items.len();
        f.debug_struct("History")
            .field("capacity", &self.capacity)
            .field("len", &len)
            .finish_non_exhaustive()
    }
}
