//! A receiver: it verifies the signature of each delivery and prints its notifications, typed.
//!
//! `cargo run --features hyper --example receiver` starts one on loopback and sends it two signed
//! deliveries, one of them with a byte changed on the way. With an address it stays and listens:
//! `cargo run --features hyper --example receiver -- 127.0.0.1:8888`.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::{
    convert::Infallible,
    env,
    error::Error,
    fmt::Display,
    io,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use recohook::{
    Filter, Notifier, Transport, Webhook, async_trait,
    bytes::Bytes,
    clock::TokioClock,
    findface::security::{self, Event, Notice, parse_delivery},
    http::{Request, Response, StatusCode},
    policy::{Attempts, Backoff, Retry},
    signature::{HmacSha256, Received, Secret, Verifier},
    transport::{Body, Context, HyperTransport, TransportError},
};
use tokio::net::TcpListener;

/// A real one is random, and comes from where the host keeps its secrets.
const SECRET: &str = "correct horse battery staple";

/// The most bytes of a delivery that are read.
const MOST: usize = 16 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = Secret::new(SECRET)?;
    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let here = listener.local_addr()?;
    println!("receiver: listening on http://{here}/");
    let serving = serve(listener, HmacSha256::new(&secret));
    if address.is_some() {
        return Ok(serving.await?);
    }
    tokio::spawn(serving);
    send_some(here, HmacSha256::new(&secret)).await
}

async fn serve(listener: TcpListener, scheme: HmacSha256) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let scheme = scheme.clone();
        let answer = service_fn(move |request| {
            let scheme = scheme.clone();
            async move {
                let (status, text) = receive(request, &scheme).await;
                println!("receiver: answers {status}: {text}");
                let mut response = Response::new(Full::<Bytes>::from(text));
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}

/// First the signature, over the body's own bytes; only then is the body read as JSON.
async fn receive(request: Request<Incoming>, scheme: &HmacSha256) -> (StatusCode, String) {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MOST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()),
    };
    if let Err(error) = scheme.verify(&Received::new(&parts.headers, &body)) {
        return (StatusCode::UNAUTHORIZED, error.to_string());
    }
    match parse_delivery(&body) {
        Ok(notices) => {
            notices.iter().for_each(print);
            (StatusCode::OK, format!("took {}", notices.len()))
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    }
}

fn print(notice: &Notice) {
    match notice {
        Notice::Event(event) => println!(
            "receiver: event {}: camera {}, dossier {}, confidence {}",
            event.id,
            shown(event.camera.value().map(|camera| camera.id())),
            shown(event.matched_dossier.value().map(|dossier| dossier.id())),
            shown(event.confidence.value()),
        ),
        Notice::Episode(episode) => println!(
            "receiver: episode {}: {}, of {} events",
            episode.id,
            shown(episode.event_type.value()),
            shown(episode.events_count.value()),
        ),
        Notice::Counter(record) => {
            let faces = shown(record.faces_count.value());
            println!("receiver: counter record {}: {faces} faces", record.id);
        }
        other => println!("receiver: of a newer kind: {other:?}"),
    }
}

/// A field may be absent or null.
fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

/// The sender's side, so that the example shows something when it runs alone.
async fn send_some(receiver: SocketAddr, scheme: HmacSha256) -> Result<(), Box<dyn Error>> {
    let meddler = Meddler { to: HyperTransport::new(), meddles: AtomicBool::new(false) };
    let notifier = Notifier::new(meddler, TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let once = Retry::new(Attempts::from(1), Backoff::default());
    let webhook =
        Webhook::new(&format!("http://{receiver}/"), Filter::everything(&security::FILTERS))?
            .with_policy(security::policy().with_retry(once))
            .with_signer(scheme);
    notifier.insert("signed", webhook)?;
    for id in ["42", "43"] {
        println!("\nsender:   publishes event {id}");
        let event = Event::new(id).camera(3).matched(true).matched_dossier(12).confidence(0.91);
        notifier.publish(&event)?;
        let account = notifier.flush(Duration::from_secs(10)).await;
        println!("sender:   delivered {}, given up {}", account.delivered, account.dead);
    }
    notifier.shutdown(Duration::from_secs(10)).await;
    driver.await?;
    Ok(())
}

/// Somebody on the way who changes every other delivery.
struct Meddler {
    to: HyperTransport,
    meddles: AtomicBool,
}

#[async_trait]
impl Transport for Meddler {
    async fn send(
        &self,
        request: Request<Bytes>,
        context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        let meddles = self.meddles.fetch_not(Ordering::Relaxed);
        let request = request.map(|body| match meddles {
            true => String::from_utf8_lossy(&body).replace("0.91", "0.99").into(),
            false => body,
        });
        self.to.send(request, context).await
    }
}
