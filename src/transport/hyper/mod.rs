mod builder;
mod error;

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use http_body_util::{BodyExt, Full};
use hyper::body::Body as _;
use hyper_util::client::legacy::{self, connect::HttpConnector};
use tokio::runtime::Handle;

pub use self::builder::HyperTransportBuilder;
use super::{Body, Context, ReasonPhrase, Transport, TransportError};

#[cfg(feature = "rustls")]
type HttpsConnector = hyper_rustls::HttpsConnector<HttpConnector>;

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
/// # https
/// Without the feature `rustls`, a request to an https URL fails and is not retried. With the
/// feature, certificates are verified against the platform's root certificates, unless the
/// builder's `with_tls_config` sets other roots. If the platform's roots cannot be loaded,
/// requests to https URLs fail with the reason, but requests to http URLs still work.
///
/// # Failures
///
/// - [`Connect`]: the name is unknown, or no TCP connection could be opened.
/// - [`Tls`]: the TLS handshake failed, or TLS could not be set up.
/// - [`Protocol`]: the response is not HTTP.
/// - [`Interrupted`]: the connection broke before the end of the response.
/// - [`InvalidRequest`]: the URL is not an absolute http(s) URL, the URL is an https URL but the
///   feature `rustls` is disabled, or hyper refuses the request.
/// - [`Other`]: there is no tokio runtime, or hyper reports no reason.
///
/// [`Connect`]: crate::FailureKind::Connect
/// [`Tls`]: crate::FailureKind::Tls
/// [`Protocol`]: crate::FailureKind::Protocol
/// [`Interrupted`]: crate::FailureKind::Interrupted
/// [`InvalidRequest`]: crate::FailureKind::InvalidRequest
/// [`Other`]: crate::FailureKind::Other
///
/// # Sent twice
/// A receiver may close an idle connection just as the transport starts using it for the next
/// request. If no byte of the request has been written, the receiver cannot have seen the request.
/// The transport then sends it on another connection within the same attempt, as the contract of
/// [`Transport`] allows. If part of the request has been written, it is unknown whether the
/// receiver has seen it. In that case, the attempt fails with [`Interrupted`], and the policy
/// retries the delivery under the same id. This case is rare if
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
    // Separate from the https client, so that http works even if TLS could not be set up.
    plain: legacy::Client<HttpConnector, Full<Bytes>>,
    #[cfg(feature = "rustls")]
    secure: Result<legacy::Client<HttpsConnector, Full<Bytes>>, rustls::Error>,
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

    /// Starts a request. The returned future must be polled in the runtime in which this method is
    /// called.
    fn begin(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<legacy::ResponseFuture, TransportError> {
        let uri = request.uri();
        let scheme = uri.scheme_str().filter(|_| uri.authority().is_some());
        let secure = match scheme {
            Some("http") => false,
            Some("https") => true,
            _ => {
                return Err(TransportError::invalid_request(
                    "the URL must be an absolute http(s) URL",
                ));
            }
        };
        // Without a runtime, hyper would panic when it spawns the connection's task.
        if Handle::try_current().is_err() {
            return Err(TransportError::other(
                "no tokio runtime: spawn the driver on a tokio runtime, or use another transport",
            ));
        }
        let request = request.map(Full::new);
        if secure { self.begin_secure(request) } else { Ok(self.plain.request(request)) }
    }

    #[cfg(feature = "rustls")]
    fn begin_secure(
        &self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<legacy::ResponseFuture, TransportError> {
        match &self.secure {
            Ok(client) => Ok(client.request(request)),
            Err(error) => Err(TransportError::tls(error.clone())),
        }
    }

    #[cfg(not(feature = "rustls"))]
    fn begin_secure(
        &self,
        _request: http::Request<Full<Bytes>>,
    ) -> Result<legacy::ResponseFuture, TransportError> {
        Err(TransportError::invalid_request("https needs the feature `rustls` of recohook"))
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
        request: http::Request<Bytes>,
        _context: &Context,
    ) -> Result<http::Response<Body>, TransportError> {
        let mut response = self.begin(request)?.await.map_err(error::request_error)?;
        // hyper stores the phrase only if it differs from the usual one.
        if let Some(phrase) = response.extensions().get::<hyper::ext::ReasonPhrase>() {
            let phrase = ReasonPhrase::new(phrase.as_bytes());
            response.extensions_mut().insert(phrase);
        }
        Ok(response.map(|body| match body.is_end_stream() {
            // Most responses have no body. This avoids allocating a stream for them.
            true => Body::empty(),
            false => Body::stream(body.into_data_stream().map_err(error::body_error)),
        }))
    }
}
