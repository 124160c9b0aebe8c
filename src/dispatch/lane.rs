//! Lanes, each of which is the FIFO for one webhook and one topic.
//!
//! A notification passes through a lane in two stages. At first, it is in the *queue*. Then
//! [`Lane::cut`] moves it into a batch, and it belongs to an [`ActiveDelivery`] until that delivery
//! is settled. A retry changes only the state of the delivery and not its position in the lane.
//!
//! ```text
//!          push         cut                    remove
//! publish ─────▶ queue ─────▶ active deliveries ─────▶ delivered, dead or dropped
//!                  │            InFlight ⇄ Waiting
//!                  └──▶ dropped
//!             pop, clear
//! ```
//!
//! A lane numbers its notifications in the order in which it accepts them, starting at 1. The
//! numbers need not be stored with the notifications, because the queue holds the most recent
//! notifications and each delivery stores the number of its first member. Flushes refer to
//! notifications by these numbers.

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

/// The FIFO for one webhook and one topic. It consists of a queue and the active deliveries.
#[derive(Debug)]
pub(super) struct Lane {
    /// The webhook that lists this lane.
    pub(super) webhook: WebhookKey,
    /// The schema of the topic.
    pub(super) schema: &'static Schema,
    queue: Queue,
    /// How many notifications the lane has ever accepted. This is also the last notification's
    /// number.
    accepted: u64,
    /// The number of the last notification that a flush covers. Notifications up to this number do
    /// not linger.
    flush_to: u64,
    /// The deliveries that are not settled yet, in the order in which they were cut.
    // There are no more than the policy's `max_in_flight_batches` allowed when the last one was
    // cut. The default is 1, so searching a vector is cheaper than using a map.
    pub(super) active: Vec<ActiveDelivery>,
    /// The lane's position in the schedule.
    // It is stored here so that the schedule needs no map from lanes to positions.
    pub(super) position: Position,
    /// The lane's index in the list of lanes that are not idle, or `None` if the lane is idle.
    pub(super) pending_at: Option<u32>,
}

/// A delivery that is not settled yet. Its batch has been cut, but is not yet delivered, dead or
/// dropped.
#[derive(Debug)]
pub(super) struct ActiveDelivery {
    /// The number of the batch, counted across all lanes. It is the same for all attempts and is
    /// part of the delivery id.
    pub(super) sequence: u64,
    pub(super) batch: Arc<Batch>,
    /// The first member's number in the lane.
    first: u64,
    /// The number of attempts so far. While an attempt is in flight, this is its number. Abandoned
    /// attempts do not count.
    pub(super) attempt: u32,
    /// How many times the delivery has been handed out, including abandoned attempts.
    // `attempt` cannot identify an attempt, since an abandoned attempt and the next one have the
    // same number. A late outcome of the first would settle the second.
    pub(super) lease: u32,
    /// The last failure, or `None` if no attempt has failed. If a policy update ends the delivery
    /// while it is waiting, this becomes the reason in the dead letter.
    pub(super) failure: Option<Failure>,
    /// Whether an attempt with the present number was repeated because of a stale connection.
    pub(super) is_repeated: bool,
    pub(super) state: DeliveryState,
}

/// Whether an attempt of a delivery is in flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DeliveryState {
    /// An attempt has been handed out, and its outcome has not been recorded yet.
    InFlight,
    /// The next attempt is due at this moment. It may be made later, for example because the
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

    /// Reads a field at each end of the struct in order to load both ends into the processor's
    /// cache.
    pub(super) fn touch(&self) -> u64 {
        self.accepted ^ self.queue.len() as u64 ^ self.active.len() as u64
    }

    /// Adds a notification to the back of the queue. `number` is its number among all notifications
    /// that the webhook has accepted.
    pub(super) fn push(&mut self, item: Arc<Encoded>, at: Moment, number: u64) {
        self.accepted += 1;
        self.queue.push(QueuedItem { item, at, number });
    }

    /// Removes and returns the oldest queued notification.
    ///
    /// # Panics
    /// Panics if the queue is empty.
    pub(super) fn pop(&mut self) -> Arc<Encoded> {
        self.queue.pop().expect("the queue is not empty")
    }

    /// Removes and returns all queued notifications.
    pub(super) fn clear(&mut self) -> Vec<Arc<Encoded>> {
        self.queue.take(self.queue.len())
    }

    /// Cuts the next batch by moving the oldest queued notifications into a new delivery. Returns
    /// the index of the delivery in `active`.
    ///
    /// Notifications are added until the batch has `max_items` members or the next notification
    /// would exceed `max_bytes`. The first notification is always added, however large it is.
    /// Otherwise, a large notification would block the lane forever.
    ///
    /// `sequence` is the number of the batch. The queue must not be empty.
    pub(super) fn cut(&mut self, policy: &Batching, sequence: u64) -> usize {
        let first = self.left_queue() + 1;
        // The members are counted before any of them is moved, so that the batch is allocated only
        // once and with its exact size.
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
            // Usually, this is the only delivery. `push` alone would reserve memory for several.
            self.active.reserve_exact(1);
        }
        self.active.push(ActiveDelivery {
            sequence,
            batch: Arc::new(batch),
            first,
            attempt: 0,
            lease: 0,
            failure: None,
            is_repeated: false,
            // The delivery is in this state only until `start_attempt` hands it out during the same
            // call.
            state: DeliveryState::Waiting(Moment::ZERO),
        });
        self.active.len() - 1
    }

    /// Returns the moment from which the next batch may be cut, or `None` if the queue is empty.
    ///
    /// A batch that is full or flushed may be cut immediately. Any other batch lingers, which means
    /// that it may be cut once its oldest member has waited for the policy's `linger`.
    pub(super) fn cut_at(&self, policy: &Batching) -> Option<Moment> {
        let oldest = self.queue.front()?;
        let full =
            self.queue.len() >= policy.max_items() || self.queue.bytes() >= policy.max_bytes();
        let flushed = self.left_queue() < self.flush_to;
        // If the batch need not linger, any moment that has passed will do.
        Some(if full || flushed { oldest.at } else { oldest.at + policy.linger() })
    }

    /// Returns the index of the delivery whose attempt with this id is in flight, or `None` if the
    /// attempt is settled.
    pub(super) fn in_flight(&self, id: AttemptId) -> Option<usize> {
        self.active.iter().position(|one| {
            (one.sequence, one.lease, one.state) == (id.sequence, id.lease, DeliveryState::InFlight)
        })
    }

    /// Returns the index of the waiting delivery whose next attempt is due first, and the moment at
    /// which that attempt is due.
    ///
    /// If several attempts are due at the same moment, returns the delivery that was cut first.
    pub(super) fn next_retry(&self) -> Option<(usize, Moment)> {
        let waiting = self.active.iter().enumerate().filter_map(|(at, one)| match one.state {
            DeliveryState::Waiting(due) => Some((at, due)),
            DeliveryState::InFlight => None,
        });
        waiting.min_by_key(|(at, due)| (*due, *at))
    }

    /// Finds a waiting delivery whose next attempt would exceed `attempts`. Returns the delivery's
    /// index, the number of its failed attempts and the reason why the last one failed.
    pub(super) fn exhausted(&self, attempts: Attempts) -> Option<(usize, u32, Failure)> {
        self.active.iter().enumerate().find_map(|(at, one)| {
            let waits = matches!(one.state, DeliveryState::Waiting(_));
            let over = !attempts.allows(one.attempt.saturating_add(1));
            // If there is no failure, no attempt has counted yet, and the first one is always
            // allowed.
            let failure = one.failure.as_ref().filter(|_| waits && over)?;
            Some((at, one.attempt, failure.clone()))
        })
    }

    /// Makes everything that is queued now skip its linger. Returns the number of the last accepted
    /// notification. A flush waits until everything up to that number is settled.
    pub(super) fn flush(&mut self) -> u64 {
        self.flush_to = self.accepted;
        self.accepted
    }

    /// Returns the number up to which all notifications are settled.
    ///
    /// If several batches are in flight at the same time, later notifications may also be settled.
    /// They are not counted until everything before them is settled.
    pub(super) fn settled_through(&self) -> u64 {
        // This is everything before the first member of the oldest delivery, or everything before
        // the queue if there is no delivery.
        let active = self.active.iter().map(|one| one.first - 1).min();
        active.unwrap_or(u64::MAX).min(self.left_queue())
    }

    /// Returns the number of queued notifications.
    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Returns the total number of bytes in the bodies of the queued notifications.
    pub(super) fn queued_bytes(&self) -> usize {
        self.queue.bytes()
    }

    /// Returns the number of the oldest queued notification, counted across all lanes of the
    /// webhook.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.queue.front().map(|entry| entry.number)
    }

    /// Returns whether the lane has neither queued notifications nor active deliveries.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.active.is_empty()
    }

    /// Removes and returns the delivery at index `at`.
    pub(super) fn remove(&mut self, at: usize) -> ActiveDelivery {
        let one = self.active.remove(at);
        if self.is_idle() {
            // An idle lane must not own memory, since there may be hundreds of thousands of them.
            self.active = Vec::new();
        }
        one
    }

    /// Returns the number of notifications in the lane, including those in active deliveries.
    pub(super) fn pending(&self) -> usize {
        self.queue.len() + self.active.iter().map(|one| one.batch.len()).sum::<usize>()
    }

    /// Returns the total number of bytes in the bodies of the notifications in the lane.
    pub(super) fn pending_bytes(&self) -> usize {
        self.queue.bytes() + self.active.iter().map(|one| one.batch.bytes()).sum::<usize>()
    }

    /// Returns whether a flush may wait for this number. That is the case if the notification with
    /// this number has been accepted and not all notifications up to it are settled.
    pub(super) fn waits_for(&self, number: u64) -> bool {
        self.settled_through() < number && number <= self.accepted
    }

    /// Asserts that everything in the lane is in order (invariant 9 of the [module](super)) and
    /// that the lane's deliveries record their failures (invariant 10).
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
