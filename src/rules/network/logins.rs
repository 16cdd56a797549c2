//! Logins of the last days, by where they came from. Atlas tells of dedicated clusters only, and of seven days.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use crate::analysis::address_space::is_public;
use crate::engine::verdict::{Required, Unknown};
use crate::engine::view::ProjectView;
use crate::rules::{dedicated, live_clusters};
use crate::snapshot::history::LoginAttempt;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// Atlas keeps logins that long.
pub(super) const DAYS_KEPT: u32 = 7;

/// More attempts than that are not told at once.
const MOST_TOLD: usize = 20_000;

/// Successful logins to the dedicated clusters of a project.
pub(super) struct Logins {
    from: Vec<IpAddr>,
    /// What may hide more of them.
    pub(super) unseen: Vec<Unknown>,
}

/// The moment so many days ago.
pub(super) fn days_ago(now: Timestamp, days: u32) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN)
}

impl Logins {
    /// As far back as Atlas tells.
    pub(super) fn week_ago(now: Timestamp) -> Timestamp {
        days_ago(now, DAYS_KEPT)
    }

    /// Those since then.
    pub(super) fn since(project: &ProjectView<'_>, start: Timestamp) -> Result<Self, Unknown> {
        let mut logins = Self { from: Vec::new(), unseen: Vec::new() };
        for cluster in live_clusters(project)? {
            match dedicated(cluster) {
                Ok(false) => {}
                Err(why) => logins.doubt(why),
                Ok(true) => match cluster.access_history.known().map(|history| &history.access_logs) {
                    Err(why) => logins.doubt(why.into()),
                    Ok(None) => logins.doubt(Unknown::absent("accessLogs")),
                    Ok(Some(attempts)) => logins.add(&cluster.key(), attempts, start),
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

    fn add(&mut self, cluster: &str, attempts: &[LoginAttempt], start: Timestamp) {
        let mut reaches_back = attempts.len() < MOST_TOLD;
        for attempt in attempts {
            let early = attempt.timestamp.as_ref().and_then(Moment::timestamp).is_some_and(|at| at < start);
            reaches_back |= early;
            if early || attempt.auth_result == Some(false) {
                continue;
            }
            match address(attempt) {
                Ok(address) => self.from.push(address),
                Err(why) => self.doubt(why),
            }
        }
        if !reaches_back {
            let why = format!("there are more logins to {cluster} than the {MOST_TOLD} that Atlas tells at once");
            self.doubt(Unknown::undecidable(why));
        }
    }

    /// How many came from there.
    pub(super) fn within(&self, range: &IpNet) -> usize {
        self.from.iter().filter(|address| range.contains(*address)).count()
    }

    /// How many of them from a public address.
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
