//! The rules that a dispatcher must follow, checked against the model.

use std::sync::Arc;

use recohook::{
    Moment, WebhookId,
    report::Stats,
    unstable::{Delivery, Dispatcher},
};

use crate::{
    book::ids,
    hook::{Counts, Hook, Lane, Lifecycle, Sent},
    model::{Model, TOPICS},
};

/// How often another lane may be served while a lane that could be served waits.
const MOST_PASSED: u32 = 2;

impl Model {
    /// Returns when the next attempt of a lane is due, by the policy and the bounds of its webhook
    /// only.
    fn due(&self, hook: usize, lane: usize) -> Option<u64> {
        let one = &self.hooks[hook];
        let free = one.in_flight() < self.limits.max_webhook_in_flight();
        self.work(hook, lane).filter(|_| free).map(|due| due.max(one.blocked_until))
    }

    /// Returns when a lane has work, even if its webhook may not start an attempt then.
    fn work(&self, hook: usize, lane: usize) -> Option<u64> {
        let one = &self.hooks[hook];
        if one.lifecycle != Lifecycle::Active {
            return None;
        }
        let lanes = &one.lanes[lane];
        let room = lanes.under_way.len() < one.plan.window;
        let cut = if room { cut_at(one, lanes) } else { None };
        waiting(lanes).map(|sent| sent.due).chain(cut).min()
    }

    fn in_flight(&self) -> usize {
        self.hooks.iter().map(Hook::in_flight).sum()
    }

    /// Returns whether the total bounds allow a webhook to start an attempt.
    fn may_start(&self, hook: usize) -> bool {
        let failing = self.hooks.iter().filter(|one| one.failures > 0);
        let failing: usize = failing.map(Hook::in_flight).sum();
        let share = (self.limits.max_in_flight() / 2).max(1);
        self.in_flight() < self.limits.max_in_flight()
            && (self.hooks[hook].failures == 0 || failing < share)
    }

    fn lanes(&self) -> impl Iterator<Item = (usize, usize)> {
        let hooks = 0..self.hooks.len();
        hooks.flat_map(|hook| (0..TOPICS.len()).map(move |lane| (hook, lane)))
    }

    fn is_due(&self, hook: usize, lane: usize) -> bool {
        self.due(hook, lane).is_some_and(|due| due <= self.now)
    }

    fn any_due(&self) -> Option<(usize, usize)> {
        self.lanes().find(|(hook, lane)| self.is_due(*hook, *lane) && self.may_start(*hook))
    }

    /// Checks that the dispatcher was right to start an attempt, and that it is the expected one.
    pub(crate) fn started(&mut self, delivery: &Delivery<u64>) {
        let name = delivery.webhook().as_str();
        let hook = self.live(name).expect("an attempt must be for a registered webhook");
        let lane = TOPICS.iter().position(|topic| *topic == delivery.topic()).unwrap();
        assert!(self.is_due(hook, lane), "{name} is not due: {:?}", self.hooks[hook].lanes[lane]);
        assert!(self.may_start(hook), "{name} exceeds the total bounds");
        self.take_turn(hook, lane);

        let one = &mut self.hooks[hook];
        assert_eq!(**delivery.endpoint(), one.endpoint, "the endpoint must be the latest");
        assert_eq!(delivery.timeout().as_nanos() as u64, one.plan.timeout);
        let sequence = delivery.id().sequence();
        let retry = waiting(&one.lanes[lane]).filter(|sent| sent.due <= self.now);
        let retry = retry.min_by_key(|sent| (sent.due, sent.delivery)).map(|sent| sent.delivery);
        if let Some(retry) = retry {
            assert_eq!(sequence, retry, "{name}: the retry that is due first must be first");
        } else {
            assert!(
                one.lanes[lane].under_way.len() < one.plan.window,
                "{name}: too many batches are in flight"
            );
            let size = batch_size(one, &one.lanes[lane]);
            self.deliveries += 1;
            assert_eq!(sequence, self.deliveries, "deliveries must be numbered as they are cut");
            let pieces = one.lanes[lane].queue.drain(..size).collect();
            one.lanes[lane].under_way.push(Sent {
                delivery: sequence,
                pieces,
                batch: Arc::clone(delivery.batch()),
                attempts: 0,
                cause: None,
                is_repeated: false,
                flight: None,
                due: 0,
            });
        }
        let mut under_way = one.lanes[lane].under_way.iter_mut();
        let sent = under_way.find(|sent| sent.delivery == sequence).unwrap();
        assert!(sent.flight.is_none(), "delivery {sequence} is in flight twice");
        assert!(
            Arc::ptr_eq(&sent.batch, delivery.batch()),
            "all attempts must have the same members"
        );
        let numbers: Vec<_> = sent.pieces.iter().map(|piece| piece.number).collect();
        assert_eq!(
            ids(delivery.batch()),
            numbers,
            "{name}: a batch must have the oldest notifications, in order, up to the bounds"
        );
        sent.attempts += 1;
        sent.flight = Some(delivery.attempt_id());
        assert_eq!(delivery.attempt(), sent.attempts);
        assert!(
            one.plan.allows(sent.attempts),
            "{name}: attempt {} exceeds the limit",
            sent.attempts
        );
    }

    /// Checks that lanes take turns if they could be served.
    fn take_turn(&mut self, hook: usize, lane: usize) {
        let failing = self.hooks[hook].failures > 0;
        let lanes: Vec<_> = self.lanes().filter(|other| *other != (hook, lane)).collect();
        for (other, its) in lanes {
            let kept_back = self.hooks[other].failures > 0 && !failing;
            let could = self.is_due(other, its) && !kept_back;
            let waits = &mut self.hooks[other].lanes[its];
            if could {
                let passed = waits.passed.entry((hook, lane)).or_default();
                *passed += 1;
                assert!(*passed <= MOST_PASSED, "lane {its} of {other} is passed over too often");
            }
            if other == hook {
                let passed = waits.passed_by_sibling.entry(lane).or_default();
                *passed += 1;
                assert!(
                    *passed <= MOST_PASSED,
                    "lane {its} of {other} is passed over too often by a lane of its webhook"
                );
            }
        }
        self.hooks[hook].lanes[lane].passed.clear();
        self.hooks[hook].lanes[lane].passed_by_sibling.clear();
    }

    /// Checks that the dispatcher was right to start no attempt.
    pub(crate) fn check_idle(&self) {
        if let Some((hook, lane)) = self.any_due() {
            panic!("an attempt is due: {:?}", self.hooks[hook].lanes[lane]);
        }
    }

    /// Checks everything that must hold at all times.
    pub(crate) fn check(&mut self, dispatcher: &Dispatcher<u64>) {
        self.check_webhooks(dispatcher);
        self.check_bounds(dispatcher);
        for (flush, waiting) in &self.flushes {
            let done = dispatcher.is_flushed(*flush);
            assert_eq!(done, waiting.is_empty(), "{flush:?} waits for {waiting:?}");
        }
        let due = self.any_due();
        assert_eq!(dispatcher.is_ready(), due.is_some(), "left is `is_ready`, and {due:?} is due");
        let dues = self.lanes().filter_map(|(hook, lane)| self.due(hook, lane));
        let next = dues.filter(|due| *due > self.now).min().map(Moment::from_nanos);
        assert_eq!(dispatcher.poll_timeout(), next, "left is `poll_timeout`, right is expected");
        for (hook, lane) in self.lanes().collect::<Vec<_>>() {
            if !self.is_due(hook, lane) {
                self.hooks[hook].lanes[lane].passed.clear();
            }
            if self.work(hook, lane).is_none_or(|due| due > self.now) {
                self.hooks[hook].lanes[lane].passed_by_sibling.clear();
            }
        }
    }

    fn check_webhooks(&self, dispatcher: &Dispatcher<u64>) {
        let mut names: Vec<_> = self.hooks.iter().map(|hook| hook.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let id = WebhookId::from(name);
            let removing = self.hooks.iter().filter(|hook| hook.lifecycle == Lifecycle::Removing);
            let last = removing.filter(|hook| hook.name == name).max_by_key(|hook| hook.removal);
            let live = self.live(name).map(|hook| &self.hooks[hook]);
            assert_eq!(dispatcher.webhook_key(&id), live.map(|hook| hook.key));
            assert_eq!(dispatcher.endpoint(&id).map(|at| **at), live.map(|hook| hook.endpoint));
            let stats = dispatcher.stats(&id);
            assert_eq!(stats.map(counts), live.or(last).map(|hook| hook.counts), "{name}");
            if let (Some(stats), Some(hook)) = (stats, live.or(last)) {
                check_stats(&stats, hook.serials().count());
            }
            let Some(hook) = live else {
                assert_eq!(dispatcher.status(&id, Moment::ZERO), None);
                continue;
            };
            let status = dispatcher.status(&id, Moment::from_nanos(self.now)).unwrap();
            assert_eq!(status.paused, hook.lifecycle == Lifecycle::Paused);
            assert_eq!(status.in_flight, hook.in_flight());
            assert_eq!(status.failures, hook.failures);
            assert_eq!(status.pending_bytes, hook.bytes());
            assert_eq!(
                status.blocked_for.as_nanos() as u64,
                hook.blocked_until.saturating_sub(self.now)
            );
        }
        let mut listed: Vec<_> = dispatcher.webhooks().map(|(id, _)| id.as_str()).collect();
        listed.sort_unstable();
        let mut live: Vec<_> = self
            .hooks
            .iter()
            .filter(|hook| hook.is_live())
            .map(|hook| hook.name.as_str())
            .collect();
        live.sort_unstable();
        assert_eq!(listed, live);

        let total = dispatcher.total();
        check_stats(&total, self.hooks.iter().map(|hook| hook.serials().count()).sum());
        assert_eq!(
            counts(total),
            self.hooks.iter().fold(Counts::default(), |sum, hook| sum.plus(hook.counts))
        );
    }

    fn check_bounds(&self, dispatcher: &Dispatcher<u64>) {
        assert_eq!(dispatcher.in_flight(), self.in_flight());
        assert_eq!(dispatcher.is_closed(), self.closed);
        let limits = &self.limits;
        assert!(self.in_flight() <= limits.max_in_flight());
        let pending: usize = self.hooks.iter().map(|hook| hook.serials().count()).sum();
        assert!(pending <= limits.max_queue_items());
        for hook in &self.hooks {
            assert!(hook.in_flight() <= limits.max_webhook_in_flight());
            assert!(hook.serials().count() <= limits.max_webhook_queue_items());
            assert!(hook.bytes() <= limits.max_webhook_queue_bytes());
        }
    }
}

/// Returns when the next batch of a lane may be cut.
fn cut_at(hook: &Hook, lane: &Lane) -> Option<u64> {
    let oldest = lane.queue.front()?;
    let bytes: usize = lane.queue.iter().map(|piece| piece.bytes).sum();
    let full = lane.queue.len() >= hook.plan.items || bytes >= hook.plan.bytes;
    Some(if full || oldest.hurried { oldest.at } else { oldest.at + hook.plan.linger })
}

/// Returns the number of members of the next batch: as many as fit, but at least one.
fn batch_size(hook: &Hook, lane: &Lane) -> usize {
    let most = hook.plan.items.min(lane.queue.len());
    let fits = |count: &usize| {
        let bytes: usize = lane.queue.iter().take(*count).map(|piece| piece.bytes).sum();
        bytes <= hook.plan.bytes
    };
    (1..=most).rev().find(fits).unwrap_or(1)
}

fn waiting(lane: &Lane) -> impl Iterator<Item = &Sent> {
    lane.under_way.iter().filter(|sent| sent.flight.is_none())
}

fn check_stats(stats: &Stats, pending: usize) {
    let ended = stats.delivered + stats.dead + stats.dropped.total();
    assert_eq!(stats.matched, stats.accepted + stats.rejected, "{stats}");
    assert_eq!(stats.accepted, ended + stats.pending(), "{stats}");
    assert_eq!(stats.pending(), pending as u64, "{stats}");
}

fn counts(stats: Stats) -> Counts {
    Counts {
        matched: stats.matched,
        accepted: stats.accepted,
        rejected: stats.rejected,
        delivered: stats.delivered,
        dead: stats.dead,
        overflow: stats.dropped.overflow,
        removed: stats.dropped.removed,
        shutdown: stats.dropped.shutdown,
        attempts: stats.attempts,
        failures: stats.failures,
    }
}
