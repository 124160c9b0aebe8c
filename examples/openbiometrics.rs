//! OpenBiometrics, end to end on loopback: a receiver registers by the documented object, verifies
//! what it gets, and a host answers the rest of the REST interface.
//!
//! Run it with `cargo run --features hyper --example openbiometrics`.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

mod loopback;

use std::{error::Error, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use loopback::{Answer, Meddler, compare_digest};
use recohook::{
    History, Notification, Notifier,
    bytes::Bytes,
    clock::TokioClock,
    http::{HeaderValue, Request, StatusCode},
    openbiometrics::{self, Event, EventType, RecentQuery, Registration, UrlRule, Webhooks},
    signature::{Received, Secret, Verifier},
    transport::HyperTransport,
};
use sha2::Sha256;

/// Shared by the two sides. A real one is random.
const SECRET: &str = "whsec_your_signing_secret";

/// The documented body of a registration, with the receiver's URL to be filled in.
const REGISTRATION: &str = r#"{
    "url": "URL",
    "event_types": ["face_matched", "watchlist_alert", "liveness_passed"],
    "secret": "whsec_your_signing_secret"
}"#;

/// The documented body of a delivery.
const DOCUMENTED: &[u8] = include_bytes!("../tests/data/openbiometrics/delivery.json");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = loopback::receiver("127.0.0.1:0", receive)?;
    println!("receiver: listening on {url}");
    let notifier = Notifier::new(Meddler::new(HyperTransport::new(), meddle), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());

    // What a host's handlers of the REST interface call.
    let webhooks = Webhooks::new();
    println!("\nhost:     POST /api/v1/events/webhooks");
    let registration: Registration = serde_json::from_str(&REGISTRATION.replace("URL", &url))?;
    if let Err(error) = webhooks.create(&mut &notifier, &registration) {
        println!("host:     refused: {error}");
    }
    // This receiver is on the same machine, so nobody can listen on the way.
    let webhooks = webhooks.with_url_rule(UrlRule::HttpToo);
    let registered = webhooks.create(&mut &notifier, &registration)?;
    println!("host:     http is allowed here: {}", serde_json::to_string(&registered)?);

    // Each event goes to the history, and to the receivers that subscribe to its type.
    let history = History::new(1000);
    let crossed = Event::new("evt_2", EventType::LineCrossed, "2026-03-19T10:33:00+00:00");
    for event in openbiometrics::parse_delivery(DOCUMENTED)?.into_iter().chain([crossed]) {
        let receipt = notifier.publish(&event)?;
        println!("\nhost:     publishes a {}: {} subscribe to it", event.kind(), receipt.matched);
        history.push(event);
        notifier.flush(Duration::from_secs(10)).await;
    }

    println!("\nhost:     GET /api/v1/events/recent?limit=10&event_type=watchlist_alert");
    let query: RecentQuery =
        serde_json::from_str(r#"{"limit": 10, "event_type": "watchlist_alert"}"#)?;
    let recent = history.recent(query.limit, query.event_type.as_ref().map(EventType::as_str));
    let recent: Vec<&Event> = recent.iter().map(AsRef::as_ref).collect();
    println!("host:     {}", serde_json::to_string(&recent)?);
    println!("host:     GET /api/v1/events/webhooks");
    println!("host:     {}", serde_json::to_string(&webhooks.list(&&notifier))?);
    println!("host:     DELETE /api/v1/events/webhooks/{}", registered.id);
    let removed = webhooks.delete(&mut &notifier, &registered.id)?;
    println!("host:     {}", serde_json::to_string(&removed)?);

    let stats = notifier.shutdown(Duration::from_secs(10)).await;
    println!("\nhost:     {stats}");
    driver.await?;
    if stats.delivered < stats.matched {
        return Err("not all went as it should: see above".into());
    }
    Ok(())
}

/// The receiver: the signature first, over the body's own bytes; only then is the body read.
fn receive(request: &Request<Bytes>) -> Answer {
    for (name, value) in request.headers() {
        println!("receiver: {name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    match verify(request) {
        Ok(()) => (StatusCode::OK, String::from_utf8_lossy(request.body()).into_owned()),
        Err(why) => (StatusCode::UNAUTHORIZED, why),
    }
}

/// By this crate, and by hand. A receiver needs but one of them.
fn verify(request: &Request<Bytes>) -> Result<(), String> {
    let secret = Secret::new(SECRET).map_err(|error| error.to_string())?;
    let received = Received::new(request.headers(), request.body());
    let verified = openbiometrics::signer(&secret).verify(&received);

    let signature =
        request.headers().get("x-signature-256").map_or(&b""[..], HeaderValue::as_bytes);
    let by_hand = verify_webhook(request.body(), signature, SECRET);
    println!("receiver: the crate says {verified:?}, the documented snippet {by_hand}");
    match (verified, by_hand) {
        (Ok(()), true) => Ok(()),
        (Ok(()), false) => Err("the two ways differ".to_owned()),
        (Err(error), _) => Err(error.to_string()),
    }
}

/// What the system's page has in Python, line by line.
fn verify_webhook(payload: &[u8], signature: &[u8], secret: &str) -> bool {
    // expected = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
    let Ok(keyed) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    let expected = hex::encode(keyed.chain_update(payload).finalize().into_bytes());
    // return hmac.compare_digest(f"sha256={expected}", signature)
    compare_digest(format!("sha256={expected}").as_bytes(), signature)
}

/// Changes one byte of the body: a digit of the similarity.
fn meddle(request: &mut Request<Bytes>) {
    let body = String::from_utf8_lossy(request.body()).replace("0.93", "0.99");
    *request.body_mut() = body.into();
}
