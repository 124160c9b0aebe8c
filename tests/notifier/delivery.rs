//! The requests that reach the transport: their notifications, their rendering and their headers.

use std::{
    sync::{Arc, Mutex},
    time::SystemTime,
};

use futures::executor::block_on;
use recohook::{
    Config, EncodeError, Notifier, PublishError, Rendering,
    attribute::{Attribute, AttributeError, Schema},
    clock::ThreadClock,
    findface::security::{self, Camera, Event},
    http::{HeaderMap, Method},
    model::Ref,
    policy::Batching,
    signature::{Message, SignError, Signer},
};

use super::support::*;

#[test]
fn each_rendering_is_encoded_once_for_all_webhooks() {
    everywhere(|world| {
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        let rendered = |rendering, text: &'static [u8], out: &mut Vec<u8>| {
            assert_eq!(rendering == Rendering::Compact, text == br#"{"id": "compact"}"#);
            out.extend_from_slice(text);
            Ok(())
        };
        let probe = Probe::with_encode(move |rendering, out| match rendering {
            Rendering::Full => rendered(rendering, br#"{"id": "full"}"#, out),
            Rendering::Compact => rendered(rendering, br#"{"id": "compact"}"#, out),
        });
        for id in 0..300 {
            notifier.insert(id, webhook()).unwrap();
        }
        assert_eq!(notifier.publish(&probe).unwrap().queued, 300);
        assert_eq!(probe.encoded(), 1);
        for id in 300..600 {
            notifier.insert(id, webhook().with_rendering(Rendering::Compact)).unwrap();
        }
        assert_eq!(notifier.publish(&probe).unwrap().queued, 600);
        assert_eq!(probe.encoded(), 3);
        assert_eq!(world.block_on(notifier.shutdown(LONG)).delivered, 900);
        let ids = memory.ids();
        assert_eq!(ids.iter().filter(|id| *id == "full").count(), 600);
        assert_eq!(ids.iter().filter(|id| *id == "compact").count(), 300);
        running.join();
    });
}

#[test]
fn an_entity_is_sent_in_full_or_as_its_id() {
    let memory = Memory::default();
    let world = World::threads(1);
    let (notifier, running) = world.start(memory.clone(), Config::default());
    notifier.insert("full", webhook().with_rendering(Rendering::Full)).unwrap();
    notifier.insert("compact", webhook().with_rendering(Rendering::Compact)).unwrap();
    let camera = Ref::Entity(Box::new(Camera::empty(3).name("gate")));
    notifier.publish(&Event::new("1").camera(camera)).unwrap();
    block_on(notifier.shutdown(LONG));
    running.join();
    let mut bodies: Vec<_> = memory
        .requests()
        .iter()
        .map(|request| serde_json::from_slice::<serde_json::Value>(request.body()).unwrap())
        .map(|body| body[0]["camera"].to_string())
        .collect();
    bodies.sort();
    assert_eq!(bodies[0], "3");
    assert!(bodies[1].contains("gate"), "{}", bodies[1]);
}

#[test]
fn an_unmatched_notification_is_not_encoded() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    let probe = Probe::new();
    assert_eq!(notifier.publish(&probe).unwrap().matched, 0);
    let picky = |text| recohook::Webhook::new("http://127.0.0.1:9/", filter(text)).unwrap();
    notifier.insert("episodes", picky(r#"{"episodes": {}}"#)).unwrap();
    notifier.insert("camera", picky(r#"{"events": {"camera_in": [3]}}"#)).unwrap();
    notifier.insert("inactive", webhook().with_active(false)).unwrap();
    assert_eq!(notifier.publish(&probe).unwrap().matched, 0);
    assert_eq!(probe.encoded(), 0);
}

#[test]
fn a_notification_that_contradicts_its_schema_is_refused() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    let wrong = Probe::with_attributes(|values| {
        values.int(security::EVENTS.expect("matched"), 3);
    });
    let error = notifier.publish(&wrong).unwrap_err();
    assert_eq!(error.kind(), "attributes");
    let PublishError::Attributes(AttributeError::WrongKind { topic, attribute, .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!((topic, attribute), ("events", "matched"));
    assert_eq!(wrong.encoded(), 0);
    assert_eq!(notifier.total().matched, 0);
}

#[test]
fn a_notification_is_queued_under_the_schema_that_was_matched() {
    static STRAY: Schema = Schema::new("strays", &[Attribute::bool("lost")]);
    let memory = Memory::default();
    let world = World::threads(1);
    let (notifier, running) = world.start(memory, Config::default());
    let reports = notifier.reports();
    notifier.insert("all", webhook()).unwrap();
    let mut stray = Probe::with_attributes(|values| values.reset(&security::EVENTS));
    stray.schema = &STRAY;
    assert_eq!(notifier.publish(&stray).unwrap().queued, 1);
    block_on(notifier.shutdown(LONG));
    running.join();
    let reported: Vec<_> = block_on(futures::StreamExt::collect(reports));
    let [recohook::Reported::Report(report)] = &reported[..] else { panic!("{reported:?}") };
    assert_eq!(report.topic(), "events");
}

#[test]
fn a_notification_that_cannot_be_encoded_is_not_queued() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("full", webhook()).unwrap();
    notifier.insert("compact", webhook().with_rendering(Rendering::Compact)).unwrap();
    let broken = Probe::with_encode(|rendering, out| match rendering {
        Rendering::Full => {
            out.extend_from_slice(b"{}");
            Ok(())
        }
        Rendering::Compact => Err(EncodeError::new("no compact form")),
    });
    let error = notifier.publish(&broken).unwrap_err();
    assert_eq!(error.kind(), "encode");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "no compact form");
    assert_eq!(notifier.total().matched, 0);
    // Bytes that the failed one left in the buffer must not be in the next one.
    assert!(notifier.publish(&event(1)).is_ok());
}

#[test]
fn a_pointer_to_a_notification_can_be_published() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    let boxed: Box<dyn recohook::Notification> = Box::new(event(1));
    assert_eq!(notifier.publish(&boxed).unwrap().queued, 1);
    assert_eq!(notifier.publish(&std::sync::Arc::new(event(2))).unwrap().queued, 1);
}

#[test]
fn a_notification_that_encodes_to_nothing_is_not_queued() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    let error = notifier.publish(&Probe::with_encode(|_, _| Ok(()))).unwrap_err();
    assert_eq!(error.kind(), "encode");
    assert_eq!(notifier.total().matched, 0);
}

#[test]
fn a_panic_in_a_notification_fails_only_its_own_publish() {
    let memory = Memory::default();
    let world = World::threads(1);
    let (notifier, running) = world.start(memory.clone(), Config::default());
    notifier.insert("all", webhook()).unwrap();
    for probe in [
        Probe::with_attributes(|_| panic!("no attributes")),
        Probe::with_encode(|_, _| panic!("no JSON")),
    ] {
        let publish = std::panic::AssertUnwindSafe(|| notifier.publish(&probe));
        assert!(std::panic::catch_unwind(publish).is_err());
    }
    notifier.publish(&event(1)).unwrap();
    let stats = block_on(notifier.shutdown(LONG));
    assert_eq!((stats.matched, stats.delivered), (1, 1));
    assert_eq!(memory.ids(), ["1"]);
    running.join();
}

/// A signer that counts its signatures and writes the count into the header.
struct Numbered(Mutex<u32>);

impl Signer for Numbered {
    fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        let mut number = self.0.lock().unwrap();
        *number += 1;
        let value = format!("{number} {} {}", message.delivery(), message.body().len());
        headers.insert("x-signature", value.parse().unwrap());
        assert!(message.wall() <= SystemTime::now());
        Ok(())
    }
}

#[test]
fn each_attempt_sends_the_same_delivery_with_a_new_signature() {
    everywhere(|world| {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let transport = instant(move |request, context| {
            seen.lock().unwrap().push((request, context.clone()));
            status(if context.attempt() < 3 { 503 } else { 200 })
        });
        let (notifier, running) = world.start(transport, Config::default().with_seed(7));
        let three = eager(0).with_batch(Batching::at_most(3).unwrap().with_linger(LONG));
        let one = webhook().with_policy(three).with_header("x-site", "north").unwrap();
        let one = one.with_delivery_id_header("x-delivery").unwrap();
        notifier.insert("one", one.with_signer(Numbered(Mutex::new(0)))).unwrap();
        for id in 0..3 {
            notifier.publish(&event(id)).unwrap();
        }
        world.block_on(notifier.shutdown(LONG));
        running.join();

        let requests = requests.lock().unwrap();
        assert_eq!(requests.len(), 3);
        for (at, (request, context)) in requests.iter().enumerate() {
            let attempt = context.attempt();
            assert_eq!((context.webhook(), attempt as usize), ("one", at + 1));
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.uri(), "http://127.0.0.1:9/");
            assert_eq!(request.headers()["content-type"], "application/json");
            assert_eq!(request.headers()["x-site"], "north");
            assert_eq!(request.body(), requests[0].0.body());
            let id = request.headers()["x-delivery"].to_str().unwrap();
            assert_eq!(id, requests[0].0.headers()["x-delivery"]);
            assert!(id.ends_with("-1"));
            assert_eq!(context.delivery().to_string(), id);
            let signature = format!("{attempt} {id} {}", request.body().len());
            assert_eq!(request.headers()["x-signature"], signature);
        }
    });
}
