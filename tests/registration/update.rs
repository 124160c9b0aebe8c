//! Updates of webhooks: which settings they change and which they keep.

use std::time::Duration;

use recohook::{
    findface::{Filters, Registration, lite, security},
    signature::{HmacSha256, Secret},
};

use crate::support::{World, on, written};

fn registration() -> Registration {
    let filters = serde_json::from_str(r#"{"events": {"camera_in": [7, 3, 3]}}"#).unwrap();
    Registration::new("gate", "http://127.0.0.1", Filters::clone(&filters))
}

#[test]
fn settings_that_are_not_in_the_object_are_kept() {
    let mut world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    let mut answer = webhooks.create(&registration()).unwrap();
    let webhook = (*world.notifier.webhook(1).unwrap()).clone();
    let policy = webhook.policy().clone();
    let batch = policy.batch().clone().with_linger(Duration::from_secs(5)).with_max_bytes(1000);
    let policy = policy.with_batch(batch.unwrap()).with_timeout(Duration::from_secs(3)).unwrap();
    let webhook = webhook
        .with_policy(policy)
        .with_header("x-site", "north")
        .unwrap()
        .with_delivery_id_header("x-delivery")
        .unwrap()
        .with_signer(HmacSha256::new(&Secret::new("key").unwrap()))
        .with_metadata("team", "doors");
    world.notifier.update(1, webhook).unwrap();
    world.notifier.publish(&security::Event::new("1").camera(3)).unwrap();
    assert_eq!(world.notifier.stats(1).unwrap().pending(), 1);

    answer.name = "other gate".into();
    answer.url = "https://other.example/".into();
    answer.batch_size = 4;
    answer.send_attempts = 0;
    assert_eq!(webhooks.update(1, &answer).unwrap(), answer);

    let changed = world.notifier.webhook(1).unwrap();
    assert_eq!(changed.name(), "other gate");
    let batch = changed.policy().batch();
    assert_eq!((batch.max_items(), batch.max_bytes()), (4, 1000));
    assert_eq!(batch.linger(), Duration::from_secs(5));
    assert_eq!(changed.policy().timeout(), Duration::from_secs(3));
    assert_eq!(changed.metadata()["team"], "doors");

    assert_eq!(world.notifier.stats(1).unwrap().pending(), 1, "the queue must be kept");
    let sent = world.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].uri(), "https://other.example/");
    assert_eq!(sent[0].headers()["x-site"], "north");
    assert!(sent[0].headers().contains_key("x-delivery"));
    assert!(sent[0].headers().contains_key("x-signature-256"), "{:?}", sent[0].headers());
    assert_eq!(world.notifier.stats(1).unwrap().delivered, 1);
}

#[test]
fn an_update_with_the_same_object_changes_only_the_date() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    webhooks.create_by(5, &registration()).unwrap();
    let got = webhooks.get(1).unwrap();
    assert_eq!(got.filters.as_str(), r#"{"events":{"camera_in":[7,3,3]}}"#);
    assert_eq!((got.created_by, &*got.url), (Some(5), "http://127.0.0.1"));
    let before = world.notifier.webhook(1).unwrap();

    world.set_seconds(1);
    let put = webhooks.update(1, &got).unwrap();
    let mut expected = got.clone();
    expected.modified_date = Some("1970-01-01T00:00:01.000000Z".into());
    assert_eq!(put, expected);
    assert_eq!(webhooks.list(), [expected]);

    let after = world.notifier.webhook(1).unwrap();
    assert_eq!(after.profile(), before.profile());
    assert_eq!(after.filter(), before.filter());
    assert_eq!((after.url(), after.url_text()), (before.url(), before.url_text()));
}

#[test]
fn read_only_fields_from_a_client_are_ignored() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    let mut sent = registration();
    sent.id = Some(77);
    sent.created_by = Some(78);
    sent.created_date = Some("a while ago".into());
    sent.modified_date = Some("just now".into());
    let epoch = Some("1970-01-01T00:00:00.000000Z".into());

    let created = webhooks.create(&sent).unwrap();
    assert_eq!((created.id, created.created_by), (Some(1), None));
    assert_eq!((&created.created_date, &created.modified_date), (&epoch, &epoch));

    world.set_seconds(3600);
    let updated = webhooks.update(1, &sent).unwrap();
    assert_eq!((updated.id, updated.created_by), (Some(1), None));
    assert_eq!(updated.created_date, epoch);
    assert_eq!(updated.modified_date, Some("1970-01-01T01:00:00.000000Z".into()));
    assert_eq!(webhooks.list(), [updated]);
    assert_eq!(webhooks.get(77), None);

    let lite = on(&world.notifier, lite::webhooks());
    let mut sent = lite::Registration::new("", "http://a/", Filters::default());
    sent.id = Some(77);
    assert_eq!(lite.create(&sent).unwrap().id, Some(2));
    assert_eq!(lite.update(2, &sent).unwrap().id, Some(2));
}

#[test]
fn a_restored_webhook_keeps_its_read_only_fields() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    world.set_seconds(5);
    webhooks.create_by(9, &registration()).unwrap();
    world.set_seconds(6);
    let answered = webhooks.update(1, &registration()).unwrap();

    let again = World::new();
    let webhooks = on(&again.notifier, security::webhooks());
    webhooks.restore(&serde_json::from_value(written(&answered)).unwrap()).unwrap();
    assert_eq!(webhooks.list(), [answered]);
}

#[test]
fn a_refused_update_changes_nothing() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    let answered = webhooks.create(&registration()).unwrap();
    world.set_seconds(1);
    let mut wrong = answered.clone();
    wrong.active = false;
    wrong.url = "nowhere".into();
    assert_eq!(webhooks.update(1, &wrong).unwrap_err().kind(), "relative_url");
    wrong.url = answered.url.clone();
    wrong.filters = serde_json::from_str(r#"{"event": {}}"#).unwrap();
    assert_eq!(webhooks.update(1, &wrong).unwrap_err().kind(), "unknown_section");
    assert_eq!(webhooks.list(), [answered]);
}
