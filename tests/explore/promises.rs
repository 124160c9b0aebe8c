use recohook::{
    Moment, WebhookId,
    dispatch::{Account, Dispatcher, DropReason},
};

use crate::book::{BATCH, Book, End, Hook, TOPICS};

/// What must be true of a dispatcher whose calls the book has written down.
impl Book {
    /// Everything that is true after every call.
    pub(crate) fn check(&self, dispatcher: &Dispatcher<()>) {
        let mut total = Account::default();
        for (at, hook) in self.hooks.iter().enumerate() {
            let account = self.account(at);
            total += account;
            assert!(hook.in_flight <= self.bounds.webhook_in_flight);
            assert!(self.pending_of(at) <= self.bounds.webhook_items);
            if hook.live {
                assert_eq!(dispatcher.slot(&hook.id), Some(hook.slot));
                check_account(dispatcher.account(&hook.id), account, self.pending_of(at));
                let status = dispatcher.status(&hook.id, Moment::ZERO).unwrap();
                assert_eq!((status.in_flight, status.paused), (hook.in_flight, hook.paused));
                assert_eq!(status.pending_bytes, 2 * self.pending_of(at));
            } else if self.live(&hook.id).is_none() {
                self.check_removed(dispatcher, &hook.id);
            }
        }
        check_account(Some(dispatcher.total()), total, self.pending());
        assert_eq!(dispatcher.in_flight(), self.in_flight());
        assert!(self.in_flight() <= self.bounds.in_flight);
        assert!(self.pending() <= self.bounds.items);
        assert_eq!(dispatcher.is_closed(), self.closed);
        if let Some(flush) = &self.flush {
            let done = flush.waiting.iter().all(|at| self.entries[*at].end.is_some());
            assert_eq!(dispatcher.is_flushed(flush.id), done, "{flush:?}");
        }
    }

    /// An id without a webhook: it has the account of the one removed last, until that has nothing
    /// pending.
    fn check_removed(&self, dispatcher: &Dispatcher<()>, id: &WebhookId) {
        let leaving = |at: &usize| self.hooks[*at].id == *id && self.pending_of(*at) > 0;
        let last = (0..self.hooks.len()).rev().find(leaving);
        assert_eq!(dispatcher.account(id), last.map(|at| self.account(at)));
        assert_eq!((dispatcher.slot(id), dispatcher.endpoint(id)), (None, None));
    }

    /// The account of a webhook, as it follows from what has become of each notification.
    fn account(&self, hook: usize) -> Account {
        let mut account = Account::default();
        for entry in self.entries.iter().filter(|entry| entry.hook == hook) {
            account.matched += 1;
            account.accepted += u64::from(entry.end != Some(End::Rejected));
            match entry.end {
                None => {}
                Some(End::Rejected) => account.rejected += 1,
                Some(End::Delivered) => account.delivered += 1,
                Some(End::Dead) => account.dead += 1,
                Some(End::Dropped(DropReason::Overflow)) => account.dropped.overflow += 1,
                Some(End::Dropped(DropReason::Removed)) => account.dropped.removed += 1,
                Some(End::Dropped(_)) => account.dropped.shutdown += 1,
            }
        }
        account.attempts = self.hooks[hook].attempts;
        account.failures = self.hooks[hook].failures;
        account
    }

    /// Whether a lane that has nothing under way can send a batch, so that the dispatcher must be
    /// ready.
    pub(crate) fn can_send(&self, now: Moment) -> bool {
        (0..self.hooks.len()).any(|at| {
            let hook = &self.hooks[at];
            let free = hook.live && !hook.paused && hook.held_until <= now;
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
        assert!(hook.held_until <= now, "a webhook whose receiver asked for a pause is sent to");
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

/// The account is what it should be, and adds up.
fn check_account(account: Option<Account>, expected: Account, pending: usize) {
    let account = account.expect("there is an account");
    assert_eq!(account, expected, "left is what the dispatcher counts");
    assert_eq!(account.matched, account.accepted + account.rejected, "{account}");
    let ended = account.delivered + account.dead + account.dropped.total();
    assert_eq!(account.accepted, ended + pending as u64, "{account}");
    assert_eq!(account.pending(), pending as u64, "{account}");
}
