//! Delivers events of FACEIO to a receiver on loopback that checks the bearer token. A filter
//! selects events by their names.
//!
//! Run it with `cargo run --features hyper --example faceio`. It prints each published event, each
//! token that the receiver gets, and each answer. After each request, an attacker sends it again
//! with a changed token, and the receiver refuses it.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

mod loopback;

use std::{error::Error, time::Duration};

use loopback::{Answer, TamperingTransport, compare_digest};
use recohook::{
    Filter, Notifier, Webhook,
    bytes::Bytes,
    clock::TokioClock,
    faceio::{self, Details, Event, EventName, Gender},
    http::{HeaderValue, Request, StatusCode},
    signature::Secret,
    transport::HyperTransport,
};

/// The token of the application. A real token is random, and the host keeps it with its other
/// secrets.
const TOKEN: &str = "8f0d5a1e-the-token-of-the-application";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = loopback::receiver("127.0.0.1:0", receive)?;
    println!("receiver: listening on {url}");
    let transport = TamperingTransport::new(HyperTransport::new(), change_token);
    let notifier = Notifier::new(transport, TokioClock::new());
    let driver = tokio::spawn(notifier.driver());

    // FACEIO documents no filters, so its filters use the native language.
    let filter = Filter::parse(r#"{"eventName_not_in": ["AUTH"]}"#, &faceio::FILTERS)?;
    let webhook = Webhook::new(&url, filter)?
        .with_profile(faceio::profile())
        .with_signer(faceio::signer(&Secret::new(TOKEN)?)?);
    println!("host:     timeout of an attempt: {:?}", webhook.policy().timeout());
    println!("host:     filter: {}", webhook.filter());
    notifier.insert("application", webhook)?;

    for event in events() {
        let name = event.event_name.value().map_or("", EventName::as_str);
        println!("\nhost:     publishing {name}");
        if notifier.publish(&event)?.matched == 0 {
            println!("host:     no webhook matches");
        }
        notifier.flush(Duration::from_secs(10)).await;
    }
    let stats = notifier.shutdown(Duration::from_secs(10)).await;
    println!("\nhost:     {stats}");
    driver.await?;
    if stats.delivered < stats.matched {
        return Err("an event was not delivered: the lines above show why".into());
    }
    println!(
        "\nNote: the token is the same in every request and proves nothing about the body. Anyone \
         who reads\none request can send others. Use https. If the receiver can check a signature, \
         add one:\n    webhook.with_signer(HmacSha256::new(&secret))"
    );
    Ok(())
}

fn events() -> [Event; 4] {
    let event = |name: &str| Event::new(name, "42a7b1f0facial-id", "fioa414d", "198.51.100.7");
    let details = Details::empty().timestamp("2026-03-19").gender(Gender::Female).age("31");
    // FACEIO does not document the last of these names, but it documents that other names exist.
    [event("ENROLL").details(details), event("AUTH"), event("DELETION"), event("LIVENESS_CHECK")]
}

/// The receiver. It checks the token before it reads the body. A real receiver does not print the
/// token.
fn receive(request: &Request<Bytes>) -> Answer {
    let header = request.headers().get("www-authenticate").map_or(&b""[..], HeaderValue::as_bytes);
    println!("receiver: WWW-Authenticate: {}", String::from_utf8_lossy(header));
    let token = header.strip_prefix(b"Bearer ").unwrap_or_default();
    if !compare_digest(token, TOKEN.as_bytes()) {
        return (StatusCode::UNAUTHORIZED, "this is not the application's token".to_owned());
    }
    match faceio::parse_delivery(request.body()) {
        Ok(events) => (StatusCode::OK, events.iter().map(describe).collect()),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    }
}

fn describe(event: &Event) -> String {
    let details = event.details.value();
    let age = details.and_then(|details| details.age.value());
    match (event.event_name.value(), age) {
        (Some(EventName::Enroll), Some(age)) => format!("a user of about {age} years was enrolled"),
        (Some(EventName::Enroll), None) => "a user was enrolled".to_owned(),
        (Some(EventName::Deletion), _) => "a user was deleted".to_owned(),
        (other, _) => format!("another event: {other:?}"),
    }
}

/// Changes the last byte of the token.
fn change_token(request: &mut Request<Bytes>) {
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
