//! Checks that the next attempt follows in time after any `Retry-After`.

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

/// Takes the value of `Retry-After`, and after a line feed the value of `Date`.
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

/// Checks that a webhook is not blocked for longer than its policy allows, and that the next
/// attempt follows.
fn check_wait(asked: &[u8], headers: &HeaderMap, longest: Duration, wall: SystemTime) {
    let mut engine = Engine::with_config(Config::default().with_seed(1));
    let webhook = Webhook::new("http://host/", any_filter()).expect("the URL should be valid");
    let webhook = webhook.with_policy(policy(longest));
    engine.insert("one", webhook, Moment::ZERO).expect("the webhook should be valid");
    engine.publish(&Event::new("1"), Moment::ZERO).expect("the queue should have room");
    let first = engine.poll_request(Moment::ZERO, wall).expect("an attempt should be due");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    engine.handle_response(first.attempt_id(), status, headers, Moment::ZERO, wall);

    let status = engine.status("one", Moment::ZERO).expect("the webhook should be registered");
    let blocked_for = status.blocked_for;
    assert!(blocked_for <= longest, "blocked for {blocked_for:?}, longer than {longest:?}");
    if let Some(seconds) = seconds(asked) {
        assert_eq!(
            blocked_for,
            seconds.min(longest).min(LONGEST_TIME),
            "Retry-After is {seconds:?}"
        );
    }
    let due = engine.poll_timeout().expect("a retry should be scheduled");
    assert!(due > Moment::ZERO, "the retry is due at once");
    assert!(due >= Moment::ZERO + blocked_for, "the retry is due while the webhook is blocked");
    assert!(engine.poll_request(due, wall).is_some(), "the retry is due, but not handed out");
}

/// The longest time that a [`Moment`] can represent.
const LONGEST_TIME: Duration = Duration::from_nanos(u64::MAX);

fn policy(longest: Duration) -> Policy {
    let backoff = Backoff::constant(Duration::from_secs(1)).expect("the delay should be valid");
    let retry = Retry::new(Attempts::Unlimited, backoff);
    Policy::default().with_retry(retry.with_max_retry_after(longest))
}

/// Returns the delay if the value is a number of seconds.
fn seconds(asked: &[u8]) -> Option<Duration> {
    let is_number = !asked.is_empty() && asked.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(asked).ok().filter(|_| is_number)?;
    Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}
