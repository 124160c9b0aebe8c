//! Adds published notifications to lanes or rejects them.

use std::{hint::black_box, sync::Arc};

use super::{
    Batch, Dispatcher, DropReason, Receipt, WebhookKey, arena::LaneKey, lane::Lane,
    ready::readiness, report::ReportEvent, resolution::Resolution, webhook::RegisteredWebhook,
};
use crate::{attribute::SchemaId, base::Moment, notification::Encoded, policy::Overflow};

/// The number of webhooks that [`Dispatcher::publish`] prefetches at a time.
// The keys of their lanes are collected on the stack, so that prefetching does not allocate.
const PREFETCH: usize = 16;

impl<E> Dispatcher<E> {
    /// Queues `item` for each webhook in `to` and returns how many of them accepted it.
    ///
    /// A webhook rejects the item if the dispatcher is closed. It also rejects the item if a limit
    /// in [`Limits`](crate::Limits) has been reached and the webhook's policy does not make room by
    /// dropping older notifications. Stale keys are skipped and not counted in the receipt. If a
    /// key is listed twice, the item is offered to its webhook twice.
    ///
    /// Afterwards, [`poll_delivery`](Self::poll_delivery) may return a delivery, and
    /// [`poll_timeout`](Self::poll_timeout) may return an earlier moment.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let limits = Limits::default().with_max_webhook_queue_items(1);
    /// let mut dispatcher = Dispatcher::new(limits, 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// assert_eq!(dispatcher.publish(&[key], &item, Moment::ZERO).queued, 1);
    /// let receipt = dispatcher.publish(&[key], &item, Moment::ZERO);
    /// assert_eq!((receipt.matched, receipt.queued, receipt.rejected), (1, 0, 1));
    /// ```
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

    /// Rejects `item` on behalf of each webhook in `to` and returns how many of them rejected it.
    ///
    /// Use this method if the caller enforces a limit of its own, such as a limit on the total size
    /// of all payloads. The statistics count the item as matched and rejected, and each rejection
    /// is reported as if the webhook's own queue were full. Nothing is dropped to make room. Stale
    /// keys are skipped.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// assert_eq!(dispatcher.reject(&[key], &item, Moment::ZERO).rejected, 1);
    /// assert_eq!(dispatcher.total().matched, 1);
    /// assert!(dispatcher.poll_delivery(Moment::ZERO).is_none());
    /// ```
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

    /// Reads the fields that [`offer`](Self::offer) needs from each webhook, in order to load them
    /// into the processor's cache.
    // If a hundred thousand webhooks are registered, most of those that match a notification are
    // not in any cache. Without prefetching, the processor would have to wait for the memory of
    // each webhook in turn. The reads below do not depend on each other, so the processor can wait
    // for all of them at once.
    fn prefetch(&self, webhook_keys: &[WebhookKey], schema: SchemaId) {
        // With a single webhook, there are no reads to overlap.
        if webhook_keys.len() == 1 {
            return;
        }
        let mut keys = [None; PREFETCH];
        let mut read = 0;
        for (key, webhook_key) in keys.iter_mut().zip(webhook_keys) {
            if let Some(webhook) = self.webhooks.get(webhook_key.0) {
                read ^= webhook.stats.matched ^ webhook.stats.failures ^ webhook.failures as u64;
                *key = webhook.lane(schema);
            }
        }
        for key in keys.into_iter().flatten() {
            read ^= self.lanes[key.0].touch();
        }
        // If the value were unused, the compiler would remove the reads.
        black_box(read);
    }

    /// Queues `item` for one webhook. Returns whether the webhook accepted the item, or `None` if
    /// the key is stale.
    fn offer(&mut self, webhook_key: WebhookKey, item: &Arc<Encoded>) -> Option<bool> {
        let (webhook, bytes) = (self.live(webhook_key)?, item.body().len());
        let admission = if self.closed {
            None
        } else if self.fits(webhook, bytes, 0, 0) {
            Some(0)
        } else {
            self.make_room(webhook_key, bytes)
        };
        let Some(dropped) = admission else {
            self.reject_one(webhook_key, item);
            return Some(false);
        };
        self.accept(webhook_key, item);
        if dropped > 0 {
            // This must not happen before `accept`, because the lane may have dropped its last
            // notification to make room for this one. If the lane were rescheduled while it is
            // empty, it would move to the back of the ready lanes every time it drops a
            // notification.
            self.reschedule_webhook(webhook_key);
        }
        Some(true)
    }

    /// Adds `item` to the lane for its topic. Creates the lane if this is the first notification of
    /// the topic.
    fn accept(&mut self, webhook_key: WebhookKey, item: &Arc<Encoded>) {
        let webhook = &mut self.webhooks[webhook_key.0];
        let key = webhook.lane(item.schema().id()).unwrap_or_else(|| {
            let key = LaneKey(self.lanes.insert(Lane::new(webhook_key, item.schema())));
            webhook.add_lane(item.schema().id(), key);
            key
        });
        let lane = &mut self.lanes[key.0];
        webhook.stats.matched += 1;
        webhook.stats.accepted += 1;
        webhook.pending_bytes += item.body().len();
        // The webhook's `accepted` count numbers its notifications across all of its lanes, so that
        // `drop_oldest` can compare the heads of two lanes even if both heads were accepted at the
        // same moment.
        lane.push(Arc::clone(item), self.now, webhook.stats.accepted);
        self.load.pending += 1;
        self.pending.join(key, lane);
        // A ready lane stays ready when a notification is added, so the common case of a busy lane
        // skips the schedule. Otherwise, this does the same as `reschedule`, but without looking up
        // the lane and the webhook again.
        if !lane.position.is_ready() {
            let readiness = readiness(lane, webhook, self.limits.max_webhook_in_flight(), self.now);
            self.schedule.set(key, &mut lane.position, readiness);
        }
    }

    /// Counts `item` as matched and rejected by one webhook. Does nothing and returns `false` if
    /// the key is stale.
    fn reject_one(&mut self, webhook_key: WebhookKey, item: &Arc<Encoded>) -> bool {
        let Some(webhook) = self.live_mut(webhook_key) else { return false };
        webhook.stats.matched += 1;
        webhook.stats.rejected += 1;
        // A rejected notification does not create a lane.
        let lane = webhook.lane(item.schema().id());
        let queued = lane.map_or(0, |key| self.lanes[key.0].queued());
        let event = || ReportEvent::Rejected { item: Arc::clone(item) };
        self.report(webhook_key, item.schema().topic(), queued, event);
        true
    }

    /// Drops a webhook's oldest queued notifications until a notification of `bytes` bytes fits.
    /// Returns the number of dropped notifications.
    ///
    /// Drops nothing and returns `None` if the webhook's policy does not allow dropping, or if
    /// dropping everything that the webhook has queued would not make enough room.
    fn make_room(&mut self, webhook_key: WebhookKey, bytes: usize) -> Option<usize> {
        let webhook = &self.webhooks[webhook_key.0];
        if webhook.policy.overflow() == Overflow::RejectNewest {
            return None;
        }
        let lanes = webhook.lanes.iter().map(|(_, key)| &self.lanes[key.0]);
        let (queued, queued_bytes) = lanes.fold((0, 0), |(items, bytes), lane| {
            (items + lane.queued(), bytes + lane.queued_bytes())
        });
        // Only this webhook's queued notifications may be dropped. Its active deliveries and other
        // webhooks are not touched. If dropping the whole queue would not make enough room, nothing
        // is dropped at all.
        if !self.fits(webhook, bytes, queued, queued_bytes) {
            return None;
        }
        let mut dropped = 0;
        while !self.fits(&self.webhooks[webhook_key.0], bytes, 0, 0) {
            self.drop_oldest(webhook_key);
            dropped += 1;
        }
        debug_assert!(dropped <= queued, "more notifications were dropped than were queued");
        Some(dropped)
    }

    /// Returns whether a webhook can accept a notification of `bytes` bytes without exceeding its
    /// own limits or the limits across all webhooks. The check assumes that the webhook has `gone`
    /// fewer pending notifications and `gone_bytes` fewer pending bytes than it has now.
    fn fits(
        &self,
        webhook: &RegisteredWebhook<E>,
        bytes: usize,
        gone: usize,
        gone_bytes: usize,
    ) -> bool {
        let limits = &self.limits;
        // The subtractions cannot underflow, because everything counted in `gone` is pending.
        let pending = usize::try_from(webhook.stats.pending()).unwrap_or(usize::MAX) - gone;
        pending < limits.max_webhook_queue_items()
            && self.load.pending - gone < limits.max_queue_items()
            && (webhook.pending_bytes - gone_bytes).saturating_add(bytes)
                <= limits.max_webhook_queue_bytes()
    }

    /// Drops the oldest queued notification across all of a webhook's lanes. The caller must
    /// reschedule the webhook.
    fn drop_oldest(&mut self, webhook_key: WebhookKey) {
        let lanes = self.webhooks[webhook_key.0].lanes.iter();
        let oldest = lanes.filter_map(|(_, key)| Some((self.lanes[key.0].oldest()?, *key))).min();
        // `make_room` has checked that emptying the queue makes enough room. Therefore, something
        // is queued as long as there is not enough room.
        let (_, key) = oldest.expect("a webhook without room has a queued notification");
        let item = self.lanes[key.0].pop();
        self.resolve(key, Arc::new(Batch::one(item)), Resolution::Dropped(DropReason::Overflow));
    }

    /// Completes the receipt of one call and adds it to the total.
    // This happens once per call rather than once per webhook, since a notification may match
    // thousands of webhooks.
    fn count(&mut self, mut receipt: Receipt) -> Receipt {
        receipt.matched = receipt.queued + receipt.rejected;
        self.total.matched += receipt.matched as u64;
        self.total.accepted += receipt.queued as u64;
        self.total.rejected += receipt.rejected as u64;
        receipt
    }
}
