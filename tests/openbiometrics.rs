//! OpenBiometrics through the public API: the documented bodies, subscriptions and filters, the
//! profile and the signatures.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bodies;
mod matching;

use std::time::{Duration, SystemTime};

use bodies::{
    any_changes, any_damage, assert_kept, assert_refused, assert_refused_or_kept, changed, damaged,
    encoded, json,
};
use matching::matches;
use proptest::prelude::*;
use recohook::{
    Engine, Filter, Framing, Moment, Notification, Rendering, Webhook,
    http::{HeaderMap, StatusCode},
    model::Field,
    openbiometrics::{
        Event, EventType, FILTERS, Match, RecentQuery, engine_signer, parse_delivery, policy,
        profile, signer, subscription,
    },
    policy::Attempts,
    signature::{Message, Received, Secret, Signer, Verifier, VerifyError},
};
use serde_json::{Map, json};

const DELIVERY: &str = include_str!("data/openbiometrics/delivery.json");
const RECENT: &str = include_str!("data/openbiometrics/recent.response.json");

fn only(body: &str) -> Event {
    let [event] = <[Event; 1]>::try_from(parse_delivery(body.as_bytes()).unwrap()).unwrap();
    event
}

#[test]
fn the_documented_bodies_are_read_and_written_without_loss() {
    assert_kept(parse_delivery, &json!([json(DELIVERY)]));
    assert_kept(parse_delivery, &json(RECENT));
    let event = only(DELIVERY);
    assert_eq!(event, only(&format!("[{DELIVERY}]")));
    assert_eq!(event.extra, Map::new());
    assert_eq!(event.event_type, Field::Value(EventType::WatchlistAlert));
    assert_eq!(&*event.id(), "evt_9f8e7d6c-5b4a-3210-fedc-ba9876543210");
    assert_eq!((event.kind(), event.schema().topic()), ("watchlist_alert", "events"));
    let expected = Match {
        identity_id: Some("abc-123"),
        label: Some("Alice Smith"),
        similarity: Some(0.93),
        watchlist: Some("vip"),
    };
    assert_eq!(event.as_match(), Some(expected));
}

#[test]
fn an_event_that_a_host_builds_has_the_documented_body() {
    let built = Event::new(
        "evt_9f8e7d6c-5b4a-3210-fedc-ba9876543210",
        EventType::WatchlistAlert,
        "2026-03-19T10:32:15+00:00",
    )
    .source("face_pipeline")
    .data(Match {
        identity_id: Some("abc-123"),
        label: Some("Alice Smith"),
        similarity: Some(0.93),
        watchlist: Some("vip"),
    })
    .camera_id("lobby-cam-1");
    assert_eq!(encoded(&built, Rendering::Full), json(DELIVERY));
    assert_eq!(encoded(&built, Rendering::Compact), json(DELIVERY));

    let bare = Event::new("1", "line_crossed", SystemTime::UNIX_EPOCH);
    let expected = json!({
        "id": "1", "type": "line_crossed", "timestamp": "1970-01-01T00:00:00.000000+00:00",
        "source": "", "data": {}, "camera_id": null,
    });
    assert_eq!(encoded(&bare, Rendering::Full), expected);
}

#[test]
fn a_date_is_written_with_the_documented_offset_unless_the_host_sets_it() {
    let written = |event: &Event| encoded(event, Rendering::Full)["timestamp"].clone();
    let event = Event::new("1", EventType::LineCrossed, "2026-03-19T10:32:15Z");
    assert_eq!(written(&event), "2026-03-19T10:32:15+00:00");
    assert_eq!(written(&event.timestamp("2026-03-19T10:32:15Z")), "2026-03-19T10:32:15Z");
    let event = Event::new("1", EventType::LineCrossed, "2026-03-19T10:32:15+02:00");
    assert_eq!(written(&event), "2026-03-19T10:32:15+02:00");
}

#[test]
fn an_unknown_type_and_unknown_data_survive() {
    let body = json!([{"id": "1", "type": "door_opened", "data": {"floor": [2]}, "site": null}]);
    assert_kept(parse_delivery, &body);
    let event = only(&body.to_string());
    assert_eq!(event.event_type, Field::Value(EventType::Other("door_opened".into())));
    assert_eq!(event.as_match(), None);
}

#[test]
fn an_invalid_event_is_refused_with_its_place() {
    let read = |body: &str| parse_delivery(body.as_bytes());
    assert_refused(read(r#"{"type":"face_matched"}"#), 0, "missing field `id`");
    assert_refused(read(r#"[{"id":"1"},{"id":1}]"#), 1, "in `id`: invalid type");
    assert_refused(read(r#"{"id":"1","type":7}"#), 0, "in `type`: invalid type");
    assert_refused(read(r#"{"id":"1","data":[1]}"#), 0, "in `data`: invalid type");
    assert_refused(read(r#"{"id":"1","type":"a","type":"b"}"#), 0, "duplicate field `type`");
    assert_eq!(read("7").unwrap_err().kind(), "framing");
    assert_eq!(read(r#"{"id":"1""#).unwrap_err().kind(), "json");
}

#[test]
fn a_subscription_matches_exactly_its_types() {
    let of_type = |name: &str| Event::new("1", name, SystemTime::UNIX_EPOCH);
    let filter =
        subscription([EventType::FaceMatched, EventType::Other("door_opened".into())]).unwrap();
    for (name, expected) in [
        ("face_matched", true),
        ("door_opened", true),
        ("face_detected", false),
        ("Face_matched", false),
        ("door_opened ", false),
    ] {
        assert_eq!(matches(&filter, &of_type(name)), expected, "{name}");
    }
    assert!(!matches(&filter, &Event::empty("1")));
    let nothing = subscription(Vec::<EventType>::new()).unwrap();
    assert!(!matches(&nothing, &of_type("face_matched")));
    let odd = subscription(["\"}\\"]).unwrap();
    assert!(matches(&odd, &of_type("\"}\\")) && !matches(&odd, &of_type("face_matched")));
}

#[test]
fn filters_use_the_native_language() {
    let event = only(DELIVERY);
    for (text, expected) in [
        (r#"{}"#, true),
        (r#"{"watchlist": "vip", "similarity_gte": 0.93}"#, true),
        (r#"{"similarity_gt": 0.93}"#, false),
        (r#"{"camera_id_prefix": "lobby-"}"#, true),
        (r#"{"not": {"type": "watchlist_alert"}}"#, false),
        (r#"{"type_in": []}"#, false),
    ] {
        let filter = Filter::parse(text, &FILTERS).unwrap();
        assert_eq!(matches(&filter, &event), expected, "{text}");
    }
    assert!(Filter::parse(r#"{"event_types": ["face_matched"]}"#, &FILTERS).is_err());
}

#[test]
fn the_policy_is_the_documented_one() {
    let policy = policy();
    assert_eq!(policy.retry().attempts(), Attempts::at_most(3).unwrap());
    let delays = Vec::from_iter(policy.retry().backoff().delays(7).take(2));
    assert_eq!(delays, [Duration::from_secs(1), Duration::from_secs(2)]);
    assert_eq!(policy.timeout(), Duration::from_secs(10));
    assert!(policy.success().accepts(StatusCode::ACCEPTED));
    assert!(policy.retry().retry_on().retries(StatusCode::NOT_FOUND));
    assert_eq!(policy.batch().max_items(), 1);
}

#[test]
fn the_profile_sends_objects_with_two_headers() {
    let profile = profile();
    assert_eq!(profile.policy(), &policy());
    assert_eq!(profile.framing(), Framing::Object);
    assert_eq!(profile.kind_header().unwrap(), "x-event-type");
    assert_eq!(profile.id_header().unwrap(), "x-event-id");
}

#[test]
fn a_request_has_the_documented_body_and_headers() {
    let scheme = signer(&Secret::new("whsec_your_signing_secret").unwrap());
    let webhook = Webhook::new("http://127.0.0.1:9/", subscription(["watchlist_alert"]).unwrap())
        .unwrap()
        .with_profile(profile())
        .with_signer(scheme.clone());
    let (mut engine, start) = (Engine::new(), Moment::ZERO);
    engine.insert("one", webhook, start).unwrap();
    let mut other = only(DELIVERY);
    other.event_type = EventType::FaceMatched.into();
    assert_eq!(engine.publish(&other, start).unwrap().matched, 0);
    engine.publish(&only(DELIVERY), start).unwrap();

    let outgoing = engine.poll_request(start, SystemTime::UNIX_EPOCH).unwrap();
    let request = outgoing.request();
    assert_eq!(json(std::str::from_utf8(request.body()).unwrap()), json(DELIVERY));
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.headers()["x-event-type"], "watchlist_alert");
    assert_eq!(request.headers()["x-event-id"], "evt_9f8e7d6c-5b4a-3210-fedc-ba9876543210");
    scheme.verify(&Received::new(request.headers(), request.body())).unwrap();
    let mut changed = request.body().to_vec();
    changed[9] ^= 1;
    let changed = Received::new(request.headers(), &changed);
    assert_eq!(scheme.verify(&changed), Err(VerifyError::Mismatch));
}

/// The digests are computed with Python's
/// `hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()`.
const VECTORS: [(&str, &str, &str); 2] = [
    (
        "whsec_your_signing_secret",
        r#"{"id":"evt_1"}"#,
        "a0c0e29f9be56abfc04c4094da171d4b9c8f4f04c5b2a5967cf08f1bdbe455c1",
    ),
    ("schlüssel", "\u{00e9}\n", "d8ab90782d30f36a3fb25b08ed798f04c388c50371b095c0af2225149ba05a02"),
];

#[test]
fn both_schemes_agree_with_another_implementation() {
    for (secret, body, digest) in VECTORS {
        let secret = Secret::new(secret).unwrap();
        for (scheme, header, value) in [
            (signer(&secret), "x-signature-256", format!("sha256={digest}")),
            (engine_signer(&secret), "x-signature-sha256", digest.to_owned()),
        ] {
            let mut headers = HeaderMap::new();
            let message = Message::new(body.as_bytes(), "delivery-1", SystemTime::UNIX_EPOCH);
            scheme.sign(&message, &mut headers).unwrap();
            assert_eq!(headers.len(), 1);
            assert_eq!(headers[header], value);
            scheme.verify(&Received::new(&headers, body.as_bytes())).unwrap();
            let changed = Received::new(&headers, b"{}");
            assert_eq!(scheme.verify(&changed), Err(VerifyError::Mismatch));
        }
    }
}

#[test]
fn one_scheme_does_not_accept_the_header_of_the_other() {
    let secret = Secret::new("whsec_your_signing_secret").unwrap();
    let mut headers = HeaderMap::new();
    let message = Message::new(b"{}", "delivery-1", SystemTime::UNIX_EPOCH);
    engine_signer(&secret).sign(&message, &mut headers).unwrap();
    assert!(signer(&secret).verify(&Received::new(&headers, b"{}")).is_err());
}

#[test]
fn a_query_of_recent_events_is_read_with_defaults() {
    let read = |text: &str| serde_json::from_str::<RecentQuery>(text);
    assert_eq!(read("{}").unwrap(), RecentQuery::default());
    assert_eq!(RecentQuery::default().limit, 100);
    let query = read(r#"{"limit":10,"event_type":"door_opened"}"#).unwrap();
    assert_eq!((query.limit, query.event_type), (10, Some("door_opened".into())));
    assert!(read(r#"{"limit":-1}"#).is_err());
}

proptest! {
    #[test]
    fn unknown_absent_and_null_members_survive_at_any_level(changes in any_changes()) {
        assert_kept(parse_delivery, &changed(RECENT, &changes));
    }

    #[test]
    fn a_damaged_body_is_refused_or_read_without_loss(
        body in prop::sample::select([DELIVERY, RECENT].as_slice()),
        damage in any_damage(),
    ) {
        assert_refused_or_kept(parse_delivery, &damaged(body, damage));
    }

    #[test]
    fn any_type_can_be_subscribed_to(name in ".{1,20}", other in ".{1,20}") {
        let filter = subscription([name.as_str()]).unwrap();
        for (text, expected) in [(&name, true), (&other, name == other)] {
            let event = Event::new("1", text.as_str(), SystemTime::UNIX_EPOCH);
            prop_assert_eq!(matches(&filter, &event), expected);
        }
    }

    #[test]
    fn a_match_is_read_as_it_was_set(label in ".{0,8}", similarity in any::<f64>()) {
        let found = Match {
            label: Some(&label),
            similarity: Some(similarity).filter(|number| number.is_finite()),
            ..Match::default()
        };
        let event = Event::new("1", EventType::FaceMatched, SystemTime::UNIX_EPOCH).data(found);
        let read = only(&encoded(&event, Rendering::Full).to_string());
        prop_assert_eq!(read.as_match(), Some(found));
    }
}
