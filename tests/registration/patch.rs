//! Partial changes of webhook objects.

use std::{sync::Barrier, thread};

use recohook::{
    Filter, Webhook,
    findface::{Changes, Filters, Registration, RegistrationError, security},
};
use serde_json::{Value, json};

use crate::support::{Api, World, object, on, written};

fn created(world: &World) -> Api<recohook::findface::Webhooks<Registration>> {
    let webhooks = on(&world.notifier, security::webhooks());
    let registration = Registration::new("gate", "http://127.0.0.1", Filters::default());
    webhooks.create_by(3, &registration).unwrap();
    webhooks
}

#[test]
fn each_field_can_be_changed_alone() {
    for (field, value) in [
        ("name", json!("back door")),
        ("active", json!(false)),
        ("url", json!("https://b")),
        ("batch_size", json!(7)),
        ("send_attempts", json!(0)),
        ("filters", json!({"episodes": {}})),
    ] {
        let world = World::new();
        let webhooks = created(&world);
        let mut expected = written(&webhooks.get(1).unwrap());
        world.set_seconds(1);
        expected["modified_date"] = "1970-01-01T00:00:01.000000Z".into();
        expected[field] = value.clone();
        let answer = webhooks.patch(1, &object(&json!({ field: value }))).unwrap();
        assert_eq!(written(&answer), expected, "{field}");
        assert_eq!(webhooks.list(), [answer], "{field}");
    }
}

#[test]
fn read_only_fields_are_ignored() {
    let world = World::new();
    let webhooks = created(&world);
    let before = webhooks.get(1).unwrap();
    let all = json!({"id": 7, "created_by": 8, "created_date": null, "modified_date": {"x": 1}});
    assert_eq!(webhooks.patch(1, &object(&all)).unwrap(), before);
    assert_eq!(webhooks.patch(1, &Changes::default()).unwrap(), before);
    let got: Changes = object(&written(&before));
    assert_eq!(webhooks.patch(1, &got).unwrap(), before);
}

#[test]
fn changes_have_the_bounds_of_the_whole_object() {
    let world = World::new();
    let webhooks = created(&world);
    let before = webhooks.get(1).unwrap();
    for (changes, kind) in [
        (json!({"active": false, "name": "x"}), "name"),
        (json!({"url": format!("http://{}", "a".repeat(300))}), "url_too_long"),
        (json!({"url": "x"}), "relative_url"),
        (json!({"batch_size": 0}), "batch_size"),
        (json!({"name": "ok", "filters": null}), "wrong_type"),
        (json!({"filters": {"event": {}}}), "unknown_section"),
    ] {
        let error = webhooks.patch(1, &object(&changes)).unwrap_err();
        assert_eq!(error.kind(), kind, "{changes}");
    }
    assert_eq!(webhooks.list(), [before]);
    let nothing = webhooks.patch(2, &Changes::default()).unwrap_err();
    assert!(matches!(nothing, RegistrationError::Registry(_)), "{nothing}");
}

#[test]
fn null_and_unknown_fields_are_refused() {
    for field in ["name", "active", "url", "batch_size", "send_attempts"] {
        let changes = json!({ field: Value::Null }).to_string();
        assert!(serde_json::from_str::<Changes>(&changes).is_err(), "{changes}");
    }
    let twice = serde_json::from_str::<Changes>(r#"{"active": true, "active": false}"#);
    assert!(twice.unwrap_err().to_string().contains("duplicate field `active`"));
    assert!(serde_json::from_str::<Changes>(r#"{"actve": true}"#).is_err());
}

#[test]
fn a_webhook_without_a_valid_name_can_be_changed() {
    let world = World::new();
    let own = Webhook::new("http://a/", Filter::everything(&security::FILTERS)).unwrap();
    world.notifier.insert(1, own).unwrap();
    let webhooks = on(&world.notifier, security::webhooks());
    let mut changes = Changes::default();
    changes.active = Some(false);
    assert!(!webhooks.patch(1, &changes).unwrap().active);
}

#[test]
fn concurrent_changes_do_not_overwrite_each_other() {
    let world = World::new();
    let webhooks = created(&world);
    let start = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            for size in 1..=1000 {
                webhooks.patch(1, &object(&json!({"batch_size": size}))).unwrap();
                assert_eq!(webhooks.get(1).unwrap().batch_size, size);
            }
        });
        start.wait();
        for attempts in 1..=1000 {
            webhooks.patch(1, &object(&json!({"send_attempts": attempts}))).unwrap();
            assert_eq!(webhooks.get(1).unwrap().send_attempts, attempts);
        }
    });
}
