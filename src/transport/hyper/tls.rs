//! TLS for the transport.

use std::sync::Arc;

use http::uri::Authority;
use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{connect::ConnectError, stream::NetworkStream};

/// Opens a secure channel on a TCP connection.
pub(super) async fn handshake(
    config: Arc<ClientConfig>,
    authority: &Authority,
    stream: TcpStream,
) -> Result<NetworkStream, ConnectError> {
    let host = authority.host();
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let name = ServerName::try_from(literal.unwrap_or(host))
        .map_err(|_| ConnectError::ServerName)?
        .to_owned();
    let stream = TlsConnector::from(config).connect(name, stream);
    Ok(NetworkStream::Tls(Box::new(stream.await.map_err(ConnectError::Tls)?)))
}

/// Returns a configuration that trusts the platform's roots.
///
/// The cryptography provider is set explicitly, because rustls refuses to choose one if the host's
/// dependencies enable a second one.
pub(super) fn platform_config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?;
    Ok(config.with_no_client_auth())
}
