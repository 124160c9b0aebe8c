//! A reader that is used again allocates nothing. Neither does publishing a notification that no
//! webhook matches.

use recohook::{
    FailureKind, Filter, Notifier, Transport, Webhook, async_trait,
    bytes::Bytes,
    clock::ThreadClock,
    faceio,
    findface::{lite, multi, security, security_2019},
    http::{Request, Response},
    openbiometrics,
    raw::{self, Format, Reader},
    transport::{Body, Context, TransportError},
};
use serde_json::json;

use crate::bodies;

fn assert_no_allocations(format: &'static Format, bodies: &[&str]) {
    let mut reader = Reader::new(format);
    for body in bodies {
        // The text as a server writes it, without the escapes of the documented text.
        let text = serde_json::from_str::<serde_json::Value>(body).unwrap().to_string();
        assert!(!text.contains('\\'), "{text}");
        let notifications = raw::split(text.as_bytes()).unwrap();
        let mut read = || notifications.iter().for_each(|one| assert!(reader.read(one).is_ok()));
        read();
        let measured = allocation_counter::measure(|| (0..10).for_each(|_| read()));
        assert_eq!(measured.count_total, 0, "{text}");
    }
}

#[test]
fn a_warm_reader_allocates_nothing() {
    assert_no_allocations(&security::RAW, bodies::SECURITY);
    assert_no_allocations(&security_2019::RAW, bodies::SECURITY_2019);
    assert_no_allocations(&lite::RAW, bodies::LITE);
    assert_no_allocations(&multi::RAW, bodies::MULTI);
    assert_no_allocations(&openbiometrics::RAW, bodies::OPENBIOMETRICS);
    assert_no_allocations(&faceio::RAW, bodies::FACEIO);
}

#[test]
fn a_change_of_the_topic_allocates_nothing() {
    let event = r#"{"id": "42", "webhook_type": "events", "camera": 3}"#;
    let episode = r#"{"id": 42, "webhook_type": "episodes", "cameras": [3]}"#;
    let mut reader = Reader::new(&security::RAW);
    let mut read = || {
        for one in [event, episode] {
            reader.read(one.as_bytes()).unwrap();
        }
    };
    read();
    let measured = allocation_counter::measure(|| (0..10).for_each(|_| read()));
    assert_eq!(measured.count_total, 0);
}

/// `serde_json` decodes a text with escapes into a buffer of its own.
#[test]
fn a_notification_with_escapes_allocates_one_buffer() {
    let event = br#"{"id": "42", "webhook_type": "events", "a": "\n", "b": "\u00e9", "c": "\t"}"#;
    let mut reader = Reader::new(&security::RAW);
    let mut read = || assert!(reader.read(event).is_ok());
    read();
    assert_eq!(allocation_counter::measure(read).count_total, 1);
}

/// A transport that never connects.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request<Bytes>, _: &Context) -> Result<Response<Body>, TransportError> {
        Err(FailureKind::Connect.into())
    }
}

#[test]
fn reading_and_publishing_an_unmatched_notification_allocates_nothing() {
    let notifier = Notifier::new(Nowhere, ThreadClock::new());
    for camera in 0..1000 {
        let filter = json!({"events": {"camera_in": [camera + 100], "matched": false}});
        let filter = Filter::parse(filter.to_string(), &security::FILTERS).unwrap();
        notifier.insert(camera, Webhook::new("http://127.0.0.1:9/", filter).unwrap()).unwrap();
    }
    let mut reader = Reader::new(&security::RAW);
    let mut publish = |camera: &str| {
        let notification = reader.read(camera.as_bytes()).unwrap();
        notifier.publish(&notification).unwrap().matched
    };
    let unwanted = r#"{"camera":1,"id":"42","matched":false,"webhook_type":"events"}"#;
    let wanted = r#"{"camera":{"id":100},"id":"42","matched":false,"webhook_type":"events"}"#;
    assert_eq!((publish(unwanted), publish(wanted)), (0, 1));
    let measured = allocation_counter::measure(|| {
        for _ in 0..100 {
            assert_eq!(publish(unwanted), 0);
        }
    });
    assert_eq!(measured.count_total, 0);
}
