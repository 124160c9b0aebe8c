//! A dispatcher with a manual clock, and helpers that the tests share.

use std::{sync::Arc, time::Duration};

use recohook::{
    Encoded, FailureKind, Limits, Moment, WebhookId,
    attribute::Schema,
    http::StatusCode,
    policy::{Attempts, Backoff, Batching, Policy, Retry, RetryOn, Success},
    report::Stats,
    unstable::{Delivery, Dispatcher, Effects, Outcome, WebhookKey},
};

pub(crate) static EVENTS: Schema = Schema::new("events", &[]);
pub(crate) static EPISODES: Schema = Schema::new("episodes", &[]);

pub(crate) const MILLI: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A dispatcher, the current moment, and short methods for frequent calls. The ids of notifications
/// are numbers from 1 in the order of publishing, and their bodies are 10 bytes long.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) dispatcher: Dispatcher<&'static str>,
    pub(crate) now: Moment,
    published: u64,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let mut dispatcher = Dispatcher::new(limits, 7);
        dispatcher.record_reports(true);
        dispatcher.record_dead_letters(true);
        Self { dispatcher, now: Moment::ZERO + SECOND, published: 0 }
    }

    pub(crate) fn insert(&mut self, id: &str, policy: Policy) -> WebhookKey {
        self.dispatcher.insert(id.into(), Arc::new("first"), policy)
    }

    /// Publishes one notification. Returns `true` if it was accepted.
    pub(crate) fn publish(&mut self, to: WebhookKey, topic: &'static Schema) -> bool {
        self.publish_sized(to, topic, 10)
    }

    pub(crate) fn publish_sized(
        &mut self,
        to: WebhookKey,
        topic: &'static Schema,
        bytes: usize,
    ) -> bool {
        self.published += 1;
        let item = Encoded::new(topic, self.published.to_string(), "happened", vec![b'1'; bytes]);
        let receipt = self.dispatcher.publish(&[to], &Arc::new(item), self.now);
        receipt.queued == 1
    }

    /// Publishes `count` notifications, which must all be accepted.
    pub(crate) fn publish_all(&mut self, to: WebhookKey, topic: &'static Schema, count: usize) {
        for _ in 0..count {
            assert!(self.publish(to, topic), "notification {} was rejected", self.published);
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Delivery<&'static str>> {
        self.dispatcher.poll_delivery(self.now)
    }

    /// Returns the next attempt, which must be due.
    pub(crate) fn take(&mut self) -> Delivery<&'static str> {
        self.poll().expect("an attempt should be due")
    }

    /// Asserts that no attempt is due now.
    #[track_caller]
    pub(crate) fn assert_idle(&mut self) {
        let delivery = self.poll();
        assert!(delivery.is_none(), "unexpected attempt: {delivery:?}");
        assert!(!self.dispatcher.is_ready(), "the dispatcher is ready, but no attempt is due");
    }

    /// Returns how long it is until the next timeout.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.dispatcher.poll_timeout().map(|at| at - self.now)
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    pub(crate) fn record(&mut self, delivery: &Delivery<&'static str>, outcome: Outcome) {
        self.dispatcher.handle_outcome(delivery.attempt_id(), outcome, self.now);
    }

    pub(crate) fn respond(&mut self, delivery: &Delivery<&'static str>, status: u16) {
        self.record(delivery, response(status, None));
    }

    /// Records a response with status 503 and a `Retry-After`.
    pub(crate) fn respond_retry_after(
        &mut self,
        delivery: &Delivery<&'static str>,
        time: Duration,
    ) {
        self.record(delivery, response(503, Some(time)));
    }

    pub(crate) fn fail(&mut self, delivery: &Delivery<&'static str>) {
        self.record(delivery, Outcome::Failed(FailureKind::Connect));
    }

    pub(crate) fn abandon(&mut self, delivery: &Delivery<&'static str>) {
        self.record(delivery, Outcome::Abandoned);
    }

    pub(crate) fn stats(&self, id: &str) -> Stats {
        self.dispatcher.stats(&WebhookId::from(id)).expect("the webhook should have statistics")
    }

    pub(crate) fn effects(&mut self) -> Effects<&'static str> {
        self.dispatcher.take_effects()
    }

    /// Returns the texts of the reports since the effects were last taken.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        self.effects().take_reports().iter().map(ToString::to_string).collect()
    }
}

pub(crate) fn response(status: u16, retry_after: Option<Duration>) -> Outcome {
    Outcome::Response { status: StatusCode::from_u16(status).unwrap(), retry_after }
}

/// Returns a notification with a body of two bytes.
pub(crate) fn item(topic: &'static Schema, id: &str) -> Arc<Encoded> {
    Arc::new(Encoded::new(topic, id, "happened", "{}"))
}

/// Returns the ids of the notifications in a delivery.
pub(crate) fn ids<'a>(delivery: &'a Delivery<&'static str>) -> Vec<&'a str> {
    delivery.batch().ids().collect()
}

pub(crate) fn batches(items: usize) -> Policy {
    Policy::default().with_batch(Batching::at_most(items).unwrap())
}

/// Returns a policy that retries any failure after one second, up to `attempts` attempts. 0 means
/// unlimited.
pub(crate) fn retries(attempts: u32) -> Policy {
    Policy::default().with_retry(retry(attempts))
}

pub(crate) fn retry(attempts: u32) -> Retry {
    Retry::new(
        Attempts::at_most(attempts).unwrap_or(Attempts::Unlimited),
        Backoff::constant(SECOND).unwrap(),
    )
    .with_retry_on(RetryOn::AnyFailure)
}

/// Returns the policy of FindFace Security 2020: 10 attempts, delays of 0.1 s * 2.7^n up to 100 s,
/// and success only if the status is 200.
pub(crate) fn findface() -> Policy {
    let curve = Backoff::exponential(Duration::from_millis(270), 2.7, 100 * SECOND).unwrap();
    Policy::default()
        .with_retry(
            Retry::new(Attempts::at_most(10).unwrap(), curve).with_retry_on(RetryOn::AnyFailure),
        )
        .with_success(Success::Exactly(StatusCode::OK))
}
