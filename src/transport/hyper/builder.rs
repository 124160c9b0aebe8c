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

/// Options of a [`HyperTransport`].
#[derive(Clone, Debug)]
pub struct HyperTransportBuilder {
    idle_timeout: Duration,
    max_idle_per_host: usize,
    connect_timeout: Duration,
    #[cfg(feature = "rustls")]
    tls_config: Option<ClientConfig>,
}

impl HyperTransportBuilder {
    /// How long an idle connection is kept. Default 30 s, less than most servers keep theirs.
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how many idle connections are kept for one host and port at most; 0 keeps none. Default
    /// 32.
    #[must_use]
    pub fn with_max_idle_per_host(mut self, connections: usize) -> Self {
        self.max_idle_per_host = connections;
        self
    }

    /// The time for a TCP connection to stand, all addresses of the host together. The delivery's
    /// timeout bounds it as well. Default 10 s.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How https is set up, in place of the platform's roots: own roots, client certificates.
    /// Its list of ALPN protocols is emptied, since only HTTP/1.1 is spoken.
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn with_tls_config(mut self, config: ClientConfig) -> Self {
        self.tls_config = Some(config);
        self
    }

    /// Builds the transport. No connection is made yet, and no runtime is needed.
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
            // Only requests of which nothing was written: see "Sent twice".
            .retry_canceled_requests(true);
        client
    }

    fn connector(&self) -> HttpConnector {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(self.connect_timeout));
        // A request is written in one go: to wait for more would only delay it.
        connector.set_nodelay(true);
        connector
    }

    #[cfg(feature = "rustls")]
    fn secure(self) -> Result<legacy::Client<super::HttpsConnector, Full<Bytes>>, rustls::Error> {
        let (client, mut connector) = (self.client(), self.connector());
        connector.enforce_http(false);
        let mut config = match self.tls_config {
            Some(config) => config,
            None => platform_config()?,
        };
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

/// The provider is named: where the host's tree holds a second one, rustls would not choose.
#[cfg(feature = "rustls")]
fn platform_config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .try_with_platform_verifier()?;
    Ok(config.with_no_client_auth())
}
