//! The webhook object of FindFace Security and Multi: its fields, their defaults and bounds.

use recohook::{
    Config, Framing, Limits, Webhook,
    filter::FilterError,
    findface::{Filters, Registration, RegistrationError, security, security_2019},
    model::Timestamp,
    policy::Attempts,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{World, object, on, written};

fn full_object() -> Value {
    json!({
        "id": 2,
        "name": "front gate",
        "active": false,
        "url": "http://127.0.0.1:8888/hook?site=north",
        "batch_size": 10,
        "send_attempts": 3,
        "filters": {"events": {"camera_in": [3, 7], "matched": true}, "counters": {}},
        "created_by": 1,
        "created_date": "2020-05-18T16:18:49.111880Z",
        "modified_date": "2020-05-19T16:18:49.111880Z",
    })
}

fn minimal_object() -> Value {
    json!({"name": "ab", "url": "http://127.0.0.1/", "filters": {}})
}

/// Returns the minimal object with one field set.
fn minimal_with(field: &str, value: impl Into<Value>) -> Value {
    let mut object = minimal_object();
    object[field] = value.into();
    object
}

fn webhook(value: &Value) -> Result<Webhook, RegistrationError> {
    object::<Registration>(value).to_webhook(&security::FILTERS, security::profile())
}

#[test]
fn every_field_is_read_and_written() {
    let registration: Registration = object(&full_object());
    assert_eq!(written(&registration), full_object());
    assert_eq!(registration.created_date, Some(Timestamp::from("2020-05-18T16:18:49.111880Z")));

    let webhook = webhook(&full_object()).unwrap();
    assert_eq!((webhook.name(), webhook.is_active()), ("front gate", false));
    assert_eq!(webhook.url(), "http://127.0.0.1:8888/hook?site=north");
    assert_eq!(webhook.policy().batch().max_items(), 10);
    assert_eq!(webhook.policy().retry().attempts(), Attempts::at_most(3).unwrap());
    assert_eq!(webhook.policy().retry().backoff(), security::policy().retry().backoff());
}

#[test]
fn omitted_fields_have_their_defaults() {
    let registration: Registration = object(&minimal_object());
    let expected = json!({
        "name": "ab", "active": true, "url": "http://127.0.0.1/",
        "batch_size": 1, "send_attempts": 10, "filters": {},
    });
    assert_eq!(written(&registration), expected);
    let built = Registration::new("ab", "http://127.0.0.1/", Filters::default());
    assert_eq!(written(&built), expected);
}

#[test]
fn the_answer_is_the_registered_object() {
    let world = World::new();
    world.set_seconds(1_589_818_729);
    let answer =
        on(&world.notifier, security::webhooks()).create(&object(&minimal_object())).unwrap();
    let expected = json!({
        "id": 1, "name": "ab", "active": true, "url": "http://127.0.0.1/",
        "batch_size": 1, "send_attempts": 10, "filters": {},
        "created_date": "2020-05-18T16:18:49.000000Z",
        "modified_date": "2020-05-18T16:18:49.000000Z",
    });
    assert_eq!(written(&answer), expected);
}

#[test]
fn the_answer_has_the_url_as_it_was_given() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    for (id, url) in (1..).zip(["http://a", "HTTP://A.example?x=1", "https://b/c/"]) {
        let answer = webhooks.create(&object(&minimal_with("url", url))).unwrap();
        assert_eq!(answer.url, url);
        assert_eq!(webhooks.get(id).unwrap().url, url);
    }
}

#[test]
fn names_have_2_to_100_characters() {
    for (name, chars) in [
        (String::new(), Some(0)),
        ("a".into(), Some(1)),
        ("ж".into(), Some(1)),
        ("жж".into(), None),
        ("ж".repeat(100), None),
        ("ж".repeat(101), Some(101)),
        ("a".repeat(101), Some(101)),
    ] {
        let made = webhook(&minimal_with("name", &*name));
        match chars {
            None => assert_eq!(made.unwrap().name(), name),
            Some(chars) => {
                let error = made.unwrap_err();
                assert_eq!((&error, error.kind()), (&RegistrationError::Name { chars }, "name"));
            }
        }
    }
}

#[test]
fn urls_have_at_most_300_characters() {
    let url = |chars: usize| "http://a/".to_owned() + &"b".repeat(chars - "http://a/".len());
    assert_eq!(webhook(&minimal_with("url", url(300))).unwrap().url_text(), url(300));
    for chars in [301, 100_000] {
        let error = webhook(&minimal_with("url", url(chars))).unwrap_err();
        let expected = RegistrationError::UrlTooLong { chars };
        assert_eq!((&error, error.kind()), (&expected, "url_too_long"));
    }
    for (url, kind) in [("", "empty_url"), ("a:8888", "relative_url"), ("ftp://a/", "scheme")] {
        let error = webhook(&minimal_with("url", url)).unwrap_err();
        assert!(matches!(error, RegistrationError::Webhook(_)), "{url}: {error}");
        assert_eq!(error.kind(), kind, "{url}");
    }
}

#[test]
fn a_batch_size_is_at_least_1() {
    assert_eq!(webhook(&minimal_with("batch_size", 0)).unwrap_err(), RegistrationError::BatchSize);
    for items in [1, 100, u32::MAX as usize, usize::MAX] {
        let webhook = webhook(&minimal_with("batch_size", items)).unwrap();
        assert_eq!(webhook.policy().batch().max_items(), items);
    }
}

#[test]
fn zero_attempts_are_unlimited() {
    for (attempts, expected) in [
        (0, Attempts::Unlimited),
        (1, Attempts::at_most(1).unwrap()),
        (u32::MAX, Attempts::at_most(u32::MAX).unwrap()),
    ] {
        let webhook = webhook(&minimal_with("send_attempts", attempts)).unwrap();
        assert_eq!(webhook.policy().retry().attempts(), expected);
        assert_eq!(Registration::from_webhook(1, &webhook).send_attempts, attempts);
    }
}

#[test]
fn values_of_another_type_are_refused() {
    for (field, value) in [
        ("batch_size", json!(-1)),
        ("batch_size", json!(1.5)),
        ("batch_size", json!(1e30)),
        ("batch_size", json!("1")),
        ("batch_size", Value::Null),
        ("send_attempts", json!(-1)),
        ("send_attempts", json!(4_294_967_296_u64)),
        ("active", json!(1)),
        ("active", Value::Null),
        ("name", Value::Null),
        ("name", json!(7)),
        ("url", json!(["http://a/"])),
        ("batchsize", json!(1)),
        ("target", json!("http://a/")),
    ] {
        let text = minimal_with(field, value.clone()).to_string();
        assert!(serde_json::from_str::<Registration>(&text).is_err(), "{text}");
    }
    for field in ["name", "url", "filters"] {
        let mut object = minimal_object();
        object.as_object_mut().unwrap().remove(field);
        let error = serde_json::from_str::<Registration>(&object.to_string()).unwrap_err();
        assert!(error.to_string().contains(&format!("missing field `{field}`")), "{error}");
    }
}

#[test]
fn an_error_in_the_filters_names_its_place() {
    for (filters, text) in [
        (
            json!({"events": {"camera_inn": [1]}}),
            "in `filters`: at /events/camera_inn: unknown key; did you mean \"camera_in\"?",
        ),
        (
            json!({"events": {"confidence_gte": 1.5}}),
            "in `filters`: at /events/confidence_gte: expected a number from 0 to 1, found 1.5",
        ),
        (
            json!(null),
            "in `filters`: at the top level: expected an object with sections, found null",
        ),
        (
            json!("{}"),
            "in `filters`: at the top level: expected an object with sections, found \"{}\"",
        ),
    ] {
        let error = webhook(&minimal_with("filters", filters.clone())).unwrap_err();
        assert_eq!(error.to_string(), text, "{filters}");
    }
}

/// A host's own object that contains webhooks.
#[derive(Deserialize)]
struct Envelope {
    webhooks: Vec<Registration>,
}

#[test]
fn a_duplicate_filter_key_is_found_from_any_source() {
    let text = r#"{"name": "ab", "url": "http://a/", "filters":
        {"events": {"matched": true, "matched": false}}}"#;
    let bodies: [Registration; 3] = [
        serde_json::from_str(text).unwrap(),
        serde_json::from_reader(text.as_bytes()).unwrap(),
        serde_json::from_str::<Envelope>(&format!(r#"{{"webhooks": [{text}]}}"#))
            .unwrap()
            .webhooks
            .remove(0),
    ];
    for body in bodies {
        let error = body.to_webhook(&security::FILTERS, security::profile()).unwrap_err();
        let expected = FilterError::Duplicate { pointer: "/events/matched".into() };
        assert_eq!(error, RegistrationError::Filters(expected));
        assert!(body.filters.as_str().contains(r#""matched": true, "matched": false"#));
    }
}

#[test]
fn the_object_can_be_read_from_a_value() {
    let registration: Registration = serde_json::from_value(full_object()).unwrap();
    assert_eq!(written(&registration), full_object());

    let text = r#"{"name": "ab", "url": "http://a/", "filters": {"events": 1, "events": {}}}"#;
    let last: Registration = serde_json::from_value(serde_json::from_str(text).unwrap()).unwrap();
    assert_eq!(
        last.filters.as_str(),
        r#"{"events":{}}"#,
        "a `Value` keeps only the last duplicate"
    );
}

/// If an object is flattened, serde passes on parsed values, so the text of the filters is lost.
#[test]
fn a_flattened_object_is_refused_rather_than_read_in_part() {
    #[derive(Deserialize)]
    struct Flat {
        #[serde(flatten)]
        _webhook: Registration,
    }
    assert!(serde_json::from_value::<Flat>(minimal_object()).is_err());
    assert!(serde_json::from_str::<Flat>(&minimal_object().to_string()).is_err());
}

#[test]
fn the_limits_of_the_notifier_bound_the_filters() {
    let three = object(&minimal_with("filters", json!({"events": {"camera_in": [1, 2, 3]}})));
    let limited = |literals| {
        let limits = Limits::default().with_max_filter_literals(literals);
        World::with_config(Config::default().with_limits(limits))
    };
    let world = limited(3);
    let webhooks = on(&world.notifier, security::webhooks());
    assert_eq!(webhooks.create(&three).unwrap().id, Some(1));

    let world = limited(2);
    let webhooks = on(&world.notifier, security::webhooks());
    assert_eq!(webhooks.create(&three).unwrap_err().kind(), "too_many_literals");
    assert_eq!(webhooks.list(), []);
    webhooks.create(&object(&minimal_object())).unwrap();
    assert_eq!(webhooks.update(1, &three).unwrap_err().kind(), "too_many_literals");
}

#[test]
fn the_host_can_choose_filter_keys_and_profile() {
    let mut world = World::new();
    let profile = security::profile().with_framing(Framing::Object);
    let webhooks = security::webhooks().with_table(&security_2019::FILTERS).with_profile(profile);
    let webhooks = on(&world.notifier, webhooks);
    let flat = minimal_with("filters", json!({"camera_in": [3]}));
    webhooks.create(&object(&flat)).unwrap();
    let sent = world.deliver(&security_2019::Event::new("1").camera(3));
    assert!(sent[0].body().starts_with(b"{"), "{:?}", sent[0].body());

    let mut batches = flat;
    batches["batch_size"] = 2.into();
    for error in [
        webhooks.create(&object(&batches)).unwrap_err(),
        webhooks.update(1, &object(&batches)).unwrap_err(),
    ] {
        assert_eq!(error.kind(), "batch_too_large");
    }
    assert_eq!(webhooks.list()[0].batch_size, 1);
    assert_eq!(on(&world.notifier, security::webhooks()).list(), []);
}
