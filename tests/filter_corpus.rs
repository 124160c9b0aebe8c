//! The corpus of (filter, notification, verdict), against everything that evaluates filters.

mod naive;
mod security;

use std::{fs, path::Path};

use recohook::{Filter, FilterIndex, attribute::Record, findface::security::FILTERS};
use serde_json::Value;

/// One case, with the changes to its documented body made.
struct Case {
    name: String,
    filter: Value,
    notification: Value,
    wanted: bool,
}

fn cases() -> Vec<Case> {
    let cases = data("corpus/findface-security-2020.json");
    let cases = cases.as_array().expect("the corpus is a list").iter();
    cases
        .map(|case| {
            let body = case["notification"].as_str().expect("a file's name");
            let mut notification = documented(body);
            let members = notification.as_object_mut().expect("a notification is an object");
            for (name, value) in case["set"].as_object().into_iter().flatten() {
                members.insert(name.clone(), value.clone());
            }
            for name in case["without"].as_array().into_iter().flatten() {
                let removed = members.remove(name.as_str().expect("a name"));
                assert!(removed.is_some(), "{name} was not there");
            }
            Case {
                name: case["name"].as_str().expect("a name").to_owned(),
                filter: case["filter"].clone(),
                notification,
                wanted: case["wanted"].as_bool().expect("a verdict"),
            }
        })
        .collect()
}

fn compiled(case: &Case) -> Filter {
    Filter::parse(case.filter.to_string(), &FILTERS)
        .unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

#[test]
fn the_corpus_has_its_size_and_both_verdicts() {
    let cases = cases();
    let wanted = cases.iter().filter(|case| case.wanted).count();
    assert!(cases.len() >= 350 && wanted >= 100 && cases.len() - wanted >= 100);
}

#[test]
fn compiled_filters_agree() {
    let mut record = Record::new();
    for case in cases() {
        security::fill(&mut record, &case.notification);
        assert_eq!(compiled(&case).matches(&record), case.wanted, "{}", case.name);
    }
}

#[test]
fn what_a_filter_displays_agrees() {
    let mut record = Record::new();
    for case in cases() {
        let again = Filter::parse(compiled(&case).to_string(), &FILTERS).unwrap();
        security::fill(&mut record, &case.notification);
        assert_eq!(again.matches(&record), case.wanted, "{}", case.name);
    }
}

#[test]
fn the_naive_evaluator_agrees() {
    for case in cases() {
        assert_eq!(naive::wants(&case.filter, &case.notification), case.wanted, "{}", case.name);
    }
}

#[test]
fn the_index_agrees() {
    let cases = cases();
    let mut index = FilterIndex::new();
    for (id, case) in cases.iter().enumerate() {
        index.insert(id, &compiled(case));
    }
    let mut record = Record::new();
    for case in &cases {
        security::fill(&mut record, &case.notification);
        let mut wanted = Vec::new();
        index.matches_into(&record, &mut wanted);
        wanted.sort_unstable();
        let ids = 0..cases.len();
        let expected = ids
            .filter(|id| naive::wants(&cases[*id].filter, &case.notification))
            .collect::<Vec<_>>();
        assert_eq!(wanted, expected, "{}", case.name);
    }
}

/// A JSON file under `tests/data`.
fn data(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A documented body: the one notification in its batch.
fn documented(name: &str) -> Value {
    data(&format!("findface-security-2020/{name}"))[0].take()
}
