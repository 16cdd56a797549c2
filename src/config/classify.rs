//! What each project, user and database counts as, and why: the same declarations that rules go by, told in words.

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::declared::{Declared, names_project};
use crate::engine::environment::Environment;
use crate::engine::view::tag_pairs;
use crate::snapshot::database_access::Mechanism;

use super::seen::{SeenProject, SeenUser};

/// Something, and why it is taken for that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken<T> {
    /// What it counts as.
    #[serde(rename = "as")]
    pub class: T,
    /// Why.
    pub because: String,
}

impl<T> Taken<T> {
    fn new(class: T, because: impl Into<String>) -> Self {
        Self { class, because: because.into() }
    }
}

/// What a database user can be declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the tables of a configuration")]
pub enum UserClass {
    Protected,
    BreakGlass,
    Tenant,
    Application,
    Person,
    Unknown,
}

impl UserClass {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::BreakGlass => "break-glass",
            Self::Tenant => "tenant",
            Self::Application => "application",
            Self::Person => "person",
            Self::Unknown => "unknown",
        }
    }
}

/// What a database can be declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the tables of a configuration")]
pub enum DatabaseClass {
    Protected,
    Tenant,
    Sensitive,
    Undeclared,
}

impl DatabaseClass {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Tenant => "tenant",
            Self::Sensitive => "sensitive",
            Self::Undeclared => "undeclared",
        }
    }
}

/// What a project is for.
pub(super) fn environment(declared: &Declared, project: &SeenProject) -> Taken<Environment> {
    let (id, name, tags) = (&project.id, project.name.as_deref(), project.tags.as_deref());
    // The answer is the one that rules get; only the reason is looked for again.
    let environment = declared.environment(id, name, tags);
    let mut pairs = tag_pairs(tags);
    if let Some(pattern) = declared.environment_pattern(id, name) {
        Taken::new(environment, format!("declared: `{}`", pattern.as_str()))
    } else if let Some((key, value)) = pairs.find(|pair| Environment::of_tags([*pair]) == Some(environment)) {
        Taken::new(environment, format!("tag `{key}: {value}`"))
    } else if name.is_some_and(|name| Environment::of_name(name) == Some(environment)) {
        Taken::new(environment, "its name")
    } else {
        Taken::new(environment, "nothing says what it is for")
    }
}

/// What a user counts as: everything that is declared of it, or unknown.
pub(super) fn user(
    declared: &Declared,
    project: &SeenProject,
    user: &SeenUser,
    now: Timestamp,
) -> Vec<Taken<UserClass>> {
    let here = |patterns: &[_]| patterns.is_empty() || names_project(patterns, &project.id, project.name.as_deref());
    let mut found = Vec::new();
    for declared in &declared.protected_users {
        if declared.user == user.name && declared.database == user.logs_in_to && here(&declared.projects) {
            found.push(Taken::new(UserClass::Protected, format!("declared with {}", declared.roles.join(", "))));
        }
    }
    for declared in declared.break_glass.iter().filter(|declared| declared.user == user.name) {
        let until = if declared.until.is_over(now) { "it was, until" } else { "until" };
        let because = format!("{until} {}, by {}", declared.until, declared.owner);
        found.push(Taken::new(UserClass::BreakGlass, because));
    }
    if let Some((tenant, tenancy)) = declared.tenancy(&user.name) {
        let database = tenancy.database.map_or_else(|| "no database".to_owned(), |name| format!("`{name}`"));
        let is_live = tenancy.capture.and_then(|capture| tenant.is_live(&capture)).unwrap_or(true);
        let gone = if is_live { "" } else { ", not among the live ones" };
        let because = format!("`{}`: its database is {database}{gone}", tenant.user_pattern.as_str());
        found.push(Taken::new(UserClass::Tenant, because));
    }
    for application in &declared.applications {
        if application.users.contains(&user.name) && here(&application.projects) {
            found.push(Taken::new(UserClass::Application, application.name.clone()));
        }
    }
    for person in &declared.people {
        if person.database_users.contains(&user.name) || person.email.eq_ignore_ascii_case(&user.name) {
            found.push(Taken::new(UserClass::Person, person.name.as_ref().unwrap_or(&person.email)));
        }
    }
    if found.is_empty() {
        let hint = match user.mechanism {
            Some(Mechanism::OidcGroup | Mechanism::LdapGroup) => "; it logs in as a group of people",
            Some(Mechanism::OidcUser | Mechanism::AwsRole) => "; it logs in as a workload",
            _ => "",
        };
        found.push(Taken::new(UserClass::Unknown, format!("nothing is declared of it{hint}")));
    }
    found
}

/// What a database counts as.
pub(super) fn database(declared: &Declared, project: &SeenProject, database: &str) -> Vec<Taken<DatabaseClass>> {
    let mut found = Vec::new();
    if let Some(users) = declared.protected_databases.get(database) {
        let users = if users.is_empty() { "nobody".to_owned() } else { users.join(", ") };
        found.push(Taken::new(DatabaseClass::Protected, format!("only for {users}")));
    }
    let users = project.users.iter().flatten();
    let own = |user: &&SeenUser| {
        declared.tenancy(&user.name).is_some_and(|(_, tenancy)| tenancy.database.as_deref() == Some(database))
    };
    if let Some(owner) = users.filter(own).map(|user| user.name.as_str()).next() {
        found.push(Taken::new(DatabaseClass::Tenant, format!("that of {owner}")));
    }
    let fields = declared.sensitive_fields.iter().filter(|(namespace, _)| {
        namespace.split_once('.').map_or(namespace.as_str(), |(database, _)| database) == database
    });
    for (namespace, fields) in fields {
        found.push(Taken::new(DatabaseClass::Sensitive, format!("{namespace}: {}", fields.join(", "))));
    }
    if found.is_empty() {
        found.push(Taken::new(DatabaseClass::Undeclared, "nothing is declared of it"));
    }
    found
}
