use std::{collections::BTreeMap, sync::Arc};

use super::{
    Batch, Dispatcher, DropReason, FlushId, Stats, Status, WebhookKey,
    arena::LaneKey,
    lane::DeliveryState,
    resolution::Resolution,
    schedule::Position,
    webhook::{Lifecycle, RegisteredWebhook},
};
use crate::{
    base::{Moment, WebhookId},
    policy::Policy,
};

impl<E> Dispatcher<E> {
    /// Registers a webhook. One of the same id is removed first, as [`remove`](Self::remove)
    /// does; see [`webhook_key`](Self::webhook_key) for whether there is one. Webhooks that are
    /// given the same `Arc` of a policy share it.
    pub fn insert(
        &mut self,
        id: WebhookId,
        endpoint: Arc<E>,
        policy: impl Into<Arc<Policy>>,
    ) -> WebhookKey {
        if let Some(webhook_key) = self.webhook_key(&id) {
            self.remove(webhook_key);
        }
        let webhook = RegisteredWebhook::new(id.clone(), endpoint, policy.into());
        let webhook_key = WebhookKey(self.webhooks.insert(webhook));
        self.webhook_keys.insert(id, webhook_key);
        self.debug_check();
        webhook_key
    }

    /// Changes a webhook in place; its queue and statistics stay. The endpoint counts from the next
    /// attempt, the policy from the next decision: a batch that is under way keeps its members,
    /// and one that waits for an attempt which is no longer allowed is given up now.
    ///
    /// False if the webhook is gone.
    pub fn update(
        &mut self,
        webhook_key: WebhookKey,
        endpoint: Arc<E>,
        policy: impl Into<Arc<Policy>>,
        now: Moment,
    ) -> bool {
        self.tick(now);
        let Some(webhook) = self.webhooks.get_mut(webhook_key.0).filter(|one| one.is_live()) else {
            return false;
        };
        self.effects.retired.push(std::mem::replace(&mut webhook.endpoint, endpoint));
        webhook.policy = policy.into();
        let attempts = webhook.policy.retry().attempts();
        for key in self.lane_keys(webhook_key) {
            self.expire(key, attempts);
        }
        self.reschedule_webhook(webhook_key);
        self.debug_check();
        true
    }

    /// Removes a webhook: what is queued or waits for a retry is dropped, what is in flight
    /// settles once without a retry. Its statistics can be read until nothing is pending.
    ///
    /// False if the webhook is gone.
    pub fn remove(&mut self, webhook_key: WebhookKey) -> bool {
        let Some(webhook) = self.live_mut(webhook_key) else { return false };
        webhook.lifecycle = Lifecycle::Removing;
        let id = webhook.id.clone();
        self.webhook_keys.remove(&id);
        self.removing.entry(id).or_default().push(webhook_key);
        for key in self.lane_keys(webhook_key) {
            self.drop_pending(key, DropReason::Removed, |state| state != DeliveryState::InFlight);
            self.reschedule(key);
        }
        self.finish_removal(webhook_key);
        self.debug_check();
        true
    }

    /// Holds back what is queued and will be, without refusing it. What is in flight goes on, and
    /// flushes and the end don't wait for it.
    ///
    /// False if the webhook is gone.
    pub fn pause(&mut self, webhook_key: WebhookKey) -> bool {
        self.set_lifecycle(webhook_key, Lifecycle::Paused)
    }

    /// Ends a pause.
    ///
    /// False if the webhook is gone.
    pub fn resume(&mut self, webhook_key: WebhookKey, now: Moment) -> bool {
        self.tick(now);
        self.set_lifecycle(webhook_key, Lifecycle::Active)
    }

    /// Returns the key of the webhook called `id`.
    pub fn webhook_key(&self, id: &WebhookId) -> Option<WebhookKey> {
        self.webhook_keys.get(id).copied()
    }

    /// The webhooks, in no particular but a repeatable order; removed ones left out.
    pub fn webhooks(&self) -> impl Iterator<Item = (&WebhookId, &Arc<E>)> {
        let staying = self.webhooks.values().filter(|webhook| webhook.is_live());
        staying.map(|webhook| (&webhook.id, &webhook.endpoint))
    }

    /// Returns one chunk of [`webhooks`](Self::webhooks), or `None` after the last chunk. A webhook
    /// stays in its chunk.
    pub(crate) fn chunk(&self, at: usize) -> Option<impl Iterator<Item = (&WebhookId, &Arc<E>)>> {
        let staying = self.webhooks.chunk(at)?.filter(|one| one.is_live());
        Some(staying.map(|webhook| (&webhook.id, &webhook.endpoint)))
    }

    /// What the webhook called `id` was registered with.
    pub fn endpoint(&self, id: &WebhookId) -> Option<&Arc<E>> {
        Some(&self.webhooks[self.webhook_key(id)?.0].endpoint)
    }

    /// Returns the statistics of the webhook called `id`: of the registered one, or else of the one
    /// removed last that has something in flight.
    pub fn stats(&self, id: &WebhookId) -> Option<Stats> {
        let removing = || self.removing.get(id)?.last().copied();
        let webhook_key = self.webhook_key(id).or_else(removing)?;
        Some(self.webhooks[webhook_key.0].stats)
    }

    /// How the webhook called `id` is doing at `now`.
    pub fn status(&self, id: &WebhookId, now: Moment) -> Option<Status> {
        Some(self.webhooks[self.webhook_key(id)?.0].status(self.now.max(now)))
    }

    /// Returns the statistics of all webhooks together, removed ones included.
    pub fn total(&self) -> Stats {
        self.total
    }

    /// Requests in flight.
    pub fn in_flight(&self) -> usize {
        self.load.in_flight
    }

    /// Starts a flush: everything pending now is sent without waiting for the linger.
    /// [`is_flushed`](Self::is_flushed) returns whether all of it is settled; paused webhooks are
    /// left out. Call [`end_flush`](Self::end_flush) when nobody waits any more: until then the
    /// flush is kept.
    #[must_use = "a flush is kept until it is ended by its id"]
    pub fn start_flush(&mut self, now: Moment) -> FlushId {
        self.tick(now);
        let mut waiting = BTreeMap::new();
        for key in self.pending.keys() {
            let lane = &mut self.lanes[key.0];
            let through = lane.flush();
            if self.webhooks[lane.webhook.0].lifecycle != Lifecycle::Paused {
                waiting.insert(key, through);
            }
            self.reschedule(key);
        }
        let id = self.flushes.start(waiting);
        self.debug_check();
        id
    }

    /// Whether all that was pending at the start of a flush is settled.
    pub fn is_flushed(&self, id: FlushId) -> bool {
        self.flushes.is_done(id)
    }

    /// Forgets a flush.
    pub fn end_flush(&mut self, id: FlushId) {
        self.flushes.end(id);
        self.debug_check();
    }

    /// Refuses whatever is published from now on.
    pub fn close(&mut self) {
        self.closed = true;
        self.debug_check();
    }

    /// Whether [`close`](Self::close) was called.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Drops all that is pending, in flight too, and closes. Late outcomes settle nothing.
    pub fn abort(&mut self) {
        self.closed = true;
        for key in self.pending.keys() {
            self.drop_pending(key, DropReason::Shutdown, |_| true);
            self.reschedule(key);
        }
        for webhook_key in self.removing.values().flatten().copied().collect::<Vec<_>>() {
            self.finish_removal(webhook_key);
        }
        self.debug_check();
    }

    /// Forgets a removed webhook once nothing of it is pending.
    pub(super) fn finish_removal(&mut self, webhook_key: WebhookKey) {
        let webhook = &self.webhooks[webhook_key.0];
        if webhook.lifecycle != Lifecycle::Removing || webhook.stats.pending() > 0 {
            return;
        }
        let webhook = self.webhooks.remove(webhook_key.0);
        let same_id = self.removing.get_mut(&webhook.id).expect("a removed webhook is listed");
        same_id.retain(|removing| *removing != webhook_key);
        if same_id.is_empty() {
            self.removing.remove(&webhook.id);
        }
        self.effects.retired.push(webhook.endpoint);
        for (_, key) in webhook.lanes {
            let lane = self.lanes.remove(key.0);
            debug_assert!(
                lane.is_idle() && lane.position == Position::Unscheduled,
                "{lane:?} is in use"
            );
        }
    }

    /// Returns the webhook of a key from outside, or `None` if the key is stale.
    pub(super) fn live(&self, webhook_key: WebhookKey) -> Option<&RegisteredWebhook<E>> {
        self.webhooks.get(webhook_key.0).filter(|webhook| webhook.is_live())
    }

    pub(super) fn live_mut(
        &mut self,
        webhook_key: WebhookKey,
    ) -> Option<&mut RegisteredWebhook<E>> {
        self.webhooks.get_mut(webhook_key.0).filter(|webhook| webhook.is_live())
    }

    fn set_lifecycle(&mut self, webhook_key: WebhookKey, lifecycle: Lifecycle) -> bool {
        let Some(webhook) = self.live_mut(webhook_key) else { return false };
        webhook.lifecycle = lifecycle;
        for key in self.lane_keys(webhook_key) {
            if lifecycle == Lifecycle::Paused {
                self.flushes.forget(key);
            }
            self.reschedule(key);
        }
        self.debug_check();
        true
    }

    fn lane_keys(&self, webhook_key: WebhookKey) -> Vec<LaneKey> {
        self.webhooks[webhook_key.0].lanes.iter().map(|(_, key)| *key).collect()
    }

    /// Drops a lane's queue, and those of its deliveries whose state `matches`.
    fn drop_pending(
        &mut self,
        key: LaneKey,
        reason: DropReason,
        matches: impl Fn(DeliveryState) -> bool,
    ) {
        loop {
            let lane = &self.lanes[key.0];
            let Some(at) = lane.active.iter().position(|one| matches(one.state)) else { break };
            if lane.active[at].state == DeliveryState::InFlight {
                self.release(lane.webhook);
            }
            self.complete(key, at, |_| Resolution::Dropped(reason));
        }
        let queue = self.lanes[key.0].clear();
        if !queue.is_empty() {
            self.resolve(key, Arc::new(Batch::new(queue)), Resolution::Dropped(reason));
        }
    }
}
