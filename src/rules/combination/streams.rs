//! Stream processors act as the roles of their connections: what users gain by that over what they hold.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::analysis::privileges::{Action, ActionSet, Place, PlaceKind, Resolved, Writes, is_built_in, runs_pipelines};
use crate::engine::day::Day;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::CombinationView;
use crate::rules::exemption::Standing;
use crate::rules::streams::leads_to_cluster;
use crate::snapshot::Section;
use crate::snapshot::streams::StreamConnection;
use crate::snapshot::tree::Node;

use super::listed;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Escalation {
    accepted_surplus: Vec<Accepted>,
}

/// A connection that may do more than those who use it: `{ connection = "flow/main", owner = "data", until = … }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    /// `workspace/connection`
    connection: String,
    /// Only for this user; for all if not given.
    user: Option<String>,
    owner: String,
    until: Day,
}

/// ATL-TOX-005
pub(crate) fn privilege_escalation(view: &CombinationView<'_>, limits: &Escalation) -> Judgement {
    let project = view.project;
    let workspaces = project.project.stream_workspaces.known()?;
    if workspaces.is_empty() {
        return Ok(Verdict::not_applicable("the project has no stream workspace"));
    }
    let privileges = project.privileges();
    let users = privileges.users()?;
    let mut seen = Gathered::new();
    seen.fine();
    for user in users.iter().filter(|user| user.is_alive()) {
        let own = privileges.of_user(user);
        if !runs_pipelines(own.stream_actions()) {
            doubts(&own, user.name(), &mut seen);
            continue;
        }
        let mut surplus = Vec::new();
        for workspace in workspaces {
            let name = workspace.key();
            match user.reach.lets_in(Place { kind: PlaceKind::Workspace, name: &name }) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    seen.unseen(Unknown::undecidable(user.reach.unclear().join(", ")));
                    continue;
                }
            }
            for connection in seen.see(workspace.connections.known()).into_iter().flatten() {
                let Some(target) = target(connection, &mut seen) else { continue };
                let id = format!("{name}/{}", connection.key());
                let accepted = limits
                    .accepted_surplus
                    .iter()
                    .filter(|one| one.connection == id && one.user.as_deref().is_none_or(|known| known == user.name()));
                let standing = Standing::of(accepted.map(|one| (one.owner.as_str(), one.until)), project.now);
                if standing == Standing::Exempt {
                    continue;
                }
                let own_id = project.project.id.as_str();
                let foreign = target.project.filter(|other| *other != own_id);
                if foreign.is_some() && !is_built_in(target.role) {
                    let other = foreign.unwrap_or_default();
                    seen.unseen(Unknown::undecidable(format!("{} is a role of the project {other}", target.role)));
                    continue;
                }
                let lent = privileges.of_role(target.role, None);
                // On a cluster where the user is not let in, and on another project's, it holds nothing.
                let cluster = Place { kind: PlaceKind::Cluster, name: target.cluster };
                let at_home = foreign.is_none() && user.reach.lets_in(cluster) == Some(true);
                let gained = gained(&lent, at_home.then_some(&own));
                if gained.is_empty() {
                    doubts(&lent, target.role, &mut seen);
                    if at_home {
                        doubts(&own, user.name(), &mut seen);
                    }
                } else {
                    let what = listed(&gained);
                    surplus.push(format!(
                        "{id} acts as {} on {}: {what}{}",
                        target.role,
                        target.cluster,
                        standing.note()
                    ));
                }
            }
        }
        if !surplus.is_empty() {
            let at = project.item(Section::DatabaseUsers, &user.key());
            let message = format!("{} runs stream processors → {}", user.name(), surplus.join("; "));
            seen.offence(Evidence::at(&at, message).fact("user", user.name()));
        }
    }
    seen.verdict("")
}

/// A cluster at the end of a connection, and as what processors act there.
struct Target<'a> {
    cluster: &'a str,
    project: Option<&'a str>,
    role: &'a str,
}

fn target<'a>(connection: &'a StreamConnection, seen: &mut Gathered) -> Option<Target<'a>> {
    if !leads_to_cluster(connection, seen) {
        return None;
    }
    let acts_as = connection.db_role_to_execute.required("dbRoleToExecute").and_then(|acts| acts.role.required("role"));
    let role = seen.see(acts_as)?;
    let cluster = seen.see(connection.cluster_name.required("clusterName"))?;
    let project = connection.cluster_group_id.as_deref().filter(|id| !id.is_empty());
    Some(Target { cluster, project, role })
}

fn doubts(of: &Resolved<'_>, whose: &str, seen: &mut Gathered) {
    for doubt in &of.doubts {
        seen.unseen(Unknown::undecidable(format!("what {whose} may do: {doubt}")));
    }
}

/// What the one allows and the other does not, in words.
fn gained(lent: &Resolved<'_>, own: Option<&Resolved<'_>>) -> Vec<String> {
    let kinds = [
        ("writes", ActionSet::of(&[Action::Insert, Action::Update, Action::Remove])),
        ("reads", ActionSet::of(&[Action::Find])),
    ];
    let mut gained = Vec::new();
    for (verb, actions) in kinds {
        let held = own.map(|own| own.with(actions)).unwrap_or_default();
        gained.extend(beyond(&lent.with(actions), &held).into_iter().map(|what| format!("{verb} {what}")));
    }
    gained
}

/// What one covers beyond the other.
fn beyond(lent: &Writes<'_>, held: &Writes<'_>) -> Vec<String> {
    if lent.all && !held.all {
        return vec!["every database".to_owned()];
    }
    let mut beyond = Vec::new();
    for (database, collections) in &lent.databases {
        let everywhere = held.all && !["config", "local"].contains(database);
        match (collections, held.databases.get(database)) {
            _ if everywhere => {}
            (_, Some(None)) => {}
            (None, _) => beyond.push((*database).to_owned()),
            (Some(wanted), known) => {
                let known = known.and_then(Option::as_ref);
                let has = |name: &&&str| {
                    known.is_some_and(|known: &BTreeSet<&str>| known.contains(**name))
                        || held.everywhere.contains(**name)
                };
                beyond.extend(wanted.iter().filter(|name| !has(name)).map(|name| format!("{database}.{name}")));
            }
        }
    }
    if !held.all {
        let missing = lent.everywhere.iter().filter(|name| !held.everywhere.contains(**name));
        beyond.extend(missing.map(|name| format!("{name} in every database")));
    }
    beyond
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_the_own_is_no_gain() {
        let some = |names: &[&'static str]| Some(names.iter().copied().collect::<BTreeSet<_>>());
        let of = |all, databases: Vec<(&'static str, Option<BTreeSet<&'static str>>)>, everywhere: &[&'static str]| {
            Writes { all, databases: databases.into_iter().collect(), everywhere: everywhere.iter().copied().collect() }
        };
        let nothing = Writes::default();
        assert_eq!(beyond(&of(true, vec![], &[]), &of(false, vec![("shop", None)], &[])), ["every database"]);
        assert!(beyond(&of(false, vec![("shop", None)], &["x"]), &of(true, vec![], &[])).is_empty());
        assert_eq!(beyond(&of(false, vec![("local", None)], &[]), &of(true, vec![], &[])), ["local"]);
        assert!(
            beyond(&of(false, vec![("shop", some(&["a"]))], &[]), &of(false, vec![("shop", None)], &[])).is_empty()
        );
        assert_eq!(
            beyond(&of(false, vec![("shop", None)], &[]), &of(false, vec![("shop", some(&["a"]))], &[])),
            ["shop"]
        );
        let two = of(false, vec![("shop", some(&["a", "b", "c"]))], &[]);
        assert_eq!(beyond(&two, &of(false, vec![("shop", some(&["a"]))], &["b"])), ["shop.c"]);
        assert_eq!(beyond(&of(false, vec![], &["x", "y"]), &of(false, vec![], &["x"])), ["y in every database"]);
        assert_eq!(beyond(&two, &nothing).len(), 3);
    }
}
