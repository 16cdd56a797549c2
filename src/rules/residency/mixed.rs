//! What stands together that should stand apart: production and the rest, card data and other data, tenants and what is
//! protected.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::analysis::privileges::PlaceKind;
use crate::engine::day::Day;
use crate::engine::environment::Environment;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement};
use crate::engine::view::{CombinationView, ProjectView, tag_pairs};
use crate::rules::exemption::Standing;
use crate::rules::{live_clusters, live_flex_clusters, serverless_instances, tagged};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Tag;
use crate::snapshot::{Ref, Section};

/// A tag that says this word puts cardholder data somewhere.
const CARD_DATA: &str = "pci";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mixed {
    environment_tag: String,
    accept_shared_cluster: Vec<SharedOnPurpose>,
}

/// A cluster that tenants and production share on purpose: `{ cluster = "main", owner = "platform", until = … }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedOnPurpose {
    cluster: String,
    owner: String,
    until: Day,
}

/// A cluster of any kind.
struct Member {
    name: String,
    environment: Environment,
    /// Whether tag or name say so, or it counts as what the project is.
    told: bool,
    card_data: bool,
}

/// ATL-RES-005
pub(crate) fn mixed_environments(view: &CombinationView<'_>, limits: &Mixed) -> Judgement {
    let project = view.project;
    let mut seen = Gathered::new();
    let members = members(project, limits, &mut seen);
    if members.len() > 1 {
        seen.fine();
        environments(project, &members, &mut seen);
        card_data(project, &members, &mut seen);
    }
    let guards = ["ATL-AUTHZ-007", "ATL-AUTHZ-008", "ATL-AUTHZ-009"].map(|rule| view.legs.of(rule));
    let guarded = guards.iter().all(|leg| leg.holds());
    for shared in shared_clusters(project, &mut seen) {
        let on_purpose = limits.accept_shared_cluster.iter().filter(|one| one.cluster == shared.cluster);
        let standing = Standing::of(on_purpose.map(|one| (one.owner.as_str(), one.until)), project.now);
        if standing == Standing::Exempt {
            seen.fine();
            continue;
        }
        let message = format!("{}{}", shared.words(), standing.note());
        let severity = if guarded { Severity::Medium } else { Severity::High };
        seen.offence(Evidence::at(&shared.at, message).severity(severity).fact("cluster", &shared.cluster));
    }
    if !project.declared.tenants.is_empty() && members.len() == 1 {
        seen.fine();
    }
    seen.verdict("the project has one cluster at most, and no tenants are declared")
}

fn members(project: &ProjectView<'_>, limits: &Mixed, seen: &mut Gathered) -> Vec<Member> {
    let member = |name: String, tags: Option<&[Tag]>| {
        let own = tag_pairs(tags)
            .filter(|(key, _)| key.eq_ignore_ascii_case(&limits.environment_tag) || key.eq_ignore_ascii_case("env"));
        let of_tags = Environment::of_tags(own.map(|(_, value)| ("environment", value)));
        let told = of_tags.or_else(|| Environment::of_name(&name));
        Member {
            environment: told.unwrap_or(project.environment),
            told: told.is_some(),
            card_data: tagged::says(tags, CARD_DATA),
            name,
        }
    };
    let mut members: BTreeMap<String, Member> = BTreeMap::new();
    match live_clusters(project.project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => members.extend(clusters.map(|one| (one.key(), member(one.key(), one.tags.as_deref())))),
    }
    // What became Flex may still stand in the other lists: one cluster, one member.
    match live_flex_clusters(project.project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => members.extend(clusters.map(|one| (one.key(), member(one.key(), one.tags.as_deref())))),
    }
    match serverless_instances(project.project) {
        Err(why) => seen.unseen(why),
        Ok(instances) => {
            members.extend(instances.iter().map(|one| (one.key(), member(one.key(), one.tags.as_deref()))));
        }
    }
    members.into_values().collect()
}

fn environments(project: &ProjectView<'_>, members: &[Member], seen: &mut Gathered) {
    let production = |member: &&Member| member.environment == Environment::Production;
    let (real, other): (Vec<&Member>, Vec<&Member>) = members.iter().partition(production);
    if real.is_empty() || other.is_empty() {
        return;
    }
    let name = |member: &&Member| {
        let counted = if member.told { "" } else { ", by its project" };
        match member.environment {
            Environment::Production if member.told => member.name.clone(),
            Environment::Production => format!("{} (untagged)", member.name),
            environment => format!("{} ({environment}{counted})", member.name),
        }
    };
    let list = |members: &[&Member]| members.iter().map(name).collect::<Vec<_>>().join(", ");
    let message = format!("production ({}) shares the project with {}", list(&real), list(&other));
    seen.offence(Evidence::at(project.at, message));
}

fn card_data(project: &ProjectView<'_>, members: &[Member], seen: &mut Gathered) {
    // What the project says holds for all of it.
    if tagged::says(project.tags.as_deref(), CARD_DATA) {
        return;
    }
    let (card, other): (Vec<&Member>, Vec<&Member>) = members.iter().partition(|member| member.card_data);
    if card.is_empty() || other.is_empty() {
        return;
    }
    let list = |members: &[&Member]| members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>().join(", ");
    let message = format!("card data ({}) shares the project with {}", list(&card), list(&other));
    seen.offence(Evidence::at(project.at, message));
}

/// A cluster to which tenants and users of protected databases are both let in.
pub(crate) struct Shared {
    pub(crate) cluster: String,
    pub(crate) at: Ref,
    tenants: BTreeSet<String>,
    protected: BTreeSet<String>,
}

impl Shared {
    pub(crate) fn words(&self) -> String {
        let first = |names: &BTreeSet<String>| match (names.first(), names.len()) {
            (Some(name), 1) => name.clone(),
            (Some(name), more) => format!("{name} and {} more", more - 1),
            (None, _) => String::new(),
        };
        format!(
            "tenants ({}) and users of protected databases ({}) share {}",
            first(&self.tenants),
            first(&self.protected),
            self.cluster
        )
    }
}

/// The clusters that tenants share with what is protected, by whom they let in.
pub(crate) fn shared_clusters(project: &ProjectView<'_>, seen: &mut Gathered) -> Vec<Shared> {
    let declared = project.declared;
    if declared.tenants.is_empty() || declared.protected_databases.is_empty() {
        return Vec::new();
    }
    let owners: BTreeSet<&str> = declared
        .protected_databases
        .iter()
        .filter(|(database, _)| {
            // `payments/shop` is meant in that project alone.
            database
                .split_once('/')
                .is_none_or(|(place, _)| place == project.project.id || project.project.name.as_deref() == Some(place))
        })
        .flat_map(|(_, users)| users.iter().map(String::as_str))
        .collect();
    let privileges = project.privileges();
    let users = match privileges.users() {
        Ok(users) => users,
        Err(why) => {
            seen.unseen(why);
            return Vec::new();
        }
    };
    if let Some(why) = privileges.places().unread(PlaceKind::Cluster) {
        seen.unseen(why);
    }
    let mut found: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for user in users.iter().filter(|user| user.is_alive()) {
        let (tenant, owner) = (declared.tenancy(user.name()).is_some(), owners.contains(user.name()));
        for place in user.reach.within(privileges.places(), &[PlaceKind::Cluster]) {
            let (tenants, protected) = found.entry(place.name).or_default();
            if tenant {
                tenants.insert(user.name().to_owned());
            } else if owner {
                protected.insert(user.name().to_owned());
            }
        }
    }
    let dedicated = project.project.clusters.known().map_or(&[][..], Vec::as_slice);
    let shared = found.into_iter().filter(|(_, (tenants, protected))| !tenants.is_empty() && !protected.is_empty());
    shared
        .map(|(cluster, (tenants, protected))| {
            let own = dedicated.iter().any(|one| one.name.as_deref() == Some(cluster));
            let section = if own { Section::Clusters } else { Section::FlexClusters };
            Shared { cluster: cluster.to_owned(), at: project.item(section, cluster), tenants, protected }
        })
        .collect()
}
