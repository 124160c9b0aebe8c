//! The model of a dispatcher.

use std::collections::{BTreeMap, BTreeSet};

use recohook::{
    AttemptId, FailureKind, FlushId, Limits,
    report::{DropReason, FailureCause},
    unstable::{Outcome, WebhookKey},
};

use crate::{
    book::Book,
    hook::{Counts, Hook, Lifecycle, Piece, Sent},
    plan::{Plan, SECOND},
};

pub(crate) const TOPICS: [&str; 3] = ["events", "episodes", "counters"];

/// The expected state of the dispatcher, as simple as possible. Each accepted notification is a
/// [`Piece`] with a number of its own, and each question is answered by a search through all of
/// them.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) limits: Limits,
    pub(crate) now: u64,
    /// All webhooks that were ever inserted.
    pub(crate) hooks: Vec<Hook>,
    pub(crate) closed: bool,
    pub(crate) pieces: u64,
    /// The number of the last delivery.
    pub(crate) deliveries: u64,
    /// The serial numbers that each flush waits for.
    pub(crate) flushes: BTreeMap<FlushId, BTreeSet<u64>>,
    pub(crate) book: Book,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Resolution {
    Delivered { status: u16 },
    Dead { cause: FailureCause },
    Dropped(DropReason),
}

impl Model {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: 0,
            hooks: Vec::new(),
            closed: false,
            pieces: 0,
            deliveries: 0,
            flushes: BTreeMap::new(),
            book: Book::default(),
        }
    }

    pub(crate) fn hook(&self, key: WebhookKey) -> Option<usize> {
        self.hooks.iter().position(|hook| hook.key == key)
    }

    pub(crate) fn live(&self, name: &str) -> Option<usize> {
        self.hooks.iter().position(|hook| hook.name == name && hook.is_live())
    }

    pub(crate) fn insert(&mut self, name: &str, key: WebhookKey, endpoint: u64, plan: Plan) {
        assert!(self.hook(key).is_none(), "{key:?} names two webhooks");
        self.hooks.push(Hook {
            name: name.to_owned(),
            key,
            endpoint,
            strict: plan.window == 1,
            plan,
            lifecycle: Lifecycle::Active,
            lanes: Default::default(),
            failures: 0,
            blocked_until: 0,
            counts: Counts::default(),
            removal: 0,
        });
    }

    pub(crate) fn update(&mut self, hook: usize, endpoint: u64, plan: Plan) -> bool {
        let one = &mut self.hooks[hook];
        if !one.is_live() {
            return false;
        }
        one.endpoint = endpoint;
        one.strict &= plan.window == 1;
        one.plan = plan;
        for lane in 0..TOPICS.len() {
            self.give_up(hook, lane);
        }
        true
    }

    pub(crate) fn remove(&mut self, hook: usize) -> bool {
        if !self.hooks[hook].is_live() {
            return false;
        }
        self.hooks[hook].lifecycle = Lifecycle::Removing;
        self.hooks[hook].removal = 1 + self.hooks.iter().map(|one| one.removal).max().unwrap();
        for lane in 0..TOPICS.len() {
            self.drop_lane(hook, lane, DropReason::Removed, |sent| sent.flight.is_none());
        }
        self.finish_removal(hook);
        true
    }

    pub(crate) fn set_paused(&mut self, hook: usize, paused: bool) -> bool {
        let one = &mut self.hooks[hook];
        if !one.is_live() {
            return false;
        }
        one.lifecycle = if paused { Lifecycle::Paused } else { Lifecycle::Active };
        if paused {
            let serials: Vec<_> = one.serials().collect();
            for serial in serials {
                self.unflush(serial);
            }
        }
        true
    }

    /// Publishes to the webhooks in `to`. Returns how many accept and how many reject the
    /// notification.
    pub(crate) fn publish(
        &mut self,
        to: &[usize],
        lane: usize,
        number: u64,
        bytes: usize,
    ) -> (usize, usize) {
        let (mut queued, mut rejected) = (0, 0);
        for hook in to.iter().copied() {
            if !self.hooks[hook].is_live() {
                continue;
            }
            self.hooks[hook].counts.matched += 1;
            if self.closed || !self.make_room(hook, bytes) {
                rejected += 1;
                self.hooks[hook].counts.rejected += 1;
                self.book.rejected(&self.hooks[hook], lane, number);
                continue;
            }
            queued += 1;
            self.pieces += 1;
            let piece = Piece { serial: self.pieces, number, at: self.now, bytes, hurried: false };
            self.hooks[hook].counts.accepted += 1;
            self.hooks[hook].lanes[lane].queue.push_back(piece);
        }
        (queued, rejected)
    }

    fn make_room(&mut self, hook: usize, bytes: usize) -> bool {
        let total: usize = self.hooks.iter().map(|one| one.serials().count()).sum();
        let one = &self.hooks[hook];
        let mut queued: Vec<_> =
            one.lanes.iter().flat_map(|lane| &lane.queue).map(|p| (p.serial, p.bytes)).collect();
        queued.sort_unstable();
        let (pending, pending_bytes) = (one.serials().count(), one.bytes());
        let most = if one.plan.drop_oldest { queued.len() } else { 0 };
        // The smallest number of the oldest pieces that must be dropped to make room.
        let needed = (0..=most).find(|gone| {
            let bytes_gone: usize = queued[..*gone].iter().map(|(_, bytes)| bytes).sum();
            pending - gone < self.limits.max_webhook_queue_items()
                && total - gone < self.limits.max_queue_items()
                && pending_bytes - bytes_gone + bytes <= self.limits.max_webhook_queue_bytes()
        });
        let Some(needed) = needed else { return false };
        for (serial, _) in &queued[..needed] {
            let lane = self.hooks[hook]
                .lanes
                .iter()
                .position(|lane| lane.queue.front().is_some_and(|piece| piece.serial == *serial))
                .expect("the oldest piece is the first of its lane");
            let piece = self.hooks[hook].lanes[lane].queue.pop_front().unwrap();
            self.resolve(hook, lane, None, &[piece], Resolution::Dropped(DropReason::Overflow));
        }
        true
    }

    pub(crate) fn outcome(&mut self, id: AttemptId, outcome: Outcome) {
        let Some((hook, lane, at)) = self.flight(id) else { return };
        let now = self.now;
        let one = &mut self.hooks[hook];
        let sent = &mut one.lanes[lane].under_way[at];
        sent.flight = None;
        let attempt = sent.attempts;
        let (cause, curable) = match outcome {
            Outcome::Abandoned => return self.abandoned(hook, lane, at),
            Outcome::Response { status, .. } if one.plan.accepts(status.as_u16()) => {
                one.counts.attempts += 1;
                one.failures = 0;
                let resolution = Resolution::Delivered { status: status.as_u16() };
                return self.complete(hook, lane, at, resolution);
            }
            Outcome::Response { status, .. } => {
                (FailureCause::Status(status), one.plan.retries(status.as_u16()))
            }
            Outcome::Failed(FailureKind::Exhausted) => {
                return self.repeated(hook, lane, at, FailureKind::Exhausted, SECOND);
            }
            Outcome::Failed(kind @ FailureKind::StaleConnection) if !sent.is_repeated => {
                sent.is_repeated = true;
                return self.repeated(hook, lane, at, kind, 0);
            }
            Outcome::Failed(kind) => {
                (FailureCause::Failure(kind), kind != FailureKind::InvalidRequest)
            }
            other => panic!("unexpected outcome: {other:?}"),
        };
        let retry_after = one.plan.retry_after(outcome);
        sent.cause = Some(cause);
        sent.is_repeated = false;
        one.counts.attempts += 1;
        one.counts.failures += 1;
        one.failures += u32::from(cause != FailureCause::Failure(FailureKind::InvalidRequest));
        one.blocked_until = one.blocked_until.max(now + retry_after);
        if !curable || !one.plan.allows(attempt + 1) {
            return self.complete(hook, lane, at, Resolution::Dead { cause });
        }
        if one.lifecycle == Lifecycle::Removing {
            return self.complete(hook, lane, at, Resolution::Dropped(DropReason::Removed));
        }
        let mut wait = one.plan.wait(attempt, retry_after);
        let blocked_for = one.blocked_until.saturating_sub(now);
        (wait.low, wait.high) = (wait.low.max(blocked_for), wait.high.max(blocked_for));
        let jitter = one.plan.has_jitter();
        self.book.failed(&self.hooks[hook], lane, at, wait, jitter);
    }

    fn abandoned(&mut self, hook: usize, lane: usize, at: usize) {
        if self.hooks[hook].lifecycle == Lifecycle::Removing {
            return self.complete(hook, lane, at, Resolution::Dropped(DropReason::Removed));
        }
        self.book.abandoned(&self.hooks[hook], lane, at);
        let sent = &mut self.hooks[hook].lanes[lane].under_way[at];
        sent.attempts -= 1;
        sent.due = self.now;
        self.give_up(hook, lane);
    }

    /// Repeats an attempt that does not count.
    fn repeated(&mut self, hook: usize, lane: usize, at: usize, kind: FailureKind, wait: u64) {
        if self.hooks[hook].lifecycle == Lifecycle::Removing {
            return self.complete(hook, lane, at, Resolution::Dropped(DropReason::Removed));
        }
        self.book.repeated(&self.hooks[hook], lane, at, kind, wait);
        let sent = &mut self.hooks[hook].lanes[lane].under_way[at];
        sent.attempts -= 1;
        sent.due = self.now + wait;
        self.give_up(hook, lane);
    }

    /// Gives up deliveries that wait for an attempt beyond the limit.
    fn give_up(&mut self, hook: usize, lane: usize) {
        loop {
            let one = &self.hooks[hook];
            let over = one.lanes[lane]
                .under_way
                .iter()
                .position(|sent| sent.flight.is_none() && !one.plan.allows(sent.attempts + 1));
            let Some(at) = over else { return };
            let cause = one.lanes[lane].under_way[at].cause.expect("an attempt failed before");
            self.complete(hook, lane, at, Resolution::Dead { cause });
        }
    }

    fn complete(&mut self, hook: usize, lane: usize, at: usize, resolution: Resolution) {
        let sent = self.hooks[hook].lanes[lane].under_way.remove(at);
        self.resolve(hook, lane, Some((sent.delivery, sent.attempts)), &sent.pieces, resolution);
        self.finish_removal(hook);
    }

    /// Counts and reports how pieces end. This happens once for each piece, because it has left its
    /// lane.
    fn resolve(
        &mut self,
        hook: usize,
        lane: usize,
        delivery: Option<(u64, u32)>,
        pieces: &[Piece],
        resolution: Resolution,
    ) {
        let one = &mut self.hooks[hook];
        *match resolution {
            Resolution::Delivered { .. } => &mut one.counts.delivered,
            Resolution::Dead { .. } => &mut one.counts.dead,
            Resolution::Dropped(DropReason::Overflow) => &mut one.counts.overflow,
            Resolution::Dropped(DropReason::Removed) => &mut one.counts.removed,
            Resolution::Dropped(_) => &mut one.counts.shutdown,
        } += pieces.len() as u64;
        if matches!(resolution, Resolution::Delivered { .. }) && one.strict {
            for piece in pieces {
                let last = std::mem::replace(&mut one.lanes[lane].last, piece.serial);
                assert!(last < piece.serial, "{}: {last} arrived before {piece:?}", one.name);
            }
        }
        self.book.settled(&self.hooks[hook], lane, delivery, pieces, resolution);
        for piece in pieces {
            self.unflush(piece.serial);
        }
    }

    pub(crate) fn abort(&mut self) {
        self.closed = true;
        for hook in 0..self.hooks.len() {
            for lane in 0..TOPICS.len() {
                self.drop_lane(hook, lane, DropReason::Shutdown, |_| true);
            }
            self.finish_removal(hook);
        }
    }

    fn drop_lane(
        &mut self,
        hook: usize,
        lane: usize,
        reason: DropReason,
        wanted: impl Fn(&Sent) -> bool,
    ) {
        while let Some(at) = self.hooks[hook].lanes[lane].under_way.iter().position(&wanted) {
            self.complete(hook, lane, at, Resolution::Dropped(reason));
        }
        let queue: Vec<_> = self.hooks[hook].lanes[lane].queue.drain(..).collect();
        if !queue.is_empty() {
            self.resolve(hook, lane, None, &queue, Resolution::Dropped(reason));
        }
    }

    fn finish_removal(&mut self, hook: usize) {
        let one = &mut self.hooks[hook];
        if one.lifecycle == Lifecycle::Removing && one.serials().next().is_none() {
            one.lifecycle = Lifecycle::Gone;
        }
    }

    pub(crate) fn flush(&mut self, id: FlushId) {
        let active = self.hooks.iter().filter(|hook| hook.lifecycle != Lifecycle::Paused);
        let serials = active.flat_map(Hook::serials).collect();
        self.flushes.insert(id, serials);
        for piece in
            self.hooks.iter_mut().flat_map(|hook| &mut hook.lanes).flat_map(|l| &mut l.queue)
        {
            piece.hurried = true;
        }
    }

    fn unflush(&mut self, serial: u64) {
        for waiting in self.flushes.values_mut() {
            waiting.remove(&serial);
        }
    }

    /// Returns the webhook, the lane and the position of the attempt with this id, if it is in
    /// flight.
    fn flight(&self, id: AttemptId) -> Option<(usize, usize, usize)> {
        self.hooks.iter().enumerate().find_map(|(hook, one)| {
            one.lanes.iter().enumerate().find_map(|(lane, lanes)| {
                let at = lanes.under_way.iter().position(|sent| sent.flight == Some(id))?;
                Some((hook, lane, at))
            })
        })
    }
}
