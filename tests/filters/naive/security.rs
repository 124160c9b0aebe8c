//! FindFace Security 2020.

use serde_json::Value;

use super::{at_least, at_most, listed, refers, shares_an_id};

/// Returns `true` if `filter` matches `notification`.
pub(crate) fn matches(filter: &Value, notification: &Value) -> bool {
    let sections = filter.as_object().expect("a filter should be an object");
    if sections.is_empty() {
        return true;
    }
    let topic = notification["webhook_type"].as_str().expect("`webhook_type` should be a text");
    match sections.get(topic) {
        None => false,
        Some(keys) => keys
            .as_object()
            .expect("a section should be an object")
            .iter()
            .all(|(key, expected)| holds(topic, key, expected, notification)),
    }
}

fn holds(topic: &str, key: &str, expected: &Value, notification: &Value) -> bool {
    // Indexing a `Value` returns null for a missing field.
    let field = |name: &str| &notification[name];
    match (topic, key) {
        ("events", "allowed_bs_types") => listed(expected, field("bs_type")),
        ("episodes", "allowed_types") => listed(expected, field("event_type")),
        ("episodes", "camera_in") => shares_an_id(expected, field("cameras")),
        ("episodes", "camera_group_in") => shares_an_id(expected, field("camera_groups")),
        ("counters", "counter_in") => shares_an_id(expected, field("counter")),
        (_, "camera_in") => shares_an_id(expected, field("camera")),
        (_, "camera_group_in") => shares_an_id(expected, field("camera_group")),
        (_, "matched_lists_in") => shares_an_id(expected, field("matched_lists")),
        ("events", "matched_dossier_in") => shares_an_id(expected, field("matched_dossier")),
        ("events", "matched") => field("matched") == expected,
        ("episodes", "matched") => refers(field("matched_event")) == *expected,
        ("events", "confidence_gte") => at_least(expected, field("confidence")),
        ("episodes", "events_count_gte") => at_least(expected, field("events_count")),
        ("episodes", "events_count_lte") => at_most(expected, field("events_count")),
        ("counters", "faces_gte") => at_least(expected, field("faces_count")),
        ("counters", "faces_lte") => at_most(expected, field("faces_count")),
        ("counters", "silhouettes_gte") => at_least(expected, field("silhouettes_count")),
        ("counters", "silhouettes_lte") => at_most(expected, field("silhouettes_count")),
        _ => panic!("unknown key {key} in {topic}"),
    }
}
