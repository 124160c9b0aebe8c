//! How much is allocated from publishing to a finished request: what the notification costs, once,
//! however many webhooks take it, and then what one delivery costs, however large its batch.
#![allow(clippy::unwrap_used, reason = "the helpers of the tests are tests too")]

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

/// The JSON text, the id and the kind, and what holds them.
const PAYLOAD: u64 = 3;

/// Nothing is sent.
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

/// One with an entity, which its two renderings write differently.
fn event() -> Event {
    Event::new("42").camera(Camera::empty(3)).matched(true)
}

/// The allocations of publishing where each queue has room left, as it has after the second time:
/// the first one waits in the lane itself.
fn of_publishing(webhooks: impl IntoIterator<Item = Webhook>) -> u64 {
    let (notifier, mut engine) = (Notifier::new(Nowhere, ThreadClock::new()), Engine::new());
    for (id, webhook) in (0_u32..).zip(webhooks) {
        notifier.insert(id, webhook.clone()).unwrap();
        engine.insert(id, webhook, Moment::ZERO).unwrap();
    }
    let event = event();
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
        assert_eq!(of_publishing(vec![webhook(); many]), PAYLOAD, "{many} webhooks");
    }
}

#[test]
fn and_once_for_each_rendering() {
    let compact = webhook().with_rendering(Rendering::Compact);
    assert_eq!(of_publishing([webhook(), webhook(), compact.clone()]), 2 * PAYLOAD);
    assert_eq!(of_publishing([compact.clone(), compact]), PAYLOAD);
}

#[test]
fn one_huge_notification_does_not_keep_its_memory() {
    let notifier = Notifier::new(Nowhere, ThreadClock::new());
    let filter = Filter::parse(r#"{"events": {"matched_lists_in": [-1]}}"#, &FILTERS).unwrap();
    notifier.insert("one", webhook().with_filter(filter)).unwrap();
    let huge = Event::new("42").matched_lists((0..1_000_000).collect::<Vec<i64>>());
    let publish = |event: &Event| assert_eq!(notifier.publish(event).unwrap().matched, 0);
    // A thread of its own keeps nothing yet.
    let kept = std::thread::scope(|scope| {
        scope.spawn(|| measure(|| publish(&huge))).join().unwrap().bytes_current
    });
    assert!(kept < 1024 * 1024, "{kept} bytes");
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

/// The allocations of making a request of so many notifications, and the bytes of its body.
fn of_request(webhook: Webhook, items: usize) -> (u64, usize) {
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
fn a_request_allocates_but_a_list_more_for_a_hundred_than_for_one() {
    for (webhook, bound) in [(webhook(), 5), (webhook().with_signer(signer()), 7)] {
        let (one, bytes) = of_request(webhook.clone(), 1);
        let (hundred, of_hundred) = of_request(webhook, 100);
        // Each without its brackets, and with what parts it from the next.
        assert_eq!(of_hundred - 1, 100 * (bytes - 1));
        assert_eq!(one + 1, hundred);
        assert!(one <= bound, "{one} allocations");
    }
}
