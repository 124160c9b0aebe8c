//! Registers, updates, pauses and removes webhooks, returns their statistics, and shuts publishing
//! down.

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
    /// Registers a webhook and returns its key.
    ///
    /// If a webhook with this id is already registered, it is [removed](Self::remove) first,
    /// together with everything that it has queued. To keep the queue, [`update`](Self::update) the
    /// webhook instead. The new webhook has a new key, and its statistics start at zero.
    ///
    /// Webhooks that are registered with the same `Arc<Policy>` share the policy, which saves
    /// memory if there are many webhooks.
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

    /// Replaces the endpoint and the policy of a webhook. Does nothing and returns `false` if the
    /// key is stale.
    ///
    /// The webhook keeps its queue and its statistics, and stays paused if it is paused. The new
    /// endpoint is used from the next attempt on. The new policy is used from the next decision on,
    /// including for notifications that are already queued or in flight. A batch that has already
    /// been cut keeps its members.
    ///
    /// If the new policy allows fewer attempts, deliveries that are waiting for an attempt beyond
    /// the new maximum become dead immediately.
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
        // `live_mut` cannot be used here, because it borrows the whole dispatcher, and `effects` is
        // modified at the same time.
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

    /// Removes a webhook. Does nothing and returns `false` if the key is stale.
    ///
    /// Everything that is queued or waiting for a retry is dropped. Attempts in flight continue and
    /// their outcomes are recorded, but they are not retried. A batch whose attempt does not
    /// succeed is dead or dropped. Until all outcomes are recorded, [`stats`](Self::stats) still
    /// returns the webhook's statistics, unless its id is registered again. Afterwards, the
    /// webhook's endpoint is in the [`Effects`](super::Effects).
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
        // The id is free from now on, even if requests of this webhook remain in flight for a
        // while.
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

    /// Stops sending to a webhook, which continues to accept notifications. Does nothing and
    /// returns `false` if the key is stale.
    ///
    /// Attempts in flight continue. If one of them fails, its retry also waits for the end of the
    /// pause. Lingers, retry delays and `Retry-After` periods continue to run during the pause.
    /// Flushes do not wait for a paused webhook, and a flush that was started before the pause
    /// stops waiting for it. Pausing a paused webhook does nothing.
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

    /// Resumes sending to a paused webhook. Does nothing and returns `false` if the key is stale.
    ///
    /// Everything that became due during the pause is due immediately. Flushes that have stopped
    /// waiting for the webhook do not start waiting for it again. Resuming a webhook that is not
    /// paused does nothing.
    pub fn resume(&mut self, webhook_key: WebhookKey, now: Moment) -> bool {
        self.tick(now);
        self.set_lifecycle(webhook_key, Lifecycle::Active)
    }

    /// Returns the key of the registered webhook with this id.
    ///
    /// Returns `None` if no webhook with this id is registered. A removed webhook is not
    /// registered, even if it still has attempts in flight.
    pub fn webhook_key(&self, id: &WebhookId) -> Option<WebhookKey> {
        self.webhook_keys.get(id).copied()
    }

    /// Returns an iterator over the ids and endpoints of the registered webhooks. Removed webhooks
    /// are not included.
    ///
    /// The order has no meaning, but the same calls always produce the same order. The iterator
    /// visits every webhook.
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
    /// A webhook never moves to another chunk. Therefore, a caller can release its lock between two
    /// chunks. Each webhook that is registered the whole time is still visited exactly once.
    pub(crate) fn chunk(&self, at: usize) -> Option<impl Iterator<Item = (&WebhookId, &Arc<E>)>> {
        let staying = self.webhooks.chunk(at)?.filter(|one| one.is_live());
        Some(staying.map(|webhook| (&webhook.id, &webhook.endpoint)))
    }

    /// Returns the endpoint of the registered webhook with this id.
    ///
    /// This is the endpoint that was passed to the last [`insert`](Self::insert) or
    /// [`update`](Self::update). Attempts in flight may still use an earlier endpoint.
    pub fn endpoint(&self, id: &WebhookId) -> Option<&Arc<E>> {
        Some(&self.webhooks[self.webhook_key(id)?.0].endpoint)
    }

    /// Returns the statistics of the webhook with this id.
    ///
    /// If no webhook with this id is registered, returns the statistics of the most recently
    /// removed webhook with this id that still has attempts in flight. Returns `None` if neither
    /// exists.
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

    /// Returns the current status of the registered webhook with this id.
    ///
    /// `now` is only used to compute [`blocked_for`](Status::blocked_for). It does not advance the
    /// dispatcher's time. Returns `None` if no webhook with this id is registered.
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

    /// Returns the total statistics of all webhooks, including removed ones.
    ///
    /// The cost does not depend on the number of webhooks.
    pub fn total(&self) -> Stats {
        self.total
    }

    /// Returns the number of requests in flight across all webhooks.
    ///
    /// An attempt is in flight from when [`poll_delivery`](Self::poll_delivery) returns it until it
    /// is settled.
    pub fn in_flight(&self) -> usize {
        self.load.in_flight
    }

    /// Ends publishing. From now on, every webhook rejects every notification.
    ///
    /// Pending notifications are still sent and retried. To drop them, call [`abort`](Self::abort)
    /// instead. Webhooks can still be registered and changed. Publishing cannot be restarted.
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

    /// Returns whether publishing has been ended by [`close`](Self::close) or
    /// [`abort`](Self::abort).
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Ends publishing and drops everything that is pending, including deliveries in flight.
    ///
    /// Afterwards, nothing is pending. The statistics count the dropped notifications under
    /// [`shutdown`](super::DropStats::shutdown). From then on, only `matched` and `rejected` can
    /// change: later calls to [`publish`](Self::publish) and [`reject`](Self::reject) add to both.
    /// Outcomes of attempts that were in flight are ignored, although a delivery may have reached
    /// its receiver. Registered webhooks stay registered.
    ///
    /// This method visits every lane that has pending notifications.
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
        // The loop uses a copy of the keys, because `finish_removal` removes entries from
        // `removing`.
        for webhook_key in self.removing.values().flatten().copied().collect::<Vec<_>>() {
            self.finish_removal(webhook_key);
        }
        self.debug_check();
    }

    /// Finishes the removal of a webhook if it no longer has anything pending. Does nothing if the
    /// webhook has not been removed.
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
        // Dropping the endpoint may run the host's code, which must not happen while the caller
        // holds its lock.
        self.effects.retired.push(webhook.endpoint);
        // The lanes are idle and not scheduled, so no other part of the state refers to them. An
        // attempt id may still refer to one of them, but looking it up then finds nothing.
        for (_, key) in webhook.lanes {
            let lane = self.lanes.remove(key.0);
            debug_assert!(
                lane.is_idle() && lane.position == Position::Unscheduled,
                "{lane:?} is in use"
            );
        }
    }

    /// Returns a reference to the webhook for a key that was passed by a caller, or `None` if the
    /// key is stale.
    // A webhook that is being removed is still in the arena, but for callers it no longer exists.
    pub(super) fn live(&self, webhook_key: WebhookKey) -> Option<&RegisteredWebhook<E>> {
        self.webhooks.get(webhook_key.0).filter(|webhook| webhook.is_live())
    }

    /// Returns a mutable reference to the webhook for a key that was passed by a caller, or `None`
    /// if the key is stale.
    pub(super) fn live_mut(
        &mut self,
        webhook_key: WebhookKey,
    ) -> Option<&mut RegisteredWebhook<E>> {
        self.webhooks.get_mut(webhook_key.0).filter(|webhook| webhook.is_live())
    }

    /// Sets the lifecycle of a registered webhook and reschedules its lanes. Returns `false` if the
    /// key is stale.
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

    /// Returns a copy of a webhook's list of lane keys, for use in loops that change the
    /// dispatcher.
    fn lane_keys(&self, webhook_key: WebhookKey) -> Vec<LaneKey> {
        self.webhooks[webhook_key.0].lanes.iter().map(|(_, key)| *key).collect()
    }

    /// Drops everything in a lane's queue. Also drops the lane's deliveries whose state satisfies
    /// `matches`.
    fn drop_pending(
        &mut self,
        key: LaneKey,
        reason: DropReason,
        matches: impl Fn(DeliveryState) -> bool,
    ) {
        // Deliveries are dropped first, so that older notifications are reported before newer ones.
        loop {
            let lane = &self.lanes[key.0];
            let Some(at) = lane.active.iter().position(|one| matches(one.state)) else { break };
            if lane.active[at].state == DeliveryState::InFlight {
                self.release(lane.webhook);
            }
            self.complete(key, at, |_| Resolution::Dropped(reason));
        }
        // The queue is dropped as one batch. The batch may be larger than the policy allows, since
        // it is never sent.
        let queue = self.lanes[key.0].clear();
        if !queue.is_empty() {
            self.resolve(key, Arc::new(Batch::new(queue)), Resolution::Dropped(reason));
        }
    }
}
