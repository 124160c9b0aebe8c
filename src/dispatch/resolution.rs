//! Records the outcomes of attempts, schedules retries, and resolves notifications when they leave
//! their lane for good.

use std::sync::Arc;

use http::StatusCode;

use super::{
    AttemptId, Batch, DeadLetter, DeadLetterReason, Dispatcher, DropReason, Effects, FailureCause,
    Outcome, Remark, Report, ReportEvent, WebhookKey,
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

/// The final state of accepted notifications.
// This is not named `Outcome` because an outcome is the result of one attempt, and several attempts
// may lead to one resolution.
#[derive(Clone, Debug)]
pub(super) enum Resolution {
    /// Attempt number `attempt` of delivery number `sequence` succeeded.
    Delivered { sequence: u64, attempt: u32, status: StatusCode },
    /// Attempt number `attempt` of delivery number `sequence` failed, and no other attempt follows.
    Dead { sequence: u64, attempt: u32, failure: Failure },
    /// The notifications were dropped from the queue or from a delivery.
    Dropped(DropReason),
}

impl<E> Dispatcher<E> {
    /// Turns the recording of reports on or off. It is off by default.
    ///
    /// While recording is on, reports are added to the [`Effects`]. Turning it off keeps the
    /// reports that have already been recorded.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.reject(&[key], &item, Moment::ZERO);
    /// dispatcher.record_reports(true);
    /// dispatcher.reject(&[key], &item, Moment::ZERO);
    /// let reports = dispatcher.take_effects().take_reports();
    /// assert_eq!(reports.len(), 1, "the first rejection was not recorded");
    /// assert!(reports[0].to_string().ends_with("rejected '1'"));
    /// ```
    pub fn record_reports(&mut self, on: bool) {
        self.recorded.reports = on;
    }

    /// Turns the recording of dead letters on or off. It is off by default.
    ///
    /// While recording is on, dead letters are added to the [`Effects`]. Turning it off keeps the
    /// dead letters that have already been recorded.
    pub fn record_dead_letters(&mut self, on: bool) {
        self.recorded.dead_letters = on;
    }

    /// Removes and returns the effects that have accumulated since this method was last called.
    ///
    /// Call this method after every call that changes something. If the dispatcher is behind a
    /// lock, drop the returned value after unlocking. Dropping it frees payloads and endpoints,
    /// which takes time and may run the host's code. Until the effects are taken, they accumulate
    /// without limit.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let endpoint = Arc::new("http://127.0.0.1/");
    /// let key = dispatcher.insert("gate".into(), Arc::clone(&endpoint), Policy::default());
    /// dispatcher.remove(key);
    /// assert_eq!(Arc::strong_count(&endpoint), 2, "the effects hold the endpoint");
    /// drop(dispatcher.take_effects());
    /// assert_eq!(Arc::strong_count(&endpoint), 1);
    /// ```
    #[must_use = "the effects are the only copy of the reports; drop them outside of any lock"]
    pub fn take_effects(&mut self) -> Effects<E> {
        std::mem::take(&mut self.effects)
    }

    /// Returns whether there are effects to take. If there are none, a caller can skip
    /// [`take_effects`](Self::take_effects).
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// Returns whether an attempt has been handed out and is not settled yet.
    pub(crate) fn is_in_flight(&self, id: AttemptId) -> bool {
        self.lanes.get(id.lane.0).is_some_and(|lane| lane.in_flight(id).is_some())
    }

    /// Records the outcome of an attempt. Completes the delivery or schedules a retry, depending on
    /// what the webhook's policy decides.
    pub(super) fn record_outcome(
        &mut self,
        id: AttemptId,
        outcome: Outcome,
        error_text: Option<ErrorText>,
        mut remarks: Vec<Remark>,
    ) {
        let key = id.lane;
        let flight = self.lanes.get(key.0).and_then(|lane| Some((lane, lane.in_flight(id)?)));
        // The id comes from a caller. The attempt may already have an outcome, or its delivery may
        // have been dropped by `abort`. In both cases, this outcome changes nothing.
        let Some((lane, at)) = flight else { return };
        let (webhook_key, one) = (lane.webhook, &lane.active[at]);
        let (attempt, is_repeated) = (one.attempt, one.is_repeated);
        let webhook = &self.webhooks[webhook_key.0];
        let decision = decide(&webhook.policy, attempt, is_repeated, outcome, &mut self.random);
        // The first report and the first dead letter from here on are about this attempt.
        let (report, dead_letter) = (self.effects.reports.len(), self.effects.dead_letters.len());
        remarks.extend(self.remark_on_retry_after(webhook_key, outcome, decision));
        // This must come first, since a retry must respect the `Retry-After` that this outcome may
        // contain.
        self.finish_attempt(webhook_key, decision);
        self.apply(key, at, decision, error_text);
        if !remarks.is_empty() {
            if let Some(dead_letter) = self.effects.dead_letters.get_mut(dead_letter) {
                dead_letter.remarks.clone_from(&remarks);
            }
            if let Some(report) = self.effects.reports.get_mut(report) {
                report.remarks = remarks;
            }
        }
        // All lanes are rescheduled, because the outcome may have made room for another request,
        // changed the webhook's health, or blocked the webhook.
        self.reschedule_webhook(webhook_key);
        self.finish_removal(webhook_key);
    }

    /// Completes the delivery at index `at` of a lane or schedules its next attempt.
    fn apply(
        &mut self,
        key: LaneKey,
        at: usize,
        decision: Decision,
        error_text: Option<ErrorText>,
    ) {
        let lane = &self.lanes[key.0];
        let (webhook, attempt) = (&self.webhooks[lane.webhook.0], lane.active[at].attempt);
        let attempts = webhook.policy.retry().attempts();
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
            // No further attempts are made for a removed webhook, whatever its policy decided.
            _ if webhook.lifecycle == Lifecycle::Removing => {
                self.complete(key, at, |_| Resolution::Dropped(DropReason::Removed));
            }
            Decision::Retry { cause, delay, .. } => {
                // An earlier outcome may have blocked the webhook for longer than `delay`. The
                // delivery has to wait until the block ends, and its report must show that wait.
                let blocked_for = webhook.blocked_until - self.now;
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
                // While the attempt was in flight, an update may have lowered the limit. `update`
                // only expires deliveries that are waiting, and this delivery was not waiting at
                // that time.
                self.expire(key, attempts);
            }
            Decision::Repeat { kind, delay } => {
                self.schedule_retry(key, at, self.now + delay, None, |delivery, _, batch| {
                    let next = delay;
                    ReportEvent::Repeated { delivery, attempt, kind, error_text, next, batch }
                });
                self.lanes[key.0].active[at].is_repeated |= kind == FailureKind::StaleConnection;
                self.expire(key, attempts);
            }
        }
    }

    /// Returns the remark on a `Retry-After` that is longer than the policy allows, if a report or a
    /// dead letter may show it.
    fn remark_on_retry_after(
        &self,
        webhook_key: WebhookKey,
        outcome: Outcome,
        decision: Decision,
    ) -> Option<Remark> {
        let Outcome::Response { retry_after: Some(asked), .. } = outcome else { return None };
        let longest = self.webhooks[webhook_key.0].policy.retry().max_retry_after();
        let is_shown = self.recorded.reports || self.recorded.dead_letters;
        let is_delivered = matches!(decision, Decision::Delivered(_));
        (is_shown && !is_delivered && asked > longest).then_some(Remark::RetryAfterCapped { asked })
    }

    /// Updates a webhook's counts, its health and the moment until which it is blocked, after one
    /// of its attempts has ended.
    fn finish_attempt(&mut self, webhook_key: WebhookKey, decision: Decision) {
        self.release(webhook_key);
        let webhook = &mut self.webhooks[webhook_key.0];
        for stats in [&mut webhook.stats, &mut self.total] {
            stats.attempts +=
                u64::from(!matches!(decision, Decision::Abandoned | Decision::Repeat { .. }));
            stats.failures +=
                u64::from(matches!(decision, Decision::Retry { .. } | Decision::Dead { .. }));
        }
        match decision {
            Decision::Abandoned | Decision::Repeat { .. } => {}
            Decision::Delivered(_) => self.set_failures(webhook_key, 0),
            Decision::Retry { cause, retry_after, .. } | Decision::Dead { cause, retry_after } => {
                // A shorter `Retry-After` does not replace a longer one.
                webhook.blocked_until = webhook.blocked_until.max(self.now + retry_after);
                // A request that cannot be sent says nothing about the health of the receiver.
                if cause != FailureCause::Failure(FailureKind::InvalidRequest) {
                    let failures = webhook.failures.saturating_add(1);
                    self.set_failures(webhook_key, failures);
                }
            }
        }
    }

    /// Counts one request of a webhook as no longer in flight.
    pub(super) fn release(&mut self, webhook_key: WebhookKey) {
        let webhook = &mut self.webhooks[webhook_key.0];
        debug_assert!(webhook.in_flight > 0, "more requests ended than were in flight");
        webhook.in_flight -= 1;
        self.load.in_flight -= 1;
        self.load.failing_in_flight -= usize::from(webhook.is_failing());
    }

    /// Sets the number of failed attempts since the last success. If this changes the webhook's
    /// health, also updates the number of requests in flight for failing webhooks.
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

    /// Makes the delivery at index `at` of a lane wait for its next attempt and reports `event`.
    ///
    /// `due` is the moment at which the next attempt is due. `failure` is the reason why the last
    /// attempt failed, or `None` if that attempt does not count. The caller must reschedule the
    /// webhook, which moves the lane to its new position.
    // The delivery keeps its position in the lane, its batch and its number. Therefore, the order
    // is preserved, and the receiver can recognise a repeated delivery by its id.
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
            "a delivery that is not in flight has no outcome"
        );
        one.state = DeliveryState::Waiting(due);
        match failure {
            Some(_) => (one.failure, one.is_repeated) = (failure, false),
            // The attempt does not count, so the next one has the same number. The failure of an
            // earlier attempt is kept.
            None => one.attempt -= 1,
        }
        let (id, batch) = (DeliveryId::new(self.epoch, one.sequence), Arc::clone(&one.batch));
        let attempts = self.webhooks[webhook_key.0].policy.retry().attempts();
        self.report(webhook_key, topic, queued, || event(id, attempts, batch));
    }

    /// Completes all waiting deliveries in a lane if their next attempt would exceed `attempts`.
    /// Their notifications are then dead.
    // The search starts over after every completion, since a completion changes the indexes.
    pub(super) fn expire(&mut self, key: LaneKey, attempts: Attempts) {
        while let Some((at, attempt, failure)) = self.lanes[key.0].exhausted(attempts) {
            self.complete(key, at, |sequence| Resolution::Dead { sequence, attempt, failure });
        }
    }

    /// Removes the delivery at index `at` from its lane and resolves its notifications.
    ///
    /// `resolution` is called with the delivery's number.
    pub(super) fn complete(
        &mut self,
        key: LaneKey,
        at: usize,
        resolution: impl FnOnce(u64) -> Resolution,
    ) {
        let one = self.lanes[key.0].remove(at);
        self.resolve(key, one.batch, resolution(one.sequence));
    }

    /// Resolves notifications that have just left their lane. They are counted, reported and moved
    /// to the effects. Every accepted notification is resolved here exactly once.
    // The lane must no longer contain them, because the progress of flushes, the list of pending
    // lanes and the queue length in the report are all read from the lane.
    pub(super) fn resolve(&mut self, key: LaneKey, batch: Arc<Batch>, resolution: Resolution) {
        let lane = &self.lanes[key.0];
        let (webhook_key, topic, queued) = (lane.webhook, lane.schema.topic(), lane.queued());
        self.flushes.progress(key, lane.settled_through());
        if lane.is_idle() {
            self.pending.leave(key, &mut self.lanes);
        }
        let webhook = &mut self.webhooks[webhook_key.0];
        let count = batch.len() as u64;
        debug_assert!(
            count <= webhook.stats.pending(),
            "more notifications ended than were pending"
        );
        for stats in [&mut webhook.stats, &mut self.total] {
            match resolution {
                Resolution::Delivered { .. } => stats.delivered += count,
                Resolution::Dead { .. } => stats.dead += count,
                Resolution::Dropped(reason) => stats.dropped.add(reason, count),
            }
        }
        webhook.pending_bytes -= batch.bytes();
        self.load.pending -= batch.len();
        // The report shows the maximum number of attempts that the policy allows now.
        let (id, attempts) = (webhook.id.clone(), webhook.policy.retry().attempts());
        let epoch = self.epoch;
        self.report(webhook_key, topic, queued, || resolution.event(epoch, attempts, &batch));
        self.record_dead_letter(id, topic, resolution, &batch);
        // The batch is not dropped here, because that might free a large payload while the caller
        // holds its lock.
        self.effects.freed.push(batch);
    }

    /// Records a report if the recording of reports is on. `queued` is the length of the lane's
    /// queue.
    // `event` is a closure, so that it costs nothing if the recording of reports is off.
    pub(super) fn report(
        &mut self,
        webhook_key: WebhookKey,
        topic: &'static str,
        queued: usize,
        event: impl FnOnce() -> ReportEvent,
    ) {
        if self.recorded.reports {
            let (webhook, at) = (self.webhooks[webhook_key.0].id.clone(), self.now);
            self.effects.reports.push(Report {
                webhook,
                topic,
                queued,
                at,
                event: event(),
                remarks: Vec::new(),
            });
        }
    }

    /// Records a dead letter if the recording of dead letters is on and the notifications were not
    /// delivered.
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
                remarks: Vec::new(),
            });
        }
    }
}

impl Resolution {
    /// Returns the event that reports this resolution.
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
