//! Whose a database user is: one application's, one person's, or everybody's.

use serde::Deserialize;

use crate::engine::declared::Pattern;
use crate::engine::environment::Environment;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::UserView;
use crate::rules::authorization::resolved;
use crate::rules::exemption::Standing;
use crate::rules::register;
use crate::snapshot::database_access::{LdapAuthType, Mechanism, OidcAuthType};
use crate::snapshot::values::Moment;

use super::logins::Logins;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SharedAccount {
    generic_names: Vec<String>,
    max_source_networks: usize,
}

/// ATL-AUTHN-004
pub(crate) fn shared(user: &UserView<'_>, limits: &SharedAccount) -> Judgement {
    if user.oidc_auth_type == Some(OidcAuthType::Group) || user.ldap_auth_type == Some(LdapAuthType::Group) {
        return Ok(Verdict::not_applicable("it stands for a group: who logs in shows a name of their own"));
    }
    let name = user.username.required("username")?;
    let mut seen = Gathered::new();
    seen.see(user.oidc_auth_type.required("oidcAuthType"));
    let evidence = |message: String| {
        let authdb = user.database_name.as_deref().unwrap_or("admin");
        Evidence::at(user.at, message).field("/username").fact("user", name).fact("authdb", authdb)
    };
    if is_generic(name, &limits.generic_names) {
        seen.offence(evidence(format!("{name} is a name for anybody")));
    }
    let mut holders: Vec<String> = register::applications(user).map(|one| one.name.clone()).collect();
    holders.extend(register::people(user).map(|person| person.email.clone()));
    holders.sort_unstable();
    holders.dedup();
    if holders.len() > 1 {
        seen.offence(evidence(format!("{name} is declared for {}", holders.join(" and for "))));
    }
    let logins = Logins::of(user);
    let networks = logins.networks().len();
    if networks > limits.max_source_networks {
        let limit = limits.max_source_networks;
        seen.offence(evidence(format!("{name} logged in from {networks} networks within 7 days, more than {limit}")));
    }
    let known = !holders.is_empty()
        || user.project.declared.tenancy(name).is_some()
        || register::break_glass(user) == Standing::Exempt;
    if known {
        seen.fine();
        return seen.verdict("");
    }
    if logins.unread.is_empty() && logins.succeeded.is_empty() {
        seen.unseen(Unknown::undecidable(format!(
            "no application or person is declared for {name}, and no login of it is told"
        )));
    }
    logins.unread.into_iter().for_each(|why| seen.unseen(why));
    seen.fine();
    seen.verdict("")
}

/// Whether a name is made of nothing but generic words and numbers: `admin`, `app-user`, `CN=test2,O=Example`.
fn is_generic(name: &str, generic: &[String]) -> bool {
    let common = match name.get(..3) {
        Some(prefix) if prefix.eq_ignore_ascii_case("CN=") => name[3..].split(',').next().unwrap_or_default(),
        // The last part of an ARN is what people chose.
        _ if name.starts_with("arn:") => name.rsplit('/').next().unwrap_or_default(),
        _ => name,
    };
    let words = common.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let mut any = false;
    for word in words {
        if !generic.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            return false;
        }
        any = true;
    }
    any
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingAccess {
    human_pattern: Vec<Pattern>,
}

/// ATL-AUTHN-005
pub(crate) fn standing_access(user: &UserView<'_>, limits: &StandingAccess) -> Judgement {
    if user.project.environment != Environment::Production {
        return Ok(Verdict::not_applicable("the project is not production"));
    }
    let name = user.username.required("username")?;
    let application = register::applications(user).next();
    let person = register::people(user).next();
    let looks_human = limits.human_pattern.iter().any(|pattern| pattern.matches(name));
    let mechanism = user.mechanism().ok_or_else(|| {
        Unknown::undecidable(
            "`x509Type`, `awsIAMType`, `ldapAuthType` and `oidcAuthType` do not tell how the user logs in",
        )
    });
    match mechanism {
        Ok(Mechanism::OidcGroup) => return Ok(Verdict::Pass),
        Ok(Mechanism::AwsRole | Mechanism::AwsUser | Mechanism::OidcUser) if person.is_none() => {
            return Ok(Verdict::not_applicable("the user is a workload's"));
        }
        // What is declared outranks what a name looks like.
        _ if person.is_none() && (application.is_some() || !looks_human) => {
            return Ok(Verdict::not_applicable("the user is no person's"));
        }
        Ok(Mechanism::LdapUser | Mechanism::LdapGroup) => {
            return Ok(Verdict::not_applicable("a directory knows the user: ATL-AUTHN-002 speaks of it"));
        }
        Ok(Mechanism::AwsRole | Mechanism::AwsUser | Mechanism::OidcUser) => return Ok(Verdict::Pass),
        Err(why) => return Err(why),
        Ok(Mechanism::Password | Mechanism::ManagedCertificate | Mechanism::CustomerCertificate) => {}
    }
    match &user.delete_after_date {
        Some(Moment::At(_)) => return Ok(Verdict::Pass),
        Some(Moment::Unreadable(text)) => return Err(Unknown::not_understood("deleteAfterDate", text)),
        None => {}
    }
    let standing = register::break_glass(user);
    if standing == Standing::Exempt {
        return Ok(Verdict::Pass);
    }
    let mut seen = Gathered::new();
    let privileges = resolved::of(user, &mut seen);
    seen.fine();
    if let Some(grant) = privileges.effective().find(|grant| resolved::writes(grant)) {
        let way = grant.path.join(" → ");
        let message = format!("{name} writes {} by {way}, and does not end{}", grant.on, standing.note());
        seen.offence(resolved::evidence(user, grant, message));
    }
    seen.verdict("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generic_name_says_nothing_of_its_owner() {
        let list = ["admin", "app", "user", "prod"].map(str::to_owned);
        for name in ["admin", "App", "app-user", "app_prod_01", "admin2", "CN=admin,O=Example", "cn=app"] {
            assert!(is_generic(name, &list), "{name}");
        }
        for name in ["shop-app", "administrator", "42", "", "CN=shop,O=app", "арр", "orders/admin", "CNapp"] {
            assert!(!is_generic(name, &list), "{name}");
        }
        assert!(is_generic("arn:aws:iam::111122223333:role/team/admin", &list));
        assert!(!is_generic("arn:aws:iam::111122223333:role/shop", &list));
    }
}
