//! Logins of the last days, by where they came from. Atlas tells of dedicated clusters only, and of seven days; earlier
//! scans may have kept what they saw.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use crate::analysis::address_space::is_public;
use crate::engine::declared::logins::Span;
use crate::engine::verdict::{Required, Unknown};
use crate::engine::view::ProjectView;
use crate::rules::watched::unwatched;
use crate::rules::{dedicated, live_clusters};
use crate::snapshot::history::{AccessHistory, LoginAttempt};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// Successful logins to the dedicated clusters of a project.
pub(super) struct Logins {
    from: Vec<IpAddr>,
    /// From where somebody logged in before, as earlier scans saw.
    earlier: Vec<IpAddr>,
    /// What may hide more of them.
    pub(super) unseen: Vec<Unknown>,
    /// Clusters, and when nobody looked at the logins to them.
    pub(super) gaps: Vec<(String, Span)>,
}

/// The moment so many days ago.
pub(super) fn days_ago(now: Timestamp, days: u32) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN)
}

impl Logins {
    /// As far back as Atlas tells.
    pub(super) fn week_ago(now: Timestamp) -> Timestamp {
        days_ago(now, AccessHistory::DAYS)
    }

    /// Those since then.
    pub(super) fn since(project: &ProjectView<'_>, start: Timestamp) -> Result<Self, Unknown> {
        let mut logins = Self { from: Vec::new(), unseen: Vec::new(), gaps: Vec::new(), earlier: Vec::new() };
        let earlier = project.declared.logins.of(&project.project.id);
        logins.earlier.extend(earlier.iter().flat_map(|earlier| earlier.addresses(start)));
        for cluster in live_clusters(project)? {
            match dedicated(cluster) {
                Ok(false) => {}
                Err(why) => logins.doubt(why),
                Ok(true) => match cluster.access_history.known() {
                    Err(why) => logins.doubt(why.into()),
                    Ok(history) => {
                        let gap = unwatched(project, cluster, history, start);
                        logins.add(&cluster.key(), history, start, gap);
                    }
                },
            }
        }
        Ok(logins)
    }

    fn doubt(&mut self, why: Unknown) {
        if !self.unseen.contains(&why) {
            self.unseen.push(why);
        }
    }

    fn add(&mut self, cluster: &str, history: &AccessHistory, start: Timestamp, gap: Option<Span>) {
        let Some(attempts) = &history.access_logs else { return self.doubt(Unknown::absent("accessLogs")) };
        for attempt in attempts {
            let early = attempt.timestamp.as_ref().and_then(Moment::timestamp).is_some_and(|at| at < start);
            if early || attempt.auth_result == Some(false) {
                continue;
            }
            match address(attempt) {
                Ok(address) => self.from.push(address),
                Err(why) => self.doubt(why),
            }
        }
        match gap {
            None => {}
            Some(_) if history.is_full() => {
                let most = AccessHistory::MOST;
                let why = format!("there are more logins to {cluster} than the {most} that Atlas tells at once");
                self.doubt(Unknown::undecidable(why));
            }
            Some(gap) => self.gaps.push((cluster.to_owned(), gap)),
        }
    }

    /// Whether one came from there.
    pub(super) fn any_within(&self, range: &IpNet) -> bool {
        self.from.iter().chain(&self.earlier).any(|address| range.contains(address))
    }

    /// How many, of those that Atlas tells, came from a public address there.
    pub(super) fn public_within(&self, range: &IpNet) -> usize {
        self.from.iter().filter(|address| range.contains(*address) && is_public(&IpNet::from(**address))).count()
    }
}

/// Where a login came from that certainly succeeded, and certainly not before the records begin.
fn address(attempt: &LoginAttempt) -> Result<IpAddr, Unknown> {
    attempt.auth_result.required("authResult")?;
    if let Moment::Unreadable(text) = attempt.timestamp.required("timestamp")? {
        return Err(Unknown::not_understood("timestamp", text.clone()));
    }
    let text = attempt.ip_address.required("ipAddress")?;
    let address: Result<IpAddr, _> = text.parse();
    // What comes over IPv6 sockets as `::ffff:203.0.113.7` is IPv4.
    address.map(|address| address.to_canonical()).map_err(|_| Unknown::not_understood("ipAddress", text.clone()))
}
