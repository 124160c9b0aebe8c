//! Properties of every dialect's filters, tested with random filters and random notifications.

use proptest::{collection::vec, prelude::*};
use recohook::{Filter, FilterIndex, attribute::Values, filter::Verdict};
use serde_json::Value;

use crate::{
    dialects::{ALL, Dialect},
    random::dialect::{filter, named, notification},
    raw::{assert_reads, reader},
};

/// Checks that each verdict on a key has the value that the filter has at its pointer.
fn check_expected_values(verdict: &Verdict, written: &Value) {
    if verdict.attribute().is_some() {
        assert_eq!(verdict.expected(), written.pointer(verdict.pointer()), "{verdict:?}");
    }
    verdict.children().iter().for_each(|verdict| check_expected_values(verdict, written));
}

fn check(dialect: &Dialect, filter: &Value, notifications: &[Value]) {
    let compiled =
        Filter::parse(filter.to_string(), dialect.table).expect("the filter should be valid");
    let written = compiled.to_string();
    let again = Filter::parse(&written, dialect.table).expect("the filter should be valid");
    assert_eq!(again, compiled);
    assert_eq!(again.to_string(), written);
    let written: Value = serde_json::from_str(&written).expect("a written filter should be JSON");
    let never = compiled.lint().iter().any(|warning| warning.pointer().is_empty());
    let mut index = FilterIndex::new();
    index.insert((), &compiled);
    let mut reader = reader(dialect);
    for notification in notifications {
        let mut values = Values::new();
        (dialect.fill)(&mut values, notification);
        assert_reads(&mut reader, notification, &values);
        let expected = (dialect.matches)(filter, notification);
        assert_eq!(compiled.matches(&values), expected, "{notification}");
        assert_eq!(again.matches(&values), expected, "{notification}");
        assert!(!(never && expected), "{notification}");
        let mut found = Vec::new();
        index.matches_into(&values, &mut found);
        assert_eq!(!found.is_empty(), expected, "{notification}");
        let explanation = compiled.explain(&values);
        assert_eq!(explanation.is_match(), expected, "{notification}\n{explanation}");
        let verdicts = explanation.verdicts();
        assert_eq!(verdicts.is_some_and(|all| all.iter().all(Verdict::holds)), expected);
        verdicts.into_iter().flatten().for_each(|verdict| check_expected_values(verdict, &written));
    }
}

/// Makes a test for each dialect.
macro_rules! dialects {
    ($($test:ident: $name:literal,)+) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(400))]
            $(
                #[test]
                fn $test((filter, notifications) in random($name)) {
                    check(named($name), &filter, &notifications);
                }
            )+
        }

        #[test]
        fn every_dialect_is_tested() {
            let names = Vec::from_iter(ALL.iter().map(|dialect| dialect.name));
            assert_eq!(names, [$($name),+]);
        }
    };
}

dialects! {
    security_2020: "findface-security-2020",
    security_2019: "findface-security-2019",
    lite: "findface-lite",
    lite_if_realtime_is_all: "findface-lite-realtime-is-all",
    multi: "findface-multi",
    openbiometrics: "openbiometrics",
    faceio: "faceio",
    native: "native",
}

/// Generates filters of a dialect, each with some notifications.
fn random(name: &str) -> impl Strategy<Value = (Value, Vec<Value>)> {
    let dialect = named(name);
    (filter(dialect), vec(notification(dialect), 1..10))
}
