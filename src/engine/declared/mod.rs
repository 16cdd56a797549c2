//! What no API can tell, as the organization declares it in its `atlas-audit.toml`: who is who, what is what, and what
//! somebody answers for. The engine hands it to every predicate; reading the file is not its business.

mod attestation;
pub mod logins;
mod pattern;
pub mod review;
mod tenant;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::day::Day;
use super::environment::Environment;
use super::view::tag_pairs;
use crate::snapshot::values::Tag;

pub use attestation::{Attestation, Statement};
pub use logins::EarlierLogins;
pub use pattern::{NamePattern, Pattern};
pub use review::{Decided, Decision, Record};
pub use tenant::Tenancy;

/// Everything that is declared. Nothing is by default.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Declared {
    /// Mail domains that are the organization's own.
    pub domains: Vec<String>,
    /// What projects are for, where neither tag nor name says so.
    pub environments: Environments,
    /// Who works here.
    pub people: Vec<Person>,
    /// Console users from elsewhere who may be here.
    pub external_users: Vec<ExternalUser>,
    /// What logs in by itself.
    pub applications: Vec<Application>,
    /// Users kept for emergencies, who may do what others may not.
    pub break_glass: Vec<BreakGlass>,
    /// Entries of access lists that somebody answers for.
    pub access_list: Vec<KnownRange>,
    /// Tenants that share a cluster, each with a database of its own.
    pub tenants: Vec<Tenant>,
    /// Databases, and the only database users that may touch each. `shop` is meant in every project, `payments/shop`
    /// in the project of that name or id.
    pub protected_databases: BTreeMap<String, Vec<String>>,
    /// Database users that must be exactly so.
    pub protected_users: Vec<ProtectedUser>,
    /// API keys and service accounts that must be exactly so.
    pub automation: Vec<Automation>,
    /// Fields that must be encrypted by the client: paths by namespace (`shop.customers`).
    pub sensitive_fields: BTreeMap<String, Vec<String>>,
    /// Which fields collections have encrypted by the client, as somebody saw.
    pub field_encryption: Vec<FieldEncryption>,
    /// Where data may live.
    pub residency: Vec<Residency>,
    /// What people state, until when.
    pub attestations: Vec<Attestation>,
    /// Files that `review record` wrote, relative to the configuration: what was decided about each entry.
    pub reviews: Vec<String>,
    /// What is in these files, the oldest first.
    #[serde(skip)]
    pub recorded: Vec<Record>,
    /// What earlier scans saw of logins, as a history keeps it.
    #[serde(skip)]
    pub logins: EarlierLogins,
}

/// `[environments]`: patterns of project names or ids. They outrank tags and names.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the four environments")]
pub struct Environments {
    pub production: Vec<Pattern>,
    pub staging: Vec<Pattern>,
    pub test: Vec<Pattern>,
    pub development: Vec<Pattern>,
}

/// Somebody who works here.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The address of the Atlas account.
    pub email: String,
    /// As people call them.
    pub name: Option<String>,
    /// Database users of theirs.
    #[serde(default)]
    pub database_users: Vec<String>,
}

/// A console user from elsewhere.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalUser {
    /// The address of the Atlas account.
    pub email: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts.
    pub until: Day,
}

/// Something that logs in by itself.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// As people call it.
    pub name: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its database users.
    pub users: Vec<String>,
    /// Projects in which they are; all if empty.
    #[serde(default)]
    pub projects: Vec<Pattern>,
    /// Whether it may copy data out of Atlas (`$out` to a bucket, snapshot exports).
    #[serde(default)]
    pub exports: bool,
}

/// A user kept for emergencies: of a database, or of the console.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    /// Name of the database user, or address of the console user.
    pub user: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts.
    pub until: Day,
}

/// An entry of an access list that somebody answers for.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownRange {
    /// As Atlas shows it: a range, an address or a security group.
    pub entry: String,
    /// Who answers for it.
    pub owner: String,
    /// What it is for.
    pub reason: Option<String>,
    /// The last day before somebody has to look again.
    pub review_by: Day,
    /// Projects in which it counts; all if empty.
    #[serde(default)]
    pub projects: Vec<Pattern>,
}

/// Tenants: database users whose name tells which database is theirs.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// A regular expression over whole user names, with one capture: `app_pr_(\d+)`.
    pub user_pattern: NamePattern,
    /// The database of such a user: `app_pr_$1`.
    pub database: String,
    /// The only role that it may have.
    #[serde(default = "read_write")]
    pub role: String,
    /// Captures of the tenants that exist; unknown if not given.
    pub live: Option<Vec<String>>,
}

fn read_write() -> String {
    "readWrite".to_owned()
}

/// A database user that must be exactly so.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProtectedUser {
    /// Its name.
    pub user: String,
    /// Where it logs in: `admin` or `$external`.
    #[serde(default = "admin")]
    pub database: String,
    /// Projects in which it must be. If empty it is judged wherever it is found, and nobody can tell whether it is
    /// missing.
    #[serde(default)]
    pub projects: Vec<Pattern>,
    /// Its roles: `readWrite@shop`, `readWrite@shop.orders`, or the name of a custom role.
    pub roles: Vec<String>,
    /// Names of the clusters, federated databases and workspaces to which it is limited; all if empty.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// How it logs in: `scram`, `x509`, `aws-iam`, `oidc`, `ldap`; not judged if not given.
    pub authentication: Option<String>,
}

fn admin() -> String {
    "admin".to_owned()
}

/// An API key or service account that must be exactly so.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Automation {
    /// Its description or name, public key, or client id.
    pub credential: String,
    /// Its roles in the organization.
    #[serde(default)]
    pub organization_roles: Vec<String>,
    /// Its roles in the projects below.
    #[serde(default)]
    pub project_roles: Vec<String>,
    /// Names or ids of the projects in which it has them.
    #[serde(default)]
    pub projects: Vec<String>,
}

/// What `listCollections` showed of a collection on a day: its `encryptedFields`, or the `encrypt` of its schema.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldEncryption {
    /// `shop.customers`.
    pub namespace: String,
    /// On which cluster, where several have it.
    pub cluster: Option<String>,
    /// When somebody looked.
    pub taken: Day,
    /// The paths that were encrypted. A path stands for all below it.
    pub fields: Vec<String>,
}

/// Where the data of some projects may live.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Residency {
    /// A word that tags of a project or cluster say, such as `gdpr`.
    pub tag: Option<String>,
    /// Patterns of project names or ids.
    #[serde(default)]
    pub projects: Vec<Pattern>,
    /// Regions as Atlas or the provider spells them: `EU_WEST_1`, `eu-central-1`, `WESTERN_EUROPE`.
    pub regions: Vec<String>,
    /// Geographies for what has no region: `eu`.
    #[serde(default)]
    pub geographies: Vec<String>,
}

impl Declared {
    /// What a project is for: as declared, else as its tags say, else its name, else production.
    #[must_use]
    pub fn environment(&self, id: &str, name: Option<&str>, tags: Option<&[Tag]>) -> Environment {
        self.declared_environment(id, name)
            .map_or_else(|| Environment::decide(tag_pairs(tags), name.unwrap_or_default()), |(_, found)| found)
    }

    /// The pattern that says what a project is for.
    #[must_use]
    pub fn environment_pattern(&self, id: &str, name: Option<&str>) -> Option<&Pattern> {
        self.declared_environment(id, name).map(|(pattern, _)| pattern)
    }

    fn declared_environment(&self, id: &str, name: Option<&str>) -> Option<(&Pattern, Environment)> {
        let Environments { production, staging, test, development } = &self.environments;
        let declared = [
            (production, Environment::Production),
            (staging, Environment::Staging),
            (test, Environment::Test),
            (development, Environment::Development),
        ];
        declared.into_iter().find_map(|(patterns, environment)| {
            let named = patterns.iter().find(|pattern| names_project(std::slice::from_ref(pattern), id, name));
            named.map(|pattern| (pattern, environment))
        })
    }
}

/// Whether any of the patterns names the project.
#[must_use]
pub fn names_project(patterns: &[Pattern], id: &str, name: Option<&str>) -> bool {
    patterns.iter().any(|pattern| pattern.matches(id) || name.is_some_and(|name| pattern.matches(name)))
}
