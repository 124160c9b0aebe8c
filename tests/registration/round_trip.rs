//! A registration object becomes JSON, a webhook, and an equal object again.

use proptest::prelude::*;
use recohook::{
    Profile, Webhook,
    filter::Table,
    findface::{Filters, Registration, lite, security},
    openbiometrics,
};
use serde_json::{Value, json};

use crate::support::{World, object, on, round_trip, written};

fn any_url(scheme: &'static str) -> impl Strategy<Value = String> {
    let host = prop_oneof![Just("[::1]".to_owned()), "[a-z]{1,8}(\\.[a-z]{1,4}){0,2}"];
    let rest = "(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9._~%-]{0,9}){0,3}(\\?[a-z0-9=&]{0,9})?";
    (host, rest).prop_map(move |(host, rest)| format!("{scheme}://{host}{rest}"))
}

fn any_camera_filter() -> impl Strategy<Value = Value> {
    let cameras = prop::collection::vec(1..1_000_000_i64, 0..5);
    (prop::option::of(cameras), prop::option::of(any::<bool>()), prop::option::of(0.0..=1.0_f64))
        .prop_map(|(cameras, matched, confidence)| {
            let mut keys = json!({});
            if let Some(cameras) = cameras {
                keys["camera_in"] = cameras.into();
            }
            if let Some(matched) = matched {
                keys["matched"] = matched.into();
            }
            if let Some(confidence) = confidence {
                keys["confidence_gte"] = confidence.into();
            }
            keys
        })
}

fn any_findface() -> impl Strategy<Value = Registration> {
    let filters = prop_oneof![
        Just(json!({})),
        Just(json!({"counters": {}, "episodes": {"events_count_gte": 2}})),
        any_camera_filter().prop_map(|keys| json!({ "events": keys })),
    ];
    let name = prop_oneof!["\\PC{2,100}", "[ \\t\"\\\\]{2,9}"];
    (name, any::<bool>(), any_url("http"), 1..usize::MAX, any::<u32>(), filters).prop_map(
        |(name, active, url, batch_size, send_attempts, filters)| {
            let mut new = Registration::new(name, url, object::<Filters>(&filters));
            new.active = active;
            new.batch_size = batch_size;
            new.send_attempts = send_attempts;
            new
        },
    )
}

fn any_lite() -> impl Strategy<Value = lite::Registration> {
    (".{0,20}", any::<bool>(), any_url("https"), any::<u32>(), any_camera_filter()).prop_map(
        |(name, active, target, send_attempts, filters)| {
            let mut new = lite::Registration::new(name, target, object::<Filters>(&filters));
            new.active = active;
            new.send_attempts = send_attempts;
            new
        },
    )
}

/// Asserts that an answer equals the given object. Its filters may be in normal form, and the
/// fields that a registry sets do not count.
fn assert_like(answer: &Value, given: &Value, table: &'static Table) {
    let (mut answer, mut given) = (answer.clone(), given.clone());
    let read = |object: &Value| recohook::Filter::parse(object["filters"].to_string(), table);
    assert_eq!(read(&answer), read(&given));
    for object in [&mut answer, &mut given] {
        let fields = object.as_object_mut().unwrap();
        for key in ["id", "filters", "created_date", "modified_date"] {
            fields.remove(key);
        }
    }
    assert_eq!(answer, given);
}

proptest! {
    #[test]
    fn findface_objects(given in any_findface()) {
        let read = round_trip(&given);
        prop_assert_eq!(&read, &given);
        let webhook: Webhook = read.to_webhook(&security::FILTERS, Profile::default()).unwrap();
        let answer = Registration::from_webhook(7, &webhook);
        assert_like(&written(&answer), &written(&given), &security::FILTERS);

        let read = round_trip(&answer);
        prop_assert_eq!(&read, &answer);
        let again = read.to_webhook(&security::FILTERS, Profile::default()).unwrap();
        prop_assert_eq!(again.filter(), webhook.filter());
        prop_assert_eq!(again.profile(), webhook.profile());
        prop_assert_eq!(Registration::from_webhook(7, &again), answer.clone());
        prop_assert_eq!(Registration::from_webhook(7, &answer.apply_to(webhook).unwrap()), answer);
    }

    #[test]
    fn lite_objects_through_a_notifier(given in any_lite()) {
        let world = World::new();
        let webhooks = on(&world.notifier, lite::webhooks());
        let answer = webhooks.create(&round_trip(&given)).unwrap();
        assert_like(&written(&answer), &written(&given), &lite::FILTERS);
        prop_assert_eq!(&webhooks.update(1, &round_trip(&answer)).unwrap(), &answer);
        let other = World::new();
        let webhooks = on(&other.notifier, lite::webhooks());
        webhooks.restore(&round_trip(&answer)).unwrap();
        prop_assert_eq!(webhooks.list(), [answer]);
    }

    #[test]
    fn openbiometrics_objects(url in any_url("https"), types in prop::collection::vec(".{0,9}", 1..5)) {
        let world = World::new();
        let webhooks = on(
            &world.notifier,
            openbiometrics::webhooks().with_unknown_types(openbiometrics::UnknownTypes::Keep),
        );
        let body = json!({"url": url, "event_types": types});
        let answer = webhooks.create(&object(&body)).unwrap();
        prop_assert_eq!(&written(&answer)["url"], &json!(url));
        prop_assert_eq!(&written(&answer)["event_types"], &json!(types));
        webhooks.delete(&answer.id).unwrap();
        webhooks.restore(&round_trip(&answer), None).unwrap();
        prop_assert_eq!(webhooks.list(), [answer]);
    }
}
