//! A lane: the FIFO of one webhook and topic.
//!
//! A notification passes through a lane in two stages. First it is in the *queue*. Then
//! [`Lane::cut`] moves it into a batch, and it is in an [`ActiveDelivery`] until the delivery is
//! settled. A retry does not change its position: the delivery only changes its state.
//!
//! ```text
//!          push         cut                    remove
//! publish ─────▶ queue ─────▶ active deliveries ─────▶ delivered, dead or dropped
//!                  │            InFlight ⇄ Waiting
//!                  └──▶ dropped
//!             pop, clear
//! ```
//!
//! A lane numbers its notifications from 1 in the order in which it accepts them. The numbers need
//! not be stored with each notification: the queue holds the last ones, and each delivery knows the
//! number of its first member. Flushes are expressed in these numbers.

use std::sync::Arc;

use super::{
    AttemptId, Batch, WebhookKey,
    outcome::Failure,
    queue::{Queue, QueuedItem},
    schedule::Position,
};
use crate::{
    attribute::Schema,
    base::Moment,
    notification::Encoded,
    policy::{Attempts, Batching},
};

/// The FIFO of one webhook and topic: its queue and its active deliveries.
#[derive(Debug)]
pub(super) struct Lane {
    /// The webhook that lists this lane.
    pub(super) webhook: WebhookKey,
    /// The schema of the topic.
    pub(super) schema: &'static Schema,
    queue: Queue,
    /// How many notifications the lane has ever accepted. This is also the number of the last one.
    accepted: u64,
    /// The number of the last notification that a flush covers. Up to this number, notifications
    /// do not linger.
    flush_to: u64,
    /// The deliveries that are not settled, in the order in which they were cut.
    // There are at most as many as the policy's `max_in_flight_batches` allowed when they were cut,
    // which is 1 by default. So a search through a vector is cheaper than a map.
    pub(super) active: Vec<ActiveDelivery>,
    /// The lane's position in the schedule.
    // It is kept here, so that the schedule needs no map from lanes to positions.
    pub(super) position: Position,
    /// The lane's index in the list of the lanes that are not idle, or `None` if it is idle.
    pub(super) pending_at: Option<u32>,
}

/// A delivery that is not settled: its batch is cut, and is neither delivered, dead nor dropped.
#[derive(Debug)]
pub(super) struct ActiveDelivery {
    /// The number of the batch, over all lanes. It is the same in all attempts, and makes the
    /// delivery id.
    pub(super) sequence: u64,
    pub(super) batch: Arc<Batch>,
    /// The lane's number of the first member.
    first: u64,
    /// The number of attempts that count. If one is in flight, it is included, and this is its
    /// number. Abandoned attempts do not count.
    pub(super) attempt: u32,
    /// How often the delivery was handed out, abandoned attempts included.
    // `attempt` cannot identify an attempt, since the one that follows an abandoned attempt has
    // the same number. The outcome of the first would settle the second.
    pub(super) lease: u32,
    /// Why the last attempt that counts failed. It becomes the reason of the dead letter if an
    /// update of the policy ends the delivery while it waits.
    pub(super) failure: Option<Failure>,
    pub(super) state: DeliveryState,
}

/// Whether an attempt of a delivery is being made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DeliveryState {
    /// An attempt was handed out, and its outcome is not recorded yet.
    InFlight,
    /// The next attempt is due at this moment. It may be made later, for instance because the
    /// webhook is paused or blocked.
    Waiting(Moment),
}

impl Lane {
    /// Creates an empty lane.
    pub(super) fn new(webhook: WebhookKey, schema: &'static Schema) -> Self {
        Self {
            webhook,
            schema,
            queue: Queue::default(),
            accepted: 0,
            flush_to: 0,
            active: Vec::new(),
            position: Position::Unscheduled,
            pending_at: None,
        }
    }

    /// Reads a field at each end of the lane, to pull both ends into the processor's cache.
    pub(super) fn touch(&self) -> u64 {
        self.accepted ^ self.queue.len() as u64 ^ self.active.len() as u64
    }

    /// Adds a notification at the back of the queue. `number` is its number at the webhook.
    pub(super) fn push(&mut self, item: Arc<Encoded>, at: Moment, number: u64) {
        self.accepted += 1;
        self.queue.push(QueuedItem { item, at, number });
    }

    /// Removes the oldest queued notification and returns it.
    ///
    /// # Panics
    /// Panics if the queue is empty.
    pub(super) fn pop(&mut self) -> Arc<Encoded> {
        self.queue.pop().expect("the queue is not empty")
    }

    /// Removes all queued notifications and returns them.
    pub(super) fn clear(&mut self) -> Vec<Arc<Encoded>> {
        self.queue.take(self.queue.len())
    }

    /// Cuts the next batch: moves the oldest queued notifications into a new delivery. Returns the
    /// index of the delivery in `active`.
    ///
    /// The batch takes notifications until it has `max_items`, or the next one would exceed
    /// `max_bytes`. It always takes the first, however large that is: otherwise a large
    /// notification would block the lane for ever.
    ///
    /// `sequence` is the number of the batch. The queue must not be empty.
    pub(super) fn cut(&mut self, policy: &Batching, sequence: u64) -> usize {
        let first = self.left_queue() + 1;
        // Counted before anything moves, so that the batch is allocated once, at its exact size.
        let (mut count, mut bytes) = (0, 0_usize);
        for entry in self.queue.iter().take(policy.max_items()) {
            bytes = bytes.saturating_add(entry.item.body().len());
            if count > 0 && bytes > policy.max_bytes() {
                break;
            }
            count += 1;
        }
        let batch = match count {
            1 => Batch::one(self.pop()),
            _ => Batch::new(self.queue.take(count)),
        };
        debug_assert!(!batch.is_empty(), "a batch is cut from an empty queue");
        if self.active.is_empty() {
            // Usually this is the only one. `push` alone would reserve memory for several.
            self.active.reserve_exact(1);
        }
        self.active.push(ActiveDelivery {
            sequence,
            batch: Arc::new(batch),
            first,
            attempt: 0,
            lease: 0,
            failure: None,
            // Only until `start_attempt` hands the delivery out, within the same call.
            state: DeliveryState::Waiting(Moment::ZERO),
        });
        self.active.len() - 1
    }

    /// Returns the moment from which the next batch may be cut, or `None` if the queue is empty.
    ///
    /// A batch that is full or flushed may be cut at once. Any other lingers: it may be cut when
    /// its oldest member has waited for the policy's `linger`.
    pub(super) fn cut_at(&self, policy: &Batching) -> Option<Moment> {
        let oldest = self.queue.front()?;
        let full =
            self.queue.len() >= policy.max_items() || self.queue.bytes() >= policy.max_bytes();
        let flushed = self.left_queue() < self.flush_to;
        // If it need not linger, any moment that has passed will do.
        Some(if full || flushed { oldest.at } else { oldest.at + policy.linger() })
    }

    /// Returns the index of the delivery whose attempt with this id is in flight, or `None` if the
    /// attempt is settled.
    pub(super) fn in_flight(&self, id: AttemptId) -> Option<usize> {
        self.active.iter().position(|one| {
            (one.sequence, one.lease, one.state) == (id.sequence, id.lease, DeliveryState::InFlight)
        })
    }

    /// Returns the waiting delivery whose next attempt is due first: its index, and when that is.
    ///
    /// If several are due at the same moment, it is the one that was cut first.
    pub(super) fn next_retry(&self) -> Option<(usize, Moment)> {
        let waiting = self.active.iter().enumerate().filter_map(|(at, one)| match one.state {
            DeliveryState::Waiting(due) => Some((at, due)),
            DeliveryState::InFlight => None,
        });
        waiting.min_by_key(|(at, due)| (*due, *at))
    }

    /// Returns a delivery that waits for an attempt that `attempts` does not allow: its index, how
    /// many attempts of it have failed, and why the last one did.
    pub(super) fn exhausted(&self, attempts: Attempts) -> Option<(usize, u32, Failure)> {
        self.active.iter().enumerate().find_map(|(at, one)| {
            let waits = matches!(one.state, DeliveryState::Waiting(_));
            let over = !attempts.allows(one.attempt.saturating_add(1));
            // Without a failure, no attempt has counted, and the first one is always allowed.
            let failure = one.failure.as_ref().filter(|_| waits && over)?;
            Some((at, one.attempt, failure.clone()))
        })
    }

    /// Lets everything that is queued now skip its linger. Returns the number of the last accepted
    /// notification, up to which a flush waits.
    pub(super) fn flush(&mut self) -> u64 {
        self.flush_to = self.accepted;
        self.accepted
    }

    /// Returns the number up to which all notifications are settled.
    ///
    /// Later ones may be settled, too, if several batches are in flight at a time. They count
    /// once everything before them is settled.
    pub(super) fn settled_through(&self) -> u64 {
        // Everything before the first member of the oldest delivery, or before the queue.
        let active = self.active.iter().map(|one| one.first - 1).min();
        active.unwrap_or(u64::MAX).min(self.left_queue())
    }

    /// Returns the number of queued notifications.
    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Returns the body bytes of the queued notifications.
    pub(super) fn queued_bytes(&self) -> usize {
        self.queue.bytes()
    }

    /// Returns the number of the oldest queued notification, among all that the webhook has
    /// accepted.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.queue.front().map(|entry| entry.number)
    }

    /// Returns whether the lane holds nothing, neither queued nor in a delivery.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.active.is_empty()
    }

    /// Removes the delivery at the index `at` and returns it.
    pub(super) fn remove(&mut self, at: usize) -> ActiveDelivery {
        let one = self.active.remove(at);
        if self.is_idle() {
            // An idle lane owns no memory: there may be hundreds of thousands.
            self.active = Vec::new();
        }
        one
    }

    /// Returns the number of notifications in the lane, queued and in deliveries.
    pub(super) fn pending(&self) -> usize {
        self.queue.len() + self.active.iter().map(|one| one.batch.len()).sum::<usize>()
    }

    /// Returns the body bytes of the notifications in the lane.
    pub(super) fn pending_bytes(&self) -> usize {
        self.queue.bytes() + self.active.iter().map(|one| one.batch.bytes()).sum::<usize>()
    }

    /// Returns whether a flush can wait for this number: it was accepted, and a notification up to
    /// it is not settled.
    pub(super) fn waits_for(&self, number: u64) -> bool {
        self.settled_through() < number && number <= self.accepted
    }

    /// Asserts that everything in the lane is in order (invariant 9 of the [module](super)) and that
    /// its deliveries record their failures (invariant 10).
    ///
    /// `sequence` is the number of the last batch that was cut.
    pub(super) fn check_order(&self, sequence: u64, now: Moment) {
        let (mut last_sequence, mut last) = (0, 0);
        for one in &self.active {
            assert!(last_sequence < one.sequence && last < one.first, "9: {one:?} is out of order");
            (last_sequence, last) = (one.sequence, one.first + one.batch.len() as u64 - 1);
            match one.state {
                DeliveryState::InFlight => {
                    assert!(one.attempt > 0, "10: no attempt of {one:?} counts")
                }
                DeliveryState::Waiting(_) => {
                    assert_eq!(one.attempt > 0, one.failure.is_some(), "10: {one:?}");
                }
            }
        }
        assert!(last_sequence <= sequence, "9: {last_sequence} was never cut");
        assert!(last <= self.left_queue() && self.flush_to <= self.accepted, "9: {self:?}");
        self.queue.check_order(now);
    }

    /// Returns the number of the last notification that has left the queue.
    fn left_queue(&self) -> u64 {
        self.accepted - self.queue.len() as u64
    }
}
