//! OpenBiometrics: the native language over the attributes of an event.

use serde_json::{Value, json};

use super::native;

pub(crate) fn matches(filter: &Value, event: &Value) -> bool {
    let matched = event["type"] == "face_matched" || event["type"] == "watchlist_alert";
    let data = if matched { &event["data"] } else { &Value::Null };
    let attributes = json!({
        "type": event["type"].as_str(),
        "source": event["source"].as_str(),
        "camera_id": event["camera_id"].as_str(),
        "identity_id": data["identity_id"].as_str(),
        "label": data["label"].as_str(),
        "watchlist": data["watchlist"].as_str(),
        "similarity": data["similarity"].as_f64(),
    });
    native::matches(filter, &attributes)
}
