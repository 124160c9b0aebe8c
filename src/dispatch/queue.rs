use std::{collections::VecDeque, sync::Arc};

use crate::{base::Moment, notification::Encoded};

/// What waits in a lane, oldest first.
///
/// The oldest is kept in the lane itself: one that never holds more allocates nothing, and an empty
/// one owns nothing.
#[derive(Debug, Default)]
pub(super) struct Queue {
    first: Option<QueuedItem>,
    /// Empty where there is no first one.
    more: VecDeque<QueuedItem>,
    bytes: usize,
}

#[derive(Debug)]
pub(super) struct QueuedItem {
    pub(super) item: Arc<Encoded>,
    pub(super) at: Moment,
    /// Its number at the webhook, whose lanes may share a moment.
    pub(super) number: u64,
}

impl Queue {
    pub(super) fn push(&mut self, entry: QueuedItem) {
        self.bytes += entry.item.body().len();
        if self.first.is_none() {
            self.first = Some(entry);
        } else {
            self.more.push_back(entry);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Arc<Encoded>> {
        let first = self.first.take()?;
        self.bytes -= first.item.body().len();
        self.first = self.more.pop_front();
        if self.more.is_empty() {
            self.more = VecDeque::new();
        }
        Some(first.item)
    }

    /// Takes out the oldest ones, as many as are asked for and there.
    pub(super) fn take(&mut self, count: usize) -> Vec<Arc<Encoded>> {
        let mut taken = Vec::with_capacity(count.min(self.len()));
        while taken.len() < count
            && let Some(item) = self.pop()
        {
            taken.push(item);
        }
        taken
    }

    pub(super) fn front(&self) -> Option<&QueuedItem> {
        self.first.as_ref()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &QueuedItem> {
        self.first.iter().chain(&self.more)
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Panics unless the notifications are in the order in which they came (invariant 9 of the
    /// [module](super)).
    pub(super) fn check_order(&self, now: Moment) {
        let entries = || self.iter().map(|entry| (entry.number, entry.at));
        let mut pairs = entries().zip(entries().skip(1));
        assert!(pairs.all(|(one, next)| one.0 < next.0 && one.1 <= next.1), "9: {self:?}");
        assert!(entries().all(|(_, at)| at <= now), "9: {self:?} is from the future");
        assert!(self.first.is_some() || self.more.is_empty(), "9: {self:?} has no first one");
        let bytes: usize = self.iter().map(|entry| entry.item.body().len()).sum();
        assert_eq!(self.bytes, bytes, "5: bytes of a queue");
    }

    /// The bytes of all texts in it.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
