//! A transport of your own: HTTP/1.1 over a blocking socket, on a thread for each request. There is
//! no async runtime.
//!
//! Run it with `cargo run --example custom_transport`. It prints the published events, the requests
//! as the receiver gets them, and the statistics.
//!
//! A transport only sends. Filters, batches, retries, signatures and timeouts are handled before
//! and after it. This one is small and therefore limited: it supports only http, opens a connection
//! for each request, and reads only the status of the response, so it ignores `Retry-After`. Most
//! hosts wrap the HTTP client that they have already.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::{
    error::Error,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use futures::{channel::oneshot, executor::block_on};
use recohook::{
    Filter, Notifier, Transport, Webhook, async_trait,
    bytes::Bytes,
    clock::ThreadClock,
    findface::security::{self, Event},
    http::{Request, Response, StatusCode},
    transport::{Body, Context, TransportError},
};

type SendResult = Result<Response<Body>, TransportError>;

struct SocketTransport;

#[async_trait]
impl Transport for SocketTransport {
    async fn send(&self, request: Request<Bytes>, context: &Context) -> SendResult {
        let (sender, receiver) = oneshot::channel();
        let timeout = context.timeout();
        // Sending fails if the timeout has ended the attempt. Then nobody needs the result.
        thread::spawn(move || drop(sender.send(post(&request, timeout))));
        let status = receiver.await.map_err(TransportError::other)??;
        Response::builder().status(status).body(Body::empty()).map_err(TransportError::protocol)
    }
}

fn post(request: &Request<Bytes>, timeout: Duration) -> Result<StatusCode, TransportError> {
    let url = request.uri();
    let (Some("http"), Some(host)) = (url.scheme_str(), url.host()) else {
        return Err(TransportError::invalid_request("this transport supports only http URLs"));
    };
    let address = (host, url.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).map_err(TransportError::connect)?;
    let line = exchange(stream, request, timeout).map_err(TransportError::interrupted)?;
    line.split(' ').nth(1).unwrap_or_default().parse().map_err(TransportError::protocol)
}

fn exchange(
    mut stream: TcpStream,
    request: &Request<Bytes>,
    timeout: Duration,
) -> io::Result<String> {
    let (url, body) = (request.uri(), request.body());
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let host = url.authority().map_or("", |host| host.as_str());
    let mut bytes = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    write!(bytes, "content-length: {}\r\n\r\n", body.len())?;
    bytes.extend_from_slice(body);
    stream.set_read_timeout(Some(timeout))?;
    stream.write_all(&bytes)?;
    let mut line = String::new();
    // The status line is the first line. A receiver that sends no line end must not fill the
    // memory.
    BufReader::new(stream.take(1024)).read_line(&mut line)?;
    Ok(line)
}

fn main() -> Result<(), Box<dyn Error>> {
    let receiver = start_receiver()?;
    let notifier = Notifier::new(SocketTransport, ThreadClock::new());
    let driver = notifier.driver();
    let driver = thread::spawn(move || block_on(driver));

    let filter = Filter::parse(r#"{"events": {"camera_in": [3]}}"#, &security::FILTERS)?;
    let webhook = Webhook::new(&format!("http://{receiver}/"), filter)?;
    notifier.insert("gate", webhook.with_policy(security::policy()))?;
    for (id, camera) in [("42", 3), ("43", 4), ("44", 3)] {
        let receipt = notifier.publish(&Event::empty(id).camera(camera))?;
        let matched = receipt.matched;
        println!("host:     event {id} of camera {camera}, matching webhooks: {matched}");
    }
    let stats = block_on(notifier.shutdown(Duration::from_secs(10)));
    println!("host:     {stats}");
    driver.join().map_err(|_| "the driver panicked")?;
    Ok(())
}

/// Starts a receiver that prints each request and answers 200. Returns its address.
fn start_receiver() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            if let Err(error) = stream.and_then(answer) {
                println!("receiver: {error}");
            }
        }
    });
    Ok(address)
}

fn answer(stream: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        println!("receiver: {line}");
        if let Some(digits) = line.strip_prefix("content-length: ") {
            length = digits.parse().map_err(io::Error::other)?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = String::new();
    (&mut reader).take(length).read_to_string(&mut body)?;
    println!("receiver: {body}");
    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
}
