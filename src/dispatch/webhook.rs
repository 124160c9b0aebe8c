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

/// The state of a webhook. It exists from the webhook's registration until the webhook has been
/// removed and has nothing in flight.
// The size of this struct matters, since there may be hundreds of thousands of webhooks. Therefore,
// the list of lanes has no spare capacity, and the policy is shared.
#[derive(Debug)]
pub(super) struct RegisteredWebhook<E> {
    pub(super) id: WebhookId,
    /// The endpoint, which is passed on with every delivery. The dispatcher never inspects it.
    pub(super) endpoint: Arc<E>,
    /// The policy. Webhooks that are registered with the same `Arc` share it.
    pub(super) policy: Arc<Policy>,
    pub(super) stats: Stats,
    /// The total size of the notification bodies in the webhook's lanes, in bytes.
    pub(super) pending_bytes: usize,
    /// The number of the webhook's deliveries that are in flight, across all lanes.
    pub(super) in_flight: usize,
    /// The number of failed attempts since the last success, across all lanes. The webhook is
    /// failing if this number is not zero. Requests that could not be sent do not count.
    pub(super) failures: u32,
    /// The moment at which the receiver's longest `Retry-After` ends. No attempt is due before this
    /// moment.
    pub(super) blocked_until: Moment,
    pub(super) lifecycle: Lifecycle,
    /// The lanes, one for each topic for which a notification has been accepted. The lane that was
    /// served most recently is at the end.
    // When a request of the webhook ends, several lanes may become ready at the same time. They
    // become ready in this order, so they take turns if there is room for only one request. A
    // webhook has few topics, so searching the list is cheaper than using a map.
    pub(super) lanes: Box<[(SchemaId, LaneKey)]>,
}

/// The key of a registered webhook. It becomes stale when the webhook is removed.
///
/// All methods of a [`Dispatcher`](super::Dispatcher) ignore stale keys. If a webhook with the same
/// id is registered later, it has a different key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WebhookKey(pub(super) ArenaKey);

/// Whether a webhook accepts and sends notifications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lifecycle {
    /// The webhook accepts and sends notifications.
    Active,
    /// The webhook accepts notifications but does not send them.
    Paused,
    /// The webhook was removed. It neither accepts nor sends notifications, and exists only until
    /// the outcomes of its requests in flight have been recorded.
    Removing,
}

/// The current status of a webhook, for dashboards and health checks.
///
/// Unlike [`Stats`], a status does not count past events. Its values can go up and down.
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
    /// The number of failed attempts since the last success, across all topics. Zero means that the
    /// webhook is healthy. Requests that could not be sent do not count.
    pub failures: u32,
    /// The total size of the JSON bodies of all pending notifications, in bytes.
    pub pending_bytes: usize,
    /// The remaining time during which no attempt will be made because the receiver sent
    /// `Retry-After`. This is zero if the webhook is not blocked.
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

    /// Returns the lane for a topic, or `None` if no notification of the topic has been accepted
    /// yet.
    pub(super) fn lane(&self, schema: SchemaId) -> Option<LaneKey> {
        self.lanes.iter().find(|(id, _)| *id == schema).map(|(_, key)| *key)
    }

    /// Adds the lane for a topic. The topic must not have a lane yet.
    pub(super) fn add_lane(&mut self, schema: SchemaId, lane: LaneKey) {
        // This copies the list, which has no spare capacity. It happens only once per topic.
        self.lanes = self.lanes.iter().copied().chain([(schema, lane)]).collect();
    }

    /// Moves a lane that is being served to the end of the list.
    ///
    /// # Panics
    /// Panics if the webhook does not list the lane.
    pub(super) fn move_to_back(&mut self, lane: LaneKey) {
        let at = self.lanes.iter().position(|(_, key)| *key == lane);
        let at = at.expect("a webhook lists its lanes");
        self.lanes[at..].rotate_left(1);
    }

    /// Returns whether the webhook is registered and has not been removed.
    pub(super) fn is_live(&self) -> bool {
        self.lifecycle != Lifecycle::Removing
    }

    /// Returns whether an attempt has failed since the last success.
    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Returns the status of the webhook at `now`.
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
