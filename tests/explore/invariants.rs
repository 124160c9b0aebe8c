//! The invariants of a dispatcher, checked against the model.

use recohook::{
    Moment, WebhookId,
    report::{DropReason, Stats},
    unstable::Dispatcher,
};

use crate::model::{BATCH, End, Hook, Model, TOPICS};

impl Model {
    /// Asserts the invariants that hold after every call.
    pub(crate) fn check(&self, dispatcher: &Dispatcher<()>) {
        let mut total = Stats::default();
        for (at, hook) in self.hooks.iter().enumerate() {
            let stats = self.stats(at);
            total += stats;
            assert!(hook.in_flight <= self.bounds.webhook_in_flight);
            assert!(self.pending_of(at) <= self.bounds.webhook_items);
            if hook.live {
                assert_eq!(dispatcher.webhook_key(&hook.id), Some(hook.key));
                check_stats(dispatcher.stats(&hook.id), stats, self.pending_of(at));
                let status = dispatcher.status(&hook.id, Moment::ZERO).unwrap();
                assert_eq!((status.in_flight, status.paused), (hook.in_flight, hook.paused));
                assert_eq!(status.pending_bytes, 2 * self.pending_of(at));
            } else if self.live(&hook.id).is_none() {
                self.check_removed(dispatcher, &hook.id);
            }
        }
        check_stats(Some(dispatcher.total()), total, self.pending());
        assert_eq!(dispatcher.in_flight(), self.in_flight());
        assert!(self.in_flight() <= self.bounds.in_flight);
        assert!(self.pending() <= self.bounds.items);
        assert_eq!(dispatcher.is_closed(), self.closed);
        if let Some(flush) = &self.flush {
            let done = flush.waiting.iter().all(|at| self.entries[*at].end.is_some());
            assert_eq!(dispatcher.is_flushed(flush.id), done, "{flush:?}");
        }
    }

    /// Checks an id whose webhook is removed. It keeps the statistics of the webhook that was
    /// removed last, until nothing of that webhook is pending.
    fn check_removed(&self, dispatcher: &Dispatcher<()>, id: &WebhookId) {
        let removing = |at: &usize| self.hooks[*at].id == *id && self.pending_of(*at) > 0;
        let last = (0..self.hooks.len()).rev().find(removing);
        assert_eq!(dispatcher.stats(id), last.map(|at| self.stats(at)));
        assert_eq!((dispatcher.webhook_key(id), dispatcher.endpoint(id)), (None, None));
    }

    /// Returns the statistics of a webhook, computed from the end of each notification.
    fn stats(&self, hook: usize) -> Stats {
        let mut stats = Stats::default();
        for entry in self.entries.iter().filter(|entry| entry.hook == hook) {
            stats.matched += 1;
            stats.accepted += u64::from(entry.end != Some(End::Rejected));
            match entry.end {
                None => {}
                Some(End::Rejected) => stats.rejected += 1,
                Some(End::Delivered) => stats.delivered += 1,
                Some(End::Dead) => stats.dead += 1,
                Some(End::Dropped(DropReason::Overflow)) => stats.dropped.overflow += 1,
                Some(End::Dropped(DropReason::Removed)) => stats.dropped.removed += 1,
                Some(End::Dropped(_)) => stats.dropped.shutdown += 1,
            }
        }
        stats.attempts = self.hooks[hook].attempts;
        stats.failures = self.hooks[hook].failures;
        stats
    }

    /// Returns `true` if a lane without an open delivery can send a batch. The dispatcher must then
    /// be ready.
    pub(crate) fn can_send(&self, now: Moment) -> bool {
        (0..self.hooks.len()).any(|at| {
            let hook = &self.hooks[at];
            let free = hook.live && !hook.paused && hook.blocked_until <= now;
            let lanes = hook.lanes.iter().enumerate().filter(|(_, lane)| lane.open.is_empty());
            let mut queues = lanes.map(|(topic, _)| self.queued(at, topic));
            free && !self.is_at_bound(hook)
                && queues.any(|mut queue| {
                    queue.next().is_some_and(|oldest| {
                        oldest.flushed
                            || oldest.at + hook.linger <= now
                            || queue.count() + 1 >= BATCH
                    })
                })
        })
    }

    /// Asserts that a webhook may have an attempt now.
    pub(crate) fn check_may_send(&self, at: usize, now: Moment) {
        let hook = &self.hooks[at];
        assert!(!hook.paused, "an attempt for a paused webhook");
        assert!(hook.blocked_until <= now, "an attempt for a blocked webhook");
        assert!(!self.is_at_bound(hook), "more attempts in flight than the bounds allow");
    }

    /// Returns `true` if a webhook has to wait until a request in flight ends.
    fn is_at_bound(&self, hook: &Hook) -> bool {
        let failing = self.hooks.iter().filter(|hook| hook.failing);
        let in_flight_failing: usize = failing.map(|hook| hook.in_flight).sum();
        hook.in_flight >= self.bounds.webhook_in_flight
            || self.in_flight() >= self.bounds.in_flight
            || hook.failing && in_flight_failing >= self.bounds.max_in_flight_failing()
    }

    fn in_flight(&self) -> usize {
        self.hooks.iter().map(|hook| hook.in_flight).sum()
    }

    /// Asserts that the notification at index `at` may come to this end now.
    pub(crate) fn check_end(&self, at: usize, end: End) {
        let (entry, hook) = (&self.entries[at], &self.hooks[self.entries[at].hook]);
        match end {
            End::Delivered | End::Dead => assert!(entry.sent, "the notification was never sent"),
            End::Rejected => assert!(self.is_rejected(at), "there is room for the notification"),
            End::Dropped(DropReason::Overflow) => {
                assert!(hook.drops_oldest, "the policy does not drop notifications");
                let queued = (0..TOPICS).flat_map(|topic| self.queued(entry.hook, topic));
                let oldest = queued.map(|entry| entry.number).min();
                assert_eq!(
                    Some(entry.number),
                    oldest,
                    "the dropped notification is not the oldest"
                );
            }
            End::Dropped(DropReason::Removed) => assert!(!hook.live, "the webhook is not removed"),
            End::Dropped(_) => assert!(self.aborted, "the dispatcher was not aborted"),
        }
    }

    /// Returns `true` if there is a reason to reject the notification at index `at`.
    fn is_rejected(&self, at: usize) -> bool {
        let (entry, hook) = (&self.entries[at], &self.hooks[self.entries[at].hook]);
        // Later entries were not published yet when this one was. It counts itself.
        let up_to_now = || self.entries[..=at].iter().filter(|entry| entry.end.is_none());
        let of_hook = up_to_now().filter(|one| one.hook == entry.hook);
        let full = of_hook.clone().count() > self.bounds.webhook_items
            || up_to_now().count() > self.bounds.items;
        let droppable = of_hook.filter(|one| !one.sent).count() > 1;
        entry.rejected_by_host || self.closed || full && !(hook.drops_oldest && droppable)
    }
}

/// Asserts that the statistics are as expected and add up.
fn check_stats(stats: Option<Stats>, expected: Stats, pending: usize) {
    let stats = stats.expect("the webhook should have statistics");
    assert_eq!(stats, expected, "left: the dispatcher, right: the model");
    assert_eq!(stats.matched, stats.accepted + stats.rejected, "{stats}");
    let ended = stats.delivered + stats.dead + stats.dropped.total();
    assert_eq!(stats.accepted, ended + pending as u64, "{stats}");
    assert_eq!(stats.pending(), pending as u64, "{stats}");
}
