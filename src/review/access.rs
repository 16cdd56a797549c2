//! Entries of access lists.

use std::net::IpAddr;

use jiff::Timestamp;

use super::gather::Gatherer;
use super::pack::{Kind, Party, Privileged, Row};
use super::party;
use super::words::{clean, count, moment, not_known, optional};
use crate::analysis::exposure::Exposure;
use crate::analysis::exposure::access_list::{Admits, Entry};
use crate::analysis::peering::{Delivery, PeerRanges};
use crate::analysis::review_digest;
use crate::engine::declared::EarlierLogins;
use crate::engine::declared::logins::ProjectLogins;
use crate::snapshot::network::{AccessListEntry, Network};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;
use crate::snapshot::{Organization, Project, Reason, Section};

/// A row for each entry of a project's list.
pub(super) fn rows(
    gatherer: &Gatherer<'_>,
    peer_ranges: &PeerRanges,
    organization: &Organization,
    project: &Project,
) -> Vec<Row> {
    let Ok(entries) = project.access_list.known() else { return Vec::new() };
    let section = organization.at().project(&project.id).child(Section::AccessList.slot());
    let exposure = Exposure::of(organization, project, peer_ranges, gatherer.now);
    let weighed = exposure.access_list.as_ref().map_or(&[][..], |list| list.entries.as_slice());
    let clusters = clusters(project);
    let logins = Logins::of(project, &gatherer.declared.logins);
    let of_entry = |(index, entry): (usize, &AccessListEntry)| {
        let mut row = Row::new(Kind::AccessListEntry, &section.child(&entry.key()), &entry.key());
        let known = party::entry(gatherer.declared, project, entry);
        row.line = Some(review_digest::access_list_line(entry));
        row.party = Party::NotKnown;
        row.scope.clone_from(&clusters);
        row.source = "access list of the project".into();
        row.comment = optional(entry.comment.as_deref());
        row.known_owner = known.owner;
        row.ends = entry.delete_after_date.as_ref().map_or_else(|| "when somebody removes it".to_owned(), moment);
        row.last_use = logins.from(entry);
        row.privileged = Privileged::No;
        if let Some(entry) = weighed.get(index) {
            row.grants = vec![clean(&admits(entry))];
            row.reach = reach(entry);
            row.privileged = privileged(entry);
        }
        row
    };
    entries.iter().enumerate().map(of_entry).collect()
}

/// Whom an entry admits.
fn admits(entry: &Entry) -> String {
    match &entry.admits {
        Admits::Public { range, .. } if range.prefix_len() == 0 => "admits the whole internet".to_owned(),
        Admits::Public { range, kind } => {
            let bits = u32::from(range.max_prefix_len() - range.prefix_len());
            let size = if bits == 0 { "1 address".to_owned() } else { format!("2^{bits} addresses") };
            let size = if (1..=16).contains(&bits) { format!("{} addresses", 1_u32 << bits) } else { size };
            format!("admits {size} ({})", kind.as_str())
        }
        Admits::Private { kind, delivery, .. } => format!("admits {} addresses{}", kind.as_str(), by(delivery)),
        Admits::SecurityGroup { group, delivery } => {
            format!("admits members of the security group {group}{}", by(delivery))
        }
        Admits::NotUnderstood(text) => format!("not known (this version does not understand `{text}`)"),
    }
}

fn by(delivery: &Delivery) -> String {
    match delivery {
        Delivery::By(peerings) => format!(" by the peering {}", peerings.join(", ")),
        Delivery::Nothing => ": no peering brings them".to_owned(),
        Delivery::Unknown(_) => ": whether a peering brings them is not known".to_owned(),
    }
}

fn reach(entry: &Entry) -> Vec<String> {
    let mut reach = vec!["whoever has credentials of a database user may log in from there".to_owned()];
    if !entry.whose.is_empty() {
        reach.push(clean(&format!("addresses of {}", entry.whose.join(", "))));
    }
    if !entry.useless_for.is_empty() {
        reach.push(clean(&format!("adds nothing to {}", entry.useless_for.join(", "))));
    }
    reach
}

fn privileged(entry: &Entry) -> Privileged {
    match &entry.admits {
        Admits::Public { range, .. } if range.prefix_len() == 0 => Privileged::Yes,
        Admits::NotUnderstood(_) => Privileged::NotKnown,
        _ => Privileged::No,
    }
}

/// The clusters that an access list is about, in words.
fn clusters(project: &Project) -> String {
    let live = |cluster: &&crate::snapshot::cluster::Cluster| {
        cluster.is_internal() != Some(true) && cluster.is_deleted() != Some(true)
    };
    match project.clusters.known() {
        Err(why) => format!("every cluster of the project: which, is {}", not_known(&clean(&why.to_string()))),
        Ok(clusters) => {
            let mut names: Vec<String> = clusters.iter().filter(live).map(|cluster| clean(&cluster.key())).collect();
            names.extend(project.flex_clusters.known().into_iter().flatten().map(|cluster| clean(&cluster.key())));
            let number = count(names.len(), "cluster", "clusters");
            if names.is_empty() { number } else { format!("{number}: {}", names.join(", ")) }
        }
    }
}

/// Successful logins that Atlas keeps, and whether there is anything to go by.
pub(super) struct Logins<'a> {
    seen: Vec<Login>,
    read: bool,
    unread: bool,
    /// What scans saw that a history kept.
    earlier: Option<&'a ProjectLogins>,
}

struct Login {
    user: Option<String>,
    address: Option<IpAddr>,
    at: Timestamp,
    cluster: String,
}

const KEPT: &str = "the seven days that Atlas keeps";

impl<'a> Logins<'a> {
    pub(super) fn of(project: &Project, earlier: &'a EarlierLogins) -> Self {
        let (unread, earlier) = (project.clusters.known().is_err(), earlier.of(&project.id));
        let mut logins = Self { seen: Vec::new(), read: false, unread, earlier };
        for cluster in project.clusters.known().into_iter().flatten() {
            let history = match cluster.access_history.known() {
                Ok(history) => history,
                Err(why) => {
                    logins.unread |= why.reason != Reason::Unsupported;
                    continue;
                }
            };
            logins.read = true;
            for attempt in history.access_logs.iter().flatten() {
                let Some(at) = attempt.timestamp.as_ref().and_then(Moment::timestamp) else { continue };
                if attempt.auth_result == Some(true) {
                    let address = attempt.ip_address.as_deref().and_then(|text| text.parse::<IpAddr>().ok());
                    logins.seen.push(Login {
                        user: attempt.username.clone(),
                        address: address.map(|address| address.to_canonical()),
                        at,
                        cluster: cluster.key(),
                    });
                }
            }
        }
        logins
    }

    fn last(&self, fits: impl Fn(&Login) -> bool) -> Option<String> {
        let last = self.seen.iter().filter(|login| fits(login)).max_by_key(|login| login.at)?;
        Some(format!("{} (last login among those of {KEPT}, to {})", last.at, clean(&last.cluster)))
    }

    fn kept(at: Timestamp) -> String {
        format!("{at} (last login that a scan in the history saw)")
    }

    fn none(&self) -> String {
        let why = match (self.read, self.unread) {
            (true, false) => format!("no login among those of {KEPT} of dedicated clusters"),
            (true, true) => format!("no login among those of {KEPT}, as far as they could be read"),
            (false, true) => "Atlas keeps logins of seven days, and they were not read".to_owned(),
            (false, false) => "Atlas keeps logins of dedicated clusters only".to_owned(),
        };
        not_known(&match self.earlier {
            Some(_) => format!("{why}, nor did a scan in the history see one"),
            None => why,
        })
    }

    /// From an entry of the access list.
    fn from(&self, entry: &AccessListEntry) -> String {
        match entry.network() {
            Network::Range(range) => self
                .last(|login| login.address.is_some_and(|address| range.trunc().contains(&address)))
                .or_else(|| self.earlier?.from(|address| range.trunc().contains(address)).map(Self::kept))
                .unwrap_or_else(|| self.none()),
            _ => not_known("Atlas tells of addresses only"),
        }
    }

    /// By a database user that logs in under its own name.
    pub(super) fn by(&self, name: &str) -> String {
        self.last(|login| login.user.as_deref() == Some(name))
            .or_else(|| self.earlier?.user(name).map(Self::kept))
            .unwrap_or_else(|| self.none())
    }
}
