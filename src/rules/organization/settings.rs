//! What the organization's own settings ask for: a second factor, access lists, contacts, leave for MongoDB's people.

use serde::Deserialize;

use super::{domain, is_active, is_among, section};
use crate::engine::declared::Statement;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, OrganizationView};
use crate::rules::hours_until_needed;
use crate::snapshot::Section;
use crate::snapshot::federation::ProviderStatus;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MfaNotRequired {
    accept_idp_mfa_attestation: bool,
}

/// ATL-ORG-001
pub(crate) fn mfa_not_required(organization: &OrganizationView<'_>, limits: &MfaNotRequired) -> Judgement {
    let settings = organization.settings.known()?;
    if settings.multi_factor_auth_required == Some(true) {
        return Ok(Verdict::Pass);
    }
    let at = section(organization, Section::OrganizationSettings);
    let what = "the organization does not require a second factor";
    let stated = organization.attested("idp-mfa");
    let vouched = limits.accept_idp_mfa_attestation || matches!(stated, Statement::Live(_));
    let evidence = if vouched && provider_covers_everyone(organization) {
        Evidence::at(&at, format!("{what}; its identity provider is attested to")).severity(Severity::High)
    } else if let Statement::Expired(ended) = stated {
        let (owner, last) = (&ended.owner, ended.expires);
        Evidence::at(&at, format!("{what}; {owner} attested to its identity provider until {last}"))
    } else {
        Evidence::at(&at, what)
    };
    Ok(Verdict::of([evidence.field("/multiFactorAuthRequired")]))
}

/// Whether everyone who takes part signs in by an active identity provider. What could not be read speaks against it.
fn provider_covers_everyone(organization: &OrganizationView<'_>) -> bool {
    let (Ok(federation), Ok(users)) = (organization.federation_settings.known(), organization.users.known()) else {
        return false;
    };
    let active = federation.identity_provider_id.as_deref().is_some_and(|id| !id.is_empty())
        && federation.identity_provider_status == Some(ProviderStatus::Active);
    let domains = federation.federated_domains.as_deref().unwrap_or_default();
    active
        && users
            .iter()
            .filter(|user| is_active(user.org_membership_status.as_ref()) != Some(false))
            .all(|user| user.username.as_deref().and_then(domain).is_some_and(|of| is_among(of, domains)))
}

/// ATL-ORG-008
pub(crate) fn api_access_list_not_required(organization: &OrganizationView<'_>, _: &NoParameters) -> Judgement {
    let settings = organization.settings.known()?;
    if *settings.api_access_list_required.required("apiAccessListRequired")? {
        return Ok(Verdict::Pass);
    }
    let at = section(organization, Section::OrganizationSettings);
    let message = "a credential without an access list may call the API from anywhere";
    Ok(Verdict::of([Evidence::at(&at, message).field("/apiAccessListRequired")]))
}

/// Domains where anybody gets a mailbox of their own.
const PERSONAL_MAIL: &[&str] = &[
    "aol.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.ru",
    "163.com",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactsMissing {
    require_operations_contact: bool,
    allowed_domains: Vec<String>,
}

/// ATL-ORG-015
pub(crate) fn contacts_missing(organization: &OrganizationView<'_>, limits: &ContactsMissing) -> Judgement {
    let settings = organization.settings.known()?;
    let at = section(organization, Section::OrganizationSettings);
    let mut seen = Gathered::new();
    seen.fine();
    let given =
        |contact: &Option<String>| contact.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);

    let contacts = [
        ("security contact", "securityContact", given(&settings.security_contact)),
        ("operations contact", "operationsContact", given(&settings.operations_contact)),
    ];
    for (what, field, contact) in contacts {
        let is_security = field == "securityContact";
        let pointer = format!("/{field}");
        let Some(contact) = contact else {
            let evidence = Evidence::at(&at, format!("the organization has no {what}")).field(pointer);
            if is_security {
                seen.offence(evidence);
            } else if limits.require_operations_contact {
                seen.offence(evidence.severity(Severity::Low));
            }
            continue;
        };
        let Some(domain) = domain(&contact) else {
            seen.unseen(Unknown::not_understood(field, contact));
            continue;
        };
        let is_outside = !limits.allowed_domains.is_empty() && !is_among(domain, &limits.allowed_domains);
        if is_security && is_outside {
            let message = format!("the {what} {contact} is outside the organization's domains");
            seen.offence(Evidence::at(&at, message).field(pointer));
        } else if PERSONAL_MAIL.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
            let message = format!("the {what} {contact} is a personal mailbox");
            seen.offence(Evidence::at(&at, message).field(pointer).severity(Severity::Low));
        }
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SupportAccess {
    max_grant_hours: f64,
}

/// ATL-ORG-016, the organization's switch
pub(crate) fn support_access_unrestricted(organization: &OrganizationView<'_>, _: &SupportAccess) -> Judgement {
    let settings = organization.settings.known()?;
    if *settings.restrict_employee_access.required("restrictEmployeeAccess")? {
        return Ok(Verdict::Pass);
    }
    let at = section(organization, Section::OrganizationSettings);
    let message = "MongoDB's people may reach hosts and logs of the clusters without asking";
    Ok(Verdict::of([Evidence::at(&at, message).field("/restrictEmployeeAccess")]))
}

/// ATL-ORG-016, leave that a cluster gives
pub(crate) fn support_access_granted(cluster: &ClusterView<'_>, limits: &SupportAccess) -> Judgement {
    // Atlas sends the grant only while one is in force.
    let Some(grant) = &cluster.mongodb_employee_access_grant else { return Ok(Verdict::Pass) };
    let name = cluster.name.clone().unwrap_or_default();
    let kind = grant.grant_type.as_deref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    let offence = |until: &str, severity| {
        Evidence::at(cluster.at, format!("MongoDB's people have been let into {name}{kind}{until}"))
            .field("/mongoDBEmployeeAccessGrant/expirationTime")
            .fact("cluster", name.clone())
            .severity(severity)
    };
    let mut seen = Gathered::new();
    match hours_until_needed("expirationTime", grant.expiration_time.as_ref(), cluster.project.now) {
        Ok(hours) if hours <= 0.0 => seen.fine(),
        Ok(hours) => {
            let too_long = hours > limits.max_grant_hours;
            let severity = if too_long { Severity::High } else { Severity::Info };
            seen.offence(offence(&format!(" for {hours:.0} more hours"), severity));
        }
        Err(hole) => {
            seen.offence(offence(", until nobody knows when", Severity::Info));
            seen.unseen(hole);
        }
    }
    seen.verdict("")
}
