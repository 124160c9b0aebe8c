//! Opens connections: looks up the name, tries the addresses, and sets up TLS.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream::FuturesUnordered};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

#[cfg(feature = "rustls")]
use super::tls::{self, TlsConfig};
use super::{
    pool::PoolKey,
    proxy::{TunnelError, literal},
    stream::NetworkStream,
};
use crate::{
    target::TargetError,
    transport::{Context, TransportError},
};

/// Looks up the addresses of a host name.
///
/// By default, `HyperTransport` asks the operating system.
/// [`with_resolver`](super::HyperTransportBuilder::with_resolver) sets another resolver. A resolver
/// is not asked about addresses, such as `127.0.0.1`.
///
/// ```
/// use recohook::async_trait;
/// use recohook::transport::{HyperTransport, Resolver};
/// use std::{io, net::IpAddr};
///
/// /// Sends everything to this machine.
/// struct Here;
///
/// #[async_trait]
/// impl Resolver for Here {
///     async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
///         Ok(vec![[127, 0, 0, 1].into()])
///     }
/// }
///
/// let transport = HyperTransport::builder().with_resolver(Here).build();
/// # drop(transport);
/// ```
#[async_trait]
pub trait Resolver: Send + Sync {
    /// Returns the addresses of a host, the preferred one first.
    ///
    /// `host` is the host of the webhook's URL, without a port. At most 32 addresses are used.
    ///
    /// # Errors
    /// If it returns an error or no address, the attempt fails with
    /// [`Connect`](crate::FailureKind::Connect).
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Opens the connections of a transport.
#[derive(Clone)]
pub(super) struct Connector {
    /// `None` means the operating system.
    pub(super) resolver: Option<Arc<dyn Resolver>>,
    pub(super) connect_timeout: Duration,
    // An error here does not affect requests to http URLs.
    #[cfg(feature = "rustls")]
    pub(super) tls: Result<TlsConfig, rustls::Error>,
}

/// The maximum number of addresses of a host that are tried.
const MAX_ADDRESSES: usize = 32;

/// How long an address may take before the next one is tried as well (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

impl Connector {
    /// Opens a connection to a host.
    pub(super) async fn connect(
        &self,
        key: &PoolKey,
        context: &Context,
    ) -> Result<NetworkStream, ConnectError> {
        #[cfg(feature = "rustls")]
        if key.is_secure {
            // Before the connection is opened, because it would be of no use.
            let config = key.tls.clone().map_or_else(|| self.tls.clone(), Ok)?;
            let stream = self.tcp(key, context).await?;
            return tls::handshake(config, &key.authority, stream).await;
        }
        Ok(NetworkStream::Plain(self.tcp(key, context).await?))
    }

    /// Opens a TCP connection.
    async fn tcp(&self, key: &PoolKey, context: &Context) -> Result<TcpStream, ConnectError> {
        let (host, port) = (key.authority.host(), key.port());
        let Some((proxy, server)) =
            key.proxy.as_ref().and_then(|proxy| Some((proxy, proxy.authority()?)))
        else {
            let addresses = self.addresses(host, port).await?;
            // The connection is opened to the addresses that are checked here, not to the name.
            context.target_policy().check_addresses(addresses.iter().map(SocketAddr::ip))?;
            return self.open(addresses).await;
        };
        key.check_literal(context.target_policy())?;
        let unreachable = |error| ConnectError::Proxy(Box::new(error));
        let addresses = self.addresses(server.host(), server.port_u16().unwrap_or(80)).await;
        let addresses = addresses.map_err(unreachable)?;
        let tunnel = async {
            let stream = self.open(addresses).await.map_err(unreachable)?;
            Ok(proxy.tunnel(stream, host, port).await?)
        };
        timeout(self.connect_timeout, tunnel).await.map_err(|_| TunnelError::TimedOut)?
    }

    /// Opens a TCP connection to one of these addresses.
    async fn open(&self, addresses: Vec<SocketAddr>) -> Result<TcpStream, ConnectError> {
        let connecting = timeout(self.connect_timeout, race(addresses));
        let stream = connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        // A request is written at once, so waiting for more bytes would only delay it.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Returns the addresses of a host in the order in which they are tried.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
        if let Some(address) = literal(host) {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let found: Vec<_> = match &self.resolver {
            Some(resolver) => resolver.resolve(host).await.map_err(ConnectError::Resolve)?,
            None => {
                let found = lookup_host((host, port)).await.map_err(ConnectError::Resolve)?;
                found.map(|address| address.ip()).collect()
            }
        };
        if found.is_empty() {
            return Err(ConnectError::NoAddress);
        }
        Ok(alternating(found).map(|address| SocketAddr::new(address, port)).collect())
    }
}

/// Returns addresses in an order in which the families alternate (RFC 8305, section 4). The first
/// address stays the first.
fn alternating(addresses: Vec<IpAddr>) -> impl Iterator<Item = IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    std::iter::from_fn(move || {
        let next = [first.next(), second.next()];
        next.iter().any(Option::is_some).then_some(next)
    })
    .flatten()
    .flatten()
    .take(MAX_ADDRESSES)
}

/// Connects to the addresses, each a little later than the one before it, and returns the first
/// connection that opens.
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    if let [only] = *addresses {
        return TcpStream::connect(only).await;
    }
    let (mut waiting, mut running) = (addresses.into_iter(), FuturesUnordered::new());
    let mut failed = None;
    loop {
        let next = waiting.next();
        let is_last = next.is_none();
        running.extend(next.map(TcpStream::connect));
        let finished = match is_last {
            true => running.next().await,
            false => match timeout(ATTEMPT_DELAY, running.next()).await {
                Ok(finished) => finished,
                // The next address is tried while this one is still connecting.
                Err(_) => continue,
            },
        };
        match finished {
            Some(Ok(stream)) => return Ok(stream),
            // The first error is kept, because it belongs to the preferred address.
            Some(Err(error)) => failed = failed.or(Some(error)),
            None if is_last => {
                return Err(failed.unwrap_or_else(|| io::ErrorKind::NotFound.into()));
            }
            None => {}
        }
    }
}

/// An error that occurs when no connection can be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the name of the server cannot be looked up")]
    Resolve(#[source] io::Error),
    #[error("the name of the server has no address")]
    NoAddress,
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error("the proxy cannot be reached")]
    Proxy(#[source] Box<ConnectError>),
    #[error("the proxy opened no connection to the receiver")]
    Tunnel(#[from] TunnelError),
    #[error(transparent)]
    Tcp(#[from] io::Error),
    #[cfg(feature = "rustls")]
    #[error(transparent)]
    Tls(io::Error),
    #[cfg(feature = "rustls")]
    #[error("TLS cannot be set up")]
    TlsSetup(#[from] rustls::Error),
    #[cfg(feature = "rustls")]
    #[error("the host of the URL cannot be the name of a certificate")]
    ServerName,
    #[error(transparent)]
    Handshake(#[from] hyper::Error),
}

impl ConnectError {
    /// Returns whether this host has run out of descriptors. It says nothing about the receiver.
    pub(super) fn is_exhausted(&self) -> bool {
        // The numbers of EMFILE and ENFILE, which are the same on all Unix systems, and of
        // WSAEMFILE.
        let numbers: &[i32] = if cfg!(windows) { &[10024] } else { &[23, 24] };
        match self {
            Self::Resolve(error) | Self::Tcp(error) => {
                error.raw_os_error().is_some_and(|number| numbers.contains(&number))
            }
            Self::Proxy(error) => error.is_exhausted(),
            _ => false,
        }
    }
}

impl From<ConnectError> for TransportError {
    fn from(error: ConnectError) -> Self {
        match error {
            #[cfg(feature = "rustls")]
            ConnectError::Tls(_) | ConnectError::TlsSetup(_) | ConnectError::ServerName => {
                Self::tls(error)
            }
            ConnectError::Target(_) => Self::target_refused(error),
            _ if error.is_exhausted() => Self::exhausted(error),
            _ => Self::connect(error),
        }
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("resolver", &self.resolver.is_some())
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_alternate_and_the_first_address_stays_the_first() {
        let parse = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let given: Vec<IpAddr> = parse(&["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"]);
        let expected: Vec<IpAddr> = parse(&["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"]);
        assert_eq!(alternating(given).collect::<Vec<_>>(), expected);
        let given: Vec<IpAddr> = parse(&["10.0.0.1", "::1"]);
        assert_eq!(alternating(given.clone()).collect::<Vec<_>>(), given);
        assert_eq!(alternating(vec![[10, 0, 0, 1].into(); 99]).count(), MAX_ADDRESSES);
    }
}
