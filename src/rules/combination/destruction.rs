//! Whether one credential or one password is enough to lose data and all copies of it.

use crate::engine::environment::Environment;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Verdict};
use crate::engine::view::CombinationView;
use crate::rules::{dedicated, live_clusters};
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

use super::{credential_of, doubt, found_at, listed, may_be_of_mcp, unjudged};

/// Owners can delete clusters and snapshots alike.
const ORGANIZATION_OWNER: &str = "ORG_OWNER";
const PROJECT_OWNER: &str = "GROUP_OWNER";

/// ATL-TOX-004
pub(crate) fn backup_destruction(view: &CombinationView<'_>, _: &NoParameters) -> Judgement {
    let project = view.project;
    let mut seen = Gathered::new();
    let mut production = Vec::new();
    for cluster in live_clusters(project.project)? {
        if project.environment_of(cluster) == Environment::Production {
            match dedicated(cluster) {
                Ok(true) => production.push(cluster.key()),
                Ok(false) => {}
                Err(why) => seen.unseen(why),
            }
        }
    }
    if production.is_empty() {
        return seen.verdict("the project has no production cluster");
    }
    // A policy that is there keeps the snapshots, weak as it may be.
    let kept = project.backup_compliance_policy.known().map(|policy| policy.is_set());
    if kept == Ok(true) {
        return Ok(Verdict::Pass);
    }
    let (backups, protection) = (view.legs.of("ATL-BCK-001"), view.legs.of("ATL-BCK-007"));
    let clusters = project.section(Section::Clusters);
    let open: Vec<&String> =
        production.iter().filter(|name| found_at(&protection, &clusters.child(name)).next().is_some()).collect();
    if open.is_empty() && protection.holes.is_empty() {
        return Ok(Verdict::Pass);
    }
    let who = principals(view, &mut seen);
    if who.is_empty() {
        // Nobody could do it, or nobody knows.
        seen.fine();
        return seen.verdict("");
    }
    if open.is_empty() {
        doubt(&mut seen, protection.holes.iter().copied());
        return seen.verdict("");
    }
    if let Err(why) = kept {
        let mut seen = Gathered::new();
        seen.unseen(why);
        return seen.verdict("");
    }
    for name in open {
        let at = clusters.child(name);
        let copies = match found_at(&backups, &at).next() {
            Some(_) => "it has no snapshots".to_owned(),
            None => "its snapshots, which no backup compliance policy keeps".to_owned(),
        };
        let message = format!("{} → {name}, which one command deletes → {copies}", listed(&who));
        seen.offence(Evidence::at(&at, message).fact("cluster", name));
    }
    seen.verdict("")
}

/// Who can delete clusters and snapshots of the project, and is stopped by nothing but one password or key.
fn principals(view: &CombinationView<'_>, seen: &mut Gathered) -> Vec<String> {
    let mut who = programs(view, seen);
    let project = view.project;
    let second_factor = view.legs.of("ATL-ORG-001");
    let mut people = Vec::new();
    if second_factor.fails() || second_factor.is_unknown() {
        for user in seen.see(project.organization.users.known()).into_iter().flatten() {
            let roles = user.roles.as_ref().and_then(|roles| roles.org_roles.as_ref());
            if roles.is_some_and(|roles| roles.iter().any(|role| role == ORGANIZATION_OWNER)) {
                people.extend(user.username.clone());
            }
        }
        for user in seen.see(project.project.users.known()).into_iter().flatten() {
            if user.roles.as_ref().is_some_and(|roles| roles.iter().any(|role| role == PROJECT_OWNER)) {
                people.extend(user.username.clone());
            }
        }
        people.sort();
        people.dedup();
    }
    if !people.is_empty() {
        if second_factor.fails() {
            who.push(format!("{} (no second factor is asked for)", listed(&people)));
        } else {
            doubt(seen, second_factor.holes.iter().copied());
        }
    }
    who
}

/// Credentials of programs that own the project and work from anywhere.
fn programs(view: &CombinationView<'_>, seen: &mut Gathered) -> Vec<String> {
    let organization = view.project.organization;
    let project = view.project.project.id.as_str();
    let (owners, open) = (view.legs.of("ATL-ORG-009"), view.legs.of("ATL-ORG-011"));
    doubt(seen, owners.holes.iter().copied());
    let root = organization.at();
    let mut who = Vec::new();
    // What may own projects by declaration is no finding of the one rule, and no danger to the other.
    let is_owner = |at: &Ref| owners.evidence.iter().any(|evidence| credential_of(&evidence.at).as_ref() == Some(at));
    let from_anywhere =
        |at: &Ref| open.evidence.iter().any(|evidence| credential_of(&evidence.at).as_ref() == Some(at));
    let list = root.child(Section::ApiKeys.slot());
    for key in organization.api_keys.known().into_iter().flatten() {
        let owns = key.roles.iter().flatten().any(|grant| match grant.role_name.as_deref() {
            Some(ORGANIZATION_OWNER) => true,
            Some(PROJECT_OWNER) => grant.group_id.as_deref() == Some(project),
            _ => false,
        });
        let at = list.child(&key.key());
        if !owns || !is_owner(&at) {
            continue;
        }
        let name =
            key.desc.as_deref().filter(|name| !name.is_empty()).or(key.public_key.as_deref()).unwrap_or_default();
        if from_anywhere(&at) {
            who.push(format!("API key \"{name}\" (from anywhere)"));
        } else if let Some(why) = unjudged(&key.access_list, None) {
            seen.unseen(why);
        }
    }
    let list = root.child(Section::ServiceAccounts.slot());
    for account in organization.service_accounts.known().into_iter().flatten() {
        let in_project = account.projects.known().into_iter().flatten().any(|one| {
            one.group_id.as_deref() == Some(project)
                && one.roles.as_ref().is_some_and(|roles| roles.iter().any(|role| role == PROJECT_OWNER))
        });
        let everywhere =
            account.roles.as_ref().is_some_and(|roles| roles.iter().any(|role| role == ORGANIZATION_OWNER));
        let at = list.child(&account.key());
        if !(in_project || everywhere) || !is_owner(&at) {
            continue;
        }
        let name = account.name.as_deref().or(account.client_id.as_deref()).unwrap_or_default();
        if from_anywhere(&at) {
            who.push(format!("service account \"{name}\" (from anywhere)"));
        } else if let Some(why) =
            unjudged(&account.access_list, may_be_of_mcp(account.is_system_managed, &organization.mcp_configs))
        {
            seen.unseen(why);
        }
    }
    let listed_above: Vec<String> =
        organization.service_accounts.known().into_iter().flatten().map(Node::key).collect();
    let own = view.project.section(Section::ProjectServiceAccounts);
    for account in seen.see(view.project.project.service_accounts.known()).into_iter().flatten() {
        let owns = account.roles.as_ref().is_some_and(|roles| roles.iter().any(|role| role == PROJECT_OWNER));
        let at = own.child(&account.key());
        let within = |evidence: &&Evidence| evidence.at == at || evidence.at.as_str().starts_with(&format!("{at}/"));
        if !owns {
            continue;
        }
        if open.evidence.iter().any(within) {
            let name = account.name.as_deref().or(account.client_id.as_deref()).unwrap_or_default();
            who.push(format!("service account \"{name}\" (from anywhere)"));
        } else if listed_above.contains(&account.key()) {
            // Judged with the organization's.
        } else if let Some(why) =
            unjudged(&account.access_list, may_be_of_mcp(account.is_system_managed, &view.project.project.mcp_configs))
        {
            seen.unseen(why);
        }
    }
    who
}
