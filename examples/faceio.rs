//! FACEIO's deliveries, end to end on loopback: the bearer token that its receivers compare, and a
//! filter by the event's name.
//!
//! Run it with `cargo run --features hyper --example faceio`.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

mod loopback;

use std::{error::Error, time::Duration};

use loopback::{Answer, Meddler, compare_digest};
use recohook::{
    Filter, Notifier, Webhook,
    bytes::Bytes,
    clock::TokioClock,
    faceio::{self, Details, Event, EventName, Gender},
    http::{HeaderValue, Request, StatusCode},
    signature::Secret,
    transport::HyperTransport,
};

/// A real one is random, specific to an application, and kept where the host keeps its secrets.
const TOKEN: &str = "8f0d5a1e-the-token-of-the-application";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = loopback::receiver("127.0.0.1:0", receive)?;
    println!("receiver: listening on {url}");
    let notifier = Notifier::new(Meddler::new(HyperTransport::new(), meddle), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());

    // The system documents no filter. The native language has one key or more for each attribute.
    let filter = Filter::parse(r#"{"eventName_not_in": ["AUTH"]}"#, &faceio::FILTERS)?;
    let webhook = Webhook::new(&url, filter)?
        .with_profile(faceio::profile())
        .with_signer(faceio::signer(&Secret::new(TOKEN)?)?);
    println!("host:     a receiver has {:?} to answer", webhook.policy().timeout());
    println!("host:     its filter: {}", webhook.filter());
    notifier.insert("application", webhook)?;

    for event in events() {
        let name = event.event_name.value().map_or("", EventName::as_str);
        let wanted = notifier.publish(&event)?.matched == 1;
        println!("\nhost:     publishes {name}: {}", if wanted { "wanted" } else { "not wanted" });
        notifier.flush(Duration::from_secs(10)).await;
    }
    let stats = notifier.shutdown(Duration::from_secs(10)).await;
    println!("\nhost:     {stats}");
    driver.await?;
    if stats.delivered < stats.matched {
        return Err("not all went as it should: see above".into());
    }
    println!(
        "\nMind: the token is the same in every request and says nothing about the body. Whoever \
         reads one\nrequest can send others. Use https, and where the receiver can check one, a \
         signature beside it:\n    webhook.with_signer(HmacSha256::new(&secret))"
    );
    Ok(())
}

fn events() -> [Event; 4] {
    let of = |name: &str| Event::new(name, "42a7b1f0facial-id", "fioa414d", "198.51.100.7");
    let details = Details::empty().timestamp("2026-03-19").gender(Gender::Female).age("31");
    // The last is none that the page names: it says that there are others.
    [of("ENROLL").details(details), of("AUTH"), of("DELETION"), of("LIVENESS_CHECK")]
}

/// The receiver: the token first, and only then the body. A real one prints no token.
fn receive(request: &Request<Bytes>) -> Answer {
    let header = request.headers().get("www-authenticate").map_or(&b""[..], HeaderValue::as_bytes);
    println!("receiver: WWW-Authenticate: {}", String::from_utf8_lossy(header));
    let token = header.strip_prefix(b"Bearer ").unwrap_or_default();
    if !compare_digest(token, TOKEN.as_bytes()) {
        return (StatusCode::UNAUTHORIZED, "this is not the application's token".to_owned());
    }
    match faceio::parse_delivery(request.body()) {
        Ok(events) => (StatusCode::OK, events.iter().map(said).collect()),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    }
}

fn said(event: &Event) -> String {
    let details = event.details.value();
    let age = details.and_then(|details| details.age.value());
    match (event.event_name.value(), age) {
        (Some(EventName::Enroll), Some(age)) => format!("a user of about {age} is enrolled"),
        (Some(EventName::Enroll), None) => "a user is enrolled".to_owned(),
        (Some(EventName::Deletion), _) => "a user is gone".to_owned(),
        (other, _) => format!("noted: {other:?}"),
    }
}

/// Changes the last byte of the token.
fn meddle(request: &mut Request<Bytes>) {
    if let Some(value) = request.headers_mut().get_mut("www-authenticate") {
        let mut bytes = value.as_bytes().to_vec();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        if let Ok(changed) = HeaderValue::from_bytes(&bytes) {
            *value = changed;
        }
    }
}
