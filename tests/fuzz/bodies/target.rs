//! Checks that the verdict of a target policy does not depend on the spelling of an address.

use std::net::{IpAddr, Ipv4Addr};

use recohook::{
    Webhook,
    target::{Network, TargetError, TargetPolicy},
};

use super::{assert_one_line, systems::any_filter};

/// Takes the host of a URL, with or without a port, and after a line feed a network.
pub(crate) fn check(texts: &[u8]) {
    let Ok(texts) = std::str::from_utf8(texts) else { return };
    let (host, network) = texts.split_once('\n').unwrap_or((texts, ""));
    let network = network.parse::<Network>();
    match &network {
        Ok(network) => {
            assert_eq!(network.to_string().parse().as_ref(), Ok(network), "{network} has changed");
        }
        Err(error) => assert_one_line(&error.to_string()),
    }
    let Ok(webhook) = Webhook::new(&format!("http://{host}/"), any_filter()) else { return };
    let url = webhook.url();
    let name = url.host().expect("a URL of a webhook has a host");
    let address = address(name);
    // Clients read a host that ends in a number as an address, in one of several ways.
    assert!(address.is_some() || !ends_in_number(name), "{name:?} is a name");

    let verdict = |policy: &TargetPolicy| {
        let result = policy.check_url(url);
        if let Err(error) = &result {
            assert_one_line(&error.to_string());
        }
        if let Some(address) = address {
            check_address(policy, address, &result);
        }
        result.is_ok()
    };
    let (public, private) = (TargetPolicy::public(), TargetPolicy::private_network());
    assert!(!verdict(&public) || verdict(&private), "only the strict policy allows {name}");
    if let (Ok(network), Some(address)) = (network, address) {
        check_network(&private, network, address);
        check_network(&public, network, address);
        check_network(&public.with_allowed_network(network), network, address);
    }
}

/// Checks that an address gets the verdict of its URL, and an IPv4 address the same within IPv6.
fn check_address(policy: &TargetPolicy, address: IpAddr, verdict: &Result<(), TargetError>) {
    let is_allowed = |address| policy.check_addresses([address]).is_ok();
    assert_eq!(is_allowed(address), verdict.is_ok(), "{address} and its URL have two verdicts");
    if let IpAddr::V4(v4) = address {
        let nat64 = format!("64:ff9b::{v4}").parse().expect("it is an address");
        assert_eq!(is_allowed(nat64), verdict.is_ok(), "{nat64} has another verdict");
        assert!(!is_allowed(v4.to_ipv6_mapped().into()), "a mapped {v4} is allowed");
    }
}

/// Checks that an address is refused if its network is denied.
fn check_network(policy: &TargetPolicy, network: Network, address: IpAddr) {
    let denied = policy.clone().with_denied_network(network);
    let is_allowed = |policy: &TargetPolicy| policy.check_addresses([address]).is_ok();
    assert_eq!(
        is_allowed(&denied),
        is_allowed(policy) && !covers(network, address),
        "{address} in {network}, which is denied"
    );
}

/// Returns whether a network contains an address or the IPv4 address that it carries (NAT64).
fn covers(network: Network, address: IpAddr) -> bool {
    let carried = match address {
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            let octets: [u8; 4] = v6.octets()[12..].try_into().expect("there are 4");
            Some(IpAddr::V4(octets.into()))
        }
        _ => None,
    };
    network.contains(address) || carried.is_some_and(|carried| network.contains(carried))
}

fn address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[') {
        Some(host) => host.strip_suffix(']')?.parse().ok().map(IpAddr::V6),
        None => host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

/// Returns whether the last label of a host is a decimal, octal or hexadecimal number.
fn ends_in_number(host: &str) -> bool {
    let label = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let hex = label.strip_prefix("0x").or(label.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|digit| digit.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|digit| digit.is_ascii_digit()),
    }
}
