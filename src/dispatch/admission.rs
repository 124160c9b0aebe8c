use std::{hint::black_box, sync::Arc};

use super::{
    Batch, Dispatcher, DropReason, PREFETCH, WebhookKey, arena::LaneKey, lane::Lane,
    ready::readiness, report::ReportEvent, resolution::Resolution, webhook::RegisteredWebhook,
};
use crate::{attribute::SchemaId, notification::Encoded, policy::Overflow};

impl<E> Dispatcher<E> {
    /// Reads what [`offer`](Self::offer) will need, to pull it into the cache.
    ///
    /// Of a hundred thousand webhooks, those that want a notification are not in the processor's
    /// caches. Offered to one after the other, each waits for its own memory; read in a row,
    /// before anything hangs on what is read, they are waited for together.
    pub(super) fn prefetch(&self, webhook_keys: &[WebhookKey], schema: SchemaId) {
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
        black_box(read);
    }

    /// Queues `item` for one webhook. Returns whether it was taken, or `None` if the key is
    /// stale.
    pub(super) fn offer(&mut self, webhook_key: WebhookKey, item: &Arc<Encoded>) -> Option<bool> {
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
            // Only now, so that a lane which lost its last one for this one keeps its position.
            self.reschedule_webhook(webhook_key);
        }
        Some(true)
    }

    /// Puts `item` into its lane, which is made on first use.
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
        lane.push(Arc::clone(item), self.now, webhook.stats.accepted);
        self.load.pending += 1;
        self.pending.join(key, lane);
        // One more behind those for which it is ready changes nothing.
        if !lane.position.is_ready() {
            let readiness = readiness(lane, webhook, self.limits.max_webhook_in_flight(), self.now);
            self.schedule.set(key, &mut lane.position, readiness);
        }
    }

    /// Counts `item` as matched and refused by one webhook. Returns false, and does nothing, if
    /// the key is stale.
    pub(super) fn reject_one(&mut self, webhook_key: WebhookKey, item: &Arc<Encoded>) -> bool {
        let Some(webhook) = self.live_mut(webhook_key) else { return false };
        webhook.stats.matched += 1;
        webhook.stats.rejected += 1;
        let lane = webhook.lane(item.schema().id());
        let queued = lane.map_or(0, |key| self.lanes[key.0].queued());
        let event = || ReportEvent::Rejected { item: Arc::clone(item) };
        self.report(webhook_key, item.schema().topic(), queued, event);
        true
    }

    /// Drops the oldest notifications of a webhook until one of so many bytes fits, if its policy
    /// says so and it helps. Returns how many were dropped, or `None` if there is no room.
    fn make_room(&mut self, webhook_key: WebhookKey, bytes: usize) -> Option<usize> {
        let webhook = &self.webhooks[webhook_key.0];
        if webhook.policy.overflow() == Overflow::RejectNewest {
            return None;
        }
        let lanes = webhook.lanes.iter().map(|(_, key)| &self.lanes[key.0]);
        let (queued, queued_bytes) = lanes.fold((0, 0), |(items, bytes), lane| {
            (items + lane.queued(), bytes + lane.queued_bytes())
        });
        if !self.fits(webhook, bytes, queued, queued_bytes) {
            // Dropping all that may be dropped would not help.
            return None;
        }
        let mut dropped = 0;
        while !self.fits(&self.webhooks[webhook_key.0], bytes, 0, 0) {
            self.drop_oldest(webhook_key);
            dropped += 1;
        }
        debug_assert!(dropped <= queued, "more is dropped than was queued");
        Some(dropped)
    }

    /// Whether `bytes` more fit into a webhook's bounds and those in all, once so many queued
    /// notifications and bytes are gone.
    fn fits(
        &self,
        webhook: &RegisteredWebhook<E>,
        bytes: usize,
        gone: usize,
        gone_bytes: usize,
    ) -> bool {
        let limits = &self.limits;
        let pending = usize::try_from(webhook.stats.pending()).unwrap_or(usize::MAX) - gone;
        pending < limits.max_webhook_queue_items()
            && self.load.pending - gone < limits.max_queue_items()
            && (webhook.pending_bytes - gone_bytes).saturating_add(bytes)
                <= limits.max_webhook_queue_bytes()
    }

    /// Drops the oldest queued notification of a webhook, which must have one. Its lane is left to
    /// be refreshed.
    fn drop_oldest(&mut self, webhook_key: WebhookKey) {
        let lanes = self.webhooks[webhook_key.0].lanes.iter();
        let oldest = lanes.filter_map(|(_, key)| Some((self.lanes[key.0].oldest()?, *key))).min();
        let (_, key) = oldest.expect("without what is queued there is room");
        let item = self.lanes[key.0].pop();
        self.resolve(key, Arc::new(Batch::one(item)), Resolution::Dropped(DropReason::Overflow));
    }
}
