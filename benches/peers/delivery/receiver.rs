//! The receiver, on a thread of its own. It counts events and refuses requests that are not signed.

use std::{convert::Infallible, net, thread};

use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, StatusCode, body::Bytes, body::Incoming, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, runtime, sync::watch};

/// The signature header of each engine.
const SIGNATURES: [&str; 3] = ["x-signature-256", "x-webhook-signature", "x-hooksmith-signature"];

pub(crate) struct Receiver {
    url: String,
    count: watch::Receiver<usize>,
}

impl Receiver {
    /// Starts a receiver of events of `length` bytes each. A body is one event, or an array of
    /// several.
    pub(crate) fn start(length: usize) -> Self {
        let listener = net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        listener.set_nonblocking(true).expect("the socket can be non-blocking");
        let url = format!("http://{}/", listener.local_addr().expect("the socket is bound"));
        let (counter, count) = watch::channel(0);
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_io().build();
            runtime.expect("the runtime can be built").block_on(serve(listener, length, counter));
        });
        Self { url, count }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the number of events that have arrived.
    pub(crate) fn count(&self) -> usize {
        *self.count.borrow()
    }

    /// Waits until `many` events have arrived.
    pub(crate) async fn has(&self, many: usize) {
        self.count.clone().wait_for(|count| *count >= many).await.expect("the receiver runs");
    }
}

async fn serve(listener: net::TcpListener, length: usize, counter: watch::Sender<usize>) {
    let listener = TcpListener::from_std(listener).expect("the listener is valid");
    loop {
        let (stream, _) = listener.accept().await.expect("the listener accepts connections");
        stream.set_nodelay(true).expect("the connection is open");
        let counter = counter.clone();
        let service = service_fn(move |request| answer(request, length, counter.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    length: usize,
    counter: watch::Sender<usize>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let signed = SIGNATURES.iter().any(|name| request.headers().contains_key(*name));
    let events = match request.into_body().collect().await {
        Ok(body) => events(&body.to_bytes(), length),
        Err(_) => None,
    };
    let mut response = Response::new(Empty::new());
    match events.filter(|_| signed) {
        Some(events) => counter.send_modify(|count| *count += events),
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    Ok(response)
}

fn events(body: &[u8], length: usize) -> Option<usize> {
    match body {
        [b'{', ..] => (body.len() == length).then_some(1),
        // Each event follows a bracket or a comma, and the array ends with one more bracket.
        [b'[', ..] => (body.len() % (length + 1) == 1).then_some(body.len() / (length + 1)),
        _ => None,
    }
}
