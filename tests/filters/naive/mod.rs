//! Second opinions: each filter language, read straight off the JSON of a filter and of a
//! notification. They are slow and take valid filters only; they share nothing with the library.

pub(crate) mod faceio;
pub(crate) mod lite;
pub(crate) mod multi;
pub(crate) mod native;
pub(crate) mod openbiometrics;
pub(crate) mod security;
pub(crate) mod security_2019;

use serde_json::Value;

/// The value at a JSON Pointer. What is missing reads as null.
fn at<'a>(notification: &'a Value, pointer: &str) -> &'a Value {
    notification.pointer(pointer).unwrap_or(&Value::Null)
}

fn members(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().expect("an object").iter().map(|(name, value)| (name.as_str(), value))
}

/// Whether a list has the value.
fn listed(wanted: &Value, field: &Value) -> bool {
    wanted.as_array().expect("a list").contains(field)
}

/// Whether a list has one of the ids of a field: an id, an entity, or a list of such.
fn shares_an_id(wanted: &Value, field: &Value) -> bool {
    let ids = ids(field);
    wanted.as_array().expect("a list").iter().any(|id| ids.contains(&id.as_i64().expect("an id")))
}

fn ids(field: &Value) -> Vec<i64> {
    match field {
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        Value::Object(entity) => ids(&entity["id"]),
        Value::Number(id) => vec![id.as_i64().expect("an id")],
        _ => Vec::new(),
    }
}

fn at_least(bound: &Value, field: &Value) -> bool {
    field.as_f64().is_some_and(|number| number >= bound.as_f64().expect("a number"))
}

fn at_most(bound: &Value, field: &Value) -> bool {
    field.as_f64().is_some_and(|number| number <= bound.as_f64().expect("a number"))
}
