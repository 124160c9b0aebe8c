//! The queue of a lane.

use std::{collections::VecDeque, sync::Arc};

use crate::{base::Moment, notification::Encoded};

/// The accepted notifications of a lane that are not in a batch yet, oldest first.
///
/// Notifications join at the back and leave from the front, either to form a batch or because they
/// are dropped. They never return, since a batch that is retried stays in its delivery.
// The oldest notification is stored in its own field. Therefore, adding a notification to an idle
// lane does not allocate, and the queue of an idle lane owns no memory. There may be hundreds of
// thousands of idle lanes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The oldest notification.
    first: Option<QueuedItem>,
    /// The other notifications. The list is empty if `first` is `None`.
    more: VecDeque<QueuedItem>,
    /// The total number of bytes in the bodies of all notifications.
    // This is kept up to date because every change to the schedule checks whether a batch is full.
    bytes: usize,
}

/// A notification in a queue.
#[derive(Debug)]
pub(super) struct QueuedItem {
    pub(super) item: Arc<Encoded>,
    /// When the notification was accepted. Its linger starts at this moment.
    pub(super) at: Moment,
    /// The notification's number among all notifications that the webhook has accepted, starting at
    /// 1.
    // The moment cannot be used to order the notifications of several lanes, since many of them may
    // be accepted at the same moment.
    pub(super) number: u64,
}

impl Queue {
    /// Adds a notification to the back.
    pub(super) fn push(&mut self, entry: QueuedItem) {
        self.bytes += entry.item.body().len();
        if self.first.is_none() {
            self.first = Some(entry);
        } else {
            self.more.push_back(entry);
        }
    }

    /// Removes and returns the oldest notification.
    pub(super) fn pop(&mut self) -> Option<Arc<Encoded>> {
        let first = self.first.take()?;
        self.bytes -= first.item.body().len();
        self.first = self.more.pop_front();
        if self.more.is_empty() {
            // This frees the memory, since a lane that was busy once must not keep it forever.
            self.more = VecDeque::new();
        }
        Some(first.item)
    }

    /// Removes and returns the oldest `count` notifications, or all of them if there are fewer.
    pub(super) fn take(&mut self, count: usize) -> Vec<Arc<Encoded>> {
        let mut taken = Vec::with_capacity(count.min(self.len()));
        while taken.len() < count
            && let Some(item) = self.pop()
        {
            taken.push(item);
        }
        taken
    }

    /// Returns the oldest notification.
    pub(super) fn front(&self) -> Option<&QueuedItem> {
        self.first.as_ref()
    }

    /// Returns an iterator over the notifications, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &QueuedItem> {
        self.first.iter().chain(&self.more)
    }

    /// Returns the number of notifications.
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    /// Returns whether there are no notifications.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Asserts that the notifications are in the order in which they were accepted (invariant 9 of
    /// the [module](super)) and that the number of bytes is correct (invariant 5).
    pub(super) fn check_order(&self, now: Moment) {
        let entries = || self.iter().map(|entry| (entry.number, entry.at));
        let mut pairs = entries().zip(entries().skip(1));
        assert!(pairs.all(|(one, next)| one.0 < next.0 && one.1 <= next.1), "9: {self:?}");
        assert!(entries().all(|(_, at)| at <= now), "9: {self:?} is from the future");
        assert!(
            self.first.is_some() || self.more.is_empty(),
            "9: {self:?} has no first notification"
        );
        let bytes: usize = self.iter().map(|entry| entry.item.body().len()).sum();
        assert_eq!(self.bytes, bytes, "5: bytes of a queue");
    }

    /// Returns the total number of bytes in the bodies of all notifications.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
