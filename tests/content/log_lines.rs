//! The log lines that the documents show.

use std::time::SystemTime;

use recohook::{
    Engine, FailureKind, Filter, Moment, Registrar, Reported, Webhook,
    findface::{security, security_2019},
    http::Response,
    policy::{Attempts, Retry},
    report::{Level, Report},
    transport::{ReasonPhrase, TransportError},
};

const NOW: Moment = Moment::ZERO;

fn engine(id: i32, filter: &str, table: &'static recohook::filter::Table) -> Engine {
    let mut engine = Engine::new();
    let filter = Filter::parse(filter, table).unwrap();
    let webhook = Webhook::new("http://127.0.0.1:8888/", filter).unwrap();
    engine.insert(id, webhook.with_profile(security::profile()), NOW).unwrap();
    engine
}

fn next(reports: &mut recohook::Reports) -> Report {
    match reports.try_next() {
        Some(Reported::Report(report)) => report,
        other => panic!("{other:?}"),
    }
}

/// The lines of the document of 2020, without the time, the host and the logger.
#[test]
fn the_lines_of_security_2020() {
    let mut engine = engine(2, r#"{"events": {}}"#, &security::FILTERS);
    let registrar = engine.registrar(NOW, SystemTime::now());
    assert_eq!(
        security::update_lines(&registrar),
        [
            r#"Updating "events" workers for webhooks: {2}"#,
            r#"Updating "episodes" workers for webhooks: set()"#,
            r#"Updating "counters" workers for webhooks: set()"#,
        ]
    );
    let mut reports = engine.reports();
    let event = security::Event::new("4267685965791894192");
    assert_eq!(
        security::reception_line(&event, std::time::Duration::from_micros(2617)),
        r#"Webhook updater processing message(type-"events:event_created"). Consumer reception delta: 0.002617"#
    );
    engine.publish(&event, NOW).unwrap();
    let outgoing = engine.poll_request(NOW, SystemTime::now()).unwrap();
    let (response, ()) = Response::new(()).into_parts();
    engine.handle_response_parts(outgoing.attempt_id(), &response, NOW, SystemTime::now());
    let report = next(&mut reports);
    assert_eq!(
        report.to_string(),
        r#"<queue:  0> Webhook worker(id-2, type-"events") sent batch(len-1, type-"events"): ['4267685965791894192']"#
    );
    assert_eq!(report.level(), Level::Info);

    // nginx sends another phrase than the standard has.
    engine.publish(&event, NOW).unwrap();
    let mut now = NOW;
    for (attempt, next_attempt) in [(1, "0.270"), (2, "0.729"), (3, "1.968"), (4, "5.314")] {
        engine.publish(&event, now).unwrap();
        let outgoing = engine.poll_request(now, SystemTime::now()).unwrap();
        let phrase = ReasonPhrase::new(b"Not Allowed");
        let (response, ()) =
            Response::builder().status(405).extension(phrase).body(()).unwrap().into_parts();
        engine.handle_response_parts(outgoing.attempt_id(), &response, now, SystemTime::now());
        let report = next(&mut reports);
        assert_eq!(
            report.to_string(),
            format!(
                "<queue: {attempt:>2}> Webhook worker(id-2, type-\"events\") Error sending webhook: \
                 405, message='Not Allowed'. Attempt {attempt} out of 10. Next attempt in \
                 {next_attempt} seconds."
            )
        );
        assert_eq!(report.level(), Level::Warning);
        now = engine.poll_timeout().unwrap();
    }
}

#[test]
fn the_lines_of_security_2019() {
    let mut engine = engine(1, "{}", &security_2019::FILTERS);
    let mut reports = engine.reports();
    engine.publish(&security_2019::Event::new("1"), NOW).unwrap();
    let outgoing = engine.poll_request(NOW, SystemTime::now()).unwrap();
    let error = TransportError::connect("Cannot connect to host ssl:False [Connection refused]");
    engine.handle_failure(outgoing.attempt_id(), error, NOW);
    assert_eq!(
        security_2019::log_line(&next(&mut reports)).to_string(),
        "While working on hook 1 Exception occured: no connection to the receiver: Cannot connect \
         to host ssl:False [Connection refused]"
    );
    let due = engine.poll_timeout().unwrap();
    let outgoing = engine.poll_request(due, SystemTime::now()).unwrap();
    let (response, ()) = Response::new(()).into_parts();
    engine.handle_response_parts(outgoing.attempt_id(), &response, due, SystemTime::now());
    assert_eq!(security_2019::log_line(&next(&mut reports)).to_string(), "hook 1 was pulled on");
}

#[test]
fn a_phrase_cannot_forge_a_line() {
    let mut engine = engine(1, "{}", &security::FILTERS);
    let mut reports = engine.reports();
    engine.publish(&security::Event::new("1"), NOW).unwrap();
    let outgoing = engine.poll_request(NOW, SystemTime::now()).unwrap();
    let phrase = ReasonPhrase::new("no\nWARNING \u{7}".repeat(1000).as_bytes());
    let (response, ()) =
        Response::builder().status(500).extension(phrase).body(()).unwrap().into_parts();
    engine.handle_response_parts(outgoing.attempt_id(), &response, NOW, SystemTime::now());
    let line = next(&mut reports).to_string();
    assert!(!line.contains(['\n', '\u{7}']) && line.len() < 1_000, "{line}");
    // Bytes that are not UTF-8 are replaced.
    assert_eq!(ReasonPhrase::new(b"caf\xe9").as_str(), "caf\u{fffd}");
}

#[test]
fn what_is_lost_is_an_error() {
    let once = Retry::default().with_attempts(Attempts::at_most(1).unwrap());
    let policy = security::policy().with_retry(once);
    let filter = Filter::everything(&security::FILTERS);
    let webhook = Webhook::new("http://127.0.0.1/", filter).unwrap().with_policy(policy);
    let mut engine = Engine::new();
    engine.insert(1, webhook, NOW).unwrap();
    let mut reports = engine.reports();
    engine.publish(&security::Event::new("1"), NOW).unwrap();
    let outgoing = engine.poll_request(NOW, SystemTime::now()).unwrap();
    engine.abandon(outgoing.attempt_id(), NOW);
    assert_eq!(next(&mut reports).level(), Level::Debug);
    let outgoing = engine.poll_request(NOW, SystemTime::now()).unwrap();
    engine.handle_failure(outgoing.attempt_id(), FailureKind::Timeout, NOW);
    assert_eq!(next(&mut reports).level(), Level::Error);
    engine.publish(&security::Event::new("2"), NOW).unwrap();
    engine.registrar(NOW, SystemTime::now()).remove(1).unwrap();
    assert_eq!(next(&mut reports).level(), Level::Error);
}
