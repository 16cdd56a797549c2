//! Users that must be exactly as declared.

use std::collections::BTreeSet;

use crate::engine::declared::ProtectedUser;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::rules::register::{is_protected, must_be_in};
use crate::snapshot::Section;
use crate::snapshot::database_access::{DatabaseUser, Mechanism};
use crate::snapshot::tree::Node;

/// ATL-AUTHZ-009, each project
pub(crate) fn drift(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let declared: Vec<_> = project
        .declared
        .protected_users
        .iter()
        .filter_map(|protected| match must_be_in(protected, project) {
            Some(false) => None,
            must => Some((protected, must == Some(true))),
        })
        .collect();
    if declared.is_empty() {
        return Ok(Verdict::not_applicable("no protected user is declared for the project"));
    }
    let users = project.database_users.known()?;
    let mut seen = Gathered::new();
    for (protected, must) in declared {
        match users.iter().find(|user| is_protected(protected, user)) {
            Some(user) => compare(project, protected, user, &mut seen),
            None if must => {
                let at = project.section(Section::DatabaseUsers);
                let message = format!("{}@{} does not exist", protected.user, protected.database);
                seen.offence(Evidence::at(&at, message).severity(Severity::Critical).fact("user", &protected.user));
            }
            None => {}
        }
    }
    seen.verdict("no protected user is in the project")
}

/// ATL-AUTHZ-009, what is in no project
///
/// Projects are judged one by one: whether none of them has a user is not seen from any of them.
pub(crate) fn drift_anywhere(organization: &OrganizationView<'_>, _: &NoParameters) -> Judgement {
    let homeless: Vec<&str> = organization
        .declared
        .protected_users
        .iter()
        .filter(|protected| protected.projects.is_empty())
        .map(|protected| protected.user.as_str())
        .collect();
    if homeless.is_empty() {
        return Ok(Verdict::not_applicable("no protected user is declared without its projects"));
    }
    Err(Unknown::undecidable(format!(
        "it is declared in no project that {} must be: whether any lacks it cannot be told",
        homeless.join(", ")
    )))
}

fn compare(project: &ProjectView<'_>, protected: &ProtectedUser, user: &DatabaseUser, seen: &mut Gathered) {
    let at = project.item(Section::DatabaseUsers, &user.key());
    let name = &protected.user;
    let offence = |message: String, field: &'static str| {
        Evidence::at(&at, format!("{name} {message}"))
            .field(field)
            .fact("user", name)
            .fact("authdb", &protected.database)
    };
    seen.fine();
    match roles(user) {
        Err(why) => seen.unseen(why),
        Ok(held) => {
            let wanted: BTreeSet<String> = protected.roles.iter().map(|role| normal(role)).collect();
            if let Some(difference) = difference(&wanted, &held) {
                seen.offence(offence(format!("differs in its roles: {difference}"), "/roles"));
            }
        }
    }
    match scopes(user) {
        Err(why) => seen.unseen(why),
        Ok(held) => {
            let wanted: BTreeSet<String> = protected.scopes.iter().cloned().collect();
            if let Some(difference) = difference(&wanted, &held) {
                seen.offence(offence(format!("differs in its scopes: {difference}"), "/scopes"));
            }
        }
    }
    if let Some(wanted) = &protected.authentication {
        match user.mechanism() {
            None => seen.unseen(Unknown::undecidable(format!("it is not told how {name} logs in"))),
            Some(mechanism) if !called(mechanism).eq_ignore_ascii_case(wanted) => {
                let is = called(mechanism);
                seen.offence(offence(format!("logs in by {is}, and should by {wanted}"), "/x509Type"));
            }
            Some(_) => {}
        }
    }
    if let Some((word, field)) = operator(user) {
        seen.offence(offence(format!("bears the mark of automation (\"{word}\")"), field));
    }
}

/// Roles as people declare them: `readWrite@shop`, `readWrite@shop.orders`. What stands on `admin` may leave that out.
fn normal(role: &str) -> String {
    if role.contains('@') { role.to_owned() } else { format!("{role}@admin") }
}

fn roles(user: &DatabaseUser) -> Result<BTreeSet<String>, Unknown> {
    let mut held = BTreeSet::new();
    for role in user.roles.required("roles")? {
        let name = role.role_name.required("roleName")?;
        let database = role.database_name.required("databaseName")?;
        let collection = role.collection_name.as_deref().filter(|name| !name.is_empty());
        held.insert(match collection {
            Some(collection) => format!("{name}@{database}.{collection}"),
            None => format!("{name}@{database}"),
        });
    }
    Ok(held)
}

fn scopes(user: &DatabaseUser) -> Result<BTreeSet<String>, Unknown> {
    user.scopes.required("scopes")?.iter().map(|scope| scope.name.required("name").cloned()).collect()
}

/// What one has and the other lacks, in words.
fn difference(wanted: &BTreeSet<String>, held: &BTreeSet<String>) -> Option<String> {
    let list = |set: Vec<&String>| set.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let extra = list(held.difference(wanted).collect());
    let lacking = list(wanted.difference(held).collect());
    match (extra.is_empty(), lacking.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("it has {extra} as well")),
        (true, false) => Some(format!("it lacks {lacking}")),
        (false, false) => Some(format!("it has {extra} and lacks {lacking}")),
    }
}

fn called(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::Password => "scram",
        Mechanism::ManagedCertificate | Mechanism::CustomerCertificate => "x509",
        Mechanism::AwsUser | Mechanism::AwsRole => "aws-iam",
        Mechanism::LdapUser | Mechanism::LdapGroup => "ldap",
        Mechanism::OidcUser | Mechanism::OidcGroup => "oidc",
    }
}

/// A word in labels or description by which an operator marks what is its own, and the field where it stands.
fn operator(user: &DatabaseUser) -> Option<(&'static str, &'static str)> {
    const WORDS: [&str; 4] = ["operator", "kubernetes", "k8s", "helm"];
    let says = |text: &str| {
        let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
        WORDS.into_iter().find(|known| words.iter().any(|word| word == known))
    };
    let labels = user.labels.as_deref().unwrap_or_default();
    let of_labels = labels.iter().flat_map(|label| [&label.key, &label.value]).flatten().find_map(|text| says(text));
    of_labels
        .map(|word| (word, "/labels"))
        .or_else(|| user.description.as_deref().and_then(says).map(|word| (word, "/description")))
}
