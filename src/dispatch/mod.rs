//! The sans-IO core: queues, batches, retries, fates and the account of every webhook.
//!
//! A [`Dispatcher`] does no I/O, reads no clock and opens no payload. It is told the moment with
//! each call, gives out a [`Delivery`] when one is due, and is told the [`Outcome`]. *Any call, in
//! any order, any number of times; a stale id or an early timeout is a no-op.* The same inputs do
//! the same things, bit for bit.
//!
//! Most hosts use [`Engine`](crate::Engine) or [`Notifier`](crate::Notifier), which route
//! notifications into it. It stands alone, too: `E` is whatever its user needs to reach a webhook.
//!
//! ```
//! use recohook::attribute::Schema;
//! use recohook::dispatch::{Dispatcher, Outcome};
//! use recohook::{Encoded, Limits, Moment, http::StatusCode, policy::Policy};
//! use std::sync::Arc;
//!
//! static PASSAGES: Schema = Schema::new("passages", &[]);
//! let mut dispatcher = Dispatcher::new(Limits::default(), 7);
//! let slot = dispatcher.insert("gate".into(), Arc::new("http://127.0.0.1/"), Policy::default());
//! let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", r#"{"id":"1"}"#));
//!
//! let now = Moment::ZERO;
//! assert_eq!(dispatcher.publish(&[slot], &item, now).queued, 1);
//! let delivery = dispatcher.poll_delivery(now).expect("the default policy sends at once");
//! assert_eq!(delivery.batch().items()[0].id(), "1");
//! let outcome = Outcome::Response { status: StatusCode::OK, retry_after: None };
//! dispatcher.handle_outcome(delivery.attempt_id(), outcome, now);
//! assert_eq!(dispatcher.total().delivered, 1);
//! ```

mod account;
mod arena;
mod batch;
mod effects;
mod flush;
mod lane;
mod outcome;
mod pending;
mod queue;
mod registry;
mod report;
mod retry;
mod room;
mod schedule;
mod settle;
mod turns;
mod webhook;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

pub use account::{Account, DropReason, Dropped};
pub use batch::Batch;
pub use effects::Effects;
pub use flush::FlushId;
pub use outcome::{AttemptId, Cause, Delivery, Outcome};
pub use report::{DeadLetter, DeathReason, Report, ReportEvent};
pub use webhook::{Slot, Status};

use arena::{Arena, LaneKey};
use effects::Watch;
use flush::Flushes;
use lane::{Lane, State};
use pending::PendingLanes;
use schedule::{Class, Schedule, Wish};
use webhook::{Registered, Stage};

use crate::{
    DeliveryId, Encoded, Limits, Moment, WebhookId,
    base::random::Random,
    failure::{Detail, FailureKind},
};

/// The core. See the [module](self).
#[derive(Debug)]
pub struct Dispatcher<E> {
    limits: Limits,
    now: Moment,
    random: Random,
    epoch: u64,
    /// The number of the last batch cut.
    sequence: u64,
    webhooks: Arena<Registered<E>>,
    /// Unlike the arenas it moves all that it has when it grows, under the lock: rare, and once for
    /// each doubling of the webhooks.
    slots: HashMap<WebhookId, Slot>,
    /// Removed webhooks with requests in flight; of one id, in the order of their removal.
    leaving: BTreeMap<WebhookId, Vec<Slot>>,
    /// What all webhooks have counted, those that are gone included.
    total: Account,
    lanes: Arena<Lane>,
    /// The lanes with something pending.
    pending: PendingLanes,
    schedule: Schedule,
    load: Load,
    flushes: Flushes,
    closed: bool,
    watch: Watch,
    effects: Effects<E>,
}

/// What became of a notification at its webhooks' queues.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Queued {
    /// Webhooks that took it.
    pub queued: usize,
    /// Webhooks that refused it.
    pub rejected: usize,
}

/// What the bounds in all are held against.
#[derive(Debug, Default)]
struct Load {
    pending: usize,
    in_flight: usize,
    /// Of these, of webhooks whose last attempt failed.
    failing_in_flight: usize,
}

/// For how many webhooks [`Dispatcher::publish`] looks ahead.
const AHEAD: usize = 16;

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
            slots: HashMap::new(),
            leaving: BTreeMap::new(),
            total: Account::default(),
            lanes: Arena::default(),
            pending: PendingLanes::default(),
            schedule: Schedule::default(),
            load: Load::default(),
            flushes: Flushes::default(),
            closed: false,
            watch: Watch::default(),
            effects: Effects::default(),
        }
    }

    /// Queues `item` for the webhooks of `to`. Those that were removed meanwhile are passed over.
    ///
    /// Afterwards [`poll_delivery`](Self::poll_delivery) may have work, or
    /// [`poll_timeout`](Self::poll_timeout) an earlier moment.
    pub fn publish(&mut self, to: &[Slot], item: &Arc<Encoded>, now: Moment) -> Queued {
        self.tick(now);
        let mut queued = Queued::default();
        for slots in to.chunks(AHEAD) {
            self.look_ahead(slots, item.schema().id());
            for slot in slots {
                match self.offer(*slot, item) {
                    Some(true) => queued.queued += 1,
                    Some(false) => queued.rejected += 1,
                    None => {}
                }
            }
        }
        self.count(queued)
    }

    /// Refuses `item` on behalf of the webhooks of `to`, for a bound that its caller keeps.
    pub fn reject(&mut self, to: &[Slot], item: &Arc<Encoded>, now: Moment) -> Queued {
        self.tick(now);
        let mut queued = Queued::default();
        for slot in to {
            queued.rejected += usize::from(self.refuse(*slot, item));
        }
        self.count(queued)
    }

    /// The next attempt that is due, to be made now. Call it again until it gives none; then once
    /// more after each call that changes something, and at [`poll_timeout`](Self::poll_timeout).
    pub fn poll_delivery(&mut self, now: Moment) -> Option<Delivery<E>> {
        self.tick(now);
        while let Some(key) = self.next_ready() {
            if let Some(delivery) = self.start(key) {
                return Some(delivery);
            }
        }
        None
    }

    /// Whether [`poll_delivery`](Self::poll_delivery) has work at once, timers aside.
    pub fn is_ready(&self) -> bool {
        self.next_ready().is_some()
    }

    /// The moment at which [`poll_delivery`](Self::poll_delivery) may have work that it has not
    /// now; none if time alone will bring none. It is later than every moment told so far. Ask
    /// again after each call that changes something.
    pub fn poll_timeout(&self) -> Option<Moment> {
        self.schedule.next_timer()
    }

    /// Takes note of the time. Early or repeated calls are harmless, and every call that is told
    /// the moment does it too.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.tick(now);
    }

    /// Tells what came of an attempt. An id whose attempt is settled already is passed over.
    pub fn handle_outcome(&mut self, id: AttemptId, outcome: Outcome, now: Moment) {
        self.tick(now);
        self.settle_attempt(id, outcome, None);
    }

    /// Tells that an attempt brought no response, and what an error said of it. The detail goes
    /// into reports and dead letters and decides nothing: apart from it, this is
    /// [`handle_outcome`](Self::handle_outcome) with [`Outcome::Failed`].
    pub fn handle_failure(
        &mut self,
        id: AttemptId,
        kind: FailureKind,
        detail: Option<Detail>,
        now: Moment,
    ) {
        self.tick(now);
        self.settle_attempt(id, Outcome::Failed(kind), detail);
    }

    /// Counts what became of a notification for all webhooks together.
    fn count(&mut self, queued: Queued) -> Queued {
        self.total.matched += (queued.queued + queued.rejected) as u64;
        self.total.accepted += queued.queued as u64;
        self.total.rejected += queued.rejected as u64;
        queued
    }

    /// A webhook with a lane whose timer has run out.
    fn due_webhook(&self) -> Option<Slot> {
        let key = self.schedule.due(self.now)?;
        self.lanes.get(key.0).map(|lane| lane.webhook)
    }

    fn next_ready(&self) -> Option<LaneKey> {
        if self.load.in_flight >= self.limits.in_flight() {
            return None;
        }
        let share = (self.limits.in_flight() / 2).max(1);
        self.schedule.next(self.load.failing_in_flight < share)
    }

    /// Makes the next attempt of a lane whose turn it is.
    fn start(&mut self, key: LaneKey) -> Option<Delivery<E>> {
        let lane = self.lanes.get_mut(key.0)?;
        // It has had its turn; where it stays ready, it queues anew.
        self.schedule.set(key, &mut lane.place, Wish::Nothing);
        let (slot, topic) = (lane.webhook, lane.schema.topic());
        let webhook = self.webhooks.get_mut(slot.0)?;
        let one = match lane.next_retry().filter(|(_, due)| *due <= self.now) {
            Some((at, _)) => &mut lane.under_way[at],
            None => {
                let cut = lane.cut(webhook.policy.batch(), self.sequence + 1)?;
                self.sequence += 1;
                cut
            }
        };
        one.attempt = one.attempt.saturating_add(1);
        one.lease = one.lease.wrapping_add(1);
        one.state = State::InFlight;
        let delivery = Delivery {
            attempt_id: AttemptId { lane: key, sequence: one.sequence, lease: one.lease },
            id: DeliveryId::new(self.epoch, one.sequence),
            attempt: one.attempt,
            webhook: webhook.id.clone(),
            topic,
            endpoint: Arc::clone(&webhook.endpoint),
            batch: Arc::clone(&one.batch),
            timeout: webhook.policy.timeout(),
        };
        webhook.served(key);
        webhook.in_flight += 1;
        self.load.in_flight += 1;
        self.load.failing_in_flight += usize::from(webhook.is_failing());
        self.refresh_webhook(slot);
        Some(delivery)
    }

    /// Puts a lane where it belongs in the schedule. Every change of a lane or its webhook ends
    /// here.
    fn refresh(&mut self, key: LaneKey) {
        let Some(lane) = self.lanes.get_mut(key.0) else { return };
        let Some(webhook) = self.webhooks.get(lane.webhook.0) else { return };
        let wish = wish(lane, webhook, self.limits.webhook_in_flight(), self.now);
        self.schedule.set(key, &mut lane.place, wish);
    }

    fn refresh_webhook(&mut self, slot: Slot) {
        let mut at = 0;
        while let Some((_, key)) =
            self.webhooks.get(slot.0).and_then(|webhook| webhook.lanes.get(at)).copied()
        {
            self.refresh(key);
            at += 1;
        }
    }

    /// Time never runs back, whatever the clock does. What has come due by now is ready before
    /// anything else happens, so that nothing takes its turn.
    fn tick(&mut self, now: Moment) {
        self.now = self.now.max(now);
        while let Some(slot) = self.due_webhook() {
            // All its lanes at once, so that those that come due together keep their turns.
            self.refresh_webhook(slot);
        }
    }
}

/// When a lane's next attempt is due.
fn wish<E>(lane: &Lane, webhook: &Registered<E>, most_in_flight: usize, now: Moment) -> Wish {
    if webhook.stage != Stage::Active || webhook.in_flight >= most_in_flight {
        return Wish::Nothing;
    }
    let policy = &webhook.policy;
    let retry = lane.next_retry().map(|(_, due)| due);
    let room = lane.under_way.len() < policy.window();
    let cut = if room { lane.cut_at(policy.batch()) } else { None };
    match retry.into_iter().chain(cut).min().map(|due| due.max(webhook.held_until)) {
        None => Wish::Nothing,
        Some(due) if due > now => Wish::At(due),
        Some(_) if webhook.is_failing() => Wish::Now(Class::Failing),
        Some(_) => Wish::Now(Class::Healthy),
    }
}
