//! What a scan sees of logins, kept beyond Atlas's seven days; and what earlier scans saw.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;

use super::tables::logins::{Kind, LoginRow};
use super::tables::watches::WatchRow;
use crate::engine::declared::EarlierLogins;
use crate::engine::declared::logins::Watch;
use crate::snapshot::Project;
use crate::snapshot::history::{AccessHistory, LoginAttempt};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// What a scan sees of logins, project by project.
#[derive(Debug, Default)]
pub struct LoginLog {
    pub(super) watches: Vec<WatchRow>,
    pub(super) logins: Vec<LoginRow>,
}

impl LoginLog {
    /// Takes note of a project as it was at a moment.
    pub fn project(&mut self, project: &Project, taken: Timestamp) {
        for cluster in project.clusters.known().into_iter().flatten() {
            let Ok(history) = cluster.access_history.known() else { continue };
            let cluster = cluster.key();
            let mut last: BTreeMap<(Kind, String), Timestamp> = BTreeMap::new();
            let mut clear = history.access_logs.is_some();
            for attempt in history.access_logs.iter().flatten().filter(|attempt| attempt.auth_result != Some(false)) {
                let Some((user, address, at)) = success(attempt) else {
                    clear = false;
                    continue;
                };
                for key in [(Kind::User, user), (Kind::Address, address.to_string())] {
                    let known = last.entry(key).or_insert(at);
                    *known = at.max(*known);
                }
            }
            let since = clear.then(|| AccessHistory::reaches_back_to(history, taken));
            self.watches.push(WatchRow {
                project_id: project.id.clone(),
                cluster: cluster.clone(),
                since,
                until: taken,
            });
            self.logins.extend(last.into_iter().map(|((kind, name), last)| LoginRow {
                project_id: project.id.clone(),
                cluster: cluster.clone(),
                kind,
                name,
                last,
            }));
        }
    }
}

/// Who certainly logged in, from where and when.
fn success(attempt: &LoginAttempt) -> Option<(String, IpAddr, Timestamp)> {
    attempt.auth_result.filter(|succeeded| *succeeded)?;
    let address: IpAddr = attempt.ip_address.as_deref()?.parse().ok()?;
    Some((attempt.username.clone()?, address.to_canonical(), attempt.timestamp.as_ref().and_then(Moment::timestamp)?))
}

/// Takes in what one scan saw.
pub(super) fn add(earlier: &mut EarlierLogins, watches: Vec<WatchRow>, logins: Vec<LoginRow>) {
    let mut by_cluster: BTreeMap<(String, String), Watch> = BTreeMap::new();
    for row in watches {
        let watch = Watch {
            cluster: row.cluster.clone(),
            since: row.since,
            until: row.until,
            users: BTreeMap::new(),
            addresses: BTreeMap::new(),
        };
        by_cluster.insert((row.project_id, row.cluster), watch);
    }
    for row in logins {
        // A login without a watch is no row that we wrote.
        let Some(watch) = by_cluster.get_mut(&(row.project_id, row.cluster)) else { continue };
        match row.kind {
            Kind::User => _ = watch.users.insert(row.name, row.last),
            Kind::Address => _ = row.name.parse().map(|address| watch.addresses.insert(address, row.last)),
        }
    }
    for ((project, _), watch) in by_cluster {
        earlier.add(&project, watch);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::declared::logins::Span;
    use crate::snapshot::Reading;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_a_scan_saw_is_known_to_later_ones() {
        let cluster =
            |name: &str, logs: serde_json::Value| json!({ "name": name, "accessHistory": { "accessLogs": logs } });
        let login = |user: &str, address: &str, at: &str, succeeded: bool| json!({ "username": user, "ipAddress": address, "timestamp": at, "authResult": succeeded });
        let clusters = json!([
            cluster(
                "main",
                json!([
                    login("app", "203.0.113.4", "2026-10-01T10:00:00Z", true),
                    login("app", "::ffff:203.0.113.5", "2026-10-02T10:00:00Z", true),
                    login("thief", "192.0.2.1", "2026-10-02T11:00:00Z", false),
                ])
            ),
            cluster("odd", json!([login("app", "somewhere", "2026-10-02T10:00:00Z", true)])),
        ]);
        let clusters = clusters
            .as_array()
            .unwrap()
            .iter()
            .map(|cluster| crate::snapshot::tree::nested(cluster.as_object().unwrap().clone()).unwrap());
        let project = Project { id: "p".into(), clusters: Reading::Known(clusters.collect()), ..Project::default() };
        let mut log = LoginLog::default();
        log.project(&project, at("2026-10-03T00:00:00Z"));
        let mut earlier = EarlierLogins::default();
        add(&mut earlier, log.watches, log.logins);
        let known = earlier.of("p").unwrap();
        assert_eq!(known.user("app"), Some(at("2026-10-02T10:00:00Z")));
        assert_eq!(known.user("thief"), None);
        let addresses: Vec<_> = known.addresses(Timestamp::MIN).map(|address| address.to_string()).collect();
        assert_eq!(addresses, ["203.0.113.4", "203.0.113.5"]);
        let week = Span { from: at("2026-09-26T00:00:00Z"), until: at("2026-10-03T00:00:00Z") };
        assert_eq!(known.unwatched("main", week), None);
        assert_eq!(known.unwatched("odd", week), Some(week));
    }
}
