use std::sync::Arc;

use http::StatusCode;

use super::{
    AttemptId, Batch, DeadLetter, DeadLetterReason, Dispatcher, DropReason, Effects, FailureCause,
    Outcome, Report, ReportEvent, WebhookKey,
    arena::LaneKey,
    lane::DeliveryState,
    outcome::Failure,
    retry::{Decision, decide},
    webhook::Lifecycle,
};
use crate::{
    base::{DeliveryId, Moment, WebhookId},
    failure::{ErrorText, FailureKind},
    policy::Attempts,
};

/// The final state of an accepted notification.
#[derive(Clone, Debug)]
pub(super) enum Resolution {
    Delivered { sequence: u64, attempt: u32, status: StatusCode },
    Dead { sequence: u64, attempt: u32, failure: Failure },
    Dropped(DropReason),
}

impl<E> Dispatcher<E> {
    /// Records reports from now on, or stops recording them.
    pub fn record_reports(&mut self, on: bool) {
        self.recorded.reports = on;
    }

    /// Records dead letters from now on, or stops recording them.
    pub fn record_dead_letters(&mut self, on: bool) {
        self.recorded.dead_letters = on;
    }

    /// Takes what is to be done outside of any lock. Call it after every call that changes
    /// something; payloads are freed when the value is dropped.
    #[must_use = "the effects are the only copy of the reports; drop them outside of any lock"]
    pub fn take_effects(&mut self) -> Effects<E> {
        std::mem::take(&mut self.effects)
    }

    /// Whether [`take_effects`](Self::take_effects) would take any.
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// Returns whether an attempt was handed out and has no outcome yet.
    pub(crate) fn is_in_flight(&self, id: AttemptId) -> bool {
        self.lanes.get(id.lane.0).is_some_and(|lane| lane.in_flight(id).is_some())
    }

    pub(super) fn record_outcome(
        &mut self,
        id: AttemptId,
        outcome: Outcome,
        error_text: Option<ErrorText>,
    ) {
        let key = id.lane;
        let flight = self.lanes.get(key.0).and_then(|lane| Some((lane, lane.in_flight(id)?)));
        // The id comes from outside. Its attempt may be settled, or dropped with its webhook or by
        // an abort: then its outcome changes nothing.
        let Some((lane, at)) = flight else { return };
        let (webhook_key, attempt) = (lane.webhook, lane.active[at].attempt);
        let webhook = &self.webhooks[webhook_key.0];
        let decision = decide(&webhook.policy, attempt, outcome, &mut self.random);
        let removing = webhook.lifecycle == Lifecycle::Removing;
        let attempts = webhook.policy.retry().attempts();
        self.finish_attempt(webhook_key, decision);
        match decision {
            Decision::Delivered(status) => {
                self.complete(key, at, |sequence| Resolution::Delivered {
                    sequence,
                    attempt,
                    status,
                });
            }
            Decision::Dead { cause, .. } => {
                let failure = Failure { cause, error_text };
                self.complete(key, at, |sequence| Resolution::Dead { sequence, attempt, failure });
            }
            _ if removing => self.complete(key, at, |_| Resolution::Dropped(DropReason::Removed)),
            Decision::Retry { cause, delay, .. } => {
                // Another lane may have blocked the webhook for longer. The report gives the real
                // delay.
                let blocked_for = self.webhooks[webhook_key.0].blocked_until - self.now;
                let delay = delay.max(blocked_for);
                let due = self.now + delay;
                let failure = Failure { cause, error_text: error_text.clone() };
                self.schedule_retry(key, at, due, Some(failure), |delivery, attempts, batch| {
                    let next = delay;
                    ReportEvent::Failed {
                        delivery,
                        attempt,
                        attempts,
                        cause,
                        error_text,
                        next,
                        batch,
                    }
                });
            }
            Decision::Abandoned => {
                self.schedule_retry(key, at, self.now, None, |delivery, _, batch| {
                    ReportEvent::Abandoned { delivery, attempt, batch }
                });
                // An update may have lowered the limit below it meanwhile.
                self.expire(key, attempts);
            }
        }
        self.reschedule_webhook(webhook_key);
        self.finish_removal(webhook_key);
    }

    /// Updates a webhook after one of its attempts: the counts, the failures, and how long it is
    /// blocked.
    fn finish_attempt(&mut self, webhook_key: WebhookKey, decision: Decision) {
        self.release(webhook_key);
        let webhook = &mut self.webhooks[webhook_key.0];
        for stats in [&mut webhook.stats, &mut self.total] {
            stats.attempts += u64::from(decision != Decision::Abandoned);
            stats.failures +=
                u64::from(matches!(decision, Decision::Retry { .. } | Decision::Dead { .. }));
        }
        match decision {
            Decision::Abandoned => {}
            Decision::Delivered(_) => self.set_failures(webhook_key, 0),
            Decision::Retry { cause, retry_after, .. } | Decision::Dead { cause, retry_after } => {
                webhook.blocked_until = webhook.blocked_until.max(self.now + retry_after);
                // What cannot be sent says nothing of the receiver.
                if cause != FailureCause::Failure(FailureKind::InvalidRequest) {
                    let failures = webhook.failures.saturating_add(1);
                    self.set_failures(webhook_key, failures);
                }
            }
        }
    }

    /// One request of a webhook is no longer in flight.
    pub(super) fn release(&mut self, webhook_key: WebhookKey) {
        let webhook = &mut self.webhooks[webhook_key.0];
        debug_assert!(webhook.in_flight > 0, "a request lands that was not in flight");
        webhook.in_flight -= 1;
        self.load.in_flight -= 1;
        self.load.failing_in_flight -= usize::from(webhook.is_failing());
    }

    fn set_failures(&mut self, webhook_key: WebhookKey, failures: u32) {
        let webhook = &mut self.webhooks[webhook_key.0];
        let was = webhook.is_failing();
        webhook.failures = failures;
        match (was, webhook.is_failing()) {
            (false, true) => self.load.failing_in_flight += webhook.in_flight,
            (true, false) => self.load.failing_in_flight -= webhook.in_flight,
            _ => {}
        }
    }

    /// Puts a delivery back to wait for its next attempt.
    fn schedule_retry(
        &mut self,
        key: LaneKey,
        at: usize,
        due: Moment,
        failure: Option<Failure>,
        event: impl FnOnce(DeliveryId, Attempts, Arc<Batch>) -> ReportEvent,
    ) {
        let lane = &mut self.lanes[key.0];
        let (webhook_key, topic, queued) = (lane.webhook, lane.schema.topic(), lane.queued());
        let one = &mut lane.active[at];
        debug_assert_eq!(
            one.state,
            DeliveryState::InFlight,
            "only an attempt in flight comes back"
        );
        one.state = DeliveryState::Waiting(due);
        match failure {
            Some(_) => one.failure = failure,
            // An abandoned attempt does not count.
            None => one.attempt -= 1,
        }
        let (id, batch) = (DeliveryId::new(self.epoch, one.sequence), Arc::clone(&one.batch));
        let attempts = self.webhooks[webhook_key.0].policy.retry().attempts();
        self.report(webhook_key, topic, queued, || event(id, attempts, batch));
    }

    /// Completes, as dead, the deliveries that wait for an attempt beyond the limit.
    pub(super) fn expire(&mut self, key: LaneKey, attempts: Attempts) {
        while let Some((at, attempt, failure)) = self.lanes[key.0].exhausted(attempts) {
            self.complete(key, at, |sequence| Resolution::Dead { sequence, attempt, failure });
        }
    }

    /// Takes a delivery out of its lane, and resolves it.
    pub(super) fn complete(
        &mut self,
        key: LaneKey,
        at: usize,
        resolution: impl FnOnce(u64) -> Resolution,
    ) {
        let one = self.lanes[key.0].remove(at);
        self.resolve(key, one.batch, resolution(one.sequence));
    }

    /// Counts and reports what has left a lane for good, and hands it out to be freed.
    pub(super) fn resolve(&mut self, key: LaneKey, batch: Arc<Batch>, resolution: Resolution) {
        let lane = &self.lanes[key.0];
        let (webhook_key, topic, queued) = (lane.webhook, lane.schema.topic(), lane.queued());
        self.flushes.progress(key, lane.settled_through());
        if lane.is_idle() {
            self.pending.leave(key, &mut self.lanes);
        }
        let webhook = &mut self.webhooks[webhook_key.0];
        let count = batch.len() as u64;
        debug_assert!(count <= webhook.stats.pending(), "more ends than is pending");
        for stats in [&mut webhook.stats, &mut self.total] {
            match resolution {
                Resolution::Delivered { .. } => stats.delivered += count,
                Resolution::Dead { .. } => stats.dead += count,
                Resolution::Dropped(reason) => stats.dropped.add(reason, count),
            }
        }
        webhook.pending_bytes -= batch.bytes();
        self.load.pending -= batch.len();
        let (id, attempts) = (webhook.id.clone(), webhook.policy.retry().attempts());
        let epoch = self.epoch;
        self.report(webhook_key, topic, queued, || resolution.event(epoch, attempts, &batch));
        self.record_dead_letter(id, topic, resolution, &batch);
        self.effects.freed.push(batch);
    }

    pub(super) fn report(
        &mut self,
        webhook_key: WebhookKey,
        topic: &'static str,
        queued: usize,
        event: impl FnOnce() -> ReportEvent,
    ) {
        if self.recorded.reports {
            let (webhook, at) = (self.webhooks[webhook_key.0].id.clone(), self.now);
            self.effects.reports.push(Report { webhook, topic, queued, at, event: event() });
        }
    }

    fn record_dead_letter(
        &mut self,
        webhook: WebhookId,
        topic: &'static str,
        resolution: Resolution,
        batch: &Arc<Batch>,
    ) {
        let (reason, error_text) = match resolution {
            Resolution::Delivered { .. } => return,
            Resolution::Dead { attempt, failure: Failure { cause, error_text }, .. } => {
                (DeadLetterReason::Failed { attempt, cause }, error_text)
            }
            Resolution::Dropped(reason) => (DeadLetterReason::Dropped(reason), None),
        };
        if self.recorded.dead_letters {
            let batch = Arc::clone(batch);
            self.effects.dead_letters.push(DeadLetter {
                webhook,
                topic,
                reason,
                error_text,
                batch,
            });
        }
    }
}

impl Resolution {
    fn event(&self, epoch: u64, attempts: Attempts, batch: &Arc<Batch>) -> ReportEvent {
        let batch = Arc::clone(batch);
        match *self {
            Self::Delivered { sequence, attempt, status } => ReportEvent::Delivered {
                delivery: DeliveryId::new(epoch, sequence),
                attempt,
                status,
                batch,
            },
            Self::Dead { sequence, attempt, ref failure } => ReportEvent::Dead {
                delivery: DeliveryId::new(epoch, sequence),
                attempt,
                attempts,
                cause: failure.cause,
                error_text: failure.error_text.clone(),
                batch,
            },
            Self::Dropped(reason) => ReportEvent::Dropped { reason, batch },
        }
    }
}
