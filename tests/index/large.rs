//! Indexes of thousands of filters. The index divides many filters under one value further, and
//! must still be correct after most of them are removed.

use std::sync::Arc;

use proptest::prelude::*;
use recohook::{Filter, attribute::Values};
use serde_json::{Value, json};

use crate::{
    cases,
    dialects::{NATIVE, PASSAGES},
    model::{Indexed, Pool},
    random::dialect::named,
    workload::{self, Random},
};

/// Returns a number below `bound`, mostly 0 or 1, so that many filters share a value.
fn skewed(random: &mut Random, bound: u64) -> u64 {
    match random.below(3) {
        0 => random.below(bound),
        _ => random.below(2),
    }
}

fn list<T: Into<Value>>(random: &mut Random, most: u64, draw: impl Fn(u64) -> T) -> Value {
    let len = 1 + random.below(most);
    Value::from_iter((0..len).map(|_| draw(skewed(random, 40)).into()))
}

fn tag(at: u64) -> String {
    format!("tag {at}")
}

const DIRECTIONS: [&str; 3] = ["in", "out", "unknown"];

fn key(random: &mut Random) -> (&'static str, Value) {
    let quarter = |random: &mut Random| json!(random.below(5) as f64 / 4.0);
    let direction = DIRECTIONS[random.below(3) as usize];
    let whole = |at: u64| at as i64;
    match random.below(26) {
        0..4 => ("door_in", list(random, 4, whole)),
        4..6 => ("zones_in", list(random, 4, whole)),
        6..8 => ("tags_in", list(random, 4, tag)),
        8..10 => ("badge_in", list(random, 3, tag)),
        10..13 => ("weight_gte", quarter(random)),
        13 => ("weight_lte", quarter(random)),
        14 => ("weight_in", list(random, 3, |at| at as f64 / 4.0)),
        15 => ("granted", random.coin().into()),
        16 => ("granted_exists", random.coin().into()),
        17 => ("direction", direction.into()),
        18 => ("direction_not_in", json!([direction])),
        19 => ("checks", random.coin().into()),
        20 => ("scores_in", list(random, 3, |at| at as f64 / 4.0)),
        21 => ("scores_gte", quarter(random)),
        22 => ("zones_not_in", list(random, 3, whole)),
        23 => ("badge_prefix", "tag 1".into()),
        24 => ("weight_exists", random.coin().into()),
        _ => ("tags_not_in", list(random, 3, tag)),
    }
}

fn keys(random: &mut Random, most: u64) -> Value {
    let many = random.below(most + 1);
    Value::Object((0..many).map(|_| key(random)).map(|(key, value)| (key.into(), value)).collect())
}

fn filter(random: &mut Random) -> Value {
    let mut filter = keys(random, 4);
    match random.below(72) {
        0..3 => filter["any"] = json!([keys(random, 2), keys(random, 2), {"door": 1}]),
        3..6 => filter["any"] = json!([{"zones": random.below(3)}, {"tags": tag(random.below(3))}]),
        6..9 => filter["not"] = json!({"door_in": [1, 2], "granted": true}),
        9 => filter["door_in"] = Value::from_iter(0..511 + random.below(3)),
        10 => filter["zones_in"] = Value::from_iter(0..511 + random.below(3)),
        11 => filter["tags_in"] = (0..600).map(tag).collect(),
        _ => {}
    }
    filter
}

fn values(random: &mut Random) -> Values {
    let mut values = Values::new();
    values.reset(&PASSAGES);
    let at = |name| PASSAGES.expect(name);
    let is_there = |random: &mut Random| random.below(6) > 0;
    let number = |random: &mut Random| match random.below(6) {
        0 => f64::NAN,
        quarters => (quarters - 1) as f64 / 4.0,
    };
    values.bool(at("granted"), is_there(random).then(|| random.coin()));
    let directions = ["in", "out", "unknown", "sideways"];
    values.choice(at("direction"), is_there(random).then(|| directions[random.below(4) as usize]));
    values.number(at("weight"), is_there(random).then(|| number(random)));
    values.int(at("door"), is_there(random).then(|| skewed(random, 40) as i64));
    let badge = is_there(random).then(|| tag(skewed(random, 40)));
    values.text(at("badge"), badge.as_deref());
    let many = |random: &mut Random| 0..random.below(5);
    values.bools(at("checks"), Vec::from_iter(many(random).map(|_| random.coin())));
    values.numbers(at("scores"), Vec::from_iter(many(random).map(|_| number(random))));
    let zones = many(random).map(|_| skewed(random, 40) as i64);
    values.ints(at("zones"), Vec::from_iter(zones));
    values.texts(at("tags"), Vec::from_iter(many(random).map(|_| tag(skewed(random, 40)))));
    assert_eq!(values.error(), None);
    values
}

/// Fills an index, changes it and empties it, and checks its matches between the steps. The first
/// `hot` filters make up half of the insertions.
fn fill_and_empty(pool: Pool, many: usize, hot: usize, random: &mut Random) {
    let pool = Arc::new(pool);
    let mut indexed = Indexed::new(&pool);
    let filters = pool.filters.len() as u64;
    let every = (many / 40).max(1);
    let check = |indexed: &Indexed, step: usize| {
        if step.is_multiple_of(every) {
            (0..8).for_each(|at| drop(indexed.matches(step / every * 8 + at)));
        }
    };
    for step in 0..many {
        let place = if random.coin() { random.below(filters) } else { random.below(hot as u64) };
        // Multiplying by an odd number gives distinct ids of both signs, in no order.
        let id = (step as i64).wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed());
        indexed.insert(id, place as usize);
        check(&indexed, step);
    }
    indexed.check_all();
    let mut ids = Vec::from_iter(indexed.places.keys().copied());
    for step in 0..many / 2 {
        let id = ids[random.below(ids.len() as u64) as usize];
        match random.below(3) {
            0 => indexed.remove(id),
            _ => indexed.insert(id, random.below(filters) as usize),
        }
        check(&indexed, step);
    }
    indexed.check_all();
    for step in 0..ids.len() {
        let id = ids.swap_remove(random.below(ids.len() as u64) as usize);
        indexed.remove(id);
        check(&indexed, step);
    }
    indexed.check_all();
    assert!(indexed.index.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 64, ..ProptestConfig::with_cases(cases(6)) })]

    #[test]
    fn thousands_of_native_filters(seed in any::<u64>(), many in 100..4000_usize, hot in 1..20_usize) {
        let mut random = Random(seed);
        let filters = (0..1000).map(|_| filter(&mut random).to_string());
        let filters = filters.map(|one| Filter::parse(one, &NATIVE).unwrap()).collect();
        let samples = (0..100).map(|_| values(&mut random)).collect();
        fill_and_empty(Pool::new(filters, samples), many, hot, &mut random);
    }

    #[test]
    fn thousands_of_workload_filters(seed in any::<u64>(), many in 100..4000_usize, hot in 1..1000_usize) {
        let table = named("findface-security-2020").table;
        let mut random = Random(workload::FILTERS ^ seed);
        let mut filters = Vec::from_iter((0..500).map(|_| random.filter()));
        filters.extend((0..500).map(|_| random.selective()));
        let filters = filters.iter().map(|one| Filter::parse(one.to_string(), table).unwrap());
        let filters = filters.collect();
        let mut events = Random(workload::EVENTS_SEED ^ seed);
        let samples = (0..100).map(|_| events.event().values()).collect();
        fill_and_empty(Pool::new(filters, samples), many, hot, &mut random);
    }

    /// Many classes in one bucket: different masks, equal bounds, and bounds of different numbers.
    #[test]
    fn all_filters_share_one_value(seed in any::<u64>(), many in 90..3000_usize) {
        let mut random = Random(seed);
        let filters = (0..600).map(|_| {
            let mut filter = keys(&mut random, 5);
            filter["door"] = json!(1);
            Filter::parse(filter.to_string(), &NATIVE).unwrap()
        });
        let filters = filters.collect();
        let samples = (0..100).map(|_| values(&mut random)).collect();
        fill_and_empty(Pool::new(filters, samples), many, 600, &mut random);
    }
}
