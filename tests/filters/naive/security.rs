//! FindFace Security 2020.

use serde_json::Value;

use super::{at_least, at_most, listed, shares_an_id};

/// Whether `filter` wants `notification`.
pub(crate) fn matches(filter: &Value, notification: &Value) -> bool {
    let sections = filter.as_object().expect("a filter is an object");
    if sections.is_empty() {
        return true;
    }
    let topic = notification["webhook_type"].as_str().expect("a notification tells its section");
    match sections.get(topic) {
        None => false,
        Some(keys) => keys
            .as_object()
            .expect("a section is an object")
            .iter()
            .all(|(key, wanted)| holds(topic, key, wanted, notification)),
    }
}

fn holds(topic: &str, key: &str, wanted: &Value, notification: &Value) -> bool {
    // A missing field reads as null here.
    let field = |name: &str| &notification[name];
    match (topic, key) {
        ("events", "allowed_bs_types") => listed(wanted, field("bs_type")),
        ("episodes", "allowed_types") => listed(wanted, field("event_type")),
        ("episodes", "camera_in") => shares_an_id(wanted, field("cameras")),
        ("episodes", "camera_group_in") => shares_an_id(wanted, field("camera_groups")),
        ("counters", "counter_in") => shares_an_id(wanted, field("counter")),
        (_, "camera_in") => shares_an_id(wanted, field("camera")),
        (_, "camera_group_in") => shares_an_id(wanted, field("camera_group")),
        (_, "matched_lists_in") => shares_an_id(wanted, field("matched_lists")),
        ("events", "matched_dossier_in") => shares_an_id(wanted, field("matched_dossier")),
        ("events", "matched") => field("matched") == wanted,
        ("episodes", "matched") => !field("matched_event").is_null() == *wanted,
        ("events", "confidence_gte") => at_least(wanted, field("confidence")),
        ("episodes", "events_count_gte") => at_least(wanted, field("events_count")),
        ("episodes", "events_count_lte") => at_most(wanted, field("events_count")),
        ("counters", "faces_gte") => at_least(wanted, field("faces_count")),
        ("counters", "faces_lte") => at_most(wanted, field("faces_count")),
        ("counters", "silhouettes_gte") => at_least(wanted, field("silhouettes_count")),
        ("counters", "silhouettes_lte") => at_most(wanted, field("silhouettes_count")),
        _ => panic!("{topic} has no key {key}"),
    }
}
