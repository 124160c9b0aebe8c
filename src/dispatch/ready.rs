//! Selects the lane and the delivery for the next attempt.

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
    /// Advances the time to `now` and reschedules each lane whose timer has expired. Time never
    /// runs backwards, whatever the clock does.
    // Every method that changes something and takes a `Moment` calls this first. The lanes that
    // became due before the call are therefore ready before the call changes anything, and no lane
    // that the call makes ready can overtake them.
    pub(super) fn tick(&mut self, now: Moment) {
        self.now = self.now.max(now);
        while let Some(webhook_key) = self.due_webhook() {
            // All lanes of the webhook are rescheduled at once. If several of them are due, they
            // become ready in the order in which the webhook lists them, so that they take turns.
            self.reschedule_webhook(webhook_key);
        }
    }

    /// Returns the lane that makes the next attempt, or `None` if no lane is ready or the limits
    /// across all webhooks do not allow another attempt.
    pub(super) fn next_ready(&self) -> Option<LaneKey> {
        if self.load.in_flight >= self.limits.max_in_flight() {
            return None;
        }
        // An attempt to reach a dead receiver may last until its timeout. If failing webhooks were
        // not limited to a share, they could use up the whole limit on requests in flight, and
        // healthy webhooks would have to wait.
        let share = (self.limits.max_in_flight() / 2).max(1);
        self.schedule.next(self.load.failing_in_flight < share)
    }

    /// Starts the next attempt of a lane that is ready. If a retry is due, this is the next attempt
    /// of the delivery to be retried. Otherwise, it is the first attempt of a new batch.
    pub(super) fn start_attempt(&mut self, key: LaneKey) -> Delivery<E> {
        let lane = &mut self.lanes[key.0];
        // If the lane is still ready afterwards, it gets a new `Seq` and is served after all lanes
        // that are ready now.
        self.schedule.set(key, &mut lane.position, Readiness::Idle);
        let (webhook_key, topic) = (lane.webhook, lane.schema.topic());
        let webhook = &mut self.webhooks[webhook_key.0];
        // A retry goes first, since its notifications are older than those in the queue.
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
        // The addition saturates, since the number of attempts may be unlimited.
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
        // This must happen before the webhook is rescheduled. If rescheduling makes several lanes
        // ready, it does so in the order of the webhook's list.
        webhook.move_to_back(key);
        webhook.in_flight += 1;
        self.load.in_flight += 1;
        self.load.failing_in_flight += usize::from(webhook.is_failing());
        self.reschedule_webhook(webhook_key);
        delivery
    }

    /// Moves a lane to its position in the schedule. Every change to a lane ends with a call to
    /// this method or to [`reschedule_webhook`](Self::reschedule_webhook). The only exception is
    /// `accept`, which does the same without calling this method.
    pub(super) fn reschedule(&mut self, key: LaneKey) {
        let lane = &mut self.lanes[key.0];
        let webhook = &self.webhooks[lane.webhook.0];
        let readiness = readiness(lane, webhook, self.limits.max_webhook_in_flight(), self.now);
        self.schedule.set(key, &mut lane.position, readiness);
    }

    /// Moves all lanes of a webhook to their positions in the schedule, after a change to the
    /// webhook that affects all of them.
    pub(super) fn reschedule_webhook(&mut self, webhook_key: WebhookKey) {
        // The loop uses an index rather than a copy of the list, because this method is called for
        // every attempt and should not allocate. `reschedule` does not change the list.
        let mut at = 0;
        while let Some((_, key)) = self.webhooks[webhook_key.0].lanes.get(at).copied() {
            self.reschedule(key);
            at += 1;
        }
    }

    /// Returns a webhook that has a lane whose timer has expired.
    fn due_webhook(&self) -> Option<WebhookKey> {
        self.schedule.due(self.now).map(|key| self.lanes[key.0].webhook)
    }
}

/// Returns when a lane can make its next attempt.
///
/// The lane can send a retry or a new batch, whichever is due first. A new batch must wait if the
/// lane already has `max_in_flight_batches` deliveries that are not settled. Nothing is due as long
/// as the webhook is paused or removed, or has `most_in_flight` requests in flight. Nothing is due
/// before `blocked_until` either.
// The result depends only on the state. Therefore, the position of a lane can be recomputed after
// any change, and `debug_check` can verify it.
pub(super) fn readiness<E>(
    lane: &Lane,
    webhook: &RegisteredWebhook<E>,
    most_in_flight: usize,
    now: Moment,
) -> Readiness {
    // No timer is needed, because time alone does not end these states. The call that ends them
    // reschedules the lane.
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
