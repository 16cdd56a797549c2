//! Federation: how sound the identity providers are, who may join, and what people get for arriving.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{domain, is_active, is_among, section, span};
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::OrganizationView;
use crate::rules::exemption::Standing;
use crate::rules::hours_until_needed;
use crate::snapshot::federation::{
    ConnectedOrganization, IdentityProvider, ProviderProtocol, ProviderStatus, RoleMapping, SignatureAlgorithm,
};
use crate::snapshot::people::{MembershipStatus, OrganizationUser};
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

const NO_FEDERATION: &str = "the organization belongs to no federation";

/// Whether Atlas says that there is no federation. A refusal says nothing.
fn is_unfederated(organization: &OrganizationView<'_>) -> bool {
    organization.federation_settings.known().is_ok_and(|settings| settings.id.as_deref().is_none_or(str::is_empty))
}

/// The placeholder of commands that all of the federation's resources share.
fn in_federation(organization: &OrganizationView<'_>, evidence: Evidence) -> Evidence {
    match organization.federation_settings.known().ok().and_then(|settings| settings.id.clone()) {
        Some(id) => evidence.fact("federation", id),
        None => evidence,
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WeakProvider {
    cert_warn_days: u32,
}

/// ATL-ORG-003
pub(crate) fn weak_provider(organization: &OrganizationView<'_>, limits: &WeakProvider) -> Judgement {
    if is_unfederated(organization) {
        return Ok(Verdict::not_applicable(NO_FEDERATION));
    }
    let list = section(organization, Section::IdentityProviders);
    let mut seen = Gathered::new();
    for provider in organization.identity_providers.known()? {
        seen.fine();
        let name = provider.display_name.as_deref().or(provider.id.as_deref()).unwrap_or_default();
        let at = list.child(&provider.key());
        let offence = |message: String, field: &'static str| {
            let evidence = Evidence::at(&at, message).field(field).fact("name", name);
            in_federation(organization, evidence.fact("provider", provider.key()))
        };
        let saml = match &provider.protocol {
            None => {
                seen.unseen(Unknown::absent("protocol"));
                continue;
            }
            Some(ProviderProtocol::Other(text)) => {
                seen.unseen(Unknown::not_understood("protocol", text));
                continue;
            }
            Some(ProviderProtocol::Saml) => true,
            Some(ProviderProtocol::Oidc) => false,
        };
        if let Some(issuer) = seen.see(provider.issuer_uri.required("issuerUri")) {
            let scheme = issuer.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
            match scheme.as_deref() {
                Some("http") => {
                    let evidence = offence(format!("{name} has the plain-http issuer {issuer}"), "/issuerUri");
                    // The issuer of SAML is a name that nothing fetches; that of OIDC is where the keys come from.
                    seen.offence(if saml { evidence.severity(Severity::Low) } else { evidence });
                }
                Some("https") => {}
                _ if saml => {}
                _ => seen.unseen(Unknown::not_understood("issuerUri", issuer)),
            }
        }
        if saml {
            judge_saml(organization, limits, provider, name, &offence, &mut seen);
        }
    }
    seen.verdict("the federation has no identity provider: ATL-ORG-002 speaks of it")
}

fn judge_saml(
    organization: &OrganizationView<'_>,
    limits: &WeakProvider,
    provider: &IdentityProvider,
    name: &str,
    offence: &dyn Fn(String, &'static str) -> Evidence,
    seen: &mut Gathered,
) {
    match seen.see(provider.status.required("status")) {
        None | Some(ProviderStatus::Active) => {}
        Some(ProviderStatus::Inactive) => seen.offence(offence(format!("{name} is INACTIVE"), "/status")),
        Some(ProviderStatus::Other(text)) => seen.unseen(Unknown::not_understood("status", text)),
    }
    if seen.see(provider.sso_debug_enabled.required("ssoDebugEnabled")) == Some(&true) {
        let message = format!("{name} has its debug mode on, a way in past the provider");
        seen.offence(offence(message, "/ssoDebugEnabled"));
    }
    let field = "responseSignatureAlgorithm";
    match seen.see(provider.response_signature_algorithm.required(field)) {
        None | Some(SignatureAlgorithm::Sha256) => {}
        Some(SignatureAlgorithm::Sha1) => {
            let message = format!("{name} signs its answers with SHA-1");
            seen.offence(offence(message, "/responseSignatureAlgorithm"));
        }
        Some(SignatureAlgorithm::Other(text)) => seen.unseen(Unknown::not_understood(field, text)),
    }
    let certificates = provider.pem_file_info.as_ref().and_then(|info| info.certificates.as_deref());
    let mut last: Option<f64> = None;
    let mut doubt = certificates.is_none_or(<[_]>::is_empty).then(|| Unknown::absent("pemFileInfo.certificates"));
    for certificate in certificates.unwrap_or_default() {
        match hours_until_needed("notAfter", certificate.not_after.as_ref(), organization.now) {
            // While one certificate follows another both are listed: the one that lasts longest counts.
            Ok(hours) => last = Some(last.map_or(hours, |known| known.max(hours))),
            Err(why) => doubt = Some(why),
        }
    }
    if let Some(why) = doubt {
        // One that cannot be read may be the one that lasts.
        if last.is_none_or(|hours| hours <= f64::from(limits.cert_warn_days) * 24.0) {
            seen.unseen(why);
        }
        return;
    }
    let Some(hours) = last else { return };
    let field = "/pemFileInfo/certificates";
    if hours <= 0.0 {
        seen.offence(offence(format!("the certificate of {name} ran out {} ago", span(hours)), field));
    } else if hours <= f64::from(limits.cert_warn_days) * 24.0 {
        seen.offence(offence(format!("the certificate of {name} runs out in {}", span(hours)), field));
    }
}

/// ATL-ORG-004
pub(crate) fn membership_unrestricted(organization: &OrganizationView<'_>, _: &NoParameters) -> Judgement {
    let own = &organization.declared.domains;
    let unfederated = is_unfederated(organization);
    if unfederated && own.is_empty() {
        return Ok(Verdict::not_applicable("the organization belongs to no federation, and declares no domains"));
    }
    let mut seen = Gathered::new();
    let mut outsiders = BTreeSet::new();
    if !own.is_empty()
        && let Some(users) = seen.see(organization.users.known())
    {
        seen.fine();
        let list = section(organization, Section::OrganizationUsers);
        for user in users {
            judge_member(organization, &list, user, &mut outsiders, &mut seen);
        }
    }
    if !unfederated && let Some(connected) = seen.see(organization.connected_organization.known()) {
        seen.fine();
        judge_restriction(organization, connected, &outsiders, &mut seen);
    }
    seen.verdict("")
}

/// Whether somebody from elsewhere is declared.
fn guest(organization: &OrganizationView<'_>, address: &str) -> Standing {
    let named = organization.declared.external_users.iter().filter(|user| user.email.eq_ignore_ascii_case(address));
    Standing::of(named.map(|user| (user.owner.as_str(), user.until)), organization.now)
}

fn judge_member(
    organization: &OrganizationView<'_>,
    list: &Ref,
    user: &OrganizationUser,
    outsiders: &mut BTreeSet<String>,
    seen: &mut Gathered,
) {
    let status = user.org_membership_status.as_ref();
    if matches!(status, Some(MembershipStatus::Expired | MembershipStatus::Rejected)) {
        return;
    }
    let Some(address) = seen.see(user.username.required("username")) else { return };
    let Some(of) = domain(address) else { return seen.unseen(Unknown::not_understood("username", address)) };
    if is_among(of, &organization.declared.domains) {
        return;
    }
    outsiders.insert(address.to_ascii_lowercase());
    let standing = guest(organization, address);
    if standing == Standing::Exempt {
        return;
    }
    let role = match status {
        None => return seen.unseen(Unknown::absent("orgMembershipStatus")),
        Some(MembershipStatus::Other(text)) => {
            return seen.unseen(Unknown::not_understood("orgMembershipStatus", text));
        }
        Some(_) if is_active(status) == Some(true) => "is a member",
        Some(_) => "is invited",
    };
    let message = format!("{address} {role} and belongs to none of the organization's domains{}", standing.note());
    seen.offence(
        Evidence::at(&list.child(&user.key()), message)
            .field("/username")
            .severity(Severity::High)
            .fact("user", user.id.clone().unwrap_or_default())
            .fact("name", address),
    );
}

fn judge_restriction(
    organization: &OrganizationView<'_>,
    connected: &ConnectedOrganization,
    outsiders: &BTreeSet<String>,
    seen: &mut Gathered,
) {
    let at = section(organization, Section::ConnectedOrganization);
    let offence = |message: String, field: &'static str| {
        in_federation(organization, Evidence::at(&at, message).field(field)).severity(Severity::Medium)
    };
    let restricted = seen.see(connected.domain_restriction_enabled.required("domainRestrictionEnabled"));
    if restricted == Some(&false) {
        let message = "whoever has a mailbox anywhere may be invited: membership is not restricted to domains";
        seen.offence(offence(message.to_owned(), "/domainRestrictionEnabled"));
    } else if restricted.is_some()
        && seen.see(connected.domain_allow_list.required("domainAllowList")).is_some_and(Vec::is_empty)
    {
        let message = "membership is restricted to a list of domains that names none";
        seen.offence(offence(message.to_owned(), "/domainAllowList"));
    }
    // Null where there are none.
    for conflict in connected.user_conflicts.iter().flatten() {
        let Some(address) = conflict.email_address.as_deref().or(conflict.user_id.as_deref()) else {
            seen.unseen(Unknown::absent("emailAddress"));
            continue;
        };
        let standing = guest(organization, address);
        if standing == Standing::Exempt || outsiders.contains(&address.to_ascii_lowercase()) {
            continue;
        }
        let note = standing.note();
        let message = format!("{address} belongs to the organization and to none of the domains that it allows{note}");
        let evidence = offence(message, "/userConflicts");
        let own = domain(address).is_some_and(|of| is_among(of, &organization.declared.domains));
        seen.offence(if own { evidence } else { evidence.severity(Severity::High) });
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultRole {
    owner_groups: Vec<String>,
}

/// The role that whoever belongs to an organization has anyway.
const LEAST: &str = "ORG_MEMBER";

/// ATL-ORG-005
pub(crate) fn default_role_excessive(organization: &OrganizationView<'_>, limits: &DefaultRole) -> Judgement {
    if is_unfederated(organization) {
        return Ok(Verdict::not_applicable(NO_FEDERATION));
    }
    let mut seen = Gathered::new();
    if let Some(connected) = seen.see(organization.connected_organization.known())
        && let Some(grants) = seen.see(connected.post_auth_role_grants.required("postAuthRoleGrants"))
    {
        seen.fine();
        let more: Vec<_> = grants.iter().map(String::as_str).filter(|role| *role != LEAST).collect();
        if !more.is_empty() {
            let message = format!("whoever the identity provider lets in is given {}", more.join(", "));
            let at = section(organization, Section::ConnectedOrganization);
            seen.offence(in_federation(organization, Evidence::at(&at, message).field("/postAuthRoleGrants")));
        }
    }
    let list = section(organization, Section::RoleMappings);
    for mapping in seen.see(organization.role_mappings.known()).into_iter().flatten() {
        seen.fine();
        judge_mapping(organization, limits, &list, mapping, &mut seen);
    }
    seen.verdict("")
}

fn judge_mapping(
    organization: &OrganizationView<'_>,
    limits: &DefaultRole,
    list: &Ref,
    mapping: &RoleMapping,
    seen: &mut Gathered,
) {
    let mut owned = Vec::new();
    for assignment in seen.see(mapping.role_assignments.required("roleAssignments")).into_iter().flatten() {
        match seen.see(assignment.role.required("role")).map(String::as_str) {
            Some("ORG_OWNER") => owned.push("ORG_OWNER".to_owned()),
            Some("GROUP_OWNER") => owned.push(match assignment.group_id.as_deref() {
                Some(project) => format!("GROUP_OWNER in project {project}"),
                None => "GROUP_OWNER".to_owned(),
            }),
            _ => {}
        }
    }
    if owned.is_empty() {
        return;
    }
    let group = mapping.external_group_name.as_deref();
    if group.is_some_and(|group| limits.owner_groups.iter().any(|listed| listed == group)) {
        return;
    }
    // A group without a name may be one of those listed.
    if group.is_none() && !limits.owner_groups.is_empty() {
        return seen.unseen(Unknown::absent("externalGroupName"));
    }
    let message = format!("group {} is mapped to {}", group.unwrap_or("without a name"), owned.join(", "));
    let evidence = Evidence::at(&list.child(&mapping.key()), message)
        .field("/roleAssignments")
        .fact("mapping", mapping.key())
        .fact("name", group.unwrap_or_default());
    seen.offence(in_federation(organization, evidence));
}
