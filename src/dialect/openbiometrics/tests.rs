//! The attributes that filters see in the documented bodies.

use super::parse_delivery;
use crate::dialect::describe::attributes;

/// Returns the attributes of the first event of a body.
fn seen(body: &str) -> String {
    attributes(&parse_delivery(body.as_bytes()).unwrap()[0])
}

#[test]
fn the_documented_events() {
    let delivery = include_str!("../../../tests/data/openbiometrics/delivery.json");
    assert_eq!(
        seen(delivery),
        "type=watchlist_alert source=face_pipeline identity_id=abc-123 label=Alice Smith \
         watchlist=vip similarity=0.93 camera_id=lobby-cam-1"
    );
}

#[test]
fn only_a_match_has_the_attributes_of_a_match() {
    assert_eq!(
        seen(r#"{"id":"1","type":"door_opened","data":{"watchlist":"vip"}}"#),
        "type=door_opened"
    );
    assert_eq!(
        seen(
            r#"{"id":"1","type":"face_matched","data":{"watchlist":7,"label":null,"similarity":1}}"#
        ),
        "type=face_matched similarity=1"
    );
    assert_eq!(seen(r#"{"id":"1","type":"face_matched","data":null}"#), "type=face_matched");
}

#[test]
fn null_and_absent_have_no_value_and_an_empty_text_has() {
    assert_eq!(seen(r#"{"id":"1"}"#), "");
    assert_eq!(seen(r#"{"id":"1","type":null,"source":"","camera_id":null}"#), "source=");
}
