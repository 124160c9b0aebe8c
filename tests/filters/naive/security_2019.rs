//! FindFace Security 2019. The group of the camera is a field of the notification here, although a
//! delivery does not contain it.

use serde_json::Value;

use super::{members, shares_an_id};

pub(crate) fn matches(filter: &Value, event: &Value) -> bool {
    members(filter).all(|(key, expected)| match key {
        "camera_group_in" => shares_an_id(expected, &event["camera_group"]),
        "camera_in" => shares_an_id(expected, &event["camera"]),
        "matched_dossier_in" => shares_an_id(expected, &event["matched_dossier"]),
        "matched" => event["matched"] == *expected,
        _ => panic!("unknown key {key}"),
    })
}
