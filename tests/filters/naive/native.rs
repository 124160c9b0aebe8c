//! The native language, over an object of attributes. A number that is compared as f64 is written
//! with a fraction there.

use std::cmp::Ordering;

use recohook::attribute::{AttributeKind, Schema};
use serde_json::Value;

use super::members;

pub(crate) fn matches(clause: &Value, attributes: &Value) -> bool {
    let clauses = |value: &Value| value.as_array().expect("a list of clauses").clone();
    members(clause).all(|(key, value)| match key {
        "all" => clauses(value).iter().all(|clause| matches(clause, attributes)),
        "any" => clauses(value).iter().any(|clause| matches(clause, attributes)),
        "not" => !matches(value, attributes),
        _ => holds(key, value, attributes),
    })
}

fn holds(key: &str, wanted: &Value, attributes: &Value) -> bool {
    let suffixes = ["_not_in", "_in", "_gte", "_gt", "_lte", "_lt", "_prefix", "_exists", ""];
    let test = suffixes.into_iter().find(|suffix| key.ends_with(suffix)).expect("a suffix");
    let values = match &attributes[key.strip_suffix(test).expect("a suffix")] {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let wanted_ones = match wanted {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let is_wanted = |value: &Value| wanted_ones.iter().any(|one| order(value, one).is_eq());
    let compares = |passes: fn(Ordering) -> bool| values.iter().any(|v| passes(order(v, wanted)));
    match test {
        "" | "_in" => values.iter().any(is_wanted),
        "_not_in" => !values.is_empty() && !values.iter().any(is_wanted),
        "_gt" => compares(Ordering::is_gt),
        "_gte" => compares(Ordering::is_ge),
        "_lt" => compares(Ordering::is_lt),
        "_lte" => compares(Ordering::is_le),
        "_exists" => values.is_empty() != *wanted,
        _ => values.iter().any(|value| {
            let text = value.as_str().expect("a text");
            wanted_ones.iter().any(|prefix| text.starts_with(prefix.as_str().expect("a text")))
        }),
    }
}

fn order(value: &Value, wanted: &Value) -> Ordering {
    match (value, wanted) {
        (Value::Bool(value), Value::Bool(wanted)) => value.cmp(wanted),
        (Value::String(value), Value::String(wanted)) => value.cmp(wanted),
        _ => match (value.as_i64(), wanted.as_i64()) {
            (Some(value), Some(wanted)) => value.cmp(&wanted),
            _ => {
                let [value, wanted] = [value, wanted].map(|v| v.as_f64().expect("a number"));
                value.partial_cmp(&wanted).expect("JSON has no NaN")
            }
        },
    }
}

/// Whether the grammar has the clause, over attributes of these kinds.
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
