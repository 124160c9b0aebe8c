use std::time::Duration;

use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
#[cfg(feature = "rustls")]
use {
    bytes::Bytes, http_body_util::Full, hyper_rustls::ConfigBuilderExt, rustls::ClientConfig,
    std::sync::Arc,
};

use super::HyperTransport;

/// Builds a [`HyperTransport`] with options.
///
/// [`HyperTransport::builder`] creates a builder. By default, up to 32 idle connections to each
/// receiver are kept for 30 seconds, and a connection must open within 10 seconds.
#[derive(Clone, Debug)]
pub struct HyperTransportBuilder {
    idle_timeout: Duration,
    max_idle_per_host: usize,
    connect_timeout: Duration,
    #[cfg(feature = "rustls")]
    tls_config: Option<ClientConfig>,
}

impl HyperTransportBuilder {
    /// Sets how long an idle connection is kept. Default: 30 seconds.
    ///
    /// This should be shorter than the time for which receivers keep idle connections (see [sent
    /// twice](HyperTransport#sent-twice)).
    ///
    /// ```
    /// use recohook::transport::HyperTransport;
    /// use std::time::Duration;
    ///
    /// // The receivers close idle connections after 5 seconds.
    /// let transport = HyperTransport::builder().with_idle_timeout(Duration::from_secs(4)).build();
    /// # drop(transport);
    /// ```
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets the maximum number of idle connections to the same host and port. Default: 32.
    ///
    /// With 0, each request opens a new connection. The number of connections in use is bounded
    /// only by [`Limits::max_in_flight`](crate::Limits::max_in_flight).
    ///
    /// ```
    /// use recohook::transport::{Context, HyperTransport, Transport};
    /// use recohook::{DeliveryId, bytes::Bytes, http::Request};
    /// use std::time::Duration;
    ///
    #[doc = include_str!("example_receiver.txt")]
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// # let (url, connections) = receiver()?;
    /// // `connections` is the number of connections to a receiver on the loopback interface.
    /// let transport = HyperTransport::builder().with_max_idle_per_host(0).build();
    /// for number in 1..=3 {
    ///     let request = Request::post(&url).body(Bytes::from("[]"))?;
    ///     let delivery = DeliveryId::new(1, number);
    ///     let context = Context::new("front", delivery, 1, Duration::from_secs(10));
    ///     transport.send(request, &context).await?;
    /// }
    /// assert_eq!(connections.load(Ordering::Relaxed), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_max_idle_per_host(mut self, connections: usize) -> Self {
        self.max_idle_per_host = connections;
        self
    }

    /// Sets how long a TCP connection may take to open. Default: 10 seconds.
    ///
    /// If the receiver has several addresses, the addresses of one family (IPv4 or IPv6) share the
    /// time equally. This time includes neither the name lookup nor the TLS handshake. The timeout
    /// of the attempt covers the lookup, the connection and the handshake.
    ///
    /// ```
    /// use recohook::transport::HyperTransport;
    /// use std::time::Duration;
    ///
    /// // Gives up early on a receiver that is switched off, but leaves time for slow responses.
    /// let timeout = Duration::from_secs(2);
    /// let transport = HyperTransport::builder().with_connect_timeout(timeout).build();
    /// # drop(transport);
    /// ```
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the TLS configuration, which by default trusts the platform's roots.
    ///
    /// Use it for the roots of a private authority or for client certificates. The transport
    /// supports only HTTP/1.1, so it clears the configuration's list of ALPN protocols.
    ///
    /// ```
    /// use recohook::transport::HyperTransport;
    /// use recohook::transport::rustls::{ClientConfig, RootCertStore, crypto::ring};
    /// use std::sync::Arc;
    ///
    /// // This trusts nobody yet. `roots.add` adds an authority's certificate.
    /// let roots = RootCertStore::empty();
    /// let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
    ///     .with_safe_default_protocol_versions()?
    ///     .with_root_certificates(roots)
    ///     .with_no_client_auth();
    /// let transport = HyperTransport::builder().with_tls_config(config).build();
    /// # drop(transport);
    /// # Ok::<(), recohook::transport::rustls::Error>(())
    /// ```
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn with_tls_config(mut self, config: ClientConfig) -> Self {
        self.tls_config = Some(config);
        self
    }

    /// Builds the transport.
    ///
    /// This does not open a connection or require a runtime. With the feature `rustls`, it loads
    /// the platform's roots unless `with_tls_config` was called. If that fails, requests to https
    /// URLs fail with the reason.
    pub fn build(self) -> HyperTransport {
        HyperTransport {
            plain: self.client().build(self.connector()),
            #[cfg(feature = "rustls")]
            secure: self.secure(),
        }
    }

    fn client(&self) -> legacy::Builder {
        let mut client = legacy::Client::builder(TokioExecutor::new());
        client
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.idle_timeout)
            .pool_max_idle_per_host(self.max_idle_per_host)
            // This retries a request only if none of its bytes was written (see "Sent twice").
            .retry_canceled_requests(true);
        client
    }

    fn connector(&self) -> HttpConnector {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(self.connect_timeout));
        // A request is written at once, so waiting for more bytes would only delay it.
        connector.set_nodelay(true);
        connector
    }

    #[cfg(feature = "rustls")]
    fn secure(self) -> Result<legacy::Client<super::HttpsConnector, Full<Bytes>>, rustls::Error> {
        let (client, mut connector) = (self.client(), self.connector());
        // This connector only opens the TCP connection. Unless told not to, it refuses the scheme
        // `https`.
        connector.enforce_http(false);
        let mut config = match self.tls_config {
            Some(config) => config,
            None => platform_config()?,
        };
        // A receiver must not choose HTTP/2, which this client does not support.
        config.alpn_protocols.clear();
        Ok(client.build((connector, config).into()))
    }
}

impl Default for HyperTransportBuilder {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(30),
            max_idle_per_host: 32,
            connect_timeout: Duration::from_secs(10),
            #[cfg(feature = "rustls")]
            tls_config: None,
        }
    }
}

/// Returns a configuration that trusts the platform's roots.
///
/// The cryptography provider is set explicitly, because rustls refuses to choose one if the host's
/// dependencies enable a second one.
#[cfg(feature = "rustls")]
fn platform_config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .try_with_platform_verifier()?;
    Ok(config.with_no_client_auth())
}
