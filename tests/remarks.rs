//! What reports and dead letters say about responses, tested through an engine.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::time::{Duration, UNIX_EPOCH};

use recohook::{
    Config, Engine, Filter, Moment, Reported, Webhook,
    failure::ErrorText,
    findface::security::{Event, FILTERS},
    http::{HeaderMap, StatusCode},
    policy::{Attempts, Policy},
    report::{DeadLetter, Remark},
};

/// Returns the remarks in the report and in the dead letter of a response, and the report's line.
fn remarks(status: u16, headers: &[(&str, &str)]) -> (Vec<Remark>, Vec<Remark>, String) {
    let (sender, dead_letters) = std::sync::mpsc::channel();
    let handler = move |dead_letter: DeadLetter| drop(sender.send(dead_letter));
    let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(handler));
    let policy = Policy::default();
    let retry = policy.retry().clone().with_attempts(Attempts::at_most(1).unwrap());
    let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS)).unwrap();
    engine.insert(1, webhook.with_policy(policy.with_retry(retry)), Moment::ZERO).unwrap();
    let mut reports = engine.reports();
    engine.publish(&Event::new("42"), Moment::ZERO).unwrap();
    let id = engine.poll_request(Moment::ZERO, UNIX_EPOCH).unwrap().attempt_id();
    let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let headers: HeaderMap = pairs.collect();
    let status = StatusCode::from_u16(status).unwrap();
    engine.handle_response(id, status, &headers, Moment::ZERO, UNIX_EPOCH);
    let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
    let dead_letter = dead_letters.try_recv().map(|dead| dead.remarks().to_vec());
    (report.remarks().to_vec(), dead_letter.unwrap_or_default(), report.to_string())
}

#[test]
fn t3_a_retry_after_that_is_cut_is_remarked() {
    let asked = Duration::from_secs(86_400);
    let expected = vec![Remark::RetryAfterCapped { asked }];
    let (reported, dead, line) = remarks(503, &[("retry-after", "86400")]);
    assert_eq!((&reported, &dead), (&expected, &expected));
    assert!(line.ends_with("; the receiver asked for 86400 seconds, which is too long"), "{line}");
    // Within the policy's limit, and with a success, there is nothing to remark.
    assert_eq!(remarks(503, &[("retry-after", "3600")]).0, []);
    assert_eq!(remarks(200, &[("retry-after", "86400")]).0, []);
}

#[test]
fn t7_a_retry_after_that_cannot_be_read_is_remarked() {
    for value in ["30s", "+30", "\"30\"", "30, 60", "soon"] {
        let value_text = ErrorText::new(value);
        let expected = [Remark::RetryAfterIgnored { value: value_text }];
        assert_eq!(remarks(429, &[("retry-after", value)]).0, expected);
    }
    assert_eq!(remarks(429, &[("retry-after", "1.5")]).0, []);
}

#[test]
fn t8_a_redirect_is_remarked_with_its_target() {
    for status in [301, 302, 303, 307, 308] {
        let location = "https://user:word@new.example/hook?token=x";
        let url = ErrorText::new("https://new.example/hook");
        let (reported, _, line) = remarks(status, &[("location", location)]);
        assert_eq!(reported, [Remark::Location { url }], "{status}");
        assert!(!line.contains("token") && !line.contains("word"), "{line}");
    }
    assert_eq!(remarks(500, &[("location", "/x")]).0, []);
}

#[test]
fn t9_unusual_statuses_are_reported_as_they_are() {
    for status in [501, 505, 599] {
        let (_, _, line) = remarks(status, &[]);
        assert!(line.contains(&format!("Error sending webhook: {status}, message=")), "{line}");
    }
}
