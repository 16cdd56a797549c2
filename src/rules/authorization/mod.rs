//! What database users may do, and where.

pub(crate) mod custom_roles;
pub(crate) mod protected;
pub(crate) mod reach;
pub(crate) mod register;
pub(crate) mod resolved;
pub(crate) mod tenants;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

use crate::analysis::privileges::ReachedRole;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Verdict};
use crate::engine::view::{ProjectView, UserView};
use crate::snapshot::database_access::Mechanism;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

use super::exemption::{ExemptUser, Standing, user_standing};
use super::register::break_glass;
use super::{live_clusters, live_flex_clusters};

/// The roles that a user has or inherits. What cannot be resolved is noted: it might be any role.
fn roles_of<'a>(user: &UserView<'a>, seen: &mut Gathered) -> Vec<ReachedRole<'a>> {
    let privileges = user.project.privileges();
    let Some(found) = privileges.user(user.user) else { return Vec::new() };
    let reached = privileges.roles_of(found);
    resolved::note(user.project, &reached.doubts, seen);
    seen.fine();
    reached.roles
}

/// `app has atlasAdmin`, or the way there: `app → ops → base → atlasAdmin`.
fn way(user: &UserView<'_>, role: &ReachedRole<'_>) -> String {
    let name = user.username.as_deref().unwrap_or_default();
    match role.path.as_slice() {
        [_] => format!("{name} has the role {}", role.name),
        path => format!("{name} inherits {}: {name} → {}", role.name, path.join(" → ")),
    }
}

fn holds(user: &UserView<'_>, role: &ReachedRole<'_>, note: &str) -> Evidence {
    Evidence::at(user.at, format!("{}{note}", way(user, role)))
        .field(format!("/roles/{}", role.granted))
        .fact("user", user.username.as_deref().unwrap_or_default())
        .fact("authdb", user.database_name.as_deref().unwrap_or("admin"))
}

/// The end of a user that Atlas will delete.
fn temporary_until(user: &UserView<'_>, now: Timestamp) -> Option<Timestamp> {
    user.delete_after_date.as_ref().and_then(Moment::timestamp).filter(|end| *end > now)
}

/// Whether a person is behind it: an address of electronic mail, the prefix `u-`, a group of people.
fn is_human(user: &UserView<'_>) -> bool {
    match user.mechanism() {
        Some(Mechanism::OidcGroup | Mechanism::LdapGroup) => true,
        Some(Mechanism::AwsRole | Mechanism::AwsUser | Mechanism::OidcUser) => false,
        _ => user.username.as_deref().is_some_and(|name| name.contains('@') || name.starts_with("u-")),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtlasAdmin {
    break_glass_users: Vec<ExemptUser>,
}

/// ATL-AUTHZ-001
pub(crate) fn atlas_admin(user: &UserView<'_>, limits: &AtlasAdmin) -> Judgement {
    let now = user.project.now;
    let listed = user_standing(&limits.break_glass_users, user.username.as_deref(), now);
    let standing = listed.or(break_glass(user));
    if standing == Standing::Exempt {
        return Ok(Verdict::Pass);
    }
    let mut seen = Gathered::new();
    for role in roles_of(user, &mut seen).iter().filter(|role| role.name == "atlasAdmin") {
        let evidence = match temporary_until(user, now) {
            Some(end) => {
                let evidence = holds(user, role, &format!(" until {end}{}", standing.note()));
                if is_human(user) { evidence.severity(Severity::High) } else { evidence }
            }
            None => holds(user, role, standing.note()),
        };
        seen.offence(evidence);
    }
    seen.verdict("")
}

/// Roles over every database that show or copy more than their names say, and change no documents.
const WORTH_A_NOTE: &[&str] = &["backup", "clusterMonitor", "enableSharding"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnyDatabase {
    forbidden_roles: Vec<String>,
    allowed: Vec<AllowedRoles>,
}

/// `{ user = "metrics", roles = ["clusterMonitor"] }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowedRoles {
    user: String,
    roles: Vec<String>,
}

/// ATL-AUTHZ-002
pub(crate) fn any_database(user: &UserView<'_>, limits: &AnyDatabase) -> Judgement {
    let allowed: BTreeSet<&str> = limits
        .allowed
        .iter()
        .filter(|allowed| Some(allowed.user.as_str()) == user.username.as_deref())
        .flat_map(|allowed| &allowed.roles)
        .map(String::as_str)
        .collect();
    let mut seen = Gathered::new();
    for role in &roles_of(user, &mut seen) {
        if allowed.contains(role.name) {
            continue;
        }
        let forbidden = limits.forbidden_roles.iter().any(|name| name == role.name);
        let evidence = holds(user, role, "");
        match role.name {
            "readAnyDatabase" if forbidden => seen.offence(evidence.severity(Severity::Medium)),
            _ if forbidden => seen.offence(evidence),
            name if WORTH_A_NOTE.contains(&name) => seen.offence(evidence.severity(Severity::Info)),
            _ => {}
        }
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotScoped {
    exempt_users: Vec<String>,
}

/// ATL-AUTHZ-005
pub(crate) fn not_scoped(user: &UserView<'_>, limits: &NotScoped) -> Judgement {
    let Reachable { kinds, unread } = reachable(user.project);
    let count: usize = kinds.iter().map(|(count, _)| count).sum();
    if count < 2 {
        // What was not read might be the second.
        unread.verdict("")?;
        return Ok(Verdict::not_applicable("the project has no more than one resource to log in to"));
    }
    if user.username.as_ref().is_some_and(|name| limits.exempt_users.contains(name)) {
        return Ok(Verdict::not_applicable("the user is exempt"));
    }
    if !user.scopes.required("scopes")?.is_empty() {
        return Ok(Verdict::Pass);
    }
    let name = user.username.as_deref().unwrap_or_default();
    let parts: Vec<_> = kinds
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{count} {kind}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    let evidence = Evidence::at(user.at, format!("{name} has no scope and reaches {}", parts.join(", ")));
    Ok(Verdict::of([evidence
        .field("/scopes")
        .fact("user", name)
        .fact("authdb", user.database_name.as_deref().unwrap_or("admin"))]))
}

/// What the users of a project may log in to, as far as it could be read.
struct Reachable {
    kinds: [(usize, &'static str); 3],
    unread: Gathered,
}

fn reachable(project: &ProjectView<'_>) -> Reachable {
    let mut unread = Gathered::new();
    // Flex clusters made from M2 and M5 may stand in both lists.
    let mut clusters = BTreeSet::new();
    match live_clusters(project) {
        Ok(live) => clusters.extend(live.map(Node::key)),
        Err(why) => unread.unseen(why),
    }
    match live_flex_clusters(project) {
        Ok(live) => clusters.extend(live.map(Node::key)),
        Err(why) => unread.unseen(why),
    }
    let federated = unread.see(project.federated_databases.known()).map_or(0, Vec::len);
    let workspaces = unread.see(project.stream_workspaces.known()).map_or(0, Vec::len);
    let kinds = [(clusters.len(), "cluster"), (federated, "federated database"), (workspaces, "stream workspace")];
    Reachable { kinds, unread }
}
