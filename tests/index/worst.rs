//! Filters for which a careless index would need very much memory or time. The tests assert matches
//! and bytes. They also print times, which `--nocapture` shows; use a release build.

use std::time::Instant;

use recohook::{
    Filter, FilterIndex,
    attribute::Values,
    filter::Table,
    findface::{lite, security::FILTERS},
};
use serde_json::{Value, json};

use crate::{
    dialects::{ALL, NATIVE, PASSAGES},
    workload::Random,
};

/// Returns a smaller number in a build that is not optimised.
const fn scaled(many: usize) -> usize {
    if cfg!(debug_assertions) { many / 20 } else { many }
}

fn parse(filter: &Value, table: &'static Table) -> Filter {
    Filter::parse(filter.to_string(), table).unwrap()
}

/// Inserts all filters, matches one notification, replaces some filters, and removes all in a
/// random order. Prints how long each took, and returns the most bytes that were allocated during
/// the insertions.
fn measure_lifecycle(name: &str, filters: &[Filter], values: &Values) -> u64 {
    let mut index = FilterIndex::new();
    let timed = |what: &str, times: usize, act: &mut dyn FnMut()| {
        let begin = Instant::now();
        act();
        println!("{name}: {what}: {:?} each", begin.elapsed() / times as u32);
    };
    let memory = allocation_counter::measure(|| {
        timed("insert", filters.len(), &mut || {
            for (id, filter) in filters.iter().enumerate() {
                index.insert(id, filter);
            }
        });
    });
    println!("{name}: {} bytes per filter", memory.bytes_current / filters.len() as i64);
    let wanted = filters.iter().filter(|filter| filter.matches(values)).count();
    let mut found = Vec::new();
    index.matches_into(values, &mut found);
    assert_eq!(found.len(), wanted);
    timed("match", 10, &mut || {
        for _ in 0..10 {
            found.clear();
            index.matches_into(values, &mut found);
        }
    });
    println!("{name}: {wanted} match");
    let mut ids = Vec::from_iter(0..filters.len());
    let mut random = Random(0x5EED);
    timed("change while a snapshot is held", 20, &mut || {
        for _ in 0..20 {
            let snapshot = index.clone();
            let id = random.below(filters.len() as u64) as usize;
            index.insert(id, &filters[id]);
            assert_eq!(snapshot.len(), index.len());
        }
    });
    timed("remove", filters.len(), &mut || {
        while !ids.is_empty() {
            let id = ids.swap_remove(random.below(ids.len() as u64) as usize);
            assert!(index.remove(&id));
        }
    });
    assert!(index.is_empty());
    found.clear();
    index.matches_into(values, &mut found);
    assert!(found.is_empty());
    memory.bytes_max
}

fn passage(door: i64, zones: &[i64]) -> Values {
    let mut values = Values::new();
    values.reset(&PASSAGES);
    values.int(PASSAGES.expect("door"), door);
    values.ints(PASSAGES.expect("zones"), zones.iter().copied());
    values
}

#[test]
fn all_filters_share_one_value() {
    let mut random = Random(1);
    let many = scaled(50_000);
    let filters = (0..many).map(|_| {
        let mut keys = json!({"door": 1});
        if random.coin() {
            keys["weight_gte"] = json!(random.below(1000) as f64);
        }
        if random.coin() {
            keys["zones_in"] = json!([random.below(3)]);
        }
        parse(&keys, &NATIVE)
    });
    let bytes = measure_lifecycle("one value", &Vec::from_iter(filters), &passage(1, &[1, 2]));
    assert!(bytes < many as u64 * 1000, "{bytes} bytes");
}

#[test]
fn each_filter_has_a_different_mask() {
    let lite =
        ALL.iter().find(|dialect| dialect.name == "findface-lite").expect("the dialect exists");
    let names = [
        "not_special",
        "police",
        "ambulance",
        "road_service",
        "gas_service",
        "rescue_service",
        "other_special",
        "taxi",
        "route_transport",
        "car_sharing",
        "military",
    ];
    let masks = ["none", "correct", "incorrect"];
    let subset = |names: &[&str], bits: usize| {
        let chosen = names.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
        Value::from_iter(chosen.map(|(_, name)| *name))
    };
    let many = scaled(20_000);
    // Each filter has a subset of each list of names that is neither empty nor complete. There are
    // 2,046 times 6 combinations, each with `matched` and without.
    let filters = (0..many).map(|at| {
        let mut keys = json!({
            "special_type": {"name": subset(&names, 1 + at % 2046)},
            "medmask": {"name": subset(&masks, 1 + at / 2046 % 6)},
        });
        if at / 2046 / 6 > 0 {
            keys["matched"] = true.into();
        }
        parse(&keys, &lite::FILTERS)
    });
    let event = json!({
        "id": "42", "type": "car", "matched": true,
        "features": {
            "special_type": {"name": "taxi", "confidence": 0.5},
            "medmask": {"name": "none", "confidence": 0.5},
        },
    });
    let mut values = Values::new();
    (lite.fill)(&mut values, &event);
    let bytes = measure_lifecycle("masks", &Vec::from_iter(filters), &values);
    assert!(bytes < many as u64 * 1000, "{bytes} bytes");
}

/// Measures filters with lists of 512 values, and asserts that enough of them match.
fn long_lists(name: &str, of_filter: impl Fn(&[u64]) -> Value, least_matches: usize) {
    let mut random = Random(2);
    let many = scaled(5000);
    let filters = Vec::from_iter((0..many).map(|_| {
        let values = Vec::from_iter((0..512).map(|_| random.below(20_000)));
        parse(&of_filter(&values), &NATIVE)
    }));
    let values = passage(7, &[7, 8, 9, 7]);
    let wanted = filters.iter().filter(|filter| filter.matches(&values)).count();
    assert!(wanted >= least_matches, "only {wanted} match");
    let bytes = measure_lifecycle(name, &filters, &values);
    // The index files the filter under each of its values.
    assert!(bytes < many as u64 * 512 * 128, "{bytes} bytes");
}

#[test]
fn long_lists_on_a_single_valued_attribute() {
    long_lists("512 doors", |values| json!({"door_in": values}), 1);
}

#[test]
fn long_lists_on_a_list_attribute() {
    long_lists("512 zones", |values| json!({"zones_in": values}), 1);
}

#[test]
fn two_long_lists_in_each_filter() {
    long_lists("512 doors and zones", |all| json!({"door_in": all, "zones_in": all}), 1);
}

#[test]
fn long_lists_of_texts() {
    let texts = |values: &[u64]| Vec::from_iter(values.iter().map(|value| format!("tag {value}")));
    long_lists("512 tags", |values| json!({"tags_in": texts(values), "zones_in": values}), 0);
}

#[test]
fn one_filter_under_many_ids() {
    let filter =
        json!({"events": {"camera_in": [1, 2, 3], "matched": true, "confidence_gte": 0.5}});
    let filters = vec![parse(&filter, &FILTERS); scaled(20_000)];
    let security =
        ALL.iter().find(|one| one.name == "findface-security-2020").expect("the dialect exists");
    let event = json!({
        "id": "42", "webhook_type": "events", "camera": 2, "matched": true, "confidence": 0.5,
    });
    let mut values = Values::new();
    (security.fill)(&mut values, &event);
    let bytes = measure_lifecycle("one filter", &filters, &values);
    assert!(bytes < filters.len() as u64 * 1000, "{bytes} bytes");
}

/// A change in a large bucket does not copy the whole bucket, even while a snapshot is held.
#[test]
fn a_change_copies_little() {
    let filters = [json!({"door": 1, "weight_gte": 0.5}), json!({"door": 1})];
    let filters = filters.map(|filter| parse(&filter, &NATIVE));
    let mut index = FilterIndex::new();
    (0..20_000).for_each(|id| index.insert(id, &filters[id % 2]));
    for id in 0..20 {
        let snapshot = index.clone();
        let change = allocation_counter::measure(|| index.insert(id * 999, &filters[id % 2]));
        assert_eq!(snapshot.len(), index.len());
        assert!(change.bytes_total < 64 * 1024, "{} bytes", change.bytes_total);
    }
}

/// A search looks up each member of a list once. It does not compare all pairs of members.
#[test]
fn a_list_of_very_many_members() {
    let filters = [
        json!({"zones_in": [3, 5, 299_999]}),
        json!({"zones": 7}),
        json!({"zones_in": [-1, -2]}),
        json!({"tags_in": ["tag 3", "tag 99999"]}),
        json!({"any": [{"zones": 11}, {"tags": "tag 1"}, {"door": 1}]}),
        json!({"tags": "none"}),
    ];
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, &parse(filter, &NATIVE));
    }
    let mut values = Values::new();
    values.reset(&PASSAGES);
    values.ints(PASSAGES.expect("zones"), (0..300_000).chain([3, 7]));
    values.texts(PASSAGES.expect("tags"), (0..100_000).map(|i| format!("tag {i}")));
    let mut wanted = vec![9];
    index.matches_into(&values, &mut wanted);
    wanted.sort_unstable();
    assert_eq!(wanted, [0, 1, 3, 4, 9]);
}

#[test]
fn a_member_that_is_repeated_very_often() {
    let mut index = FilterIndex::new();
    let one = parse(&json!({"zones": 1, "tags": "a"}), &NATIVE);
    let other = parse(&json!({"zones": 1}), &NATIVE);
    let third = parse(&json!({"tags": "a"}), &NATIVE);
    for id in 0..3000_u32 {
        index.insert(id, [&one, &other, &third][id as usize % 3]);
    }
    let mut values = Values::new();
    values.reset(&PASSAGES);
    values.ints(PASSAGES.expect("zones"), std::iter::repeat_n(1, 100_000));
    values.texts(PASSAGES.expect("tags"), std::iter::repeat_n("a", 10_000));
    assert_few_bytes(&index, &values, 3000);
}

#[test]
fn many_members_that_each_find_the_same_filters() {
    let many = scaled(10_000) as u32;
    let filter = parse(&json!({"zones_in": Vec::from_iter(0..500)}), &NATIVE);
    let mut index = FilterIndex::new();
    (0..many).for_each(|id| index.insert(id, &filter));
    assert_few_bytes(&index, &passage(1, &Vec::from_iter(0..500)), many as usize);
}

/// Asserts that a search allocates only a few times the memory of its result.
fn assert_few_bytes(index: &FilterIndex<u32>, values: &Values, matching: usize) {
    let mut wanted = Vec::new();
    let memory = allocation_counter::measure(|| index.matches_into(values, &mut wanted));
    assert_eq!(wanted.len(), matching);
    let bytes = memory.bytes_max;
    assert!(bytes < 64 * 1024 + 64 * matching as u64, "{bytes} bytes");
}
