//! What several examples share: a receiver on loopback, and somebody who meddles on the way to it.

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

/// The most bytes of a delivery that are read.
const MOST: usize = 16 * 1024 * 1024;

/// What a receiver makes of a request: the status it answers, and why.
pub(crate) type Answer = (StatusCode, String);

/// Starts a receiver on a thread of its own, at an address such as `127.0.0.1:0`, where 0 is any
/// port that is free. Returns its URL. It hands each request to `answer`, and prints what it says.
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

/// Starts a receiver that prints each body and says yes.
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
    let (status, text) = match Limited::new(body, MOST).collect().await {
        Ok(body) => answer(&Request::from_parts(parts, body.to_bytes())),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    };
    println!("receiver: answers {status}: {text}");
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    Ok(response)
}

/// Somebody on the way, who lets each request through and then sends it again, with one byte
/// changed. Where the receiver takes that, the attempt fails, so that it does not go unseen.
pub(crate) struct Meddler<T> {
    to: T,
    change: fn(&mut Request<Bytes>),
}

impl<T> Meddler<T> {
    pub(crate) fn new(to: T, change: fn(&mut Request<Bytes>)) -> Self {
        Self { to, change }
    }
}

#[async_trait]
impl<T: Transport> Transport for Meddler<T> {
    async fn send(
        &self,
        request: Request<Bytes>,
        context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        let mut changed = request.clone();
        (self.change)(&mut changed);
        let response = self.to.send(request, context).await?;
        println!("meddler:  sends it again, with one byte changed");
        let answer = self.to.send(changed, context).await?;
        if answer.status().is_success() {
            return Err(TransportError::other("the receiver took a changed request"));
        }
        Ok(response)
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ: Python's
/// `hmac.compare_digest`.
pub(crate) fn compare_digest(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |found, (a, b)| found | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differences) == 0
}
