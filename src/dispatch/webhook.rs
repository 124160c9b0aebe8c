//! The state of a webhook in the dispatcher.

use std::{sync::Arc, time::Duration};

use super::{
    Stats,
    arena::{ArenaKey, LaneKey},
};
use crate::{
    attribute::SchemaId,
    base::{Moment, WebhookId},
    policy::Policy,
};

/// The state of a webhook, from its registration until it is removed and nothing of it is in flight.
// Its size matters, since there may be hundreds of thousands. So its list of lanes has no spare
// capacity, and its policy is shared.
#[derive(Debug)]
pub(super) struct RegisteredWebhook<E> {
    pub(super) id: WebhookId,
    /// The endpoint, which deliveries carry. The dispatcher never looks into it.
    pub(super) endpoint: Arc<E>,
    /// The policy. Webhooks that are registered with the same `Arc` share it.
    pub(super) policy: Arc<Policy>,
    pub(super) stats: Stats,
    /// The body bytes of the notifications in the webhook's lanes.
    pub(super) pending_bytes: usize,
    /// The number of its deliveries that are in flight, over all lanes.
    pub(super) in_flight: usize,
    /// Failed attempts since the last success, over all lanes. The webhook is failing if there are
    /// any. Requests that could not be sent do not count.
    pub(super) failures: u32,
    /// The end of the longest `Retry-After` of the receiver. No attempt is due before.
    pub(super) blocked_until: Moment,
    pub(super) lifecycle: Lifecycle,
    /// The lanes, one for each topic whose notifications were accepted so far. The lane that was
    /// served last is the last one.
    // Lanes become ready together when a request of the webhook ends. They do so in this order, so
    // they take turns if there is room for only one. A webhook has few topics, so a search is
    // cheaper than a map.
    pub(super) lanes: Box<[(SchemaId, LaneKey)]>,
}

/// The key of a registered webhook. It becomes stale when the webhook is removed.
///
/// A stale key does nothing in any call of a [`Dispatcher`](super::Dispatcher). If a webhook with the
/// same id is registered later, it has another key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WebhookKey(pub(super) ArenaKey);

/// Whether a webhook sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lifecycle {
    /// It accepts and sends.
    Active,
    /// It accepts and does not send.
    Paused,
    /// It was removed. It neither accepts nor sends, and exists until the outcomes of its requests
    /// in flight are recorded.
    Removing,
}

/// The present condition of a webhook, for dashboards and health checks.
///
/// Unlike [`Stats`], it does not count what has happened. Its figures go up and down.
///
/// ```
/// # use recohook::findface::security::{self, Event};
/// # use recohook::{Engine, Filter, Moment, Webhook};
/// let mut engine = Engine::new();
/// let filter = Filter::parse(r#"{"events": {}}"#, &security::FILTERS)?;
/// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, Moment::ZERO)?;
/// engine.pause("front", Moment::ZERO)?;
/// engine.publish(&Event::new("42"), Moment::ZERO)?;
/// let status = engine.status("front", Moment::ZERO).expect("it is registered");
/// assert!(status.paused && status.pending_bytes > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Whether the webhook is paused.
    pub paused: bool,
    /// The number of requests in flight.
    pub in_flight: usize,
    /// The number of failed attempts since the last success, over all topics. 0 means healthy.
    /// Requests that could not be sent do not count.
    pub failures: u32,
    /// The bytes of all pending notifications, in JSON texts.
    pub pending_bytes: usize,
    /// How long no attempt will be made from now on, because the receiver sent `Retry-After`. Zero if
    /// the webhook is not blocked.
    pub blocked_for: Duration,
}

impl<E> RegisteredWebhook<E> {
    /// Creates an active webhook without lanes.
    pub(super) fn new(id: WebhookId, endpoint: Arc<E>, policy: Arc<Policy>) -> Self {
        Self {
            id,
            endpoint,
            policy,
            stats: Stats::default(),
            pending_bytes: 0,
            in_flight: 0,
            failures: 0,
            blocked_until: Moment::ZERO,
            lifecycle: Lifecycle::Active,
            lanes: Box::default(),
        }
    }

    /// Returns the lane of a topic, or `None` if no notification of it was accepted yet.
    pub(super) fn lane(&self, schema: SchemaId) -> Option<LaneKey> {
        self.lanes.iter().find(|(id, _)| *id == schema).map(|(_, key)| *key)
    }

    /// Adds the lane of a topic. The topic must not have one.
    pub(super) fn add_lane(&mut self, schema: SchemaId, lane: LaneKey) {
        // Copies the list, which has no spare capacity. That is rare: once for each topic.
        self.lanes = self.lanes.iter().copied().chain([(schema, lane)]).collect();
    }

    /// Moves a lane to the end of the list, when it is served.
    ///
    /// # Panics
    /// Panics if the webhook does not list the lane.
    pub(super) fn move_to_back(&mut self, lane: LaneKey) {
        let at = self.lanes.iter().position(|(_, key)| *key == lane);
        let at = at.expect("a webhook lists its lanes");
        self.lanes[at..].rotate_left(1);
    }

    /// Returns whether the webhook is registered: it is not removed.
    pub(super) fn is_live(&self) -> bool {
        self.lifecycle != Lifecycle::Removing
    }

    /// Returns whether an attempt has failed since the last success.
    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Returns the condition of the webhook at `now`.
    pub(super) fn status(&self, now: Moment) -> Status {
        Status {
            paused: self.lifecycle == Lifecycle::Paused,
            in_flight: self.in_flight,
            failures: self.failures,
            pending_bytes: self.pending_bytes,
            blocked_for: self.blocked_until - now,
        }
    }
}
