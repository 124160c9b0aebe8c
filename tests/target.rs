//! Where requests may go: the verdicts of target policies on addresses, in all their spellings.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use recohook::{
    Config, Engine, Filter, Moment, Webhook,
    findface::security::FILTERS,
    http::Uri,
    target::{AddressClass, Network, TargetPolicy},
};

/// Hosts that both policies refuse, at the latest when they are registered.
const REFUSED: &[&str] = &[
    // Spellings of IPv4 addresses that clients read differently.
    "2130706433",
    "0x7f000001",
    "0X7F000001",
    "017700000001",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "0127.0.0.1",
    "10.1",
    "0xa.0.0.1",
    "167772161",
    "3232235521",
    "192.168.1",
    "192.168.257",
    "0xc0a80001",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "0",
    "0x0",
    "00",
    "4294967295",
    "1.1",
    // Addresses that are none.
    "256.1.1.1",
    "1.2.3.4.5",
    "127.0.0.1.1",
    "1.1.1",
    "[::1%lo]",
    "[::1%25lo]",
    "[fe80::1%eth0]",
    "[::ffff:127.1]",
    "[127.0.0.1]",
    "[::1]x",
    "x[::1]",
    "[1::2::3]",
    "[12345::]",
    // IPv4: metadata, link-local, unspecified, shared, documentation, and so on.
    "169.254.169.254",
    "169.254.169.254.",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "169.254.0.1",
    "169.254.255.255",
    "0.0.0.0",
    "0.0.0.0.",
    "0.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.255",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    // IPv6 near zero: unspecified, compatible, mapped, translated, NAT64.
    "[::]",
    "[0:0:0:0:0:0:0:0]",
    "[::2]",
    "[::7f00:1]",
    "[::127.0.0.1]",
    "[::8.8.8.8]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[0000:0000:0000:0000:0000:ffff:7f00:0001]",
    "[::ffff:8.8.8.8]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:0:8.8.8.8]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::0.0.0.0]",
    "[64:ff9b:1::1]",
    "[64:ff9b:1:ffff::8.8.8.8]",
    "[1::1]",
    "[ff::1]",
    "[100::1]",
    // 6to4, Teredo, ISATAP.
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2002:808:808::1]",
    "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2606:4700::5efe:10.0.0.1]",
    "[2606:4700::200:5efe:8.8.8.8]",
    "[fd00::5efe:127.0.0.1]",
    // Metadata, link-local, site-local, multicast, documentation, and so on.
    "[fd00:ec2::254]",
    "[FD00:0EC2:0:0:0:0:0:0254]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[feff::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[3fff:fff::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2001:1::1]",
    "[5f00::1]",
    "[4000::1]",
    "[e000::1]",
    "[f000::1]",
];

/// Hosts that only the strict policy refuses.
const PRIVATE: &[&str] = &[
    "127.0.0.1",
    "127.0.0.1.",
    "127.255.255.254",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[0::0:1]",
    "[::0.0.0.1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[FDFF::1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:FF9B::192.168.1.1]",
];

/// Hosts that both policies allow.
const PUBLIC: &[&str] = &[
    "8.8.8.8",
    "8.8.8.8.",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "[2606:4700:4700::1111]",
    "[2A00:1450:4001:81B::200E]",
    "[2001:4860:4860::8888]",
    "[2001:200::1]",
    "[2003::1]",
    "[3ffe::1]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b::808:808]",
    "hooks.example",
];

fn policies() -> [TargetPolicy; 2] {
    [TargetPolicy::public(), TargetPolicy::private_network()]
}

/// Returns whether a webhook with this host can be registered.
fn is_registered(host: &str, policy: &TargetPolicy) -> bool {
    let config = Config::default().with_target_policy(policy.clone());
    let webhook = Webhook::new(&format!("http://{host}/"), Filter::everything(&FILTERS));
    webhook.is_ok_and(|webhook| {
        let inserted = Engine::with_config(config).insert(1, webhook, Moment::ZERO);
        inserted.is_ok()
    })
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']', '.']).parse().ok()
}

#[test]
fn u5_verdicts_at_registration_and_on_addresses() {
    assert!(REFUSED.len() + PRIVATE.len() >= 120);
    for (hosts, verdicts) in
        [(REFUSED, [false, false]), (PRIVATE, [false, true]), (PUBLIC, [true, true])]
    {
        for host in hosts {
            for (policy, verdict) in policies().iter().zip(verdicts) {
                assert_eq!(is_registered(host, policy), verdict, "{host}, {policy:?}");
                if let Some(address) = address(host).filter(|_| !host.starts_with("[127")) {
                    let checked = policy.check_addresses([address]).is_ok();
                    assert_eq!(checked, verdict, "{address}, {policy:?}");
                }
            }
        }
    }
}

#[test]
fn all_addresses_of_a_host_must_be_allowed() {
    let (public, private): (IpAddr, IpAddr) = ([8, 8, 8, 8].into(), [10, 0, 0, 1].into());
    let strict = TargetPolicy::public();
    assert!(strict.check_addresses([public, public]).is_ok());
    for mixed in [[public, private], [private, public]] {
        assert_eq!(strict.check_addresses(mixed).unwrap_err().kind(), "target_address");
        assert!(TargetPolicy::default().check_addresses(mixed).is_ok());
    }
    assert_eq!(strict.check_addresses([]).unwrap_err().kind(), "target_no_address");
}

#[test]
fn denied_comes_before_allowed_and_allowed_before_the_class() {
    let network = |text: &str| text.parse::<Network>().unwrap();
    let policy = TargetPolicy::public()
        .with_allowed_network(network("10.0.0.0/8"))
        .with_denied_network(network("10.1.0.0/16"))
        .with_denied_network(network("8.8.8.8"))
        .with_allowed_network(network("fe80::/10"));
    let check = |text: &str| policy.check_addresses(text.parse::<IpAddr>()).is_ok();
    assert!(check("10.2.0.1") && check("fe80::1") && check("9.9.9.9"));
    assert!(check("64:ff9b::10.2.0.1"));
    assert!(!check("10.1.0.1") && !check("8.8.8.8") && !check("192.168.0.1"));
    assert!(!check("64:ff9b::8.8.8.8"), "another spelling of a denied address");
}

#[test]
fn hosts_ports_and_schemes_can_be_limited() {
    let policy = TargetPolicy::default()
        .with_only_host("*.Example.com.")
        .with_only_host("[0:0::1]")
        .with_denied_host("bad.example.com")
        .with_only_ports(443..=443)
        .with_only_ports(8000..=8999)
        .with_denied_ports(8080..=8080);
    for (url, verdict) in [
        ("https://a.example.com/", Ok(())),
        ("https://A.B.EXAMPLE.COM./", Ok(())),
        ("http://a.example.com:8000/", Ok(())),
        ("https://[::1]/", Ok(())),
        ("https://example.com/", Err("target_host")),
        ("https://aexample.com/", Err("target_host")),
        ("https://a.example.com.evil.net/", Err("target_host")),
        ("https://bad.example.com/", Err("target_host")),
        ("https://BAD.example.com./", Err("target_host")),
        ("https://127.0.0.1/", Err("target_host")),
        ("http://a.example.com/", Err("target_port")),
        ("https://a.example.com:8080/", Err("target_port")),
    ] {
        let checked = policy.check_url(&Uri::try_from(url).unwrap());
        assert_eq!(checked.map_err(|error| error.kind()), verdict, "{url}");
    }
    let https = TargetPolicy::public().with_https_only(true);
    let error = https.check_url(&Uri::from_static("http://8.8.8.8/")).unwrap_err();
    assert_eq!(error.kind(), "target_not_https");
}

#[test]
fn networks_are_written_without_host_bits() {
    for text in ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/32", "::/0", "fe80::/10", "::1/128"] {
        assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
    }
    for (text, part) in [
        ("10.0.0.1/8", "write 10.0.0.0/8"),
        ("fe80::1/64", "write fe80::/64"),
        ("10.0.0.0/33", "from 0 to 32"),
        ("::/129", "from 0 to 128"),
        ("10.0.0.0/", "from 0 to 32"),
        ("10.0.0.0/+8", "from 0 to 32"),
        ("example.com/8", "begins with an IPv4 or IPv6 address"),
        ("", "begins with"),
    ] {
        let error = text.parse::<Network>().unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

/// Spells an IPv6 address in one of several ways.
fn spelled(address: Ipv6Addr, way: u8) -> String {
    let segments = address.segments();
    let join = |parts: &[u16], full: bool| {
        let parts = parts.iter().map(|part| match full {
            true => format!("{part:04x}"),
            false => format!("{part:x}"),
        });
        parts.collect::<Vec<_>>().join(":")
    };
    let octets = address.octets();
    let last = Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15]);
    let text = match way % 4 {
        0 => address.to_string(),
        1 => join(&segments, true),
        2 => join(&segments, false),
        _ => format!("{}:{last}", join(&segments[..6], false)),
    };
    if way & 4 == 0 { text } else { text.to_ascii_uppercase() }
}

/// Returns addresses, many of them in the blocks that matter.
fn any_v6() -> impl Strategy<Value = Ipv6Addr> {
    let head = prop_oneof![
        Just(vec![]),
        Just(vec![0, 0, 0, 0, 0, 0xffff]),
        Just(vec![0, 0, 0, 0, 0xffff, 0]),
        Just(vec![0, 0, 0, 0, 0, 0]),
        Just(vec![0x64, 0xff9b, 0, 0, 0, 0]),
        Just(vec![0x2002]),
        Just(vec![0x2001, 0]),
        Just(vec![0xfe80]),
        Just(vec![0xfd00]),
    ];
    (head, any::<[u16; 8]>()).prop_map(|(head, mut segments)| {
        segments[..head.len()].copy_from_slice(&head);
        segments.into()
    })
}

proptest! {
    #[test]
    fn no_verdict_depends_on_the_spelling(address in any_v6(), way: u8, dot: bool) {
        for policy in policies() {
            let verdict = policy.check_addresses([IpAddr::V6(address)]).is_ok();
            let host = format!("[{}]", spelled(address, way));
            prop_assert_eq!(is_registered(&host, &policy), verdict, "{}", host);
            let v4 = Ipv4Addr::from(u32::from_be_bytes(address.octets()[..4].try_into().unwrap()));
            let verdict = policy.check_addresses([IpAddr::V4(v4)]).is_ok();
            let host = format!("{v4}{}", if dot { "." } else { "" });
            prop_assert_eq!(is_registered(&host, &policy), verdict, "{}", host);
            let nat64: Ipv6Addr = format!("64:ff9b::{v4}").parse().unwrap();
            prop_assert_eq!(policy.check_addresses([IpAddr::V6(nat64)]).is_ok(), verdict);
        }
    }

    #[test]
    fn a_network_contains_what_has_its_prefix(first: u128, other: u128, prefix in 0u8..=128) {
        let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
        let text = format!("{}/{prefix}", Ipv6Addr::from(first & mask));
        let network: Network = text.parse().unwrap();
        prop_assert_eq!(network.to_string(), text);
        for address in [first, other, first ^ 1, first ^ (1 << 127)] {
            let expected = (address ^ first) & mask == 0;
            prop_assert_eq!(network.contains(IpAddr::V6(address.into())), expected);
        }
    }
}

#[test]
fn classes_have_names() {
    let class = AddressClass::of([169, 254, 169, 254].into());
    assert_eq!(class.as_str(), "metadata");
    assert_eq!(class.to_string(), "an address of a cloud's metadata service");
}
