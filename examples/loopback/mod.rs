//! Code that several examples share: a receiver on loopback, and a transport that tampers with
//! requests.

#![allow(dead_code, reason = "no example uses all of it")]

use std::{convert::Infallible, io, net, thread};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use recohook::{
    Transport, async_trait,
    bytes::Bytes,
    http::{Request, Response, StatusCode},
    transport::{Body, Context, TransportError},
};
use tokio::{net::TcpListener, runtime};

/// The maximum size of a request's body, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A receiver's answer: the status and the reason for it.
pub(crate) type Answer = (StatusCode, String);

/// Starts a receiver on a thread of its own and returns its URL. Port 0 in `address` means any free
/// port, as in `127.0.0.1:0`. `answer` decides how each request is answered.
pub(crate) fn receiver<F>(address: &str, answer: F) -> io::Result<String>
where
    F: Fn(&Request<Bytes>) -> Answer + Clone + Send + 'static,
{
    let listener = net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}/", listener.local_addr()?);
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    thread::spawn(move || {
        let ended: io::Result<Infallible> = runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            loop {
                let (stream, _) = listener.accept().await?;
                let answer = answer.clone();
                let service = service_fn(move |request| respond(request, answer.clone()));
                let stream = TokioIo::new(stream);
                tokio::spawn(http1::Builder::new().serve_connection(stream, service));
            }
        });
        println!("receiver: {ended:?}");
    });
    Ok(url)
}

/// Starts a receiver that prints each body and answers 200. Returns its URL.
pub(crate) fn echo() -> io::Result<String> {
    receiver("127.0.0.1:0", |request| {
        (StatusCode::OK, String::from_utf8_lossy(request.body()).into_owned())
    })
}

async fn respond<F>(
    request: Request<Incoming>,
    answer: F,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    F: Fn(&Request<Bytes>) -> Answer,
{
    let (parts, body) = request.into_parts();
    let (status, text) = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => answer(&Request::from_parts(parts, body.to_bytes())),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    };
    println!("receiver: answers {status}: {text}");
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    Ok(response)
}

/// A transport that sends each request, and then sends it again with one byte changed, as an
/// attacker on the network could. If the receiver accepts the changed request, the attempt fails,
/// so the example fails as well.
pub(crate) struct TamperingTransport<T> {
    inner: T,
    tamper: fn(&mut Request<Bytes>),
}

impl<T> TamperingTransport<T> {
    pub(crate) fn new(inner: T, tamper: fn(&mut Request<Bytes>)) -> Self {
        Self { inner, tamper }
    }
}

#[async_trait]
impl<T: Transport> Transport for TamperingTransport<T> {
    async fn send(
        &self,
        request: Request<Bytes>,
        context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        let mut changed = request.clone();
        (self.tamper)(&mut changed);
        let response = self.inner.send(request, context).await?;
        println!("attacker: sends it again with one byte changed");
        let answer = self.inner.send(changed, context).await?;
        if answer.status().is_success() {
            return Err(TransportError::other("the receiver accepted a changed request"));
        }
        Ok(response)
    }
}

/// Compares two strings for equality, in a time that does not reveal where they differ. Works like
/// Python's `hmac.compare_digest`.
pub(crate) fn compare_digest(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |found, (a, b)| found | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differences) == 0
}
