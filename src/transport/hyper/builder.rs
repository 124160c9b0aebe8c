use std::{fmt, sync::Arc, time::Duration};

#[cfg(feature = "rustls")]
use rustls::ClientConfig;

#[cfg(feature = "rustls")]
use super::tls::{self, TlsConfig};
use super::{
    HyperTransport, Proxy, Resolver,
    connect::Connector,
    pool::{Pool, PoolLimits},
};

/// Builds a [`HyperTransport`] with options.
///
/// [`HyperTransport::builder`] creates a builder. By default, up to 256 idle connections, of
/// which 32 to the same receiver, are kept for 30 seconds. A connection must open within 10 seconds.
#[derive(Clone)]
pub struct HyperTransportBuilder {
    idle_timeout: Duration,
    max_idle: usize,
    max_idle_per_host: usize,
    max_connection_age: Duration,
    connect_timeout: Duration,
    resolver: Option<Arc<dyn Resolver>>,
    proxy: Option<Proxy>,
    #[cfg(feature = "rustls")]
    tls_config: Option<TlsConfig>,
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

    /// Sets the maximum number of idle connections to all hosts together. Default: 256.
    ///
    /// If it is exceeded, the connection that has been idle for the longest time is closed. Each
    /// idle connection holds a descriptor, so the number should be well below the limit of the
    /// process. If the process has no descriptor left for a new connection, all idle connections
    /// are closed, and the new one is tried again.
    #[must_use]
    pub fn with_max_idle(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// Sets how long a TCP connection may take to open. Default: 10 seconds.
    ///
    /// If the receiver has several addresses, they share the time. Each is tried 250 milliseconds
    /// after the one before it, or at once if that one fails, and the first connection that opens
    /// is used ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305)). Through a proxy, the time
    /// includes its answer to `CONNECT`. It includes neither the name lookup nor the TLS handshake.
    /// The timeout of the attempt covers the lookup, the connection and the handshake.
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
        self.tls_config = Some(TlsConfig::new(config));
        self
    }

    /// Sets how long a connection is used. Default: 5 minutes.
    ///
    /// After this time, a connection serves no further request, so that requests follow a change of
    /// the receiver's address. Each connection ends up to a quarter earlier, by chance, so that
    /// connections that were opened together do not end together. `Duration::MAX` means that
    /// connections do not age.
    #[must_use]
    pub fn with_max_connection_age(mut self, age: Duration) -> Self {
        self.max_connection_age = age;
        self
    }

    /// Sets who looks up the names of receivers. Default: the operating system.
    ///
    /// See the example of [`Resolver`].
    #[must_use]
    pub fn with_resolver(mut self, resolver: impl Resolver + 'static) -> Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// Sets the proxy through which connections are opened. By default, they are direct.
    ///
    /// A webhook can have a [`Proxy`] of its own.
    #[must_use]
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Builds the transport.
    ///
    /// This does not open a connection or require a runtime. With the feature `rustls`, it loads
    /// the platform's roots unless `with_tls_config` was called. If that fails, requests to https
    /// URLs fail with the reason.
    pub fn build(self) -> HyperTransport {
        HyperTransport {
            pool: Pool::new(PoolLimits {
                max_idle: self.max_idle,
                max_idle_per_host: self.max_idle_per_host,
                idle_timeout: self.idle_timeout,
            }),
            max_connection_age: self.max_connection_age,
            proxy: self.proxy,
            connector: Connector {
                resolver: self.resolver,
                connect_timeout: self.connect_timeout,
                #[cfg(feature = "rustls")]
                tls: self.tls_config.map_or_else(tls::platform_config, Ok),
            },
        }
    }
}

impl Default for HyperTransportBuilder {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(30),
            max_idle: 256,
            max_idle_per_host: 32,
            max_connection_age: Duration::from_secs(5 * 60),
            connect_timeout: Duration::from_secs(10),
            resolver: None,
            proxy: None,
            #[cfg(feature = "rustls")]
            tls_config: None,
        }
    }
}

/// Shows only whether a resolver and a TLS configuration are set.
impl fmt::Debug for HyperTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("HyperTransportBuilder");
        out.field("idle_timeout", &self.idle_timeout)
            .field("max_idle", &self.max_idle)
            .field("max_idle_per_host", &self.max_idle_per_host)
            .field("max_connection_age", &self.max_connection_age)
            .field("connect_timeout", &self.connect_timeout)
            .field("resolver", &self.resolver.is_some())
            .field("proxy", &self.proxy);
        #[cfg(feature = "rustls")]
        out.field("tls_config", &self.tls_config.is_some());
        out.finish()
    }
}
