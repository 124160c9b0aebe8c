//! What a client of the REST APIs sees.

use std::time::SystemTime;

use recohook::{
    Engine, EngineRegistrar, Filter, History, Moment, Registrar, Webhook,
    findface::{UnknownFields, lite, multi, security},
    openbiometrics::{self, Event, EventType, RecentOrder, RecentQuery, UnknownTypes},
    signature::Secret,
};
use serde_json::Value;

const GATE: &[u8] = br#"{"name": "gate", "url": "http://127.0.0.1/", "filters": {}}"#;

fn registrar(engine: &mut Engine) -> EngineRegistrar<'_> {
    engine.registrar(Moment::ZERO, SystemTime::UNIX_EPOCH)
}

/// Returns the error for a body of Security with one field more.
fn refused(field: &str) -> String {
    let body = format!(r#"{{"name": "gate", "url": "http://a/", "filters": {{}}, {field}}}"#);
    security::webhooks().read(body.as_bytes()).expect_err("the field is wrong").to_string()
}

#[test]
fn r1_an_id_is_not_assigned_again_after_a_restart() {
    let (mut engine, webhooks) = (Engine::new(), security::webhooks());
    let object = webhooks.read(GATE).unwrap();
    let first = webhooks.create(&mut registrar(&mut engine), &object).unwrap();
    webhooks.create(&mut registrar(&mut engine), &object).unwrap();
    webhooks.delete(&mut registrar(&mut engine), 2).unwrap();
    let last = webhooks.last_id();
    assert_eq!(last, 2);

    let (mut engine, webhooks) = (Engine::new(), security::webhooks().with_last_id(last));
    webhooks.restore(&mut registrar(&mut engine), &first).unwrap();
    assert_eq!(webhooks.last_id(), 2);
    assert_eq!(webhooks.create(&mut registrar(&mut engine), &object).unwrap().id, Some(3));
    assert_eq!(webhooks.with_last_id(1).last_id(), 3, "the last id must not decrease");
}

#[test]
fn r2_lite_has_patch_and_every_system_can_change_its_secret() {
    let mut engine = Engine::new();
    let mut registrar = registrar(&mut engine);
    let lite = lite::webhooks();
    let object = lite.read(br#"{"name": "a", "target": "http://a/", "filters": {}}"#).unwrap();
    lite.create(&mut registrar, &object).unwrap();
    let changes = br#"{"target": "http://b/", "filters": {"camera_in": 5}}"#;
    let answer = lite.patch(&mut registrar, 1, &lite.read_changes(changes).unwrap()).unwrap();
    let expected = r#"{"name":"a","active":true,"target":"http://b/","filters":{"camera_in":5},"send_attempts":10,"id":1}"#;
    assert_eq!(serde_json::to_string(&answer).unwrap(), expected);

    let key = Secret::new("key").unwrap();
    lite.set_secret(&mut registrar, 1, Some(&key)).unwrap();
    lite.set_secret(&mut registrar, 1, Some(&key)).unwrap();
    assert_eq!(registrar.get(1).unwrap().signers().len(), 1);
    lite.set_secret(&mut registrar, 1, None).unwrap();
    assert_eq!(registrar.get(1).unwrap().signers().len(), 0);
    assert_eq!(lite.set_secret(&mut registrar, 2, None).unwrap_err().kind(), "unknown");
}

#[test]
fn r2_openbiometrics_has_update_patch_and_set_secret() {
    let mut engine = Engine::new();
    let mut registrar = registrar(&mut engine);
    let webhooks = openbiometrics::webhooks();
    let body = br#"{"url": "https://a/", "event_types": ["face_matched"], "secret": "whsec_x"}"#;
    let answer = webhooks.create(&mut registrar, &webhooks.read(body).unwrap()).unwrap();
    let id = answer.id.clone();

    let body = br#"{"url": "https://b/", "event_types": ["line_crossed"], "secret": null}"#;
    let updated = webhooks.update(&mut registrar, &id, &webhooks.read(body).unwrap()).unwrap();
    assert_eq!((&*updated.url, &updated.created_at), ("https://b/", &answer.created_at));
    assert_eq!(registrar.get(&*id).unwrap().signers().len(), 1, "the secret must be kept");
    let changes = webhooks.read_changes(br#"{"url": "https://c/"}"#).unwrap();
    let patched = webhooks.patch(&mut registrar, &id, &changes).unwrap();
    assert_eq!((&*patched.url, patched.event_types), ("https://c/", vec![EventType::LineCrossed]));
    let http = webhooks.read_changes(br#"{"url": "http://c/"}"#).unwrap();
    let error = webhooks.patch(&mut registrar, &id, &http).unwrap_err();
    assert_eq!(error.kind(), "https_required");
    webhooks.set_secret(&mut registrar, &id, None).unwrap();
    assert_eq!(registrar.get(&*id).unwrap().signers().len(), 0);

    let own = Webhook::new("https://own/", Filter::everything(&openbiometrics::FILTERS)).unwrap();
    registrar.insert("own", own).unwrap();
    assert_eq!(webhooks.patch(&mut registrar, "own", &changes).unwrap_err().kind(), "unknown");
}

#[test]
fn f1_unknown_event_types_are_refused_unless_the_host_keeps_them() {
    let mut engine = Engine::new();
    let mut registrar = registrar(&mut engine);
    let webhooks = openbiometrics::webhooks();
    for (found, nearest) in [
        ("face_machted", Some("face_matched")),
        ("FACE_MATCHED", Some("face_matched")),
        ("*", None),
        ("", None),
    ] {
        let object = openbiometrics::Registration::new("https://a/", ["line_crossed", found]);
        let error = webhooks.create(&mut registrar, &object).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), "unknown_event_type");
        assert!(text.starts_with("at /event_types/1: unknown event type"), "{text}");
        let hint = nearest.map_or("expected one of".into(), |it| format!("did you mean \"{it}\"?"));
        assert!(text.contains(&hint), "{text}");
    }
    let webhooks = webhooks.with_unknown_types(UnknownTypes::Keep);
    let object = openbiometrics::Registration::new("https://a/", ["door_opened"]);
    let answer = webhooks.create(&mut registrar, &object).unwrap();
    assert_eq!(answer.event_types, ["door_opened".into()]);
}

#[test]
fn f5_an_error_in_the_filters_is_the_error_of_the_filter_with_its_place() {
    let text = "{\n \"name\": \"gate\", \"url\": \"http://a/\",\n \"filters\": {\n  \"events\": {},\n }\n}";
    let error = security::webhooks().read(text.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "in `filters`: line 5 column 2: not valid JSON: trailing comma",);
    assert_eq!(error.kind(), "syntax");

    let mut engine = Engine::new();
    let deep = format!(
        "{{\"name\": \"gate\", \"url\": \"http://a/\",\n\n\"filters\": {}}}",
        "[".repeat(20) + &"]".repeat(20)
    );
    let webhooks = security::webhooks();
    let object = webhooks.read(deep.as_bytes()).unwrap();
    let error = webhooks.create(&mut registrar(&mut engine), &object).unwrap_err();
    assert!(error.to_string().starts_with("in `filters`: line 3 column 28: "), "{error}");
}

#[test]
fn f6_errors_name_the_field_and_what_the_api_expects() {
    for (field, expected) in [
        (
            r#""batch_size": "10""#,
            "at /batch_size: expected an integer of 1 or more, found a string",
        ),
        (
            r#""send_attempts": -1"#,
            "at /send_attempts: expected an integer from 0 to 4294967295, found -1",
        ),
        (r#""active": null"#, "at /active: expected true or false, found null"),
        (
            r#""active": true, "active": true"#,
            "at /active: this field appears twice; remove one of them",
        ),
    ] {
        assert_eq!(refused(field), expected);
    }
    let error = |text: &str| security::webhooks().read(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(error(r#"{"name": "a"}"#), "at /url: this field is required");
    assert_eq!(error("[1]"), "at the top level: expected an object, found a list");
    assert_eq!(
        error(r#"{"name": 'a'}"#),
        "line 1 column 10: not valid JSON: expected value; use double quotes"
    );
    assert!(error("").starts_with("line 1 column 1: not valid JSON"));

    let types = br#"{"url": "https://a/", "event_types": ["x", 7]}"#;
    let error = openbiometrics::webhooks().read(types).unwrap_err();
    assert_eq!(error.to_string(), "at /event_types/1: expected a string, found 7");
    let secret = br#"{"url": "https://a/", "event_types": [], "secret": ""}"#;
    let error = openbiometrics::webhooks().read(secret).unwrap_err().to_string();
    assert!(error.starts_with("at /secret: "), "{error}");
    for limit in ["abc", "-1", "1.5", ""] {
        let error = recent(&[("limit", limit)]).unwrap_err().to_string();
        let text = "in the parameter `limit`: expected an integer of 0 or more, found";
        assert_eq!(error, format!("{text} \"{limit}\""));
    }
}

#[test]
fn f6_a_mark_is_skipped_and_unknown_fields_are_ignored_unless_refused() {
    let text = [b"\xef\xbb\xbf", GATE].concat();
    assert_eq!(multi::webhooks().read(&text).unwrap(), multi::webhooks().read(GATE).unwrap());

    let body = br#"{"name": "gate", "url": "http://a/", "filters": {}, "batchsize": 1}"#;
    assert!(security::webhooks().read(body).is_ok());
    assert!(security::webhooks().read_changes(body).is_ok());
    let strict = security::webhooks().with_unknown_fields(UnknownFields::Refuse);
    let error = strict.read_changes(body).unwrap_err();
    assert_eq!(error.to_string(), r#"at /batchsize: unknown field; did you mean "batch_size"?"#);
}

#[test]
fn f7_answers_echo_what_the_client_wrote() {
    let mut engine = Engine::new();
    let mut registrar = registrar(&mut engine);
    let webhooks = lite::webhooks();
    let filters = r#"{"camera_in":5,"card_in":[5,4,4],"confidence_gte":1}"#;
    let body = format!(r#"{{"name": "a", "target": "http://a", "filters": {filters}}}"#);
    webhooks.create(&mut registrar, &webhooks.read(body.as_bytes()).unwrap()).unwrap();
    let answer = webhooks.get(&registrar, 1).unwrap();
    let expected = format!(
        r#"{{"name":"a","active":true,"target":"http://a","filters":{filters},"send_attempts":10,"id":1}}"#
    );
    assert_eq!(serde_json::to_string(&answer).unwrap(), expected);

    // Blanks are left out between tokens, but not in a text.
    let changes = br#"{"filters": { "license_plate_number": " a\"\\ b " }}"#;
    let changes = webhooks.read_changes(changes).unwrap();
    let answer = webhooks.patch(&mut registrar, 1, &changes).unwrap();
    assert_eq!(answer.filters.as_str(), r#"{"license_plate_number":" a\"\\ b "}"#);

    // If the host replaces the filter, the answer must not show the old one.
    let narrow = Filter::parse(r#"{"camera_in": 6}"#, &lite::FILTERS).unwrap();
    let webhook = registrar.get(1).unwrap().as_ref().clone().with_filter(narrow);
    registrar.update(1, webhook).unwrap();
    let answer = webhooks.get(&registrar, 1).unwrap();
    assert_eq!(answer.filters.as_str(), r#"{"camera_in":[6]}"#);
}

fn recent(pairs: &[(&str, &str)]) -> Result<RecentQuery, openbiometrics::RegistrationError> {
    RecentQuery::from_pairs(
        pairs.iter().copied(),
        UnknownFields::default(),
        UnknownTypes::default(),
    )
}

#[test]
fn m15_the_most_recent_event_is_last() {
    let history = History::new(10);
    for id in ["1", "2", "3", "4", "5"] {
        history.push(Event::new(id, EventType::LineCrossed, SystemTime::UNIX_EPOCH));
    }
    let ids = |query: &RecentQuery, order| {
        let events = query.select(&history, order);
        events.iter().map(|event| serde_json::to_value(&**event).unwrap()["id"].clone()).collect()
    };
    let two = recent(&[("limit", "2")]).unwrap();
    let shown: Vec<Value> = ids(&two, RecentOrder::NewestLast);
    assert_eq!(shown, ["4", "5"]);
    let shown: Vec<Value> = ids(&two, RecentOrder::NewestFirst);
    assert_eq!(shown, ["5", "4"]);
    let none = recent(&[("limit", "0"), ("event_type", "line_crossed"), ("page", "2")]).unwrap();
    let shown: Vec<Value> = ids(&none, RecentOrder::NewestLast);
    assert_eq!(shown, ["5"], "a limit of 0 selects one event");
    let error = recent(&[("event_type", "line_crosed")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"in the parameter `event_type`: unknown event type "line_crosed"; did you mean "line_crossed"?"#
    );
}
