//! Sends finished requests, through a [`Transport`] that the host chooses.
//!
//! With the feature `hyper`, `HyperTransport` is ready to use. Any other HTTP client can be used by
//! implementing the trait, which has one method:
//!
//! ```
//! use recohook::{async_trait, bytes::Bytes, http};
//! use recohook::transport::{Body, Context, Transport, TransportError};
//!
//! /// Answers every request with 200 without sending anything.
//! struct Accept;
//!
//! #[async_trait]
//! impl Transport for Accept {
//!     async fn send(
//!         &self,
//!         _request: http::Request<Bytes>,
//!         _context: &Context,
//!     ) -> Result<http::Response<Body>, TransportError> {
//!         Ok(http::Response::new(Body::empty()))
//!     }
//! }
//! ```
//!
//! The docs of [`Transport`] contain the full contract and a complete implementation that uses
//! sockets.

mod body;
#[cfg(feature = "hyper")]
mod hyper;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{base::DeliveryId, target::TargetPolicy};

pub use crate::{
    base::HeaderCase,
    failure::{ReasonPhrase, TransportError},
};
pub use body::{Body, Drained};
/// Re-exports the version of rustls whose types [`HyperTransportBuilder::with_tls_config`] accepts.
#[cfg(feature = "rustls")]
pub use rustls;

#[cfg(feature = "rustls")]
pub use self::hyper::TlsConfig;
#[cfg(feature = "hyper")]
pub use self::hyper::{HyperTransport, HyperTransportBuilder, Proxy, ProxyError, Resolver};

/// An HTTP client that sends one request per call and returns the response.
///
/// A transport makes no decisions. The crate frames and signs the request before it calls
/// [`send`](Self::send). Afterwards, the crate applies the webhook's success rule and retry policy
/// to the result.
///
/// Only a [`Driver`](crate::Driver) calls a transport. A host of an [`Engine`](crate::Engine) sends
/// the requests itself.
///
/// # What an implementation must do
///
/// - **Send the request unchanged**: its headers, and its body byte for byte. Signatures cover the
///   bytes of the body. The method is `POST`. The URL is absolute, with the scheme `http` or
///   `https`. If the transport supports only one of them, it returns
///   [`TransportError::invalid_request`] for the other.
/// - **Add what HTTP needs**: `Content-Length`, and `Host` if the request has none. The request
///   never contains `Connection`, `Content-Length`, `Expect`, `Keep-Alive`, `TE`, `Trailer`,
///   `Transfer-Encoding` or `Upgrade`, because these headers belong to the transport.
/// - **Return `Ok` for every final response**, whatever its status. Some clients turn 4xx and 5xx
///   into errors by default. An interim response, such as 100, is not final: skip it.
/// - **Return `Err` if there is no response**, with the [kind](crate::FailureKind) that fits best.
///   Prefer [`TransportError::other`] to a wrong kind.
/// - **Return `Ok` once the status line and the headers have arrived**, even if the body breaks off
///   or never ends. The receiver has answered, and a new attempt would only repeat the request.
/// - **Connect only to allowed addresses.** The URL was checked when the webhook was registered. If
///   its host is a name, look it up, pass all its addresses to
///   [`TargetPolicy::check_addresses`] of [`Context::target_policy`], and connect to one of these
///   addresses without another lookup. Return [`TransportError::target_refused`] if they are not
///   allowed.
/// - **Stop if its future is dropped**. See [cancellation](#timeout-and-cancellation).
/// - **Serve many calls at once**, from several threads. See [threads](#threads-and-executors).
///
/// # What it may do
///
/// - Keep connections open and reuse them.
/// - Write the names of headers in any case. Some receivers find a header only if it has the case
///   of [`HeaderCase`], so follow it if the client can.
/// - Return the response before its body has arrived, and pass the body on as [`Body::stream`]. The
///   driver then reads the body, so that the connection can serve the next request.
/// - Return [`Body::empty`] without reading the body. Most clients then close the connection.
/// - Leave out response headers. The crate reads `Retry-After`, and `Date` to interpret it.
///   Without them, the retry policy alone decides when to try again.
/// - Give up before the timeout, for example if a connection cannot be opened in time.
/// - Send the request again within the same call if no byte of it was written the first time.
/// - Obey values in the request's extensions, which the host has put there with
///   [`Webhook::with_extension`](crate::Webhook::with_extension).
///
/// # What it must not do
///
/// - **Follow redirects.** A 3xx status is a response like any other.
/// - **Retry a request if any byte of it may have been written.** The receiver may have acted on
///   it. The policy decides about retries, and reports count them.
/// - **Block the thread.** A blocking client belongs on a thread of its own.
/// - **Put secrets into errors.** The text of an error goes into reports and dead letters, and from
///   there into logs. A URL can contain a token.
///
/// # What the crate does with each result
///
/// - *A response.* If the success rule accepts the status, the batch is delivered. Otherwise the
///   attempt has failed, and the retry policy decides from the status whether there is another
///   attempt. The driver reads the body until it ends, breaks off, exceeds [`max_response_bytes`]
///   or the timeout has passed. The result is the same in all of these cases.
/// - *An error of kind [`InvalidRequest`].* The delivery is dead and is not retried. The webhook
///   does not count as failing.
/// - *An error of any other kind.* The attempt has failed, and is retried until no attempts are
///   left.
/// - *A panic* in `send` or in its future. The attempt has failed with [`Panic`] and
///   the panic's message, and is retried like an error. The transport stays in use.
///   A panic of the body changes nothing, because the response has arrived.
/// - *Nothing within the timeout.* The attempt has failed with [`Timeout`], and is retried like an
///   error.
/// - *Nothing before the driver is dropped.* The attempt is abandoned. It does not count, and
///   another driver repeats it under the same delivery id.
///
/// # Timeout and cancellation
///
/// [`Policy::timeout`] defines what the timeout of an attempt covers. With a driver, it covers
/// signing, `send` and reading the body. The driver enforces it, so a transport needs no timer of
/// its own.
///
/// The driver may drop the future of `send`, or the body, at any `.await`. This happens at the
/// timeout, when the driver itself is dropped, and when a [shutdown](crate::Notifier::shutdown)
/// runs out of time. Dropping must end the exchange, for example by closing the connection. If the
/// request continued in the background, the receiver might get it while the next attempt is under
/// way, or after a later batch. A transport with a blocking client closes the socket, as the
/// example `custom_transport` does. A transport that cannot do so should at least bound the request
/// by [`Context::timeout`]. The request then ends a little later than the attempt, for the reason
/// given there.
///
/// Dropping must not block or panic.
///
/// # Threads and executors
///
/// `send` is called and polled on the thread that polls the driver, and its future is dropped there
/// or on the thread that drops the driver. The future can use whatever the driver's executor
/// provides, such as tokio's sockets on a tokio runtime. The crate holds no lock during the call,
/// so a transport may call the [`Notifier`](crate::Notifier).
///
/// A driver polls all its requests as one task. A call that blocks holds up the other requests and
/// their timeouts. Across all drivers, at most [`Limits::max_in_flight`] requests are in flight at
/// once (256 by default). At most [`Limits::max_webhook_in_flight`] of them go to the same webhook
/// (8 by default). A transport that makes requests wait for each other uses up their timeouts.
///
/// The transport is dropped when the last notifier and the last driver are gone.
///
/// # Example
///
/// This complete transport speaks HTTP/1.0 on tokio's sockets and opens one connection for each
/// request. A body ends after `Content-Length` bytes or, without that header, when the connection
/// closes. Dropping the future, or the body, closes the connection.
///
/// ```
/// use futures::stream;
/// use recohook::transport::{Body, Context, HeaderCase, Transport, TransportError};
/// use recohook::{DeliveryId, FailureKind, async_trait, bytes::Bytes, http};
/// use std::time::Duration;
/// use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
/// use tokio::net::TcpStream;
///
/// struct Plain;
///
/// #[async_trait]
/// impl Transport for Plain {
///     async fn send(
///         &self,
///         request: http::Request<Bytes>,
///         _context: &Context,
///     ) -> Result<http::Response<Body>, TransportError> {
///         let (parts, body) = request.into_parts();
///         let (Some("http"), Some(host)) = (parts.uri.scheme_str(), parts.uri.authority()) else {
///             return Err(TransportError::invalid_request("only http is supported"));
///         };
///         let (case, mut headers) = (HeaderCase::of(&parts.extensions), parts.headers);
///         if !headers.contains_key("host") {
///             let value = host.as_str().parse().map_err(TransportError::invalid_request)?;
///             headers.insert("host", value);
///         }
///         headers.insert("content-length", body.len().into());
///         let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
///         let mut bytes = format!("POST {path} HTTP/1.0\r\n").into_bytes();
///         for (name, value) in &headers {
///             let name = case.spelling(name);
///             bytes.extend([name.as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
///         }
///         bytes.extend(b"\r\n");
///         bytes.extend(body);
///
///         let address = format!("{}:{}", host.host(), host.port_u16().unwrap_or(80));
///         let stream = TcpStream::connect(address).await.map_err(TransportError::connect)?;
///         let mut stream = BufReader::new(stream);
///         stream.write_all(&bytes).await.map_err(TransportError::interrupted)?;
///
///         // A receiver may send endless headers, so read at most 16 KiB.
///         let mut head = (&mut stream).take(16 * 1024);
///         let mut response = read_head(&mut head).await?;
///         while response.status().is_informational() {
///             response = read_head(&mut head).await?;
///         }
///         let length = match (response.status().as_u16(), response.headers().get("content-length")) {
///             (204 | 304, _) => Some(0), // whatever the header says
///             (_, None) => None,
///             (_, Some(value)) => {
///                 let digits = value.to_str().map_err(TransportError::protocol)?;
///                 Some(digits.parse::<u64>().map_err(TransportError::protocol)?)
///             }
///         };
///         let chunks = stream::try_unfold((stream, length), |(mut stream, left)| async move {
///             let mut chunk = vec![0; 8192];
///             let mut body = (&mut stream).take(left.unwrap_or(u64::MAX));
///             let read = body.read(&mut chunk).await.map_err(TransportError::interrupted)?;
///             chunk.truncate(read);
///             match (read, left) {
///                 (0, None | Some(0)) => Ok(None),
///                 (0, Some(_)) => Err(TransportError::interrupted("the body breaks off")),
///                 _ => Ok(Some((chunk.into(), (stream, left.map(|left| left - read as u64))))),
///             }
///         });
///         Ok(response.map(|()| Body::stream(chunks)))
///     }
/// }
///
/// /// Reads a status line and headers.
/// async fn read_head(
///     from: &mut (impl AsyncBufRead + Unpin),
/// ) -> Result<http::Response<()>, TransportError> {
///     let line = read_line(from).await?;
///     let status = line.split(' ').nth(1).unwrap_or_default();
///     let mut response = http::Response::builder().status(status);
///     loop {
///         match read_line(from).await?.split_once(':') {
///             Some((name, value)) => response = response.header(name, value.trim().as_bytes()),
///             None => return response.body(()).map_err(TransportError::protocol),
///         }
///     }
/// }
///
/// async fn read_line(from: &mut (impl AsyncBufRead + Unpin)) -> Result<String, TransportError> {
///     let mut line = Vec::new();
///     from.read_until(b'\n', &mut line).await.map_err(TransportError::interrupted)?;
///     if !line.ends_with(b"\n") {
///         return Err(TransportError::interrupted("the headers do not end"));
///     }
///     Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let receiver = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let url = format!("http://{}/hook", receiver.local_addr()?);
/// # tokio::spawn(async move {
/// #     for response in [
/// #         "HTTP/1.0 503 Busy\r\nRetry-After: 120\r\n\r\nlater",
/// #         "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nacce",
/// #     ] {
/// #         let (mut stream, _) = receiver.accept().await.unwrap();
/// #         let mut request = Vec::new();
/// #         while !request.ends_with(b"[]") {
/// #             assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
/// #         }
/// #         stream.write_all(response.as_bytes()).await.unwrap();
/// #     }
/// # });
/// // The receiver at `url` answers with 503, and asks to be left alone for two minutes.
/// let request = http::Request::post(url).body(Bytes::from("[]"))?;
/// let context = Context::new("front", DeliveryId::new(1, 1), 1, Duration::from_secs(10));
/// let response = Plain.send(request.clone(), &context).await?;
/// assert_eq!(response.status(), 503);
/// assert_eq!(response.headers()["retry-after"], "120");
/// assert_eq!(response.into_body().drain(1024).await?.bytes(), 5);
///
/// // Then it answers with 200, but closes the connection in the middle of the body.
/// let response = Plain.send(request, &context).await?;
/// let error = response.into_body().drain(1024).await.unwrap_err();
/// assert_eq!(error.kind(), FailureKind::Interrupted);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`InvalidRequest`]: crate::FailureKind::InvalidRequest
/// [`Limits::max_in_flight`]: crate::Limits::max_in_flight
/// [`Limits::max_webhook_in_flight`]: crate::Limits::max_webhook_in_flight
/// [`Panic`]: crate::FailureKind::Panic
/// [`Policy::timeout`]: crate::policy::Policy::timeout
/// [`Timeout`]: crate::FailureKind::Timeout
/// [`max_response_bytes`]: crate::Limits::max_response_bytes
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and returns the response.
    ///
    /// The [contract](Transport) of the trait applies. `context` describes the attempt, for logs
    /// and for a client that needs to know the timeout. It is not part of what is sent.
    ///
    /// # Errors
    /// Returns an error if no response arrived. A response with an error status is not an error.
    ///
    /// # Cancel safety
    /// The future may be dropped at any `.await`. It is then unknown whether the receiver has got
    /// the request, and the crate sends it again under the same delivery id.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        context: &Context,
    ) -> Result<http::Response<Body>, TransportError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        context: &Context,
    ) -> Result<http::Response<Body>, TransportError> {
        (**self).send(request, context).await
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        context: &Context,
    ) -> Result<http::Response<Body>, TransportError> {
        (**self).send(request, context).await
    }
}

/// The facts about an attempt that a transport cannot find in the request.
///
/// ```
/// use recohook::{DeliveryId, transport::Context};
/// use std::time::Duration;
///
/// let context = Context::new("front", DeliveryId::new(1, 7), 2, Duration::from_secs(10));
/// assert_eq!(context.webhook(), "front");
/// assert_eq!(context.delivery().to_string(), "0000000000000001-7");
/// assert_eq!(context.attempt(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Context {
    // The webhook's id is shared rather than copied, because a context is created for each attempt.
    webhook: Arc<str>,
    delivery: DeliveryId,
    attempt: u32,
    timeout: Duration,
    target_policy: TargetPolicy,
}

impl Context {
    /// Creates the context of attempt number `attempt`, counted from 1.
    ///
    /// Drivers create contexts. This function is public so that a transport can be tested on its
    /// own. See the example of [`Context`].
    pub fn new(
        webhook: impl Into<Arc<str>>,
        delivery: DeliveryId,
        attempt: u32,
        timeout: Duration,
    ) -> Self {
        let target_policy = TargetPolicy::default();
        Self { webhook: webhook.into(), delivery, attempt, timeout, target_policy }
    }

    /// Returns where requests may go. A transport checks the addresses of the host with it before
    /// it connects.
    pub fn target_policy(&self) -> &TargetPolicy {
        &self.target_policy
    }

    /// Sets where requests may go. Default: [`TargetPolicy::private_network`].
    #[must_use]
    pub fn with_target_policy(mut self, policy: TargetPolicy) -> Self {
        self.target_policy = policy;
        self
    }

    /// Returns the id under which the host registered the webhook.
    pub fn webhook(&self) -> &str {
        &self.webhook
    }

    /// Returns the id of the delivery. All attempts of a delivery have the same id.
    ///
    /// Use it in logs, or to recognise a repeated delivery behind the transport. A receiver sees
    /// the id only if the webhook uses
    /// [`with_delivery_id_header`](crate::Webhook::with_delivery_id_header).
    pub fn delivery(&self) -> DeliveryId {
        self.delivery
    }

    /// Returns the number of the attempt, counted from 1.
    ///
    /// An abandoned attempt does not count, so the next attempt has the same number.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns how long the attempt may take: the [timeout](crate::policy::Policy::timeout) of the
    /// webhook's policy. It is the whole timeout, not the time that is left.
    ///
    /// The driver enforces it. Pass it to a client that cannot be cancelled, so that the client
    /// gives up as well. The driver's time starts when the driver takes the delivery, before the
    /// request is signed. The client's time starts only when the client is called. The client
    /// therefore gives up later, by as much time as framing and signing took.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}
