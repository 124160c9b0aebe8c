//! The number of allocations from publishing to a finished request. Publishing allocates once for
//! each notification, however many webhooks accept it. A request allocates the same few times,
//! however large its batch is.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::time::SystemTime;

use allocation_counter::measure;
use recohook::{
    Engine, FailureKind, Filter, Moment, Notifier, Rendering, Transport, Webhook, async_trait,
    bytes::Bytes,
    clock::ThreadClock,
    findface::security::{Camera, Event, FILTERS},
    http::{HeaderMap, Request, Response},
    policy::{Batching, Policy},
    signature::{HmacSha256, Message, Secret, Signer},
    transport::{Body, Context, TransportError},
};

/// The allocations of one encoded notification: the text, one string for the id and the kind, and
/// the shared value that holds both.
const PAYLOAD: u64 = 3;

/// A transport that sends nothing.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request<Bytes>, _: &Context) -> Result<Response<Body>, TransportError> {
        Err(FailureKind::Connect.into())
    }
}

fn webhook() -> Webhook {
    Webhook::new("http://127.0.0.1:9/", Filter::everything(&FILTERS)).unwrap()
}

fn signer() -> HmacSha256 {
    HmacSha256::new(&Secret::new("key").unwrap())
}

/// An event with an entity, so its two renderings differ.
fn event() -> Event {
    Event::new("42").camera(Camera::empty(3)).matched(true)
}

/// Returns the allocations of one call to `publish` if every queue has spare capacity.
fn allocations_of_publish(webhooks: impl IntoIterator<Item = Webhook>) -> u64 {
    let (notifier, mut engine) = (Notifier::new(Nowhere, ThreadClock::new()), Engine::new());
    for (id, webhook) in (0_u32..).zip(webhooks) {
        notifier.insert(id, webhook.clone()).unwrap();
        engine.insert(id, webhook, Moment::ZERO).unwrap();
    }
    let event = event();
    // The first notification waits in the lane itself. The second one makes the lane allocate its
    // queue, which then has room for the measured one.
    let publish = || notifier.publish(&event).unwrap();
    let first = publish();
    assert!(first.queued > 0);
    assert_eq!(publish(), first);
    for _ in 0..2 {
        engine.publish(&event, Moment::ZERO).unwrap();
    }
    let by_engine = measure(|| assert_eq!(engine.publish(&event, Moment::ZERO).unwrap(), first));
    let by_notifier = measure(|| assert_eq!(publish(), first));
    assert_eq!(by_engine.count_total, by_notifier.count_total);
    by_notifier.count_total
}

#[test]
fn a_notification_is_allocated_once_for_all_webhooks() {
    for many in [1, 10, 1000] {
        assert_eq!(allocations_of_publish(vec![webhook(); many]), PAYLOAD, "for {many} webhooks");
    }
}

#[test]
fn a_notification_is_allocated_once_for_each_rendering() {
    let compact = webhook().with_rendering(Rendering::Compact);
    assert_eq!(allocations_of_publish([webhook(), webhook(), compact.clone()]), 2 * PAYLOAD);
    assert_eq!(allocations_of_publish([compact.clone(), compact]), PAYLOAD);
}

#[test]
fn the_memory_for_a_huge_notification_is_not_kept() {
    let notifier = Notifier::new(Nowhere, ThreadClock::new());
    let filter = Filter::parse(r#"{"events": {"matched_lists_in": [-1]}}"#, &FILTERS).unwrap();
    notifier.insert("one", webhook().with_filter(filter)).unwrap();
    let huge = Event::new("42").matched_lists((0..1_000_000).collect::<Vec<i64>>());
    let publish = |event: &Event| assert_eq!(notifier.publish(event).unwrap().matched, 0);
    // A new thread has no scratch memory yet.
    let kept = std::thread::scope(|scope| {
        scope.spawn(|| measure(|| publish(&huge))).join().unwrap().bytes_current
    });
    assert!(kept < 1024 * 1024, "{kept} bytes are still allocated");
}

#[test]
fn a_signature_allocates_its_value() {
    let (signer, mut headers) = (signer(), HeaderMap::with_capacity(4));
    for body in [&b"{}"[..], &[b' '; 100_000]] {
        headers.clear();
        let message = Message::new(body, "delivery-1", SystemTime::UNIX_EPOCH);
        let allocations = measure(|| signer.sign(&message, &mut headers).unwrap());
        assert_eq!(allocations.count_total, 1);
    }
}

/// Returns the allocations of building a request with `items` notifications, and the length of its
/// body in bytes.
fn allocations_of_request(webhook: Webhook, items: usize) -> (u64, usize) {
    let policy = Policy::default().with_batch(Batching::at_most(items).unwrap());
    let (mut engine, now) = (Engine::new(), Moment::ZERO);
    engine.insert("one", webhook.with_policy(policy), now).unwrap();
    for _ in 0..items {
        engine.publish(&event(), now).unwrap();
    }
    let mut outgoing = None;
    let allocations = measure(|| outgoing = engine.poll_request(now, SystemTime::UNIX_EPOCH));
    (allocations.count_total, outgoing.unwrap().request().body().len())
}

#[test]
fn a_request_with_a_hundred_notifications_needs_one_more_allocation() {
    for (webhook, bound) in [(webhook(), 5), (webhook().with_signer(signer()), 7)] {
        let (one, one_bytes) = allocations_of_request(webhook.clone(), 1);
        let (hundred, hundred_bytes) = allocations_of_request(webhook, 100);
        // A body is the notifications, a comma between two of them, and two brackets.
        assert_eq!(hundred_bytes - 1, 100 * (one_bytes - 1));
        assert_eq!(one + 1, hundred);
        assert!(one <= bound, "{one} allocations, more than {bound}");
    }
}
