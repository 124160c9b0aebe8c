//! The attributes that filters see in an event.

use super::parse_delivery;
use crate::dialect::describe::attributes;

/// Returns the attributes of the first event of a body.
fn seen(body: &str) -> String {
    attributes(&parse_delivery(body.as_bytes()).unwrap()[0])
}

#[test]
fn an_enrollment_has_details() {
    assert_eq!(
        seen(include_str!("../../../tests/data/faceio/enroll.json")),
        "eventName=ENROLL facialId=5c8ad1b7-52a0-4c5e-9d3f-000000000001 appId=app-public-id \
         clientIp=198.51.100.7 timestamp=2026-03-19 gender=female age=31"
    );
    assert_eq!(
        seen(include_str!("../../../tests/data/faceio/auth.json")),
        "eventName=AUTH facialId=5c8ad1b7-52a0-4c5e-9d3f-000000000001 appId=app-public-id \
         clientIp=198.51.100.7"
    );
}

#[test]
fn an_age_that_is_not_a_number_has_no_value() {
    let age = |age: &str| seen(&format!(r#"{{"details":{{"age":"{age}"}}}}"#));
    assert_eq!(age("31"), "age=31");
    assert_eq!(age("31.5"), "age=31.5");
    for text in ["", "about 31", "inf", "NaN", " 31"] {
        assert_eq!(age(text), "", "{text}");
    }
}

#[test]
fn null_and_absent_have_no_value() {
    assert_eq!(seen("{}"), "");
    assert_eq!(seen(r#"{"eventName":null,"facialId":null,"details":null}"#), "");
    assert_eq!(seen(r#"{"details":{"gender":null,"timestamp":null}}"#), "");
}
