//! FACEIO: the native language over the attributes of an event.

use serde_json::{Value, json};

use super::native;

pub(crate) fn matches(filter: &Value, event: &Value) -> bool {
    let details = &event["details"];
    let age = details["age"].as_str().and_then(|age| age.parse::<f64>().ok());
    let attributes = json!({
        "eventName": event["eventName"],
        "facialId": event["facialId"],
        "appId": event["appId"],
        "clientIp": event["clientIp"],
        "timestamp": details["timestamp"],
        "gender": details["gender"],
        // `json!` writes a number that is not finite as null.
        "age": age,
    });
    native::matches(filter, &attributes)
}
