//! Generators of filters of the native language, and of passages.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use crate::{dialects::PASSAGES, naive::native::is_valid};

const SUFFIXES: &[&str] =
    &["", "_in", "_not_in", "_gt", "_gte", "_lt", "_lte", "_prefix", "_exists"];

const LISTS: &[&str] = &["checks", "scores", "zones", "tags"];

/// Returns few numbers, so that filters often match, and the ends of their range.
pub(crate) fn numbers() -> Vec<Value> {
    let numbers = [0.0, -0.0, 1.0, -1.5, 2.0, 2.5, 5e-324, f64::MAX, f64::MIN, 9007199254740992.0];
    numbers.map(Value::from).to_vec()
}

pub(crate) fn ints() -> Vec<Value> {
    [0, 1, 2, 3, -1, i64::MAX, i64::MIN, 9007199254740993].map(Value::from).to_vec()
}

pub(crate) fn texts() -> Vec<Value> {
    ["", "a", "ab", "abc", "b", "in", "out", "é", "e\u{301}", "\u{0}"].map(Value::from).to_vec()
}

pub(crate) fn bools() -> Vec<Value> {
    vec![true.into(), false.into()]
}

fn directions() -> Vec<Value> {
    ["in", "out", "unknown"].map(Value::from).to_vec()
}

fn values_of(attribute: &str) -> Vec<Value> {
    match attribute {
        "granted" | "checks" => bools(),
        "direction" => directions(),
        "weight" | "scores" => numbers(),
        "door" | "zones" => ints(),
        _ => texts(),
    }
}

pub(crate) fn one_or_many(values: Vec<Value>) -> BoxedStrategy<Value> {
    let many = vec(select(values.clone()), 0..4).prop_map(Value::from);
    prop_oneof![select(values), many].boxed()
}

/// Generates keys with their values. Most are valid.
pub(crate) fn key() -> BoxedStrategy<(String, Value)> {
    let attributes = PASSAGES.attributes().iter().map(|attribute| attribute.name());
    (select(Vec::from_iter(attributes)), select(SUFFIXES))
        .prop_flat_map(|(attribute, suffix)| {
            let values = match suffix {
                "_exists" => bools(),
                _ => values_of(attribute),
            };
            let value = match suffix {
                "_in" | "_not_in" => vec(select(values), 0..4).prop_map(Value::from).boxed(),
                "_prefix" => one_or_many(values),
                _ => select(values).boxed(),
            };
            value.prop_map(move |value| (format!("{attribute}{suffix}"), value))
        })
        .boxed()
}

pub(crate) fn clause(
    depth: usize,
    key: fn() -> BoxedStrategy<(String, Value)>,
) -> BoxedStrategy<Value> {
    let keys = vec(key(), 0..3).prop_map(Map::from_iter).boxed();
    if depth == 0 {
        return keys.prop_map(Value::from).boxed();
    }
    let clauses = || option::weighted(0.3, vec(clause(depth - 1, key), 0..3).prop_map(Value::from));
    let not = option::weighted(0.3, clause(depth - 1, key));
    (keys, clauses(), clauses(), not)
        .prop_map(|(mut keys, all, any, not)| {
            for (name, value) in [("all", all), ("any", any), ("not", not)] {
                if let Some(value) = value {
                    keys.insert(name.to_owned(), value);
                }
            }
            keys.into()
        })
        .boxed()
}

/// Generates valid filters.
pub(crate) fn filter() -> BoxedStrategy<Value> {
    clause(4, key).prop_map(valid_part).boxed()
}

/// Returns the clause without its invalid keys.
fn valid_part(clause: Value) -> Value {
    let Value::Object(members) = clause else { panic!("expected an object as a clause") };
    let valid = members.into_iter().filter_map(|(key, value)| {
        let value = match (key.as_str(), value) {
            ("all" | "any", Value::Array(items)) => items.into_iter().map(valid_part).collect(),
            ("not", clause) => valid_part(clause),
            (_, value) => value,
        };
        is_valid(&json!({ key.as_str(): &value }), &PASSAGES).then_some((key, value))
    });
    Value::Object(valid.collect())
}

pub(crate) fn attributes() -> impl Strategy<Value = Value> {
    let members = PASSAGES.attributes().iter().map(|attribute| {
        let name = attribute.name();
        let mut values = values_of(name);
        if name == "direction" {
            values.push("sideways".into());
        }
        let value = if LISTS.contains(&name) {
            // Most lists are short. A few are longer than the lists that `Values` keeps unsorted.
            let sizes = prop_oneof![15 => 0..4_usize, 1 => 30..50_usize];
            let members = sizes.prop_flat_map(move |size| vec(select(values.clone()), size));
            members.prop_map(Value::from).boxed()
        } else {
            select(values).boxed()
        };
        let value = prop_oneof![
            1 => Just(None),
            1 => Just(Some(Value::Null)),
            5 => value.prop_map(Some),
        ];
        value.prop_map(move |value| Some((name.to_owned(), value?)))
    });
    Vec::from_iter(members)
        .prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
}
