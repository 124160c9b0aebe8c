//! Delivers without async: with an `Engine`, a loop on a thread, and a blocking HTTP client (ureq).
//!
//! Run it with `cargo run --example no_runtime`. It prints the events, the receiver's answers, a
//! report of each attempt, and the statistics. The receiver refuses the first two requests.
//!
//! The engine does no I/O and reads no clock. The loop takes requests from the engine, sends them,
//! reports each outcome, and waits for the next event or for the moment that the engine returns.
//! This example sends one request at a time. A host with many webhooks hands the requests to worker
//! threads. The workers report each outcome under the id of its attempt.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::{
    error::Error,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant, SystemTime},
};

use recohook::{
    Config, Engine, Filter, Limits, Moment, Outgoing, Reported, Webhook,
    findface::security::{self, Event},
    transport::TransportError,
};

fn main() -> Result<(), Box<dyn Error>> {
    let receiver = start_receiver()?;
    let limits = Limits::default();
    let max_response_bytes = limits.max_response_bytes();
    let mut engine = Engine::with_config(Config::default().with_limits(limits));
    let filter = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS)?;
    let webhook = Webhook::new(&format!("http://{receiver}/"), filter)?;
    engine.insert("gate", webhook.with_policy(security::policy()), Moment::ZERO)?;

    let (sender, events) = mpsc::channel();
    thread::spawn(move || {
        for (id, camera) in [("42", 3), ("43", 4), ("44", 3)] {
            println!("camera {camera}: event {id}");
            if sender.send(Event::empty(id).camera(camera)).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
    deliver(&mut engine, &events, max_response_bytes);
    println!("engine:   {}", engine.shutdown());
    Ok(())
}

/// Publishes and sends until there are no more events and nothing is pending.
fn deliver(engine: &mut Engine, events: &Receiver<Event>, max_response_bytes: usize) {
    let start = Instant::now();
    let now = || Moment::ZERO + start.elapsed();
    let client = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .new_agent();
    let mut reports = engine.reports();
    loop {
        while let Some(outgoing) = engine.poll_request(now(), SystemTime::now()) {
            let id = outgoing.attempt_id();
            match send(&client, outgoing, max_response_bytes) {
                Ok(response) => {
                    let (status, headers) = (response.status(), response.headers());
                    engine.handle_response(id, status, headers, now(), SystemTime::now());
                }
                Err(error) => engine.handle_failure(id, failure(error), now()),
            }
            while let Some(Reported::Report(report)) = reports.try_next() {
                println!("engine:   {report}");
            }
        }
        let due = engine.poll_timeout().map(|due| due - now());
        match events.recv_timeout(due.unwrap_or(Duration::MAX)) {
            Ok(event) => {
                if let Err(error) = engine.publish(&event, now()) {
                    println!("engine:   event {} was not queued: {error}", event.id);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => match due {
                Some(due) => thread::sleep(due),
                None => return,
            },
        }
    }
}

/// Sends a request and reads the response, within the timeout of the attempt.
fn send(
    client: &ureq::Agent,
    outgoing: Outgoing,
    max_response_bytes: usize,
) -> Result<recohook::http::Response<()>, ureq::Error> {
    let timeout = outgoing.timeout();
    let request = outgoing.into_request().map(|body| body.to_vec());
    let request = client.configure_request(request).timeout_global(Some(timeout)).build();
    let mut response = client.run(request)?;
    // Reading the body allows the connection to be reused. If the body breaks off, the response
    // counts nevertheless. The limit prevents a receiver that sends too much from filling the
    // memory.
    let body = response.body_mut().with_config().limit(max_response_bytes as u64).read_to_vec();
    drop(body);
    Ok(response.map(drop))
}

/// Returns the kind of a failure. The text of the client's error appears in the reports.
fn failure(error: ureq::Error) -> TransportError {
    match &error {
        ureq::Error::Timeout(_) => TransportError::timeout(error),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => TransportError::connect(error),
        ureq::Error::BadUri(_) => TransportError::invalid_request(error),
        ureq::Error::Protocol(_) => TransportError::protocol(error),
        ureq::Error::Io(io) if io.kind() == io::ErrorKind::ConnectionRefused => {
            TransportError::connect(error)
        }
        ureq::Error::Io(_) => TransportError::interrupted(error),
        _ => TransportError::other(error),
    }
}

/// Starts a receiver that refuses the first two requests. Returns its address.
fn start_receiver() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        let mut refusals = 2;
        for stream in listener.incoming() {
            if let Err(error) = stream.and_then(|stream| answer(stream, &mut refusals)) {
                println!("receiver: {error}");
            }
        }
    });
    Ok(address)
}

fn answer(stream: TcpStream, refusals: &mut u32) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(digits) = line.strip_prefix("content-length: ") {
                length = digits.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = String::new();
        (&mut reader).take(length).read_to_string(&mut body)?;
        let refuse = *refusals > 0;
        *refusals = refusals.saturating_sub(1);
        let status = if refuse { "405 Method Not Allowed" } else { "200 OK" };
        println!("receiver: {body} -> {status}");
        write!(reader.get_mut(), "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")?;
    }
}
