//! What the engine does with ids, kinds and headers that nobody expected.

use std::time::SystemTime;

use recohook::{
    Engine, Filter, HeaderFallback, Moment, Outgoing, Profile, Reported, Webhook, WebhookWarning,
    faceio,
    findface::{lite, multi, security, security_2019},
    http::{HeaderMap, HeaderName, StatusCode},
    openbiometrics,
    policy::Success,
    raw::Reader,
    signature::Secret,
};

const NOW: Moment = Moment::ZERO;

/// Registers a webhook that wants every event of OpenBiometrics.
fn engine(profile: Profile) -> Engine {
    let mut engine = Engine::new();
    let filter = Filter::everything(&openbiometrics::FILTERS);
    let webhook = Webhook::new("http://127.0.0.1/", filter).unwrap().with_profile(profile);
    engine.insert(1, webhook, NOW).unwrap();
    engine
}

fn poll(engine: &mut Engine) -> Outgoing {
    engine.poll_request(NOW, SystemTime::now()).expect("a request is due")
}

#[test]
fn m10_ids_that_no_header_can_carry_are_encoded() {
    for (id, expected) in [
        ("a\0b", "a%00b"),
        ("событие-1", "%D1%81%D0%BE%D0%B1%D1%8B%D1%82%D0%B8%D0%B5-1"),
        ("a\r\nX-Admin: 1", "a%0D%0AX-Admin%3A%201"),
        (" a", "%20a"),
        ("100 %\n", "100%20%25%0A"),
        // These can be sent as they are.
        ("evt_9f8e7d6c-5b4a", "evt_9f8e7d6c-5b4a"),
        ("50%", "50%"),
        ("", ""),
    ] {
        let mut engine = engine(openbiometrics::profile());
        let event = openbiometrics::Event::new(id, "line_crossed", SystemTime::now());
        assert_eq!(engine.publish(&event, NOW).unwrap().queued, 1);
        let outgoing = poll(&mut engine);
        assert_eq!(outgoing.request().headers()["X-Event-ID"], expected);
        assert_eq!(outgoing.request().headers()["X-Event-Type"], "line_crossed");
        let [sent] = &openbiometrics::parse_delivery(outgoing.request().body()).unwrap()[..] else {
            panic!("one event")
        };
        assert_eq!(sent.id, id);
    }
}

#[test]
fn m10_a_profile_can_leave_such_headers_out() {
    let omit = openbiometrics::profile().with_header_fallback(HeaderFallback::Omit);
    let mut engine = engine(omit);
    let event = openbiometrics::Event::new("a\0b", "gezählt", SystemTime::now());
    engine.publish(&event, NOW).unwrap();
    let outgoing = poll(&mut engine);
    let headers = outgoing.request().headers();
    assert!(!headers.contains_key("X-Event-ID") && !headers.contains_key("X-Event-Type"));
    let id = outgoing.attempt_id();
    engine.handle_response(id, StatusCode::OK, &HeaderMap::new(), NOW, SystemTime::now());
    assert_eq!(engine.stats(1).unwrap().delivered, 1);
}

const AREAS: &[u8] = br#"{"id": 7, "webhook_type": "areas"}"#;

#[test]
fn m14_unknown_kinds_are_counted_and_reported() {
    let mut engine = Engine::new();
    let mut reader = Reader::new(&security::RAW);
    let areas = reader.read(AREAS).unwrap();
    // Without any webhook, there is nothing that could know the kind.
    assert!(!engine.publish(&areas, NOW).unwrap().is_unknown);

    let webhook = || {
        let filter = Filter::everything(&security::FILTERS);
        Webhook::new("http://127.0.0.1/", filter).unwrap()
    };
    engine.insert(1, webhook(), NOW).unwrap();
    let mut reports = engine.reports();
    for _ in 0..100 {
        let receipt = engine.publish(&areas, NOW).unwrap();
        assert_eq!((receipt.matched, receipt.is_unknown), (0, true));
    }
    assert_eq!(engine.unknown_notifications(), 100);
    // The reports become rarer, so that they do not displace others.
    let mut counts = Vec::new();
    while let Some(Reported::Unknown(unknown)) = reports.try_next() {
        assert_eq!((unknown.topic(), unknown.kind()), (areas_topic(), ""));
        counts.push(unknown.count());
    }
    assert_eq!(counts, [1, 2, 4, 8, 16, 32, 64]);

    // A known kind that no filter selects is not unknown.
    let only_counters = Filter::parse(r#"{"counters": {}}"#, &security::FILTERS).unwrap();
    let mut engine = Engine::new();
    engine.insert(1, webhook().with_filter(only_counters), NOW).unwrap();
    let receipt = engine.publish(&security::Event::new("1"), NOW).unwrap();
    assert_eq!((receipt.matched, receipt.is_unknown), (0, false));
    assert_eq!(engine.unknown_notifications(), 0);
}

/// The topic of notifications that the table does not know.
fn areas_topic() -> &'static str {
    use recohook::Notification as _;
    Reader::new(&security::RAW).read(AREAS).unwrap().schema().topic()
}

#[test]
fn m14_a_webhook_can_ask_for_everything() {
    let filter = Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS).unwrap();
    let webhook = Webhook::new("http://127.0.0.1/", filter).unwrap();
    let mut engine = Engine::new();
    engine.insert("all", webhook.clone().with_unknown_topics(true), NOW).unwrap();
    engine.insert("some", webhook.clone(), NOW).unwrap();
    let mut reader = Reader::new(&security::RAW);
    assert_eq!(engine.publish(&reader.read(AREAS).unwrap(), NOW).unwrap().queued, 1);
    // Known topics still go through the filter.
    assert_eq!(engine.publish(&security::Event::new("1"), NOW).unwrap().matched, 0);
    let matched = security::Event::new("1").matched(true);
    assert_eq!(engine.publish(&matched, NOW).unwrap().matched, 2);
    // The topics of another system are unknown, too.
    assert_eq!(engine.publish(&multi::FaceEvent::new("1"), NOW).unwrap().matched, 1);

    let all = engine.stats("all").unwrap();
    assert_eq!(all.accepted, 3);
    assert_eq!(engine.unknown_notifications(), 0, "somebody wanted them");
    // The setting ends with an update and with the webhook.
    engine.update("all", webhook, NOW).unwrap();
    let receipt = engine.publish(&multi::FaceEvent::new("2"), NOW).unwrap();
    assert!(receipt.is_unknown);
}

#[test]
fn m14_a_typed_notification_of_an_unknown_kind_is_delivered() {
    let filter = Filter::everything(&security::FILTERS);
    let webhook = Webhook::new("http://127.0.0.1/", filter).unwrap().with_unknown_topics(true);
    let mut engine = Engine::new();
    engine.insert(1, webhook, NOW).unwrap();
    let areas = &security::parse_delivery(AREAS).unwrap()[0];
    assert_eq!(engine.publish(areas, NOW).unwrap().queued, 1);
    let outgoing = poll(&mut engine);
    let sent: serde_json::Value = serde_json::from_slice(outgoing.request().body()).unwrap();
    assert_eq!(sent, serde_json::json!([{"id": 7, "webhook_type": "areas"}]));
}

#[test]
fn every_profile_can_send_the_delivery_id_and_other_headers() {
    let profile = openbiometrics::profile()
        .with_delivery_id_header("X-Delivery")
        .unwrap()
        .with_header("User-Agent", "openbiometrics/0.3")
        .unwrap()
        .with_header("Accept", "*/*")
        .unwrap();
    let mut engine = engine(profile.clone());
    let event = openbiometrics::Event::new("1", "line_crossed", SystemTime::now());
    engine.publish(&event, NOW).unwrap();
    let first = poll(&mut engine);
    let headers = first.request().headers();
    assert_eq!(headers["user-agent"], "openbiometrics/0.3");
    assert_eq!(headers["accept"], "*/*");
    // The id is the same in the next attempt.
    let status = StatusCode::BAD_GATEWAY;
    let (id, wall) = (first.attempt_id(), SystemTime::now());
    engine.handle_response(id, status, &HeaderMap::new(), NOW, wall);
    let later = engine.poll_timeout().expect("it is retried");
    let second = engine.poll_request(later, wall).expect("the retry is due");
    assert_eq!(second.request().headers()["x-delivery"], headers["x-delivery"]);

    // A webhook can change what the profile sets, and another profile takes its headers with it.
    let filter = Filter::everything(&openbiometrics::FILTERS);
    let webhook = Webhook::new("http://127.0.0.1/", filter).unwrap().with_profile(profile);
    let own = webhook.clone().with_user_agent("gatekeeper/2.1").unwrap();
    let other = own.with_profile(openbiometrics::profile());
    assert_eq!(other.headers()["user-agent"], "gatekeeper/2.1");
    assert!(!other.headers().contains_key("accept"));
    let default = webhook.with_profile(openbiometrics::profile());
    assert!(default.headers()["user-agent"].to_str().unwrap().starts_with("recohook/"));
    assert_eq!(default.delivery_id_header(), None);
}

#[test]
fn m16_a_missing_signer_is_reported() {
    let webhook = || {
        let filter = Filter::everything(&faceio::FILTERS);
        Webhook::new("https://example.com/", filter).unwrap().with_profile(faceio::profile())
    };
    let header = HeaderName::from_static("www-authenticate");
    assert_eq!(webhook().lint(), [WebhookWarning::MissingSigner(header)]);
    let signer = faceio::signer(&Secret::new("token").unwrap()).unwrap();
    assert!(webhook().with_signer(signer).lint().is_empty());
}

#[test]
fn statuses_that_count_as_failures_are_reported() {
    let webhook = |profile: Profile| {
        let filter = Filter::everything(&security::FILTERS);
        Webhook::new("http://127.0.0.1/", filter).unwrap().with_profile(profile)
    };
    let statuses = [StatusCode::CREATED, StatusCode::ACCEPTED, StatusCode::NO_CONTENT];
    for profile in
        [security::profile(), security_2019::profile(), lite::profile(), multi::profile()]
    {
        let refused = WebhookWarning::RefusedSuccess(statuses.to_vec());
        assert_eq!(webhook(profile.clone()).lint(), [refused]);
        let policy = profile.policy().clone().with_success(Success::Any2xx);
        assert!(webhook(profile.with_policy(policy)).lint().is_empty());
    }
    let two = Success::one_of([StatusCode::OK, StatusCode::CREATED, StatusCode::ACCEPTED]).unwrap();
    let policy = security::policy().with_success(two);
    let [warning] = &webhook(security::profile().with_policy(policy)).lint()[..] else {
        panic!("one warning")
    };
    assert!(
        warning.to_string().starts_with("the status 204 counts as a failure, and"),
        "{warning}"
    );
    assert!(webhook(openbiometrics::profile()).lint().is_empty());
}
