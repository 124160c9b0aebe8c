//! TLS for the transport.

use std::{fmt, sync::Arc};

use http::uri::Authority;
use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{connect::ConnectError, stream::NetworkStream};

/// How `HyperTransport` sets up TLS for the requests of one webhook.
///
/// As an [extension](crate::Webhook::with_extension) of a webhook, it replaces the configuration of
/// the transport, for example if a receiver has a certificate of a private authority, requires a
/// certificate of the client, or must use TLS 1.3. Requests to http URLs ignore it. Connections
/// that were opened with one configuration serve no requests with another one. Two configurations
/// are the same only if one is a clone of the other, so create a configuration once and clone it.
///
/// ```
/// use recohook::findface::security::FILTERS;
/// use recohook::transport::{
///     TlsConfig,
///     rustls::{self, ClientConfig, RootCertStore, crypto::ring},
/// };
/// use recohook::{Filter, Webhook};
/// use std::sync::Arc;
///
/// // This trusts nobody yet. `roots.add` adds an authority's certificate.
/// let roots = RootCertStore::empty();
/// let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
///     .with_protocol_versions(&[&rustls::version::TLS13])?
///     .with_root_certificates(roots)
///     .with_no_client_auth(); // or `with_client_auth_cert`
/// let webhook = Webhook::new("https://nvr.example/", Filter::everything(&FILTERS))?
///     .with_extension(TlsConfig::new(config));
/// assert!(webhook.extensions().get::<TlsConfig>().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TlsConfig(Arc<ClientConfig>);

impl TlsConfig {
    /// Creates a configuration. Its list of ALPN protocols is cleared, because the transport
    /// supports only HTTP/1.1.
    pub fn new(mut config: ClientConfig) -> Self {
        // A receiver must not choose HTTP/2, which this client does not support.
        config.alpn_protocols.clear();
        Self(Arc::new(config))
    }

    /// Returns an address that differs from that of every other configuration in use.
    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig").finish_non_exhaustive()
    }
}

/// Opens a secure channel on a TCP connection.
pub(super) async fn handshake(
    config: TlsConfig,
    authority: &Authority,
    stream: TcpStream,
) -> Result<NetworkStream, ConnectError> {
    let host = authority.host();
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let name = ServerName::try_from(literal.unwrap_or(host))
        .map_err(|_| ConnectError::ServerName)?
        .to_owned();
    let stream = TlsConnector::from(config.0).connect(name, stream);
    Ok(NetworkStream::Tls(Box::new(stream.await.map_err(ConnectError::Tls)?)))
}

/// Returns a configuration that trusts the platform's roots.
///
/// The cryptography provider is set explicitly, because rustls refuses to choose one if the host's
/// dependencies enable a second one.
pub(super) fn platform_config() -> Result<TlsConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?;
    Ok(TlsConfig::new(config.with_no_client_auth()))
}
