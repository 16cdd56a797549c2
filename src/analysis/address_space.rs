//! Arithmetic over address ranges: what is public, how much of the space ranges cover together.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Ranges that no route on the public internet leads to.
///
/// RFC 1918, RFC 6598 (carrier-grade NAT), RFC 3927, RFC 1122, RFC 4193 (ULA), RFC 4291.
const PRIVATE: &[&str] = &[
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// Whether a range holds any address that the public internet routes.
///
/// `10.0.0.0/4` does: a range is private only if all of it is.
#[must_use]
pub fn is_public(range: &IpNet) -> bool {
    !is_private(range)
}

/// Whether all of a range is private.
#[must_use]
pub fn is_private(range: &IpNet) -> bool {
    let range = range.trunc();
    PRIVATE.iter().filter_map(|text| text.parse::<IpNet>().ok()).any(|private| private.contains(&range))
}

/// The share of the IPv4 space that these ranges cover together, between 0 and 1. Overlaps count once.
pub fn ipv4_fraction(ranges: impl IntoIterator<Item = IpNet>) -> f64 {
    let ranges: Vec<Ipv4Net> = ranges
        .into_iter()
        .filter_map(|range| match range.trunc() {
            IpNet::V4(range) => Some(range),
            IpNet::V6(_) => None,
        })
        .collect();
    Ipv4Net::aggregate(&ranges).iter().map(|range| 0.5_f64.powi(i32::from(range.prefix_len()))).sum()
}

/// How many addresses these ranges hold together, both families; overlaps count once. Saturates.
pub fn addresses(ranges: impl IntoIterator<Item = IpNet>) -> u128 {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for range in ranges {
        match range.trunc() {
            IpNet::V4(range) => v4.push(range),
            IpNet::V6(range) => v6.push(range),
        }
    }
    let count = |bits: u8| 1_u128.checked_shl(u32::from(bits)).unwrap_or(u128::MAX);
    let v4 = Ipv4Net::aggregate(&v4).iter().map(|range| count(32 - range.prefix_len())).fold(0, u128::saturating_add);
    let v6 = Ipv6Net::aggregate(&v6).iter().map(|range| count(128 - range.prefix_len())).fold(0, u128::saturating_add);
    v4.saturating_add(v6)
}

/// Whether an address lies in any of these ranges.
pub fn contains(ranges: impl IntoIterator<Item = IpNet>, address: IpAddr) -> bool {
    ranges.into_iter().any(|range| range.contains(&address))
}
