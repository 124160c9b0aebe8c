//! The queue of a lane.

use std::{collections::VecDeque, sync::Arc};

use crate::{base::Moment, notification::Encoded};

/// The accepted notifications of a lane that are in no batch yet, oldest first.
///
/// Notifications join at the back and leave from the front, into a batch or because they are
/// dropped. Nothing returns: a batch that is retried stays in its delivery.
// The oldest notification has a field of its own. So queueing for an idle lane allocates nothing,
// and an idle lane owns no memory. There may be hundreds of thousands of idle lanes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The oldest notification.
    first: Option<QueuedItem>,
    /// The others. Empty if `first` is `None`.
    more: VecDeque<QueuedItem>,
    /// The sum of the body bytes of all of them.
    // Kept up to date, since each change of the schedule asks whether a batch is full.
    bytes: usize,
}

/// A notification in a queue.
#[derive(Debug)]
pub(super) struct QueuedItem {
    pub(super) item: Arc<Encoded>,
    /// When it was accepted. Its linger counts from here.
    pub(super) at: Moment,
    /// Its number among all notifications that the webhook has accepted, from 1.
    // The moment does not order the notifications of several lanes: many may be accepted at one
    // moment.
    pub(super) number: u64,
}

impl Queue {
    /// Adds a notification at the back.
    pub(super) fn push(&mut self, entry: QueuedItem) {
        self.bytes += entry.item.body().len();
        if self.first.is_none() {
            self.first = Some(entry);
        } else {
            self.more.push_back(entry);
        }
    }

    /// Removes the oldest notification and returns it.
    pub(super) fn pop(&mut self) -> Option<Arc<Encoded>> {
        let first = self.first.take()?;
        self.bytes -= first.item.body().len();
        self.first = self.more.pop_front();
        if self.more.is_empty() {
            // Frees the memory: a lane that was busy once must not keep it for ever.
            self.more = VecDeque::new();
        }
        Some(first.item)
    }

    /// Removes the oldest `count` notifications, or all if there are fewer, and returns them.
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

    /// Returns the notifications, oldest first.
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
    /// the [module](super)), and that the bytes are right (invariant 5).
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

    /// Returns the sum of the body bytes of all notifications.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
