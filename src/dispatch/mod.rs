//! The sans-IO core, which manages the queues, batches, attempts, retries and statistics of all
//! webhooks.
//!
//! The contract for callers is documented on [`Dispatcher`], and each file documents the state that
//! it maintains. The invariants that span several files are listed in the comment that follows
//! these docs.
//!
//! # The path of a notification
//!
//! 1. **Into a lane.** [`Dispatcher::publish`] takes an encoded notification and the keys of the
//!    webhooks that it matches. For each key, `admission.rs` checks the limits. If the notification
//!    fits, it is added to the queue of a *lane* (`lane.rs`), which is the FIFO for one webhook and
//!    one topic. Otherwise, depending on the webhook's policy, either the notification is rejected
//!    or the webhook's oldest queued notifications are dropped to make room.
//! 2. **Into the schedule.** `readiness` (`ready.rs`) computes whether the lane can send now, at a
//!    later moment, or only after something else has changed. Accordingly, `schedule.rs` adds the
//!    lane to the ready lanes, sets a timer for it, or leaves it unscheduled.
//! 3. **Into a batch.** [`Dispatcher::poll_delivery`] picks the lane that became ready first. It
//!    skips the lanes of failing webhooks if those webhooks have used up their share of the
//!    requests in flight. If a retry is due in the lane, `start_attempt` (`ready.rs`) picks the
//!    delivery to be retried. Otherwise, `Lane::cut` moves the oldest queued notifications into a
//!    new batch. Batches are cut as late as possible, so that more notifications can join while the
//!    lane waits. Once the batch is cut, the lane stores it in an `ActiveDelivery`, whose state is
//!    now `InFlight`.
//! 4. **To an outcome.** The caller makes the attempt and passes its [`Outcome`] back.
//!    `record_outcome` (`resolution.rs`) looks up the delivery by the [`AttemptId`]. `decide`
//!    (`retry.rs`) applies the webhook's policy to the outcome. `finish_attempt` updates the
//!    webhook's counts, its health and the moment until which `Retry-After` blocks it.
//! 5. **To a retry.** If another attempt is to be made, `schedule_retry` sets the delivery's state
//!    to `Waiting` and records when the retry is due. The delivery keeps its id, its batch and its
//!    position in the lane. It never returns to the queue. The lane then goes through step 2 again.
//! 6. **To a resolution.** If no further attempt is to be made, `complete` removes the delivery
//!    from its lane, and `resolve` counts its notifications as delivered, dead or dropped.
//!    Notifications that are dropped from a queue also pass through `resolve`, which is the only
//!    way out of a lane. If recording is on, `resolve` records a report and a dead letter. In
//!    any case, it moves the payloads to the [`Effects`], which the caller drops after releasing
//!    its locks.

// The invariants of the state. They hold before and after every public call, but may be broken
// temporarily during a call. In debug builds, `debug_check` in `invariants.rs` asserts them and
// refers to them by these numbers.
//
// Webhooks and lanes
//
//  1. `webhook_keys` contains each registered webhook exactly once, under its own id. `removing`
//     contains each removed webhook that is still in `webhooks`. `insert`, `remove` and
//     `finish_removal` keep both up to date.
//  2. A removed webhook stays in `webhooks` exactly as long as it has requests in flight. It has
//     nothing else pending. `remove` drops everything else, failed attempts are not retried, and
//     `finish_removal` is called whenever one of the webhook's deliveries may have been resolved.
//  3. Each lane belongs to one webhook. The webhook lists the lane under the lane's topic, and the
//     lane stores the webhook's key. `accept` creates a lane, and `finish_removal` removes it
//     together with its webhook. Therefore, a key that is stored in the state is never stale, and
//     indexing an arena with it never fails. A key that is passed by a caller may be stale, so it
//     is looked up instead.
//
// Counting
//
//  4. matched = accepted + rejected and accepted = delivered + dead + dropped + pending, both for
//     each webhook and in total. The pending notifications are the ones in the lanes. `accept` and
//     `reject_one` count a notification for a webhook, and `count` adds it to the total. Only
//     `resolve` counts how a notification ends. It does so once, after the notification has left
//     its lane.
//  5. A webhook's `pending_bytes` is the number of body bytes in its lanes. `load.pending` is the
//     number of notifications in all lanes. Both are updated together with the statistics.
//  6. A webhook's `in_flight` is the number of its deliveries that are in flight. `load.in_flight`
//     is the sum over all webhooks, and `load.failing_in_flight` is the sum over the failing ones.
//     `start_attempt` and `release` update all three. When a webhook's health changes,
//     `set_failures` updates `load.failing_in_flight`.
//  7. Pending notifications, pending bytes and requests in flight never exceed their limits,
//     because `fits`, `readiness` and `next_ready` check them before anything is added. The share
//     of failing webhooks can be exceeded. It only restricts new attempts, and a webhook that
//     starts to fail may already have more requests in flight.
//
// Lanes
//
//  8. `pending` lists the lanes that are not idle. Each of them stores its index in that list.
//     `accept` adds a lane to the list, and `resolve` removes it.
//  9. A lane's active deliveries are in the order in which they were cut. All of their
//     notifications are older than the queued ones, which are in the order in which they were
//     accepted. Nothing ever returns to a queue.
// 10. A delivery that is waiting for another attempt stores its last failure, or `None` if all of
//     its attempts were abandoned or repeated. Its next attempt never exceeds the policy's limit on
//     attempts: `decide` checks the limit, and `expire` enforces it again after an update has
//     lowered it.
//
// Schedule
//
// 11. No timer in the schedule has expired at `now`. Every method that changes something and takes
//     a `Moment` first calls `tick`, which moves each lane whose timer has expired.
// 12. Each lane is at the position in the schedule that `readiness` determines, and at no other.
//     Every change to a lane or its webhook ends by moving the lane to that position. Therefore, a
//     ready lane always has something to send.
// 13. Ready lanes are served in the order of their `Seq`. No two lanes have the same `Seq`, and a
//     lane keeps its `Seq` until it is served or is no longer ready.
//
// Flushes
//
// 14. A flush waits for a lane only as long as the lane has unsettled notifications that were
//     accepted before the flush started, and only if the lane's webhook is not paused. `resolve`
//     reports progress to the flushes. When a webhook is paused, `set_lifecycle` removes its lanes
//     from all flushes.

mod admission;
mod arena;
mod batch;
mod effects;
mod flush;
mod invariants;
mod lane;
mod level;
mod outcome;
mod pending;
mod queue;
mod ready;
mod ready_queue;
mod receipt;
mod registry;
mod remark;
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
pub use level::Level;
pub use outcome::{AttemptId, Delivery, FailureCause, Outcome};
pub use receipt::Receipt;
pub use remark::Remark;
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

/// The sans-IO core, which manages the queues, batches, retries and statistics of all webhooks.
///
/// A dispatcher performs no I/O, does not read the clock and never inspects a payload. Every method
/// that depends on time takes the current [`Moment`] as an argument. When an attempt is due, the
/// dispatcher hands out a [`Delivery`]. The caller makes the attempt and passes its [`Outcome`]
/// back.
///
/// Most hosts use [`Engine`](crate::Engine) or [`Notifier`](crate::Notifier), which match
/// notifications against filters and pass them on to a dispatcher. A dispatcher can also be used on
/// its own. `E` is the type of the *endpoints*. An endpoint is whatever the caller needs in order
/// to reach a webhook, such as a URL. The dispatcher stores endpoints but never inspects them.
///
/// # Contract
///
/// ```text
/// ┌── calls that change the state ─────────────────────────────────────────┐
/// │  insert   update   remove   pause   resume                             │
/// │  publish   reject   handle_outcome   handle_failure   handle_timeout   │
/// │  start_flush   end_flush   close   abort                               │
/// └───────────────────────────────────┬────────────────────────────────────┘
///                            after each call
/// ┌───────────────────────────────────▼────────────────────────────────────┐
/// │  1. Call poll_delivery(now) until it returns None. Make each attempt   │
/// │     that it returns, and pass the outcome to handle_outcome or         │
/// │     handle_failure.                                                    │
/// │  2. Call poll_timeout() for the moment by which to poll again.         │
/// │     If it returns None, only another call can create new work.         │
/// │  3. Call take_effects() for reports, dead letters and payloads to      │
/// │     free. Drop them after releasing any lock.                          │
/// └────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// - Methods may be called in any order and any number of times.
/// - Stale ids are ignored. An [`AttemptId`] is stale once its attempt is settled, and a
///   [`WebhookKey`] is stale once its webhook has been removed. An early or repeated timeout has no
///   effect either.
/// - The dispatcher's time is the latest [`Moment`] passed to any method except
///   [`status`](Self::status), which does not advance it. The time never runs backwards: an earlier
///   [`Moment`] is treated as the dispatcher's time.
/// - The same seed and the same sequence of calls produce the same results, bit for bit.
/// - The cost of a call depends on the webhooks that are passed to it and the lanes that are due,
///   and hardly at all on the number of registered webhooks. The exceptions are
///   [`webhooks`](Self::webhooks), which visits every webhook, and
///   [`start_flush`](Self::start_flush) and [`abort`](Self::abort), which visit every lane that has
///   pending notifications.
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
    /// The dispatcher's time: the latest [`Moment`] passed to any method except `status`.
    now: Moment,
    /// The source of jitter. It is seeded so that runs are reproducible.
    random: Random,
    /// The part of a delivery id that differs between runs.
    epoch: u64,
    /// The number of the last batch that was cut, counted from 1 across all lanes. Together with
    /// `epoch`, it forms the delivery id.
    sequence: u64,
    /// The registered webhooks, and the removed webhooks that still have requests in flight.
    webhooks: Arena<RegisteredWebhook<E>>,
    /// The keys of the registered webhooks, by id.
    // This map is never iterated over, because its order is random and the dispatcher must be
    // deterministic. Unlike an arena, it moves all of its entries when it grows, possibly while the
    // caller holds a lock. That is rare, since it happens only when the number of webhooks doubles.
    webhook_keys: HashMap<WebhookId, WebhookKey>,
    /// The keys of the removed webhooks that still have requests in flight, by id. Webhooks with
    /// the same id are in the order in which they were removed.
    // Several webhooks may have had the same id, one after another. `abort` iterates over this map,
    // so the order of the ids must be the same in every run.
    removing: BTreeMap<WebhookId, Vec<WebhookKey>>,
    /// The total statistics of all webhooks, including removed ones.
    // The total is kept up to date rather than summed on demand. Summing would visit every webhook
    // and would miss the webhooks that no longer exist.
    total: Stats,
    /// The lanes of all webhooks, including idle ones.
    // Lanes are not stored in the webhooks that own them, because the schedule, the flushes and
    // attempt ids refer to lanes directly.
    lanes: Arena<Lane>,
    /// The lanes that are not idle.
    pending: PendingLanes,
    /// The lanes that can send now or at a later moment.
    schedule: Schedule,
    load: Load,
    flushes: Flushes,
    /// Whether publishing has been ended by [`close`](Self::close) or [`abort`](Self::abort).
    closed: bool,
    /// Which optional effects are recorded.
    recorded: RecordedEffects,
    /// The effects that have accumulated since they were last taken.
    effects: Effects<E>,
}

/// The totals across all webhooks, to which the global limits apply.
// They are kept up to date rather than summed, so that the cost of a check does not depend on the
// number of webhooks.
#[derive(Debug, Default)]
struct Load {
    /// The number of notifications in all lanes.
    pending: usize,
    /// The number of requests in flight.
    in_flight: usize,
    /// The number of requests in flight for failing webhooks. They are included in `in_flight`.
    failing_in_flight: usize,
}

impl<E> Dispatcher<E> {
    /// Creates a dispatcher without webhooks.
    ///
    /// `seed` determines the jitter of retries and the part of a delivery id that differs between
    /// runs. Use a fresh random seed for every run. Otherwise, receivers may see the same delivery
    /// ids in different runs.
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

    /// Returns the next attempt, which the caller must make now, or `None` if no attempt is due.
    ///
    /// After every call that changes something, and when [`poll_timeout`](Self::poll_timeout) is
    /// due, call this method repeatedly until it returns `None`. It also returns `None` if as many
    /// requests are in flight as [`Limits`] allow. In that case, the next outcome makes room for
    /// another attempt.
    ///
    /// The outcome of every delivery must be recorded with [`handle_outcome`](Self::handle_outcome)
    /// or [`handle_failure`](Self::handle_failure). If the attempt was not made, the outcome is
    /// [`Outcome::Abandoned`]. Until its outcome is recorded, the delivery counts as in flight. By
    /// default, a lane has only one delivery at a time, so everything queued behind it has to wait.
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

    /// Returns whether [`poll_delivery`](Self::poll_delivery) would return an attempt if it
    /// were called at the dispatcher's current time.
    ///
    /// This method takes no [`Moment`], so it misses an attempt that has become due since the time
    /// was last advanced. If that matters, call [`handle_timeout`](Self::handle_timeout) first.
    pub fn is_ready(&self) -> bool {
        self.next_ready().is_some()
    }

    /// Returns the next [`Moment`] at which [`poll_delivery`](Self::poll_delivery) may return a new
    /// attempt, or `None` if no attempt will become due by the passage of time alone.
    ///
    /// The returned moment is later than the dispatcher's time. Every call that changes something
    /// may also change this moment. Polling early is harmless, and polling late only delays
    /// attempts.
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

    /// Advances the dispatcher's time to `now`, as every method that changes something and takes a
    /// [`Moment`] does.
    ///
    /// Afterwards, [`is_ready`](Self::is_ready) and [`poll_timeout`](Self::poll_timeout) return
    /// accurate results for `now`. An early or repeated call does nothing. There is no need to call
    /// this method before [`poll_delivery`](Self::poll_delivery).
    pub fn handle_timeout(&mut self, now: Moment) {
        self.tick(now);
        self.debug_check();
    }

    /// Records the outcome of an attempt. Does nothing if the attempt is already settled.
    ///
    /// The webhook's policy decides what happens next. After a success, the batch counts as
    /// delivered.
    /// After a failure, the delivery waits for another attempt. If the failure does not allow a
    /// retry or no attempts are left, the batch is dead. An abandoned attempt does not count and is
    /// due again immediately. A `Retry-After`, a pause or a limit on requests in flight can still
    /// hold it back. If the webhook has been removed in the meantime, no further attempt is made.
    /// Depending on the outcome, the batch then counts as delivered, dead or dropped.
    ///
    /// An attempt is settled only by its first outcome or by [`abort`](Self::abort).
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
        self.record_outcome(id, outcome, None, Vec::new());
        self.debug_check();
    }

    /// Records that an attempt received a response, with the reason phrase that the receiver sent
    /// instead of the usual one, and with remarks.
    ///
    /// Phrase and remarks appear in reports and dead letters and have no other effect. Apart from
    /// them, this method is equivalent to [`handle_outcome`](Self::handle_outcome).
    pub fn handle_outcome_with_remarks(
        &mut self,
        id: AttemptId,
        outcome: Outcome,
        phrase: Option<ErrorText>,
        remarks: Vec<Remark>,
        now: Moment,
    ) {
        self.tick(now);
        self.record_outcome(id, outcome, phrase, remarks);
        self.debug_check();
    }

    /// Records that an attempt received no response, with an optional error message. Does
    /// nothing if the attempt is already settled.
    ///
    /// The message appears in reports and dead letters and has no other effect. Apart from the
    /// message, this method is equivalent to [`handle_outcome`](Self::handle_outcome) with
    /// [`Outcome::Failed`].
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
        self.record_outcome(id, Outcome::Failed(kind), error_text, Vec::new());
        self.debug_check();
    }
}
