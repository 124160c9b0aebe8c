//! The corpus of (filter, notification, verdict), against everything that evaluates filters.
//!
//! A file of it has `bodies` by name and `cases`. A case names a body, or a documented one in a file
//! under `tests/data`; `set` and `without` change it at JSON Pointers.

use std::{fs, path::Path};

use recohook::{Filter, FilterIndex, attribute::Values};
use serde_json::Value;

use crate::{
    dialects::{ALL, Dialect},
    raw::{assert_reads, reader},
};

/// One case, with the changes to its body made.
struct Case {
    name: String,
    filter: Value,
    notification: Value,
    wanted: bool,
}

impl Case {
    fn of(case: &Value, mut notification: Value) -> Self {
        for (pointer, value) in case["set"].as_object().into_iter().flatten() {
            let (object, name) = parent(&mut notification, pointer);
            object.insert(name, value.clone());
        }
        for pointer in case["without"].as_array().into_iter().flatten() {
            let (object, name) = parent(&mut notification, pointer.as_str().expect("a pointer"));
            assert!(object.remove(&name).is_some(), "{pointer} was not there");
        }
        Self {
            name: case["name"].as_str().expect("a name").to_owned(),
            filter: case["filter"].clone(),
            notification,
            wanted: case["wanted"].as_bool().expect("a verdict"),
        }
    }

    fn compiled(&self, dialect: &Dialect) -> Filter {
        Filter::parse(self.filter.to_string(), dialect.table)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn values(&self, dialect: &Dialect) -> Values {
        let mut values = Values::new();
        (dialect.fill)(&mut values, &self.notification);
        values
    }
}

fn parent<'a>(
    value: &'a mut Value,
    pointer: &str,
) -> (&'a mut serde_json::Map<String, Value>, String) {
    let (within, name) = pointer.rsplit_once('/').expect("a pointer");
    let object = value.pointer_mut(within).and_then(Value::as_object_mut);
    (object.unwrap_or_else(|| panic!("no object at {within}")), name.to_owned())
}

fn cases(dialect: &Dialect) -> Vec<Case> {
    let file = data(&format!("corpus/{}.json", dialect.name));
    let cases = file["cases"].as_array().expect("a list of cases").iter();
    cases
        .map(|case| {
            let body = case["notification"].as_str().expect("a body's name");
            let body = file["bodies"].get(body).cloned().unwrap_or_else(|| {
                // A documented body is the one notification in its batch.
                data(&format!("{}/{body}", dialect.name))[0].take()
            });
            Case::of(case, body)
        })
        .collect()
}

#[test]
fn the_corpus_has_its_size_and_both_verdicts() {
    let mut sum = 0;
    for dialect in ALL {
        let cases = cases(dialect);
        let wanted = cases.iter().filter(|case| case.wanted).count();
        assert!(wanted >= 10 && cases.len() - wanted >= 10, "{}", dialect.name);
        sum += cases.len();
    }
    assert!(sum >= 2_500, "{sum} cases");
}

/// Each listed key stands in a case that is wanted and in one that is not.
#[test]
fn every_listed_key_is_hit_and_missed() {
    let dialects = ALL.iter().filter(|dialect| dialect.name != "findface-lite-realtime-is-all");
    for dialect in dialects {
        let cases = cases(dialect);
        for section in dialect.table.sections() {
            for key in section.keys() {
                for wanted in [true, false] {
                    let stands = |case: &&Case| {
                        let keys = match dialect.table.is_flat() {
                            true => &case.filter,
                            false => &case.filter[section.name()],
                        };
                        case.wanted == wanted && keys.get(key.name()).is_some()
                    };
                    let name = dialect.name;
                    assert!(cases.iter().any(|c| stands(&c)), "{name}: {key:?}, {wanted}");
                }
            }
        }
    }
}

#[test]
fn compiled_filters_agree() {
    for dialect in ALL {
        for case in cases(dialect) {
            let (filter, values) = (case.compiled(dialect), case.values(dialect));
            assert_eq!(filter.matches(&values), case.wanted, "{}: {}", dialect.name, case.name);
        }
    }
}

#[test]
fn readers_of_bytes_agree() {
    for dialect in ALL {
        let mut reader = reader(dialect);
        for case in cases(dialect) {
            assert_reads(&mut reader, &case.notification, &case.values(dialect));
        }
    }
}

#[test]
fn what_a_filter_displays_agrees() {
    for dialect in ALL {
        for case in cases(dialect) {
            let filter = case.compiled(dialect);
            let again = Filter::parse(filter.to_string(), dialect.table).unwrap();
            assert_eq!(again, filter, "{}: {}", dialect.name, case.name);
            let values = case.values(dialect);
            assert_eq!(again.matches(&values), case.wanted, "{}: {}", dialect.name, case.name);
        }
    }
}

#[test]
fn explanations_agree() {
    for dialect in ALL {
        for case in cases(dialect) {
            let explanation = case.compiled(dialect).explain(&case.values(dialect));
            assert_eq!(
                explanation.is_match(),
                case.wanted,
                "{}: {}\n{explanation}",
                dialect.name,
                case.name
            );
        }
    }
}

#[test]
fn the_naive_evaluators_agree() {
    for dialect in ALL {
        for case in cases(dialect) {
            let wanted = (dialect.matches)(&case.filter, &case.notification);
            assert_eq!(wanted, case.wanted, "{}: {}", dialect.name, case.name);
        }
    }
}

#[test]
fn indexes_agree() {
    for dialect in ALL {
        let cases = cases(dialect);
        let mut index = FilterIndex::new();
        for (id, case) in cases.iter().enumerate() {
            index.insert(id, &case.compiled(dialect));
        }
        for case in &cases {
            let mut wanted = Vec::new();
            index.matches_into(&case.values(dialect), &mut wanted);
            wanted.sort_unstable();
            let ids = 0..cases.len();
            let expected =
                ids.filter(|id| (dialect.matches)(&cases[*id].filter, &case.notification));
            assert_eq!(wanted, Vec::from_iter(expected), "{}: {}", dialect.name, case.name);
        }
    }
}

/// A JSON file under `tests/data`.
fn data(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
