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

/// The FIFO of one webhook and topic: its queue, and its deliveries under way.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) webhook: WebhookKey,
    pub(super) schema: &'static Schema,
    queue: Queue,
    /// How many notifications have ever joined; the last one's number, as they count from 1.
    accepted: u64,
    /// Members up to this number don't linger.
    flush_to: u64,
    /// In the order of their cut; at most the policy's `max_in_flight_batches`.
    pub(super) active: Vec<ActiveDelivery>,
    pub(super) position: Position,
    /// Its index in the list of lanes with something pending.
    pub(super) pending_at: Option<u32>,
}

/// A delivery that is not settled.
#[derive(Debug)]
pub(super) struct ActiveDelivery {
    pub(super) sequence: u64,
    pub(super) batch: Arc<Batch>,
    /// The lane's number of the first member.
    first: u64,
    /// The attempts that count so far, the present one included.
    pub(super) attempt: u32,
    /// Counts every hand-out, abandoned ones included.
    pub(super) lease: u32,
    /// Why the last attempt failed.
    pub(super) failure: Option<Failure>,
    pub(super) state: DeliveryState,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DeliveryState {
    InFlight,
    /// For its next attempt.
    Waiting(Moment),
}

impl Lane {
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

    /// Reads a bit of each end of the lane, to pull both into the cache.
    pub(super) fn touch(&self) -> u64 {
        self.accepted ^ self.queue.len() as u64 ^ self.active.len() as u64
    }

    pub(super) fn push(&mut self, item: Arc<Encoded>, at: Moment, number: u64) {
        self.accepted += 1;
        self.queue.push(QueuedItem { item, at, number });
    }

    /// Takes the oldest queued notification out. There must be one.
    pub(super) fn pop(&mut self) -> Arc<Encoded> {
        self.queue.pop().expect("something is queued")
    }

    /// Takes all queued notifications out.
    pub(super) fn clear(&mut self) -> Vec<Arc<Encoded>> {
        self.queue.take(self.queue.len())
    }

    /// Takes out the members of the next batch, and returns its index among those under way.
    /// Something must be queued.
    pub(super) fn cut(&mut self, policy: &Batching, sequence: u64) -> usize {
        let first = self.left_queue() + 1;
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
            // Most policies have one at a time.
            self.active.reserve_exact(1);
        }
        self.active.push(ActiveDelivery {
            sequence,
            batch: Arc::new(batch),
            first,
            attempt: 0,
            lease: 0,
            failure: None,
            state: DeliveryState::Waiting(Moment::ZERO),
        });
        self.active.len() - 1
    }

    /// When the next batch may be cut, if the queue holds anything.
    pub(super) fn cut_at(&self, policy: &Batching) -> Option<Moment> {
        let oldest = self.queue.front()?;
        let full =
            self.queue.len() >= policy.max_items() || self.queue.bytes() >= policy.max_bytes();
        let flushed = self.left_queue() < self.flush_to;
        Some(if full || flushed { oldest.at } else { oldest.at + policy.linger() })
    }

    /// Returns the index of the delivery that has this attempt in flight.
    pub(super) fn in_flight(&self, id: AttemptId) -> Option<usize> {
        self.active.iter().position(|one| {
            (one.sequence, one.lease, one.state) == (id.sequence, id.lease, DeliveryState::InFlight)
        })
    }

    /// The delivery that is due for its next attempt first, and when.
    pub(super) fn next_retry(&self) -> Option<(usize, Moment)> {
        let waiting = self.active.iter().enumerate().filter_map(|(at, one)| match one.state {
            DeliveryState::Waiting(due) => Some((at, due)),
            DeliveryState::InFlight => None,
        });
        waiting.min_by_key(|(at, due)| (*due, *at))
    }

    /// A delivery that waits for an attempt beyond the limit: its index, the attempts made, and
    /// why the last one failed.
    pub(super) fn exhausted(&self, attempts: Attempts) -> Option<(usize, u32, Failure)> {
        self.active.iter().enumerate().find_map(|(at, one)| {
            let waits = matches!(one.state, DeliveryState::Waiting(_));
            let over = !attempts.allows(one.attempt.saturating_add(1));
            let failure = one.failure.as_ref().filter(|_| waits && over)?;
            Some((at, one.attempt, failure.clone()))
        })
    }

    /// Makes everything queued now ready without its linger. Returns the number to wait for.
    pub(super) fn flush(&mut self) -> u64 {
        self.flush_to = self.accepted;
        self.accepted
    }

    /// All notifications up to this number are settled.
    pub(super) fn settled_through(&self) -> u64 {
        let active = self.active.iter().map(|one| one.first - 1).min();
        active.unwrap_or(u64::MAX).min(self.left_queue())
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.queue.bytes()
    }

    /// The webhook's number of the oldest queued notification.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.queue.front().map(|entry| entry.number)
    }

    /// Whether nothing is queued or under way.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.active.is_empty()
    }

    /// Takes a delivery out. An idle lane owns no memory for them.
    pub(super) fn remove(&mut self, at: usize) -> ActiveDelivery {
        let one = self.active.remove(at);
        if self.is_idle() {
            self.active = Vec::new();
        }
        one
    }

    /// How many notifications are queued or under way.
    pub(super) fn pending(&self) -> usize {
        self.queue.len() + self.active.iter().map(|one| one.batch.len()).sum::<usize>()
    }

    pub(super) fn pending_bytes(&self) -> usize {
        self.queue.bytes() + self.active.iter().map(|one| one.batch.bytes()).sum::<usize>()
    }

    /// Whether the notification of this number was accepted, and one up to it is not settled.
    pub(super) fn waits_for(&self, number: u64) -> bool {
        self.settled_through() < number && number <= self.accepted
    }

    /// Panics unless what is pending is in order (invariant 9 of the [module](super)).
    /// `sequence` is the number of the last batch that was cut.
    pub(super) fn check_order(&self, sequence: u64, now: Moment) {
        let (mut last_sequence, mut last) = (0, 0);
        for one in &self.active {
            assert!(last_sequence < one.sequence && last < one.first, "9: {one:?} is out of order");
            (last_sequence, last) = (one.sequence, one.first + one.batch.len() as u64 - 1);
            match one.state {
                DeliveryState::InFlight => assert!(one.attempt > 0, "10: {one:?} was never tried"),
                DeliveryState::Waiting(_) => {
                    assert_eq!(one.attempt > 0, one.failure.is_some(), "10: {one:?}");
                }
            }
        }
        assert!(last_sequence <= sequence, "9: {last_sequence} was never cut");
        assert!(last <= self.left_queue() && self.flush_to <= self.accepted, "9: {self:?}");
        self.queue.check_order(now);
    }

    /// The number of the last notification that has left the queue.
    fn left_queue(&self) -> u64 {
        self.accepted - self.queue.len() as u64
    }
}
