//! Every `kind()` of an error, and the names of failures and drops. Dashboards count by these
//! names, so they must not change.

use std::{error::Error, time::Duration};

use recohook::{
    EncodeError, Engine, FailureKind, Filter, HeaderError, Moment, PublishError, RegistryError,
    Webhook, WebhookError, WebhookId,
    attribute::{Attribute, AttributeError, Schema, Values},
    failure::ErrorText,
    findface::security,
    http::header::HOST,
    openbiometrics::{
        self, EventType, RecentQuery, Registration, RegistrationError, UnknownFields, UnknownTypes,
        UrlRule,
    },
    policy::{Attempts, Backoff, Batching, Policy, PolicyError, Success},
    report::DropReason,
};

fn webhook(url: &str) -> Result<Webhook, WebhookError> {
    Webhook::new(url, Filter::everything(&security::FILTERS))
}

#[test]
fn kinds_of_webhook_errors() {
    for (url, kind) in [
        ("", "empty_url"),
        ("http://h/ ", "blank"),
        ("http://h/\n/", "control_character"),
        ("http:/h/", "slashes"),
        ("http://ä/", "host_not_ascii"),
        ("http:///", "host_empty"),
        ("http://a[]/", "host_brackets"),
        ("https://127.1/", "host_ipv4_spelling"),
        ("/path", "relative_url"),
        ("ftp://host/", "scheme"),
        ("http://[::g]/", "host_ipv6"),
        ("http://host:0/", "port"),
        ("http://name:word@host/", "credentials"),
        ("http://host/#part", "fragment"),
    ] {
        assert_eq!(webhook(url).unwrap_err().kind(), kind, "{url}");
    }
    for (name, value, kind) in [
        ("a b", "", "header_name"),
        ("a", "\n", "header_value"),
        ("connection", "a", "reserved_header"),
    ] {
        let webhook = webhook("http://host/").unwrap();
        assert_eq!(webhook.with_header(name, value).unwrap_err().kind(), kind, "{name}");
    }
    assert_eq!(WebhookError::from(HeaderError::TooMany).kind(), "too_many_headers");
}

#[test]
fn kinds_of_policy_errors() {
    let nothing = Duration::ZERO;
    let second = Duration::from_secs(1);
    let kinds: [(PolicyError, _); 9] = [
        (Batching::at_most(0).unwrap_err(), "zero_batch"),
        (Batching::default().with_max_bytes(0).unwrap_err(), "zero_batch_bytes"),
        (Attempts::at_most(0).unwrap_err(), "zero_attempts"),
        (Policy::default().with_timeout(nothing).unwrap_err(), "zero_timeout"),
        (Policy::default().with_max_in_flight_batches(0).unwrap_err(), "zero_in_flight_batches"),
        (Backoff::exponential(nothing, 2.0, second).unwrap_err(), "delay_too_short"),
        (Backoff::exponential(2 * second, 2.0, second).unwrap_err(), "delay_over_cap"),
        (Backoff::exponential(second, 0.5, second).unwrap_err(), "factor"),
        (Success::one_of([]).unwrap_err(), "no_status"),
    ];
    for (error, kind) in kinds {
        assert_eq!(error.kind(), kind);
    }
}

#[test]
fn kinds_of_registry_errors() {
    let webhook = webhook("http://host/").unwrap();
    let (mut engine, now) = (Engine::new(), Moment::ZERO);
    engine.insert(1, webhook.clone(), now).unwrap();
    let large = webhook.clone().with_header("x-large", &"x".repeat(70_000)).unwrap();
    let twice = [(WebhookId::from(2), webhook.clone()), (WebhookId::from(2), webhook.clone())];
    for (error, kind) in [
        (engine.insert(1, webhook.clone(), now).unwrap_err(), "taken"),
        (engine.update(2, webhook, now).unwrap_err(), "unknown"),
        (engine.replace_all(twice, now).unwrap_err(), "duplicate_id"),
        (engine.insert(3, large, now).unwrap_err(), "headers_too_large"),
        (RegistryError::DuplicateHeader { id: 4.into(), name: HOST }, "duplicate_header"),
        (RegistryError::BatchTooLarge { id: 4.into(), items: 2 }, "batch_too_large"),
    ] {
        assert_eq!(error.kind(), kind);
    }
}

#[test]
fn kinds_of_registration_errors() {
    let kind = |url, types| {
        let registration = Registration::new(url, types);
        registration.to_webhook(UrlRule::Https).unwrap_err().kind()
    };
    assert_eq!(kind("http://host/", vec![EventType::LineCrossed]), "https_required");
    assert_eq!(kind("https://host/", Vec::new()), "no_event_types");
    for (body, kind) in [
        ("{", "syntax"),
        ("{}", "missing_field"),
        (r#"{"url": 1}"#, "wrong_type"),
        (r#"{"url": "", "url": ""}"#, "duplicate"),
        (r#"{"link": ""}"#, "unknown_field"),
        (r#"{"secret": ""}"#, "secret"),
    ] {
        let webhooks = openbiometrics::webhooks().with_unknown_fields(UnknownFields::Refuse);
        assert_eq!(webhooks.read(body.as_bytes()).unwrap_err().kind(), kind, "{body}");
    }
    for (parameter, kind) in [
        (("limit", "x"), "parameter"),
        (("limt", "1"), "unknown_parameter"),
        (("event_type", "x"), "unknown_event_type"),
    ] {
        let (fields, types) = (UnknownFields::Refuse, UnknownTypes::Refuse);
        let error = RecentQuery::from_pairs([parameter], fields, types).unwrap_err();
        assert_eq!(error.kind(), kind);
    }
    // The event types become a filter, so its limits apply, and the kind is the kind of its error.
    let error = Filter::parse("{", &security::FILTERS).unwrap_err();
    let kind = error.kind();
    assert_eq!(RegistrationError::EventTypes(error).kind(), kind);
}

#[test]
fn names_of_failures() {
    use FailureKind::{Connect, Interrupted, InvalidRequest, Other, Panic, Protocol, Timeout, Tls};
    let kinds = [Timeout, Connect, Tls, Interrupted, Protocol, Panic, InvalidRequest, Other];
    let names = kinds.map(FailureKind::as_str).join(" ");
    assert_eq!(names, "timeout connect tls interrupted protocol panic invalid_request other");
}

#[test]
fn names_of_drop_reasons() {
    let reasons = [DropReason::Overflow, DropReason::Removed, DropReason::Shutdown];
    assert_eq!(reasons.map(DropReason::as_str).join(" "), "overflow removed shutdown");
}

#[test]
fn kinds_of_attribute_errors() {
    static PASSAGES: Schema = Schema::new("passages", &[Attribute::bool("late")]);
    let error_of = |act: fn(&mut Values)| {
        let mut values = Values::default();
        act(&mut values);
        values.error().cloned().expect("the values should have an error")
    };
    assert_eq!(error_of(|values| values.bool(PASSAGES.expect("late"), true)).kind(), "no_schema");
    let wrong = error_of(|values| {
        values.reset(&PASSAGES);
        values.int(PASSAGES.expect("late"), 1);
    });
    assert_eq!(wrong.kind(), "wrong_kind");
    let unknown = error_of(|values| {
        values.reset(&PASSAGES);
        values.bool(security::EVENTS.expect("matched"), true);
    });
    assert_eq!(unknown.kind(), "unknown");
    let large = AttributeError::TooLarge { topic: "passages", attribute: "late" };
    assert_eq!(large.kind(), "too_large");
}

#[test]
fn kinds_of_parse_errors() {
    for (body, kind) in [
        (b"\xff" as &[u8], "encoding"),
        (b"[", "json"),
        (b"1", "framing"),
        (br#"[{"webhook_type": "events"}]"#, "notification"),
    ] {
        let error = security::parse_delivery(body).expect_err("the body should be refused");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

/// The text of an error does not repeat the text of its source, so the joined chain reads well.
#[test]
fn kinds_and_texts_of_publish_errors() {
    let error = PublishError::from(EncodeError::new("no compact form"));
    assert_eq!(error.kind(), "encode");
    assert_eq!(error.to_string(), "the notification cannot be written as JSON");
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no compact form"));
    assert_eq!(
        ErrorText::of(&error).to_string(),
        "the notification cannot be written as JSON: no compact form"
    );
    let error = PublishError::from(AttributeError::NoSchema);
    assert_eq!(error.kind(), "attributes");
    assert_eq!(
        ErrorText::of(&error).to_string(),
        "the notification's attributes do not fit its schema: a value was set before the values \
         had a schema; call `Values::reset` first"
    );
}
