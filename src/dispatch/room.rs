use std::{hint::black_box, sync::Arc};

use super::{
    AHEAD, Batch, Dispatcher, DropReason, Slot, arena::LaneKey, lane::Lane, report::ReportEvent,
    settle::Fate, webhook::Stage, wish,
};
use crate::{Encoded, attribute::SchemaId, policy::Overflow};

impl<E> Dispatcher<E> {
    /// Reads what [`offer`](Self::offer) will need, and does nothing with it.
    ///
    /// Of a hundred thousand webhooks, those that want a notification are not in the processor's
    /// caches. Offered to one after the other, each waits for its own memory; read in a row,
    /// before anything hangs on what is read, they are waited for together.
    pub(super) fn look_ahead(&self, slots: &[Slot], schema: SchemaId) {
        if slots.len() == 1 {
            return;
        }
        let mut keys = [None; AHEAD];
        let mut read = 0;
        for (key, slot) in keys.iter_mut().zip(slots) {
            if let Some(webhook) = self.webhooks.get(slot.0) {
                read ^=
                    webhook.account.matched ^ webhook.account.failures ^ webhook.failures as u64;
                *key = webhook.lane(schema);
            }
        }
        for lane in keys.into_iter().flatten().filter_map(|key| self.lanes.get(key.0)) {
            read ^= lane.peek();
        }
        black_box(read);
    }

    /// Queues `item` for one webhook: true if it was taken, false if refused, none if the webhook
    /// is gone.
    pub(super) fn offer(&mut self, slot: Slot, item: &Arc<Encoded>) -> Option<bool> {
        let room = if self.closed { None } else { self.make_room(slot, item.body().len()) };
        let Some(dropped) = room else {
            return self.refuse(slot, item).then_some(false);
        };
        self.take_in(slot, item)?;
        if dropped > 0 {
            // Only now, so that a lane which lost its last one for this one keeps its turn.
            self.refresh_webhook(slot);
        }
        Some(true)
    }

    /// Puts `item` into its lane, which is made on first use.
    fn take_in(&mut self, slot: Slot, item: &Arc<Encoded>) -> Option<()> {
        let webhook = self.webhooks.get_mut(slot.0)?;
        let key = webhook.lane(item.schema().id()).unwrap_or_else(|| {
            let key = LaneKey(self.lanes.insert(Lane::new(slot, item.schema())));
            webhook.add_lane(item.schema().id(), key);
            key
        });
        let lane = self.lanes.get_mut(key.0)?;
        webhook.account.matched += 1;
        webhook.account.accepted += 1;
        webhook.pending_bytes += item.body().len();
        lane.push(Arc::clone(item), self.now, webhook.account.accepted);
        self.load.pending += 1;
        self.pending.join(key, lane);
        // One more behind those for which it is ready changes nothing.
        if !lane.place.is_ready() {
            let wish = wish(lane, webhook, self.limits.webhook_in_flight(), self.now);
            self.schedule.set(key, &mut lane.place, wish);
        }
        Some(())
    }

    /// Counts `item` as matched and refused by one webhook; false if the webhook is gone.
    pub(super) fn refuse(&mut self, slot: Slot, item: &Arc<Encoded>) -> bool {
        let webhook = self.webhooks.get_mut(slot.0).filter(|one| one.stage != Stage::Leaving);
        let Some(webhook) = webhook else { return false };
        webhook.account.matched += 1;
        webhook.account.rejected += 1;
        let lane = webhook.lane(item.schema().id()).and_then(|key| self.lanes.get(key.0));
        let queued = lane.map_or(0, Lane::queued);
        let event = || ReportEvent::Rejected { item: Arc::clone(item) };
        self.report(slot, item.schema().topic(), queued, event);
        true
    }

    /// Lets one more notification of so many bytes join, after dropping older ones where the
    /// policy wants that and it helps. Tells how many; none where there is no room.
    fn make_room(&mut self, slot: Slot, bytes: usize) -> Option<usize> {
        if self.fits(slot, bytes, 0, 0) {
            return Some(0);
        }
        let webhook = self.webhooks.get(slot.0)?;
        if webhook.policy.overflow() == Overflow::RejectNewest {
            return None;
        }
        let lanes = webhook.lanes.iter().filter_map(|(_, key)| self.lanes.get(key.0));
        let (queued, queued_bytes) = lanes.fold((0, 0), |(items, bytes), lane| {
            (items + lane.queued(), bytes + lane.queued_bytes())
        });
        if !self.fits(slot, bytes, queued, queued_bytes) {
            // Dropping all that may be dropped would not help.
            return None;
        }
        let mut dropped = 0;
        while !self.fits(slot, bytes, 0, 0) {
            self.drop_oldest(slot)?;
            dropped += 1;
        }
        Some(dropped)
    }

    /// Whether `bytes` more fit into a webhook's bounds and those in all, once so many queued
    /// notifications and bytes are gone.
    fn fits(&self, slot: Slot, bytes: usize, gone: usize, gone_bytes: usize) -> bool {
        let Some(webhook) = self.webhooks.get(slot.0).filter(|one| one.stage != Stage::Leaving)
        else {
            return false;
        };
        let limits = &self.limits;
        let pending = usize::try_from(webhook.account.pending()).unwrap_or(usize::MAX) - gone;
        pending < limits.webhook_queue_items()
            && self.load.pending - gone < limits.queue_items()
            && (webhook.pending_bytes - gone_bytes).saturating_add(bytes)
                <= limits.webhook_queue_bytes()
    }

    /// Drops the oldest queued notification of a webhook, if it has one. Its lane is left to be
    /// refreshed.
    fn drop_oldest(&mut self, slot: Slot) -> Option<()> {
        let lanes = self.webhooks.get(slot.0)?.lanes.iter();
        let (_, key) =
            lanes.filter_map(|(_, key)| Some((self.lanes.get(key.0)?.oldest()?, *key))).min()?;
        let item = self.lanes.get_mut(key.0)?.pop()?;
        self.settle(key, Arc::new(Batch::one(item)), Fate::Dropped(DropReason::Overflow));
        Some(())
    }
}
