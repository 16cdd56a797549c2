//! Logins of which earlier scans took note. Atlas tells of seven days; a history tells of as many as it was kept.
//!
//! Source of the seven days: <https://www.mongodb.com/docs/atlas/access-tracking/>.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;

/// What earlier scans saw of logins, by the project's id.
#[derive(Debug, Clone, Default)]
pub struct EarlierLogins(BTreeMap<String, ProjectLogins>);

/// What earlier scans saw of the logins to a project's clusters.
#[derive(Debug, Clone, Default)]
pub struct ProjectLogins {
    clusters: BTreeMap<String, Vec<Span>>,
    users: BTreeMap<String, Timestamp>,
    addresses: BTreeMap<IpAddr, Timestamp>,
}

/// A time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// Its last.
    pub until: Timestamp,
}

/// What one scan saw of the logins to one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Name of the cluster.
    pub cluster: String,
    /// Since when every login was seen. Nothing if some may have been missed, or were not told in full.
    pub since: Option<Timestamp>,
    /// When the scan looked.
    pub until: Timestamp,
    /// Who logged in, and when they last did.
    #[serde(default)]
    pub users: BTreeMap<String, Timestamp>,
    /// From where somebody did, and when they last did.
    #[serde(default)]
    pub addresses: BTreeMap<IpAddr, Timestamp>,
}

impl EarlierLogins {
    /// Takes note of what a scan saw of a project.
    pub fn add(&mut self, project: &str, watch: Watch) {
        let logins = self.0.entry(project.to_owned()).or_default();
        if let Some(from) = watch.since {
            logins.clusters.entry(watch.cluster).or_default().push(Span { from, until: watch.until });
        }
        for (user, at) in watch.users {
            latest(&mut logins.users, user, at);
        }
        for (address, at) in watch.addresses {
            latest(&mut logins.addresses, address, at);
        }
    }

    /// What is known of a project.
    #[must_use]
    pub fn of(&self, project: &str) -> Option<&ProjectLogins> {
        self.0.get(project)
    }
}

fn latest<K: Ord>(known: &mut BTreeMap<K, Timestamp>, key: K, at: Timestamp) {
    let known = known.entry(key).or_insert(at);
    *known = at.max(*known);
}

impl ProjectLogins {
    /// When a user last logged in to one of the clusters.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<Timestamp> {
        self.users.get(name).copied()
    }

    /// From where somebody logged in, since then.
    pub fn addresses(&self, since: Timestamp) -> impl Iterator<Item = IpAddr> {
        self.addresses.iter().filter(move |(_, last)| **last >= since).map(|(address, _)| *address)
    }

    /// The last login from an address that fits.
    #[must_use]
    pub fn from(&self, fits: impl Fn(&IpAddr) -> bool) -> Option<Timestamp> {
        self.addresses.iter().filter(|(address, _)| fits(address)).map(|(_, last)| *last).max()
    }

    /// The last part of a time in which nobody looked at the logins to a cluster.
    #[must_use]
    pub fn unwatched(&self, cluster: &str, time: Span) -> Option<Span> {
        let mut spans = self.clusters.get(cluster).cloned().unwrap_or_default();
        spans.push(Span { from: time.until, until: time.until });
        spans.sort_unstable();
        let mut seen_until = time.from;
        let mut gap = None;
        for span in spans {
            let end = span.from.min(time.until);
            if seen_until < end {
                gap = Some(Span { from: seen_until, until: end });
            }
            seen_until = seen_until.max(span.until);
        }
        gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    fn watched(spans: &[(i64, i64)]) -> ProjectLogins {
        let mut logins = EarlierLogins::default();
        for (from, until) in spans {
            let (users, addresses) = (BTreeMap::new(), BTreeMap::new());
            let watch = Watch { cluster: "main".into(), since: Some(day(*from)), until: day(*until), users, addresses };
            logins.add("p", watch);
        }
        logins.of("p").cloned().unwrap_or_default()
    }

    #[test]
    fn the_last_gap_is_what_nobody_looked_at() {
        let gap = |spans: &[(i64, i64)], from, until| {
            let gap = watched(spans).unwatched("main", Span { from: day(from), until: day(until) });
            gap.map(|gap| (gap.from.as_second() / 86_400, gap.until.as_second() / 86_400))
        };
        assert_eq!(gap(&[], 10, 30), Some((10, 30)));
        assert_eq!(gap(&[], 30, 30), None);
        assert_eq!(gap(&[(5, 12), (11, 18), (18, 25), (24, 31)], 10, 30), None);
        assert_eq!(gap(&[(18, 25), (5, 12), (24, 31)], 10, 30), Some((12, 18)));
        assert_eq!(gap(&[(5, 12), (20, 25)], 10, 30), Some((25, 30)));
        assert_eq!(gap(&[(5, 40), (7, 8)], 10, 30), None);
        assert_eq!(gap(&[(12, 40)], 10, 30), Some((10, 12)));
        // What lies wholly before or after does not matter.
        assert_eq!(gap(&[(0, 5), (50, 60)], 10, 30), Some((10, 30)));
        assert!(watched(&[(0, 40)]).unwatched("other", Span { from: day(10), until: day(30) }).is_some());
    }

    #[test]
    fn the_last_login_stands_whichever_scan_saw_it() {
        let mut logins = EarlierLogins::default();
        for (cluster, until, last) in [("main", 9, 8), ("gone", 5, 4), ("main", 7, 6)] {
            let users = BTreeMap::from([("app".to_owned(), day(last))]);
            let addresses = BTreeMap::from([([203, 0, 113, u8::try_from(last).unwrap()].into(), day(last))]);
            logins.add("p", Watch { cluster: cluster.into(), since: None, until: day(until), users, addresses });
        }
        let project = logins.of("p").unwrap();
        assert_eq!(project.user("app"), Some(day(8)));
        assert_eq!(project.addresses(day(6)).count(), 2);
        assert!(logins.of("q").is_none());
        // A scan that may have missed some looked at nothing.
        assert!(project.unwatched("main", Span { from: day(8), until: day(9) }).is_some());
    }
}
