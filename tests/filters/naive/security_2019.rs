//! FindFace Security 2019. The camera's group stands beside the other fields here; a delivery does
//! not write it.

use serde_json::Value;

use super::{members, shares_an_id};

pub(crate) fn matches(filter: &Value, event: &Value) -> bool {
    members(filter).all(|(key, wanted)| match key {
        "camera_group_in" => shares_an_id(wanted, &event["camera_group"]),
        "camera_in" => shares_an_id(wanted, &event["camera"]),
        "matched_dossier_in" => shares_an_id(wanted, &event["matched_dossier"]),
        "matched" => event["matched"] == *wanted,
        _ => panic!("no key {key}"),
    })
}
