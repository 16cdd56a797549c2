//! What nobody in a project can undo about its backups.

use serde::Deserialize;

use crate::engine::environment::Environment;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::rules::{any_dedicated, tagged};
use crate::snapshot::backup::{BackupCompliancePolicy, PolicyState};
use crate::snapshot::people::MembershipStatus;
use crate::snapshot::{Ref, Section};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compliance {
    require_copy_protection: bool,
    require_encryption_at_rest: bool,
    require_point_in_time: bool,
    separate_authorizer: bool,
    regulated: Vec<String>,
}

/// ATL-BCK-006
pub(crate) fn policy_weak(project: &ProjectView<'_>, limits: &Compliance) -> Judgement {
    if project.environment != Environment::Production {
        return Ok(Verdict::not_applicable("the project is not production"));
    }
    if !any_dedicated(project)? {
        return Ok(Verdict::not_applicable("the project has no dedicated cluster"));
    }
    let policy = project.backup_compliance_policy.known()?;
    let at = project.section(Section::BackupCompliancePolicy);
    if !policy.is_set() {
        let evidence =
            Evidence::at(&at, "the project has no backup compliance policy: its owners can delete every snapshot")
                .fact("unprotected-project", &project.project.id);
        let regulated = limits.regulated.iter().any(|word| tagged::says(project.tags.as_deref(), word));
        return Ok(Verdict::of([if regulated { evidence.severity(Severity::High) } else { evidence }]));
    }
    let mut seen = Gathered::new();
    match policy.state.as_ref() {
        Some(PolicyState::Active) => seen.fine(),
        Some(PolicyState::Disabling) => {
            seen.offence(Evidence::at(&at, "the backup compliance policy is being taken back").field("/state"));
        }
        Some(state @ (PolicyState::Enabling | PolicyState::Updating)) => {
            seen.unseen(Unknown::undecidable(format!(
                "the backup compliance policy is {state}: look again when it is active"
            )));
        }
        Some(PolicyState::Other(text)) => seen.unseen(Unknown::not_understood("state", text)),
        None => seen.unseen(Unknown::absent("state")),
    }
    for (required, value, field, what) in [
        (
            limits.require_copy_protection,
            policy.copy_protection_enabled,
            "copyProtectionEnabled",
            "does not protect copies of snapshots",
        ),
        (
            limits.require_encryption_at_rest,
            policy.encryption_at_rest_enabled,
            "encryptionAtRestEnabled",
            "does not ask for a key of the customer's own",
        ),
        (limits.require_point_in_time, policy.pit_enabled, "pitEnabled", "does not ask for point-in-time recovery"),
    ] {
        match value {
            _ if !required => {}
            Some(true) => seen.fine(),
            Some(false) => {
                let message = format!("the backup compliance policy {what}");
                let evidence = Evidence::at(&at, message).field(format!("/{field}"));
                let copies = field == "copyProtectionEnabled";
                seen.offence(if copies { evidence.fact("uncopied-project", &project.project.id) } else { evidence });
            }
            None => seen.unseen(Unknown::absent(field)),
        }
    }
    authorizer(project, policy, limits, &at, &mut seen);
    seen.verdict("")
}

/// Who may change the policy: somebody of the organization's own who is still there, and who cannot delete snapshots.
fn authorizer(
    project: &ProjectView<'_>,
    policy: &BackupCompliancePolicy,
    limits: &Compliance,
    at: &Ref,
    seen: &mut Gathered,
) {
    let Some(email) = seen.see(policy.authorized_email.required("authorizedEmail")) else { return };
    let is_it = |name: Option<&String>| name.is_some_and(|name| name.eq_ignore_ascii_case(email));
    let offence =
        |what: &str| Evidence::at(at, format!("{email}, who may change the policy, {what}")).field("/authorizedEmail");
    let domains = &project.declared.domains;
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    if !domains.is_empty() && !domains.iter().any(|own| own.eq_ignore_ascii_case(domain)) {
        seen.offence(offence("has an address of another organization"));
    }
    let member =
        project.organization.users.known().map(|users| users.iter().find(|user| is_it(user.username.as_ref())));
    let is_declared = project.declared.people.iter().any(|person| is_it(Some(&person.email)));
    match &member {
        Ok(Some(user)) if user.org_membership_status == Some(MembershipStatus::Active) => seen.fine(),
        _ if is_declared => seen.fine(),
        Ok(_) => seen.offence(offence("is neither a member of the organization nor among its people")),
        Err(why) => seen.unseen(*why),
    }
    if !limits.separate_authorizer {
        return;
    }
    let of_organization = member.ok().flatten().and_then(|user| user.roles.as_ref()?.org_roles.as_ref());
    if of_organization.is_some_and(|roles| roles.iter().any(|role| role == "ORG_OWNER")) {
        seen.offence(offence("owns the organization"));
    }
    match project.project.users.known() {
        Err(why) => seen.unseen(why),
        Ok(users) => {
            for user in users.iter().filter(|user| is_it(user.username.as_ref())) {
                let roles = seen.see(user.roles.required("roles"));
                if roles.is_some_and(|roles| roles.iter().any(|role| role == "GROUP_OWNER")) {
                    seen.offence(offence("owns the project"));
                }
            }
        }
    }
}
