//! Policies, limits, attribute values and schemas: which values are valid, and how others are
//! refused.

use std::time::Duration;

use recohook::{
    Limits,
    attribute::{Attribute, AttributeError, Schema, Values},
    http::StatusCode,
    policy::{Attempts, Backoff, Batching, Policy, PolicyError, RetryOn, Success},
};

#[test]
fn a_policy_refuses_zero_and_empty_values() {
    assert_eq!(Batching::at_most(0), Err(PolicyError::ZeroBatch));
    assert_eq!(Batching::default().with_max_bytes(0), Err(PolicyError::ZeroBatchBytes));
    assert_eq!(Policy::default().with_timeout(Duration::ZERO), Err(PolicyError::ZeroTimeout));
    assert_eq!(
        Policy::default().with_max_in_flight_batches(0),
        Err(PolicyError::ZeroInFlightBatches)
    );
    assert_eq!(Success::one_of([]), Err(PolicyError::NoStatus));
}

#[test]
fn zero_attempts_are_unlimited_only_for_findface() {
    assert_eq!(recohook::findface::attempts(0), Attempts::Unlimited);
    assert_eq!(Attempts::at_most(0), Err(PolicyError::ZeroAttempts));
    assert!(Attempts::Unlimited.allows(u32::MAX));
    assert!(Attempts::at_most(3).unwrap().allows(3) && !Attempts::at_most(3).unwrap().allows(4));
}

#[test]
fn a_part_of_a_retry_policy_can_be_changed() {
    let documented = recohook::findface::security::policy().retry().clone();
    let backoff = Backoff::constant(Duration::from_secs(2)).unwrap();
    let changed = documented.clone().with_attempts(Attempts::Unlimited).with_backoff(backoff);
    assert_eq!(changed.attempts(), Attempts::Unlimited);
    assert_eq!(changed.backoff().base(9), Duration::from_secs(2));
    assert_eq!(changed.retry_on(), documented.retry_on());
}

#[test]
fn success_rules_accept_the_statuses_that_they_name() {
    let status = |code| StatusCode::from_u16(code).unwrap();
    let set = Success::one_of([status(200), status(409)]).unwrap();
    for (rule, accepted, refused) in [
        (Success::Exactly(status(200)), vec![200], vec![201, 204, 302, 404]),
        (Success::Any2xx, vec![200, 204, 299], vec![199, 300, 404, 500]),
        (Success::Below400, vec![200, 302, 399], vec![100, 101, 400, 500]),
        (set, vec![200, 409], vec![201, 410]),
    ] {
        accepted.iter().for_each(|code| assert!(rule.accepts(status(*code)), "{rule:?} {code}"));
        refused.iter().for_each(|code| assert!(!rule.accepts(status(*code)), "{rule:?} {code}"));
    }
}

#[test]
fn a_status_that_another_attempt_may_cure_is_transient() {
    for (code, again) in [
        (400, false),
        (404, false),
        (408, true),
        (425, true),
        (429, true),
        (500, true),
        (302, true),
    ] {
        let status = StatusCode::from_u16(code).unwrap();
        assert_eq!(RetryOn::Transient.retries(status), again, "{code}");
        assert!(RetryOn::AnyFailure.retries(status));
    }
}

#[test]
fn a_limit_of_zero_counts_as_one() {
    let limits =
        Limits::default().with_max_queue_items(0).with_max_in_flight(0).with_max_response_bytes(0);
    assert_eq!(
        (limits.max_queue_items(), limits.max_in_flight(), limits.max_response_bytes()),
        (1, 1, 1)
    );
}

static READING: Schema =
    Schema::new("readings", &[Attribute::number("celsius"), Attribute::int("sensor")]);
static WIDER: Schema =
    Schema::new("wider", &[Attribute::int("a"), Attribute::int("b"), Attribute::int("c")]);

#[test]
fn values_accept_what_their_schema_declares() {
    let (celsius, sensor) = (READING.expect("celsius"), READING.expect("sensor"));
    let mut values = Values::new();
    values.int(sensor, 1);
    assert_eq!(values.error(), Some(&AttributeError::NoSchema));

    values.reset(&READING);
    values.number(celsius, f64::NAN);
    assert!(!values.is_present(celsius), "NaN counts as null");
    values.number(celsius, 21.5);
    values.number(celsius, None);
    assert!(!values.is_present(celsius), "a later null replaces the value");
    assert_eq!(values.error(), None);

    values.number(sensor, 1.0);
    let error = values.error().unwrap().to_string();
    assert_eq!(
        error,
        r#"attribute "sensor" of topic "readings" takes an integer, but was given a number"#
    );

    values.reset(&READING);
    values.int(WIDER.expect("c"), 1);
    assert_eq!(values.error(), Some(&AttributeError::Unknown { topic: "readings", index: 2 }));
}

#[test]
fn invalid_schemas_are_refused() {
    let made = |attributes: &[Attribute]| {
        let attributes = attributes.to_vec().leak();
        std::panic::catch_unwind(|| Schema::new("topic", attributes)).is_ok()
    };
    assert!(made(&[Attribute::int("a"), Attribute::int("b")]));
    assert!(!made(&[Attribute::int("a"), Attribute::bool("a")]));
    assert!(!made(&[Attribute::int("")]));
    assert!(!made(&[Attribute::int("a"); 65]));
    let names: Vec<&'static str> = (0..33).map(|n| &*n.to_string().leak()).collect();
    let bools: Vec<_> = names.iter().map(|name| Attribute::bool(name)).collect();
    assert!(made(&bools[..32]), "64 bits fit");
    assert!(!made(&bools), "66 bits do not fit");
    assert!(std::panic::catch_unwind(|| Attribute::choice("x", &["a", "a"])).is_err());
    assert!(std::panic::catch_unwind(|| Attribute::choice("x", &[])).is_err());
}
