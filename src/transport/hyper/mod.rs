mod builder;
mod connect;
mod connection;
mod error;
mod guard;
mod head;
mod pool;
mod proxy;
mod spelled_head;
mod stream;
#[cfg(feature = "rustls")]
mod tls;

use std::{
    borrow::Borrow,
    future::poll_fn,
    pin::Pin,
    task::{Poll, ready},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use http::{HeaderValue, Request, Response, Uri, header::HOST, uri::PathAndQuery};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use tokio::{runtime::Handle, time::Instant};

#[cfg(feature = "rustls")]
pub use self::tls::TlsConfig;
pub use self::{
    builder::HyperTransportBuilder,
    connect::Resolver,
    proxy::{Proxy, ProxyError},
};
use self::{
    connect::{ConnectError, Connector},
    connection::Connection,
    pool::{Pool, PoolKey},
};
use super::{Body, Context, ReasonPhrase, Transport, TransportError};
use crate::base::random::fresh_seed;

/// A transport built on hyper. It uses HTTP/1.1 and has a connection pool.
///
/// Clones share the pool. The transport does not follow redirects. It reads response bodies as they
/// arrive.
///
/// The transport must be polled inside a tokio runtime whose I/O and time drivers are enabled
/// (`enable_all`), so spawn the [`Driver`](crate::Driver)s there. Outside a runtime, every request
/// fails. If the runtime's I/O or time driver is not enabled, tokio panics, and the attempt fails
/// with the message of the panic.
///
/// # Connections
/// A connection is polled only by the attempt that uses it, so an attempt that is dropped ends its
/// connection at once. While idle connections exist, one task of the runtime closes those that have
/// been idle for too long. If a host has several addresses, they are tried in the way of [RFC
/// 8305](https://www.rfc-editor.org/rfc/rfc8305).
///
/// # Receivers that misbehave
/// Whatever a receiver sends, one poll of an attempt reads at most 64 KiB of it. Up to its body, a
/// response may have 256 KiB, 1,000 headers and 64 interim responses, such as `100 Continue`. A
/// response that arrives counts even if the receiver closes the connection before it has read the
/// whole request.
///
/// As browsers do, the transport accepts a space before a colon, a header that continues on the
/// next line, lines that end without a carriage return, and it skips lines that are no headers. A
/// connection is not used again after such a response, because it is not certain where the response
/// ends.
///
/// # Names of headers
/// They are spelled as [`HeaderCase`](crate::transport::HeaderCase) says, because some receivers
/// compare them with case.
///
/// # https
/// Without the feature `rustls`, a request to an https URL fails and is not retried. With the
/// feature, certificates are verified against the platform's root certificates, unless the
/// builder's `with_tls_config` sets other roots. A webhook can have its own configuration, a
/// `TlsConfig`. If the platform's roots cannot be loaded,
/// requests to https URLs fail with the reason, but requests to http URLs still work.
///
/// # Failures
///
/// - [`Connect`]: the name is unknown, no TCP connection could be opened, or the
///   [proxy](crate::transport::Proxy) opened none.
/// - [`Exhausted`]: the process has no descriptor left for a connection, even after all idle
///   connections have been closed.
/// - [`TargetRefused`]: the [target policy](crate::target::TargetPolicy) does not allow an address
///   of the receiver.
/// - [`Tls`]: the TLS handshake failed, or TLS could not be set up.
/// - [`Protocol`]: the response is not HTTP, or its head exceeds a bound. The error contains the
///   status if it was read.
/// - [`Interrupted`]: the connection broke before the response.
/// - [`StaleConnection`]: as before, but on a connection that had served an earlier request, and
///   before any part of the response.
/// - [`InvalidRequest`]: the URL is not an absolute http(s) URL, the URL is an https URL but the
///   feature `rustls` is disabled, or hyper refuses the request.
/// - [`Other`]: there is no tokio runtime.
///
/// [`Connect`]: crate::FailureKind::Connect
/// [`Exhausted`]: crate::FailureKind::Exhausted
/// [`TargetRefused`]: crate::FailureKind::TargetRefused
/// [`Tls`]: crate::FailureKind::Tls
/// [`Protocol`]: crate::FailureKind::Protocol
/// [`Interrupted`]: crate::FailureKind::Interrupted
/// [`StaleConnection`]: crate::FailureKind::StaleConnection
/// [`InvalidRequest`]: crate::FailureKind::InvalidRequest
/// [`Other`]: crate::FailureKind::Other
///
/// # Stale connections
/// A receiver may close an idle connection just as the transport starts using it for the next
/// request. If no byte of the request has been written, the receiver cannot have seen the request.
/// The transport then sends it on another connection within the same attempt, as the contract of
/// [`Transport`] allows. If part of the request has been written, the attempt fails with
/// [`StaleConnection`], and all idle connections to the host are closed. The same happens if an
/// attempt on such a connection is dropped before a response. The next attempt therefore never
/// takes a connection that was idle at that time. This case is rare if
/// [`with_idle_timeout`](HyperTransportBuilder::with_idle_timeout) is shorter than the receivers'
/// idle timeout.
///
/// # Cancel safety
/// Dropping the future of `send` closes the connection, and so does dropping a response's body
/// before its end. The request may already have reached the receiver.
///
/// # Example
///
/// ```
/// use recohook::clock::TokioClock;
/// use recohook::findface::security::{self, Event};
/// use recohook::transport::HyperTransport;
/// use recohook::{Filter, Notifier, Webhook};
/// use std::time::Duration;
///
#[doc = include_str!("example_receiver.txt")]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let (url, _) = receiver()?;
/// let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
/// tokio::spawn(notifier.driver());
///
/// // `url` is the URL of a receiver on the loopback interface. It answers every request with 200.
/// let webhook = Webhook::new(&url, Filter::everything(&security::FILTERS))?;
/// notifier.insert("front", webhook)?;
/// notifier.publish(&Event::new("42"))?;
/// let stats = notifier.shutdown(Duration::from_secs(10)).await;
/// assert_eq!((stats.delivered, stats.attempts), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HyperTransport {
    pool: Pool,
    connector: Connector,
    max_connection_age: Duration,
    /// The proxy of webhooks that have none of their own.
    proxy: Option<Proxy>,
}

impl HyperTransport {
    /// Creates a transport with the default options of the [builder](Self::builder).
    ///
    /// This does not open a connection or require a runtime, so a transport can be created before
    /// the runtime. With the feature `rustls`, it loads the platform's roots. Create one transport
    /// and clone it to avoid loading the roots again.
    ///
    /// ```
    /// use recohook::transport::{Context, HyperTransport, Transport};
    /// use recohook::{DeliveryId, FailureKind, bytes::Bytes, http::Request};
    /// use std::time::Duration;
    ///
    /// let transport = HyperTransport::new();
    /// let request = Request::post("http://127.0.0.1/").body(Bytes::from("[]"))?;
    /// let context = Context::new("front", DeliveryId::new(1, 1), 1, Duration::from_secs(10));
    /// // This executor is not a tokio runtime.
    /// let sent = futures::executor::block_on(transport.send(request, &context));
    /// assert_eq!(sent.unwrap_err().kind(), FailureKind::Other);
    /// # Ok::<(), recohook::http::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Returns a builder for a transport with other options.
    ///
    /// ```
    /// use recohook::transport::HyperTransport;
    /// use std::time::Duration;
    ///
    /// let transport = HyperTransport::builder()
    ///     .with_connect_timeout(Duration::from_secs(3))
    ///     .with_idle_timeout(Duration::from_secs(5))
    ///     .build();
    /// # drop(transport);
    /// ```
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }

    /// Sends a request on an idle connection or on a new one.
    async fn request(
        &self,
        mut request: Request<Full<Bytes>>,
        key: &PoolKey,
        context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        loop {
            let mut connection = self.connection(key, context).await?;
            let is_reused = connection.is_reused();
            let mut doubt = Doubt { pool: &self.pool, key, is_active: is_reused };
            match connection.exchange(request).await {
                Ok(response) => {
                    doubt.is_active = false;
                    return Ok(self.respond(response, connection, key).await);
                }
                Err(mut failed) => match failed.unsent.take() {
                    // The receiver cannot have seen a request of which no byte was written.
                    Some(unsent) if is_reused => request = unsent,
                    _ => return Err(error::exchange_error(failed)),
                },
            }
        }
    }

    /// Returns an idle connection that is still open, or a new one.
    async fn connection(
        &self,
        key: &PoolKey,
        context: &Context,
    ) -> Result<Box<Connection>, TransportError> {
        while let Some(mut idle) = self.pool.take(key, Instant::now()) {
            // Another policy may have allowed its address.
            let policy = context.target_policy();
            let verdict = match &key.proxy {
                None => policy.check_addresses(idle.peer()),
                Some(_) => key.check_literal(policy),
            };
            if verdict.is_ok() && poll_fn(|context| Poll::Ready(idle.poll_is_usable(context))).await
            {
                return Ok(idle);
            }
        }
        let mut opened = self.open(key, context).await;
        // If there is no descriptor left, idle connections hold some.
        if opened.as_ref().is_err_and(ConnectError::is_exhausted) && self.pool.close_all() {
            opened = self.open(key, context).await;
        }
        Ok(Box::new(opened?))
    }

    /// Opens a connection.
    async fn open(&self, key: &PoolKey, context: &Context) -> Result<Connection, ConnectError> {
        let stream = self.connector.connect(key, context).await?;
        // The age differs, so that connections that were opened together do not end together.
        let spread = f64::from(u32::try_from(fresh_seed() % 1000).unwrap_or(0)) / 4000.0;
        let age = self.max_connection_age.min(FOREVER).mul_f64(1.0 - spread);
        Ok(Connection::new(stream, Instant::now() + age).await?)
    }

    /// Turns hyper's response into a response of the crate.
    async fn respond(
        &self,
        mut response: Response<Incoming>,
        connection: Box<Connection>,
        key: &PoolKey,
    ) -> Response<Body> {
        // hyper stores the phrase only if it differs from the usual one.
        if let Some(phrase) = response.extensions().get::<hyper::ext::ReasonPhrase>() {
            let phrase = ReasonPhrase::new(phrase.as_bytes());
            response.extensions_mut().insert(phrase);
        }
        let (parts, body) = response.into_parts();
        let mut unread = UnreadBody { body, connection: Some(connection), pool: &self.pool, key };
        // Most responses have no body. This avoids allocating a stream for them.
        if unread.body.is_end_stream() {
            poll_fn(|context| {
                unread.release(context);
                Poll::Ready(())
            })
            .await;
            return Response::from_parts(parts, Body::empty());
        }
        let UnreadBody { body, connection, .. } = unread;
        let (pool, key) = (self.pool.clone(), key.clone());
        let body = Body::stream(UnreadBody { body, connection, pool, key });
        Response::from_parts(parts, body)
    }
}

/// The age of a connection whose age is not limited. No `Instant` can hold much longer ones.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// The doubt whether the older connections to a host are still open, while one of them is in use.
///
/// If it is dropped while it is active, these connections are closed. This happens if the
/// connection breaks, and if the request is given up because no response arrived in time.
struct Doubt<'a> {
    pool: &'a Pool,
    key: &'a PoolKey,
    is_active: bool,
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if self.is_active {
            self.pool.close_host(self.key);
        }
    }
}

/// The body of a response, with the connection on which it arrives. Dropping it closes the
/// connection.
struct UnreadBody<P, K> {
    body: Incoming,
    connection: Option<Box<Connection>>,
    pool: P,
    key: K,
}

impl<P: Borrow<Pool>, K: Borrow<PoolKey>> UnreadBody<P, K> {
    /// Returns the connection to the pool, after the end of the body.
    fn release(&mut self, context: &mut std::task::Context<'_>) {
        if let Some(mut connection) = self.connection.take()
            && connection.poll_is_usable(context)
        {
            connection.set_reused();
            self.pool.borrow().put(self.key.borrow().clone(), connection);
        }
    }
}

impl<P: Borrow<Pool> + Unpin, K: Borrow<PoolKey> + Unpin> Stream for UnreadBody<P, K> {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(connection) = &mut this.connection else { return Poll::Ready(None) };
        match ready!(connection.poll_body(&mut this.body, context)) {
            Some(Ok(chunk)) => return Poll::Ready(Some(Ok(chunk))),
            None => this.release(context),
            Some(Err(error)) => {
                this.connection = None;
                return Poll::Ready(Some(Err(error::body_error(error))));
            }
        }
        Poll::Ready(None)
    }
}

impl Default for HyperTransport {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        let (key, request) = prepare(request, self.proxy.as_ref())?;
        // Without a runtime, tokio would panic.
        if Handle::try_current().is_err() {
            return Err(TransportError::other(
                "no tokio runtime: spawn the driver on a tokio runtime, or use another transport",
            ));
        }
        self.request(request, &key, context).await
    }
}

/// Returns where to send a request, and the request as it is written: with the path alone in its
/// first line, and with the header `Host`.
fn prepare(
    request: Request<Bytes>,
    proxy: Option<&Proxy>,
) -> Result<(PoolKey, Request<Full<Bytes>>), TransportError> {
    let mut request = request.map(Full::new);
    let parts = std::mem::take(request.uri_mut()).into_parts();
    let scheme = parts.scheme.as_ref().map(|scheme| scheme.as_str());
    let (Some(is_secure), Some(authority)) = (scheme.and_then(is_secure), parts.authority) else {
        return Err(TransportError::invalid_request("the URL must be an absolute http(s) URL"));
    };
    if is_secure && cfg!(not(feature = "rustls")) {
        let text = "https needs the feature `rustls` of recohook";
        return Err(TransportError::invalid_request(text));
    }
    let path = parts.path_and_query.unwrap_or(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    let own = request.extensions_mut().remove::<Proxy>();
    let proxy = own.or_else(|| proxy.cloned()).filter(|proxy| proxy.is_used_for(&authority));
    let key = PoolKey {
        proxy,
        is_secure,
        authority,
        #[cfg(feature = "rustls")]
        tls: request.extensions_mut().remove::<TlsConfig>().filter(|_| is_secure),
    };
    if !request.headers().contains_key(HOST) {
        let host = host_header(&key).map_err(TransportError::invalid_request)?;
        request.headers_mut().insert(HOST, host);
    }
    Ok((key, request))
}

fn is_secure(scheme: &str) -> Option<bool> {
    match scheme {
        "http" => Some(false),
        "https" => Some(true),
        _ => None,
    }
}

/// Returns the value of the header `Host`. It contains the port unless it is the default port.
fn host_header(key: &PoolKey) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let authority = &key.authority;
    match authority.port_u16().filter(|port| *port != key.default_port()) {
        Some(port) => HeaderValue::try_from(format!("{}:{port}", authority.host())),
        None => HeaderValue::try_from(authority.host()),
    }
}
