//! Properties of the native filter language, tested with a schema that has each kind of attribute.

use proptest::{collection::vec, prelude::*, sample::select};
use recohook::{
    Filter, FilterIndex,
    attribute::Values,
    filter::{AttributeValue, Verdict, WarningKind},
};
use serde_json::{Value, json};

use crate::{
    dialects::{self, NATIVE, PASSAGES},
    naive::native::{is_valid, matches},
    random::native::{attributes, bools, clause, filter, ints, key, numbers, one_or_many, texts},
};

/// Generates members that may be invalid: a key of the language or another name, and any value.
fn any_member() -> BoxedStrategy<(String, Value)> {
    let everything =
        [numbers(), ints(), texts(), bools(), vec![Value::Null, json!({}), json!(2.0)]];
    let names = ["all", "any", "not", "door_", "_in", "granted_in_in", "x"].map(String::from);
    (
        prop_oneof![9 => key().prop_map(|(name, _)| name), 1 => select(names.to_vec())],
        one_or_many(everything.concat()),
    )
        .boxed()
}

fn values(attributes: &Value) -> Values {
    let native = dialects::ALL
        .iter()
        .find(|dialect| dialect.name == "native")
        .expect("the dialect should exist");
    let mut values = Values::new();
    (native.fill)(&mut values, attributes);
    values
}

/// Returns the part of a filter at a pointer, as a filter.
fn part(filter: &Value, pointer: &str) -> Value {
    let value =
        filter.pointer(pointer).unwrap_or_else(|| panic!("nothing is at {pointer}")).clone();
    match pointer.rsplit_once('/') {
        None => value,
        Some((_, name)) if name.parse::<usize>().is_ok() => value,
        Some((_, name)) => json!({ name: value }),
    }
}

/// Returns the filter without the member at a pointer.
fn without(filter: &Value, pointer: &str) -> Value {
    let mut filter = filter.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("the pointer should not be empty");
    let object = filter.pointer_mut(parent).and_then(Value::as_object_mut);
    let object = object.expect("the parent should be an object");
    assert!(object.remove(name).is_some());
    filter
}

/// Checks that a verdict and all its children agree with the naive evaluator.
fn check_verdict(verdict: &Verdict, filter: &Value, attributes: &Value) {
    let part = part(filter, verdict.pointer());
    assert_eq!(verdict.holds(), matches(&part, attributes), "{verdict:?}");
    match verdict.attribute() {
        None => assert!(verdict.expected().is_none() && verdict.actual().is_none()),
        Some(attribute) => {
            assert_eq!(verdict.expected(), filter.pointer(verdict.pointer()));
            let value = &attributes[attribute];
            let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            let found = verdict.actual();
            let is_nothing =
                matches!(found, Some(AttributeValue::Nothing | AttributeValue::EmptyList));
            assert_eq!(is_nothing, nothing, "{verdict:?}");
        }
    }
    verdict.children().iter().for_each(|verdict| check_verdict(verdict, filter, attributes));
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
            let values = values(&attributes);
            let expected = matches(&filter, &attributes);
            prop_assert_eq!(compiled.matches(&values), expected, "{}", attributes);
            prop_assert_eq!(again.matches(&values), expected, "{}", attributes);
            prop_assert_eq!(compiled.explain(&values).is_match(), expected, "{}", attributes);
            prop_assert!(compiled.covers(&PASSAGES) || !expected);
            let mut found = Vec::new();
            index.matches_into(&values, &mut found);
            prop_assert_eq!(!found.is_empty(), expected);
        }
    }

    #[test]
    fn explanations_are_right_for_each_part(filter in filter(), attributes in attributes()) {
        let compiled = Filter::parse(filter.to_string(), &NATIVE).unwrap();
        let written: Value = serde_json::from_str(&compiled.to_string()).unwrap();
        let explanation = compiled.explain(&values(&attributes));
        let verdicts = explanation.verdicts().expect("the only section should be tested");
        prop_assert_eq!(verdicts.iter().all(Verdict::holds), explanation.is_match());
        for verdict in verdicts {
            check_verdict(verdict, &written, &attributes);
        }
    }

    #[test]
    fn warnings_are_right(filter in filter(), passages in vec(attributes(), 20..40)) {
        let compiled = Filter::parse(filter.to_string(), &NATIVE).unwrap();
        let written: Value = serde_json::from_str(&compiled.to_string()).unwrap();
        for warning in compiled.lint() {
            let here = part(&written, warning.pointer());
            let count = |filter: &Value| {
                passages.iter().filter(|passage| matches(filter, passage)).count()
            };
            match warning.kind() {
                WarningKind::EmptyList | WarningKind::MatchesNothing => {
                    prop_assert_eq!(count(&here), 0, "{}", warning);
                }
                WarningKind::Contradiction(others) => {
                    let others = others.iter().map(|pointer| part(&written, pointer));
                    let all = Vec::from_iter(others.chain([here]));
                    prop_assert_eq!(count(&json!({"all": all})), 0, "{}", warning);
                }
                WarningKind::NoEffect => {
                    prop_assert_eq!(count(&here), passages.len(), "{}", warning);
                    let rest = without(&written, warning.pointer());
                    for one in &passages {
                        prop_assert_eq!(matches(&rest, one), matches(&written, one), "{}", warning);
                    }
                }
                WarningKind::NothingExcluded => {
                    let (attribute, _) = warning.pointer().rsplit_once("_not_in").expect("a key");
                    let (_, attribute) = attribute.rsplit_once('/').expect("a pointer");
                    let exists = json!({ format!("{attribute}_exists"): true });
                    for one in &passages {
                        prop_assert_eq!(matches(&here, one), matches(&exists, one), "{}", warning);
                    }
                }
                other => prop_assert!(false, "untested warning: {:?}", other),
            }
        }
        let never = compiled.lint().iter().any(|warning| warning.pointer().is_empty());
        prop_assert_eq!(never, !compiled.covers(&PASSAGES));
    }

    #[test]
    fn invalid_filters_are_refused(filter in clause(2, any_member)) {
        let valid = is_valid(&filter, &PASSAGES);
        match Filter::parse(filter.to_string(), &NATIVE) {
            Ok(_) => prop_assert!(valid),
            Err(error) => {
                prop_assert!(!valid, "{}", error);
                let pointer = error.pointer().expect("the error should have a pointer");
                prop_assert!(filter.pointer(pointer).is_some(), "nothing is at {}", pointer);
            }
        }
    }
}
