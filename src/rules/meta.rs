//! The audit itself: whether it saw enough, and whether it may do more than look.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::atlas::endpoints::{Endpoint, Role};
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ScanView;
use crate::snapshot::credential::{Credential, OwnApiKey};
use crate::snapshot::{Reason, Ref, Section, Unavailable};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coverage {
    max_unknown_ratio: f64,
    mandatory_resources: BTreeSet<Section>,
}

/// ATL-META-001
#[expect(clippy::unnecessary_wraps, reason = "every predicate judges, also the one that always knows")]
pub(crate) fn coverage_insufficient(scan: &ScanView<'_>, limits: &Coverage) -> Judgement {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let total = scan.judged + scan.unknown;
    let ratio = number(scan.unknown) / number(total.max(1));
    let mut evidence = Vec::new();
    if ratio > limits.max_unknown_ratio {
        let message = format!(
            "{} of {total} verdicts are unknown ({:.1} %), more than {:.1} %{}",
            scan.unknown,
            ratio * 100.0,
            limits.max_unknown_ratio * 100.0,
            ways_out(scan.unread)
        );
        evidence.push(Evidence::at(scan.at, message));
    }
    for (section, at, why) in scan.unread {
        if limits.mandatory_resources.contains(section) {
            let role = match roles(*section, why) {
                // The reason says it already.
                Some(role) if why.roles.is_empty() => format!("; {role} can read it"),
                _ => String::new(),
            };
            evidence.push(Evidence::at(at, format!("{section} is mandatory and was not read: {why}{role}")));
        }
    }
    Ok(Verdict::of(evidence))
}

/// The roles of which any one would be enough, where a role is what was missing.
fn roles(section: Section, why: &Unavailable) -> Option<String> {
    if why.reason != Reason::Forbidden {
        return None;
    }
    let titles = || Endpoint::of(section).roles.iter().map(|role| role.title().to_owned()).collect();
    let roles: Vec<String> = if why.roles.is_empty() { titles() } else { why.roles.clone() };
    Some(roles.join(" or "))
}

/// Which role would close which holes, and which holes no role closes.
fn ways_out(unread: &[(Section, Ref, Unavailable)]) -> String {
    let mut by_role: BTreeMap<String, BTreeSet<Section>> = BTreeMap::new();
    let mut others: BTreeSet<Section> = BTreeSet::new();
    for (section, _, why) in unread {
        match roles(*section, why) {
            Some(role) => by_role.entry(role).or_default().insert(*section),
            None => others.insert(*section),
        };
    }
    let list = |sections: &BTreeSet<Section>| sections.iter().map(Section::to_string).collect::<Vec<_>>().join(", ");
    let mut ways: Vec<String> =
        by_role.iter().map(|(role, sections)| format!("; {role} can read {}", list(sections))).collect();
    if !others.is_empty() {
        ways.push(format!("; no role helps with {}", list(&others)));
    }
    ways.concat()
}

/// ATL-META-002
pub(crate) fn credential_excessive(scan: &ScanView<'_>, _: &NoParameters) -> Judgement {
    if scan.offline {
        return Ok(Verdict::not_applicable("a snapshot was judged, not Atlas"));
    }
    let credential = scan.organization.credential.known()?;
    match &credential.api_key {
        Some(key) => api_key(scan, key),
        None => service_account(scan, credential),
    }
}

fn api_key(scan: &ScanView<'_>, key: &OwnApiKey) -> Judgement {
    let at = scan.at.child(Section::Credential.slot());
    let mut seen = Gathered::new();
    let message = "the audit runs with an API key, where a service account would do";
    seen.offence(Evidence::at(&at, message).severity(Severity::Info));
    for grant in seen.see(key.roles.required("apiKey.roles")).into_iter().flatten() {
        match &grant.role_name {
            None => seen.unseen(Unknown::absent("roleName")),
            Some(role) => judge_role(&mut seen, scan, role, &at, "/apiKey/roles"),
        }
    }
    seen.verdict("")
}

fn service_account(scan: &ScanView<'_>, credential: &Credential) -> Judgement {
    let Some(own) = credential.client_id.as_deref() else {
        return Err(Unknown::undecidable("Atlas does not tell a service account its own roles"));
    };
    let accounts = scan.organization.service_accounts.known()?;
    let Some(account) = accounts.iter().find(|account| account.client_id.as_deref() == Some(own)) else {
        return Err(Unknown::undecidable(
            "the organization does not list the service account that the audit runs with",
        ));
    };
    let at = scan.at.child(Section::ServiceAccounts.slot()).child(own);
    let mut seen = Gathered::new();
    seen.fine();
    for role in seen.see(account.roles.required("roles")).into_iter().flatten() {
        judge_role(&mut seen, scan, role, &at, "/roles");
    }
    for project in seen.see(account.projects.known()).into_iter().flatten() {
        for role in seen.see(project.roles.required("roles")).into_iter().flatten() {
            judge_role(&mut seen, scan, role, &at, "/roles");
        }
    }
    seen.verdict("")
}

/// Roles that change nothing and show no documents.
const READ_ONLY: &[&str] =
    &["ORG_MEMBER", "ORG_READ_ONLY", "ORG_BILLING_READ_ONLY", "GROUP_READ_ONLY", "GROUP_OBSERVABILITY_VIEWER"];

/// Roles that do.
const MORE: &[&str] = &[
    "ORG_OWNER",
    "ORG_GROUP_CREATOR",
    "ORG_BILLING_ADMIN",
    "ORG_STREAM_PROCESSING_ADMIN",
    "GROUP_OWNER",
    "GROUP_CLUSTER_MANAGER",
    "GROUP_CLUSTER_LOG_VIEWER",
    "GROUP_BACKUP_MANAGER",
    "GROUP_DATABASE_ACCESS_ADMIN",
    "GROUP_NETWORK_ACCESS_MANAGER",
    "GROUP_STREAM_PROCESSING_OWNER",
    "GROUP_SEARCH_INDEX_EDITOR",
    "GROUP_DATA_ACCESS_ADMIN",
    "GROUP_DATA_ACCESS_READ_WRITE",
    "GROUP_DATA_ACCESS_READ_ONLY",
];

fn judge_role(seen: &mut Gathered, scan: &ScanView<'_>, role: &str, at: &Ref, field: &'static str) {
    let is_needed = || scan.needs.iter().any(|section| Endpoint::of(*section).roles.iter().any(|r| name(*r) == role));
    if READ_ONLY.contains(&role) || is_needed() {
        seen.fine();
    } else if MORE.contains(&role) {
        let message = format!("the audit's own credential holds {role}, which no selected rule needs");
        seen.offence(Evidence::at(at, message).field(field).severity(Severity::Low));
    } else {
        seen.unseen(Unknown::not_understood("roles", role));
    }
}

/// As the API spells it.
const fn name(role: Role) -> &'static str {
    match role {
        Role::Any => "",
        Role::OrganizationMember => "ORG_MEMBER",
        Role::OrganizationReadOnly => "ORG_READ_ONLY",
        Role::OrganizationOwner => "ORG_OWNER",
        Role::ProjectReadOnly => "GROUP_READ_ONLY",
        Role::ProjectOwner => "GROUP_OWNER",
        Role::ProjectBackupManager => "GROUP_BACKUP_MANAGER",
        Role::ProjectClusterLogViewer => "GROUP_CLUSTER_LOG_VIEWER",
        Role::ProjectDatabaseAccessAdmin => "GROUP_DATABASE_ACCESS_ADMIN",
        Role::OrganizationStreamProcessingAdmin => "ORG_STREAM_PROCESSING_ADMIN",
        Role::ProjectStreamProcessingOwner => "GROUP_STREAM_PROCESSING_OWNER",
        Role::ProjectDataAccessReadOnly => "GROUP_DATA_ACCESS_READ_ONLY",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_out_name_roles_and_what_no_role_helps_with() {
        let at = Ref::parsed("org/org/x");
        let one = |section, reason| (section, at.clone(), Unavailable::new(reason, "/x"));
        let refused = ways_out(&[one(Section::AccessList, Reason::Forbidden)]);
        assert!(refused.contains(" can read ") && !refused.contains("no role helps"), "{refused}");
        let broken = ways_out(&[one(Section::AccessList, Reason::ServerError)]);
        assert_eq!(broken, format!("; no role helps with {}", Section::AccessList));
        let both = ways_out(&[one(Section::AccessList, Reason::Forbidden), one(Section::Clusters, Reason::TimedOut)]);
        assert!(both.starts_with(&refused) && both.ends_with(&Section::Clusters.to_string()), "{both}");
        assert_eq!(ways_out(&[]), "");
    }
}
