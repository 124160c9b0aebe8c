//! Whatever a receiver asks for in `Retry-After`, the next attempt comes, and not too late.

use std::time::{Duration, SystemTime};

use recohook::{
    Config, Engine, Moment, Webhook,
    findface::security::Event,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{DATE, RETRY_AFTER},
    },
    policy::{Attempts, Backoff, Policy, Retry},
};

use super::systems::any_filter;

/// The input is the value of `Retry-After`, and after a line feed that of `Date`.
pub(crate) fn check(values: &[u8]) {
    let mut values = values.splitn(2, |byte| *byte == b'\n');
    let asked = values.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    let Ok(value) = HeaderValue::from_bytes(asked) else { return };
    headers.append(RETRY_AFTER, value);
    if let Some(Ok(date)) = values.next().map(HeaderValue::from_bytes) {
        headers.append(DATE, date);
    }

    let epoch = SystemTime::UNIX_EPOCH;
    let usual = epoch + Duration::from_secs(1_700_000_000);
    let before_1970 = epoch - Duration::from_secs(77);
    let far_off = epoch + Duration::from_secs(1 << 40);
    for (longest, wall) in
        [(Duration::from_secs(3600), usual), (Duration::MAX, before_1970), (Duration::MAX, far_off)]
    {
        check_wait(asked, &headers, longest, wall);
    }
}

/// A webhook is blocked for no longer than its policy allows, and then gets the next attempt.
fn check_wait(asked: &[u8], headers: &HeaderMap, longest: Duration, wall: SystemTime) {
    let mut engine = Engine::with_config(Config::default().with_seed(1));
    let webhook = Webhook::new("http://host/", any_filter()).expect("a URL");
    engine.insert("one", webhook.with_policy(policy(longest)), Moment::ZERO).expect("a webhook");
    engine.publish(&Event::new("1"), Moment::ZERO).expect("there is room");
    let first = engine.poll_request(Moment::ZERO, wall).expect("it is due at once");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    engine.handle_response(first.attempt_id(), status, headers, Moment::ZERO, wall);

    let blocked_for = engine.status("one", Moment::ZERO).expect("it is registered").blocked_for;
    assert!(blocked_for <= longest, "it is blocked for {blocked_for:?}, longer than {longest:?}");
    if let Some(seconds) = seconds(asked) {
        assert_eq!(blocked_for, seconds.min(longest).min(FOR_EVER), "it asks for {seconds:?}");
    }
    let due = engine.poll_timeout().expect("another attempt follows");
    assert!(due > Moment::ZERO, "the next attempt follows at once");
    assert!(due >= Moment::ZERO + blocked_for, "the next attempt comes while it is blocked");
    assert!(engine.poll_request(due, wall).is_some(), "there is no attempt when it is due");
}

/// The longest time that a clock can count.
const FOR_EVER: Duration = Duration::from_nanos(u64::MAX);

fn policy(longest: Duration) -> Policy {
    let backoff = Backoff::constant(Duration::from_secs(1)).expect("a delay");
    let retry = Retry::new(Attempts::Unlimited, backoff);
    Policy::default().with_retry(retry.with_max_retry_after(longest))
}

/// What is asked for, if that is a number of seconds.
fn seconds(asked: &[u8]) -> Option<Duration> {
    let is_number = !asked.is_empty() && asked.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(asked).ok().filter(|_| is_number)?;
    Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}
