//! Matching allocates nothing once its buffers have grown, and neither does publishing a
//! notification that no webhook matches.

use recohook::{
    FailureKind, Filter, FilterIndex, Notifier, Transport, Webhook, async_trait,
    attribute::Values,
    bytes::Bytes,
    clock::ThreadClock,
    findface::security::{self, Event},
    http::{Request, Response},
    transport::{Body, Context, TransportError},
};
use serde_json::json;

use crate::dialects::{ALL, NATIVE, PASSAGES};

#[test]
fn a_warm_match_with_every_kind_of_test_allocates_nothing() {
    let filters = [
        json!({"badge_in": ["a", "b"], "tags_in": ["a", "b", "c"]}),
        json!({"tags_in": ["a", "b", "c"], "checks": true, "scores_gte": 0.5}),
        json!({"badge_prefix": ["a", "bc"], "tags_not_in": ["x"]}),
        json!({"any": [{"door_in": [1, 2]}, {"zones_in": [1, 2]}, {"tags": "a"}]}),
        json!({"any": [{"all": [{"door_gte": 1}]}, {"granted": true}], "not": {"badge": "x"}}),
        json!({"not": {"any": [{"door": 2}, {"not": {"zones": 1}}]}}),
        json!({"weight_gte": 0.5, "weight_in": [0.5, 1.0], "direction": "in"}),
        json!({"zones_in": [1, 2, 3], "scores_in": [0.5], "granted_exists": true}),
        json!({}),
    ];
    let filters = filters.map(|filter| Filter::parse(filter.to_string(), &NATIVE).unwrap());
    let mut index = FilterIndex::new();
    for id in 0..2000 {
        index.insert(id, &filters[id % filters.len()]);
    }
    let mut values = Values::new();
    values.reset(&PASSAGES);
    values.bool(PASSAGES.expect("granted"), true);
    values.choice(PASSAGES.expect("direction"), "in");
    values.number(PASSAGES.expect("weight"), 0.5);
    values.int(PASSAGES.expect("door"), 1);
    values.text(PASSAGES.expect("badge"), "a");
    values.bools(PASSAGES.expect("checks"), [false, true, true]);
    values.numbers(PASSAGES.expect("scores"), [0.5, 0.5, f64::NAN]);
    values.ints(PASSAGES.expect("zones"), [2, 1, 1]);
    values.texts(PASSAGES.expect("tags"), ["c", "c", "a"]);
    let mut wanted = Vec::new();
    index.matches_into(&values, &mut wanted);
    assert_eq!(wanted.len(), 2000, "all filters must match");
    let allocations = allocation_counter::measure(|| {
        for _ in 0..10 {
            wanted.clear();
            index.matches_into(&values, &mut wanted);
        }
    });
    assert_eq!(wanted.len(), 2000);
    assert_eq!(allocations.count_total, 0);
}

#[test]
fn a_warm_match_of_findface_filters_allocates_nothing() {
    let long = Vec::from_iter(0..500);
    let filters = [
        json!({}),
        json!({"events": {"camera_in": long, "matched_lists_in": [1, 2, 3], "matched": true}}),
        json!({"events": {"confidence_gte": 0.5, "allowed_bs_types": ["overall"]}}),
        json!({"counters": {"faces_gte": 1, "silhouettes_lte": 9, "counter_in": [1]}}),
    ];
    let filters =
        filters.map(|filter| Filter::parse(filter.to_string(), &security::FILTERS).unwrap());
    let mut index = FilterIndex::new();
    for (id, filter) in filters.iter().enumerate() {
        index.insert(id, filter);
    }
    let event = json!({
        "webhook_type": "events", "id": "42", "bs_type": "overall", "camera": 499, "camera_group": null,
        "matched_lists": [7, 3], "matched": true, "confidence": 0.5, "matched_dossier": 1,
    });
    let mut values = Values::new();
    let dialect = ALL.iter().find(|one| one.name == "findface-security-2020").unwrap();
    (dialect.fill)(&mut values, &event);
    let mut wanted = Vec::new();
    index.matches_into(&values, &mut wanted);
    wanted.sort_unstable();
    assert_eq!(wanted, [0, 1, 2]);

    let mut matching = 0;
    let allocations = allocation_counter::measure(|| {
        for _ in 0..100 {
            wanted.clear();
            index.matches_into(&values, &mut wanted);
            matching += filters.iter().filter(|filter| filter.matches(&values)).count();
        }
    });
    assert_eq!(matching, 300);
    assert_eq!(allocations.count_total, 0);
}

/// A transport that never connects.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request<Bytes>, _: &Context) -> Result<Response<Body>, TransportError> {
        Err(FailureKind::Connect.into())
    }
}

#[test]
fn publishing_an_unmatched_notification_allocates_nothing() {
    let notifier = Notifier::new(Nowhere, ThreadClock::new());
    for camera in 0..5000 {
        let filter = match camera % 3 {
            0 => json!({"events": {"camera_in": [camera, camera + 1], "matched": true}}),
            1 => json!({"events": {"matched_lists_in": [camera], "confidence_gte": 0.5}}),
            _ => json!({"counters": {"faces_gte": 1}, "episodes": {"camera_in": [1]}}),
        };
        let filter = Filter::parse(filter.to_string(), &security::FILTERS).unwrap();
        notifier.insert(camera, Webhook::new("http://127.0.0.1:9/", filter).unwrap()).unwrap();
    }
    let event = Event::new("42").camera(7000).matched_lists([6000, 6001]).confidence(0.75);
    let publish = || notifier.publish(&event).unwrap().matched;
    assert_eq!(publish(), 0);
    let allocations = allocation_counter::measure(|| {
        for _ in 0..100 {
            assert_eq!(publish(), 0);
        }
    });
    assert_eq!(allocations.count_total, 0);
    // Other events do match, so the index had filters to test.
    assert!(notifier.publish(&event.camera(3).matched(true)).unwrap().matched > 0);
}
