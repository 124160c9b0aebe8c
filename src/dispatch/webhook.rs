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

/// The state of one webhook.
#[derive(Debug)]
pub(super) struct RegisteredWebhook<E> {
    pub(super) id: WebhookId,
    pub(super) endpoint: Arc<E>,
    /// Shared by all webhooks that were given the same.
    pub(super) policy: Arc<Policy>,
    pub(super) stats: Stats,
    pub(super) pending_bytes: usize,
    pub(super) in_flight: usize,
    /// Failed attempts since the last success.
    pub(super) failures: u32,
    /// No attempt is due earlier: the receiver sent `Retry-After`.
    pub(super) blocked_until: Moment,
    pub(super) lifecycle: Lifecycle,
    /// The one served last comes last, so that where the bound on requests in flight keeps some
    /// waiting, they take turns.
    pub(super) lanes: Box<[(SchemaId, LaneKey)]>,
}

/// Names a registered webhook. It goes stale when the webhook is removed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WebhookKey(pub(super) ArenaKey);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lifecycle {
    Active,
    Paused,
    /// Removed, with requests still in flight.
    Removing,
}

/// How a webhook is doing right now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Whether it is paused.
    pub paused: bool,
    /// Requests in flight.
    pub in_flight: usize,
    /// Failed attempts since the last success, over all its topics.
    pub failures: u32,
    /// Bytes of the notifications that are pending.
    pub pending_bytes: usize,
    /// How long no attempt will be made from now on, because its receiver sent `Retry-After`.
    pub blocked_for: Duration,
}

impl<E> RegisteredWebhook<E> {
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

    /// The lane of a topic.
    pub(super) fn lane(&self, schema: SchemaId) -> Option<LaneKey> {
        self.lanes.iter().find(|(id, _)| *id == schema).map(|(_, key)| *key)
    }

    pub(super) fn add_lane(&mut self, schema: SchemaId, lane: LaneKey) {
        // Topics are few, and most webhooks want one.
        self.lanes = self.lanes.iter().copied().chain([(schema, lane)]).collect();
    }

    /// Moves a lane to the back, after it was served.
    pub(super) fn move_to_back(&mut self, lane: LaneKey) {
        let at = self.lanes.iter().position(|(_, key)| *key == lane);
        let at = at.expect("a webhook lists its lanes");
        self.lanes[at..].rotate_left(1);
    }

    /// Whether it is registered, and was not removed.
    pub(super) fn is_live(&self) -> bool {
        self.lifecycle != Lifecycle::Removing
    }

    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

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
