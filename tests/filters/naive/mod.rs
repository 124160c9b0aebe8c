//! Naive evaluators of each filter language. They work on the JSON of a filter and of a
//! notification and use nothing of the crate's evaluators. They are slow, and filters must be
//! valid.

pub(crate) mod faceio;
pub(crate) mod lite;
pub(crate) mod multi;
pub(crate) mod native;
pub(crate) mod openbiometrics;
pub(crate) mod security;
pub(crate) mod security_2019;

use serde_json::Value;

/// Returns the value at a JSON Pointer, or null if there is none.
fn at<'a>(notification: &'a Value, pointer: &str) -> &'a Value {
    notification.pointer(pointer).unwrap_or(&Value::Null)
}

fn members(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object
        .as_object()
        .expect("the value should be an object")
        .iter()
        .map(|(name, value)| (name.as_str(), value))
}

/// Returns `true` if the list contains the value.
fn listed(expected: &Value, field: &Value) -> bool {
    expected.as_array().expect("the value should be a list").contains(field)
}

/// Returns `true` if the list contains one of the ids of the field. The field is an id, an entity,
/// or a list of ids and entities.
fn shares_an_id(expected: &Value, field: &Value) -> bool {
    let ids = ids(field);
    let expected = expected.as_array().expect("the value should be a list");
    expected.iter().any(|id| ids.contains(&id.as_i64().expect("an id should be an integer")))
}

fn ids(field: &Value) -> Vec<i64> {
    match field {
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        Value::Object(entity) => ids(&entity["id"]),
        Value::Number(id) => vec![id.as_i64().expect("an id should be an integer")],
        _ => Vec::new(),
    }
}

/// Returns whether a field contains an id or an entity with an id. Senders write other values in
/// place of null.
fn refers(field: &Value) -> bool {
    let id = if field.is_object() { &field["id"] } else { field };
    id.as_str().is_some_and(|id| !id.is_empty()) || id.as_u64().is_some_and(|id| id > 0)
}

fn at_least(bound: &Value, field: &Value) -> bool {
    field
        .as_f64()
        .is_some_and(|number| number >= bound.as_f64().expect("a bound should be a number"))
}

fn at_most(bound: &Value, field: &Value) -> bool {
    field
        .as_f64()
        .is_some_and(|number| number <= bound.as_f64().expect("a bound should be a number"))
}
