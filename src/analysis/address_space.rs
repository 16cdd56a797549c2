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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn net() -> impl Strategy<Value = IpNet> {
        (any::<u32>(), 0_u8..=32)
            .prop_map(|(bits, prefix)| IpNet::V4(Ipv4Net::new(bits.into(), prefix).expect("at most 32")))
    }

    proptest! {
        #[test]
        fn overlaps_count_once(ranges in prop::collection::vec(net(), 0..12)) {
            let once = ipv4_fraction(ranges.clone());
            let twice = ipv4_fraction(ranges.iter().chain(&ranges).copied());
            prop_assert!((once - twice).abs() < f64::EPSILON);
            prop_assert!((0.0..=1.0).contains(&once));
            let widest = ranges.iter().map(|range| ipv4_fraction([*range])).fold(0.0, f64::max);
            prop_assert!(once >= widest);
        }

        #[test]
        fn counting_addresses_and_shares_agree(ranges in prop::collection::vec(net(), 0..12)) {
            let share = ipv4_fraction(ranges.clone());
            #[expect(clippy::cast_precision_loss, reason = "at most 2^32")]
            let counted = addresses(ranges) as f64 / 2_f64.powi(32);
            prop_assert!((share - counted).abs() < 1e-12);
        }

        #[test]
        fn a_range_is_private_or_public_and_so_is_all_that_a_private_one_holds(range in net(), host in any::<u32>()) {
            prop_assert_ne!(is_public(&range), is_private(&range));
            if is_private(&range) {
                let inside = IpNet::from(IpAddr::from(std::net::Ipv4Addr::from(host)));
                prop_assert!(!range.trunc().contains(&inside) || is_private(&inside));
            }
        }
    }

    #[test]
    fn a_range_that_is_only_partly_private_is_public() {
        assert!(is_public(&"10.0.0.0/7".parse().unwrap()));
        assert!(is_private(&"10.255.0.0/16".parse().unwrap()));
        assert!(is_private(&"fd00::/8".parse().unwrap()));
        assert!(is_public(&"2001:db8::/32".parse().unwrap()));
    }
}
