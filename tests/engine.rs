//! The engine: the notifier's promises without a runtime, step by step.
#![allow(clippy::unwrap_used, reason = "the helpers of the tests are tests too")]

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

/// An engine with one webhook, at a moment of its own.
struct Desk {
    engine: Engine,
    now: Moment,
    wall: SystemTime,
}

impl Desk {
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

    fn answer(&mut self, outgoing: &Outgoing, status: u16) {
        self.answer_with(outgoing, status, &HeaderMap::new());
    }

    fn answer_with(&mut self, outgoing: &Outgoing, status: u16, headers: &HeaderMap) {
        let status = StatusCode::from_u16(status).unwrap();
        let id = outgoing.attempt_id();
        self.engine.handle_response(id, status, headers, self.now, self.wall);
    }

    /// Moves to the next moment at which there may be work, and says how far that was.
    fn wait(&mut self) -> Duration {
        let due = self.engine.poll_timeout().expect("something is due");
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
fn a_request_is_whole() {
    let secret = Secret::new("a secret of the two of us").unwrap();
    let scheme = HmacSha256::new(&secret);
    let one = webhook()
        .with_header("x-site", "north")
        .unwrap()
        .with_delivery_id_header("x-delivery")
        .unwrap()
        .with_signer(scheme.clone());
    let mut desk = Desk::new(one);
    desk.publish(&Event::new("42"));
    let outgoing = desk.poll().unwrap();
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
fn members_are_joined_from_their_own_bytes() {
    let three = security::policy().with_batch(Batching::at_most(3).unwrap());
    let mut desk = Desk::new(webhook().with_policy(three));
    for text in [r#"{ "id":1 }"#, "\"\u{e9}\"", "null", "4"] {
        desk.publish(&Raw::new(text));
    }
    let first = desk.poll().unwrap();
    assert_eq!(first.request().body(), "[{ \"id\":1 },\"\u{e9}\",null]");
    assert!(desk.poll().is_none(), "the next batch waits for the head");
    desk.answer(&first, 200);
    assert_eq!(desk.poll().unwrap().request().body(), "[4]");
}

#[test]
fn a_receiver_that_refuses_is_tried_again_by_the_documented_curve() {
    let mut desk = Desk::new(webhook());
    desk.publish(&Event::new("42"));
    let mut waits = Vec::new();
    for attempt in 1..=9 {
        let outgoing = desk.poll().unwrap();
        assert_eq!(outgoing.attempt(), attempt);
        desk.answer(&outgoing, 405);
        assert!(desk.poll().is_none());
        waits.push(format!("{:.3}", desk.wait().as_secs_f64()));
    }
    let curve = ["0.270", "0.729", "1.968", "5.314", "14.349", "38.742", "100.000"];
    assert_eq!(waits, [&curve[..], &["100.000"; 2]].concat());
    let last = desk.poll().unwrap();
    desk.answer(&last, 405);
    let stats = desk.engine.stats("one").unwrap();
    assert_eq!((stats.dead, stats.attempts, stats.failures), (1, 10, 10));
    assert_eq!(desk.engine.poll_timeout(), None);
}

#[test]
fn stale_outcomes_settle_nothing() {
    let mut desk = Desk::new(webhook());
    desk.publish(&Event::new("1"));
    desk.publish(&Event::new("2"));
    let first = desk.poll().unwrap();
    desk.answer(&first, 500);
    let after_first = desk.engine.total();
    desk.answer(&first, 200);
    desk.engine.handle_failure(first.attempt_id(), FailureKind::Timeout, desk.now);
    desk.engine.abandon(first.attempt_id(), desk.now);
    assert_eq!(desk.engine.total(), after_first);

    desk.wait();
    let second = desk.poll().unwrap();
    desk.answer(&first, 200);
    assert_eq!(desk.engine.total(), after_first, "a late outcome of attempt 1 is not attempt 2's");
    desk.answer(&second, 200);
    desk.answer(&second, 200);
    assert_eq!(desk.engine.total().delivered, 1);

    // Ids of another engine, and of a webhook that is gone.
    let third = desk.poll().unwrap();
    desk.engine.remove("one", desk.now).unwrap();
    desk.answer(&third, 200);
    desk.answer(&third, 200);
    let total = desk.engine.total();
    assert_eq!((total.delivered, total.pending()), (2, 0));
}

#[test]
fn an_abandoned_attempt_is_made_again_and_does_not_count() {
    let once = security::policy()
        .with_retry(Retry::new(Attempts::at_most(1).unwrap(), Backoff::default()));
    let one = webhook().with_policy(once).with_delivery_id_header("x-delivery").unwrap();
    let mut desk = Desk::new(one);
    desk.publish(&Event::new("42"));
    let first = desk.poll().unwrap();
    desk.engine.abandon(first.attempt_id(), desk.now);
    let stats = desk.engine.total();
    assert_eq!((stats.attempts, stats.pending()), (0, 1));
    let again = desk.poll().unwrap();
    assert_eq!(again.attempt(), 1);
    assert_ne!(again.attempt_id(), first.attempt_id());
    assert_eq!(again.request().headers(), first.request().headers());
    assert_eq!(again.request().body(), first.request().body());
    desk.answer(&again, 500);
    assert_eq!((desk.engine.total().attempts, desk.engine.total().dead), (1, 1));
}

#[test]
fn retry_after_is_seconds_or_a_date_against_the_responses_own() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:00 GMT";
    // 08:48:07 by the engine's own wall clock.
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
        let mut desk = Desk::new(webhook());
        desk.wall = wall;
        desk.publish(&Event::new("42"));
        let outgoing = desk.poll().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(value));
        if let Some(date) = date {
            headers.insert(header::DATE, HeaderValue::from_static(date));
        }
        desk.answer_with(&outgoing, 503, &headers);
        let blocked_for = Duration::from_secs(seconds);
        assert_eq!(
            desk.engine.status("one", desk.now).unwrap().blocked_for,
            blocked_for,
            "{date:?} {value}"
        );
        desk.publish(&CounterRecord::new(1));
        assert!(desk.poll().is_none(), "another topic waits as well");
        assert_eq!(desk.wait(), blocked_for, "{date:?} {value}");
        assert!(desk.poll().is_some());
    }
}

#[test]
fn a_retry_after_that_says_nothing_leaves_the_backoff() {
    for value in ["soon", "-1", "Sat, 05 Nov 1994 08:49:37 GMT", "0", "\t"] {
        let mut desk = Desk::new(webhook());
        desk.wall = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_687);
        desk.publish(&Event::new("42"));
        let outgoing = desk.poll().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(value));
        desk.answer_with(&outgoing, 503, &headers);
        assert_eq!(desk.wait(), Duration::from_millis(270), "{value}");
    }
}

#[test]
fn an_attempt_signs_anew_and_sends_the_same_bytes() {
    struct Timed;
    impl Signer for Timed {
        fn sign(&self, message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
            let since = message.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            headers.insert("x-time", since.as_secs().into());
            Ok(())
        }
    }
    let mut desk = Desk::new(webhook().with_signer(Timed));
    desk.publish(&Event::new("42"));
    let first = desk.poll().unwrap();
    desk.answer(&first, 500);
    desk.wall += 5 * SECOND;
    desk.wait();
    let second = desk.poll().unwrap();
    let time = |outgoing: &Outgoing| outgoing.request().headers()["x-time"].clone();
    assert_eq!((time(&first), time(&second)), ("0".parse().unwrap(), "5".parse().unwrap()));
    assert_eq!(first.request().body(), second.request().body());
}

#[test]
fn a_panic_of_a_signer_is_the_hosts_and_leaves_a_failed_attempt() {
    struct Unwilling;
    impl Signer for Unwilling {
        fn sign(&self, _message: &Message<'_>, _headers: &mut HeaderMap) -> Result<(), SignError> {
            panic!("a signer panics")
        }
    }
    let mut desk = Desk::new(webhook().with_signer(Unwilling));
    desk.publish(&Event::new("42"));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| desk.poll().is_some()));
    assert_eq!(*polled.unwrap_err().downcast::<&str>().unwrap(), "a signer panics");
    let stats = desk.engine.total();
    assert_eq!((stats.failures, stats.pending()), (1, 1));
    assert_eq!(desk.wait(), Duration::from_millis(270));
    desk.engine.update("one", webhook(), desk.now).unwrap();
    let outgoing = desk.poll().unwrap();
    assert_eq!(outgoing.attempt(), 2);
    desk.answer(&outgoing, 200);
    assert_eq!(desk.engine.total().delivered, 1);
}

#[test]
fn a_panic_of_a_sign_errors_text_leaves_a_failed_attempt() {
    #[derive(Debug)]
    struct PanickingText;
    impl std::fmt::Display for PanickingText {
        fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("a text panics")
        }
    }
    impl std::error::Error for PanickingText {}
    struct FailingSigner;
    impl Signer for FailingSigner {
        fn sign(&self, _message: &Message<'_>, _headers: &mut HeaderMap) -> Result<(), SignError> {
            Err(SignError::new(PanickingText))
        }
    }
    let mut desk = Desk::new(webhook().with_signer(FailingSigner));
    // Without a subscription nobody reads the text.
    let _reports = desk.engine.reports();
    desk.publish(&Event::new("42"));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| desk.poll().is_some()));
    assert_eq!(*polled.unwrap_err().downcast::<&str>().unwrap(), "a text panics");
    let stats = desk.engine.total();
    assert_eq!((stats.failures, stats.pending()), (1, 1));
    desk.wait();
    desk.engine.update("one", webhook(), desk.now).unwrap();
    assert_eq!(desk.poll().unwrap().attempt(), 2);
}

#[test]
fn an_update_reaches_the_next_attempt_of_what_is_under_way() {
    let mut desk = Desk::new(webhook());
    desk.publish(&Event::new("42"));
    let first = desk.poll().unwrap();
    let elsewhere = Webhook::new("https://elsewhere.example/", filter("{}")).unwrap();
    let elsewhere = elsewhere.with_policy(security::policy());
    desk.engine.update("one", elsewhere, desk.now).unwrap();
    desk.answer(&first, 500);
    desk.wait();
    let second = desk.poll().unwrap();
    assert_eq!(second.request().uri(), "https://elsewhere.example/");
    assert_eq!((second.attempt(), ids(&second)), (2, ids(&first)));
}

#[test]
fn the_registry_says_what_is_wrong() {
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
fn paused_and_inactive_webhooks_hold_back() {
    let mut desk = Desk::new(webhook());
    desk.engine.pause("one", desk.now).unwrap();
    desk.publish(&Event::new("1"));
    assert!(desk.poll().is_none());
    desk.engine.resume("one", desk.now).unwrap();
    assert!(desk.poll().is_some());
    desk.engine.update("one", webhook().with_active(false), desk.now).unwrap();
    assert_eq!(desk.engine.publish(&Event::new("2"), desk.now).unwrap().matched, 0);
}

#[test]
fn a_flush_ends_the_linger_and_is_done_when_all_is_settled() {
    let batching = Batching::at_most(10).unwrap().with_linger(60 * SECOND);
    let mut desk = Desk::new(webhook().with_policy(security::policy().with_batch(batching)));
    desk.publish(&Event::new("1"));
    assert!(desk.poll().is_none());
    assert_eq!(desk.engine.poll_timeout(), Some(desk.now + 60 * SECOND));
    let flush = desk.engine.start_flush(desk.now);
    let outgoing = desk.poll().unwrap();
    desk.publish(&Event::new("2"));
    assert!(!desk.engine.is_flushed(flush));
    desk.answer(&outgoing, 200);
    assert!(desk.engine.is_flushed(flush), "what came later is not waited for");
    desk.engine.end_flush(flush);
    desk.engine.end_flush(flush);
}

#[test]
fn closing_refuses_and_shutting_down_drops() {
    let dead_letters = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&dead_letters);
    let config = Config::default().with_dead_letter_handler(move |dead_letter: DeadLetter| {
        kept.lock().unwrap().push(dead_letter.reason())
    });
    let mut desk = Desk::with_config(webhook(), config);
    let reports = desk.engine.reports();
    for id in ["1", "2", "3"] {
        desk.publish(&Event::new(id));
    }
    desk.engine.close();
    let published = desk.engine.publish(&Event::new("4"), desk.now);
    assert!(matches!(published, Err(PublishError::Closed)));
    let outgoing = desk.poll().unwrap();
    desk.answer(&outgoing, 200);
    let in_flight = desk.poll().unwrap();
    let stats = desk.engine.shutdown();
    assert_eq!((stats.delivered, stats.dropped.shutdown, stats.pending()), (1, 2, 0));
    desk.answer(&in_flight, 200);
    assert_eq!(desk.engine.total(), stats);
    assert_eq!(desk.engine.shutdown(), stats);
    assert!(desk.poll().is_none());
    let dropped = DeadLetterReason::Dropped(DropReason::Shutdown);
    assert_eq!(*dead_letters.lock().unwrap(), [dropped; 2]);
    let reported: Vec<_> = futures::executor::block_on(futures::StreamExt::collect(reports));
    assert_eq!(reported.len(), 3);
}

#[test]
fn reports_show_what_happened_to_those_who_ask() {
    let mut desk = Desk::new(webhook());
    assert_eq!(desk.engine.webhook("one").unwrap().url().host(), Some("127.0.0.1"));
    assert!(desk.engine.webhook("two").is_none());
    let mut reports = desk.engine.reports();
    desk.publish(&Event::new("42"));
    let outgoing = desk.poll().unwrap();
    desk.engine.handle_failure(outgoing.attempt_id(), FailureKind::Connect, desk.now);
    let Some(Reported::Report(report)) = reports.try_next() else { panic!("one report") };
    assert!(matches!(
        report.event(),
        ReportEvent::Failed { attempt: 1, next, .. } if *next == Duration::from_millis(270)
    ));
    desk.wait();
    let outgoing = desk.poll().unwrap();
    let error = TransportError::tls("the certificate is another's");
    desk.engine.handle_failure(outgoing.attempt_id(), error, desk.now);
    let Some(Reported::Report(report)) = reports.try_next() else { panic!("one report") };
    let told = "no secure channel to the receiver: the certificate is another's. Attempt 2";
    assert!(report.to_string().contains(told), "{report}");
    drop(reports);
    desk.wait();
    let outgoing = desk.poll().unwrap();
    desk.answer(&outgoing, 200);
    assert!(desk.engine.reports().try_next().is_none());
}

#[test]
fn bounds_hold_and_the_bytes_of_all_are_free_after_settlement() {
    let limits = Limits::default().with_max_queue_bytes(10).with_max_webhook_queue_items(2);
    let mut desk = Desk::with_config(webhook(), Config::default().with_limits(limits));
    desk.engine.insert("two", webhook(), desk.now).unwrap();
    let ten = Raw::new("1234567890");
    assert_eq!(desk.engine.publish(&ten, desk.now).unwrap().queued, 2);
    let full = desk.engine.publish(&Raw::new("1"), desk.now);
    assert!(matches!(full, Err(PublishError::Full { rejected: 2 })));
    for _ in 0..2 {
        let outgoing = desk.poll().unwrap();
        desk.answer(&outgoing, 200);
    }
    assert_eq!(desk.engine.publish(&ten, desk.now).unwrap().queued, 2);
    assert_eq!(ten.0.load(Ordering::Relaxed), 2, "encoded once for each publish");

    let latest = security::policy().with_overflow(Overflow::DropOldest);
    let mut desk = Desk::with_config(
        webhook().with_policy(latest),
        Config::default().with_limits(Limits::default().with_max_webhook_queue_items(2)),
    );
    for id in ["1", "2", "3"] {
        desk.publish(&Event::new(id));
    }
    assert_eq!(ids(&desk.poll().unwrap()), ["2"]);
    assert_eq!(desk.engine.total().dropped.overflow, 1);
}

#[test]
fn a_notification_that_lies_is_refused() {
    let mut desk = Desk::new(webhook());
    let error = desk.engine.publish(&Liar, desk.now).unwrap_err();
    assert!(matches!(error, PublishError::Attributes(AttributeError::WrongKind { .. })));
    assert_eq!(desk.engine.total().matched, 0);
}

#[test]
fn default_policy_delivers_on_any_2xx() {
    let mut desk = Desk::new(webhook().with_policy(Policy::default()));
    desk.publish(&Event::new("1"));
    let outgoing = desk.poll().unwrap();
    desk.answer(&outgoing, 204);
    assert_eq!(desk.engine.total().delivered, 1);
}

/// An event that is any JSON text.
struct Raw(AtomicUsize, &'static str);

impl Raw {
    fn new(text: &'static str) -> Self {
        Self(AtomicUsize::new(0), text)
    }
}

impl Notification for Raw {
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
struct Liar;

impl Notification for Liar {
    fn schema(&self) -> &'static Schema {
        &security::EVENTS
    }

    fn id(&self) -> std::borrow::Cow<'_, str> {
        "liar".into()
    }

    fn kind(&self) -> &str {
        "liar"
    }

    fn attributes(&self, values: &mut Values) {
        values.bool(security::EVENTS.expect("camera"), true);
    }

    fn encode(&self, _rendering: Rendering, _out: &mut Vec<u8>) -> Result<(), EncodeError> {
        panic!("it is never encoded")
    }
}

#[test]
fn a_dropped_request_abandons_its_attempt() {
    let mut desk = Desk::new(webhook());
    desk.publish(&Event::new("42"));
    drop(desk.poll().unwrap());
    assert!(desk.engine.poll_timeout().unwrap() <= desk.now, "there is work at once");
    assert!(desk.poll().is_none(), "a drain hands an attempt out once");
    let again = desk.poll().unwrap();
    assert_eq!((again.attempt(), ids(&again)), (1, vec!["42".to_owned()]));
    assert_eq!(desk.engine.poll_timeout(), None);
    desk.answer(&again, 405);
    drop(again);
    assert!(desk.poll().is_none());
    desk.wait();
    let second = desk.poll().unwrap();
    assert_eq!(second.attempt(), 2, "to drop it after its outcome changes nothing");
    // On another thread, as a worker that ends early does.
    std::thread::scope(|scope| scope.spawn(move || drop(second)).join().unwrap());
    let stats = desk.engine.stats("one").unwrap();
    assert_eq!((stats.attempts, stats.failures, stats.pending()), (1, 1, 1));
    assert!(desk.poll().is_none());
    let second = desk.poll().unwrap();
    assert_eq!(second.attempt(), 2);
    desk.answer(&second, 200);
    assert_eq!(desk.engine.total().delivered, 1);
}

#[test]
fn a_request_that_was_taken_out_stays_in_flight() {
    let mut desk = Desk::new(webhook());
    desk.publish(&Event::new("42"));
    let outgoing = desk.poll().unwrap();
    let id = outgoing.attempt_id();
    drop(outgoing.into_request());
    assert!(desk.poll().is_none());
    assert_eq!(desk.engine.status("one", desk.now).unwrap().in_flight, 1);
    desk.engine.abandon(id, desk.now);
    assert_eq!(desk.poll().unwrap().attempt(), 1);
}

#[test]
fn a_drain_ends_even_if_all_is_dropped() {
    let mut desk = Desk::new(webhook());
    for id in ["1", "2", "3"] {
        desk.engine.insert(id, webhook(), desk.now).unwrap();
    }
    assert_eq!(desk.engine.publish(&Event::new("42"), desk.now).unwrap().queued, 4);
    for _ in 0..3 {
        let mut handed_out = 0;
        while let Some(outgoing) = desk.poll() {
            assert_eq!(outgoing.attempt(), 1);
            handed_out += 1;
        }
        assert_eq!(handed_out, 4);
    }
    assert_eq!(desk.engine.total().attempts, 0);
}

/// A host that is never idle, so no drain ends.
#[test]
fn a_dropped_request_does_not_starve() {
    let limits = Limits::default().with_max_in_flight(8);
    let mut desk = Desk::with_config(webhook(), Config::default().with_limits(limits));
    desk.engine.insert("other", webhook(), desk.now).unwrap();
    desk.engine.publish(&Event::new("42"), desk.now).unwrap();
    drop(desk.poll().unwrap());
    let is_back = (0..100).any(|number| {
        desk.engine.publish(&Event::new(number.to_string()), desk.now).unwrap();
        let outgoing = desk.poll().unwrap();
        let is_back = ids(&outgoing) == ["42"] && outgoing.webhook() == &WebhookId::from("one");
        desk.answer(&outgoing, 200);
        is_back
    });
    assert!(is_back);
}

#[test]
fn a_shutdown_reports_what_it_drops() {
    let mut desk = Desk::new(webhook());
    desk.publish(&Event::new("42"));
    let mut reports = desk.engine.reports();
    assert_eq!(desk.engine.shutdown().dropped.shutdown, 1);
    let Some(Reported::Report(report)) = reports.try_next() else { panic!("a report") };
    let is_shutdown =
        matches!(report.event(), ReportEvent::Dropped { reason: DropReason::Shutdown, .. });
    assert!(is_shutdown, "{report}");
    assert!(reports.try_next().is_none());
}
