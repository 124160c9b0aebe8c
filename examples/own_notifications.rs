//! Your own type of notification, with a schema and a native filter, delivered in batches of two.
//!
//! Run it with `cargo run --example own_notifications`. It prints the receipt of each notification,
//! the bodies that the receiver gets, and the statistics.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]
mod loopback;

use recohook::attribute::{Attribute, AttributeId, Schema, Values};
use recohook::filter::{Section, Table};
use recohook::policy::{Batching, Policy};
use recohook::{EncodeError, Engine, Filter, Moment, Notification, Rendering, Webhook};
use std::{borrow::Cow, error::Error, time::SystemTime};

#[derive(serde::Serialize)]
struct Passage {
    id: u64,
    door: i64,
    badge: Option<String>,
    granted: bool,
}

// Only what filters test is an attribute. The JSON text has all fields.
static PASSAGES: Schema =
    Schema::new("passages", &[Attribute::int("door"), Attribute::bool("granted")]);
const DOOR: AttributeId = PASSAGES.expect("door");
const GRANTED: AttributeId = PASSAGES.expect("granted");
static FILTERS: Table = Table::flat(&Section::native(&PASSAGES));

impl Notification for Passage {
    fn schema(&self) -> &'static Schema {
        &PASSAGES
    }
    fn id(&self) -> Cow<'_, str> {
        self.id.to_string().into()
    }
    fn kind(&self) -> &str {
        "passage"
    }
    fn attributes(&self, values: &mut Values) {
        values.int(DOOR, self.door);
        values.bool(GRANTED, self.granted);
    }
    fn encode(&self, _: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(serde_json::to_writer(out, self)?)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let url = loopback::echo()?;
    let filter = Filter::parse(r#"{"door_in": [7, 9], "granted": false}"#, &FILTERS)?;
    let policy = Policy::default().with_batch(Batching::at_most(2)?);
    let (mut engine, now) = (Engine::new(), Moment::ZERO);
    engine.insert("refused", Webhook::new(&url, filter)?.with_policy(policy), now)?;
    for (id, door, granted) in [(1, 7, false), (2, 7, true), (3, 9, false), (4, 9, false)] {
        let passage = Passage { id, door, badge: None, granted };
        println!("passage {id}: {:?}", engine.publish(&passage, now)?);
    }
    while let Some(outgoing) = engine.poll_request(now, SystemTime::now()) {
        let id = outgoing.attempt_id();
        let answer = ureq::run(outgoing.into_request().map(|body| body.to_vec()))?;
        engine.handle_response(id, answer.status(), answer.headers(), now, SystemTime::now());
    }
    println!("{}", engine.total());
    Ok(())
}
