//! The webhook object of FindFace Lite.

use recohook::findface::lite::{self, Registration};
use serde_json::{Value, json};

use crate::support::{World, json as read, object, on, written};

const REQUEST: &str = include_str!("../data/findface-lite/create-webhook.request.json");
const RESPONSE: &str = include_str!("../data/findface-lite/create-webhook.response.json");

#[test]
fn the_documented_request_gets_the_documented_response() {
    let world = World::new();
    let webhooks = on(&world.notifier, lite::webhooks());
    let answer = webhooks.create(&serde_json::from_str(REQUEST).unwrap()).unwrap();
    assert_eq!(written(&answer), read(RESPONSE));
    assert_eq!(webhooks.get(1).map(|one| written(&one)), Some(read(RESPONSE)));
    assert_eq!(written(&webhooks.list()), json!([read(RESPONSE)]));
    webhooks.delete(1).unwrap();
    assert_eq!(webhooks.list(), []);
}

#[test]
fn omitted_fields_have_their_defaults() {
    let least = json!({"name": "", "target": "http://localhost/"});
    let expected = json!({
        "name": "", "active": true, "target": "http://localhost/", "filters": {},
        "send_attempts": 10,
    });
    assert_eq!(written(&object::<Registration>(&least)), expected);
}

#[test]
fn the_fields_of_another_system_are_refused() {
    for field in ["url", "batch_size", "created_date"] {
        let mut body = read(REQUEST);
        body[field] = Value::from(1);
        let error = serde_json::from_value::<Registration>(body).unwrap_err();
        assert!(error.to_string().starts_with(&format!("unknown field `{field}`")), "{error}");
    }
}

#[test]
fn a_response_is_restored_with_its_id() {
    let world = World::new();
    let webhooks = on(&world.notifier, lite::webhooks());
    let response: Registration = serde_json::from_str(RESPONSE).unwrap();
    webhooks.restore(&response).unwrap();
    assert_eq!(written(&webhooks.list()), json!([read(RESPONSE)]));
    assert_eq!(webhooks.restore(&response).unwrap_err().kind(), "taken");
}

#[test]
fn errors_name_the_invalid_setting() {
    let refused = |target: &str, filters: Value| {
        let body = json!({"name": "a", "target": target, "filters": filters});
        object::<Registration>(&body).to_webhook(&lite::FILTERS, lite::profile()).unwrap_err()
    };
    assert_eq!(refused("localhost", json!({})).kind(), "relative_url");
    let error = refused("http://a/", json!({"medmask": {"name": "maybe"}}));
    let text = error.to_string();
    assert!(text.starts_with("in `filters`: at /medmask/name: unknown name \"maybe\""), "{text}");
}
