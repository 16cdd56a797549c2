//! Arithmetic over address ranges: what they are for, and how much of the space they cover together.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What a range is for, by the registries of IANA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RangeKind {
    /// Anything that the internet routes, all of it or a part.
    Public,
    /// RFC 1918.
    Private,
    /// RFC 6598: carrier-grade NAT.
    CarrierNat,
    /// RFC 4193: IPv6's private ranges.
    UniqueLocal,
    /// RFC 3927, RFC 4291.
    LinkLocal,
    /// RFC 1122, RFC 4291.
    Loopback,
    /// RFC 5737, RFC 3849, RFC 9637: for examples. Nobody should answer there, but nothing stops who routes it.
    Documentation,
    /// RFC 1122, RFC 2544, RFC 6890, RFC 1112, RFC 5771, RFC 6666: for other purposes than hosts on the internet.
    Reserved,
}

impl RangeKind {
    /// Whether no route on the public internet leads there. Strict: documentation and reserved ranges are not private.
    #[must_use]
    pub fn is_private(self) -> bool {
        matches!(self, Self::Private | Self::CarrierNat | Self::UniqueLocal | Self::LinkLocal | Self::Loopback)
    }
}

impl RangeKind {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::CarrierNat => "carrier-grade NAT",
            Self::UniqueLocal => "unique local",
            Self::LinkLocal => "link-local",
            Self::Loopback => "loopback",
            Self::Documentation => "documentation",
            Self::Reserved => "reserved",
        }
    }
}

const SPECIAL: &[(&str, RangeKind)] = &[
    ("10.0.0.0/8", RangeKind::Private),
    ("172.16.0.0/12", RangeKind::Private),
    ("192.168.0.0/16", RangeKind::Private),
    ("100.64.0.0/10", RangeKind::CarrierNat),
    ("169.254.0.0/16", RangeKind::LinkLocal),
    ("127.0.0.0/8", RangeKind::Loopback),
    ("fc00::/7", RangeKind::UniqueLocal),
    ("fe80::/10", RangeKind::LinkLocal),
    ("::1/128", RangeKind::Loopback),
    ("192.0.2.0/24", RangeKind::Documentation),
    ("198.51.100.0/24", RangeKind::Documentation),
    ("203.0.113.0/24", RangeKind::Documentation),
    ("2001:db8::/32", RangeKind::Documentation),
    ("3fff::/20", RangeKind::Documentation),
    ("0.0.0.0/8", RangeKind::Reserved),
    ("192.0.0.0/24", RangeKind::Reserved),
    ("198.18.0.0/15", RangeKind::Reserved),
    ("224.0.0.0/3", RangeKind::Reserved),
    ("100::/64", RangeKind::Reserved),
    ("ff00::/8", RangeKind::Reserved),
];

/// What a range is for. `10.0.0.0/7` is public: a range is of a kind only if all of it is.
#[must_use]
pub fn kind(range: &IpNet) -> RangeKind {
    static PARSED: LazyLock<Vec<(IpNet, RangeKind)>> = LazyLock::new(|| {
        let parsed = |(text, kind): &(&str, RangeKind)| text.parse::<IpNet>().ok().map(|range| (range, *kind));
        SPECIAL.iter().filter_map(parsed).collect()
    });
    let range = range.trunc();
    PARSED.iter().find(|(special, _)| special.contains(&range)).map_or(RangeKind::Public, |(_, kind)| *kind)
}

/// Whether a range holds any address that the public internet routes, or might.
#[must_use]
pub fn is_public(range: &IpNet) -> bool {
    !is_private(range)
}

/// Whether all of a range is private.
#[must_use]
pub fn is_private(range: &IpNet) -> bool {
    kind(range).is_private()
}

/// Whether an entry of an access list admits a whole address family. Host bits do not count, and a lone unspecified
/// address is how some clients write "anywhere".
#[must_use]
pub fn admits_everyone(range: &IpNet) -> bool {
    range.prefix_len() == 0 || (range.addr().is_unspecified() && range.prefix_len() == range.max_prefix_len())
}

/// What ranges cover together, in both families. Overlaps count once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Union {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
}

impl FromIterator<IpNet> for Union {
    fn from_iter<I: IntoIterator<Item = IpNet>>(ranges: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for range in ranges {
            match range.trunc() {
                IpNet::V4(range) => v4.push(range),
                IpNet::V6(range) => v6.push(range),
            }
        }
        Self { v4: Ipv4Net::aggregate(&v4), v6: Ipv6Net::aggregate(&v6) }
    }
}

impl Union {
    /// The fewest ranges that cover the same, sorted.
    pub fn ranges(&self) -> impl Iterator<Item = IpNet> + '_ {
        self.v4.iter().copied().map(IpNet::V4).chain(self.v6.iter().copied().map(IpNet::V6))
    }

    /// How many IPv4 addresses there are.
    #[must_use]
    pub fn ipv4_addresses(&self) -> u64 {
        self.v4.iter().map(|range| 1_u64 << (32 - range.prefix_len())).sum()
    }

    /// How many IPv6 addresses there are. All 2^128 of them are one more than can be counted.
    #[must_use]
    pub fn ipv6_addresses(&self) -> u128 {
        let count = |range: &Ipv6Net| 1_u128.checked_shl(u32::from(128 - range.prefix_len())).unwrap_or(u128::MAX);
        self.v6.iter().map(count).fold(0, u128::saturating_add)
    }

    /// The share of the IPv4 space, between 0 and 1.
    #[must_use]
    pub fn ipv4_share(&self) -> f64 {
        self.v4.iter().map(|range| 0.5_f64.powi(i32::from(range.prefix_len()))).sum()
    }

    /// The share of the IPv6 space, between 0 and 1.
    #[must_use]
    pub fn ipv6_share(&self) -> f64 {
        self.v6.iter().map(|range| 0.5_f64.powi(i32::from(range.prefix_len()))).sum()
    }

    /// The share of `2000::/3`, of which all routed IPv6 addresses are.
    #[must_use]
    pub fn routed_ipv6_share(&self) -> f64 {
        let routed = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
        if self.v6.iter().any(|range| range.contains(&routed)) {
            return 1.0;
        }
        let within = self.v6.iter().filter(|range| routed.contains(*range));
        within.map(|range| 0.5_f64.powi(i32::from(range.prefix_len()) - 3)).sum()
    }

    /// Whether all of a range is in it.
    #[must_use]
    pub fn covers(&self, range: &IpNet) -> bool {
        match range.trunc() {
            IpNet::V4(range) => self.v4.iter().any(|own| own.contains(&range)),
            IpNet::V6(range) => self.v6.iter().any(|own| own.contains(&range)),
        }
    }
}

/// All addresses of a range's family.
#[must_use]
pub fn whole_family(range: &IpNet) -> IpNet {
    match range {
        IpNet::V4(_) => IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0)),
        IpNet::V6(_) => IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 0)),
    }
}

/// The share of the IPv4 space that these ranges cover together, between 0 and 1. Overlaps count once.
pub fn ipv4_fraction(ranges: impl IntoIterator<Item = IpNet>) -> f64 {
    ranges.into_iter().collect::<Union>().ipv4_share()
}

/// How many addresses these ranges hold together, both families; overlaps count once. Saturates.
pub fn addresses(ranges: impl IntoIterator<Item = IpNet>) -> u128 {
    let union: Union = ranges.into_iter().collect();
    union.ipv6_addresses().saturating_add(u128::from(union.ipv4_addresses()))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

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

    #[test]
    fn every_special_range_is_read_and_is_what_it_says() {
        for (text, expected) in SPECIAL {
            assert_eq!(kind(&text.parse().unwrap()), *expected, "{text}");
        }
        assert_eq!(kind(&"198.51.0.0/16".parse().unwrap()), RangeKind::Public);
        assert_eq!(kind(&"203.0.113.77/28".parse().unwrap()), RangeKind::Documentation);
        let words = ["8.8.8.0/24", "10.1.0.0/16", "100.64.0.0/16"].map(|text| kind(&text.parse().unwrap()).as_str());
        assert_eq!(words, ["public", "private", "carrier-grade NAT"]);
    }

    #[test]
    fn everyone_is_a_whole_family_or_a_lone_unspecified_address() {
        let everyone = |text: &str| admits_everyone(&text.parse().unwrap());
        assert!(everyone("10.0.0.0/0") && everyone("::/0") && everyone("0.0.0.0/32") && everyone("::/128"));
        assert!(!everyone("0.0.0.0/1") && !everyone("0.0.0.0/8") && !everyone("203.0.113.0/32"));
    }

    #[test]
    fn all_that_is_routed_of_ipv6_is_an_eighth_of_it() {
        let union = |texts: &[&str]| texts.iter().map(|text| text.parse::<IpNet>().unwrap()).collect::<Union>();
        let share = |texts: &[&str]| (union(texts).ipv6_share(), union(texts).routed_ipv6_share());
        assert_eq!(share(&["2000::/3"]), (0.125, 1.0));
        assert_eq!(share(&["::/0"]), (1.0, 1.0));
        assert_eq!(share(&["2000::/4", "fc00::/7"]), (0.0625 + 0.007_812_5, 0.5));
        assert_eq!(union(&["::/0"]).ipv6_addresses(), u128::MAX);
        assert_eq!(union(&["0.0.0.0/1", "128.0.0.0/1", "203.0.113.0/24"]).ipv4_addresses(), 1 << 32);
    }

    #[test]
    fn all_addresses_of_a_range_are_of_its_family() {
        let whole = |text: &str| whole_family(&text.parse().unwrap()).to_string();
        assert_eq!((whole("10.0.0.0/8").as_str(), whole("fd00::/8").as_str()), ("0.0.0.0/0", "::/0"));
    }
}
