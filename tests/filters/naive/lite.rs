//! FindFace Lite.

use serde_json::Value;

use super::{at, at_least, at_most, listed, members, shares_an_id};

pub(crate) fn matches(filter: &Value, event: &Value) -> bool {
    members(filter).all(|(key, expected)| holds(key, expected, event))
}

/// Evaluates a filter in which `realtime` in `bs_type_in` means every event.
pub(crate) fn matches_if_realtime_is_all(filter: &Value, event: &Value) -> bool {
    members(filter).all(|(key, expected)| match key {
        "bs_type_in" if listed(&list(expected), &"realtime".into()) => !event["bs_type"].is_null(),
        _ => holds(key, expected, event),
    })
}

fn holds(key: &str, expected: &Value, event: &Value) -> bool {
    let number = at(event, "/features/license_plate_number");
    match key {
        "type_in" => listed(&list(expected), &event["type"]),
        "bs_type_in" => listed(&list(expected), &event["bs_type"]),
        "camera_in" => shares_an_id(&list(expected), &event["camera"]),
        "card_in" => shares_an_id(&list(expected), &event["card"]),
        "matched" => event["matched"] == *expected,
        "license_plate_number" => event["type"] == "car" && number == expected,
        "license_plate_event_number" => event["type"] == "license_plate" && number == expected,
        "medmask" | "orientation" | "special_type" | "license_plate_visibility" => {
            let feature = at(event, &format!("/features/{key}"));
            !feature.is_null()
                && members(expected).all(|(key, expected)| feature_holds(key, expected, feature))
        }
        _ => {
            let (name, bound) = key.rsplit_once('_').expect("the key should have a bound");
            let pointer = match name {
                "confidence" => "/confidence".to_owned(),
                "liveness" => "/features/liveness".to_owned(),
                "yaw" | "pitch" | "roll" => format!("/features/headpose/{name}"),
                _ => panic!("unknown key {key}"),
            };
            match bound {
                "gte" => at_least(expected, at(event, &pointer)),
                "lte" => at_most(expected, at(event, &pointer)),
                _ => panic!("unknown key {key}"),
            }
        }
    }
}

fn feature_holds(key: &str, expected: &Value, feature: &Value) -> bool {
    match key {
        "name" => listed(&list(expected), &feature["name"]),
        "confidence_gte" => at_least(expected, &feature["confidence"]),
        "confidence_lte" => at_most(expected, &feature["confidence"]),
        _ => panic!("unknown key {key}"),
    }
}

/// Returns a list as it is, and makes a list of a single value.
fn list(expected: &Value) -> Value {
    match expected {
        Value::Array(_) => expected.clone(),
        one => vec![one.clone()].into(),
    }
}
