//! FindFace Multi.

use serde_json::Value;

use super::{at, at_least, at_most, listed, members, refers, shares_an_id};

pub(crate) fn matches(filter: &Value, notification: &Value) -> bool {
    let section = notification["webhook_type"].as_str().expect("`webhook_type` should be a text");
    let keys = &filter[section];
    if members(filter).next().is_none() {
        return true;
    }
    !keys.is_null()
        && members(keys).all(|(key, expected)| holds(section, key, expected, notification))
}

fn holds(section: &str, key: &str, expected: &Value, notification: &Value) -> bool {
    let episode = matches!(section, "human_episodes" | "car_episodes");
    let field = |name: &str| &notification[name];
    match key {
        "allowed_bs_types" => listed(expected, field("bs_type")),
        "allowed_types" => listed(expected, field("event_type")),
        "camera_in" if episode => shares_an_id(expected, field("cameras")),
        "camera_group_in" if episode => shares_an_id(expected, field("camera_groups")),
        "camera_in" | "camera_group_in" | "counter_in" | "area_in" | "matched_card_in" => {
            shares_an_id(expected, field(key.trim_end_matches("_in")))
        }
        "matched_lists_in" => shares_an_id(expected, field("matched_lists")),
        "matched" => field("matched") == expected,
        "face_matched" => refers(field("matched_face_event")) == *expected,
        "body_matched" => refers(field("matched_body_event")) == *expected,
        "car_matched" => refers(field("matched_car_event")) == *expected,
        "confidence_gte" => at_least(expected, field("confidence")),
        "temperature_gte" => at_least(expected, field("temperature")),
        "events_count_gte" => at_least(expected, field("events_count")),
        "events_count_lte" => at_most(expected, field("events_count")),
        _ if section == "counters" => counts(key, expected, notification),
        _ => feature(key, expected, notification),
    }
}

fn counts(key: &str, expected: &Value, record: &Value) -> bool {
    let (name, bound) = key.rsplit_once('_').expect("the key should have a bound");
    let field = match name {
        "faces" | "silhouettes" | "cars" => &record[format!("{name}_count")],
        "proximity_min" | "proximity_avg" | "proximity_max" => &record[name],
        _ => panic!("unknown key {key}"),
    };
    match bound {
        "gte" => at_least(expected, field),
        "lte" => at_most(expected, field),
        _ => panic!("unknown key {key}"),
    }
}

/// Evaluates a key of a feature. An age and an angle are numbers in `name`, and the keys of two
/// features are not their names.
fn feature(key: &str, expected: &Value, event: &Value) -> bool {
    let (stem, test) = key.rsplit_once('_').expect("the key should have a suffix");
    let (stem, part) = match stem {
        "liveness" if test == "gte" => (stem, "confidence"),
        _ => match stem.strip_suffix("_score").or_else(|| stem.strip_suffix("_confidence")) {
            Some(stem) => (stem, "confidence"),
            None => (stem, "name"),
        },
    };
    let feature = match stem {
        "category" | "category_type" => "category",
        "license_plate_color" => "license_plate_number_color",
        other => other,
    };
    let value = at(event, &format!("/features/{feature}/{part}"));
    match test {
        "in" => listed(expected, value),
        "gte" => at_least(expected, value),
        "lte" => at_most(expected, value),
        _ => panic!("unknown key {key}"),
    }
}
