//! Properties of the native language, over a schema with an attribute of each kind.

use proptest::{collection::vec, option, prelude::*, sample::select};
use recohook::{
    Filter, FilterIndex,
    attribute::Record,
    filter::{Seen, Verdict, WarningKind},
};
use serde_json::{Map, Value, json};

use crate::{
    dialects::{self, NATIVE, PASSAGES},
    naive::native::{is_valid, wants},
};

const SUFFIXES: &[&str] =
    &["", "_in", "_not_in", "_gt", "_gte", "_lt", "_lte", "_prefix", "_exists"];

const LISTS: &[&str] = &["checks", "scores", "zones", "tags"];

/// Few values of each type, so that they meet often, and those at the ends.
fn numbers() -> Vec<Value> {
    let numbers = [0.0, -0.0, 1.0, -1.5, 2.0, 2.5, 5e-324, f64::MAX, f64::MIN, 9007199254740992.0];
    numbers.map(Value::from).to_vec()
}

fn ints() -> Vec<Value> {
    [0, 1, 2, 3, -1, i64::MAX, i64::MIN, 9007199254740993].map(Value::from).to_vec()
}

fn texts() -> Vec<Value> {
    ["", "a", "ab", "abc", "b", "in", "out", "é", "e\u{301}", "\u{0}"].map(Value::from).to_vec()
}

fn bools() -> Vec<Value> {
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

fn one_or_many(values: Vec<Value>) -> BoxedStrategy<Value> {
    let many = vec(select(values.clone()), 0..4).prop_map(Value::from);
    prop_oneof![select(values), many].boxed()
}

/// A key and its value: mostly what the grammar takes.
fn key() -> BoxedStrategy<(String, Value)> {
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

/// A key of the language and any value, or another name.
fn slip() -> BoxedStrategy<(String, Value)> {
    let everything =
        [numbers(), ints(), texts(), bools(), vec![Value::Null, json!({}), json!(2.0)]];
    let names = ["all", "any", "not", "door_", "_in", "granted_in_in", "x"].map(String::from);
    (
        prop_oneof![9 => key().prop_map(|(name, _)| name), 1 => select(names.to_vec())],
        one_or_many(everything.concat()),
    )
        .boxed()
}

fn clause(depth: usize, key: fn() -> BoxedStrategy<(String, Value)>) -> BoxedStrategy<Value> {
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

/// What the grammar has of any keys and values.
fn filter() -> BoxedStrategy<Value> {
    clause(4, key).prop_map(valid_part).boxed()
}

/// The clause without the keys that the grammar does not have.
fn valid_part(clause: Value) -> Value {
    let Value::Object(members) = clause else { panic!("a clause is an object") };
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

fn attributes() -> impl Strategy<Value = Value> {
    let members = PASSAGES.attributes().iter().map(|attribute| {
        let name = attribute.name();
        let mut values = values_of(name);
        if name == "direction" {
            values.push("sideways".into());
        }
        let value = if LISTS.contains(&name) {
            vec(select(values), 0..4).prop_map(Value::from).boxed()
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

fn record(attributes: &Value) -> Record {
    let native = dialects::ALL.iter().find(|dialect| dialect.name == "native").expect("a dialect");
    let mut record = Record::new();
    (native.fill)(&mut record, attributes);
    record
}

/// What stands at a place of a filter, as a filter of its own.
fn part(filter: &Value, pointer: &str) -> Value {
    let value =
        filter.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere")).clone();
    match pointer.rsplit_once('/') {
        None => value,
        Some((_, name)) if name.parse::<usize>().is_ok() => value,
        Some((_, name)) => json!({ name: value }),
    }
}

fn without(filter: &Value, pointer: &str) -> Value {
    let mut filter = filter.clone();
    let (within, name) = pointer.rsplit_once('/').expect("not the top");
    let object = filter.pointer_mut(within).and_then(Value::as_object_mut).expect("an object");
    assert!(object.remove(name).is_some());
    filter
}

/// Each verdict is that of what stands there, down to the last.
fn check_verdict(verdict: &Verdict, filter: &Value, attributes: &Value) {
    let part = part(filter, verdict.pointer());
    assert_eq!(verdict.holds(), wants(&part, attributes), "{verdict:?}");
    match verdict.attribute() {
        None => assert!(verdict.wants().is_none() && verdict.saw().is_none()),
        Some(attribute) => {
            assert_eq!(verdict.wants(), filter.pointer(verdict.pointer()));
            let value = &attributes[attribute];
            let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            assert_eq!(verdict.saw() == Some(&Seen::Nothing), nothing, "{verdict:?}");
        }
    }
    verdict.within().iter().for_each(|verdict| check_verdict(verdict, filter, attributes));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn all_evaluators_agree(filter in filter(), passages in vec(attributes(), 1..8)) {
        let compiled = Filter::parse(filter.to_string(), &NATIVE).unwrap();
        let again = Filter::parse(compiled.to_string(), &NATIVE).unwrap();
        prop_assert_eq!(&again, &compiled);
        prop_assert_eq!(again.to_string(), compiled.to_string());
        let mut index = FilterIndex::new();
        index.insert(0, &compiled);
        for attributes in passages {
            let record = record(&attributes);
            let wanted = wants(&filter, &attributes);
            prop_assert_eq!(compiled.matches(&record), wanted, "{}", attributes);
            prop_assert_eq!(again.matches(&record), wanted, "{}", attributes);
            prop_assert_eq!(compiled.explain(&record).is_wanted(), wanted, "{}", attributes);
            prop_assert!(compiled.wants(&PASSAGES) || !wanted);
            let mut found = Vec::new();
            index.matches_into(&record, &mut found);
            prop_assert_eq!(!found.is_empty(), wanted);
        }
    }

    #[test]
    fn explanations_tell_of_each_part(filter in filter(), attributes in attributes()) {
        let compiled = Filter::parse(filter.to_string(), &NATIVE).unwrap();
        let written: Value = serde_json::from_str(&compiled.to_string()).unwrap();
        let explanation = compiled.explain(&record(&attributes));
        let verdicts = explanation.verdicts().expect("the one section is on");
        prop_assert_eq!(verdicts.iter().all(Verdict::holds), explanation.is_wanted());
        for verdict in verdicts {
            check_verdict(verdict, &written, &attributes);
        }
    }

    #[test]
    fn warnings_are_true(filter in filter(), passages in vec(attributes(), 20..40)) {
        let compiled = Filter::parse(filter.to_string(), &NATIVE).unwrap();
        let written: Value = serde_json::from_str(&compiled.to_string()).unwrap();
        for warning in compiled.lint() {
            let here = part(&written, warning.pointer());
            let wanted = |filter: &Value| passages.iter().filter(|one| wants(filter, one)).count();
            match warning.kind() {
                WarningKind::EmptyList | WarningKind::Never => {
                    prop_assert_eq!(wanted(&here), 0, "{}", warning);
                }
                WarningKind::Contradiction(others) => {
                    let others = others.iter().map(|pointer| part(&written, pointer));
                    let all = Vec::from_iter(others.chain([here]));
                    prop_assert_eq!(wanted(&json!({"all": all})), 0, "{}", warning);
                }
                WarningKind::NoEffect => {
                    prop_assert_eq!(wanted(&here), passages.len(), "{}", warning);
                    let rest = without(&written, warning.pointer());
                    for one in &passages {
                        prop_assert_eq!(wants(&rest, one), wants(&written, one), "{}", warning);
                    }
                }
                WarningKind::NothingExcluded => {
                    let (attribute, _) = warning.pointer().rsplit_once("_not_in").expect("its key");
                    let (_, attribute) = attribute.rsplit_once('/').expect("a pointer");
                    let exists = json!({ format!("{attribute}_exists"): true });
                    for one in &passages {
                        prop_assert_eq!(wants(&here, one), wants(&exists, one), "{}", warning);
                    }
                }
                other => prop_assert!(false, "no test for {:?}", other),
            }
        }
        let never = compiled.lint().iter().any(|warning| warning.pointer().is_empty());
        prop_assert_eq!(never, !compiled.wants(&PASSAGES));
    }

    #[test]
    fn what_is_no_filter_is_refused(filter in clause(2, slip)) {
        let valid = is_valid(&filter, &PASSAGES);
        match Filter::parse(filter.to_string(), &NATIVE) {
            Ok(_) => prop_assert!(valid),
            Err(error) => {
                prop_assert!(!valid, "{}", error);
                let place = error.pointer().expect("a place");
                prop_assert!(filter.pointer(place).is_some(), "{} leads nowhere", place);
            }
        }
    }
}
