use recohook::{
    Moment, WebhookId,
    report::{DropReason, Stats},
    unstable::Dispatcher,
};

use crate::book::{BATCH, Book, End, Hook, TOPICS};

/// What must be true of a dispatcher whose calls the book has written down.
impl Book {
    /// Everything that is true after every call.
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

    /// An id without a webhook: it has the statistics of the one removed last, until that has
    /// nothing pending.
    fn check_removed(&self, dispatcher: &Dispatcher<()>, id: &WebhookId) {
        let removing = |at: &usize| self.hooks[*at].id == *id && self.pending_of(*at) > 0;
        let last = (0..self.hooks.len()).rev().find(removing);
        assert_eq!(dispatcher.stats(id), last.map(|at| self.stats(at)));
        assert_eq!((dispatcher.webhook_key(id), dispatcher.endpoint(id)), (None, None));
    }

    /// The statistics of a webhook, as they follow from what has become of each notification.
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

    /// Whether a lane that has nothing under way can send a batch, so that the dispatcher must be
    /// ready.
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

    /// Whether a webhook may have an attempt now.
    pub(crate) fn check_turn(&self, at: usize, now: Moment) {
        let hook = &self.hooks[at];
        assert!(!hook.paused, "a paused webhook is sent to");
        assert!(hook.blocked_until <= now, "a webhook whose receiver asked for a pause is sent to");
        assert!(!self.is_at_bound(hook), "more in flight than the bounds allow");
    }

    /// Whether a webhook has to wait until another request is no longer in flight.
    fn is_at_bound(&self, hook: &Hook) -> bool {
        let failing = self.hooks.iter().filter(|hook| hook.failing);
        let of_failing: usize = failing.map(|hook| hook.in_flight).sum();
        hook.in_flight >= self.bounds.webhook_in_flight
            || self.in_flight() >= self.bounds.in_flight
            || hook.failing && of_failing >= self.bounds.of_failing()
    }

    fn in_flight(&self) -> usize {
        self.hooks.iter().map(|hook| hook.in_flight).sum()
    }

    /// Whether a notification may come to this end now.
    pub(crate) fn check_end(&self, at: usize, end: End) {
        let (entry, hook) = (&self.entries[at], &self.hooks[self.entries[at].hook]);
        match end {
            End::Delivered | End::Dead => assert!(entry.cut, "it was never sent"),
            End::Rejected => assert!(self.is_refused(at), "there is room for it"),
            End::Dropped(DropReason::Overflow) => {
                assert!(hook.drops_oldest, "the policy rejects the newest");
                let queued = (0..TOPICS).flat_map(|topic| self.queued(entry.hook, topic));
                let oldest = queued.map(|entry| entry.number).min();
                assert_eq!(Some(entry.number), oldest, "not the oldest is dropped");
            }
            End::Dropped(DropReason::Removed) => assert!(!hook.live, "the webhook is there"),
            End::Dropped(_) => assert!(self.aborted, "nothing ends all"),
        }
    }

    /// Whether there is a reason to refuse a notification.
    fn is_refused(&self, at: usize) -> bool {
        let (entry, hook) = (&self.entries[at], &self.hooks[self.entries[at].hook]);
        // It counts itself. Those behind it have not been offered yet.
        let before = || self.entries[..=at].iter().filter(|entry| entry.end.is_none());
        let of_hook = before().filter(|one| one.hook == entry.hook);
        let full = of_hook.clone().count() > self.bounds.webhook_items
            || before().count() > self.bounds.items;
        let droppable = of_hook.filter(|one| !one.cut).count() > 1;
        entry.refused || self.closed || full && !(hook.drops_oldest && droppable)
    }
}

/// The statistics are what they should be, and add up.
fn check_stats(stats: Option<Stats>, expected: Stats, pending: usize) {
    let stats = stats.expect("there are statistics");
    assert_eq!(stats, expected, "left is what the dispatcher counts");
    assert_eq!(stats.matched, stats.accepted + stats.rejected, "{stats}");
    let ended = stats.delivered + stats.dead + stats.dropped.total();
    assert_eq!(stats.accepted, ended + pending as u64, "{stats}");
    assert_eq!(stats.pending(), pending as u64, "{stats}");
}
