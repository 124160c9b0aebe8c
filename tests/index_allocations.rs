//! Matching allocates nothing once records and buffers are warm.

mod security;

use recohook::{Filter, FilterIndex, attribute::Record, findface::security::FILTERS};
use serde_json::json;

#[test]
fn a_warm_match_allocates_nothing() {
    let long = Vec::from_iter(0..500);
    let filters = [
        json!({}),
        json!({"events": {"camera_in": long, "matched_lists_in": [1, 2, 3], "matched": true}}),
        json!({"events": {"confidence_gte": 0.5, "allowed_bs_types": ["overall"]}}),
        json!({"counters": {"faces_gte": 1, "silhouettes_lte": 9, "counter_in": [1]}}),
    ];
    let filters = filters.map(|filter| Filter::parse(filter.to_string(), &FILTERS).unwrap());
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }
    let event = json!({
        "webhook_type": "events", "id": "42", "bs_type": "overall", "camera": 499, "camera_group": null,
        "matched_lists": [7, 3], "matched": true, "confidence": 0.5, "matched_dossier": 1,
    });
    let mut record = Record::new();
    security::fill(&mut record, &event);
    let mut wanted = Vec::new();
    index.matches_into(&record, &mut wanted);
    wanted.sort_unstable();
    assert_eq!(wanted, [0, 1, 2]);

    let mut matching = 0;
    let allocations = allocation_counter::measure(|| {
        for _ in 0..100 {
            wanted.clear();
            index.matches_into(&record, &mut wanted);
            matching += filters.iter().filter(|filter| filter.matches(&record)).count();
        }
    });
    assert_eq!(matching, 300);
    assert_eq!(allocations.count_total, 0);
}
