//! From the registration object to the request, for each system.

use recohook::{
    Notification,
    findface::{Registration, Webhooks, lite, multi, security, security_2019},
    http::{Method, header::CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::support::{World, json as read, object, on};

const SECURITY: &str = include_str!("../data/findface-security-2020/event.json");
const SECURITY_2019: &str = include_str!("../data/findface-security-2019/event.json");
const MULTI: &str = include_str!("../data/findface-multi/face_event.json");
const LITE: &str = include_str!("../data/findface-lite/event.face.json");

/// Asserts that the documented notification is sent while the webhook is registered and active, and
/// not otherwise.
fn assert_delivered(
    webhooks: fn() -> Webhooks<Registration>,
    filters: &Value,
    notification: &dyn Notification,
    body: &str,
) {
    let mut world = World::new();
    let webhooks = on(&world.notifier, webhooks());
    let url = "https://receiver.example/hook?site=north";
    let text = json!({"name": "gate", "url": url, "filters": filters, "batch_size": 10});
    let mut answer = webhooks.create(&object(&text)).unwrap();

    let sent = world.deliver(notification);
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].method(), sent[0].uri().to_string()), (&Method::POST, url.to_owned()));
    assert_eq!(sent[0].headers()[CONTENT_TYPE], "application/json");
    let got: Value = serde_json::from_slice(sent[0].body()).unwrap();
    assert_eq!(got, read(body));

    answer.active = false;
    webhooks.update(1, &answer).unwrap();
    assert_eq!(world.deliver(notification).len(), 0);
    answer.active = true;
    webhooks.update(1, &answer).unwrap();
    assert_eq!(world.deliver(notification).len(), 1);
    webhooks.delete(1).unwrap();
    assert_eq!(world.deliver(notification).len(), 0);
    assert_eq!(world.notifier.total().matched, 2);
}

#[test]
fn findface_security() {
    let [notification] = security::parse_delivery(SECURITY.as_bytes()).unwrap().try_into().unwrap();
    let filters = json!({"events": {"matched": read(SECURITY)[0]["matched"]}});
    assert_delivered(security::webhooks, &filters, &notification, SECURITY);
}

#[test]
fn findface_security_2019() {
    let [event] =
        security_2019::parse_delivery(SECURITY_2019.as_bytes()).unwrap().try_into().unwrap();
    let filters = json!({"camera_in": [2]});
    assert_delivered(security_2019::webhooks, &filters, &event, SECURITY_2019);
}

#[test]
fn findface_multi() {
    let [notification] = multi::parse_delivery(MULTI.as_bytes()).unwrap().try_into().unwrap();
    assert_delivered(multi::webhooks, &json!({"face_events": {}}), &notification, MULTI);
}

#[test]
fn findface_lite() {
    let mut world = World::new();
    let webhooks = on(&world.notifier, lite::webhooks());
    let [event] = <[_; 1]>::try_from(lite::parse_delivery(LITE.as_bytes()).unwrap()).unwrap();
    let text = json!({"name": "", "target": "http://a/b", "filters": {"type_in": "face"}});
    let mut answer = webhooks.create(&object(&text)).unwrap();

    let sent = world.deliver(&event);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].uri(), "http://a/b");
    assert_eq!(serde_json::from_slice::<Value>(sent[0].body()).unwrap(), read(LITE));

    answer.active = false;
    webhooks.update(1, &answer).unwrap();
    assert_eq!(world.deliver(&event).len(), 0);
    answer.active = true;
    answer.filters = serde_json::from_str(r#"{"type_in": "car"}"#).unwrap();
    webhooks.update(1, &answer).unwrap();
    assert_eq!(world.deliver(&event).len(), 0);
    webhooks.delete(1).unwrap();
    assert_eq!(world.notifier.total().matched, 1);
}

/// No memory is reserved for a batch of this size.
#[test]
fn the_largest_batch_size_is_only_a_bound() {
    let mut world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    let text = json!({
        "name": "gate", "url": "http://a/", "filters": {}, "batch_size": usize::MAX,
    });
    webhooks.create(&object(&text)).unwrap();
    for id in 0..5 {
        world.notifier.publish(&security::Event::new(id.to_string())).unwrap();
    }
    let sent = world.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(security::parse_delivery(sent[0].body()).unwrap().len(), 5);
}
