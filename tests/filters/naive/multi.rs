//! FindFace Multi.

use serde_json::Value;

use super::{at, at_least, at_most, listed, members, shares_an_id};

pub(crate) fn matches(filter: &Value, notification: &Value) -> bool {
    let section = notification["webhook_type"].as_str().expect("a notification tells its section");
    let keys = &filter[section];
    if members(filter).next().is_none() {
        return true;
    }
    !keys.is_null() && members(keys).all(|(key, wanted)| holds(section, key, wanted, notification))
}

fn holds(section: &str, key: &str, wanted: &Value, notification: &Value) -> bool {
    let episode = matches!(section, "human_episodes" | "car_episodes");
    let field = |name: &str| &notification[name];
    match key {
        "allowed_bs_types" => listed(wanted, field("bs_type")),
        "allowed_types" => listed(wanted, field("event_type")),
        "camera_in" if episode => shares_an_id(wanted, field("cameras")),
        "camera_group_in" if episode => shares_an_id(wanted, field("camera_groups")),
        "camera_in" | "camera_group_in" | "counter_in" | "area_in" | "matched_card_in" => {
            shares_an_id(wanted, field(key.trim_end_matches("_in")))
        }
        "matched_lists_in" => shares_an_id(wanted, field("matched_lists")),
        "matched" => field("matched") == wanted,
        "face_matched" => !field("matched_face_event").is_null() == *wanted,
        "body_matched" => !field("matched_body_event").is_null() == *wanted,
        "car_matched" => !field("matched_car_event").is_null() == *wanted,
        "confidence_gte" => at_least(wanted, field("confidence")),
        "temperature_gte" => at_least(wanted, field("temperature")),
        "events_count_gte" => at_least(wanted, field("events_count")),
        "events_count_lte" => at_most(wanted, field("events_count")),
        _ if section == "counters" => counts(key, wanted, notification),
        _ => feature(key, wanted, notification),
    }
}

fn counts(key: &str, wanted: &Value, record: &Value) -> bool {
    let (name, bound) = key.rsplit_once('_').expect("a bound");
    let field = match name {
        "faces" | "silhouettes" | "cars" => &record[format!("{name}_count")],
        "proximity_min" | "proximity_avg" | "proximity_max" => &record[name],
        _ => panic!("no key {key}"),
    };
    match bound {
        "gte" => at_least(wanted, field),
        "lte" => at_most(wanted, field),
        _ => panic!("no key {key}"),
    }
}

/// The traps: a number stands in `name` for an age and an angle, and two features have keys that
/// are not their names.
fn feature(key: &str, wanted: &Value, event: &Value) -> bool {
    let (stem, test) = key.rsplit_once('_').expect("a test");
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
        "in" => listed(wanted, value),
        "gte" => at_least(wanted, value),
        "lte" => at_most(wanted, value),
        _ => panic!("no key {key}"),
    }
}
