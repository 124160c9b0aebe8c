//! The sans-IO core: queues, batches, attempts, retries and the statistics of every webhook.
//!
//! [`Dispatcher`] documents the contract for callers. Each file documents the state that it keeps.
//! The invariants that span several files are listed below, after this page.
//!
//! # How a notification travels
//!
//! 1. **Into a lane.** [`Dispatcher::publish`] receives an encoded notification and the keys of
//!    the webhooks that want it. For each key, `admission.rs` checks the bounds. If the
//!    notification fits, it joins the queue of a *lane* (`lane.rs`): the FIFO of one webhook and
//!    topic. If it does not fit, the webhook's policy decides: either the notification is
//!    rejected, or the webhook's oldest queued notifications are dropped to make room.
//! 2. **Into the schedule.** `readiness` (`ready.rs`) computes when the lane can send: now, at a
//!    later moment, or not until something else happens. `schedule.rs` files the lane accordingly:
//!    among the ready lanes, among the timers, or nowhere.
//! 3. **Into a batch.** [`Dispatcher::poll_delivery`] picks the lane that became ready first. It skips
//!    lanes of failing webhooks if these have used up their share of the requests in flight.
//!    `start_attempt` (`ready.rs`) takes the lane's delivery whose retry is due. If no retry is
//!    due, `Lane::cut` moves the oldest queued notifications into a new batch. It cuts at the last
//!    possible moment, so a batch keeps growing while its lane waits. From now on the lane lists
//!    the batch as an `ActiveDelivery`, in the state `InFlight`.
//! 4. **To an outcome.** The caller makes the attempt and passes its [`Outcome`] back.
//!    `record_outcome` (`resolution.rs`) finds the delivery by the [`AttemptId`]. `decide`
//!    (`retry.rs`) applies the webhook's policy to the outcome. `finish_attempt` updates the
//!    webhook: its counts, its health, and until when `Retry-After` blocks it.
//! 5. **To a retry.** If there is another attempt, `schedule_retry` sets the delivery's state to
//!    `Waiting`, until the moment at which the retry is due. The delivery keeps its id, its batch
//!    and its position in the lane. It never returns to the queue. Then the path leads back to
//!    step 2.
//! 6. **To a resolution.** If there is no other attempt, `complete` removes the delivery from its
//!    lane, and `resolve` counts its notifications as delivered, dead or dropped. Notifications
//!    that are dropped from a queue end in `resolve`, too: there is no other exit. It also records
//!    a report and a dead letter if somebody reads them, and leaves the payloads to the
//!    [`Effects`], which the caller drops outside of its locks.

// The invariants of the state. They hold before and after every public call; within a call they
// may be broken for a while. `debug_check` in `invariants.rs` asserts them in debug builds, with
// these numbers.
//
// Webhooks and lanes
//
//  1. `webhook_keys` lists each registered webhook once, under its own id. `removing` lists each
//     removed webhook that is still in `webhooks`. `insert`, `remove` and `finish_removal` keep
//     both up to date.
//  2. A removed webhook stays in `webhooks` exactly as long as requests of it are in flight, and
//     nothing else of it is pending. `remove` drops the rest, a failed attempt of it is not
//     retried, and `finish_removal` is called whenever a delivery of it may have been resolved.
//  3. A lane belongs to one webhook. The webhook lists it under its topic, and the lane names the
//     webhook. `accept` makes a lane, and `finish_removal` removes it together with its webhook.
//     So a key that the state holds is never stale, and indexing an arena by it never fails. A
//     key that a caller passes in may be stale, and is looked up instead.
//
// Counting
//
//  4. matched = accepted + rejected and accepted = delivered + dead + dropped + pending, for each
//     webhook and in total. The pending ones are those in the lanes. `accept` and `reject_one` count
//     a notification for a webhook, and `count` adds it to the total. Only `resolve` counts how a
//     notification ends, once, after it has left its lane.
//  5. `pending_bytes` of a webhook is the number of body bytes in its lanes. `load.pending` is the
//     number of notifications in all lanes. Both change together with the statistics.
//  6. `in_flight` of a webhook is the number of its deliveries that are in flight.
//     `load.in_flight` is the sum over all webhooks, and `load.failing_in_flight` the sum over the
//     failing ones. `start_attempt` and `release` change all three, and `set_failures` moves a
//     webhook's share when its health changes.
//  7. Pending notifications and bytes, and requests in flight, are within their limits: `fits`,
//     `readiness` and `next_ready` check before anything is added. The share of failing webhooks
//     is not such a limit. It only restrains new attempts, and a webhook that begins to fail may
//     exceed it with the requests that it already has in flight.
//
// Lanes
//
//  8. `pending` lists the lanes that are not idle. Each lane remembers its index in that list.
//     `accept` adds a lane, and `resolve` removes it.
//  9. The active deliveries of a lane are in the order in which they were cut. All of their
//     notifications are older than the queued ones, which are in the order of acceptance. Nothing
//     ever returns to a queue.
// 10. A delivery that waits for another attempt records why its last counted attempt failed, or
//     nothing if no attempt has counted yet. The policy allows the next attempt: `decide` checks
//     it, and `expire` follows an update that lowers the limit.
//
// Schedule
//
// 11. No timer has expired by `now`. Every call that takes a moment begins with `tick`, which moves
//     each lane whose timer has.
// 12. A lane is in the schedule where `readiness` puts it, and nowhere else. Every change of a
//     lane or its webhook ends with a move to that position. So a ready lane has something to
//     send.
// 13. Ready lanes are served in the order of their `Seq`. No two lanes have the same one, and a
//     lane keeps its own until it is served or no longer ready.
//
// Flushes
//
// 14. A flush waits for a lane only as long as a notification in it that was accepted before the
//     flush started is unsettled, and only if its webhook is not paused. `resolve` reports
//     progress to the flushes, and `set_lifecycle` makes them forget the lanes of a webhook that is
//     paused.

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

use std::collections::{BTreeMap, HashMap};

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
};

/// The sans-IO core: queues, batches, retries and the statistics of every webhook.
///
/// A dispatcher does no I/O, reads no clock and never looks into a payload. Each call that depends
/// on time takes the current [`Moment`]. When an attempt is due, the dispatcher hands out a
/// [`Delivery`]. The caller makes the attempt and passes its [`Outcome`] back.
///
/// Most hosts use [`Engine`](crate::Engine) or [`Notifier`](crate::Notifier), which match
/// notifications against filters and pass them on to a dispatcher. A dispatcher also works alone.
/// `E` is the type of the *endpoints*: whatever its caller needs in order to reach a webhook, such
/// as a URL. The dispatcher stores endpoints and never looks into them.
///
/// # Contract
///
/// ```text
/// ┌── calls that change something ─────────────────────────────────────────┐
/// │  insert   update   remove   pause   resume                             │
/// │  publish   reject   handle_outcome   handle_failure   handle_timeout   │
/// │  start_flush   end_flush   close   abort                               │
/// └───────────────────────────────────┬────────────────────────────────────┘
///                           after each of them
/// ┌───────────────────────────────────▼────────────────────────────────────┐
/// │  1. poll_delivery(now), until it returns None. Each Delivery is an     │
/// │     attempt to make now. Its outcome goes to handle_outcome or         │
/// │     handle_failure                                                     │
/// │  2. poll_timeout(): the latest moment at which to call poll_delivery   │
/// │     again, or None if only another call can bring work                 │
/// │  3. take_effects(): reports, dead letters and payloads to free. Drop   │
/// │     them outside of any lock                                           │
/// └────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// - Any call is allowed in any order and any number of times.
/// - A stale id does nothing: an [`AttemptId`] whose attempt is settled, or the [`WebhookKey`] of
///   a removed webhook. An early or repeated timeout does nothing either.
/// - Time does not run backwards: a moment that is earlier than the latest one passed in counts as
///   the latest one.
/// - The same seed and the same calls have the same results, bit for bit.
/// - The cost of a call depends on the webhooks that it names and the lanes that are due, and hardly
///   on how many webhooks are registered. The exceptions are [`webhooks`](Self::webhooks), and
///   [`start_flush`](Self::start_flush) and [`abort`](Self::abort), which visit every lane that
///   holds something.
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
    /// The latest moment that was passed in.
    now: Moment,
    /// The source of jitter. It is seeded, so that a run can be repeated.
    random: Random,
    /// The part of delivery ids that differs from run to run.
    epoch: u64,
    /// The number of the last batch that was cut. It counts from 1 over all lanes, and completes
    /// the delivery id.
    sequence: u64,
    /// The registered webhooks, and the removed ones with requests in flight.
    webhooks: Arena<RegisteredWebhook<E>>,
    /// The registered webhooks by id.
    // Only looked up, never iterated over: its order is random, and the dispatcher is
    // deterministic. Unlike an arena, it moves all of its entries when it grows, and the caller
    // may hold a lock. That is rare: it happens once for each doubling of the webhooks.
    webhook_keys: HashMap<WebhookId, WebhookKey>,
    /// The removed webhooks with requests in flight, by id. Those of one id are in the order of
    /// their removal.
    // Several webhooks may have had the same id, one after the other. `abort` iterates over them,
    // so the order of ids must be the same in each run.
    removing: BTreeMap<WebhookId, Vec<WebhookKey>>,
    /// The statistics of all webhooks together, removed ones included.
    // Kept and not summed: the sum would cost a visit to every webhook, and would lose those that
    // are gone.
    total: Stats,
    /// The lanes of all webhooks, idle ones included.
    // They are not stored in the webhooks that own them, because the schedule, the flushes and
    // attempt ids refer to lanes directly.
    lanes: Arena<Lane>,
    /// The lanes that are not idle.
    pending: PendingLanes,
    /// The lanes that can send, now or later.
    schedule: Schedule,
    load: Load,
    flushes: Flushes,
    /// Whether publishing has ended, by [`close`](Self::close) or [`abort`](Self::abort).
    closed: bool,
    /// The kinds of effects that somebody reads.
    recorded: RecordedEffects,
    /// The effects since they were last taken.
    effects: Effects<E>,
}

/// The totals that the limits on all webhooks together apply to.
// They are kept up to date rather than summed, so that a check costs the same however many
// webhooks there are.
#[derive(Debug, Default)]
struct Load {
    /// Notifications in all lanes.
    pending: usize,
    /// Requests in flight.
    in_flight: usize,
    /// Requests in flight of failing webhooks. They are included in `in_flight`.
    failing_in_flight: usize,
}

impl<E> Dispatcher<E> {
    /// Creates a dispatcher without webhooks.
    ///
    /// `seed` decides the jitter of retries and the part of delivery ids that differs from run to
    /// run. Use a fresh random seed for each run, or receivers may see the ids of another run
    /// again.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let first_id = |seed| {
    ///     let mut dispatcher = Dispatcher::new(Limits::default(), seed);
    ///     let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    ///     dispatcher.publish(&[key], &item, Moment::ZERO);
    ///     dispatcher.poll_delivery(Moment::ZERO).map(|delivery| delivery.id())
    /// };
    /// assert_eq!(first_id(7), first_id(7));
    /// assert_ne!(first_id(7), first_id(8));
    /// ```
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

    /// Returns the next attempt, for the caller to make now, or `None` if no attempt is due.
    ///
    /// Call it until it returns `None`: after each call that changes something, and at
    /// [`poll_timeout`](Self::poll_timeout). It also returns `None` if as many requests are in
    /// flight as [`Limits`] allow. Then the next outcome brings work.
    ///
    /// Every delivery needs an outcome, by [`handle_outcome`](Self::handle_outcome) or
    /// [`handle_failure`](Self::handle_failure). If the attempt was not made, the outcome is
    /// [`Outcome::Abandoned`]. Until the outcome is recorded, the delivery counts as in flight. By
    /// default a lane has one delivery at a time, so everything behind it waits.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::{Dispatcher, Outcome};
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// dispatcher.publish(&[key], &item, now);
    /// let first = dispatcher.poll_delivery(now).expect("the default policy sends at once");
    /// assert!(dispatcher.poll_delivery(now).is_none(), "the second waits for the first");
    /// dispatcher.handle_outcome(first.attempt_id(), Outcome::Abandoned, now);
    /// let again = dispatcher.poll_delivery(now).expect("an abandoned attempt is made again");
    /// assert_eq!(again.id(), first.id());
    /// ```
    #[must_use = "a delivery without an outcome blocks its lane"]
    pub fn poll_delivery(&mut self, now: Moment) -> Option<Delivery<E>> {
        self.tick(now);
        let delivery = self.next_ready().map(|key| self.start_attempt(key));
        self.debug_check();
        delivery
    }

    /// Returns whether [`poll_delivery`](Self::poll_delivery) has work at the latest moment that
    /// was passed in.
    ///
    /// It takes no moment, so it does not see an attempt that has become due since then. Call
    /// [`handle_timeout`](Self::handle_timeout) first if that matters.
    pub fn is_ready(&self) -> bool {
        self.next_ready().is_some()
    }

    /// Returns the next moment at which [`poll_delivery`](Self::poll_delivery) may have new work,
    /// or `None` if time alone brings none.
    ///
    /// The moment is later than every moment passed in so far. Each call that changes something
    /// may change it. Polling earlier is harmless. Polling later only delays attempts.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema};
    /// # use recohook::policy::{Batching, Policy, PolicyError};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::{sync::Arc, time::Duration};
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let linger = Duration::from_millis(20);
    /// let policy = Policy::default().with_batch(Batching::at_most(2)?.with_linger(linger));
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), policy);
    /// dispatcher.publish(&[key], &item, Moment::ZERO);
    /// assert_eq!(dispatcher.poll_timeout(), Some(Moment::ZERO + linger));
    /// dispatcher.publish(&[key], &item, Moment::ZERO);
    /// assert!(dispatcher.poll_timeout().is_none() && dispatcher.is_ready(), "the batch is full");
    /// # Ok::<(), PolicyError>(())
    /// ```
    #[must_use = "without the timeout, the caller does not know when to poll again"]
    pub fn poll_timeout(&self) -> Option<Moment> {
        self.schedule.next_timer()
    }

    /// Advances the dispatcher's time to `now`, as every call that takes a moment does.
    ///
    /// Afterwards [`is_ready`](Self::is_ready) and [`poll_timeout`](Self::poll_timeout) are exact
    /// for `now`. An early or repeated call does nothing. Callers that poll need not call it.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.tick(now);
        self.debug_check();
    }

    /// Records the outcome of an attempt. Does nothing if the attempt is already settled.
    ///
    /// The webhook's policy decides what follows. On success, the batch is delivered. After a
    /// failure, the delivery waits for another attempt, or its batch is dead if the failure is not
    /// retried or no attempt is left. An abandoned attempt does not count and is due again at once,
    /// but a `Retry-After`, a pause and the limits on requests in flight hold it back.
    /// If the webhook was removed in the meantime, nothing is attempted again: the batch is then
    /// delivered, dead or dropped.
    ///
    /// An attempt is settled by its first outcome, by [`abort`](Self::abort), and by nothing else.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, http::StatusCode};
    /// # use recohook::{policy::Policy, unstable::{Dispatcher, Outcome}};
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// let delivery = dispatcher.poll_delivery(now).expect("the default policy sends at once");
    /// let gone = Outcome::Response { status: StatusCode::GONE, retry_after: None };
    /// dispatcher.handle_outcome(delivery.attempt_id(), gone, now);
    /// dispatcher.handle_outcome(delivery.attempt_id(), Outcome::Abandoned, now); // Too late.
    /// let total = dispatcher.total();
    /// assert_eq!((total.dead, total.attempts), (1, 1), "by default, 410 is not retried");
    /// ```
    pub fn handle_outcome(&mut self, id: AttemptId, outcome: Outcome, now: Moment) {
        self.tick(now);
        self.record_outcome(id, outcome, None);
        self.debug_check();
    }

    /// Records that an attempt got no complete response, with the text of the error. Does nothing if
    /// the attempt is already settled.
    ///
    /// The text appears in reports and dead letters and has no other effect. Apart from it, this
    /// is [`handle_outcome`](Self::handle_outcome) with [`Outcome::Failed`].
    ///
    /// ```
    /// # use recohook::{Encoded, FailureKind, Limits, Moment, attribute::Schema};
    /// # use recohook::{failure::ErrorText, policy::Policy, unstable::Dispatcher};
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.record_reports(true);
    /// dispatcher.publish(&[key], &item, now);
    /// let id = dispatcher.poll_delivery(now).expect("it is due").attempt_id();
    /// let text = ErrorText::new("connection refused");
    /// dispatcher.handle_failure(id, FailureKind::Connect, Some(text), now);
    /// let line = dispatcher.take_effects().take_reports()[0].to_string();
    /// assert!(line.contains("no connection to the receiver: connection refused. Attempt 1"));
    /// ```
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
}
