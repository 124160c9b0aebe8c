//! The attributes that filters see in the documented bodies.

use super::{AnyNotification, CounterRecord, Episode, Event, EventRef, parse_delivery};
use crate::dialect::{describe::attributes, model::Field};

/// Returns the attributes of the first notification of a body.
fn of_body(body: &str) -> String {
    attributes(&parse_delivery(body.as_bytes()).unwrap()[0])
}

macro_rules! body {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/findface-security-2020/",
            $name,
            ".json"
        ))
    };
}

#[test]
fn documented_events() {
    assert_eq!(
        of_body(body!("event")),
        "bs_type=overall camera_group=1 confidence=0 matched=false matched_lists=[-1]"
    );
    assert_eq!(
        of_body(body!("event.verbose")),
        "bs_type=overall camera=1 camera_group=1 confidence=0 matched=false matched_lists=[-1]"
    );
}

#[test]
fn documented_episodes() {
    assert_eq!(
        of_body(body!("episode_opening")),
        "camera_groups=[1] event_type=episode_open events_count=1 matched=false \
         matched_lists=[-1]"
    );
    assert_eq!(
        of_body(body!("episode_opening.verbose")),
        "camera_groups=[1] cameras=[1] event_type=episode_open events_count=1 matched=false \
         matched_lists=[-1]"
    );
    assert_eq!(
        of_body(body!("episode_closing")),
        "camera_groups=[1] event_type=episode_close events_count=1 matched=false \
         matched_lists=[-1]"
    );
    assert_eq!(
        of_body(body!("episode_closing.verbose")),
        "camera_groups=[1] cameras=[1] event_type=episode_close events_count=4 matched=false \
         matched_lists=[-1]"
    );
}

#[test]
fn documented_counter_records() {
    assert_eq!(
        of_body(body!("counter_record")),
        "camera=3 camera_group=1 counter=2 faces_count=2 silhouettes_count=3"
    );
    assert_eq!(
        of_body(body!("counter_record.verbose")),
        "camera=1 camera_group=1 counter=1 faces_count=1 silhouettes_count=0"
    );
}

#[test]
fn null_and_absent_have_no_value_but_the_derived_boolean() {
    let new = attributes(&Event::new("42"));
    assert_eq!(new, "bs_type=overall confidence=0 matched=false matched_lists=[-1]");
    assert_eq!(attributes(&Event::empty("42")), "");
    assert_eq!(attributes(&CounterRecord::new(1)), "");
    assert_eq!(attributes(&Episode::empty(1)), "matched=false");
    assert_eq!(attributes(&Episode::empty(1).matched_event(Field::Null)), "matched=false");
    let whole = EventRef::from(Event::new("42"));
    assert_eq!(attributes(&Episode::empty(1).matched_event(whole)), "matched=true");
    assert_eq!(attributes(&Episode::empty(1).matched_event("42")), "matched=true");
}

#[test]
fn unknown_strings_whole_entities_and_integers_have_a_value() {
    let text = r#"{"id":"42","bs_type":"best_shot","matched_dossier":{"id":12},"confidence":1}"#;
    let event: Event = serde_json::from_str(text).unwrap();
    assert_eq!(attributes(&event), "bs_type=(other) confidence=1 matched_dossier=12");
    let text = r#"[{"id":1,"event_type":"area"}]"#;
    let other = &parse_delivery(text.as_bytes()).unwrap()[0];
    assert!(matches!(other, AnyNotification::Other(_)));
    assert_eq!(attributes(other), "");
}
