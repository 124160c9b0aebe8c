use std::{
    net::IpAddr,
    ops::RangeInclusive,
    sync::{Arc, LazyLock},
};

use http::Uri;

use super::{AddressClass, Network, TargetError, class::translated};
use crate::base::host;

/// Where requests may go. Clones share its rules.
///
/// [`private_network`](Self::private_network), which is the default, suits a server that stands in
/// the same network as its receivers. Use [`public`](Self::public) if subscribers are not trusted.
/// Both can be changed:
///
/// ```
/// use recohook::http::Uri;
/// use recohook::target::TargetPolicy;
///
/// let policy = TargetPolicy::public()
///     .with_https_only(true)
///     .with_denied_host("*.internal.example")
///     .with_allowed_network("10.1.0.0/16".parse()?);
/// let check = |url: &'static str| policy.check_url(&Uri::from_static(url));
/// assert!(check("https://hooks.example/").is_ok());
/// assert!(check("https://10.1.2.3/").is_ok());
/// assert_eq!(check("https://10.2.0.1/").unwrap_err().kind(), "target_address");
/// assert_eq!(check("https://a.internal.example/").unwrap_err().kind(), "target_host");
/// assert_eq!(check("http://hooks.example/").unwrap_err().kind(), "target_not_https");
/// # Ok::<(), recohook::target::NetworkError>(())
/// ```
///
/// # Order of the rules
/// An address in a denied network is refused. Otherwise, an address in an allowed network is
/// allowed. Otherwise, its [class](AddressClass) decides. Hosts and ports are checked in addition,
/// and what is denied is refused even if it is also allowed.
#[derive(Clone, PartialEq, Debug)]
pub struct TargetPolicy(Arc<Rules>);

#[derive(Clone, PartialEq, Debug)]
struct Rules {
    allows_private: bool,
    https_only: bool,
    allowed_networks: Vec<Network>,
    denied_networks: Vec<Network>,
    /// If there are any, only these hosts are allowed.
    only_hosts: Vec<HostPattern>,
    denied_hosts: Vec<HostPattern>,
    /// If there are any, only these ports are allowed.
    only_ports: Vec<RangeInclusive<u16>>,
    denied_ports: Vec<RangeInclusive<u16>>,
}

/// A host, or all hosts whose names end with a suffix.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct HostPattern {
    /// In lower case, without a final dot.
    text: Box<str>,
    is_suffix: bool,
}

impl TargetPolicy {
    /// Allows only [public](AddressClass::Public) addresses.
    pub fn public() -> Self {
        Self::new(false)
    }

    /// Allows public, [private](AddressClass::Private), [unique local](AddressClass::UniqueLocal)
    /// and [loopback](AddressClass::Loopback) addresses. This is the default.
    ///
    /// It never allows link-local addresses, the metadata services of clouds, multicast or reserved
    /// addresses.
    pub fn private_network() -> Self {
        // Shared, because each attempt has a copy.
        static POLICY: LazyLock<TargetPolicy> = LazyLock::new(|| TargetPolicy::new(true));
        POLICY.clone()
    }

    fn new(allows_private: bool) -> Self {
        Self(Arc::new(Rules {
            allows_private,
            https_only: false,
            allowed_networks: Vec::new(),
            denied_networks: Vec::new(),
            only_hosts: Vec::new(),
            denied_hosts: Vec::new(),
            only_ports: Vec::new(),
            denied_ports: Vec::new(),
        }))
    }

    /// Sets whether only https URLs are allowed. Default: `false`.
    #[must_use]
    pub fn with_https_only(mut self, https_only: bool) -> Self {
        self.rules_mut().https_only = https_only;
        self
    }

    /// Allows all addresses of a network, whatever their class.
    #[must_use]
    pub fn with_allowed_network(mut self, network: Network) -> Self {
        self.rules_mut().allowed_networks.push(network);
        self
    }

    /// Refuses all addresses of a network.
    #[must_use]
    pub fn with_denied_network(mut self, network: Network) -> Self {
        self.rules_mut().denied_networks.push(network);
        self
    }

    /// Allows a host. After the first call, only the hosts of these calls are allowed.
    ///
    /// `host` is a name, or `*.` and a name for all names below it, or an address. Its addresses
    /// must be allowed as well. Case and a final dot do not matter.
    #[must_use]
    pub fn with_only_host(mut self, host: &str) -> Self {
        self.rules_mut().only_hosts.push(HostPattern::new(host));
        self
    }

    /// Refuses a host. `host` is as in [`with_only_host`](Self::with_only_host).
    #[must_use]
    pub fn with_denied_host(mut self, host: &str) -> Self {
        self.rules_mut().denied_hosts.push(HostPattern::new(host));
        self
    }

    /// Allows a range of ports. After the first call, only the ports of these calls are allowed.
    #[must_use]
    pub fn with_only_ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.rules_mut().only_ports.push(ports);
        self
    }

    /// Refuses a range of ports.
    #[must_use]
    pub fn with_denied_ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.rules_mut().denied_ports.push(ports);
        self
    }

    /// Checks what a URL says: its scheme, its port and its host, and the address if the host is
    /// one. A name may still lead to an address that is refused.
    ///
    /// # Errors
    /// Returns what the policy refuses.
    pub fn check_url(&self, url: &Uri) -> Result<(), TargetError> {
        let rules = &*self.0;
        let is_https = url.scheme_str() == Some("https");
        if rules.https_only && !is_https {
            return Err(TargetError::NotHttps);
        }
        let port = url.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        if !is_selected(&rules.only_ports, &rules.denied_ports, |ports| ports.contains(&port)) {
            return Err(TargetError::Port { port });
        }
        let name = url.host().unwrap_or_default();
        let name = name.strip_suffix('.').unwrap_or(name);
        let literal = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let name = literal.unwrap_or(name);
        let address = name.parse::<IpAddr>().ok();
        // An address is compared in its usual form.
        let usual = address.map(|address| address.to_string());
        let host = usual.as_deref().unwrap_or(name);
        if !is_selected(&rules.only_hosts, &rules.denied_hosts, |one| one.matches(host)) {
            return Err(TargetError::Host { host: host::quoted(host) });
        }
        address.map_or(Ok(()), |address| self.check_address(address))
    }

    /// Checks the addresses of a host, before a connection to one of them is opened.
    ///
    /// All of them must be allowed. Otherwise a name with a public and a private address would be
    /// checked as one and used as the other.
    ///
    /// ```
    /// use recohook::target::TargetPolicy;
    /// use std::net::IpAddr;
    ///
    /// let policy = TargetPolicy::public();
    /// let (public, private): (IpAddr, IpAddr) = ([8, 8, 8, 8].into(), [10, 0, 0, 1].into());
    /// assert!(policy.check_addresses([public]).is_ok());
    /// assert!(policy.check_addresses([public, private]).is_err());
    /// assert!(policy.check_addresses([]).is_err());
    /// ```
    ///
    /// # Errors
    /// Returns the first address that the policy refuses, or
    /// [`NoAddress`](TargetError::NoAddress).
    pub fn check_addresses(
        &self,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Result<(), TargetError> {
        let mut checked = Err(TargetError::NoAddress);
        for address in addresses {
            self.check_address(address)?;
            checked = Ok(());
        }
        checked
    }

    fn check_address(&self, address: IpAddr) -> Result<(), TargetError> {
        // NAT64 leads to the IPv4 address.
        let target = match address {
            IpAddr::V6(v6) => translated(v6).map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        let class = AddressClass::of(target);
        let is_in = |networks: &[Network]| {
            networks.iter().any(|one| one.contains(address) || one.contains(target))
        };
        let is_denied = is_in(&self.0.denied_networks);
        let is_allowed = self.allows(class) || is_in(&self.0.allowed_networks);
        if is_denied || !is_allowed {
            return Err(TargetError::Address { address, class });
        }
        Ok(())
    }

    fn allows(&self, class: AddressClass) -> bool {
        match class {
            AddressClass::Public => true,
            AddressClass::Private | AddressClass::UniqueLocal | AddressClass::Loopback => {
                self.0.allows_private
            }
            _ => false,
        }
    }

    fn rules_mut(&mut self) -> &mut Rules {
        Arc::make_mut(&mut self.0)
    }
}

impl Default for TargetPolicy {
    fn default() -> Self {
        Self::private_network()
    }
}

/// Returns whether lists allow something. An empty list of what is allowed allows everything.
fn is_selected<T>(only: &[T], denied: &[T], matches: impl Fn(&T) -> bool) -> bool {
    (only.is_empty() || only.iter().any(&matches)) && !denied.iter().any(&matches)
}

impl HostPattern {
    /// Reads a pattern: a name, `*.` and a name, or an address.
    pub(crate) fn new(text: &str) -> Self {
        let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        match text.strip_prefix("*.") {
            Some(suffix) => Self { text: suffix.into(), is_suffix: true },
            None => {
                let literal = text.trim_start_matches('[').trim_end_matches(']');
                let address = literal.parse::<IpAddr>().map(|address| address.to_string());
                Self { text: address.unwrap_or(text).into(), is_suffix: false }
            }
        }
    }

    /// Returns whether a host fits. It has no final dot, and an address is in its usual form.
    pub(crate) fn matches(&self, host: &str) -> bool {
        match self.is_suffix {
            false => host.eq_ignore_ascii_case(&self.text),
            true => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(&*self.text).is_some_and(|rest| rest.ends_with('.'))
            }
        }
    }
}
