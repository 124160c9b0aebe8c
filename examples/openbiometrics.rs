//! Registers a webhook by the documented object of OpenBiometrics, and delivers signed events to a
//! receiver on loopback that verifies them. It also shows the other calls of the REST API.
//!
//! Run it with `cargo run --features hyper --example openbiometrics`. It prints each call of the
//! REST API with its answer, and each request that the receiver gets. After each request, an
//! attacker sends it again with a changed body, and the receiver refuses it.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

mod loopback;

use std::{error::Error, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use loopback::{Answer, TamperingTransport, compare_digest};
use recohook::{
    History, Notification, Notifier,
    bytes::Bytes,
    clock::TokioClock,
    http::{HeaderValue, Request, StatusCode},
    openbiometrics::{
        self, Event, EventType, RecentOrder, RecentQuery, Registration, UrlRule, Webhooks,
    },
    signature::{Received, Secret, Verifier},
    transport::HyperTransport,
};
use sha2::Sha256;

/// The secret that sender and receiver share. A real secret is random.
const SECRET: &str = "whsec_your_signing_secret";

/// The documented body of a registration. `URL` stands for the URL of the receiver.
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
    let transport = TamperingTransport::new(HyperTransport::new(), change_body);
    let notifier = Notifier::new(transport, TokioClock::new());
    let driver = tokio::spawn(notifier.driver());

    // The handlers of a host's REST API make these calls.
    let webhooks = Webhooks::new();
    println!("\nhost:     POST /api/v1/events/webhooks");
    let registration: Registration = serde_json::from_str(&REGISTRATION.replace("URL", &url))?;
    if let Err(error) = webhooks.create(&mut &notifier, &registration) {
        println!("host:     refused: {error}");
    }
    // This receiver is on the same machine, so nobody on a network can read the requests.
    let webhooks = webhooks.with_url_rule(UrlRule::HttpToo);
    let registered = webhooks.create(&mut &notifier, &registration)?;
    println!("host:     with http allowed: {}", serde_json::to_string(&registered)?);

    // Each event goes into the history, and to the webhooks that subscribe to its type.
    let history = History::new(1000);
    let crossed = Event::new("evt_2", EventType::LineCrossed, "2026-03-19T10:33:00+00:00");
    for event in openbiometrics::parse_delivery(DOCUMENTED)?.into_iter().chain([crossed]) {
        println!("\nhost:     publishing {}", event.kind());
        if notifier.publish(&event)?.matched == 0 {
            println!("host:     no webhook subscribes to it");
        }
        history.push(event);
        notifier.flush(Duration::from_secs(10)).await;
    }

    println!("\nhost:     GET /api/v1/events/recent?limit=10&event_type=watchlist_alert");
    let query: RecentQuery =
        serde_json::from_str(r#"{"limit": 10, "event_type": "watchlist_alert"}"#)?;
    let recent = query.select(&history, RecentOrder::default());
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
        return Err("an event was not delivered: the lines above show why".into());
    }
    Ok(())
}

/// The receiver. It verifies the signature over the bytes of the body before it parses the body.
fn receive(request: &Request<Bytes>) -> Answer {
    for (name, value) in request.headers() {
        println!("receiver: {name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    match verify(request) {
        Ok(()) => (StatusCode::OK, String::from_utf8_lossy(request.body()).into_owned()),
        Err(reason) => (StatusCode::UNAUTHORIZED, reason),
    }
}

/// Verifies with this crate and by hand. A receiver needs only one of the two.
fn verify(request: &Request<Bytes>) -> Result<(), String> {
    let secret = Secret::new(SECRET).map_err(|error| error.to_string())?;
    let received = Received::new(request.headers(), request.body());
    let verified = openbiometrics::signer(&secret).verify(&received);

    let signature =
        request.headers().get("x-signature-256").map_or(&b""[..], HeaderValue::as_bytes);
    let by_hand = verify_webhook(request.body(), signature, SECRET);
    println!("receiver: the crate returns {verified:?}, the documented code {by_hand}");
    match (verified, by_hand) {
        (Ok(()), true) => Ok(()),
        (Ok(()), false) => Err("the crate and the documented code differ".to_owned()),
        (Err(error), _) => Err(error.to_string()),
    }
}

/// The Python code that OpenBiometrics documents, line by line.
fn verify_webhook(payload: &[u8], signature: &[u8], secret: &str) -> bool {
    // expected = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
    let Ok(keyed) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    let expected = hex::encode(keyed.chain_update(payload).finalize().into_bytes());
    // return hmac.compare_digest(f"sha256={expected}", signature)
    compare_digest(format!("sha256={expected}").as_bytes(), signature)
}

/// Changes one byte of the body: a digit of the similarity.
fn change_body(request: &mut Request<Bytes>) {
    let body = String::from_utf8_lossy(request.body()).replace("0.93", "0.99");
    *request.body_mut() = body.into();
}
