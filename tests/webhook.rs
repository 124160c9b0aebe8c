//! Webhooks: invalid settings, changes of settings, and secrets that are not shown.

use std::borrow::Cow;

use recohook::{
    EncodeError, Filter, HeaderError, Notification, Rendering, Webhook,
    attribute::{Schema, Values},
    findface::{
        lite,
        security::{self, Event},
    },
};

fn webhook() -> Webhook {
    Webhook::new("http://127.0.0.1/", Filter::everything(&security::FILTERS))
        .expect("the URL is valid")
}

#[test]
fn headers_that_cannot_be_sent_are_refused() {
    for (name, value, text) in [
        ("", "x", "is not a valid header name"),
        ("a b", "x", "is not a valid header name"),
        ("x-a", "a\r\nb: c", "must be visible ASCII"),
        ("x-a", "é", "must be visible ASCII"),
        ("x-a", " led by a space", "only between"),
        ("x-a", "followed by a tab\t", "only between"),
        ("Content-Length", "5", "is reserved"),
        ("transfer-encoding", "chunked", "is reserved"),
    ] {
        let error = webhook().with_header(name, value).unwrap_err().to_string();
        assert!(error.contains(text), "{name:?}: {error}");
    }
    assert!(webhook().with_delivery_id_header("connection").is_err());
    assert!(webhook().with_delivery_id_header("content-type").is_err());
}

#[test]
fn too_many_headers_are_an_error() {
    let full =
        (0..100_000).try_fold(webhook(), |webhook, n| webhook.with_header(&format!("x-{n}"), ""));
    assert_eq!(full.unwrap_err(), HeaderError::TooMany.into());
}

#[test]
fn url_and_filter_can_be_changed_without_the_rest() {
    let filter = Filter::parse(r#"{"events": {}}"#, &security::FILTERS).unwrap();
    let changed = webhook()
        .with_name("gate")
        .with_url("https://other.example/x")
        .unwrap()
        .with_filter(filter.clone());
    assert_eq!((changed.name(), changed.filter()), ("gate", &filter));
    assert_eq!(changed.url(), "https://other.example/x");
    assert!(changed.with_url("other.example").is_err());
}

#[test]
fn credentials_are_not_shown() {
    let webhook = webhook().with_header("X-Api-Key", "abc").unwrap();
    assert!(!format!("{webhook:?}").contains("abc"));
}

#[test]
fn the_text_of_the_url_is_kept_as_it_was_given() {
    let webhook = webhook().with_url("HTTP://Host.example?token=abc").unwrap();
    assert_eq!(webhook.url_text(), "HTTP://Host.example?token=abc");
    assert_eq!(webhook.url(), "http://Host.example/?token=abc");
    assert!(!format!("{webhook:?}").contains("abc"));
    assert!(webhook.clone().with_url("nowhere").is_err());
    assert_eq!(webhook.with_url("http://a/").unwrap().url_text(), "http://a/");
}

#[test]
fn explain_depends_only_on_the_filter() {
    let filter = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS).unwrap();
    let webhook = webhook().with_filter(filter).with_active(false);
    assert!(webhook.explain(&Event::new("1").camera(3)).unwrap().is_match());

    let explanation = webhook.explain(&Event::new("1").camera(4)).unwrap();
    assert!(!explanation.is_match());
    assert_eq!(explanation.verdicts().unwrap()[0].pointer(), "/events/camera_in");

    let stranger = lite::Event::new(1, lite::EventType::Face);
    let explanation = webhook.explain(&stranger).unwrap();
    assert!(!explanation.is_match());
    assert_eq!(explanation.verdicts(), None);
}

#[test]
fn explain_refuses_a_notification_that_contradicts_its_schema() {
    struct Contradictory;

    impl Notification for Contradictory {
        fn schema(&self) -> &'static Schema {
            &security::EVENTS
        }

        fn id(&self) -> Cow<'_, str> {
            "1".into()
        }

        fn kind(&self) -> &str {
            ""
        }

        fn attributes(&self, values: &mut Values) {
            values.text(security::EVENTS.expect("camera"), "three");
        }

        fn encode(&self, _: Rendering, _: &mut Vec<u8>) -> Result<(), EncodeError> {
            Ok(())
        }
    }

    assert_eq!(webhook().explain(&Contradictory).unwrap_err().kind(), "wrong_kind");
}
