//! A receiver. It verifies the signature of each delivery, reads the notifications as typed values,
//! and prints them.
//!
//! Run it with `cargo run --features hyper --example receiver`. It starts the receiver on loopback
//! and sends it a signed delivery, and then the same delivery with one byte changed. It prints the
//! notification, both answers and the statistics.
//!
//! If you pass an address, it listens there until you stop it, for example to receive from the
//! program in the README: `cargo run --features hyper --example receiver -- 127.0.0.1:8888`.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

mod loopback;

use std::{env, error::Error, fmt::Display, future, time::Duration};

use loopback::{Answer, TamperingTransport};
use recohook::{
    Filter, Notifier, Webhook,
    bytes::Bytes,
    clock::TokioClock,
    findface::security::{self, AnyNotification, Event, parse_delivery},
    http::{Request, StatusCode},
    signature::{HmacSha256, Received, Secret, Verifier},
    transport::HyperTransport,
};

/// The secret that sender and receiver share. A real secret is random and is stored like other
/// secrets.
const SECRET: &str = "correct horse battery staple";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let scheme = HmacSha256::new(&Secret::new(SECRET)?);
    let address = env::args().nth(1);
    let verifier = scheme.clone();
    let url = loopback::receiver(address.as_deref().unwrap_or("127.0.0.1:0"), move |request| {
        receive(request, &verifier)
    })?;
    println!("receiver: listening on {url}");
    if address.is_some() {
        future::pending::<()>().await;
    }
    send_event(&url, scheme).await
}

/// Verifies the signature over the bytes of the body before it reads the body as JSON.
fn receive(request: &Request<Bytes>, scheme: &HmacSha256) -> Answer {
    if let Err(error) = scheme.verify(&Received::new(request.headers(), request.body())) {
        return (StatusCode::UNAUTHORIZED, error.to_string());
    }
    match parse_delivery(request.body()) {
        Ok(notifications) => {
            notifications.iter().for_each(print);
            (StatusCode::OK, format!("received {}", notifications.len()))
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    }
}

fn print(notification: &AnyNotification) {
    match notification {
        AnyNotification::Event(event) => println!(
            "receiver: event {}: camera {}, dossier {}, confidence {}",
            event.id,
            shown(event.camera.value().map(|camera| camera.id())),
            shown(event.matched_dossier.value().map(|dossier| dossier.id())),
            shown(event.confidence.value()),
        ),
        AnyNotification::Episode(episode) => println!(
            "receiver: episode {}: {}, of {} events",
            episode.id,
            shown(episode.event_type.value()),
            shown(episode.events_count.value()),
        ),
        AnyNotification::Counter(record) => {
            let faces = shown(record.faces_count.value());
            println!("receiver: counter record {}: {faces} faces", record.id);
        }
        other => println!("receiver: a notification of an unknown kind: {other:?}"),
    }
}

/// Returns the text of a field that may be absent or null.
fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

/// Sends a signed event to the receiver.
async fn send_event(url: &str, scheme: HmacSha256) -> Result<(), Box<dyn Error>> {
    let transport = TamperingTransport::new(HyperTransport::new(), change_body);
    let notifier = Notifier::new(transport, TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let webhook = Webhook::new(url, Filter::everything(&security::FILTERS))?
        .with_profile(security::profile())
        .with_signer(scheme);
    notifier.insert("signed", webhook)?;
    println!("sender:   publishing event 42");
    let event = Event::new("42").camera(3).matched(true).matched_dossier(12).confidence(0.91);
    notifier.publish(&event)?;
    let stats = notifier.shutdown(Duration::from_secs(10)).await;
    println!("sender:   {stats}");
    driver.await?;
    if stats.delivered < stats.matched {
        return Err("the event was not delivered: the lines above show why".into());
    }
    Ok(())
}

/// Changes one byte of the body: a digit of the confidence.
fn change_body(request: &mut Request<Bytes>) {
    let body = String::from_utf8_lossy(request.body()).replace("0.91", "0.99");
    *request.body_mut() = body.into();
}
