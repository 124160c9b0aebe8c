//! FACEIO: the native language over the attributes of an event.

use serde_json::{Value, json};

use super::native;

pub(crate) fn matches(filter: &Value, event: &Value) -> bool {
    let details = &event["details"];
    // A number is documented as a text, and a text may contain something else.
    let age = match &details["age"] {
        Value::String(age) => age.parse::<f64>().ok(),
        age => age.as_f64(),
    };
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
