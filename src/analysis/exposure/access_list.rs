//! The entries of an access list, weighed against each other.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{Timestamp, Unit};

use crate::analysis::address_space::{RangeKind, Union, admits_everyone, kind, whole_family};
use crate::analysis::peering::{Delivery, Peered};
use crate::snapshot::network::{AccessListEntry, Network};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// An access list, and what it admits as a whole.
#[derive(Debug, Clone)]
pub struct AccessList {
    /// In the order of the snapshot.
    pub entries: Vec<Entry>,
    /// What its public entries admit together.
    pub public: Union,
    /// What more than one of them admits.
    pub twice: Union,
    /// Whether a single entry admits a whole family.
    pub admits_everyone: bool,
}

/// An entry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As Atlas shows it.
    pub key: String,
    /// What people wrote about it.
    pub comment: Option<String>,
    /// Whom it admits.
    pub admits: Admits,
    /// How long it lasts.
    pub ends: Ends,
    /// The entries that admit all that it admits, at least as long: without it the list would admit the same.
    pub useless_for: Vec<String>,
    /// Whose addresses these are, where the snapshot says so.
    pub whose: Vec<String>,
}

/// Whom an entry admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admits {
    /// Addresses of the internet, or of no special kind.
    Public {
        /// Those.
        range: IpNet,
        /// What they are for.
        kind: RangeKind,
    },
    /// Addresses that only a peering can bring.
    Private {
        /// Those.
        range: IpNet,
        /// What they are for.
        kind: RangeKind,
        /// Whether one does.
        delivery: Delivery,
    },
    /// Members of an AWS security group.
    SecurityGroup {
        /// Its name.
        group: String,
        /// Whether a peering makes it mean anything.
        delivery: Delivery,
    },
    /// Something that this version does not understand.
    NotUnderstood(String),
}

impl Admits {
    fn of(entry: &AccessListEntry, peered: &Peered) -> Self {
        match entry.network() {
            Network::Range(range) => match kind(&range) {
                kind if kind.is_private() => Self::Private { range, kind, delivery: peered.delivery(&range) },
                kind => Self::Public { range, kind },
            },
            Network::SecurityGroup(group) => {
                Self::SecurityGroup { group: group.to_owned(), delivery: peered.security_group_delivery() }
            }
            Network::Other(text) => Self::NotUnderstood(text.into_owned()),
        }
    }

    /// The addresses that Atlas makes of it: all of a family, where it means everyone.
    #[must_use]
    pub fn effective(&self) -> Option<IpNet> {
        match self {
            Self::Public { range, .. } | Self::Private { range, .. } if admits_everyone(range) => {
                Some(whole_family(range))
            }
            Self::Public { range, .. } | Self::Private { range, .. } => Some(range.trunc()),
            Self::SecurityGroup { .. } | Self::NotUnderstood(_) => None,
        }
    }
}

/// How long an entry lasts.
#[derive(Debug, Clone, PartialEq)]
pub enum Ends {
    /// Until somebody removes it.
    Never,
    /// It removes itself.
    At {
        /// Then.
        at: Timestamp,
        /// Hours until then; negative if it is still listed past its end, and admits all the same.
        hours: f64,
    },
    /// Nobody can read when.
    Unreadable(String),
}

impl Ends {
    fn of(entry: &AccessListEntry, now: Timestamp) -> Self {
        match &entry.delete_after_date {
            None => Self::Never,
            Some(Moment::At(at)) => {
                let hours = at.since(now).ok().and_then(|span| span.total(Unit::Hour).ok());
                hours.map_or_else(|| Self::Unreadable(at.to_string()), |hours| Self::At { at: *at, hours })
            }
            Some(Moment::Unreadable(text)) => Self::Unreadable(text.clone()),
        }
    }

    /// Whether it certainly lasts at least as long.
    fn outlasts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Never, _) => true,
            (Self::At { at, .. }, Self::At { at: other, .. }) => at >= other,
            (Self::At { .. } | Self::Unreadable(_), _) => false,
        }
    }

    fn rank(&self) -> (u8, Option<Timestamp>) {
        match self {
            Self::At { at, .. } => (0, Some(*at)),
            Self::Unreadable(_) => (1, None),
            Self::Never => (2, None),
        }
    }
}

/// Addresses of which the snapshot says whose they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownAddress {
    /// The addresses.
    pub range: IpNet,
    /// Whose they are.
    pub whose: String,
}

impl AccessList {
    /// What a list comes to.
    #[must_use]
    pub fn of(list: &[AccessListEntry], peered: &Peered, known: &[KnownAddress], now: Timestamp) -> Self {
        let mut entries: Vec<Entry> = list
            .iter()
            .map(|entry| {
                let admits = Admits::of(entry, peered);
                let effective = admits.effective();
                let within = |known: &&KnownAddress| effective.is_some_and(|own| known.range.trunc().contains(&own));
                let mut whose: Vec<_> = known.iter().filter(within).map(|known| known.whose.clone()).collect();
                whose.dedup();
                Entry {
                    key: entry.key(),
                    comment: entry.comment.clone().filter(|comment| !comment.is_empty()),
                    ends: Ends::of(entry, now),
                    useless_for: Vec::new(),
                    whose,
                    admits,
                }
            })
            .collect();
        let ranges: Vec<_> = entries.iter().map(|entry| (entry.admits.effective(), entry.ends.clone())).collect();
        for (index, by) in useless(&ranges) {
            entries[index].useless_for = by.into_iter().map(|index| entries[index].key.clone()).collect();
        }
        let public: Vec<IpNet> = entries
            .iter()
            .filter(|entry| matches!(entry.admits, Admits::Public { .. }))
            .filter_map(|entry| entry.admits.effective())
            .collect();
        Self {
            admits_everyone: public.iter().any(|range| range.prefix_len() == 0),
            twice: overlap(&public),
            public: public.into_iter().collect(),
            entries,
        }
    }
}

/// Addresses that more than one of these ranges holds: of two ranges that meet, one lies within the other.
#[must_use]
pub fn overlap(ranges: &[IpNet]) -> Union {
    let mut counts: BTreeMap<(IpAddr, u8), usize> = BTreeMap::new();
    for range in ranges {
        *counts.entry(key(range)).or_default() += 1;
    }
    let held_again = |range: &&IpNet| counts[&key(range)] > 1 || wider(range).any(|wider| counts.contains_key(&wider));
    ranges.iter().filter(held_again).copied().collect()
}

fn key(range: &IpNet) -> (IpAddr, u8) {
    (range.network(), range.prefix_len())
}

/// The ranges around a range, the widest first, without itself.
fn wider(range: &IpNet) -> impl Iterator<Item = (IpAddr, u8)> {
    let address = range.addr();
    (0..range.prefix_len()).filter_map(move |prefix| {
        let wider = IpNet::new(address, prefix).ok()?;
        Some(key(&wider))
    })
}

/// Which ranges could go without any change to what the list admits, now or later, each with those that stand in for
/// it and stay: one that is wider if there is any, else the narrower ones that add up to it.
///
/// All of them could go at once. An entry stands in only for one that ends no later.
#[must_use]
pub fn useless(ranges: &[(Option<IpNet>, Ends)]) -> Vec<(usize, Vec<usize>)> {
    let mut kept: BTreeMap<(IpAddr, u8), Vec<usize>> = BTreeMap::new();
    let mut order: Vec<(usize, IpNet)> =
        ranges.iter().enumerate().filter_map(|(index, (range, _))| Some((index, (*range)?))).collect();
    for (index, range) in &order {
        kept.entry(key(range)).or_default().push(*index);
    }
    // The narrowest first, and of equals the one that ends first: what stays is wide, lasting and early in the list.
    order.sort_by_key(|(index, range)| (Reverse(range.prefix_len()), ranges[*index].1.rank(), Reverse(*index)));
    let mut gone = Vec::new();
    for (index, range) in &order {
        if stand_ins(&kept, ranges, *index, range).is_some() {
            if let Some(equals) = kept.get_mut(&key(range)) {
                equals.retain(|equal| equal != index);
                if equals.is_empty() {
                    kept.remove(&key(range));
                }
            }
            gone.push((*index, *range));
        }
    }
    // Some that stood in have gone since, for others that stand in for them.
    let mut found: Vec<_> = gone
        .into_iter()
        .map(|(index, range)| (index, stand_ins(&kept, ranges, index, &range).unwrap_or_default()))
        .collect();
    found.sort_unstable();
    found
}

fn stand_ins(
    kept: &BTreeMap<(IpAddr, u8), Vec<usize>>,
    ranges: &[(Option<IpNet>, Ends)],
    index: usize,
    range: &IpNet,
) -> Option<Vec<usize>> {
    let lasts = |other: &usize| *other != index && ranges[*other].1.outlasts(&ranges[index].1);
    let around = wider(range).chain([key(range)]).filter_map(|key| kept.get(&key)).flatten();
    if let Some(one) = around.copied().find(lasts) {
        return Some(vec![one]);
    }
    // Whatever begins within and is no wider lies within.
    let within = kept.range(key(range)..=(range.broadcast(), range.max_prefix_len()));
    let within: Vec<usize> = within.flat_map(|(_, indices)| indices).copied().filter(lasts).collect();
    let union: Union = within.iter().filter_map(|index| ranges[*index].0).collect();
    union.covers(range).then_some(within)
}

#[cfg(test)]
mod tests {
    use ipnet::{Ipv4Net, Ipv6Net};
    use proptest::prelude::*;

    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    fn never(texts: &[&str]) -> Vec<(Option<IpNet>, Ends)> {
        texts.iter().map(|text| (Some(net(text)), Ends::Never)).collect()
    }

    fn at(hours: i64) -> Ends {
        let at = Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "small")]
        Ends::At { at, hours: hours as f64 }
    }

    #[test]
    fn a_wider_entry_stands_in_for_a_narrower_one() {
        let list = never(&["203.0.113.0/28", "203.0.113.0/24", "198.51.100.7/32", "0.0.0.0/0"]);
        assert_eq!(useless(&list), [(0, vec![3]), (1, vec![3]), (2, vec![3])]);
        assert_eq!(useless(&never(&["203.0.113.0/24", "203.0.114.0/24", "2001:db8::/32"])), []);
    }

    #[test]
    fn of_equals_the_first_stays_and_host_bits_do_not_count() {
        assert_eq!(useless(&never(&["10.0.0.5/24", "10.0.0.0/24"])), [(1, vec![0])]);
    }

    #[test]
    fn halves_stand_in_for_a_whole_only_where_the_whole_does_not_for_them() {
        assert_eq!(useless(&never(&["10.0.0.0/25", "10.0.0.128/25", "10.0.0.0/24"])), [(0, vec![2]), (1, vec![2])]);
        let list = [
            (Some(net("10.0.0.0/25")), Ends::Never),
            (Some(net("10.0.0.128/25")), Ends::Never),
            (Some(net("10.0.0.0/24")), at(5)),
        ];
        assert_eq!(useless(&list), [(2, vec![0, 1])]);
    }

    #[test]
    fn what_ends_stands_in_for_what_ends_no_later() {
        let wide = |ends: Ends| [(Some(net("203.0.113.0/24")), ends), (Some(net("203.0.113.7/32")), at(5))];
        assert_eq!(useless(&wide(at(5))), [(1, vec![0])]);
        assert_eq!(useless(&wide(at(4))), []);
        assert_eq!(useless(&wide(Ends::Unreadable("soon".to_owned()))), []);
        let lasting = [(Some(net("203.0.113.0/24")), at(900)), (Some(net("203.0.113.7/32")), Ends::Never)];
        assert_eq!(useless(&lasting), []);
        let unreadable = [
            (Some(net("203.0.113.0/24")), Ends::Never),
            (None, Ends::Never),
            (Some(net("203.0.113.7/32")), Ends::Unreadable(String::new())),
        ];
        assert_eq!(useless(&unreadable), [(2, vec![0])]);
    }

    #[test]
    fn families_do_not_meet() {
        assert_eq!(useless(&never(&["0.0.0.0/0", "2001:db8::1/128", "::/0"])), [(1, vec![2])]);
        assert_eq!(overlap(&[net("0.0.0.0/0"), net("::/0")]), Union::default());
        let twice = overlap(&[net("203.0.113.0/24"), net("203.0.113.0/28"), net("203.0.113.8/29")]);
        assert_eq!(twice.ipv4_addresses(), 16);
    }

    /// Few bits, so that ranges meet.
    fn range() -> impl Strategy<Value = IpNet> {
        let v4 = (0_u8..16, 24_u8..=32).prop_map(|(host, prefix)| Ipv4Net::new([10, 0, 0, host * 16].into(), prefix));
        let v6 = (0_u16..16, 116_u8..=128)
            .prop_map(|(host, prefix)| Ipv6Net::new([0x2001, 0xdb8, 0, 0, 0, 0, 0, host * 256].into(), prefix));
        prop_oneof![
            3 => v4.prop_map(|range| IpNet::V4(range.unwrap())),
            1 => v6.prop_map(|range| IpNet::V6(range.unwrap())),
        ]
    }

    fn ends() -> impl Strategy<Value = Ends> {
        prop_oneof![
            2 => Just(Ends::Never),
            2 => (-2_i64..4).prop_map(at),
            1 => Just(Ends::Unreadable("soon".to_owned())),
        ]
    }

    proptest! {
        #[test]
        fn what_is_useless_can_go_all_at_once_now_and_at_any_later_time(
            list in prop::collection::vec((range().prop_map(Some), ends()), 0..14),
        ) {
            let gone = useless(&list);
            let stays = |index: &usize| gone.iter().all(|(gone, _)| gone != index);
            for hour in -3_i64..6 {
                let limit = at(hour);
                // What cannot be read may last or may not: both must hold.
                for unreadable_lasts in [true, false] {
                    let alive = |ends: &Ends| match ends {
                        Ends::Unreadable(_) => unreadable_lasts,
                        ends => ends.outlasts(&limit),
                    };
                    let admitted = |keep: &dyn Fn(&usize) -> bool| -> Union {
                        let all = list.iter().enumerate().filter(|(index, (_, ends))| alive(ends) && keep(index));
                        all.filter_map(|(_, (range, _))| range.map(|range| range.trunc())).collect()
                    };
                    prop_assert_eq!(admitted(&|_| true), admitted(&stays));
                }
            }
            for (index, by) in &gone {
                prop_assert!(!by.is_empty() && by.iter().all(stays));
                let union: Union = by.iter().filter_map(|by| list[*by].0).collect();
                prop_assert!(union.covers(&list[*index].0.unwrap()));
            }
        }

        #[test]
        fn what_stays_is_needed(list in prop::collection::vec((range().prop_map(Some), Just(Ends::Never)), 0..14)) {
            let gone = useless(&list);
            let kept: Vec<IpNet> = (0..list.len())
                .filter(|index| gone.iter().all(|(gone, _)| gone != index))
                .filter_map(|index| list[index].0)
                .collect();
            for index in 0..kept.len() {
                let others: Union = kept.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, range)| *range).collect();
                prop_assert!(!others.covers(&kept[index]));
            }
        }

        #[test]
        fn union_and_overlap_add_up(ranges in prop::collection::vec(range(), 0..14)) {
            let size = |range: &IpNet| [*range].into_iter().collect::<Union>();
            let union: Union = ranges.iter().copied().collect();
            let sum: u64 = ranges.iter().map(|range| size(range).ipv4_addresses()).sum();
            let sum6: u128 = ranges.iter().map(|range| size(range).ipv6_addresses()).sum();
            let twice = overlap(&ranges);
            prop_assert!(union.ipv4_addresses() + twice.ipv4_addresses() <= sum);
            prop_assert!(union.ipv6_addresses() + twice.ipv6_addresses() <= sum6);
            prop_assert_eq!(twice.ipv4_addresses() == 0, union.ipv4_addresses() == sum);
            prop_assert!(ranges.iter().all(|range| union.covers(range)));
            prop_assert!(twice.ranges().all(|range| union.covers(&range)));
            prop_assert!((0.0..=1.0).contains(&union.ipv4_share()) && (0.0..=1.0).contains(&union.ipv6_share()));
        }
    }
}
