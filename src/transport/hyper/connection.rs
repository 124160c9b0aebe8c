//! A connection to a receiver, which is polled only by the exchange that uses it.

use std::{
    fmt,
    future::poll_fn,
    net::IpAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{
    body::{Body as _, Incoming},
    client::conn::http1,
};
use tokio::time::Instant;

use super::{
    guard::{Exchange, GuardedIo},
    stream::NetworkStream,
};

/// An open connection.
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// The part of hyper that reads and writes. No task of its own polls it.
    io: http1::Connection<GuardedIo<NetworkStream>, Full<Bytes>>,
    exchange: Arc<Exchange>,
    /// Whether hyper has ended the connection.
    has_ended: bool,
    /// Whether the connection has served a request before.
    is_reused: bool,
    /// The address to which the connection leads.
    peer: Option<IpAddr>,
    /// The moment after which no further request is sent on the connection.
    retires_at: Instant,
}

/// An exchange that got no response.
pub(super) struct ExchangeError {
    pub(super) error: hyper::Error,
    /// The request, if no byte of it was written.
    pub(super) unsent: Option<Request<Full<Bytes>>>,
    /// Whether the connection had been used before and broke before any part of a response
    /// arrived.
    pub(super) is_stale: bool,
    /// The status of the response, if the head was refused after its status.
    pub(super) status: Option<u16>,
}

impl Connection {
    pub(super) async fn new(stream: NetworkStream, retires_at: Instant) -> hyper::Result<Self> {
        let exchange = Arc::<Exchange>::default();
        let peer = stream.peer();
        let io = GuardedIo::new(stream, Arc::clone(&exchange));
        let (sender, io) = http1::Builder::new()
            .title_case_headers(true)
            .allow_spaces_after_header_name_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(io)
            .await?;
        Ok(Self { sender, io, exchange, has_ended: false, is_reused: false, peer, retires_at })
    }

    pub(super) fn is_reused(&self) -> bool {
        self.is_reused
    }

    pub(super) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    pub(super) fn retires_at(&self) -> Instant {
        self.retires_at
    }

    /// Reads and writes what is possible now.
    fn poll_io(&mut self, context: &mut Context<'_>) {
        self.exchange.begin_poll();
        if !self.has_ended {
            // An error also reaches whoever waits for the response or for its body.
            self.has_ended = Pin::new(&mut self.io).poll(context).is_ready();
        }
    }

    /// Returns whether the connection can serve another request, as far as is known.
    pub(super) fn poll_is_usable(&mut self, context: &mut Context<'_>) -> bool {
        // hyper becomes ready for the next request only when it is polled again. The poll also
        // finds out whether the receiver has closed the connection in the meantime.
        self.poll_io(context);
        !self.has_ended && self.sender.is_ready() && !self.exchange.is_lenient()
    }

    /// Sends a request and waits for the head of its response.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ExchangeError> {
        self.exchange.begin(request.extensions().get());
        let mut response = pin!(self.sender.try_send_request(request));
        let result = poll_fn(|context| {
            self.poll_io(context);
            response.as_mut().poll(context)
        });
        let result = result.await;
        result.map_err(|mut error| ExchangeError {
            unsent: error.take_message(),
            error: error.into_error(),
            is_stale: self.is_reused && !self.exchange.has_received(),
            status: self.exchange.status(),
        })
    }

    /// Polls the body of a response.
    pub(super) fn poll_body(
        &mut self,
        body: &mut Incoming,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Bytes>>> {
        self.poll_io(context);
        loop {
            match Pin::new(&mut *body).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are not passed on.
                    if let Ok(chunk) = frame.into_data() {
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                }
            }
        }
    }

    /// Marks the connection as one that has served a request.
    pub(super) fn set_reused(&mut self) {
        self.is_reused = true;
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("has_ended", &self.has_ended)
            .field("is_reused", &self.is_reused)
            .finish_non_exhaustive()
    }
}
