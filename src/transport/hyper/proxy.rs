//! Connections through an HTTP proxy.

use std::{fmt, future::poll_fn, net::IpAddr, pin::pin, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, StatusCode, Uri,
    header::{HOST, PROXY_AUTHORIZATION},
    uri::Authority,
};
use http_body_util::Empty;
use hyper::client::conn::http1;
use tokio::net::TcpStream;

use super::guard::{Exchange, GuardedIo};
use crate::target::{HostPattern, Network};

/// An HTTP proxy, for networks from which receivers cannot be reached directly.
///
/// [`with_proxy`](super::HyperTransportBuilder::with_proxy) sets the proxy of a transport. As an
/// [extension](crate::Webhook::with_extension) of a webhook, a proxy replaces that of the
/// transport. Nothing is read from environment variables.
///
/// The transport asks the proxy to open a connection to the receiver (`CONNECT`, [RFC 9110, section
/// 9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6)), for http URLs as well as for
/// https URLs. The proxy must therefore allow `CONNECT` to the ports of all receivers. With https,
/// it sees only the receiver's name.
///
/// **The proxy looks up names.** The [target policy](crate::target::TargetPolicy) still decides
/// about the URL, but not about the addresses of a name, so the proxy must refuse addresses that
/// subscribers must not reach. The policy does not apply to the address of the proxy itself.
///
/// Two proxies are the same only if one is a clone of the other. Connections through one of them
/// serve no requests of another one, so create a proxy once and clone it.
///
/// ```
/// use recohook::transport::{HyperTransport, Proxy};
///
/// let proxy = Proxy::new("http://proxy.example:3128")?
///     .with_credentials("recohook", "a password")?
///     .with_direct_host("*.plant.example")
///     .with_direct_network("10.0.0.0/8".parse()?);
/// let transport = HyperTransport::builder().with_proxy(proxy).build();
/// # drop(transport);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Proxy(Arc<Settings>);

#[derive(Clone)]
struct Settings {
    /// `None` means that all connections are direct.
    authority: Option<Authority>,
    authorization: Option<HeaderValue>,
    direct_hosts: Vec<HostPattern>,
    direct_networks: Vec<Network>,
}

/// An error that occurs when the URL or the credentials of a proxy cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// The text is not a URL with a host and the scheme http.
    #[error("write the URL of a proxy as http://host:port, without a path")]
    Url,
    /// The URL contains a name or a password.
    #[error("the URL of a proxy must not contain credentials; set them with with_credentials")]
    UrlCredentials,
    /// The name contains a colon, or the name or the password contains a control character.
    #[error("the credentials of a proxy must not contain control characters, nor the name a colon")]
    Credentials,
}

impl ProxyError {
    /// Returns a short name for metrics and logs, such as `proxy_url`. The name does not change
    /// between releases.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Url => "proxy_url",
            Self::UrlCredentials => "proxy_url_credentials",
            Self::Credentials => "proxy_credentials",
        }
    }
}

impl Proxy {
    /// Creates a proxy from its URL, such as `http://proxy.example:3128`. Without a port, it is 80.
    ///
    /// # Errors
    /// - Returns [`ProxyError::UrlCredentials`] if the URL contains a name or a password.
    /// - Returns [`ProxyError::Url`] if it is anything else but `http://` and a host, with or
    ///   without a port and a final slash.
    pub fn new(url: &str) -> Result<Self, ProxyError> {
        let parts = url.parse::<Uri>().map_err(|_| ProxyError::Url)?.into_parts();
        let authority = parts.authority.ok_or(ProxyError::Url)?;
        if authority.as_str().contains('@') {
            return Err(ProxyError::UrlCredentials);
        }
        let is_root = parts.path_and_query.is_none_or(|path| path.as_str() == "/");
        let is_http = parts.scheme.is_some_and(|scheme| scheme.as_str() == "http");
        // `http` also accepts ports such as 0 and 99999.
        let has_port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => true,
            _ => authority.port_u16().is_some_and(|port| port > 0),
        };
        if !is_root || !is_http || !has_port || authority.host().is_empty() {
            return Err(ProxyError::Url);
        }
        Ok(Self::with_authority(Some(authority)))
    }

    /// Connects directly. Use it for a webhook that must not use the proxy of the transport.
    pub fn none() -> Self {
        Self::with_authority(None)
    }

    fn with_authority(authority: Option<Authority>) -> Self {
        Self(Arc::new(Settings {
            authority,
            authorization: None,
            direct_hosts: Vec::new(),
            direct_networks: Vec::new(),
        }))
    }

    /// Sets the name and the password with which the proxy is used (`Basic`, [RFC
    /// 7617](https://www.rfc-editor.org/rfc/rfc7617)). By default, there are none.
    ///
    /// Anyone who sees the connection to the proxy can read them.
    ///
    /// # Errors
    /// Returns [`ProxyError::Credentials`] if the name contains a colon, where a proxy would end
    /// it, or if the name or the password contains a control character.
    pub fn with_credentials(mut self, name: &str, password: &str) -> Result<Self, ProxyError> {
        let has_control = |text: &str| text.contains(char::is_control);
        if name.contains(':') || has_control(name) || has_control(password) {
            return Err(ProxyError::Credentials);
        }
        let encoded = BASE64_STANDARD.encode(format!("{name}:{password}"));
        let value = HeaderValue::try_from(format!("Basic {encoded}"));
        let mut value = value.expect("base64 is visible ASCII");
        value.set_sensitive(true);
        Arc::make_mut(&mut self.0).authorization = Some(value);
        Ok(self)
    }

    /// Connects directly to a host.
    ///
    /// `host` is a name, or `*.` and a name for all names below it, or an address. Case and a final
    /// dot do not matter.
    #[must_use]
    pub fn with_direct_host(mut self, host: &str) -> Self {
        Arc::make_mut(&mut self.0).direct_hosts.push(HostPattern::new(host));
        self
    }

    /// Connects directly to the addresses of a network. It applies to URLs that contain an address,
    /// because the names of other URLs are not looked up.
    #[must_use]
    pub fn with_direct_network(mut self, network: Network) -> Self {
        Arc::make_mut(&mut self.0).direct_networks.push(network);
        self
    }

    /// Returns whether connections to a receiver go through the proxy.
    pub(super) fn is_used_for(&self, receiver: &Authority) -> bool {
        let host = receiver.host();
        let host = host.strip_suffix('.').unwrap_or(host);
        let literal = literal(host);
        let is_direct_network = |address: IpAddr| {
            self.0.direct_networks.iter().any(|network| network.contains(address))
        };
        // An address is compared in its usual form.
        let usual = literal.map(|address| address.to_string());
        let host = usual.as_deref().unwrap_or(host);
        self.0.authority.is_some()
            && !self.0.direct_hosts.iter().any(|pattern| pattern.matches(host))
            && !literal.is_some_and(is_direct_network)
    }

    /// Returns the host and the port of the proxy.
    pub(super) fn authority(&self) -> Option<&Authority> {
        self.0.authority.as_ref()
    }

    /// Returns an address that differs from that of every other proxy in use.
    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Asks the proxy for a connection to a receiver.
    pub(super) async fn tunnel(
        &self,
        stream: TcpStream,
        host: &str,
        port: u16,
    ) -> Result<TcpStream, TunnelError> {
        let exchange = Arc::<Exchange>::default();
        let io = GuardedIo::new(stream, Arc::clone(&exchange));
        let (mut sender, mut connection) =
            http1::Builder::new().title_case_headers(true).handshake(io).await?;
        let mut response = pin!(sender.send_request(self.connect_request(host, port)?));
        let mut has_ended = false;
        exchange.begin(None);
        // The connection is polled here, so that it ends with the attempt.
        let response = poll_fn(|context| {
            exchange.begin_poll();
            has_ended = has_ended || connection.poll_without_shutdown(context).is_ready();
            response.as_mut().poll(context)
        });
        let status = response.await?.status();
        if !status.is_success() {
            return Err(TunnelError::Refused(status));
        }
        let parts = connection.into_parts();
        match parts.read_buf.is_empty() {
            true => Ok(parts.io.into_inner()),
            // A receiver speaks only when it is spoken to.
            false => Err(TunnelError::Surplus),
        }
    }

    fn connect_request(&self, host: &str, port: u16) -> http::Result<Request<Empty<Bytes>>> {
        let target = format!("{host}:{port}");
        let mut request = Request::builder()
            .method(Method::CONNECT)
            .uri(target.as_str())
            .header(HOST, target.as_str());
        if let Some(authorization) = &self.0.authorization {
            request = request.header(PROXY_AUTHORIZATION, authorization.clone());
        }
        request.body(Empty::new())
    }
}

/// Shows no credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("authority", &self.0.authority)
            .field("direct_hosts", &self.0.direct_hosts)
            .field("direct_networks", &self.0.direct_networks)
            .finish_non_exhaustive()
    }
}

/// Returns the address if the host of a URL is one.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// An error that occurs when a proxy opens no connection to a receiver.
#[derive(Debug, thiserror::Error)]
pub(super) enum TunnelError {
    #[error("the proxy answered CONNECT with the status {0}")]
    Refused(StatusCode),
    #[error("it took longer than the connect timeout")]
    TimedOut,
    #[error("the proxy sent bytes before the receiver could have sent any")]
    Surplus,
    #[error("the proxy did not answer CONNECT as HTTP requires")]
    Exchange(#[from] hyper::Error),
    #[error("the receiver cannot be named in CONNECT")]
    Request(#[from] http::Error),
}
