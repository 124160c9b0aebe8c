//! FACEIO: the native language over what an event tells.

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
        // What is no finite number is null in JSON.
        "age": age,
    });
    native::matches(filter, &attributes)
}
