//! FACEIO: bodies, filters, the profile and the token.

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
    faceio::{Details, Event, EventName, FILTERS, Gender, parse_delivery, policy, profile, signer},
    http::{HeaderMap, StatusCode},
    model::Field,
    policy::Attempts,
    signature::{Message, Received, Secret, Signer, Verifier},
};
use serde_json::{Map, json};

const ENROLL: &str = include_str!("data/faceio/enroll.json");
const AUTH: &str = include_str!("data/faceio/auth.json");

fn parse_one(body: &str) -> Event {
    let [event] = <[Event; 1]>::try_from(parse_delivery(body.as_bytes()).unwrap()).unwrap();
    event
}

#[test]
fn bodies_are_read_and_written_without_a_change() {
    assert_kept(parse_delivery, &json!([json(ENROLL), json(AUTH)]));
    let event = parse_one(ENROLL);
    assert_eq!(event.extra, Map::new());
    assert_eq!(event.details.value().unwrap().extra, Map::new());
    assert_eq!((&*event.id(), event.kind()), ("5c8ad1b7-52a0-4c5e-9d3f-000000000001", "ENROLL"));
}

#[test]
fn a_host_can_build_the_bodies() {
    let event = |name| {
        let user = "5c8ad1b7-52a0-4c5e-9d3f-000000000001";
        Event::new(name, user, "app-public-id", "198.51.100.7")
    };
    let details = Details::empty().timestamp("2026-03-19").gender(Gender::Female).age("31");
    let enrolled = event(EventName::Enroll).details(details);
    assert_eq!(encoded(&enrolled, Rendering::Full), json(ENROLL));
    assert_eq!(encoded(&event(EventName::Auth), Rendering::Compact), json(AUTH));
}

#[test]
fn unknown_names_and_fields_are_kept() {
    let body = json!([{
        "eventName": "SPOOF", "linked": {"user": 7}, "details": {"gender": "other", "mood": null}
    }]);
    assert_kept(parse_delivery, &body);
    let event = parse_one(&body.to_string());
    assert_eq!(event.event_name, Field::Value(EventName::Other("SPOOF".into())));
    assert_eq!((&*event.id(), event.kind()), ("", "SPOOF"));
    assert_kept(parse_delivery, &json!([{}]));
}

#[test]
fn invalid_events_are_refused_with_their_place() {
    let read = |body: &str| parse_delivery(body.as_bytes());
    assert_refused(read(r#"{"eventName":7}"#), 0, "in `eventName`: invalid type");
    let expected = "in `details`: in `age`: expected a string or a number";
    assert_refused(read(r#"{"details":{"age":true}}"#), 0, expected);
    assert_refused(read(r#"[{},{"appId":"a","appId":"a"}]"#), 1, "duplicate field `appId`");
    assert_eq!(read("null").unwrap_err().kind(), "framing");
    assert_eq!(read("{").unwrap_err().kind(), "json");
}

#[test]
fn filters_use_the_native_language() {
    for (text, enrolled, authenticated) in [
        (r#"{}"#, true, true),
        (r#"{"eventName_in": ["ENROLL", "DELETION"]}"#, true, false),
        (r#"{"eventName": "enroll"}"#, false, false),
        (r#"{"appId": "app-public-id", "age_gte": 31}"#, true, false),
        (r#"{"age_exists": false}"#, false, true),
        (r#"{"not": {"gender": "female"}}"#, false, true),
    ] {
        let filter = Filter::parse(text, &FILTERS).unwrap();
        assert_eq!(matches(&filter, &parse_one(ENROLL)), enrolled, "{text}");
        assert_eq!(matches(&filter, &parse_one(AUTH)), authenticated, "{text}");
    }
    assert!(Filter::parse(r#"{"event_name": "ENROLL"}"#, &FILTERS).is_err());
}

#[test]
fn the_profile_sends_one_object_once_with_a_timeout_of_six_seconds() {
    let profile = profile();
    assert_eq!(profile.policy(), &policy());
    assert_eq!(profile.framing(), Framing::Object);
    assert_eq!((profile.kind_header(), profile.id_header()), (None, None));
    assert_eq!(policy().timeout(), Duration::from_secs(6));
    assert_eq!(policy().retry().attempts(), Attempts::at_most(1).unwrap());
    assert!(policy().success().accepts(StatusCode::NO_CONTENT));
}

#[test]
fn the_token_is_in_the_documented_header() {
    let token = signer(&Secret::new("t0ken").unwrap()).unwrap();
    let mut headers = HeaderMap::new();
    let message = Message::new(b"{}", "delivery-1", SystemTime::UNIX_EPOCH);
    token.sign(&message, &mut headers).unwrap();
    assert_eq!(headers.len(), 1);
    assert_eq!(headers["www-authenticate"], "Bearer t0ken");
    token.verify(&Received::new(&headers, b"{}")).unwrap();

    let other = signer(&Secret::new("t0ker").unwrap()).unwrap();
    assert!(other.verify(&Received::new(&headers, b"{}")).is_err());
    assert!(token.verify(&Received::new(&HeaderMap::new(), b"{}")).is_err());
    assert!(signer(&Secret::new("two words").unwrap()).is_err());
}

#[test]
fn a_request_has_the_documented_form() {
    let token = signer(&Secret::new("t0ken").unwrap()).unwrap();
    let webhook = Webhook::new("http://127.0.0.1:9/", Filter::everything(&FILTERS))
        .unwrap()
        .with_profile(profile())
        .with_signer(token.clone());
    let (mut engine, start) = (Engine::new(), Moment::ZERO);
    engine.insert("one", webhook, start).unwrap();
    engine.publish(&parse_one(ENROLL), start).unwrap();

    let outgoing = engine.poll_request(start, SystemTime::UNIX_EPOCH).unwrap();
    let request = outgoing.request();
    assert_eq!(json(std::str::from_utf8(request.body()).unwrap()), json(ENROLL));
    assert_eq!(request.headers()["content-type"], "application/json");
    token.verify(&Received::new(request.headers(), request.body())).unwrap();
    assert_eq!(outgoing.timeout(), Duration::from_secs(6));

    let (id, wall) = (outgoing.attempt_id(), SystemTime::UNIX_EPOCH);
    let status = StatusCode::SERVICE_UNAVAILABLE;
    engine.handle_response(id, status, &HeaderMap::new(), start, wall);
    assert_eq!(engine.total().pending(), 0, "the event must be sent only once");
}

proptest! {
    #[test]
    fn unknown_absent_and_null_fields_are_kept(changes in any_changes()) {
        let body = json!([json(ENROLL), json(AUTH)]).to_string();
        assert_kept(parse_delivery, &changed(&body, &changes));
    }

    #[test]
    fn a_damaged_body_is_refused_or_read_without_loss(damage in any_damage()) {
        assert_refused_or_kept(parse_delivery, &damaged(ENROLL, damage));
    }
}
