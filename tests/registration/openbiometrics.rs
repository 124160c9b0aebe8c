//! The webhooks of the OpenBiometrics REST API.

use std::collections::HashSet;

use recohook::{
    Filter,
    openbiometrics::{
        Event, EventType, FILTERS, Registered, Registration, RegistrationError, UnknownTypes,
        UrlRule, Webhooks, engine_signer, signer,
    },
    signature::{Received, Secret, Verifier},
};
use serde_json::{Value, json};

use crate::support::{World, json as read, object, on, written};

const REQUEST: &str = include_str!("../data/openbiometrics/register.request.json");
const RESPONSE: &str = include_str!("../data/openbiometrics/register.response.json");
const DELETED: &str = include_str!("../data/openbiometrics/delete.response.json");
const DELIVERY: &str = include_str!("../data/openbiometrics/delivery.json");

/// The secret of the documented request, which no answer may contain.
const SECRET: &str = "whsec_your_signing_secret";

fn request() -> Registration {
    serde_json::from_str(REQUEST).unwrap()
}

#[test]
fn the_documented_request_gets_an_answer_of_the_documented_form() {
    let world = World::new();
    world.set_seconds(1_773_916_200);
    let webhooks = on(&world.notifier, Webhooks::new());
    let answer = webhooks.create(&request()).unwrap();

    let digits = answer.id.strip_prefix("wh_").unwrap();
    assert_eq!(digits.len(), 12);
    assert!(digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{digits}");
    let mut expected = read(RESPONSE);
    expected["id"] = Value::from(&*answer.id);
    expected["created_at"] = "2026-03-19T10:30:00.000000+00:00".into();
    assert_eq!(written(&answer), expected);
    assert_eq!(written(&webhooks.list()), json!([expected]));
    let documented = serde_json::from_str::<Registered>(RESPONSE).unwrap().created_at;
    assert_eq!(answer.created_at.to_system_time(), documented.to_system_time());

    let id = answer.id.clone();
    assert_eq!(written(&webhooks.delete(&id).unwrap()), json!({ "removed": id }));
    assert_eq!(webhooks.list(), []);
    assert_eq!(webhooks.delete(&id).unwrap_err().kind(), "unknown");
}

#[test]
fn the_documented_response_is_restored_and_deleted() {
    let world = World::new();
    let webhooks = on(&world.notifier, Webhooks::new());
    let registered: Registered = serde_json::from_str(RESPONSE).unwrap();
    webhooks.restore(&registered, Some(Secret::new(SECRET).unwrap())).unwrap();
    assert_eq!(written(&webhooks.list()), json!([read(RESPONSE)]));
    assert_eq!(webhooks.restore(&registered, None).unwrap_err().kind(), "taken");
    assert_eq!(written(&webhooks.delete(&registered.id).unwrap()), read(DELETED));
}

#[test]
fn the_secret_is_never_shown() {
    let world = World::new();
    let webhooks = on(&world.notifier, Webhooks::new());
    let request = request();
    let answer = webhooks.create(&request).unwrap();
    let list = webhooks.list();
    let webhook = world.notifier.webhook(&*answer.id).unwrap();
    let mut texts = vec![
        format!("{request:?}"),
        format!("{answer:?} {list:?} {webhooks:?} {webhook:?} {:?}", world.notifier),
        format!("{:?}", webhook.metadata()),
        written(&answer).to_string(),
        written(&list).to_string(),
    ];
    for wrong in [
        json!({"url": "http://a/", "event_types": ["a"], "secret": SECRET}),
        json!({"url": "https://a/", "event_types": [], "secret": SECRET}),
        json!({"url": "nowhere", "event_types": ["a"], "secret": SECRET}),
    ] {
        let error = webhooks.create(&object(&wrong)).unwrap_err();
        texts.push(format!("{error} {error:?}"));
    }
    for text in [
        format!(r#"{{"url": "https://a/", "secret": "{SECRET}"}}"#),
        format!(r#"{{"secret": "{SECRET}", "url": 7}}"#),
        format!(r#"{{"secret": "{SECRET}", "secret": "{SECRET}"}}"#),
        format!(r#"{{"secret": ["{SECRET}"]}}"#),
        format!(r#"{{"secret": {{"{SECRET}": 1}}}}"#),
        format!(r#"{{"secre": "{SECRET}"}}"#),
    ] {
        let error = serde_json::from_str::<Registration>(&text).unwrap_err();
        texts.push(format!("{error} {error:?}"));
    }
    for text in texts {
        assert!(!text.contains("whsec") && !text.contains("signing_secret"), "{text}");
    }
}

#[test]
fn an_invalid_registration_is_refused() {
    for body in [
        json!({"url": "https://a/"}),
        json!({"event_types": ["face_matched"]}),
        json!({"url": "https://a/", "event_types": "face_matched"}),
        json!({"url": "https://a/", "event_types": [1]}),
        json!({"url": "https://a/", "event_types": null}),
        json!({"url": "https://a/", "event_types": ["face_matched"], "secret": ""}),
        json!({"url": "https://a/", "event_types": ["face_matched"], "active": true}),
        json!({"url": "https://a/", "event_types": ["face_matched"], "id": "wh_000000000000"}),
    ] {
        assert!(serde_json::from_str::<Registration>(&body.to_string()).is_err(), "{body}");
    }
    let none = Registration::new("https://a/", Vec::<EventType>::new());
    assert_eq!(none.to_webhook(UrlRule::Https).unwrap_err(), RegistrationError::NoEventTypes);
}

#[test]
fn a_null_or_omitted_secret_adds_no_signer() {
    for body in [
        json!({"url": "https://a/", "event_types": ["face_matched"], "secret": null}),
        json!({"url": "https://a/", "event_types": ["face_matched"]}),
    ] {
        let webhook = object::<Registration>(&body).to_webhook(UrlRule::Https).unwrap();
        assert_eq!(webhook.signers().len(), 0);
    }
}

#[test]
fn http_is_allowed_only_if_the_host_permits_it() {
    let world = World::new();
    let strict = on(&world.notifier, Webhooks::new());
    let lenient = on(&world.notifier, Webhooks::new().with_url_rule(UrlRule::HttpToo));
    for url in ["http://127.0.0.1:8888/hook", "http://localhost", "HTTP://10.0.0.7/"] {
        let registration = Registration::new(url, [EventType::FaceMatched]);
        let error = strict.create(&registration).unwrap_err();
        assert_eq!((&error, error.kind()), (&RegistrationError::HttpsRequired, "https_required"));
        assert_eq!(lenient.create(&registration).unwrap().url, url);
    }
    let registered = lenient.list().remove(0);
    lenient.delete(&registered.id).unwrap();
    assert_eq!(strict.restore(&registered, None).unwrap_err(), RegistrationError::HttpsRequired);
    for url in ["https://a", "HTTPS://a/"] {
        let registration = Registration::new(url, [EventType::FaceMatched]);
        assert_eq!(strict.create(&registration).unwrap().url, url);
    }
    for (rule, url) in [(UrlRule::HttpToo, "ftp://a/"), (UrlRule::Https, "ftp://a/")] {
        let registration = Registration::new(url, [EventType::FaceMatched]);
        assert_eq!(registration.to_webhook(rule).unwrap_err().kind(), "scheme");
    }
}

#[test]
fn event_types_are_answered_as_they_were_given() {
    let mut world = World::new();
    let webhooks = Webhooks::new().with_unknown_types(UnknownTypes::Keep);
    let webhooks = on(&world.notifier, webhooks);
    let types = json!(["watchlist_alert", "door_opened", "face_matched", "", "door_opened"]);
    let body = json!({"url": "https://a/", "event_types": types});
    let answer = webhooks.create(&object(&body)).unwrap();
    assert_eq!(written(&answer)["event_types"], types);
    assert_eq!(written(&webhooks.list())[0]["event_types"], types);

    for (name, sent) in [("door_opened", 1), ("face_matched", 1), ("face_detected", 0)] {
        let event = Event::new("1", name, "2026-03-19T10:32:15+00:00");
        assert_eq!(world.deliver(&event).len(), sent, "{name}");
    }
}

#[test]
fn the_list_is_sorted_by_date() {
    let world = World::new();
    let webhooks = on(&world.notifier, Webhooks::new());
    let mut ids = Vec::new();
    for seconds in [30, 10, 20] {
        world.set_seconds(seconds);
        ids.push(webhooks.create(&request()).unwrap().id);
    }
    let registered = Vec::from_iter(webhooks.list().into_iter().map(|one| one.id));
    assert_eq!(registered, [1, 2, 0].map(|at: usize| ids[at].clone()));
}

#[test]
fn ids_are_distinct_over_threads_and_notifiers() {
    let create = || {
        let world = World::new();
        let webhooks = on(&world.notifier, Webhooks::new());
        Vec::from_iter((0..50).map(|_| webhooks.create(&request()).unwrap().id))
    };
    let ids: HashSet<_> = std::thread::scope(|scope| {
        let threads = Vec::from_iter((0..4).map(|_| scope.spawn(create)));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 200);
}

#[test]
fn a_registered_webhook_gets_signed_requests() {
    let mut world = World::new();
    let webhooks = on(&world.notifier, Webhooks::new());
    let answer = webhooks.create(&request()).unwrap();
    let event: Event = serde_json::from_str(DELIVERY).unwrap();

    let sent = world.deliver(&event);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].uri(), "https://example.com/webhooks/biometrics");
    let headers = sent[0].headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-event-type"], "watchlist_alert");
    assert_eq!(headers["x-event-id"], "evt_9f8e7d6c-5b4a-3210-fedc-ba9876543210");
    assert_eq!(serde_json::from_slice::<Value>(sent[0].body()).unwrap(), read(DELIVERY));
    let receiver = signer(&Secret::new(SECRET).unwrap());
    receiver.verify(&Received::new(headers, sent[0].body())).unwrap();

    webhooks.delete(&answer.id).unwrap();
    assert_eq!(world.deliver(&event).len(), 0);
}

#[test]
fn the_host_can_choose_the_signature_scheme() {
    let mut world = World::new();
    let by_engine = on(&world.notifier, Webhooks::new().with_scheme(engine_signer));
    by_engine.create(&request()).unwrap();
    let event: Event = serde_json::from_str(DELIVERY).unwrap();
    let sent = world.deliver(&event);
    let received = Received::new(sent[0].headers(), sent[0].body());
    let secret = Secret::new(SECRET).unwrap();
    engine_signer(&secret).verify(&received).unwrap();
    assert!(signer(&secret).verify(&received).is_err());
}

#[test]
fn a_filter_that_the_host_narrows_does_not_change_the_answer() {
    let mut world = World::new();
    let webhooks = on(&world.notifier, Webhooks::new());
    let answer = webhooks.create(&request()).unwrap();
    let webhook = (*world.notifier.webhook(&*answer.id).unwrap()).clone();
    let narrow = r#"{"type": "watchlist_alert", "similarity_gte": 0.99}"#;
    let webhook = webhook.with_filter(Filter::parse(narrow, &FILTERS).unwrap());
    world.notifier.update(&*answer.id, webhook).unwrap();
    let event: Event = serde_json::from_str(DELIVERY).unwrap();
    assert_eq!(world.deliver(&event).len(), 0);
    assert_eq!(webhooks.list(), [answer]);
}
