use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1};
use hyper_util::rt::TokioIo;
use recohook::bytes::Bytes;
use tokio::net::TcpListener;

/// What a receiver of webhooks is, in short: it reads JSON, prints it, and answers 200.
pub(crate) struct Receiver {
    address: SocketAddr,
}

/// How many lines of a body are printed.
const SHOWN: usize = 8;

impl Receiver {
    /// Listens on loopback, on a port of the system's choice.
    pub(crate) async fn start(full: bool) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        println!("receiver: listening on http://{address}/");
        let refusals = Arc::new(AtomicU32::new(4));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let refusals = Arc::clone(&refusals);
                let handle = hyper::service::service_fn(move |request| {
                    let refusals = Arc::clone(&refusals);
                    async move { Ok::<_, Infallible>(answer(request, &refusals, full).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), handle));
            }
        });
        Ok(Self { address })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn answer(
    request: Request<Incoming>,
    refusals: &AtomicU32,
    full: bool,
) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let less = |left: u32| left.checked_sub(1);
    let refuse = path == "/stubborn"
        && refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
    let status = match request.into_body().collect().await {
        Err(_) => StatusCode::BAD_REQUEST,
        Ok(_) if refuse => {
            println!("receiver: POST {path}, answered 405");
            StatusCode::METHOD_NOT_ALLOWED
        }
        Ok(body) => print(&path, &body.to_bytes(), full),
    };
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn print(path: &str, body: &[u8], full: bool) -> StatusCode {
    let Ok(serde_json::Value::Array(batch)) = serde_json::from_slice(body) else {
        return StatusCode::BAD_REQUEST;
    };
    println!("receiver: POST {path} with a batch of {}", batch.len());
    for notification in batch {
        let text = format!("{notification:#}");
        let lines = text.lines().count();
        let shown = if full { lines } else { SHOWN };
        text.lines().take(shown).for_each(|line| println!("receiver:   {line}"));
        if lines > shown {
            println!("receiver:   ... {} more lines; --full shows them", lines - shown);
        }
    }
    StatusCode::OK
}
