//! The cost of the dispatcher alone: notifications are queued, sent and settled, in batches and
//! with a retry, among many webhooks that are idle or wait. Also the gain from a second driver.
//!
//! `RECOHOOK_BENCH_FILTERS` sets the largest number of webhooks, 100,000 by default.

mod hooks;

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures::executor::block_on;
use recohook::{
    Encoded, FailureKind, Limits, Moment, Notifier, Webhook,
    clock::ThreadClock,
    findface::security::EVENTS,
    http::StatusCode,
    policy::{Attempts, Backoff, Policy, Retry},
    unstable::{Delivery, Dispatcher, Outcome, WebhookKey},
};

criterion_group!(benches, batches, retry, drivers);
criterion_main!(benches);

const OK: Outcome = Outcome::Response { status: StatusCode::OK, retry_after: None };
const FAILED: Outcome = Outcome::Failed(FailureKind::Connect);

/// The state of the other webhooks.
#[derive(Clone, Copy, Debug)]
enum Others {
    /// Each has delivered one notification.
    Idle(usize),
    /// Each waits for its next attempt.
    Waiting(usize),
}

const OTHERS: [Others; 5] = [
    Others::Idle(10),
    Others::Idle(1_000),
    Others::Idle(100_000),
    Others::Waiting(1_000),
    Others::Waiting(100_000),
];

/// A dispatcher with one webhook that is measured, and others.
struct Rig {
    dispatcher: Dispatcher<()>,
    key: WebhookKey,
    item: Arc<Encoded>,
    now: Moment,
}

/// Measures the time of one batch.
fn batches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch");
    for others in OTHERS.into_iter().filter(Others::is_allowed) {
        for items in [1, 10, 100] {
            let mut rig = Rig::new(others, hooks::batches(items));
            group.throughput(Throughput::Elements(items as u64));
            group.bench_function(BenchmarkId::new(others.to_string(), items), |bencher| {
                bencher.iter(|| {
                    rig.publish(items);
                    let delivery = rig.poll();
                    assert_eq!(delivery.batch().len(), items);
                    rig.settle(&delivery, OK);
                });
            });
        }
    }
    group.finish();
}

/// Measures the time of one notification that is delivered at the second attempt.
fn retry(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("retry");
    for others in OTHERS.into_iter().filter(Others::is_allowed) {
        let mut rig = Rig::new(others, patient(Duration::from_millis(1)));
        group.bench_function(BenchmarkId::from_parameter(others), |bencher| {
            bencher.iter(|| {
                rig.publish(1);
                let delivery = rig.poll();
                rig.settle(&delivery, FAILED);
                rig.now = rig.dispatcher.poll_timeout().expect("the retry waits");
                let delivery = rig.poll();
                assert_eq!(delivery.attempt(), 2);
                rig.settle(&delivery, OK);
            });
        });
    }
    group.finish();
}

/// Measures the time of one delivery if all are queued before. Each driver runs on a thread. It
/// frames and signs each delivery, and the transport accepts it at once.
fn drivers(criterion: &mut Criterion) {
    const WEBHOOKS: usize = 100;
    let event = hooks::event(7);
    let mut group = criterion.benchmark_group("drivers");
    group.sample_size(10);
    for items in [1, 10] {
        let webhook = hooks::webhook("http://127.0.0.1:9/hook", items);
        let signed = webhook.clone().with_signer(hooks::signer());
        for (name, webhook) in [("unsigned", webhook), ("signed", signed)] {
            for drivers in [1, 2] {
                let name = format!("{name}, batches of {items}");
                group.throughput(Throughput::Elements(items as u64));
                group.bench_function(BenchmarkId::new(name, drivers), |bencher| {
                    bencher.iter_custom(|deliveries| {
                        let each = deliveries.div_ceil(WEBHOOKS as u64);
                        let time = hooks::in_runs(each, 5_000 / items, |each| {
                            let notifier = registered(&webhook, WEBHOOKS);
                            for _ in 0..each * items as u64 {
                                notifier.publish(&event).expect("the queue has room");
                            }
                            time_to_send(&notifier, drivers)
                        });
                        // All webhooks get the same number, so that there may be more deliveries
                        // than asked for.
                        time.mul_f64(deliveries as f64 / (each * WEBHOOKS as u64) as f64)
                    });
                });
            }
        }
    }
    group.finish();
}

fn registered(webhook: &Webhook, many: usize) -> Notifier {
    let notifier = Notifier::new(hooks::Accept, ThreadClock::new());
    for id in 0..many as u64 {
        notifier.insert(id, webhook.clone()).expect("the webhook is valid");
    }
    notifier
}

/// Returns the time in which a number of drivers send everything that is pending.
fn time_to_send(notifier: &Notifier, drivers: usize) -> Duration {
    let drivers = Vec::from_iter((0..drivers).map(|_| notifier.driver()));
    let start = Instant::now();
    let threads = drivers.into_iter().map(|driver| thread::spawn(|| block_on(driver)));
    let threads = Vec::from_iter(threads);
    let stats = block_on(notifier.shutdown(hooks::LONG));
    for thread in threads {
        thread.join().expect("drivers don't panic");
    }
    let time = start.elapsed();
    assert_eq!(stats.delivered, stats.matched);
    time
}

impl Rig {
    fn new(others: Others, policy: Policy) -> Self {
        let item = Arc::new(Encoded::new(&EVENTS, "42", "event_created", vec![b'7'; 1060]));
        let mut dispatcher = Dispatcher::new(Limits::default().with_max_in_flight(1_000_000), 7);
        let key = dispatcher.insert("one".into(), Arc::new(()), policy);
        let now = Moment::ZERO;
        let mut rig = Self { dispatcher, key, item, now };
        let (many, outcome) = match others {
            Others::Idle(many) => (many, OK),
            Others::Waiting(many) => (many, FAILED),
        };
        // The delay is longer than any run takes.
        let policy = patient(Duration::from_secs(1_000_000));
        for other in 0..many as u64 {
            let key = rig.dispatcher.insert(other.into(), Arc::new(()), policy.clone());
            rig.dispatcher.publish(&[key], &rig.item, now);
            let delivery = rig.poll();
            rig.settle(&delivery, outcome);
        }
        assert_eq!(rig.dispatcher.poll_timeout().is_some(), matches!(others, Others::Waiting(_)));
        rig
    }

    fn publish(&mut self, items: usize) {
        for _ in 0..items {
            let receipt = self.dispatcher.publish(&[self.key], &self.item, self.now);
            assert_eq!(receipt.queued, 1);
        }
    }

    fn poll(&mut self) -> Delivery<()> {
        self.dispatcher.poll_delivery(self.now).expect("a batch is queued")
    }

    fn settle(&mut self, delivery: &Delivery<()>, outcome: Outcome) {
        self.dispatcher.handle_outcome(delivery.attempt_id(), outcome, self.now);
        drop(self.dispatcher.take_effects());
    }
}

impl Others {
    fn is_allowed(&self) -> bool {
        let (Self::Idle(many) | Self::Waiting(many)) = self;
        *many <= hooks::most()
    }
}

impl std::fmt::Display for Others {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Idle(many) => write!(f, "{many} idle"),
            Self::Waiting(many) => write!(f, "{many} waiting"),
        }
    }
}

/// Returns a policy that waits this long before each retry.
fn patient(delay: Duration) -> Policy {
    let backoff = Backoff::constant(delay).expect("the delay is valid");
    Policy::default().with_retry(Retry::new(Attempts::Unlimited, backoff))
}
