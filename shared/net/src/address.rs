//! Which IP addresses may be called: those of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Says why an address may not be called, or nothing if it may.
///
/// Loopback may be called where `allow_loopback` says so (a desk with simulators); nothing else is lifted by
/// it. Sources: the IANA special-purpose address registries (RFC 6890 and its updates, read 2026-11).
#[must_use]
pub fn refusal(address: IpAddr, allow_loopback: bool) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => refusal_v4(v4, allow_loopback),
        IpAddr::V6(v6) => refusal_v6(v6, allow_loopback),
    }
}

fn refusal_v4(address: Ipv4Addr, allow_loopback: bool) -> Option<&'static str> {
    match address.octets() {
        [127, ..] => (!allow_loopback).then_some("this machine itself"),
        [0, ..] => Some("an unspecified network"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("a private network"),
        [100, 64..=127, ..] => Some("a carrier's private network"),
        [169, 254, ..] => Some("a link-local address, where cloud metadata lives"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("a documentation example"),
        [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] => Some("a reserved network"),
        [224..=239, ..] => Some("a multicast address"),
        [240..=255, ..] => Some("a reserved network"),
        _ => None,
    }
}

fn refusal_v6(address: Ipv6Addr, allow_loopback: bool) -> Option<&'static str> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => (!allow_loopback).then_some("this machine itself"),
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("an unspecified address"),
        // IPv4-mapped: the system connects to the IPv4 address inside.
        [0, 0, 0, 0, 0, 0xffff, high, low] => refusal_v4(inside(high, low), allow_loopback),
        // NAT64 and 6to4 lead to the IPv4 address inside; through a gateway loopback is somebody else's.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            refusal_v4(inside(high, low), false)
        }
        [0xfc00..=0xfdff, ..] => Some("a private network"),
        [0xfe80..=0xfebf, ..] => Some("a link-local address"),
        [0xff00..=0xffff, ..] => Some("a multicast address"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Some("a documentation example"),
        // Teredo, benchmarking, ORCHID and the other protocol assignments of 2001::/23.
        [0x2001, 0..=0x1ff, ..] => Some("a reserved network"),
        [0x2000..=0x3fff, ..] => None,
        // Outside 2000::/3 nothing is the public internet: IPv4-compatible, discard, local NAT64, SRv6 ...
        _ => Some("a reserved network"),
    }
}

fn inside(high: u16, low: u16) -> Ipv4Addr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::7f00:1",
        "::10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2002:a00:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2002:c0a8:101::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "fc00::1",
        "fd00::1",
        "fd00:ec2::254",
        "fd12:3456:789a::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
        "e000::1",
    ];

    const CALLED: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.1.1",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "2001:4860:4860::8888",
        "3ffe::1",
        "3fff:1000::1",
    ];

    #[test]
    fn only_the_public_internet_is_called() {
        for text in REFUSED {
            assert!(refusal(text.parse().unwrap(), false).is_some(), "{text} should be refused");
        }
        for text in CALLED {
            assert_eq!(refusal(text.parse().unwrap(), false), None, "{text} should be called");
        }
    }

    #[test]
    fn allowing_loopback_lifts_loopback_alone() {
        let lifted = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"];
        for text in REFUSED {
            let refused = refusal(text.parse().unwrap(), true).is_some();
            assert_eq!(refused, !lifted.contains(text), "{text}");
        }
    }
}
