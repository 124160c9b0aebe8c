use std::net::IpAddr;

use super::AddressClass;

/// A target that the [policy](super::TargetPolicy) refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The URL is not https, but the policy requires it.
    #[error("the target policy allows only https URLs")]
    NotHttps,
    /// The policy does not allow the port.
    #[error("the target policy does not allow port {port}")]
    Port {
        /// The port.
        port: u16,
    },
    /// The policy does not allow the host.
    #[error("the target policy does not allow the host {host:?}")]
    Host {
        /// The host. It is cut to 64 characters.
        host: String,
    },
    /// The policy does not allow the address. If a name has several addresses, all of them must be
    /// allowed.
    #[error("the target policy does not allow {address}, which is {class}")]
    Address {
        /// The address.
        address: IpAddr,
        /// What the address is for.
        class: AddressClass,
    },
    /// The name has no address.
    #[error("the host has no address")]
    NoAddress,
}

impl TargetError {
    /// Returns a short name for metrics and logs, such as `target_port`. The name does not change
    /// between releases.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotHttps => "target_not_https",
            Self::Port { .. } => "target_port",
            Self::Host { .. } => "target_host",
            Self::Address { .. } => "target_address",
            Self::NoAddress => "target_no_address",
        }
    }
}
