//! A gateway. It reads JSON that another server delivered, and passes each notification unchanged
//! to the webhooks that match.
//!
//! Run it with `cargo run --example gateway`. It prints each notification with its receipt, the
//! bodies that the receiver gets, and the statistics.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]
mod loopback;

use recohook::findface::security;
use recohook::{Engine, Filter, Moment, Webhook, raw};
use std::{error::Error, time::SystemTime};

/// The received body: two events and a counter record. The server of the second event is in verbose
/// mode, so the camera is an object.
const RECEIVED: &[u8] = br#"[
    {"id": "42", "webhook_type": "events", "camera": 3, "matched": true, "confidence": 0.91},
    {"id": "43", "webhook_type": "events", "camera": {"id": 3, "name": "Gate"}, "matched": false},
    {"id": 44, "webhook_type": "counters", "camera": 3, "faces_count": 5}
]"#;

fn main() -> Result<(), Box<dyn Error>> {
    let url = loopback::echo()?;
    let (mut engine, now) = (Engine::new(), Moment::ZERO);
    for (name, filter) in [
        ("the gate", r#"{"events": {"camera_in": [3]}}"#),
        ("crowds", r#"{"counters": {"faces_gte": 4}}"#),
    ] {
        let filter = Filter::parse(filter, &security::FILTERS)?;
        let webhook = Webhook::new(&url, filter)?.with_profile(security::profile());
        engine.insert(name, webhook, now)?;
    }

    let mut reader = raw::Reader::new(&security::RAW);
    for bytes in raw::split(RECEIVED)? {
        let notification = reader.read(bytes)?;
        println!("{}: {:?}", notification.text(), engine.publish(&notification, now)?);
    }
    while let Some(outgoing) = engine.poll_request(now, SystemTime::now()) {
        let id = outgoing.attempt_id();
        let answer = ureq::run(outgoing.into_request().map(|body| body.to_vec()))?;
        engine.handle_response(id, answer.status(), answer.headers(), now, SystemTime::now());
    }
    println!("{}", engine.total());
    Ok(())
}
