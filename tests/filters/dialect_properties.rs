//! Properties of every dialect's filters: random ones of each table, on random notifications.

use proptest::{collection::vec, prelude::*};
use recohook::{Filter, FilterIndex, attribute::Values, filter::Verdict};
use serde_json::Value;

use crate::{
    dialects::{ALL, Dialect},
    random::dialect::{filter, named, notification},
    raw::{assert_reads, reader},
};

fn leaves_are_true(verdict: &Verdict, written: &Value) {
    if verdict.attribute().is_some() {
        assert_eq!(verdict.expected(), written.pointer(verdict.pointer()), "{verdict:?}");
    }
    verdict.children().iter().for_each(|verdict| leaves_are_true(verdict, written));
}

fn check(dialect: &Dialect, filter: &Value, notifications: &[Value]) {
    let compiled = Filter::parse(filter.to_string(), dialect.table).expect("a filter");
    let written = compiled.to_string();
    let again = Filter::parse(&written, dialect.table).expect("a filter");
    assert_eq!(again, compiled);
    assert_eq!(again.to_string(), written);
    let written: Value = serde_json::from_str(&written).expect("JSON");
    let never = compiled.lint().iter().any(|warning| warning.pointer().is_empty());
    let mut index = FilterIndex::new();
    index.insert((), &compiled);
    let mut reader = reader(dialect);
    for notification in notifications {
        let mut values = Values::new();
        (dialect.fill)(&mut values, notification);
        assert_reads(&mut reader, notification, &values);
        let wanted = (dialect.matches)(filter, notification);
        assert_eq!(compiled.matches(&values), wanted, "{notification}");
        assert_eq!(again.matches(&values), wanted, "{notification}");
        assert!(!(never && wanted), "{notification}");
        let mut found = Vec::new();
        index.matches_into(&values, &mut found);
        assert_eq!(!found.is_empty(), wanted, "{notification}");
        let explanation = compiled.explain(&values);
        assert_eq!(explanation.is_match(), wanted, "{notification}\n{explanation}");
        let verdicts = explanation.verdicts();
        assert_eq!(verdicts.is_some_and(|all| all.iter().all(Verdict::holds)), wanted);
        verdicts.into_iter().flatten().for_each(|verdict| leaves_are_true(verdict, &written));
    }
}

/// A test of random filters for each dialect.
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
        fn no_dialect_is_left_out() {
            let names = Vec::from_iter(ALL.iter().map(|dialect| dialect.name));
            assert_eq!(names, [$($name),+]);
        }
    };
}

dialects! {
    security_2020: "findface-security-2020",
    security_2019: "findface-security-2019",
    lite: "findface-lite",
    lite_where_realtime_is_all: "findface-lite-realtime-is-all",
    multi: "findface-multi",
    openbiometrics: "openbiometrics",
    faceio: "faceio",
    native: "native",
}

fn random(name: &str) -> impl Strategy<Value = (Value, Vec<Value>)> {
    let dialect = named(name);
    (filter(dialect), vec(notification(dialect), 1..10))
}
