use std::{fmt, net::IpAddr, str::FromStr};

/// A block of addresses, such as `10.1.0.0/16`. It is written as in CIDR notation.
///
/// ```
/// use recohook::target::Network;
///
/// let network: Network = "10.1.0.0/16".parse()?;
/// assert!(network.contains([10, 1, 2, 3].into()) && !network.contains([10, 2, 0, 0].into()));
/// assert_eq!(network.to_string(), "10.1.0.0/16");
/// assert_eq!("::1".parse::<Network>()?.to_string(), "::1/128");
/// assert!("10.1.2.3/16".parse::<Network>().is_err());
/// # Ok::<(), recohook::target::NetworkError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Network {
    first: IpAddr,
    /// The number of bits that all addresses of the block have in common.
    prefix: u8,
}

/// A text that is not a block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The text before the slash is not an address.
    #[error("a network begins with an IPv4 or IPv6 address, such as 10.1.0.0/16")]
    Address,
    /// The text after the slash is not a number that suits the address.
    #[error("the length of a network's prefix must be a number from 0 to {max}")]
    Prefix {
        /// The number of bits of the address.
        max: u8,
    },
    /// The address has bits after the prefix. The author may have meant the address alone, or the
    /// whole block.
    #[error(
        "the address has bits after the prefix; write {network}, or the address without a slash"
    )]
    HostBits {
        /// The block that contains the address.
        network: Network,
    },
}

impl Network {
    /// Returns whether the block contains an address. An IPv4 block contains no IPv6 address, and
    /// the other way round.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4()
            && (bits(address) ^ bits(self.first)) & self.mask() == 0
    }

    /// Returns the bits that all addresses of the block have in common, in the low bits of a number.
    fn mask(&self) -> u128 {
        let width = u32::from(width(self.first));
        let all = u128::MAX >> (128 - width);
        let free = width - u32::from(self.prefix);
        all & u128::MAX.checked_shl(free).unwrap_or(0)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Address)?;
        let max = width(address);
        let digits = prefix.map(|prefix| {
            let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
            let number = prefix.parse().ok().filter(|prefix| is_number && *prefix <= max);
            number.ok_or(NetworkError::Prefix { max })
        });
        let whole = Self { first: address, prefix: digits.transpose()?.unwrap_or(max) };
        let first = match address {
            IpAddr::V4(_) => {
                // The mask leaves 32 bits.
                IpAddr::V4(u32::try_from(bits(address) & whole.mask()).unwrap_or(0).into())
            }
            IpAddr::V6(_) => IpAddr::V6((bits(address) & whole.mask()).into()),
        };
        let network = Self { first, ..whole };
        if network != whole {
            return Err(NetworkError::HostBits { network });
        }
        Ok(network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}
