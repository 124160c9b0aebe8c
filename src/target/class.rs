use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What an address is for.
///
/// The blocks are those of the IANA special-purpose registries for
/// [IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry) and
/// [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry), with the addresses at which
/// clouds offer metadata. Later releases may add classes.
///
/// ```
/// use recohook::target::AddressClass;
///
/// let class = |address: &str| AddressClass::of(address.parse().expect("it is an address"));
/// assert_eq!(class("192.168.0.7"), AddressClass::Private);
/// assert_eq!(class("169.254.169.254"), AddressClass::Metadata);
/// assert_eq!(class("::ffff:127.0.0.1"), AddressClass::Embedding);
/// assert_eq!(class("64:ff9b::10.0.0.1"), AddressClass::Private);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum AddressClass {
    /// An address of the public internet.
    Public,
    /// A private IPv4 address (RFC 1918).
    Private,
    /// A unique local IPv6 address (RFC 4193).
    UniqueLocal,
    /// An address of the machine itself: `127.0.0.0/8` and `::1`.
    Loopback,
    /// A link-local address (RFC 3927, RFC 4291).
    LinkLocal,
    /// An address at which a cloud gives its machines metadata and credentials.
    Metadata,
    /// A shared address behind a carrier's NAT (RFC 6598).
    Shared,
    /// A multicast address.
    Multicast,
    /// An address for examples (RFC 5737, RFC 3849, RFC 9637).
    Documentation,
    /// An address for benchmarks (RFC 2544, RFC 5180).
    Benchmarking,
    /// No address, such as `0.0.0.0` and the rest of `0.0.0.0/8`, or `::`.
    Unspecified,
    /// An IPv6 address that contains an IPv4 address: mapped, compatible, translated, 6to4, Teredo,
    /// ISATAP, and local NAT64. Which IPv4 address it leads to depends on the network.
    ///
    /// An address of the well-known prefix of NAT64, `64:ff9b::/96`, has the class of the IPv4
    /// address that it contains (RFC 6052).
    Embedding,
    /// An address that is reserved for another purpose or for the future.
    Reserved,
}

impl AddressClass {
    /// Returns the class of an address.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => translated(address).map_or_else(|| of_v6(address), of_v4),
        }
    }

    /// Returns a short name for metrics and logs, such as `link_local`. The name does not change
    /// between releases.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::UniqueLocal => "unique_local",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link_local",
            Self::Metadata => "metadata",
            Self::Shared => "shared",
            Self::Multicast => "multicast",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Unspecified => "unspecified",
            Self::Embedding => "embedding",
            Self::Reserved => "reserved",
        }
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Private => "a private address",
            Self::UniqueLocal => "a unique local address",
            Self::Loopback => "an address of this machine",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "an address of a cloud's metadata service",
            Self::Shared => "a shared address behind a carrier's NAT",
            Self::Multicast => "a multicast address",
            Self::Documentation => "an address for documentation",
            Self::Benchmarking => "an address for benchmarks",
            Self::Unspecified => "an unspecified address",
            Self::Embedding => "an IPv6 address that contains an IPv4 address",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Returns the IPv4 address to which NAT64 translates an address of its well-known prefix.
pub(super) fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}

fn of_v4(address: Ipv4Addr) -> AddressClass {
    use AddressClass::*;
    match address.octets() {
        // Most clouds; Amazon's containers; Alibaba; Azure; Oracle.
        [169, 254, 169, 254]
        | [169, 254, 170, 2]
        | [100, 100, 100, 200]
        | [168, 63, 129, 16]
        | [192, 0, 0, 192] => Metadata,
        [0, ..] => Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Private,
        [100, 64..=127, ..] => Shared,
        [127, ..] => Loopback,
        [169, 254, ..] => LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Documentation,
        [198, 18..=19, ..] => Benchmarking,
        [224..=239, ..] => Multicast,
        // Protocol assignments; relays of 6to4; the former class E with the broadcast address.
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Reserved,
        _ => Public,
    }
}

fn of_v6(address: Ipv6Addr) -> AddressClass {
    use AddressClass::*;
    match address.segments() {
        // Amazon; Google.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => Metadata,
        [0, 0, 0, 0, 0, 0, 0, 0] => Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Loopback,
        // Mapped, compatible, translated, and local NAT64, with everything else that is near them.
        [0..=0xff, ..] => Embedding,
        [0xff00..=0xffff, ..] => Multicast,
        [0xfe80..=0xfebf, ..] => LinkLocal,
        // ISATAP has the IPv4 address in its interface id (RFC 5214).
        [_, _, _, _, 0 | 0x200, 0x5efe, _, _] => Embedding,
        [0xfc00..=0xfdff, ..] => UniqueLocal,
        // Teredo, and 6to4.
        [0x2001, 0, ..] | [0x2002, ..] => Embedding,
        [0x2001, 2, 0, ..] => Benchmarking,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Documentation,
        // Other protocol assignments, among them ORCHID.
        [0x2001, 0..=0x1ff, ..] => Reserved,
        [0x2000..=0x3fff, ..] => Public,
        // Among others, the discard prefix, SRv6, and the former site-local addresses.
        _ => Reserved,
    }
}
