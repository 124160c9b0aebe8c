//! FindFace Security 2019: reading, writing and refusing bodies, and the documented filter keys.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod bodies;
mod matching;

use bodies::{
    any_changes, any_damage, assert_kept, assert_refused, assert_refused_or_kept, changed, damaged,
    encoded, json,
};
use matching::matches;
use proptest::prelude::*;
use recohook::{
    Filter, Notification, Rendering,
    findface::security_2019::{Event, FILTERS, Features, Scores, parse_delivery},
    model::{Field, ParseError},
};
use serde_json::{Map, Value};

const BODY: &str = include_str!("data/findface-security-2019/event.json");

fn event() -> Event {
    parse_delivery(BODY.as_bytes()).unwrap().remove(0)
}

fn refusal(body: &str) -> ParseError {
    parse_delivery(body.as_bytes()).unwrap_err()
}

#[test]
fn the_documented_body_is_read_and_written_without_a_change() {
    assert_kept(parse_delivery, &json(BODY));
    let event = event();
    assert_eq!(event.extra, Map::new());
    assert_eq!(encoded(&event, Rendering::Compact), json(BODY)[0]);
    assert_eq!((&*event.id(), event.kind()), ("4173669353687265180", "event_created"));
    assert_eq!(event.schema().topic(), "events");
}

#[test]
fn a_host_can_build_the_documented_body() {
    let built = Event::new("4173669353687265180")
        .acknowledged_date("2019-04-09T12:29:23Z")
        .camera(2)
        .camera_group(1)
        .confidence(0.9098)
        .created_date("2019-04-09T12:29:23Z")
        .frame_coords_bottom(981)
        .frame_coords_left(1630)
        .frame_coords_right(1911)
        .frame_coords_top(701)
        .matched(true)
        .matched_dossier(1)
        .matched_face("4173665826982243136")
        .matched_lists([1])
        .quality(-0.000158)
        .scores(
            Scores::empty()
                .direction_score(-2.62964)
                .frame_no(800)
                .score(-0.000158435)
                .tracking_duration(34_000),
        );
    assert_eq!(encoded(&built, Rendering::Full), json(BODY)[0]);
    assert_eq!(built.camera_group(None), event());
}

#[test]
fn a_new_event_has_all_documented_keys() {
    fn keys(value: &Value) -> Vec<&String> {
        value.as_object().unwrap().keys().collect()
    }
    let (new, documented) = (encoded(&Event::new("42"), Rendering::Full), json(BODY));
    assert_eq!(keys(&new), keys(&documented[0]));
    assert_eq!(keys(&new["features"]), keys(&documented[0]["features"]));
    assert_eq!(keys(&new["scores"]), keys(&documented[0]["scores"]));
    assert_eq!(Event::new("42").features, Features::unknown().into());
    assert_eq!(Event::new("42").acknowledged_reaction, Field::Null);
}

#[test]
fn the_camera_group_is_neither_read_nor_written() {
    let event = event().camera_group(3);
    assert_eq!(event.camera_group, Some(3));
    assert_eq!(encoded(&event, Rendering::Full), json(BODY)[0]);

    let text = r#"{"id":"42","camera_group":{"id":3}}"#;
    let read: Event = serde_json::from_str(text).unwrap();
    assert_eq!(read.camera_group, None);
    assert_eq!(read.extra["camera_group"]["id"], 3);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn a_body_can_contain_several_events_one_or_none() {
    assert_eq!(parse_delivery(b" [ ] ").unwrap(), []);
    let two = format!("[{0},{0}]", json(BODY)[0]);
    assert_eq!(parse_delivery(two.as_bytes()).unwrap(), [event(), event()]);
    let alone = json(BODY)[0].to_string();
    assert_eq!(parse_delivery(alone.as_bytes()).unwrap(), [event()]);
}

#[test]
fn invalid_events_are_refused_with_their_place() {
    let read = |body: &str| parse_delivery(body.as_bytes());
    assert_refused(read(r#"[{"id":"1"},{"id":1}]"#), 1, "in `id`: invalid type");
    assert_refused(read(r#"{"camera":3}"#), 0, "missing field `id`");
    assert_refused(read(r#"[{"id":"1","camera":3.0}]"#), 0, "in `camera`: invalid type");
    assert_refused(read(r#"[{"id":"1","matched":1}]"#), 0, "in `matched`: invalid type");
    assert_refused(read(r#"[{"id":"1","a":1,"a":2}]"#), 0, "duplicate field `a`");
    assert_refused(read(r#"[{"id":"1"}, 2]"#), 1, "expected an object (Event)");
    let deep = format!(r#"[{{"id":"1","a":{}{}}}]"#, "[".repeat(999), "]".repeat(999));
    assert_refused(read(&deep), 0, "recursion limit");
}

#[test]
fn invalid_bodies_have_different_errors() {
    assert_eq!(refusal("3").kind(), "framing");
    assert_eq!(refusal("null").kind(), "framing");
    for broken in ["", "[", "{}{}", "[{}],", r#"[{"id":"1",}]"#, r#"[{"id":1}, "#, " \u{feff}[]"] {
        assert_eq!(refusal(broken).kind(), "json", "{broken}");
    }
    assert_eq!(parse_delivery(b"[{\"id\":\"\xff\"}]").unwrap_err().kind(), "encoding");
    for end in 0..BODY.trim_end().len() {
        assert_eq!(refusal(&BODY[..end]).kind(), "json");
    }
}

#[test]
fn the_documented_filter_tests_the_camera_group_that_the_host_sets() {
    let text = include_str!("data/findface-security-2019/filters.json");
    let filter = Filter::parse(text, &FILTERS).unwrap();
    for (group, dossier, expected) in [
        (Some(1), 12, true),
        (Some(1), 25, true),
        (Some(3), 12, true),
        (Some(3), 25, true),
        (Some(2), 12, false),
        (Some(1), 13, false),
        (None, 12, false),
    ] {
        let event = event().camera_group(group).matched_dossier(dossier);
        assert_eq!(matches(&filter, &event), expected, "{group:?}, {dossier}");
    }
}

#[test]
fn each_key_tests_its_field() {
    let event = event().camera_group(3);
    for (filter, expected) in [
        ("{}", true),
        (r#"{"camera_group_in": [1, 3]}"#, true),
        (r#"{"camera_group_in": [1]}"#, false),
        (r#"{"camera_in": [2]}"#, true),
        (r#"{"camera_in": [1, 3]}"#, false),
        (r#"{"matched_dossier_in": [1]}"#, true),
        (r#"{"matched_dossier_in": []}"#, false),
        (r#"{"matched": true}"#, true),
        (r#"{"matched": false}"#, false),
        (r#"{"camera_in": [2], "matched": true, "camera_group_in": [4]}"#, false),
    ] {
        let filter = Filter::parse(filter, &FILTERS).unwrap();
        assert_eq!(matches(&filter, &event), expected, "{filter}");
    }
    let unmatched = Event::new("42").matched(Field::Null);
    let filter = Filter::parse(r#"{"matched": false}"#, &FILTERS).unwrap();
    assert!(!matches(&filter, &unmatched));
}

#[test]
fn undocumented_keys_and_values_are_refused_with_their_place() {
    for (filter, pointer) in [
        (r#"{"events": {"matched": true}}"#, "/events"),
        (r#"{"camera_in": 2}"#, "/camera_in"),
        (r#"{"camera_in": [2.0]}"#, "/camera_in/0"),
        (r#"{"matched": null}"#, "/matched"),
        (r#"{"matched_lists_in": [1]}"#, "/matched_lists_in"),
        (r#"{"confidence_gte": 0.5}"#, "/confidence_gte"),
    ] {
        let error = Filter::parse(filter, &FILTERS).unwrap_err();
        assert_eq!(error.pointer(), Some(pointer), "{filter}: {error}");
    }
}

proptest! {
    #[test]
    fn unknown_absent_and_null_fields_are_kept(changes in any_changes()) {
        assert_kept(parse_delivery, &changed(BODY, &changes));
    }

    #[test]
    fn a_damaged_body_is_refused_or_read_without_loss(damage in any_damage()) {
        assert_refused_or_kept(parse_delivery, &damaged(BODY, damage));
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_delivery(&bytes);
    }
}
