use std::sync::Arc;

use super::{
    AttemptId, Delivery, Dispatcher, WebhookKey,
    arena::LaneKey,
    lane::{DeliveryState, Lane},
    schedule::{Health, Readiness},
    webhook::{Lifecycle, RegisteredWebhook},
};
use crate::base::{DeliveryId, Moment};

impl<E> Dispatcher<E> {
    /// Time never runs back, whatever the clock does. What has come due by now is ready before
    /// anything else happens, so that nothing overtakes it.
    pub(super) fn tick(&mut self, now: Moment) {
        self.now = self.now.max(now);
        while let Some(webhook_key) = self.due_webhook() {
            // All its lanes at once, so that those that come due together keep their order.
            self.reschedule_webhook(webhook_key);
        }
    }

    /// Returns the next lane to send, unless the bounds in all hold it back.
    pub(super) fn next_ready(&self) -> Option<LaneKey> {
        if self.load.in_flight >= self.limits.max_in_flight() {
            return None;
        }
        let share = (self.limits.max_in_flight() / 2).max(1);
        self.schedule.next(self.load.failing_in_flight < share)
    }

    /// Hands out the next attempt of a lane that is ready.
    pub(super) fn start_attempt(&mut self, key: LaneKey) -> Delivery<E> {
        let lane = &mut self.lanes[key.0];
        // If it stays ready, it goes to the back of the queue.
        self.schedule.set(key, &mut lane.position, Readiness::Idle);
        let (webhook_key, topic) = (lane.webhook, lane.schema.topic());
        let webhook = &mut self.webhooks[webhook_key.0];
        let at = match lane.next_retry().filter(|(_, due)| *due <= self.now) {
            Some((at, _)) => at,
            None => {
                self.sequence += 1;
                lane.cut(webhook.policy.batch(), self.sequence)
            }
        };
        debug_assert!(webhook.lifecycle == Lifecycle::Active && webhook.blocked_until <= self.now);
        let one = &mut lane.active[at];
        debug_assert_ne!(one.state, DeliveryState::InFlight, "an attempt of it is in flight");
        one.attempt = one.attempt.saturating_add(1);
        one.lease = one.lease.wrapping_add(1);
        one.state = DeliveryState::InFlight;
        let delivery = Delivery {
            attempt_id: AttemptId { lane: key, sequence: one.sequence, lease: one.lease },
            id: DeliveryId::new(self.epoch, one.sequence),
            attempt: one.attempt,
            webhook: webhook.id.clone(),
            topic,
            endpoint: Arc::clone(&webhook.endpoint),
            batch: Arc::clone(&one.batch),
            timeout: webhook.policy.timeout(),
        };
        webhook.move_to_back(key);
        webhook.in_flight += 1;
        self.load.in_flight += 1;
        self.load.failing_in_flight += usize::from(webhook.is_failing());
        self.reschedule_webhook(webhook_key);
        delivery
    }

    /// Puts a lane where it belongs in the schedule. Every change of a lane or its webhook ends
    /// here.
    pub(super) fn reschedule(&mut self, key: LaneKey) {
        let lane = &mut self.lanes[key.0];
        let webhook = &self.webhooks[lane.webhook.0];
        let readiness = readiness(lane, webhook, self.limits.max_webhook_in_flight(), self.now);
        self.schedule.set(key, &mut lane.position, readiness);
    }

    /// Puts all lanes of a webhook where they belong.
    pub(super) fn reschedule_webhook(&mut self, webhook_key: WebhookKey) {
        let mut at = 0;
        while let Some((_, key)) = self.webhooks[webhook_key.0].lanes.get(at).copied() {
            self.reschedule(key);
            at += 1;
        }
    }

    /// A webhook with a lane whose timer has run out.
    fn due_webhook(&self) -> Option<WebhookKey> {
        self.schedule.due(self.now).map(|key| self.lanes[key.0].webhook)
    }
}

/// Returns when a lane's next attempt is due.
pub(super) fn readiness<E>(
    lane: &Lane,
    webhook: &RegisteredWebhook<E>,
    most_in_flight: usize,
    now: Moment,
) -> Readiness {
    if webhook.lifecycle != Lifecycle::Active || webhook.in_flight >= most_in_flight {
        return Readiness::Idle;
    }
    let policy = &webhook.policy;
    let retry = lane.next_retry().map(|(_, due)| due);
    let room = lane.active.len() < policy.max_in_flight_batches();
    let cut = if room { lane.cut_at(policy.batch()) } else { None };
    match retry.into_iter().chain(cut).min().map(|due| due.max(webhook.blocked_until)) {
        None => Readiness::Idle,
        Some(due) if due > now => Readiness::At(due),
        Some(_) if webhook.is_failing() => Readiness::Now(Health::Failing),
        Some(_) => Readiness::Now(Health::Healthy),
    }
}
