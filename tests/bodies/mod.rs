//! Helpers that test the models of every dialect: assertions that hold for any body, and random
//! changes to the documented bodies.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{error::Error as _, fmt::Debug};

use proptest::{prelude::*, sample::Index};
use recohook::{Notification, Rendering, model::ParseError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub(crate) type Read<N> = fn(&[u8]) -> Result<Vec<N>, ParseError>;

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(crate) fn encoded(notification: &impl Notification, rendering: Rendering) -> Value {
    let mut out = Vec::new();
    notification.encode(rendering, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// Asserts that `read` and serde both read the body, and that writing it again gives an equal body.
#[track_caller]
pub(crate) fn assert_kept<N>(read: Read<N>, body: &Value)
where
    N: Notification + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let notifications = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(&serde_json::to_value(&notifications).unwrap(), body);
    for one in &notifications {
        let mut text = Vec::new();
        one.encode(Rendering::Full, &mut text).unwrap();
        assert_eq!(text, serde_json::to_vec(one).unwrap());
    }
    let encoded = Vec::from_iter(notifications.iter().map(|one| encoded(one, Rendering::Full)));
    assert_eq!(&Value::from(encoded), body);
    let again: Vec<N> = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(again, notifications);
}

/// Asserts that `read` either refuses the body or reads all of it: writing it again gives an equal
/// body.
#[track_caller]
pub(crate) fn assert_refused_or_kept<N: Serialize>(read: Read<N>, body: &[u8]) {
    if let Ok(notifications) = read(body) {
        let written = serde_json::to_value(&notifications).unwrap();
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(written, if body.is_array() { body } else { Value::from(vec![body]) });
    }
}

/// Asserts that reading failed at the notification at `index`. The error must contain the index,
/// the line and the column, and its source must contain `part`.
#[track_caller]
pub(crate) fn assert_refused<N: Debug>(read: Result<Vec<N>, ParseError>, index: usize, part: &str) {
    let error = read.unwrap_err();
    assert_eq!((error.kind(), error.index()), ("notification", Some(index)), "{error}");
    let source = error.source().unwrap().to_string();
    assert!(source.contains(part), "{source}");
    let (line, column) = error.position().unwrap();
    assert!(line > 0);
    let place =
        format!("notification {index} of the body cannot be read, at line {line} column {column};");
    assert!(error.to_string().starts_with(&place), "{error}");
    assert!(!error.to_string().contains(&source), "{error}");
}

/// Returns the body with all changes applied.
pub(crate) fn changed(body: &str, changes: &[(Change, Index)]) -> Value {
    let mut body = json(body);
    for (change, place) in changes {
        apply(change, *place, &mut body);
    }
    body
}

pub(crate) fn any_changes() -> impl Strategy<Value = Vec<(Change, Index)>> {
    prop::collection::vec((any_change(), any::<Index>()), 1..12)
}

/// Returns the body with some bytes replaced.
pub(crate) fn damaged(body: &str, damage: Vec<(Index, u8)>) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    for (place, byte) in damage {
        *place.get_mut(&mut bytes) = byte;
    }
    bytes
}

pub(crate) fn any_damage() -> impl Strategy<Value = Vec<(Index, u8)>> {
    prop::collection::vec((any::<Index>(), any::<u8>()), 1..4)
}

/// A change to one object of a body.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Insert(String, Value),
    Drop(Index),
    Null(Index),
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (".{0,6}", any_json())
            .prop_map(|(name, value)| Change::Insert(format!("new {name}"), value)),
        any::<Index>().prop_map(Change::Drop),
        any::<Index>().prop_map(Change::Null),
    ]
}

/// Collects the JSON Pointers of all objects in `value`, which is at the pointer `at`.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(at.to_owned());
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                objects(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                objects(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Changes the object that `place` selects. The ids of entities are required, so they stay.
fn apply(change: &Change, place: Index, body: &mut Value) {
    let mut found = Vec::new();
    objects(body, "", &mut found);
    let pointer = place.get(&found);
    let Some(Value::Object(fields)) = body.pointer_mut(pointer) else {
        panic!("expected an object at {pointer:?}");
    };
    let is_required = |name: &String| name == "id" && !pointer.ends_with("/track");
    let names = Vec::from_iter(fields.keys().filter(|name| !is_required(name)).cloned());
    match change {
        Change::Insert(name, value) => drop(fields.insert(name.clone(), value.clone())),
        Change::Drop(_) | Change::Null(_) if names.is_empty() => {}
        Change::Drop(key) => drop(fields.remove(key.get(&names))),
        Change::Null(key) => drop(fields.insert(key.get(&names).clone(), Value::Null)),
    }
}
