//! Ids around 64. A row has an exact bit for each id below 64, and a Bloom filter for lists with
//! other ids.

use std::sync::Arc;

use recohook::{Filter, FilterIndex, Notification, attribute::Values, findface::security};
use serde_json::{Value, json};

use crate::{
    dialects::{NATIVE, PASSAGES},
    model::{Indexed, Pool},
};

const BORDER: [i64; 8] = [-1, 0, 1, 62, 63, 64, 127, i64::MAX];

/// Returns filters with lists of ids around 64, alone and with other tests that the index may
/// choose as the access.
fn filters() -> Vec<Filter> {
    let (all, more) = (Vec::from_iter(0..64), Vec::from_iter(0..65));
    let mut sets: Vec<Value> = BORDER.iter().map(|id| json!([id])).collect();
    sets.extend([json!([62, 63]), json!([63, 64]), json!([-1, 0]), json!(all), json!(more)]);
    let combinations = |set: &Value| {
        [
            json!({"door_in": set}),
            json!({"zones_in": set}),
            json!({"badge": "a", "door_in": set}),
            json!({"badge": "a", "zones_in": set}),
            json!({"tags_in": ["a", "b"], "door_in": set, "weight_gte": 0.5}),
            json!({"door_in": [0, 62, 63, 64, 127], "zones_in": set}),
            json!({"zones_in": [1, 63, 64], "door_in": set, "granted": true}),
            json!({"zones_in": [500, 501], "door_in": set, "badge": "a"}),
        ]
    };
    let filters = sets.iter().flat_map(combinations);
    filters.map(|filter| Filter::parse(filter.to_string(), &NATIVE).unwrap()).collect()
}

fn samples() -> Vec<Values> {
    let doors = BORDER.iter().map(|id| Some(*id)).chain([None]);
    let samples = doors.flat_map(|door| {
        BORDER.iter().map(move |zone| {
            let mut values = Values::new();
            values.reset(&PASSAGES);
            values.int(PASSAGES.expect("door"), door);
            values.ints(
                PASSAGES.expect("zones"),
                [*zone, 63, 1, *zone].into_iter().skip((zone % 4) as usize % 3),
            );
            values.text(PASSAGES.expect("badge"), (*zone != 62).then_some("a"));
            values.texts(PASSAGES.expect("tags"), ["b", "a"]);
            values.bool(PASSAGES.expect("granted"), *zone != 127);
            values.number(PASSAGES.expect("weight"), if *zone == 1 { 0.25 } else { 0.75 });
            values
        })
    });
    samples.collect()
}

#[test]
fn ids_around_64_are_not_confused() {
    let filters = filters();
    let len = filters.len() as i64;
    let mut index = Indexed::new(&Arc::new(Pool::new(filters, samples())));
    (0..len).for_each(|id| index.insert(id, id as usize));
    index.check_all();
    // Enough filters for several lists of rows in a bucket, and for classes.
    (0..2000).for_each(|id| index.insert(id, id as usize));
    index.check_all();
    (0..2000).filter(|id| id % 7 != 0).for_each(|id| index.remove(id));
    index.check_all();
}

/// The filter has more ids than a leaf of the trie holds, and their hashes begin with the same
/// bits.
#[test]
fn ids_whose_hashes_begin_with_the_same_bits() {
    let ids = [
        7, 20, 57, 75, 101, 124, 139, 145, 146, 163, 189, 205, 211, 214, 219, 230, 238, 241, 246,
        247, 255, 267, 274, 300, 323,
    ];
    let text = format!(r#"{{"events": {{"camera_in": {ids:?}}}}}"#);
    let filter = Filter::parse(text, &security::FILTERS).unwrap();
    let mut index = FilterIndex::new();
    index.insert(0, &filter);
    let mut values = Values::new();
    for camera in 0..400 {
        let event = security::Event::new("1").camera(camera);
        values.reset(event.schema());
        event.attributes(&mut values);
        let mut found = Vec::new();
        index.matches_into(&values, &mut found);
        assert_eq!(!found.is_empty(), ids.contains(&camera), "camera {camera}");
    }
    assert!(index.remove(&0));
}
