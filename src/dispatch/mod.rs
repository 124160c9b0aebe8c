//! The sans-IO core: queues, batches, retries, results and the statistics of every webhook.
//!
//! Its contract is on [`Dispatcher`]. The invariants of its state are below.

// The invariants of the state. They hold before and after every public call; inside of one they
// may be broken for a while. `debug_check` in `invariants.rs` asserts them in debug builds, with
// these numbers.
//
// Webhooks and lanes
//
//  1. `webhook_keys` lists each webhook that is not removed, once, by its own id; `removing` lists
//     each removed one that is still here. `insert`, `remove` and `finish_removal` keep both.
//  2. A removed webhook is here exactly as long as something of it is in flight, and nothing else
//     of it is pending: `remove` drops the rest, no failure of it is tried again, and
//     `finish_removal` follows every change of what is pending.
//  3. A lane belongs to the one webhook that lists it, by its topic, and names that webhook.
//     `accept` makes it and `finish_removal` removes it together with the webhook. So a key that
//     the state holds never goes stale, and indexing an arena by it never fails. A key from
//     outside may be stale: `live`, `live_mut` and `record_outcome` look it up.
//
// Counting
//
//  4. matched = accepted + rejected and accepted = delivered + dead + dropped + pending, for each
//     webhook and in all, where pending is what its lanes hold. `accept` and `reject_one` count
//     what comes in, and `resolve` alone counts what goes, once, when it has left its lane.
//  5. `pending_bytes` of a webhook are the bytes that its lanes hold. `load.pending` is the sum of
//     what all lanes hold. Both change with the statistics.
//  6. `in_flight` of a webhook is the number of its deliveries that are in flight;
//     `load.in_flight` is the sum of all, and `load.failing_in_flight` that of failing webhooks.
//     `start_attempt` and `release` change all three, and `set_failures` moves a webhook's share.
//  7. All of these are within the limits: `fits`, `readiness` and `next_ready` look before they
//     add.
//
// Lanes
//
//  8. `pending` lists the lanes that hold something, each at the index that the lane remembers.
//     `accept` lets them join, and `resolve` lets them leave.
//  9. What is under way in a lane was cut in order, before what is queued; what is queued is in
//     the order in which it was accepted. Nothing is ever put back into a queue.
// 10. A delivery that waits for another attempt records why the last one failed, unless no attempt
//     of it has counted yet. It may have another attempt: `decide` says so, and `expire` follows
//     whatever lowers the limit or the count.
//
// Schedule
//
// 11. No timer has run out: every call that takes the moment begins with `tick`.
// 12. A lane is in the schedule where `readiness` says, and nowhere else: `reschedule` ends every
//     change of a lane or its webhook. So a lane that is ready has something to send.
// 13. Lanes that are ready are served in the order of their `Seq`. No two have the same one, and a
//     lane keeps its own as long as it is ready.
//
// Flushes
//
// 14. A flush waits for those lanes only that have not settled what it wants, and whose webhook is
//     not paused. `resolve` reports the progress, and a pause makes all flushes forget its lanes.

mod admission;
mod arena;
mod batch;
mod effects;
mod flush;
mod invariants;
mod lane;
mod outcome;
mod pending;
mod queue;
mod ready;
mod ready_queue;
mod receipt;
mod registry;
mod report;
mod resolution;
mod retry;
mod schedule;
mod stats;
mod webhook;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

pub use batch::Batch;
pub use effects::Effects;
pub use flush::FlushId;
pub use outcome::{AttemptId, Delivery, FailureCause, Outcome};
pub use receipt::Receipt;
pub use report::{DeadLetter, DeadLetterReason, Report, ReportEvent};
pub use stats::{DropReason, DropStats, Stats};
pub use webhook::{Status, WebhookKey};

use arena::Arena;
use effects::RecordedEffects;
use flush::Flushes;
use lane::Lane;
use pending::PendingLanes;
use schedule::Schedule;
use webhook::RegisteredWebhook;

use crate::{
    base::{Limits, Moment, WebhookId, random::Random},
    failure::{ErrorText, FailureKind},
    notification::Encoded,
};

/// The sans-IO core: queues, batches, retries, results and statistics of every webhook.
///
/// It does no I/O, reads no clock and opens no payload. Each call passes the moment in. It hands
/// out a [`Delivery`] when one is due, and the delivery's [`Outcome`] is passed back.
///
/// Most hosts use [`Engine`](crate::Engine) or [`Notifier`](crate::Notifier), which route
/// notifications into it. It can be used alone, too: `E` is what its user needs to reach a webhook.
///
/// # Contract
///
/// ```text
/// ┌── these change something ──────────────────────────────────────────────┐
/// │  insert   update   remove   pause   resume                             │
/// │  publish   reject   handle_outcome   handle_failure   handle_timeout   │
/// │  start_flush   end_flush   close   abort                               │
/// └───────────────────────────────────┬────────────────────────────────────┘
///                           after each of them
/// ┌───────────────────────────────────▼────────────────────────────────────┐
/// │  1. poll_delivery(now), until it returns None: each Delivery is an     │
/// │     attempt to make now, and owes a handle_outcome or handle_failure   │
/// │  2. poll_timeout(): the moment to call poll_delivery again, at the     │
/// │     latest; None if time alone brings nothing                          │
/// │  3. take_effects(): reports, dead letters and what is to be freed, to  │
/// │     be dropped outside of any lock                                     │
/// └────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// - Any call is allowed in any order and any number of times.
/// - A stale id does nothing: an [`AttemptId`] whose attempt is settled, or the [`WebhookKey`] of a
///   removed webhook. An early or repeated timeout does nothing either.
/// - A moment that is earlier than the latest one passed in counts as that one.
/// - The same inputs do the same things, bit for bit.
///
/// # Example
///
/// ```
/// use recohook::attribute::Schema;
/// use recohook::unstable::{Dispatcher, Outcome};
/// use recohook::{Encoded, Limits, Moment, http::StatusCode, policy::Policy};
/// use std::sync::Arc;
///
/// static PASSAGES: Schema = Schema::new("passages", &[]);
/// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
/// let endpoint = Arc::new("http://127.0.0.1/");
/// let webhook_key = dispatcher.insert("gate".into(), endpoint, Policy::default());
/// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", r#"{"id":"1"}"#));
///
/// let now = Moment::ZERO;
/// assert_eq!(dispatcher.publish(&[webhook_key], &item, now).queued, 1);
/// let delivery = dispatcher.poll_delivery(now).expect("the default policy sends at once");
/// assert_eq!(delivery.batch().items()[0].id(), "1");
/// let outcome = Outcome::Response { status: StatusCode::OK, retry_after: None };
/// dispatcher.handle_outcome(delivery.attempt_id(), outcome, now);
/// assert_eq!(dispatcher.total().delivered, 1);
/// ```
#[derive(Debug)]
pub struct Dispatcher<E> {
    limits: Limits,
    now: Moment,
    random: Random,
    epoch: u64,
    /// The number of the last batch cut.
    sequence: u64,
    webhooks: Arena<RegisteredWebhook<E>>,
    /// Unlike the arenas it moves all that it has when it grows, under the lock: rare, and once for
    /// each doubling of the webhooks.
    webhook_keys: HashMap<WebhookId, WebhookKey>,
    /// Removed webhooks with requests in flight; of one id, in the order of their removal.
    removing: BTreeMap<WebhookId, Vec<WebhookKey>>,
    /// What all webhooks have counted, those that are gone included.
    total: Stats,
    lanes: Arena<Lane>,
    /// The lanes with something pending.
    pending: PendingLanes,
    schedule: Schedule,
    load: Load,
    flushes: Flushes,
    closed: bool,
    recorded: RecordedEffects,
    effects: Effects<E>,
}

/// The totals that the bounds on all webhooks together apply to.
#[derive(Debug, Default)]
struct Load {
    pending: usize,
    in_flight: usize,
    /// Of these, of webhooks whose last attempt failed.
    failing_in_flight: usize,
}

/// How many webhooks [`Dispatcher::publish`] prefetches at a time.
const PREFETCH: usize = 16;

impl<E> Dispatcher<E> {
    /// A dispatcher without webhooks. Jitter and the epoch of delivery ids are drawn from `seed`.
    pub fn new(limits: Limits, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let epoch = random.next();
        Self {
            limits,
            now: Moment::ZERO,
            random,
            epoch,
            sequence: 0,
            webhooks: Arena::default(),
            webhook_keys: HashMap::new(),
            removing: BTreeMap::new(),
            total: Stats::default(),
            lanes: Arena::default(),
            pending: PendingLanes::default(),
            schedule: Schedule::default(),
            load: Load::default(),
            flushes: Flushes::default(),
            closed: false,
            recorded: RecordedEffects::default(),
            effects: Effects::default(),
        }
    }

    /// Queues `item` for the webhooks of `to`. A webhook that was removed is left out.
    ///
    /// Afterwards [`poll_delivery`](Self::poll_delivery) may have work, or
    /// [`poll_timeout`](Self::poll_timeout) an earlier moment.
    pub fn publish(&mut self, to: &[WebhookKey], item: &Arc<Encoded>, now: Moment) -> Receipt {
        self.tick(now);
        let mut receipt = Receipt::default();
        for webhook_keys in to.chunks(PREFETCH) {
            self.prefetch(webhook_keys, item.schema().id());
            for webhook_key in webhook_keys {
                match self.offer(*webhook_key, item) {
                    Some(true) => receipt.queued += 1,
                    Some(false) => receipt.rejected += 1,
                    None => {}
                }
            }
        }
        let receipt = self.count(receipt);
        self.debug_check();
        receipt
    }

    /// Refuses `item` on behalf of the webhooks of `to`, for a bound that its caller keeps.
    pub fn reject(&mut self, to: &[WebhookKey], item: &Arc<Encoded>, now: Moment) -> Receipt {
        self.tick(now);
        let mut receipt = Receipt::default();
        for webhook_key in to {
            receipt.rejected += usize::from(self.reject_one(*webhook_key, item));
        }
        let receipt = self.count(receipt);
        self.debug_check();
        receipt
    }

    /// Returns the next attempt that is due, to be made now, or `None` if none is.
    ///
    /// Call it until it returns `None`: after each call that changes something, and at
    /// [`poll_timeout`](Self::poll_timeout). The outcome of the attempt must come back by
    /// [`handle_outcome`](Self::handle_outcome) or [`handle_failure`](Self::handle_failure), also
    /// if the attempt was not made ([`Outcome::Abandoned`]): until then its lane waits, and so
    /// does everything behind it.
    #[must_use = "a delivery without an outcome blocks its lane"]
    pub fn poll_delivery(&mut self, now: Moment) -> Option<Delivery<E>> {
        self.tick(now);
        let delivery = self.next_ready().map(|key| self.start_attempt(key));
        self.debug_check();
        delivery
    }

    /// Whether [`poll_delivery`](Self::poll_delivery) has work at once, timers aside.
    pub fn is_ready(&self) -> bool {
        self.next_ready().is_some()
    }

    /// Returns the moment at which [`poll_delivery`](Self::poll_delivery) may have work that it
    /// has not now, or `None` if time alone brings none. It is later than every moment passed in
    /// so far, and may change with each call that changes something.
    #[must_use = "without the timeout nobody knows when to poll again"]
    pub fn poll_timeout(&self) -> Option<Moment> {
        self.schedule.next_timer()
    }

    /// Takes note of the time, as every call that takes the moment does. Early and repeated calls
    /// do nothing.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.tick(now);
        self.debug_check();
    }

    /// Records the outcome of an attempt. Does nothing if the attempt is already settled.
    pub fn handle_outcome(&mut self, id: AttemptId, outcome: Outcome, now: Moment) {
        self.tick(now);
        self.record_outcome(id, outcome, None);
        self.debug_check();
    }

    /// Records that an attempt brought no response, and what the error says. The text goes into
    /// reports and dead letters and decides nothing: apart from it, this is
    /// [`handle_outcome`](Self::handle_outcome) with [`Outcome::Failed`].
    pub fn handle_failure(
        &mut self,
        id: AttemptId,
        kind: FailureKind,
        error_text: Option<ErrorText>,
        now: Moment,
    ) {
        self.tick(now);
        self.record_outcome(id, Outcome::Failed(kind), error_text);
        self.debug_check();
    }

    /// Completes the receipt of a notification, and counts it for all webhooks together.
    fn count(&mut self, mut receipt: Receipt) -> Receipt {
        receipt.matched = receipt.queued + receipt.rejected;
        self.total.matched += receipt.matched as u64;
        self.total.accepted += receipt.queued as u64;
        self.total.rejected += receipt.rejected as u64;
        receipt
    }
}
