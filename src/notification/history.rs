use std::{collections::VecDeque, fmt, sync::Arc};

use crate::{
    base::sync::{Guarded, LockOrder, Mutex, MutexGuard},
    notification::Notification,
};

/// The most recent notifications, for hosts that show them: a ring of so many, the oldest of which
/// makes room for the newest.
///
/// It stands beside the notifier and keeps what it is given, whether any webhook wants it or not.
/// Threads share it by reference or in an `Arc`. Nothing of the host runs under its lock: no
/// [`kind`](Notification::kind), and no drop.
///
/// ```
/// use recohook::findface::security::{CounterRecord, Event, AnyNotification};
/// use recohook::{History, Notification};
///
/// let history = History::new(1000);
/// for id in ["1", "2", "3"] {
///     history.push(AnyNotification::from(Event::new(id)));
/// }
/// history.push(AnyNotification::from(CounterRecord::new(7)));
/// let events = history.recent(2, Some("event_created"));
/// assert!(events.iter().map(|notice| notice.id()).eq(["3", "2"]));
/// assert_eq!(history.recent(1, None)[0].id(), "7");
/// ```
pub struct History<T: ?Sized> {
    capacity: usize,
    ring: Mutex<HistoryRing<T>>,
}

struct HistoryRing<T: ?Sized> {
    items: VecDeque<Arc<T>>,
    /// How many were evicted: the number of the first item, as they count from 0.
    first: u64,
}

/// How many items one hold of the lock hands out at most.
const CHUNK: usize = 64;

impl<T: Notification + ?Sized> History<T> {
    /// A history of at most `capacity` notifications; one of 0 keeps nothing. Memory is taken as
    /// it fills.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, ring: Mutex::new(HistoryRing { items: VecDeque::new(), first: 0 }) }
    }

    /// Keeps a notification, in place of the oldest where the history is full.
    ///
    /// It moves a pointer or two under a short lock. Given an `Arc`, a full history allocates
    /// nothing.
    pub fn push(&self, notification: impl Into<Arc<T>>) {
        let notification = notification.into();
        if self.capacity == 0 {
            return;
        }
        let mut ring = self.ring();
        let evicted = ring.push(notification, self.capacity);
        drop(ring);
        drop(evicted);
    }

    /// At most `limit` notifications, the newest first; with `kind`, those of this
    /// [`kind`](Notification::kind) alone.
    ///
    /// It looks at no more than it must: `limit` of them, or with `kind` all down to the last one
    /// wanted. They are handed out a few at a time, so that a long search holds up nobody who
    /// pushes. What is pushed meanwhile is left out, and so is what is evicted before the search
    /// reaches it.
    ///
    /// To write them as JSON, collect references (`recent.iter().map(AsRef::as_ref)`): serde
    /// writes an `Arc` only with its feature `rc`.
    pub fn recent(&self, limit: usize, kind: Option<&str>) -> Vec<Arc<T>> {
        let mut recent = Vec::new();
        let mut chunk = Vec::new();
        let mut end = None;
        while recent.len() < limit {
            let len = kind.map_or(limit - recent.len(), |_| CHUNK).min(CHUNK);
            end = Some(self.ring().read_before(end, len, &mut chunk));
            if chunk.is_empty() {
                break;
            }
            let matching = chunk.drain(..).filter(|one| kind.is_none_or(|kind| one.kind() == kind));
            recent.extend(matching.take(limit - recent.len()));
        }
        recent
    }

    /// How many it keeps at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many it keeps now.
    pub fn len(&self) -> usize {
        self.ring().items.len()
    }

    /// Whether it keeps none.
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
    /// Adds an item; what must go for it is for the caller to drop.
    fn push(&mut self, item: Arc<T>, capacity: usize) -> Option<Arc<T>> {
        let evicted = if self.items.len() == capacity { self.items.pop_front() } else { None };
        self.first += u64::from(evicted.is_some());
        self.items.push_back(item);
        evicted
    }

    /// Puts at most `len` items before number `end` into `chunk`, the newest first, and returns
    /// the number of the last of them.
    fn read_before(&self, end: Option<u64>, len: usize, chunk: &mut Vec<Arc<T>>) -> u64 {
        let last = self.first + self.items.len() as u64;
        let end = end.unwrap_or(last).max(self.first);
        // As many as are left before the end: it is at most the number of items.
        let left = (end - self.first) as usize;
        let start = left.saturating_sub(len);
        chunk.extend(self.items.range(start..left).rev().map(Arc::clone));
        self.first + start as u64
    }
}

impl<T: ?Sized> fmt::Debug for History<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Counted first: the formatter writes to the host's code, with no lock held.
        let len = self.ring().items.len();
        f.debug_struct("History")
            .field("capacity", &self.capacity)
            .field("len", &len)
            .finish_non_exhaustive()
    }
}
