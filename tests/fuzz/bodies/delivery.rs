//! Checks that any bytes are notifications, or an error with its place, for every system.

use std::fmt::Debug;

use recohook::{
    Notification, Rendering, faceio,
    findface::{lite, multi, security, security_2019},
    model::{ParseError, ParsedItems},
    openbiometrics,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{assert_one_line, lines, systems::values_of, without_mark};

type Parse<N> = fn(&[u8]) -> Result<Vec<N>, ParseError>;
type ParseItems<N> = for<'a> fn(&'a [u8]) -> ParsedItems<'a, N>;

/// Takes the body of a delivery.
pub(crate) fn check(body: &[u8]) {
    check_system(body, security::parse_delivery, security::parse_items);
    check_system(body, security_2019::parse_delivery, security_2019::parse_items);
    check_system(body, lite::parse_delivery, lite::parse_items);
    check_system(body, multi::parse_delivery, multi::parse_items);
    check_system(body, openbiometrics::parse_delivery, openbiometrics::parse_items);
    check_system(body, faceio::parse_delivery, faceio::parse_items);
}

fn check_system<N: Notification + Serialize + PartialEq + Debug>(
    body: &[u8],
    parse: Parse<N>,
    parse_items: ParseItems<N>,
) {
    let items = Vec::from_iter(parse_items(body));
    match parse(body) {
        Ok(notifications) => {
            let each = items.into_iter().map(|item| item.expect("the whole body can be read"));
            assert_eq!(Vec::from_iter(each), notifications, "the two forms differ");
            check_notifications(body, &notifications, parse);
        }
        Err(error) => {
            check_error(body, &error);
            let errors = Vec::from_iter(items.iter().filter_map(|item| item.as_ref().err()));
            assert!(!errors.is_empty(), "only one form fails: {error}");
            errors.iter().for_each(|error| assert_one_line(&error.to_string()));
        }
    }
}

/// Checks that nothing is lost: the full rendering is the same JSON as the body, and each rendering
/// is read and written again without a change.
fn check_notifications<N: Notification + Serialize + PartialEq + Debug>(
    body: &[u8],
    notifications: &[N],
    parse: Parse<N>,
) {
    let written = serde_json::to_vec(notifications).expect("a notification should be serialisable");
    assert_eq!(read_again(&written, parse), notifications, "serde has changed a notification");

    let full = encoded(notifications, Rendering::Full);
    let again = read_again(&full, parse);
    assert_eq!(again, notifications, "the full rendering has changed a notification");
    assert_eq!(encoded(&again, Rendering::Full), full, "the full rendering has changed");
    let expected = array_of(json(body));
    assert_eq!(normal(json(&full)), normal(expected), "the full rendering differs from the body");

    let compact = encoded(notifications, Rendering::Compact);
    let again = read_again(&compact, parse);
    assert_eq!(encoded(&again, Rendering::Compact), compact, "the compact rendering has changed");
    for (one, again) in notifications.iter().zip(&again) {
        assert_eq!(
            values_of(one),
            values_of(again),
            "the compact rendering has changed an attribute"
        );
        assert_eq!((one.id(), one.kind()), (again.id(), again.kind()));
    }
}

/// Checks that an error has no control characters, and that it has a place in the body if the body
/// is UTF-8.
fn check_error(body: &[u8], error: &ParseError) {
    assert_one_line(&error.to_string());
    let is_utf8 = std::str::from_utf8(body).is_ok();
    assert_eq!(error.position().is_some(), is_utf8, "{error}");
    if let Some((line, _)) = error.position() {
        assert!(line <= lines(body), "the body has no such line: {error}");
    }
}

fn read_again<N>(body: &[u8], parse: Parse<N>) -> Vec<N> {
    parse(body).unwrap_or_else(|error| {
        panic!("a written body is refused: {error}: {}", String::from_utf8_lossy(body))
    })
}

/// Encodes a batch of notifications, framed as an array.
fn encoded<N: Notification>(notifications: &[N], rendering: Rendering) -> Vec<u8> {
    let mut body = vec![b'['];
    for (at, notification) in notifications.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        notification.encode(rendering, &mut body).expect("encoding should succeed");
    }
    body.push(b']');
    body
}

/// Parses JSON, with or without a byte order mark.
fn json(body: &[u8]) -> Value {
    serde_json::from_slice(without_mark(body)).expect("the body should be JSON")
}

/// Replaces empty lists by empty objects, because a model reads one in place of the other.
fn normal(value: Value) -> Value {
    match value {
        Value::Array(items) if items.is_empty() => Value::Object(Map::new()),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, normal(value))).collect()
        }
        other => other,
    }
}

/// Returns an array as it is, and makes an array of a single notification.
fn array_of(value: Value) -> Value {
    if value.is_array() { value } else { Value::from(vec![value]) }
}
