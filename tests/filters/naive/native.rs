//! The native language, over an object of attributes. A number that is to be compared as `f64` has
//! a fraction in the object.

use std::cmp::Ordering;

use recohook::attribute::{AttributeKind, Schema};
use serde_json::Value;

use super::members;

pub(crate) fn matches(clause: &Value, attributes: &Value) -> bool {
    let clauses =
        |value: &Value| value.as_array().expect("the value should be a list of clauses").clone();
    members(clause).all(|(key, value)| match key {
        "all" => clauses(value).iter().all(|clause| matches(clause, attributes)),
        "any" => clauses(value).iter().any(|clause| matches(clause, attributes)),
        "not" => !matches(value, attributes),
        _ => holds(key, value, attributes),
    })
}

fn holds(key: &str, expected: &Value, attributes: &Value) -> bool {
    let suffixes = ["_not_in", "_in", "_gte", "_gt", "_lte", "_lt", "_prefix", "_exists", ""];
    let test = suffixes
        .into_iter()
        .find(|suffix| key.ends_with(suffix))
        .expect("the key should have a suffix");
    let values = match &attributes[key.strip_suffix(test).expect("the key has this suffix")] {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let expected_values = match expected {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let is_expected = |value: &Value| expected_values.iter().any(|one| order(value, one).is_eq());
    let compares = |passes: fn(Ordering) -> bool| values.iter().any(|v| passes(order(v, expected)));
    match test {
        "" | "_in" => values.iter().any(is_expected),
        "_not_in" => !values.is_empty() && !values.iter().any(is_expected),
        "_gt" => compares(Ordering::is_gt),
        "_gte" => compares(Ordering::is_ge),
        "_lt" => compares(Ordering::is_lt),
        "_lte" => compares(Ordering::is_le),
        "_exists" => values.is_empty() != *expected,
        _ => values.iter().any(|value| {
            let text = value.as_str().expect("the value should be a text");
            let mut prefixes = expected_values.iter().map(Value::as_str);
            prefixes.any(|prefix| text.starts_with(prefix.expect("a prefix should be a text")))
        }),
    }
}

fn order(value: &Value, expected: &Value) -> Ordering {
    match (value, expected) {
        (Value::Bool(value), Value::Bool(expected)) => value.cmp(expected),
        (Value::String(value), Value::String(expected)) => value.cmp(expected),
        _ => match (value.as_i64(), expected.as_i64()) {
            (Some(value), Some(expected)) => value.cmp(&expected),
            _ => {
                let [value, expected] =
                    [value, expected].map(|v| v.as_f64().expect("the value should be a number"));
                value.partial_cmp(&expected).expect("JSON does not have NaN")
            }
        },
    }
}

/// Returns `true` if the clause is valid for the schema.
pub(crate) fn is_valid(clause: &Value, schema: &Schema) -> bool {
    let clauses = |value: &Value| {
        value.as_array().is_some_and(|all| all.iter().all(|clause| is_valid(clause, schema)))
    };
    clause.as_object().is_some_and(|members| {
        members.iter().all(|(key, value)| match key.as_str() {
            "all" | "any" => clauses(value),
            "not" => is_valid(value, schema),
            _ => schema.attributes().iter().any(|attribute| {
                let test = key.strip_prefix(attribute.name());
                test.is_some_and(|test| takes(attribute.kind(), test, value))
            }),
        })
    })
}

/// Returns `true` if a key with this suffix takes the value for an attribute of this kind.
fn takes(kind: AttributeKind, test: &str, value: &Value) -> bool {
    let one = |value: &Value| match kind {
        AttributeKind::Bool | AttributeKind::Bools => value.is_boolean(),
        AttributeKind::Choice(names) => value.as_str().is_some_and(|name| names.contains(&name)),
        AttributeKind::Number | AttributeKind::Numbers => value.is_number(),
        AttributeKind::Int | AttributeKind::Ints => value.is_i64(),
        _ => value.is_string(),
    };
    let list = |value: &Value| value.as_array().is_some_and(|values| values.iter().all(one));
    match (test, kind) {
        ("_exists", _) => value.is_boolean(),
        ("", _) => one(value),
        ("_in" | "_not_in", AttributeKind::Bool | AttributeKind::Bools) => false,
        ("_in" | "_not_in", _) => list(value),
        ("_prefix", AttributeKind::Text | AttributeKind::Texts) => one(value) || list(value),
        (
            "_gt" | "_gte" | "_lt" | "_lte",
            AttributeKind::Number
            | AttributeKind::Numbers
            | AttributeKind::Int
            | AttributeKind::Ints,
        ) => one(value),
        _ => false,
    }
}
