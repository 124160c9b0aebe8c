//! Random filters of every table are inserted and removed, and matched against random
//! notifications.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*, sample::select};
use recohook::{Filter, attribute::Values};
use serde_json::Value;

use crate::{
    cases,
    dialects::{ALL, Dialect},
    model::{Indexed, Pool},
    random::{
        dialect::{filter, named, notification},
        native,
    },
    workload::{self, Random},
};

/// A step on one of the indexes, which it names by number.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Insert(usize, i64, usize),
    Remove(usize, i64),
    /// Replaces the second index by a copy of the first.
    Copy(usize, usize),
    Match(usize, usize),
}

const INDEXES: usize = 3;

/// Returns ids from a small range, so that they are often replaced and removed, and the least and
/// the greatest ids.
fn id() -> BoxedStrategy<i64> {
    prop_oneof![4 => -20..20_i64, 1 => select(vec![i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX])]
        .boxed()
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..INDEXES, id(), 0..1000_usize).prop_map(|(at, id, place)| Step::Insert(at, id, place)),
        4 => (0..INDEXES, id()).prop_map(|(at, id)| Step::Remove(at, id)),
        1 => (0..INDEXES, 0..INDEXES).prop_map(|(from, to)| Step::Copy(from, to)),
        24 => (0..INDEXES, 0..1000_usize).prop_map(|(at, values)| Step::Match(at, values)),
    ];
    vec(step, 1..600)
}

/// Performs the steps, and then removes everything that is left.
pub(crate) fn walk(pool: Pool, steps: Vec<Step>) {
    let mut indexes = vec![Indexed::new(&Arc::new(pool)); INDEXES];
    for step in steps {
        match step {
            Step::Insert(at, id, place) => indexes[at].insert(id, place),
            Step::Remove(at, id) => indexes[at].remove(id),
            Step::Copy(from, to) => indexes[to] = indexes[from].clone(),
            Step::Match(at, values) => drop(indexes[at].matches(values)),
        }
    }
    indexes.iter().for_each(Indexed::check_all);
    for indexed in &mut indexes {
        for id in Vec::from_iter(indexed.places.keys().copied()) {
            indexed.remove(id);
            indexed.matches(id.unsigned_abs() as usize);
        }
        indexed.check_all();
    }
}

/// Returns a pool of one table's filters, after comparing their matches with the naive evaluator.
fn pool(dialect: &Dialect, filters: &[Value], notifications: &[Value]) -> Pool {
    let parsed = filters.iter().map(|one| Filter::parse(one.to_string(), dialect.table).unwrap());
    let samples = notifications.iter().map(|notification| {
        let mut values = Values::new();
        (dialect.fill)(&mut values, notification);
        values
    });
    let pool = Pool::new(parsed.collect(), samples.collect());
    for (filter, compiled) in filters.iter().zip(&pool.filters) {
        for (notification, values) in notifications.iter().zip(&pool.samples) {
            let wanted = (dialect.matches)(filter, notification);
            assert_eq!(compiled.matches(values), wanted, "{filter} on {notification}");
        }
    }
    pool
}

macro_rules! dialects {
    ($($test:ident: $name:literal,)+) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(cases(24)))]
            $(
                #[test]
                fn $test(
                    filters in vec(filter(named($name)), 1..30),
                    notifications in vec(notification(named($name)), 1..40),
                    steps in steps(),
                ) {
                    walk(pool(named($name), &filters, &notifications), steps);
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
    lite_with_realtime_as_all: "findface-lite-realtime-is-all",
    multi: "findface-multi",
    openbiometrics: "openbiometrics",
    faceio: "faceio",
    native_keys: "native",
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(40)))]

    #[test]
    fn native_nested_clauses(
        filters in vec(native::filter(), 1..30),
        passages in vec(native::attributes(), 1..40),
        steps in steps(),
    ) {
        walk(pool(named("native"), &filters, &passages), steps);
    }

    #[test]
    fn workload_of_the_benches(seed in any::<u64>(), steps in steps()) {
        let table = named("findface-security-2020").table;
        let mut random = Random(workload::FILTERS ^ seed);
        let spec = Vec::from_iter((0..20).map(|_| random.filter()));
        let selective = (0..20).map(|_| random.selective());
        let filters = spec.into_iter().chain(Vec::from_iter(selective));
        let filters = filters.map(|one| Filter::parse(one.to_string(), table).unwrap()).collect();
        let mut random = Random(workload::EVENTS_SEED ^ seed);
        let samples = (0..40).map(|_| random.event().values()).collect();
        walk(Pool::new(filters, samples), steps);
    }

    #[test]
    fn the_same_changes_give_the_same_order(
        filters in vec(native::filter(), 1..30),
        passages in vec(native::attributes(), 1..10),
        changes in vec((id(), proptest::option::weighted(0.8, 0..1000_usize)), 1..400),
    ) {
        let pool = Arc::new(pool(named("native"), &filters, &passages));
        let mut twins = [Indexed::new(&pool), Indexed::new(&pool)];
        for (id, place) in changes {
            for one in &mut twins {
                match place {
                    Some(place) => one.insert(id, place),
                    None => one.remove(id),
                }
            }
        }
        let copy = twins[0].clone();
        for at in 0..pool.samples.len() {
            let order = twins[0].matches(at);
            prop_assert_eq!(&twins[1].matches(at), &order);
            prop_assert_eq!(&copy.matches(at), &order);
        }
    }
}
