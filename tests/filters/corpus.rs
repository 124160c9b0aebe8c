//! A corpus of filters, notifications and whether they match, tested with all evaluators.
//!
//! Each file of the corpus has `bodies` by name, and `cases`. A case names one of the bodies, or a
//! documented body in a file in `tests/data`. The body is changed at the JSON Pointers in `set` and
//! `without`. `wanted` is `true` if the filter matches.

use std::{fs, path::Path};

use recohook::{Filter, FilterIndex, attribute::Values};
use serde_json::Value;

use crate::{
    dialects::{ALL, Dialect},
    raw::{assert_reads, reader},
};

/// One case, with the changes applied to its body.
struct Case {
    name: String,
    filter: Value,
    notification: Value,
    is_match: bool,
}

impl Case {
    fn new(case: &Value, mut notification: Value) -> Self {
        for (pointer, value) in case["set"].as_object().into_iter().flatten() {
            let (object, name) = parent(&mut notification, pointer);
            object.insert(name, value.clone());
        }
        for pointer in case["without"].as_array().into_iter().flatten() {
            let (object, name) =
                parent(&mut notification, pointer.as_str().expect("a pointer should be a text"));
            assert!(object.remove(&name).is_some(), "nothing is at {pointer}");
        }
        Self {
            name: case["name"].as_str().expect("`name` should be a text").to_owned(),
            filter: case["filter"].clone(),
            notification,
            is_match: case["wanted"].as_bool().expect("`wanted` should be a boolean"),
        }
    }

    fn filter(&self, dialect: &Dialect) -> Filter {
        Filter::parse(self.filter.to_string(), dialect.table)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn values(&self, dialect: &Dialect) -> Values {
        let mut values = Values::new();
        (dialect.fill)(&mut values, &self.notification);
        values
    }
}

/// Returns the object that contains the value at a pointer, and the name of the value in it.
fn parent<'a>(
    value: &'a mut Value,
    pointer: &str,
) -> (&'a mut serde_json::Map<String, Value>, String) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer should contain a slash");
    let object = value.pointer_mut(parent).and_then(Value::as_object_mut);
    (object.unwrap_or_else(|| panic!("expected an object at {parent:?}")), name.to_owned())
}

fn cases(dialect: &Dialect) -> Vec<Case> {
    let file = data(&format!("corpus/{}.json", dialect.name));
    let cases = file["cases"].as_array().expect("`cases` should be an array").iter();
    cases
        .map(|case| {
            let body = case["notification"].as_str().expect("`notification` should be a text");
            let body = file["bodies"].get(body).cloned().unwrap_or_else(|| {
                // A documented body is an array with one notification.
                data(&format!("{}/{body}", dialect.name))[0].take()
            });
            Case::new(case, body)
        })
        .collect()
}

#[test]
fn the_corpus_has_enough_cases_that_match_and_that_do_not() {
    let mut sum = 0;
    for dialect in ALL {
        let cases = cases(dialect);
        let matching = cases.iter().filter(|case| case.is_match).count();
        assert!(matching >= 10 && cases.len() - matching >= 10, "{}", dialect.name);
        sum += cases.len();
    }
    assert!(sum >= 2_500, "only {sum} cases");
}

/// Each key of a table is in a filter that matches and in one that does not.
#[test]
fn every_key_is_in_a_case_that_matches_and_in_one_that_does_not() {
    let dialects = ALL.iter().filter(|dialect| dialect.name != "findface-lite-realtime-is-all");
    for dialect in dialects {
        let cases = cases(dialect);
        for section in dialect.table.sections() {
            for key in section.keys() {
                for is_match in [true, false] {
                    let has_key = |case: &&Case| {
                        let keys = match dialect.table.is_flat() {
                            true => &case.filter,
                            false => &case.filter[section.name()],
                        };
                        case.is_match == is_match && keys.get(key.name()).is_some()
                    };
                    let name = dialect.name;
                    let is_found = cases.iter().any(|case| has_key(&case));
                    assert!(is_found, "{name}: {key:?}, is_match: {is_match}");
                }
            }
        }
    }
}

#[test]
fn compiled_filters_agree() {
    for dialect in ALL {
        for case in cases(dialect) {
            let (filter, values) = (case.filter(dialect), case.values(dialect));
            assert_eq!(filter.matches(&values), case.is_match, "{}: {}", dialect.name, case.name);
        }
    }
}

#[test]
fn raw_readers_agree() {
    for dialect in ALL {
        let mut reader = reader(dialect);
        for case in cases(dialect) {
            assert_reads(&mut reader, &case.notification, &case.values(dialect));
        }
    }
}

#[test]
fn filters_that_are_written_and_parsed_again_agree() {
    for dialect in ALL {
        for case in cases(dialect) {
            let filter = case.filter(dialect);
            let again = Filter::parse(filter.to_string(), dialect.table).unwrap();
            assert_eq!(again, filter, "{}: {}", dialect.name, case.name);
            let values = case.values(dialect);
            assert_eq!(again.matches(&values), case.is_match, "{}: {}", dialect.name, case.name);
        }
    }
}

#[test]
fn explanations_agree() {
    for dialect in ALL {
        for case in cases(dialect) {
            let explanation = case.filter(dialect).explain(&case.values(dialect));
            assert_eq!(
                explanation.is_match(),
                case.is_match,
                "{}: {}\n{explanation}",
                dialect.name,
                case.name
            );
        }
    }
}

#[test]
fn naive_evaluators_agree() {
    for dialect in ALL {
        for case in cases(dialect) {
            let is_match = (dialect.matches)(&case.filter, &case.notification);
            assert_eq!(is_match, case.is_match, "{}: {}", dialect.name, case.name);
        }
    }
}

#[test]
fn indexes_agree() {
    for dialect in ALL {
        let cases = cases(dialect);
        let mut index = FilterIndex::new();
        for (id, case) in cases.iter().enumerate() {
            index.insert(id, &case.filter(dialect));
        }
        for case in &cases {
            let mut found = Vec::new();
            index.matches_into(&case.values(dialect), &mut found);
            found.sort_unstable();
            let ids = 0..cases.len();
            let expected =
                ids.filter(|id| (dialect.matches)(&cases[*id].filter, &case.notification));
            assert_eq!(found, Vec::from_iter(expected), "{}: {}", dialect.name, case.name);
        }
    }
}

/// Reads a JSON file in `tests/data`.
fn data(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
