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
use super::{Body, Context, Transport, TransportError};

#[cfg(feature = "rustls")]
type HttpsConnector = hyper_rustls::HttpsConnector<HttpConnector>;

/// HTTP/1.1 on hyper, with a pool of connections. Clones share the pool.
///
/// It must be polled inside a tokio runtime with its I/O and time drivers enabled
/// (`enable_all`). Outside of a runtime each request is an error; a runtime without these drivers
/// makes tokio panic.
///
/// Without the feature `rustls`, https is an error. With it, certificates are verified as the
/// platform does, or as the builder's `with_tls_config` says. Where the platform has no roots, requests to https fail with that reason and those to http work.
///
/// Redirects are not followed. Response bodies are read as they arrive.
///
/// # Sent twice
/// A receiver may close an idle connection just when the next request is put on it. If none of the
/// request has been written, it is sent on another connection, within the same attempt; the
/// receiver cannot have seen it. If some has, nobody knows what the receiver saw: the attempt
/// fails as [`Interrupted`](crate::FailureKind::Interrupted), and the webhook's policy sends the
/// delivery again under the same id. Keep
/// [`with_idle_timeout`](HyperTransportBuilder::with_idle_timeout) below the receivers' own.
///
/// ```
/// use recohook::transport::HyperTransport;
/// use std::time::Duration;
///
/// let transport = HyperTransport::new();
/// let patient = HyperTransport::builder().with_connect_timeout(Duration::from_secs(60)).build();
/// # let _ = (transport, patient);
/// ```
#[derive(Clone, Debug)]
pub struct HyperTransport {
    plain: legacy::Client<HttpConnector, Full<Bytes>>,
    #[cfg(feature = "rustls")]
    secure: Result<legacy::Client<HttpsConnector, Full<Bytes>>, rustls::Error>,
}

impl HyperTransport {
    /// A transport with the builder's defaults.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Options.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }

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
                    "the URL is not an absolute http(s) one",
                ));
            }
        };
        if Handle::try_current().is_err() {
            return Err(TransportError::other(
                "no tokio runtime here: run the driver on one, or use another transport",
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
        Err(TransportError::invalid_request("https needs recohook's feature `rustls`"))
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
        let response = self.begin(request)?.await.map_err(error::request_error)?;
        Ok(response.map(|body| match body.is_end_stream() {
            true => Body::empty(),
            false => Body::stream(body.into_data_stream().map_err(error::body_error)),
        }))
    }
}
