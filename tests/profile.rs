//! Profiles: how a notification becomes a request, and when it cannot.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use recohook::{
    Config, EncodeError, Engine, FailureKind, Filter, Framing, HeaderError, Limits, Moment,
    Notification, Notifier, Outgoing, Profile, RegistryError, Rendering, Webhook, WebhookId,
    async_trait,
    attribute::{Schema, Values},
    bytes::Bytes,
    clock::ThreadClock,
    findface::security,
    http::{HeaderMap, Request, Response, StatusCode},
    policy::{Batching, Policy},
    report::{DeadLetter, DeadLetterReason, FailureCause},
    signature::{Bearer, HmacSha256, Message, Received, Secret, SignError, Signer, Verifier},
    transport::{Body, Context, Transport, TransportError},
};

const NOW: Moment = Moment::ZERO;

/// A notification with an id and a kind. Its JSON text is an object with the id.
struct Note(&'static str, &'static str);

impl Notification for Note {
    fn schema(&self) -> &'static Schema {
        &security::EVENTS
    }

    fn id(&self) -> Cow<'_, str> {
        self.0.into()
    }

    fn kind(&self) -> &str {
        self.1
    }

    fn attributes(&self, _values: &mut Values) {}

    fn encode(&self, _rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(serde_json::to_writer(out, &serde_json::json!({ "id": self.0 }))?)
    }
}

/// A signer that calls a closure.
struct ClosureSigner<F>(F);

impl<F> Signer for ClosureSigner<F>
where
    F: Fn(&mut HeaderMap) -> Result<(), SignError> + Send + Sync,
{
    fn sign(&self, _message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        (self.0)(headers)
    }
}

fn webhook() -> Webhook {
    Webhook::new("http://127.0.0.1:9/", Filter::everything(&security::FILTERS)).unwrap()
}

fn described() -> Profile {
    Profile::default()
        .with_framing(Framing::Object)
        .with_kind_header("X-Event-Type")
        .unwrap()
        .with_id_header("X-Event-ID")
        .unwrap()
}

fn batches_of(items: usize) -> Policy {
    Policy::default().with_batch(Batching::at_most(items).unwrap())
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

type DeadLetters = Arc<Mutex<Vec<DeadLetter>>>;

fn engine(limits: Limits) -> (Engine, DeadLetters) {
    let dead_letters = DeadLetters::default();
    let kept = Arc::clone(&dead_letters);
    let config = Config::default()
        .with_limits(limits)
        .with_dead_letter_handler(move |dead_letter| kept.lock().unwrap().push(dead_letter));
    (Engine::with_config(config), dead_letters)
}

fn poll(engine: &mut Engine) -> Option<Outgoing> {
    engine.poll_request(NOW, SystemTime::now())
}

fn answer(engine: &mut Engine, outgoing: &Outgoing, status: u16) {
    let status = StatusCode::from_u16(status).unwrap();
    let id = outgoing.attempt_id();
    engine.handle_response(id, status, &HeaderMap::new(), NOW, SystemTime::now());
}

/// Returns the ids in the dead letters. Asserts that each failed at its first attempt as an invalid
/// request.
fn invalid_requests(dead_letters: &DeadLetters) -> Vec<String> {
    let dead_letters = dead_letters.lock().unwrap();
    for dead_letter in dead_letters.iter() {
        let cause = FailureCause::Failure(FailureKind::InvalidRequest);
        assert_eq!(dead_letter.reason(), DeadLetterReason::Failed { attempt: 1, cause });
    }
    dead_letters
        .iter()
        .flat_map(|dead_letter| dead_letter.batch().ids().map(str::to_owned))
        .collect()
}

#[test]
fn an_object_is_sent_unchanged_and_the_headers_describe_it() {
    let (mut engine, _) = engine(Limits::default());
    let scheme = HmacSha256::new(&secret("key"));
    let token = Bearer::new(&secret("t0ken")).unwrap();
    let one = webhook()
        .with_profile(described())
        .with_delivery_id_header("X-Delivery")
        .unwrap()
        .with_signer(scheme.clone())
        .with_signer(token.clone());
    engine.insert("one", one, NOW).unwrap();
    engine.insert("other", webhook().with_framing(Framing::Object), NOW).unwrap();
    engine.insert("array", webhook().with_profile(security::profile()), NOW).unwrap();
    engine.publish(&Note("evt_1", "face matched"), NOW).unwrap();
    let (one, other) = (poll(&mut engine).unwrap(), poll(&mut engine).unwrap());
    let array = poll(&mut engine).unwrap();
    let headers = one.request().headers();
    assert_eq!(one.request().body(), r#"{"id":"evt_1"}"#);
    assert_eq!(headers["x-event-type"], "face matched");
    assert_eq!(headers["x-event-id"], "evt_1");
    assert_eq!(headers["content-type"], "application/json");
    let received = Received::new(headers, one.request().body());
    assert_eq!(scheme.verify(&received), Ok(()));
    assert_eq!(token.verify(&received), Ok(()));
    assert_eq!(headers.len(), 7, "{headers:?}");
    assert_eq!(other.request().headers().len(), 2);
    assert_eq!(
        one.request().body().as_ptr(),
        other.request().body().as_ptr(),
        "the body must be shared and not copied"
    );
    assert_eq!(array.request().body(), r#"[{"id":"evt_1"}]"#);
}

#[test]
fn a_webhook_can_change_every_part_of_a_profile() {
    let five = Duration::from_secs(5);
    let policy = Policy::default().with_timeout(five).unwrap();
    let one = webhook()
        .with_profile(described().with_policy(policy).with_rendering(Rendering::Compact))
        .with_kind_header("x-kind")
        .unwrap();
    assert_eq!((one.policy().timeout(), one.rendering()), (five, Rendering::Compact));
    assert_eq!(one.kind_header().unwrap(), "x-kind");
    assert_eq!(one.id_header().unwrap(), "x-event-id");
    let other = one
        .with_policy(batches_of(3))
        .with_framing(Framing::Array)
        .with_rendering(Rendering::Full)
        .with_id_header("x-id")
        .unwrap()
        .without_notification_headers();
    assert_eq!(other.profile(), &Profile::default().with_policy(batches_of(3)));
    assert_eq!(security::profile(), Profile::default().with_policy(security::policy()));
    for name in ["", "content-type", "User-Agent", "connection"] {
        assert!(Profile::default().with_kind_header(name).is_err(), "{name}");
        assert!(Profile::default().with_id_header(name).is_err(), "{name}");
    }
}

#[test]
fn a_text_that_is_not_valid_in_a_header_is_encoded() {
    let (mut engine, dead_letters) = engine(Limits::default());
    engine.insert("one", webhook().with_profile(described()), NOW).unwrap();
    for (note, id, kind) in [
        (Note("1", "a\nb: c"), "1", "a%0Ab%3A%20c"),
        (Note("2", "fine"), "2", "fine"),
        (Note("3\r", "fine"), "3%0D", "fine"),
        (Note("4", "é"), "4", "%C3%A9"),
        (Note("5", " padded"), "5", "%20padded"),
    ] {
        engine.publish(&note, NOW).unwrap();
        let outgoing = poll(&mut engine).unwrap();
        assert_eq!(outgoing.request().headers()["x-event-id"], id);
        assert_eq!(outgoing.request().headers()["x-event-type"], kind);
        answer(&mut engine, &outgoing, 200);
    }
    assert!(invalid_requests(&dead_letters).is_empty());
    assert_eq!(engine.total().delivered, 5);
}

#[test]
fn a_text_that_is_too_long_for_a_header_fails_only_its_own_delivery() {
    let (mut engine, dead_letters) = engine(Limits::default());
    engine.insert("one", webhook().with_profile(described()), NOW).unwrap();
    for note in [Note("1", too_long()), Note("2", "fine"), Note("3", "é"), Note("4", too_long())] {
        engine.publish(&note, NOW).unwrap();
    }
    for id in ["2", "3"] {
        let outgoing = poll(&mut engine).unwrap();
        assert_eq!(outgoing.request().headers()["x-event-id"], id);
        answer(&mut engine, &outgoing, 200);
    }
    assert!(poll(&mut engine).is_none());
    assert_eq!(invalid_requests(&dead_letters), ["1", "4"]);
    let total = engine.total();
    assert_eq!((total.delivered, total.dead, total.pending()), (2, 2, 0));
    assert_eq!(engine.poll_timeout(), None);
}

/// Returns a kind that exceeds the limit for headers.
fn too_long() -> &'static str {
    "a".repeat(Limits::default().max_header_bytes()).leak()
}

#[test]
fn a_signer_that_fails_or_writes_a_header_of_another_fails_the_delivery() {
    let key = || HmacSha256::new(&secret("key"));
    let insert = |name: &'static str| {
        ClosureSigner(move |headers: &mut HeaderMap| {
            headers.insert(name, 5.into());
            Ok(())
        })
    };
    let one = || webhook().with_profile(described()).with_header("X-Site", "north").unwrap();
    for (case, webhook) in [
        (
            "the signer fails",
            one().with_signer(ClosureSigner(|_: &mut HeaderMap| Err(SignError::new("no key")))),
        ),
        ("a reserved header", one().with_signer(insert("content-length"))),
        ("the content type", one().with_signer(insert("content-type"))),
        ("a header of the webhook", one().with_signer(insert("x-site"))),
        ("a header of the notification", one().with_signer(insert("x-event-id"))),
        ("a header of another signer", one().with_signer(key()).with_signer(key())),
        (
            "too large a header",
            one().with_signer(ClosureSigner(|headers: &mut HeaderMap| {
                headers.insert("x-a", "a".repeat(20_000).parse().map_err(SignError::new)?);
                Ok(())
            })),
        ),
    ] {
        let (mut engine, dead_letters) = engine(Limits::default());
        engine.insert("one", webhook, NOW).unwrap();
        engine.publish(&Note("1", "note"), NOW).unwrap();
        assert!(poll(&mut engine).is_none(), "{case}");
        assert_eq!(invalid_requests(&dead_letters), ["1"], "{case}");
        engine.update("one", one(), NOW).unwrap();
        engine.publish(&Note("2", "note"), NOW).unwrap();
        assert!(poll(&mut engine).is_some(), "{case}");
    }
}

#[test]
fn an_id_beyond_the_limit_of_headers_is_an_invalid_request() {
    let (mut engine, dead_letters) = engine(Limits::default().with_max_header_bytes(64));
    engine.insert("one", webhook().with_profile(described()), NOW).unwrap();
    let id: &'static str = "0123456789012345678901234567890123456789";
    engine.publish(&Note(id, "note"), NOW).unwrap();
    engine.publish(&Note("2", "note"), NOW).unwrap();
    assert_eq!(poll(&mut engine).unwrap().request().headers()["x-event-id"], "2");
    assert_eq!(invalid_requests(&dead_letters), [id]);
}

#[test]
fn several_values_and_headers_of_one_signer_are_all_sent() {
    let (mut engine, _) = engine(Limits::default());
    let several = ClosureSigner(|headers: &mut HeaderMap| {
        headers.append("x-a", 1.into());
        headers.append("x-a", 2.into());
        headers.append("x-b", 3.into());
        Ok(())
    });
    engine.insert("one", webhook().with_signer(several), NOW).unwrap();
    engine.publish(&Note("1", "note"), NOW).unwrap();
    let outgoing = poll(&mut engine).unwrap();
    let headers = outgoing.request().headers();
    assert!(headers.get_all("x-a").iter().eq(["1", "2"]));
    assert_eq!(headers["x-b"], "3");
}

#[test]
fn settings_that_contradict_each_other_are_refused_by_every_registration() {
    let id = || WebhookId::from("a");
    let batches = |items| RegistryError::BatchTooLarge { id: id(), items };
    let twice = |name: &'static str| RegistryError::DuplicateHeader {
        id: id(),
        name: name.parse().unwrap(),
    };
    for (webhook, expected) in [
        (webhook().with_framing(Framing::Object).with_policy(batches_of(2)), batches(2)),
        (webhook().with_policy(batches_of(3)).with_id_header("x-id").unwrap(), batches(3)),
        (webhook().with_kind_header("x-k").unwrap().with_policy(batches_of(4)), batches(4)),
        (webhook().with_id_header("X-A").unwrap().with_header("x-a", "1").unwrap(), twice("x-a")),
        (webhook().with_id_header("x-a").unwrap().with_kind_header("X-A").unwrap(), twice("x-a")),
        (
            webhook().with_delivery_id_header("x-event-id").unwrap().with_profile(described()),
            twice("x-event-id"),
        ),
        (
            webhook().with_header("x-d", "").unwrap().with_delivery_id_header("x-d").unwrap(),
            twice("x-d"),
        ),
    ] {
        let notifier = Notifier::new(Sink::default(), ThreadClock::new());
        assert_eq!(notifier.insert("a", webhook.clone()), Err(expected.clone()));
        assert_eq!(notifier.replace_all([(id(), webhook.clone())]), Err(expected.clone()));
        notifier.insert("a", self::webhook()).unwrap();
        assert_eq!(notifier.update("a", webhook.clone()), Err(expected.clone()));

        let mut engine = Engine::new();
        assert_eq!(engine.insert("a", webhook.clone(), NOW), Err(expected.clone()));
        let replaced = engine.replace_all([(id(), webhook.clone())], NOW);
        assert_eq!(replaced, Err(expected.clone()));
        engine.insert("a", self::webhook(), NOW).unwrap();
        assert_eq!(engine.update("a", webhook, NOW), Err(expected));
    }
}

#[test]
fn a_batch_that_was_cut_for_an_array_stays_an_array() {
    let (mut engine, _) = engine(Limits::default());
    engine.insert("one", webhook().with_policy(batches_of(2)), NOW).unwrap();
    for id in ["1", "2", "3"] {
        engine.publish(&Note(id, "note"), NOW).unwrap();
    }
    let first = poll(&mut engine).unwrap();
    engine.update("one", webhook().with_profile(described()), NOW).unwrap();
    engine.abandon(first.attempt_id(), NOW);
    let again = poll(&mut engine).unwrap();
    assert_eq!(again.request().body(), r#"[{"id":"1"},{"id":"2"}]"#);
    assert!(!again.request().headers().contains_key("x-event-id"));
    answer(&mut engine, &again, 200);
    let last = poll(&mut engine).unwrap();
    assert_eq!(last.request().body(), r#"{"id":"3"}"#);
    assert_eq!(last.request().headers()["x-event-id"], "3");
}

#[cfg(feature = "gzip")]
mod gzip {
    use std::io::Read;

    use super::*;

    fn decompressed(request: &Request<Bytes>) -> String {
        assert_eq!(request.headers()["content-encoding"], "gzip");
        let mut text = String::new();
        flate2::read::GzDecoder::new(&request.body()[..]).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn bodies_above_the_length_are_compressed_before_they_are_signed() {
        let (mut engine, _) = engine(Limits::default());
        let profile = Profile::default().with_policy(batches_of(100)).with_gzip_above(200);
        let signed = webhook()
            .with_profile(profile.clone())
            .with_signer(HmacSha256::new(&secret("a secret")));
        engine.insert("one", signed, NOW).unwrap();
        for _ in 0..100 {
            engine.publish(&Note("id", "note"), NOW).unwrap();
        }
        let first = poll(&mut engine).unwrap();
        let text = format!("[{}]", [r#"{"id":"id"}"#; 100].join(","));
        assert_eq!(decompressed(first.request()), text);
        assert!(first.request().body().len() < text.len() / 4);
        let received = Received::new(first.request().headers(), first.request().body());
        let verifier = HmacSha256::new(&secret("a secret"));
        verifier.verify(&received).unwrap();

        // The next attempt sends the same bytes.
        answer(&mut engine, &first, 503);
        let due = engine.poll_timeout().unwrap();
        let again = engine.poll_request(due, SystemTime::now()).unwrap();
        assert_eq!(again.attempt(), 2);
        assert_eq!(again.request().body(), first.request().body());
    }

    #[test]
    fn other_bodies_are_sent_as_they_are() {
        let (mut engine, _) = engine(Limits::default());
        let text = r#"[{"id":"1"}]"#;
        // One body is not longer than the length, the other one would grow.
        for (id, bytes) in [("short", text.len()), ("dense", 0)] {
            let profile = Profile::default().with_gzip_above(bytes);
            engine.insert(id, webhook().with_profile(profile), NOW).unwrap();
        }
        engine.publish(&Note("1", "note"), NOW).unwrap();
        for _ in 0..2 {
            let outgoing = poll(&mut engine).unwrap();
            assert_eq!(outgoing.request().body(), text);
            assert!(!outgoing.request().headers().contains_key("content-encoding"));
        }
    }

    #[test]
    fn a_webhook_that_compresses_sets_no_encoding_of_its_own() {
        let (mut engine, dead_letters) = engine(Limits::default());
        let compressing = webhook().with_profile(Profile::default().with_gzip_above(0));
        let own = compressing.clone().with_header("Content-Encoding", "br").unwrap();
        assert!(matches!(
            engine.insert("own", own, NOW),
            Err(RegistryError::DuplicateHeader { name, .. }) if name == "content-encoding"
        ));
        let signer = ClosureSigner(|headers: &mut HeaderMap| {
            headers.insert("content-encoding", "br".parse().unwrap());
            Ok(())
        });
        engine.insert("signer", compressing.with_signer(signer), NOW).unwrap();
        let id = "a long text ".repeat(20).leak();
        engine.publish(&Note(id, "note"), NOW).unwrap();
        assert!(poll(&mut engine).is_none());
        assert_eq!(invalid_requests(&dead_letters), [&*id]);
    }
}

/// A transport that keeps the ids that reach it.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Transport for Sink {
    async fn send(
        &self,
        request: Request<Bytes>,
        _context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        let id = request.headers()["x-event-id"].to_str().unwrap().to_owned();
        self.0.lock().unwrap().push(id);
        Ok(Response::new(Body::empty()))
    }
}

#[test]
fn drivers_give_up_invalid_requests_and_continue() {
    let dead_letters = DeadLetters::default();
    let kept = Arc::clone(&dead_letters);
    let config = Config::default()
        .with_dead_letter_handler(move |dead_letter| kept.lock().unwrap().push(dead_letter));
    let sink = Sink::default();
    let notifier = Notifier::with_config(sink.clone(), ThreadClock::new(), config);
    let driver = notifier.driver();
    notifier.insert("one", webhook().with_profile(described())).unwrap();
    notifier.publish(&Note("1", too_long())).unwrap();
    notifier.publish(&Note("2", "fine")).unwrap();
    let closing = notifier.shutdown(Duration::from_secs(60));
    let (stats, ()) = futures::executor::block_on(futures::future::join(closing, driver));
    assert_eq!((stats.delivered, stats.dead, stats.pending()), (1, 1, 0));
    assert_eq!(invalid_requests(&dead_letters), ["1"]);
    assert_eq!(*sink.0.lock().unwrap(), ["2"]);
}

#[test]
fn metadata_is_kept_and_never_sent() {
    let one = webhook()
        .with_metadata("created_at", "yesterday")
        .with_metadata("author", "gatehouse")
        .with_metadata("created_at", "2026-01-02");
    let kept: Vec<_> = one.metadata().iter().map(|(key, text)| format!("{key}={text}")).collect();
    assert_eq!(kept, ["author=gatehouse", "created_at=2026-01-02"]);
    assert!(format!("{one:?}").contains("gatehouse"));
    let (mut engine, _) = engine(Limits::default());
    engine.insert("one", one, NOW).unwrap();
    engine.publish(&Note("1", "note"), NOW).unwrap();
    let request = poll(&mut engine).unwrap().into_request();
    assert!(!format!("{request:?}").contains("gatehouse"));
}

#[test]
fn errors_have_names_for_metrics() {
    let error = Profile::default().with_id_header("a b").unwrap_err();
    assert_eq!(error, HeaderError::Name { name: "a b".to_owned() });
    assert_eq!(error.kind(), "header_name");
    assert_eq!(error.to_string(), webhook().with_id_header("a b").unwrap_err().to_string());
}
