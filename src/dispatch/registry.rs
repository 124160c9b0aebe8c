//! The registry: which webhooks there are, how they are doing, and how they end.

use std::sync::Arc;

use super::{
    Batch, Dispatcher, DropReason, Stats, Status, WebhookKey,
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
    /// Registers a webhook, and returns its key.
    ///
    /// If a webhook has this id, it is [removed](Self::remove) first, with everything that it has
    /// queued. To keep the queue, [`update`](Self::update) it instead. The new webhook has a new key,
    /// and its statistics begin at zero.
    ///
    /// Webhooks that are registered with the same `Arc` of a policy share it, which saves memory if
    /// there are many.
    ///
    /// ```
    /// # use recohook::{Limits, Moment, policy::Policy, unstable::Dispatcher};
    /// # use std::sync::Arc;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let first = dispatcher.insert("gate".into(), Arc::new("http://a/"), Policy::default());
    /// let second = dispatcher.insert("gate".into(), Arc::new("http://b/"), Policy::default());
    /// assert_ne!(first, second);
    /// assert_eq!(dispatcher.webhook_key(&"gate".into()), Some(second));
    /// assert!(!dispatcher.pause(first), "the first key is stale");
    /// ```
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

    /// Replaces the endpoint and the policy of a webhook. Returns `false`, and does nothing, if the
    /// key is stale.
    ///
    /// The webhook keeps its queue and its statistics, and stays paused if it is. The new endpoint is
    /// used from the next attempt on. The new policy is used from the next decision on, also for
    /// notifications that are already queued or in flight. A batch that is already cut keeps its
    /// members.
    ///
    /// If the new policy allows fewer attempts, deliveries that wait for an attempt that it does not
    /// allow are dead now.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// dispatcher.pause(key);
    /// assert!(dispatcher.update(key, Arc::new(()), Policy::default(), now));
    /// let id = "gate".into();
    /// assert_eq!(dispatcher.stats(&id).map(|stats| stats.pending()), Some(1));
    /// assert!(dispatcher.status(&id, now).is_some_and(|status| status.paused));
    /// ```
    pub fn update(
        &mut self,
        webhook_key: WebhookKey,
        endpoint: Arc<E>,
        policy: impl Into<Arc<Policy>>,
        now: Moment,
    ) -> bool {
        self.tick(now);
        // Not `live_mut`, which borrows the whole dispatcher: `effects` changes, too.
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

    /// Removes a webhook. Returns `false`, and does nothing, if the key is stale.
    ///
    /// Everything that is queued or waits for a retry is dropped. Attempts in flight go on, and their
    /// outcomes are recorded, but none is retried: a batch whose attempt does not succeed is dead or
    /// dropped. Until then, [`stats`](Self::stats) still returns the statistics of the webhook, unless
    /// its id is registered again. Afterwards its endpoint is in the [`Effects`](super::Effects).
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// let delivery = dispatcher.poll_delivery(now).expect("it is due");
    /// dispatcher.publish(&[key], &item, now);
    /// assert!(dispatcher.remove(key));
    /// let stats = dispatcher.stats(&"gate".into()).expect("an attempt is in flight");
    /// assert_eq!((stats.dropped.removed, stats.pending()), (1, 1));
    /// # drop(delivery);
    /// ```
    pub fn remove(&mut self, webhook_key: WebhookKey) -> bool {
        let Some(webhook) = self.live_mut(webhook_key) else { return false };
        webhook.lifecycle = Lifecycle::Removing;
        let id = webhook.id.clone();
        // The id is free from now on, even if requests of this webhook are in flight for a while.
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

    /// Stops sending to a webhook, which keeps accepting notifications. Returns `false`, and does
    /// nothing, if the key is stale.
    ///
    /// Attempts in flight go on. If one fails, its retry waits for the end of the pause, too. Lingers,
    /// delays and `Retry-After` go on counting. A flush does not wait for a paused webhook, and one
    /// that has started before the pause stops waiting for it. A second call does nothing.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.pause(key);
    /// assert_eq!(dispatcher.publish(&[key], &item, now).queued, 1);
    /// assert!(dispatcher.poll_delivery(now).is_none());
    /// dispatcher.resume(key, now);
    /// assert!(dispatcher.poll_delivery(now).is_some());
    /// ```
    pub fn pause(&mut self, webhook_key: WebhookKey) -> bool {
        self.set_lifecycle(webhook_key, Lifecycle::Paused)
    }

    /// Ends the pause of a webhook. Returns `false`, and does nothing, if the key is stale.
    ///
    /// Everything that has become due during the pause is due at once. Flushes that stopped waiting
    /// for the webhook do not wait for it again. If the webhook is not paused, nothing changes.
    pub fn resume(&mut self, webhook_key: WebhookKey, now: Moment) -> bool {
        self.tick(now);
        self.set_lifecycle(webhook_key, Lifecycle::Active)
    }

    /// Returns the key of the registered webhook with this id.
    ///
    /// Returns `None` if there is none, and after a removal even if attempts are still in flight.
    pub fn webhook_key(&self, id: &WebhookId) -> Option<WebhookKey> {
        self.webhook_keys.get(id).copied()
    }

    /// Returns the registered webhooks with their endpoints. Removed ones are left out.
    ///
    /// The order has no meaning, but the same calls always lead to the same order. Visits every
    /// webhook.
    ///
    /// ```
    /// # use recohook::{Limits, Moment, policy::Policy, unstable::Dispatcher};
    /// # use std::sync::Arc;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// dispatcher.insert("gate".into(), Arc::new("http://a/"), Policy::default());
    /// let lobby = dispatcher.insert("lobby".into(), Arc::new("http://b/"), Policy::default());
    /// dispatcher.remove(lobby);
    /// let ids: Vec<_> = dispatcher.webhooks().map(|(id, _)| id.as_str()).collect();
    /// assert_eq!(ids, ["gate"]);
    /// ```
    pub fn webhooks(&self) -> impl Iterator<Item = (&WebhookId, &Arc<E>)> {
        let staying = self.webhooks.values().filter(|webhook| webhook.is_live());
        staying.map(|webhook| (&webhook.id, &webhook.endpoint))
    }

    /// Returns one chunk of [`webhooks`](Self::webhooks), or `None` after the last chunk.
    ///
    /// A webhook stays in its chunk. So a caller can lock and unlock for each chunk, and still visits
    /// each webhook that is registered all the time exactly once.
    pub(crate) fn chunk(&self, at: usize) -> Option<impl Iterator<Item = (&WebhookId, &Arc<E>)>> {
        let staying = self.webhooks.chunk(at)?.filter(|one| one.is_live());
        Some(staying.map(|webhook| (&webhook.id, &webhook.endpoint)))
    }

    /// Returns the endpoint of the registered webhook with this id.
    ///
    /// It is the one of the last [`insert`](Self::insert) or [`update`](Self::update). Attempts in
    /// flight may still use an earlier one.
    pub fn endpoint(&self, id: &WebhookId) -> Option<&Arc<E>> {
        Some(&self.webhooks[self.webhook_key(id)?.0].endpoint)
    }

    /// Returns the statistics of the webhook with this id.
    ///
    /// If none is registered, these are the statistics of a removed webhook with this id that still
    /// has attempts in flight: the one that was removed last. Returns `None` if there is none either.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// let stats = dispatcher.stats(&"gate".into()).expect("it is registered");
    /// assert_eq!((stats.matched, stats.accepted, stats.pending()), (1, 1, 1));
    /// dispatcher.remove(key);
    /// assert_eq!(dispatcher.stats(&"gate".into()), None, "nothing is in flight");
    /// assert_eq!(dispatcher.total().dropped.removed, 1);
    /// ```
    pub fn stats(&self, id: &WebhookId) -> Option<Stats> {
        let removing = || self.removing.get(id)?.last().copied();
        let webhook_key = self.webhook_key(id).or_else(removing)?;
        Some(self.webhooks[webhook_key.0].stats)
    }

    /// Returns the present condition of the registered webhook with this id.
    ///
    /// `now` is only used for [`blocked_for`](Status::blocked_for). Returns `None` if no webhook with
    /// this id is registered.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, http::StatusCode};
    /// # use recohook::{policy::Policy, unstable::{Dispatcher, Outcome}};
    /// # use std::{sync::Arc, time::Duration};
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// let id = dispatcher.poll_delivery(now).expect("it is due").attempt_id();
    /// let wait = Duration::from_secs(60);
    /// let status = StatusCode::TOO_MANY_REQUESTS;
    /// dispatcher.handle_outcome(id, Outcome::Response { status, retry_after: Some(wait) }, now);
    /// let status = dispatcher.status(&"gate".into(), now).expect("it is registered");
    /// assert_eq!((status.failures, status.blocked_for), (1, wait));
    /// ```
    pub fn status(&self, id: &WebhookId, now: Moment) -> Option<Status> {
        Some(self.webhooks[self.webhook_key(id)?.0].status(self.now.max(now)))
    }

    /// Returns the statistics of all webhooks together, removed ones included.
    ///
    /// Costs the same however many webhooks there are.
    pub fn total(&self) -> Stats {
        self.total
    }

    /// Returns the number of requests in flight, over all webhooks.
    ///
    /// An attempt counts from [`poll_delivery`](Self::poll_delivery) until it is settled.
    pub fn in_flight(&self) -> usize {
        self.load.in_flight
    }

    /// Ends publishing: every webhook rejects every notification from now on.
    ///
    /// Pending notifications are still sent and retried. [`abort`](Self::abort) drops them instead.
    /// Webhooks can still be registered and changed. Publishing cannot begin again.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// dispatcher.close();
    /// assert_eq!(dispatcher.publish(&[key], &item, now).rejected, 1);
    /// assert!(dispatcher.poll_delivery(now).is_some(), "pending notifications are still sent");
    /// ```
    pub fn close(&mut self) {
        self.closed = true;
        self.debug_check();
    }

    /// Returns whether publishing has ended, by [`close`](Self::close) or [`abort`](Self::abort).
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Ends publishing and drops everything that is pending, including deliveries in flight.
    ///
    /// Afterwards nothing is pending. The statistics are final, and count the dropped notifications
    /// under [`shutdown`](super::DropStats::shutdown). Outcomes of attempts that were in flight do
    /// nothing, though a receiver may have got the delivery. Registered webhooks stay registered.
    ///
    /// Visits every lane that holds something.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let now = Moment::ZERO;
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, now);
    /// let delivery = dispatcher.poll_delivery(now).expect("it is due");
    /// dispatcher.abort();
    /// let total = dispatcher.total();
    /// assert_eq!((total.dropped.shutdown, total.pending(), dispatcher.in_flight()), (1, 0, 0));
    /// # drop(delivery);
    /// ```
    pub fn abort(&mut self) {
        self.closed = true;
        for key in self.pending.keys() {
            self.drop_pending(key, DropReason::Shutdown, |_| true);
            self.reschedule(key);
        }
        // A copy of the list: each removal that is finished leaves it.
        for webhook_key in self.removing.values().flatten().copied().collect::<Vec<_>>() {
            self.finish_removal(webhook_key);
        }
        self.debug_check();
    }

    /// Finishes the removal of a webhook if nothing of it is pending any more. Does nothing if it is
    /// not removed.
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
        // Its drop may run code of the host, which must not happen under the caller's lock.
        self.effects.retired.push(webhook.endpoint);
        // The lanes hold nothing and are not scheduled, so no other part of the state names them. An
        // attempt id may, and then finds nothing.
        for (_, key) in webhook.lanes {
            let lane = self.lanes.remove(key.0);
            debug_assert!(
                lane.is_idle() && lane.position == Position::Unscheduled,
                "{lane:?} is in use"
            );
        }
    }

    /// Returns the webhook of a key that a caller has passed in, or `None` if the key is stale.
    // A webhook that is being removed is still in the arena. For callers it is gone.
    pub(super) fn live(&self, webhook_key: WebhookKey) -> Option<&RegisteredWebhook<E>> {
        self.webhooks.get(webhook_key.0).filter(|webhook| webhook.is_live())
    }

    /// Returns the webhook of a key that a caller has passed in, for a change, or `None` if the key
    /// is stale.
    pub(super) fn live_mut(
        &mut self,
        webhook_key: WebhookKey,
    ) -> Option<&mut RegisteredWebhook<E>> {
        self.webhooks.get_mut(webhook_key.0).filter(|webhook| webhook.is_live())
    }

    /// Sets whether a registered webhook sends. Returns `false` if the key is stale.
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

    /// Returns a copy of the keys of a webhook's lanes, for loops that change the dispatcher.
    fn lane_keys(&self, webhook_key: WebhookKey) -> Vec<LaneKey> {
        self.webhooks[webhook_key.0].lanes.iter().map(|(_, key)| *key).collect()
    }

    /// Drops the queue of a lane, and its deliveries whose state `matches`.
    fn drop_pending(
        &mut self,
        key: LaneKey,
        reason: DropReason,
        matches: impl Fn(DeliveryState) -> bool,
    ) {
        // Deliveries first: their notifications are older, and are reported in this order.
        loop {
            let lane = &self.lanes[key.0];
            let Some(at) = lane.active.iter().position(|one| matches(one.state)) else { break };
            if lane.active[at].state == DeliveryState::InFlight {
                self.release(lane.webhook);
            }
            self.complete(key, at, |_| Resolution::Dropped(reason));
        }
        // As one batch, even if it is larger than the policy allows: it is never sent.
        let queue = self.lanes[key.0].clear();
        if !queue.is_empty() {
            self.resolve(key, Arc::new(Batch::new(queue)), Resolution::Dropped(reason));
        }
    }
}
