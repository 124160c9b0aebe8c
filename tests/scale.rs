//! The memory of webhooks and queued notifications, measured with a counting allocator. Webhooks
//! that have nothing to do must not add work to the dispatcher.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

#[path = "../benches/workload/mod.rs"]
mod workload;

use std::sync::Arc;

use recohook::{
    Encoded, FailureKind, Filter, Limits, Moment, Notifier, Transport, Webhook, async_trait,
    attribute::Schema,
    bytes::Bytes,
    clock::ThreadClock,
    findface::security,
    http::{Request, Response, StatusCode},
    policy::Policy,
    transport::{Body, Context, TransportError},
    unstable::{Dispatcher, Outcome, WebhookKey},
};
use serde_json::json;

static PASSAGES: Schema = Schema::new("passages", &[]);

/// Fewer in a build that is not optimised. Both numbers fill tables that double in size equally
/// well.
const WEBHOOKS: u64 = if cfg!(debug_assertions) { 12_500 } else { 100_000 };

/// The most bytes of an idle webhook, if each has a filter of its own. With fewer webhooks, each
/// has a larger share of the parts of the index that all share.
const IDLE: u64 = if cfg!(debug_assertions) { 1_060 } else { 1_024 };
/// The most bytes of an idle webhook in the dispatcher.
const DISPATCHED: u64 = 255;
/// The most bytes that the first notification of a webhook adds permanently.
const LANE: u64 = 190;
/// The most bytes of an entry in a queue, without the shared payload.
const ENTRY: u64 = 64;

/// A transport that never connects.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request<Bytes>, _: &Context) -> Result<Response<Body>, TransportError> {
        Err(FailureKind::Connect.into())
    }
}

fn item() -> Arc<Encoded> {
    Arc::new(Encoded::new(&PASSAGES, "1", "passed", r#"{"id":"1"}"#))
}

fn dispatcher(webhooks: u64) -> (Dispatcher<()>, Vec<WebhookKey>) {
    let most = usize::MAX;
    let limits = Limits::default().with_max_queue_items(most).with_max_webhook_queue_items(most);
    let (mut dispatcher, policy) = (Dispatcher::new(limits, 7), Arc::new(Policy::default()));
    let keys = (0..webhooks)
        .map(|id| dispatcher.insert(id.into(), Arc::new(()), Arc::clone(&policy)))
        .collect();
    (dispatcher, keys)
}

/// Delivers everything that is pending. Returns the number of deliveries.
fn deliver(dispatcher: &mut Dispatcher<()>, now: Moment) -> u64 {
    let mut deliveries = 0;
    while let Some(delivery) = dispatcher.poll_delivery(now) {
        let outcome = Outcome::Response { status: StatusCode::OK, retry_after: None };
        dispatcher.handle_outcome(delivery.attempt_id(), outcome, now);
        drop((delivery, dispatcher.take_effects()));
        deliveries += 1;
    }
    deliveries
}

/// Returns the bytes that `act` leaves allocated, divided by `count`.
fn bytes_each(count: u64, act: impl FnOnce()) -> u64 {
    let bytes = allocation_counter::measure(act).bytes_current;
    u64::try_from(bytes).unwrap_or_default() / count
}

#[test]
fn an_idle_webhook_is_small() {
    let mut random = workload::Random(workload::FILTERS);
    let texts: Vec<_> = (0..WEBHOOKS).map(|_| random.filter().to_string()).collect();
    let notifier = Notifier::new(Nowhere, ThreadClock::new());
    let bytes = bytes_each(WEBHOOKS, || {
        for (id, text) in (0..WEBHOOKS).zip(&texts) {
            let filter = Filter::parse(text, &security::FILTERS).unwrap();
            let url = format!("http://10.0.{}.{}:8080/hooks/{id}", id / 256 % 256, id % 256);
            let webhook = Webhook::new(&url, filter).unwrap().with_profile(security::profile());
            notifier.insert(id, webhook).unwrap();
        }
    });
    assert!(bytes > 0 && bytes <= IDLE, "{bytes} bytes for each of {WEBHOOKS}");
}

#[test]
fn webhooks_share_one_copy_of_a_filter_and_a_policy() {
    let filter = json!({"events": {"camera_in": Vec::from_iter(0..1_000), "matched": true}});
    let filter = Filter::parse(filter.to_string(), &security::FILTERS).unwrap();
    let mut webhooks = Vec::with_capacity(1_000);
    let bytes = bytes_each(1_000, || {
        for _ in 0..1_000 {
            let webhook = Webhook::new("http://127.0.0.1:9/", filter.clone()).unwrap();
            webhooks.push(webhook.with_profile(security::profile()));
        }
    });
    assert!(bytes <= 100, "{bytes} bytes for each, without its place in the list");
}

#[test]
fn an_idle_webhook_owns_no_queue() {
    let mut made = None;
    let idle = bytes_each(WEBHOOKS, || made = Some(dispatcher(WEBHOOKS)));
    let (mut dispatcher, keys) = made.unwrap();
    assert!(idle <= DISPATCHED, "{idle} bytes for each of {WEBHOOKS}");

    let item = item();
    let first = bytes_each(WEBHOOKS, || {
        dispatcher.publish(&keys, &item, Moment::ZERO);
        assert_eq!(deliver(&mut dispatcher, Moment::ZERO), WEBHOOKS);
    });
    assert!(first > 0 && first <= LANE, "{first} bytes for each of {WEBHOOKS}");

    let later = bytes_each(WEBHOOKS, || {
        for _ in 0..5 {
            dispatcher.publish(&keys, &item, Moment::ZERO);
        }
        assert_eq!(deliver(&mut dispatcher, Moment::ZERO), 5 * WEBHOOKS);
    });
    assert_eq!(later, 0, "nothing may stay allocated after the delivery");
}

#[test]
fn an_entry_is_small_and_its_payload_shared() {
    let (mut dispatcher, keys) = dispatcher(100);
    let each = WEBHOOKS / 10;
    let items: Vec<_> = (0..each).map(|_| item()).collect();
    let bytes = bytes_each(each * 100, || {
        for item in &items {
            assert_eq!(dispatcher.publish(&keys, item, Moment::ZERO).queued, 100);
        }
    });
    assert!(bytes > 0 && bytes <= ENTRY, "{bytes} bytes for each");
    assert_eq!(dispatcher.total().pending(), each * 100);
}

#[test]
fn queueing_for_an_idle_webhook_allocates_nothing() {
    let (mut dispatcher, keys) = dispatcher(1_000);
    let item = item();
    dispatcher.publish(&keys, &item, Moment::ZERO);
    assert_eq!(deliver(&mut dispatcher, Moment::ZERO), 1_000);
    let allocations = allocation_counter::measure(|| {
        assert_eq!(dispatcher.publish(&keys, &item, Moment::ZERO).queued, 1_000);
    });
    assert_eq!(allocations.count_total, 0);
}

#[test]
fn a_flush_and_an_abort_look_only_at_pending_lanes() {
    let (mut dispatcher, keys) = dispatcher(WEBHOOKS);
    dispatcher.publish(&keys, &item(), Moment::ZERO);
    deliver(&mut dispatcher, Moment::ZERO);
    dispatcher.publish(&keys[..3], &item(), Moment::ZERO);
    let flush = allocation_counter::measure(|| {
        let flush = dispatcher.start_flush(Moment::ZERO);
        assert!(!dispatcher.is_flushed(flush));
        dispatcher.abort();
        assert!(dispatcher.is_flushed(flush));
    });
    // Both allocate a list of the lanes that they look at.
    assert!(flush.bytes_max < 4_096, "{} bytes", flush.bytes_max);
    assert_eq!(dispatcher.total().dropped.shutdown, 3);
}
