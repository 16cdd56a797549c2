//! How database users prove who they are.

pub(crate) mod accounts;
pub(crate) mod certificates;
pub(crate) mod logins;
pub(crate) mod passwords;

use serde::Deserialize;

use crate::engine::environment::Environment;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ProjectView, UserView};
use crate::snapshot::Section;
use crate::snapshot::database_access::{Ldap, LdapAuthType, Mechanism};
use crate::snapshot::tree::Node;

use super::any_dedicated;
use super::exemption::{ExemptUser, Standing, user_standing};

/// The rungs of the ladder, from the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Strength {
    /// Something to know: a password.
    Scram,
    /// Something to hold: a key that never travels, and a certificate that runs out.
    X509,
    /// Something that is issued afresh: an IAM role, a token of an identity provider.
    Identity,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordInProduction {
    minimum_strength: Strength,
    scram_exceptions: Vec<ExemptUser>,
}

/// ATL-AUTHN-001
pub(crate) fn password_in_production(user: &UserView<'_>, limits: &PasswordInProduction) -> Judgement {
    if user.project.environment != Environment::Production {
        return Ok(Verdict::not_applicable("the project is not production"));
    }
    let standing = user_standing(&limits.scram_exceptions, user.username.as_deref(), user.project.now);
    if standing == Standing::Exempt {
        return Ok(Verdict::not_applicable("the user is among the exceptions"));
    }
    if !any_dedicated(user.project)? {
        return Ok(Verdict::not_applicable("the project has no dedicated cluster: ATL-NET-012 speaks of it"));
    }
    let mechanism = user.mechanism().ok_or_else(|| {
        Unknown::undecidable(
            "`x509Type`, `awsIAMType`, `ldapAuthType` and `oidcAuthType` do not tell how the user logs in",
        )
    })?;
    let (strength, how) = match mechanism {
        Mechanism::Password => (Strength::Scram, "a password (SCRAM)"),
        Mechanism::AwsUser => (Strength::Scram, "the long-lived keys of an AWS IAM user"),
        Mechanism::ManagedCertificate | Mechanism::CustomerCertificate => (Strength::X509, "a certificate (X.509)"),
        Mechanism::AwsRole | Mechanism::OidcUser | Mechanism::OidcGroup => return Ok(Verdict::Pass),
        Mechanism::LdapUser | Mechanism::LdapGroup => {
            return Ok(Verdict::not_applicable("a directory knows the user: ATL-AUTHN-002 speaks of it"));
        }
    };
    if strength >= limits.minimum_strength {
        return Ok(Verdict::Pass);
    }
    let stronger = match limits.minimum_strength {
        Strength::Scram | Strength::X509 => "X.509, then an IAM role or workload identity, are stronger",
        Strength::Identity => "an IAM role or workload identity is stronger",
    };
    let name = user.username.as_deref().unwrap_or_default();
    let evidence =
        Evidence::at(user.at, format!("{name} logs in with {how}; {stronger}{}", standing.note())).fact("user", name);
    let evidence = match mechanism {
        Mechanism::AwsUser => evidence.field("/awsIAMType").severity(Severity::Low),
        _ => evidence.field("/x509Type"),
    };
    Ok(Verdict::of([evidence]))
}

/// The port of LDAP in clear.
const CLEAR_LDAP: i64 = 389;

/// ATL-AUTHN-002
pub(crate) fn ldap_in_use(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    if !any_dedicated(project)? {
        return Ok(Verdict::not_applicable("the project has no dedicated cluster"));
    }
    let mut seen = Gathered::new();
    match project.user_security.known().map_err(Unknown::from).and_then(|security| security.ldap.required("ldap")) {
        Err(why) => seen.unseen(why),
        Ok(ldap) => seen.absorb(ldap_configured(project, ldap)),
    }
    match project.database_users.known() {
        Err(why) => seen.unseen(why),
        Ok(users) => {
            for user in users {
                let what = match &user.ldap_auth_type {
                    None => {
                        seen.unseen(Unknown::absent("ldapAuthType"));
                        continue;
                    }
                    Some(LdapAuthType::Other(text)) => {
                        seen.unseen(Unknown::not_understood("ldapAuthType", text));
                        continue;
                    }
                    Some(LdapAuthType::None) => continue,
                    Some(LdapAuthType::User) => "user",
                    Some(LdapAuthType::Group) => "group",
                };
                let name = user.username.as_deref().unwrap_or_default();
                let at = project.item(Section::DatabaseUsers, &user.key());
                seen.offence(
                    Evidence::at(&at, format!("{name} is a {what} of an LDAP directory"))
                        .field("/ldapAuthType")
                        .fact("user", name),
                );
            }
        }
    }
    seen.verdict("")
}

/// An empty object is what Atlas shows where nobody ever named a directory.
fn ldap_configured(project: &ProjectView<'_>, ldap: &Ldap) -> Judgement {
    let switches = [
        ("authenticationEnabled", "/ldap/authenticationEnabled", ldap.authentication_enabled, "authentication"),
        ("authorizationEnabled", "/ldap/authorizationEnabled", ldap.authorization_enabled, "authorization"),
    ];
    let mut seen = Gathered::new();
    seen.fine();
    if *ldap == Ldap::default() {
        return seen.verdict("");
    }
    for (name, field, value, what) in switches {
        match value {
            None => seen.unseen(Unknown::absent(name)),
            Some(false) => {}
            Some(true) => {
                let clear = ldap.port == Some(CLEAR_LDAP);
                let way = if clear { ", in clear" } else { "" };
                let port = ldap.port.map(|port| format!(" (port {port}{way})")).unwrap_or_default();
                let at = project.section(Section::UserSecurity);
                let evidence = Evidence::at(&at, format!("LDAP {what} is on{port}")).field(field);
                seen.offence(evidence.severity(if clear { Severity::High } else { Severity::Medium }));
            }
        }
    }
    seen.verdict("")
}
