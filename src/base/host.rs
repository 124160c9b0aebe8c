//! Reads the host and the port of a URL, for the whole crate.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The maximum length of a name, in bytes (RFC 1035, section 2.3.4, without the final dot).
const MAX_NAME: usize = 253;
/// The maximum length of one label of a name, in bytes.
const MAX_LABEL: usize = 63;
/// The maximum length of a quotation in an error, in characters.
const MAX_QUOTED: usize = 64;

/// An error that occurs when the host of a URL is neither a name nor an address.
///
/// No request can be sent to such a host, or clients disagree about where it is. Quotations are cut
/// to 64 characters.
///
/// ```
/// use recohook::{Filter, HostError, Webhook, WebhookError, findface::security::FILTERS};
///
/// let error = Webhook::new("https://127.1/", Filter::everything(&FILTERS)).unwrap_err();
/// let WebhookError::Host(HostError::Ipv4Spelling { address, .. }) = error else { panic!() };
/// assert_eq!(address.to_string(), "127.0.0.1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// There is no host, as in `http:///path` and `http://:80/`.
    #[error("the URL has no host; write it as http://host:port/path")]
    Empty,
    /// The host has characters outside ASCII. The crate does not convert them.
    #[error(
        "the host {host:?} has characters outside ASCII; write it in punycode, where such a part \
         of the name begins with xn--"
    )]
    NotAscii {
        /// The host.
        host: String,
    },
    /// The host has a character that names do not have.
    #[error(
        "the host contains {character:?}; a name consists of ASCII letters, digits, '-' and '_', \
         in parts that are separated by dots"
    )]
    Character {
        /// The first such character.
        character: char,
    },
    /// A label, which is a part of the name between dots, is empty.
    #[error("the host {host:?} has an empty part; put exactly one dot between the parts of a name")]
    EmptyLabel {
        /// The host.
        host: String,
    },
    /// A label has more than 63 bytes.
    #[error("the part {label:?} of the host has {bytes} bytes; at most 63 are allowed")]
    LongLabel {
        /// The label.
        label: String,
        /// Its length, in bytes.
        bytes: usize,
    },
    /// The name has more than 253 bytes.
    #[error("the host has {bytes} bytes; at most 253 are allowed")]
    TooLong {
        /// The length of the name, in bytes.
        bytes: usize,
    },
    /// The last label is a number, so clients read the host as an IPv4 address, but it is none.
    #[error(
        "the host {host:?} ends in a number but is no IPv4 address; write an address as four \
         decimal numbers from 0 to 255"
    )]
    Ipv4 {
        /// The host.
        host: String,
    },
    /// The host is an IPv4 address in another spelling than four decimal numbers, such as
    /// `2130706433`, `0x7f.1` or `0177.0.0.1`. Some clients read such a host as an address, some
    /// read it as a different address, and some look it up as a name.
    #[error(
        "the host {host:?} is a spelling of {address} that not all clients know; write {address}"
    )]
    Ipv4Spelling {
        /// The host.
        host: String,
        /// The address, as the WHATWG URL standard reads it.
        address: Ipv4Addr,
    },
    /// The text in brackets is no IPv6 address.
    #[error("the host [{host}] is in brackets but is no IPv6 address")]
    Ipv6 {
        /// The text in brackets, with its special characters escaped.
        host: String,
    },
    /// An IPv6 address is not in brackets, or brackets are not around the whole host.
    #[error(
        "the brackets of the host are missing or misplaced; write an IPv6 address as [::1], and \
         use no other brackets"
    )]
    Brackets,
    /// The IPv6 address has a zone id, such as `%eth0`. It means something only on one machine.
    #[error(
        "the IPv6 address of the host has a zone id, which begins with '%' and cannot be used in a \
         URL; use an address that needs none"
    )]
    ZoneId,
}

impl HostError {
    /// Returns a short name for metrics and logs, such as `ipv4_spelling`. The name does not change
    /// between releases.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "host_empty",
            Self::NotAscii { .. } => "host_not_ascii",
            Self::Character { .. } => "host_character",
            Self::EmptyLabel { .. } => "host_empty_label",
            Self::LongLabel { .. } => "host_long_label",
            Self::TooLong { .. } => "host_too_long",
            Self::Ipv4 { .. } => "host_ipv4",
            Self::Ipv4Spelling { .. } => "host_ipv4_spelling",
            Self::Ipv6 { .. } => "host_ipv6",
            Self::Brackets => "host_brackets",
            Self::ZoneId => "host_zone_id",
        }
    }
}

/// The host of a URL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Host<'a> {
    /// A name without a final dot.
    Name(&'a str),
    Address(IpAddr),
}

/// Shows an IPv6 address in brackets, as in a URL.
impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Splits an authority without credentials into its host and its port. The port is the text after
/// the colon, if there is a colon.
pub(crate) fn split(authority: &str) -> Result<(&str, Option<&str>), HostError> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or(HostError::Brackets)? + 1;
        let (host, rest) = authority.split_at(end);
        return match rest.strip_prefix(':') {
            _ if rest.contains(['[', ']']) => Err(HostError::Brackets),
            None if !rest.is_empty() => Err(HostError::Brackets),
            port => Ok((host, port)),
        };
    }
    if authority.contains(['[', ']']) || authority.parse::<Ipv6Addr>().is_ok() {
        return Err(HostError::Brackets);
    }
    match authority.split_once(':') {
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((authority, None)),
    }
}

/// Reads a host, without a port. An IPv6 address must be in brackets.
pub(crate) fn parse(text: &str) -> Result<Host<'_>, HostError> {
    if let Some(rest) = text.strip_prefix('[') {
        let inner = rest.strip_suffix(']').ok_or(HostError::Brackets)?;
        return match inner.parse::<Ipv6Addr>() {
            Ok(address) => Ok(Host::Address(address.into())),
            Err(_) if inner.contains('%') => Err(HostError::ZoneId),
            Err(_) => Err(HostError::Ipv6 { host: quoted(inner).escape_debug().to_string() }),
        };
    }
    if text.is_empty() {
        return Err(HostError::Empty);
    }
    if !text.is_ascii() {
        return Err(HostError::NotAscii { host: quoted(text) });
    }
    // The final dot says that a name is complete. It does not change where the name leads.
    let name = text.strip_suffix('.').unwrap_or(text);
    check_name(name)?;
    let last = name.rsplit('.').next().unwrap_or(name);
    if !is_number(last) {
        return Ok(Host::Name(name));
    }
    match (name.parse::<Ipv4Addr>(), ipv4(name)) {
        (Ok(address), _) => Ok(Host::Address(address.into())),
        (_, Some(address)) => Err(HostError::Ipv4Spelling { host: quoted(name), address }),
        (_, None) => Err(HostError::Ipv4 { host: quoted(name) }),
    }
}

/// Reads a port from 1 to 65535.
pub(crate) fn port(text: &str) -> Option<u16> {
    // Parsing a number would also accept "+80".
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()).filter(|port| *port > 0)
}

/// Returns the beginning of a text, for an error.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn check_name(name: &str) -> Result<(), HostError> {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    if let Some(character) = name.chars().find(|char| !is_allowed(*char)) {
        return Err(HostError::Character { character });
    }
    if name.len() > MAX_NAME {
        return Err(HostError::TooLong { bytes: name.len() });
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err(HostError::EmptyLabel { host: quoted(name) });
        }
        if label.len() > MAX_LABEL {
            return Err(HostError::LongLabel { label: quoted(label), bytes: label.len() });
        }
    }
    Ok(())
}

/// Returns whether a label makes clients read the whole host as an IPv4 address.
fn is_number(label: &str) -> bool {
    // A number that is too large for an address is still a number.
    match label.strip_prefix("0x").or(label.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Reads an IPv4 address in any spelling of the WHATWG URL standard: one to four numbers, of which
/// the last one fills the remaining bytes.
fn ipv4(name: &str) -> Option<Ipv4Addr> {
    let numbers = name.split('.').map(number).collect::<Option<Vec<_>>>()?;
    let (last, first) = numbers.split_last()?;
    if first.len() > 3 || first.iter().any(|number| *number > 255) {
        return None;
    }
    let free_bits = 32 - 8 * first.len();
    let high = first.iter().fold(0, |high, number| high << 8 | number);
    let address = (*last < 1 << free_bits).then(|| high << free_bits | last)?;
    u32::try_from(address).ok().map(Ipv4Addr::from)
}

/// Reads a decimal, octal or hexadecimal number of at most 32 bits.
fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    // "0x" is zero.
    let digits = if digits.is_empty() && radix == 16 { "0" } else { digits };
    // `from_str_radix` would accept a sign.
    let is_digit = |char: char| char.is_digit(radix);
    let number = digits.chars().all(is_digit).then(|| u64::from_str_radix(digits, radix).ok())?;
    number.filter(|number| *number <= u32::MAX.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_standard_is_read() {
        for (text, address) in [
            ("2130706433", Some([127, 0, 0, 1])),
            ("0x7f000001", Some([127, 0, 0, 1])),
            ("017700000001", Some([127, 0, 0, 1])),
            ("0177.0.0.1", Some([127, 0, 0, 1])),
            ("127.1", Some([127, 0, 0, 1])),
            ("127.0.1", Some([127, 0, 0, 1])),
            ("10.0x10203", Some([10, 1, 2, 3])),
            ("0", Some([0, 0, 0, 0])),
            ("0x", Some([0, 0, 0, 0])),
            ("4294967295", Some([255, 255, 255, 255])),
            ("4294967296", None),
            ("256.1", None),
            ("1.16777216", None),
            ("1.1.1.256", None),
            ("1.2.3.4.5", None),
            ("08.1", None),
            ("1..1", None),
            ("+1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(ipv4(text), address.map(Ipv4Addr::from), "{text}");
        }
    }

    #[test]
    fn a_number_that_is_too_long_is_still_a_number() {
        let is_ipv4 = |text| matches!(parse(text), Err(HostError::Ipv4 { .. }));
        assert!(is_ipv4("99999999999999999999"));
        assert!(is_ipv4("0x17f000001"));
        assert!(is_ipv4("a.0X17f000001"));
        assert!(is_ipv4("a.08"));
        assert!(is_ipv4("name.0x"));
        assert_eq!(parse("0x7g"), Ok(Host::Name("0x7g")));
        assert_eq!(parse("1.2.3.4a"), Ok(Host::Name("1.2.3.4a")));
    }
}
