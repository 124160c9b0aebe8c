//! The behaviour of an `Engine`, tested call by call without a runtime.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use recohook::{
    Config, EncodeError, Engine, FailureKind, Filter, Limits, Moment, Notification, Outgoing,
    PublishError, RegistryError, Rendering, Reported, Webhook, WebhookId,
    attribute::{AttributeError, Schema, Values},
    findface::security::{self, CounterRecord, Event},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    policy::{Attempts, Backoff, Batching, Overflow, Policy, Retry},
    report::{DeadLetter, DeadLetterReason, DropReason, ReportEvent},
    signature::{HmacSha256, Message, Received, Secret, SignError, Signer, Verifier},
    transport::TransportError,
};

const SECOND: Duration = Duration::from_secs(1);

fn filter(text: &str) -> Filter {
    Filter::parse(text, &security::FILTERS).unwrap()
}

fn webhook() -> Webhook {
    Webhook::new("http://127.0.0.1:9/hook?site=north", filter("{}"))
        .unwrap()
        .with_policy(security::policy())
}

/// An engine with one webhook and a manual clock.
struct Rig {
    engine: Engine,
    now: Moment,
    wall: SystemTime,
}

impl Rig {
    fn new(webhook: Webhook) -> Self {
        Self::with_config(webhook, Config::default())
    }

    fn with_config(webhook: Webhook, config: Config) -> Self {
        let mut engine = Engine::with_config(config.with_seed(7));
        let (now, wall) = (Moment::ZERO, SystemTime::UNIX_EPOCH);
        engine.insert("one", webhook, now).unwrap();
        Self { engine, now, wall }
    }

    fn publish(&mut self, notification: &dyn Notification) {
        assert_eq!(self.engine.publish(notification, self.now).unwrap().queued, 1);
    }

    fn poll(&mut self) -> Option<Outgoing> {
        self.engine.poll_request(self.now, self.wall)
    }

    fn respond(&mut self, outgoing: &Outgoing, status: u16) {
        self.respond_with(outgoing, status, &HeaderMap::new());
    }

    fn respond_with(&mut self, outgoing: &Outgoing, status: u16, headers: &HeaderMap) {
        let status = StatusCode::from_u16(status).unwrap();
        let id = outgoing.attempt_id();
        self.engine.handle_response(id, status, headers, self.now, self.wall);
    }

    /// Advances the clock to the next timeout. Returns the time that passes.
    fn wait(&mut self) -> Duration {
        let due = self.engine.poll_timeout().expect("a timeout should be set");
        let waited = due - self.now;
        self.now = due;
        waited
    }
}

fn ids(outgoing: &Outgoing) -> Vec<String> {
    let events: Vec<Event> = serde_json::from_slice(outgoing.request().body()).unwrap();
    events.into_iter().map(|event| event.id).collect()
}

#[test]
fn a_request_has_its_method_uri_headers_and_body() {
    let secret = Secret::new("correct horse battery staple").unwrap();
    let scheme = HmacSha256::new(&secret);
    let one = webhook()
        .with_header("x-site", "north")
        .unwrap()
        .with_delivery_id_header("x-delivery")
        .unwrap()
        .with_signer(scheme.clone());
    let mut rig = Rig::new(one);
    rig.publish(&Event::new("42"));
    let outgoing = rig.poll().unwrap();
    assert_eq!(outgoing.webhook(), &WebhookId::from("one"));
    assert_eq!((outgoing.attempt(), outgoing.timeout()), (1, 10 * SECOND));
    let request = outgoing.request();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "http://127.0.0.1:9/hook?site=north");
    let mut names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-type", "user-agent", "x-delivery", "x-signature-256", "x-site"]);
    assert_eq!(request.headers()["content-type"], "application/json");
    let agent = concat!("recohook/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.headers()["user-agent"], agent);
    scheme.verify(&Received::new(request.headers(), request.body())).unwrap();
    assert_eq!(ids(&outgoing), ["42"]);
    let bytes = request.body().clone();
    assert_eq!(outgoing.into_request().into_body(), bytes);
}

#[test]
fn a_body_contains_the_bytes_of_each_notification_unchanged() {
    let three = security::policy().with_batch(Batching::at_most(3).unwrap());
    let mut rig = Rig::new(webhook().with_policy(three));
    for text in [r#"{ "id":1 }"#, "\"\u{e9}\"", "null", "4"] {
        rig.publish(&RawEvent::new(text));
    }
    let first = rig.poll().unwrap();
    assert_eq!(first.request().body(), "[{ \"id\":1 },\"\u{e9}\",null]");
    assert!(rig.poll().is_none(), "the next batch must wait for the first");
    rig.respond(&first, 200);
    assert_eq!(rig.poll().unwrap().request().body(), "[4]");
}

#[test]
fn failures_are_retried_after_the_documented_delays() {
    let mut rig = Rig::new(webhook());
    rig.publish(&Event::new("42"));
    let mut waits = Vec::new();
    for attempt in 1..=9 {
        let outgoing = rig.poll().unwrap();
        assert_eq!(outgoing.attempt(), attempt);
        rig.respond(&outgoing, 405);
        assert!(rig.poll().is_none());
        waits.push(format!("{:.3}", rig.wait().as_secs_f64()));
    }
    let curve = ["0.270", "0.729", "1.968", "5.314", "14.349", "38.742", "100.000"];
    assert_eq!(waits, [&curve[..], &["100.000"; 2]].concat());
    let last = rig.poll().unwrap();
    rig.respond(&last, 405);
    let stats = rig.engine.stats("one").unwrap();
    assert_eq!((stats.dead, stats.attempts, stats.failures), (1, 10, 10));
    assert_eq!(rig.engine.poll_timeout(), None);
}

#[test]
fn stale_outcomes_are_ignored() {
    let mut rig = Rig::new(webhook());
    rig.publish(&Event::new("1"));
    rig.publish(&Event::new("2"));
    let first = rig.poll().unwrap();
    rig.respond(&first, 500);
    let after_first = rig.engine.total();
    rig.respond(&first, 200);
    rig.engine.handle_failure(first.attempt_id(), FailureKind::Timeout, rig.now);
    rig.engine.abandon(first.attempt_id(), rig.now);
    assert_eq!(rig.engine.total(), after_first);

    rig.wait();
    let second = rig.poll().unwrap();
    rig.respond(&first, 200);
    assert_eq!(rig.engine.total(), after_first, "attempt 2 must ignore an outcome of attempt 1");
    rig.respond(&second, 200);
    rig.respond(&second, 200);
    assert_eq!(rig.engine.total().delivered, 1);

    // The webhook is removed, and the outcome comes twice.
    let third = rig.poll().unwrap();
    rig.engine.remove("one", rig.now).unwrap();
    rig.respond(&third, 200);
    rig.respond(&third, 200);
    let total = rig.engine.total();
    assert_eq!((total.delivered, total.pending()), (2, 0));
}

#[test]
fn an_abandoned_attempt_is_repeated_and_does_not_count() {
    let once = security::policy()
        .with_retry(Retry::new(Attempts::at_most(1).unwrap(), Backoff::default()));
    let one = webhook().with_policy(once).with_delivery_id_header("x-delivery").unwrap();
    let mut rig = Rig::new(one);
    rig.publish(&Event::new("42"));
    let first = rig.poll().unwrap();
    rig.engine.abandon(first.attempt_id(), rig.now);
    let stats = rig.engine.total();
    assert_eq!((stats.attempts, stats.pending()), (0, 1));
    let again = rig.poll().unwrap();
    assert_eq!(again.attempt(), 1);
    assert_ne!(again.attempt_id(), first.attempt_id());
    assert_eq!(again.request().headers(), first.request().headers());
    assert_eq!(again.request().body(), first.request().body());
    rig.respond(&again, 500);
    assert_eq!((rig.engine.total().attempts, rig.engine.total().dead), (1, 1));
}

#[test]
fn retry_after_is_in_seconds_or_a_date_relative_to_the_date_header() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:00 GMT";
    // The wall clock of the engine is at 08:48:07.
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_687);
    for (date, value, seconds) in [
        (Some(DATE), "7", 7),
        (None, "7", 7),
        (Some(DATE), "Sun, 06 Nov 1994 08:49:37 GMT", 37),
        (Some("what day is it"), "Sun, 06 Nov 1994 08:49:37 GMT", 90),
        (None, "Sun, 06 Nov 1994 08:49:37 GMT", 90),
        (None, "Sunday, 06-Nov-94 08:49:37 GMT", 90),
        (None, "Sun Nov  6 08:49:37 1994", 90),
        (None, "99999999999999999999999999", 100),
    ] {
        let mut rig = Rig::new(webhook());
        rig.wall = wall;
        rig.publish(&Event::new("42"));
        let outgoing = rig.poll().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(value));
        if let Some(date) = date {
            headers.insert(header::DATE, HeaderValue::from_static(date));
        }
        rig.respond_with(&outgoing, 503, &headers);
        let blocked_for = Duration::from_secs(seconds);
        assert_eq!(
            rig.engine.status("one", rig.now).unwrap().blocked_for,
            blocked_for,
            "{date:?} {value}"
        );
        rig.publish(&CounterRecord::new(1));
        assert!(rig.poll().is_none(), "another topic must wait, too");
        assert_eq!(rig.wait(), blocked_for, "{date:?} {value}");
        assert!(rig.poll().is_some());
    }
}

#[test]
fn an_invalid_or_past_retry_after_is_ignored() {
    for value in ["soon", "-1", "Sat, 05 Nov 1994 08:49:37 GMT", "0", "\t"] {
        let mut rig = Rig::new(webhook());
        rig.wall = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_687);
        rig.publish(&Event::new("42"));
        let outgoing = rig.poll().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(value));
        rig.respond_with(&outgoing, 503, &headers);
        assert_eq!(rig.wait(), Duration::from_millis(270), "{value}");
    }
}

#[test]
fn each_attempt_is_signed_again_and_has_the_same_body() {
    struct TimeSigner;
    impl Signer for TimeSigner {
        fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
            let since = message.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            headers.insert("x-time", since.as_secs().into());
            Ok(())
        }
    }
    let mut rig = Rig::new(webhook().with_signer(TimeSigner));
    rig.publish(&Event::new("42"));
    let first = rig.poll().unwrap();
    rig.respond(&first, 500);
    rig.wall += 5 * SECOND;
    rig.wait();
    let second = rig.poll().unwrap();
    let time = |outgoing: &Outgoing| outgoing.request().headers()["x-time"].clone();
    assert_eq!((time(&first), time(&second)), ("0".parse().unwrap(), "5".parse().unwrap()));
    assert_eq!(first.request().body(), second.request().body());
}

#[test]
fn a_panic_of_a_signer_reaches_the_host_and_fails_the_attempt() {
    struct PanickingSigner;
    impl Signer for PanickingSigner {
        fn sign(&self, _message: &Message<'_>, _headers: &mut HeaderMap) -> Result<(), SignError> {
            panic!("a signer panics")
        }
    }
    let mut rig = Rig::new(webhook().with_signer(PanickingSigner));
    rig.publish(&Event::new("42"));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rig.poll().is_some()));
    assert_eq!(*polled.unwrap_err().downcast::<&str>().unwrap(), "a signer panics");
    let stats = rig.engine.total();
    assert_eq!((stats.failures, stats.pending()), (1, 1));
    assert_eq!(rig.wait(), Duration::from_millis(270));
    rig.engine.update("one", webhook(), rig.now).unwrap();
    let outgoing = rig.poll().unwrap();
    assert_eq!(outgoing.attempt(), 2);
    rig.respond(&outgoing, 200);
    assert_eq!(rig.engine.total().delivered, 1);
}

/// An error whose message panics.
#[derive(Debug)]
struct PanickingText;

impl std::fmt::Display for PanickingText {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("a text panics")
    }
}

impl std::error::Error for PanickingText {}

#[test]
fn a_panic_of_the_text_of_a_failure_fails_the_attempt() {
    let mut rig = Rig::new(webhook());
    // The engine only reads the text if it has a subscriber for reports.
    let _reports = rig.engine.reports();
    rig.publish(&Event::new("42"));
    let outgoing = rig.poll().unwrap();
    let error = TransportError::connect(PanickingText);
    let report = || rig.engine.handle_failure(outgoing.attempt_id(), error, rig.now);
    let reported = std::panic::catch_unwind(std::panic::AssertUnwindSafe(report));
    assert_eq!(*reported.unwrap_err().downcast::<&str>().unwrap(), "a text panics");
    let stats = rig.engine.total();
    assert_eq!((stats.failures, stats.pending()), (1, 1));
    rig.wait();
    assert_eq!(rig.poll().unwrap().attempt(), 2);
}

#[test]
fn a_panic_of_the_text_of_a_sign_error_fails_the_attempt() {
    struct FailingSigner;
    impl Signer for FailingSigner {
        fn sign(&self, _message: &Message<'_>, _headers: &mut HeaderMap) -> Result<(), SignError> {
            Err(SignError::new(PanickingText))
        }
    }
    let mut rig = Rig::new(webhook().with_signer(FailingSigner));
    // The engine only reads the text if it has a subscriber for reports.
    let _reports = rig.engine.reports();
    rig.publish(&Event::new("42"));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rig.poll().is_some()));
    assert_eq!(*polled.unwrap_err().downcast::<&str>().unwrap(), "a text panics");
    let stats = rig.engine.total();
    assert_eq!((stats.failures, stats.pending()), (1, 1));
    rig.wait();
    rig.engine.update("one", webhook(), rig.now).unwrap();
    assert_eq!(rig.poll().unwrap().attempt(), 2);
}

#[test]
fn an_update_applies_to_the_next_attempt_of_an_open_delivery() {
    let mut rig = Rig::new(webhook());
    rig.publish(&Event::new("42"));
    let first = rig.poll().unwrap();
    let elsewhere = Webhook::new("https://elsewhere.example/", filter("{}")).unwrap();
    let elsewhere = elsewhere.with_policy(security::policy());
    rig.engine.update("one", elsewhere, rig.now).unwrap();
    rig.respond(&first, 500);
    rig.wait();
    let second = rig.poll().unwrap();
    assert_eq!(second.request().uri(), "https://elsewhere.example/");
    assert_eq!((second.attempt(), ids(&second)), (2, ids(&first)));
}

#[test]
fn invalid_changes_of_webhooks_return_errors() {
    let mut engine = Engine::new();
    let now = Moment::ZERO;
    let (a, b) = (WebhookId::from("a"), WebhookId::from("b"));
    engine.insert("a", webhook(), now).unwrap();
    assert_eq!(engine.insert("a", webhook(), now), Err(RegistryError::Taken { id: a.clone() }));
    let unknown = Err(RegistryError::Unknown { id: b.clone() });
    assert_eq!(engine.update("b", webhook(), now), unknown);
    assert_eq!(engine.remove("b", now), unknown);
    assert_eq!(engine.pause("b", now), unknown);
    assert_eq!(engine.resume("b", now), unknown);
    let twice = vec![(b.clone(), webhook()), (b.clone(), webhook())];
    assert_eq!(engine.replace_all(twice, now), Err(RegistryError::DuplicateId { id: b.clone() }));
    let large = webhook().with_header("x-large", &"x".repeat(16 * 1024)).unwrap();
    let refused = engine.update("a", large, now);
    assert!(matches!(refused, Err(RegistryError::HeadersTooLarge { limit: 16384, .. })));
    assert_eq!(engine.stats("b"), None);
    assert_eq!(engine.status("b", now), None);
    let replaced = engine.replace_all([(b, webhook())], now).unwrap();
    assert_eq!((replaced.inserted, replaced.updated, replaced.removed), (1, 0, 1));
    assert!(engine.webhooks().map(|(id, _)| id.as_str()).eq(["b"]));
}

#[test]
fn paused_webhooks_do_not_send_and_inactive_ones_do_not_match() {
    let mut rig = Rig::new(webhook());
    rig.engine.pause("one", rig.now).unwrap();
    rig.publish(&Event::new("1"));
    assert!(rig.poll().is_none());
    rig.engine.resume("one", rig.now).unwrap();
    assert!(rig.poll().is_some());
    rig.engine.update("one", webhook().with_active(false), rig.now).unwrap();
    assert_eq!(rig.engine.publish(&Event::new("2"), rig.now).unwrap().matched, 0);
}

#[test]
fn a_flush_ends_the_linger_and_is_done_after_the_last_outcome() {
    let batching = Batching::at_most(10).unwrap().with_linger(60 * SECOND);
    let mut rig = Rig::new(webhook().with_policy(security::policy().with_batch(batching)));
    rig.publish(&Event::new("1"));
    assert!(rig.poll().is_none());
    assert_eq!(rig.engine.poll_timeout(), Some(rig.now + 60 * SECOND));
    let flush = rig.engine.start_flush(rig.now);
    let outgoing = rig.poll().unwrap();
    rig.publish(&Event::new("2"));
    assert!(!rig.engine.is_flushed(flush));
    rig.respond(&outgoing, 200);
    assert!(rig.engine.is_flushed(flush), "a flush must not wait for later notifications");
    rig.engine.end_flush(flush);
    rig.engine.end_flush(flush);
}

#[test]
fn a_closed_engine_refuses_and_a_shutdown_drops() {
    let dead_letters = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&dead_letters);
    let config = Config::default().with_dead_letter_handler(move |dead_letter: DeadLetter| {
        kept.lock().unwrap().push(dead_letter.reason())
    });
    let mut rig = Rig::with_config(webhook(), config);
    let reports = rig.engine.reports();
    for id in ["1", "2", "3"] {
        rig.publish(&Event::new(id));
    }
    rig.engine.close();
    let published = rig.engine.publish(&Event::new("4"), rig.now);
    assert!(matches!(published, Err(PublishError::Closed)));
    let outgoing = rig.poll().unwrap();
    rig.respond(&outgoing, 200);
    let in_flight = rig.poll().unwrap();
    let stats = rig.engine.shutdown();
    assert_eq!((stats.delivered, stats.dropped.shutdown, stats.pending()), (1, 2, 0));
    rig.respond(&in_flight, 200);
    assert_eq!(rig.engine.total(), stats);
    assert_eq!(rig.engine.shutdown(), stats);
    assert!(rig.poll().is_none());
    let dropped = DeadLetterReason::Dropped(DropReason::Shutdown);
    assert_eq!(*dead_letters.lock().unwrap(), [dropped; 2]);
    let reported: Vec<_> = futures::executor::block_on(futures::StreamExt::collect(reports));
    assert_eq!(reported.len(), 3);
}

#[test]
fn reports_contain_failed_attempts_and_their_errors() {
    let mut rig = Rig::new(webhook());
    assert_eq!(rig.engine.webhook("one").unwrap().url().host(), Some("127.0.0.1"));
    assert!(rig.engine.webhook("two").is_none());
    let mut reports = rig.engine.reports();
    rig.publish(&Event::new("42"));
    let outgoing = rig.poll().unwrap();
    rig.engine.handle_failure(outgoing.attempt_id(), FailureKind::Connect, rig.now);
    let Some(Reported::Report(report)) = reports.try_next() else { panic!("expected a report") };
    assert!(matches!(
        report.event(),
        ReportEvent::Failed { attempt: 1, next, .. } if *next == Duration::from_millis(270)
    ));
    rig.wait();
    let outgoing = rig.poll().unwrap();
    let error = TransportError::tls("the certificate is for another host");
    rig.engine.handle_failure(outgoing.attempt_id(), error, rig.now);
    let Some(Reported::Report(report)) = reports.try_next() else { panic!("expected a report") };
    let expected =
        "no secure channel to the receiver: the certificate is for another host. Attempt 2";
    assert!(report.to_string().contains(expected), "{report}");
    drop(reports);
    rig.wait();
    let outgoing = rig.poll().unwrap();
    rig.respond(&outgoing, 200);
    assert!(rig.engine.reports().try_next().is_none());
}

#[test]
fn a_full_queue_rejects_or_drops_and_has_room_after_deliveries() {
    let limits = Limits::default().with_max_queue_bytes(10).with_max_webhook_queue_items(2);
    let mut rig = Rig::with_config(webhook(), Config::default().with_limits(limits));
    rig.engine.insert("two", webhook(), rig.now).unwrap();
    let ten_bytes = RawEvent::new("1234567890");
    assert_eq!(rig.engine.publish(&ten_bytes, rig.now).unwrap().queued, 2);
    let full = rig.engine.publish(&RawEvent::new("1"), rig.now);
    assert!(matches!(full, Err(PublishError::Full { rejected: 2 })));
    for _ in 0..2 {
        let outgoing = rig.poll().unwrap();
        rig.respond(&outgoing, 200);
    }
    assert_eq!(rig.engine.publish(&ten_bytes, rig.now).unwrap().queued, 2);
    assert_eq!(ten_bytes.0.load(Ordering::Relaxed), 2, "publish must encode a notification once");

    let latest = security::policy().with_overflow(Overflow::DropOldest);
    let mut rig = Rig::with_config(
        webhook().with_policy(latest),
        Config::default().with_limits(Limits::default().with_max_webhook_queue_items(2)),
    );
    for id in ["1", "2", "3"] {
        rig.publish(&Event::new(id));
    }
    assert_eq!(ids(&rig.poll().unwrap()), ["2"]);
    assert_eq!(rig.engine.total().dropped.overflow, 1);
}

#[test]
fn a_notification_that_contradicts_its_schema_is_refused() {
    let mut rig = Rig::new(webhook());
    let error = rig.engine.publish(&WrongAttributes, rig.now).unwrap_err();
    assert!(matches!(error, PublishError::Attributes(AttributeError::WrongKind { .. })));
    assert_eq!(rig.engine.total().matched, 0);
}

#[test]
fn with_the_default_policy_any_2xx_is_a_success() {
    let mut rig = Rig::new(webhook().with_policy(Policy::default()));
    rig.publish(&Event::new("1"));
    let outgoing = rig.poll().unwrap();
    rig.respond(&outgoing, 204);
    assert_eq!(rig.engine.total().delivered, 1);
}

/// An event whose encoding is any JSON text. It counts how often it is encoded.
struct RawEvent(AtomicUsize, &'static str);

impl RawEvent {
    fn new(text: &'static str) -> Self {
        Self(AtomicUsize::new(0), text)
    }
}

impl Notification for RawEvent {
    fn schema(&self) -> &'static Schema {
        &security::EVENTS
    }

    fn id(&self) -> std::borrow::Cow<'_, str> {
        self.1.into()
    }

    fn kind(&self) -> &str {
        "raw"
    }

    fn attributes(&self, _values: &mut Values) {}

    fn encode(&self, _rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        out.extend_from_slice(self.1.as_bytes());
        Ok(())
    }
}

/// An event whose camera is a boolean.
struct WrongAttributes;

impl Notification for WrongAttributes {
    fn schema(&self) -> &'static Schema {
        &security::EVENTS
    }

    fn id(&self) -> std::borrow::Cow<'_, str> {
        "wrong".into()
    }

    fn kind(&self) -> &str {
        "wrong"
    }

    fn attributes(&self, values: &mut Values) {
        values.bool(security::EVENTS.expect("camera"), true);
    }

    fn encode(&self, _rendering: Rendering, _out: &mut Vec<u8>) -> Result<(), EncodeError> {
        panic!("a refused notification must not be encoded")
    }
}

#[test]
fn a_dropped_request_abandons_its_attempt() {
    let mut rig = Rig::new(webhook());
    rig.publish(&Event::new("42"));
    drop(rig.poll().unwrap());
    assert!(rig.engine.poll_timeout().unwrap() <= rig.now, "the attempt must be due at once");
    // Otherwise a loop until `None` would not end if it drops each request.
    assert!(rig.poll().is_none(), "the attempt must not be repeated before `None`");
    let again = rig.poll().unwrap();
    assert_eq!((again.attempt(), ids(&again)), (1, vec!["42".to_owned()]));
    assert_eq!(rig.engine.poll_timeout(), None);
    rig.respond(&again, 405);
    drop(again);
    assert!(rig.poll().is_none());
    rig.wait();
    let second = rig.poll().unwrap();
    assert_eq!(second.attempt(), 2, "a drop after the outcome must change nothing");
    // A worker may drop a request on another thread.
    std::thread::scope(|scope| scope.spawn(move || drop(second)).join().unwrap());
    let stats = rig.engine.stats("one").unwrap();
    assert_eq!((stats.attempts, stats.failures, stats.pending()), (1, 1, 1));
    assert!(rig.poll().is_none());
    let second = rig.poll().unwrap();
    assert_eq!(second.attempt(), 2);
    rig.respond(&second, 200);
    assert_eq!(rig.engine.total().delivered, 1);
}

#[test]
fn into_request_keeps_the_attempt_in_flight() {
    let mut rig = Rig::new(webhook());
    rig.publish(&Event::new("42"));
    let outgoing = rig.poll().unwrap();
    let id = outgoing.attempt_id();
    drop(outgoing.into_request());
    assert!(rig.poll().is_none());
    assert_eq!(rig.engine.status("one", rig.now).unwrap().in_flight, 1);
    rig.engine.abandon(id, rig.now);
    assert_eq!(rig.poll().unwrap().attempt(), 1);
}

#[test]
fn polling_until_none_ends_even_if_each_request_is_dropped() {
    let mut rig = Rig::new(webhook());
    for id in ["1", "2", "3"] {
        rig.engine.insert(id, webhook(), rig.now).unwrap();
    }
    assert_eq!(rig.engine.publish(&Event::new("42"), rig.now).unwrap().queued, 4);
    for _ in 0..3 {
        let mut handed_out = 0;
        while let Some(outgoing) = rig.poll() {
            assert_eq!(outgoing.attempt(), 1);
            handed_out += 1;
        }
        assert_eq!(handed_out, 4);
    }
    assert_eq!(rig.engine.total().attempts, 0);
}

/// The host publishes after each request, so polling never returns `None`.
#[test]
fn a_dropped_request_is_repeated_even_if_there_is_always_more_to_send() {
    let limits = Limits::default().with_max_in_flight(8);
    let mut rig = Rig::with_config(webhook(), Config::default().with_limits(limits));
    rig.engine.insert("other", webhook(), rig.now).unwrap();
    rig.engine.publish(&Event::new("42"), rig.now).unwrap();
    drop(rig.poll().unwrap());
    let is_repeated = (0..100).any(|number| {
        rig.engine.publish(&Event::new(number.to_string()), rig.now).unwrap();
        let outgoing = rig.poll().unwrap();
        let is_repeated = ids(&outgoing) == ["42"] && outgoing.webhook() == &WebhookId::from("one");
        rig.respond(&outgoing, 200);
        is_repeated
    });
    assert!(is_repeated);
}

#[test]
fn a_shutdown_reports_the_notifications_that_it_drops() {
    let mut rig = Rig::new(webhook());
    rig.publish(&Event::new("42"));
    let mut reports = rig.engine.reports();
    assert_eq!(rig.engine.shutdown().dropped.shutdown, 1);
    let Some(Reported::Report(report)) = reports.try_next() else { panic!("expected a report") };
    let is_shutdown =
        matches!(report.event(), ReportEvent::Dropped { reason: DropReason::Shutdown, .. });
    assert!(is_shutdown, "{report}");
    assert!(reports.try_next().is_none());
}
