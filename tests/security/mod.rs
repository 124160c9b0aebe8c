//! Records of FindFace Security 2020 notifications, from their JSON.

use recohook::{
    attribute::{AttributeId, Record, Schema},
    findface::security::{COUNTERS, EPISODES, EVENTS},
};
use serde_json::Value;

/// Fills `record` with what filters test of `notification`.
pub(crate) fn fill(record: &mut Record, notification: &Value) {
    let schema: &'static Schema = match notification["webhook_type"].as_str() {
        Some("events") => &EVENTS,
        Some("episodes") => &EPISODES,
        Some("counters") => &COUNTERS,
        other => panic!("no section {other:?}"),
    };
    record.reset(schema);
    for attribute in schema.attributes() {
        let id = schema.expect(attribute.name());
        set(record, id, attribute.name(), schema, notification);
    }
    assert_eq!(record.mistake(), None);
}

fn set(record: &mut Record, id: AttributeId, name: &str, schema: &Schema, body: &Value) {
    let value = &body[name];
    match name {
        "matched" if *schema == EPISODES => record.bool(id, !body["matched_event"].is_null()),
        "matched" => record.bool(id, value.as_bool()),
        "bs_type" | "event_type" => record.choice(id, value.as_str()),
        "confidence" | "events_count" | "faces_count" | "silhouettes_count" => {
            record.number(id, value.as_f64());
        }
        "matched_lists" | "cameras" | "camera_groups" => {
            record.ints(id, value.as_array().into_iter().flatten().filter_map(entity_id));
        }
        _ => record.int(id, entity_id(value)),
    }
}

/// The id that stands there, or that of the entity that stands there.
fn entity_id(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value["id"].as_i64())
}
