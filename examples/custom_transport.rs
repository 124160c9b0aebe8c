//! A transport of your own: HTTP over a blocking socket, on a thread for each request. There is no
//! async runtime.
//!
//! Run it with `cargo run --example custom_transport`. It prints the published events, the requests
//! as the receiver gets them, and the statistics.
//!
//! A transport only sends. The notifier handles filters, batches, retries and signatures. This
//! transport keeps the contract of `Transport`, but it is small: it supports only http and opens a
//! connection for each request. It speaks HTTP/1.0, so a body ends after `Content-Length` bytes or
//! with the connection. Looking up a name and connecting cannot be interrupted. If the attempt ends
//! during that time, the thread continues but sends nothing. The deadline limits how long
//! connecting takes, but only the system limits the lookup. Most hosts wrap the HTTP client that
//! they already use.
#![allow(clippy::print_stdout, reason = "an example talks to a person")]

use std::{
    error::Error,
    io::{self, BufRead, BufReader, ErrorKind, Read, Take, Write},
    mem,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use futures::{channel::oneshot, executor::block_on};
use recohook::{
    FailureKind, Filter, Limits, Notifier, Transport, Webhook, async_trait,
    bytes::Bytes,
    clock::ThreadClock,
    findface::security::{self, Event},
    http::{Request, Response, StatusCode, header},
    transport::{Body, Context, HeaderCase, TransportError},
};

type SendResult = Result<Response<Body>, TransportError>;

struct SocketTransport {
    /// How much of a body to read: the `max_response_bytes` of the notifier's limits.
    max_response_bytes: usize,
}

#[async_trait]
impl Transport for SocketTransport {
    async fn send(&self, request: Request<Bytes>, context: &Context) -> SendResult {
        let deadline = Deadline { start: Instant::now(), timeout: context.timeout() };
        let socket = Arc::new(Mutex::new(Socket::Unopened));
        let _end = EndOnDrop(Arc::clone(&socket));
        let (sender, receiver) = oneshot::channel();
        let exchange = Exchange { request, deadline, socket, limit: self.max_response_bytes };
        // Sending fails if the driver has dropped this future. In that case, nobody needs the
        // result.
        let work = move || drop(sender.send(exchange.run()));
        thread::Builder::new().spawn(work).map_err(TransportError::other)?;
        receiver.await.map_err(TransportError::other)?
    }
}

/// The socket of a request. The future of `send` shares it with the thread that uses it.
enum Socket {
    Unopened,
    Open(Arc<TcpStream>),
    Ended,
}

/// Ends the exchange when the future of `send` is dropped, whether or not it has completed.
struct EndOnDrop(Arc<Mutex<Socket>>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        let mut socket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Socket::Open(stream) = mem::replace(&mut *socket, Socket::Ended) {
            // Ends the reads and writes of the thread. Fails if the receiver has already closed the
            // connection.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

/// One deadline for connecting, writing and reading.
#[derive(Clone, Copy)]
struct Deadline {
    start: Instant,
    timeout: Duration,
}

impl Deadline {
    fn time_left(self) -> io::Result<Duration> {
        let left = self.timeout.saturating_sub(self.start.elapsed());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
    }

    /// Returns the failure that fits an error: a timeout, a response that is not HTTP, or `other`.
    fn failure(self, error: io::Error, other: fn(io::Error) -> TransportError) -> TransportError {
        match error.kind() {
            ErrorKind::InvalidData => TransportError::protocol(error),
            // A read or write that reaches its timeout returns `WouldBlock` on Unix.
            kind if kind == ErrorKind::WouldBlock || self.time_left().is_err() => {
                FailureKind::Timeout.into()
            }
            _ => other(error),
        }
    }
}

/// A connection whose reads and writes end at the deadline.
struct Connection {
    stream: Arc<TcpStream>,
    deadline: Deadline,
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.deadline.time_left()?))?;
        (&*self.stream).read(buffer)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.deadline.time_left()?))?;
        (&*self.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.stream).flush()
    }
}

/// A request that is sent on its own thread.
struct Exchange {
    request: Request<Bytes>,
    deadline: Deadline,
    socket: Arc<Mutex<Socket>>,
    limit: usize,
}

impl Exchange {
    fn run(&self) -> SendResult {
        let url = self.request.uri();
        let (Some("http"), Some(host)) = (url.scheme_str(), url.host()) else {
            return Err(TransportError::invalid_request("this transport supports only http URLs"));
        };
        // The host of an IPv6 URL includes the brackets, which an address with a port also needs.
        let address = format!("{host}:{}", url.port_u16().unwrap_or(80));
        let failure = |error, other| self.deadline.failure(error, other);
        let stream =
            self.connect(&address).map_err(|error| failure(error, TransportError::connect))?;
        self.exchange(stream).map_err(|error| failure(error, TransportError::interrupted))
    }

    fn connect(&self, address: &str) -> io::Result<Connection> {
        let mut result = Err(io::Error::other("the name has no address"));
        for address in address.to_socket_addrs()? {
            result = TcpStream::connect_timeout(&address, self.deadline.time_left()?).map(Arc::new);
            if result.is_ok() {
                break;
            }
        }
        let stream = result?;
        let mut socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*socket, Socket::Ended) {
            return Err(io::Error::other("the attempt has ended"));
        }
        *socket = Socket::Open(Arc::clone(&stream));
        Ok(Connection { stream, deadline: self.deadline })
    }

    fn exchange(&self, mut connection: Connection) -> io::Result<Response<Body>> {
        connection.write_all(&self.request_bytes()?)?;
        let mut connection = BufReader::new(connection);
        // A receiver may send headers without end, so at most 16 KiB of them are read.
        let mut head = connection.by_ref().take(16 * 1024);
        let mut response = read_head(&mut head)?;
        while response.status().is_informational() {
            response = read_head(&mut head)?;
        }
        // Responses with these statuses have no body, whatever their headers say.
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
        if bodiless.contains(&response.status()) {
            return Ok(response);
        }
        let length = response.headers().get(header::CONTENT_LENGTH);
        let length =
            length.map(|length| length.to_str().map_err(invalid)?.parse().map_err(invalid));
        let length: Option<u64> = length.transpose()?;
        // Like a driver, read until the body ends or is longer than the limit.
        let most = length.unwrap_or(u64::MAX).min(self.limit as u64 + 1);
        let read = io::copy(&mut connection.take(most), &mut io::sink())?;
        if length.is_some() && read < most {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "the body breaks off"));
        }
        Ok(response)
    }

    fn request_bytes(&self) -> io::Result<Vec<u8>> {
        let (url, headers, body) =
            (self.request.uri(), self.request.headers(), self.request.body());
        let path = url.path_and_query().map(ToString::to_string).unwrap_or_default();
        let mut bytes = format!("POST {path} HTTP/1.0\r\n").into_bytes();
        if !headers.contains_key(header::HOST) {
            let host = url.authority().map_or("", |host| host.as_str());
            write!(bytes, "Host: {host}\r\n")?;
        }
        // Some receivers find a header only if its name has the documented case.
        let case = HeaderCase::of(self.request.extensions());
        for (name, value) in headers {
            let name = case.spelling(name);
            bytes.extend([name.as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        write!(bytes, "Content-Length: {}\r\n\r\n", body.len())?;
        bytes.extend_from_slice(body);
        Ok(bytes)
    }
}

/// Reads a status line and headers.
fn read_head(from: &mut Take<impl BufRead>) -> io::Result<Response<Body>> {
    let line = read_line(from)?;
    let version = line.strip_prefix("HTTP/1.").ok_or_else(|| invalid("this is not HTTP/1"))?;
    let status = version.split(' ').nth(1).unwrap_or_default();
    let mut response = Response::builder().status(status);
    loop {
        let line = read_line(from)?;
        match line.split_once(':') {
            Some((name, value)) => response = response.header(name, value.trim().as_bytes()),
            None if line.is_empty() => return response.body(Body::empty()).map_err(invalid),
            None => return Err(invalid("a header has no colon")),
        }
    }
}

fn read_line(from: &mut Take<impl BufRead>) -> io::Result<String> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
    Err(match from.limit() {
        0 => invalid("the headers are too long"),
        _ => io::Error::new(ErrorKind::UnexpectedEof, "the headers break off"),
    })
}

fn invalid(error: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

fn main() -> Result<(), Box<dyn Error>> {
    let receiver = start_receiver()?;
    let max_response_bytes = Limits::default().max_response_bytes();
    let notifier = Notifier::new(SocketTransport { max_response_bytes }, ThreadClock::new());
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
