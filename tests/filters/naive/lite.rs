//! FindFace Lite.

use serde_json::Value;

use super::{at, at_least, at_most, listed, members, shares_an_id};

pub(crate) fn matches(filter: &Value, event: &Value) -> bool {
    members(filter).all(|(key, wanted)| holds(key, wanted, event))
}

/// Where `realtime` in `bs_type_in` stands for every result.
pub(crate) fn matches_if_realtime_is_all(filter: &Value, event: &Value) -> bool {
    members(filter).all(|(key, wanted)| match key {
        "bs_type_in" if listed(&list(wanted), &"realtime".into()) => !event["bs_type"].is_null(),
        _ => holds(key, wanted, event),
    })
}

fn holds(key: &str, wanted: &Value, event: &Value) -> bool {
    let number = at(event, "/features/license_plate_number");
    match key {
        "type_in" => listed(&list(wanted), &event["type"]),
        "bs_type_in" => listed(&list(wanted), &event["bs_type"]),
        "camera_in" => shares_an_id(&list(wanted), &event["camera"]),
        "card_in" => shares_an_id(&list(wanted), &event["card"]),
        "matched" => event["matched"] == *wanted,
        "license_plate_number" => event["type"] == "car" && number == wanted,
        "license_plate_event_number" => event["type"] == "license_plate" && number == wanted,
        "medmask" | "orientation" | "special_type" | "license_plate_visibility" => {
            let feature = at(event, &format!("/features/{key}"));
            !feature.is_null()
                && members(wanted).all(|(key, wanted)| of_feature(key, wanted, feature))
        }
        _ => {
            let (name, bound) = key.rsplit_once('_').expect("a bound");
            let pointer = match name {
                "confidence" => "/confidence".to_owned(),
                "liveness" => "/features/liveness".to_owned(),
                "yaw" | "pitch" | "roll" => format!("/features/headpose/{name}"),
                _ => panic!("no key {key}"),
            };
            match bound {
                "gte" => at_least(wanted, at(event, &pointer)),
                "lte" => at_most(wanted, at(event, &pointer)),
                _ => panic!("no key {key}"),
            }
        }
    }
}

fn of_feature(key: &str, wanted: &Value, feature: &Value) -> bool {
    match key {
        "name" => listed(&list(wanted), &feature["name"]),
        "confidence_gte" => at_least(wanted, &feature["confidence"]),
        "confidence_lte" => at_most(wanted, &feature["confidence"]),
        _ => panic!("no key {key}"),
    }
}

/// A list as it is, and one value as a list of it.
fn list(wanted: &Value) -> Value {
    match wanted {
        Value::Array(_) => wanted.clone(),
        one => vec![one.clone()].into(),
    }
}
