//! What a configuration can speak of, as far as a snapshot shows it: projects, users, databases, people, keys.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::snapshot::cluster::Cluster;
use crate::snapshot::database_access::{DatabaseUser, Mechanism};
use crate::snapshot::people::MembershipStatus;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Tag;
use crate::snapshot::{Organization, Project, Section};

/// Databases of MongoDB itself.
const SYSTEM: [&str; 3] = ["admin", "config", "local"];

/// An organization, with no more of it than a configuration names.
#[derive(Debug)]
pub struct Seen {
    /// The organization's name, or its id.
    pub organization: String,
    /// When it was looked at.
    pub taken: Timestamp,
    /// Whether the list of its projects could be read.
    pub all_projects: bool,
    /// Addresses of console users, if they could be read; not of those whose invitation came to nothing.
    pub people: Option<Vec<String>>,
    /// API keys and service accounts, if all of the organization's could be read.
    pub credentials: Option<Vec<SeenCredential>>,
    /// Its projects, as they came.
    pub projects: Vec<SeenProject>,
}

/// An API key or a service account.
#[derive(Debug, Clone)]
pub struct SeenCredential {
    /// Its description or name, public key, or client id: the best one first.
    pub names: Vec<String>,
    /// Its roles in the organization.
    pub roles: Vec<String>,
    /// Whether Atlas keeps it for itself.
    pub of_atlas: bool,
}

/// A project. What is `None` could not be read.
#[derive(Debug)]
pub struct SeenProject {
    /// 24 hexadecimal digits.
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// What people say of it.
    pub tags: Option<Vec<Tag>>,
    /// What people say of its clusters.
    pub cluster_tags: Option<Vec<Vec<Tag>>>,
    /// Where its clusters are.
    pub regions: Option<BTreeSet<String>>,
    /// Its database users.
    pub users: Option<Vec<SeenUser>>,
    /// Its access list, as Atlas shows it.
    pub entries: Option<Vec<String>>,
    /// Its own service accounts.
    pub credentials: Option<Vec<SeenCredential>>,
    /// Databases that roles name, but for MongoDB's own. Atlas has no list of those that exist.
    pub databases: BTreeSet<String>,
}

/// A database user.
#[derive(Debug)]
pub struct SeenUser {
    /// Its name.
    pub name: String,
    /// Where it logs in: `admin` or `$external`.
    pub logs_in_to: String,
    /// How, if Atlas says it.
    pub mechanism: Option<Mechanism>,
    /// What it is for.
    pub description: Option<String>,
    /// Databases that its roles name.
    pub databases: BTreeSet<String>,
}

impl Seen {
    /// What must be read for it.
    #[must_use]
    pub fn sections() -> BTreeSet<Section> {
        BTreeSet::from([
            Section::Projects,
            Section::OrganizationUsers,
            Section::ApiKeys,
            Section::ServiceAccounts,
            Section::ProjectServiceAccounts,
            Section::AccessList,
            Section::Clusters,
            Section::CustomRoles,
            Section::DatabaseUsers,
        ])
    }

    /// An organization without its projects.
    #[must_use]
    pub fn of(organization: &Organization, taken: Timestamp, all_projects: bool) -> Self {
        let gone = [Some(MembershipStatus::Expired), Some(MembershipStatus::Rejected)];
        let people = organization.users.known().ok().map(|users| {
            let here = users.iter().filter(|user| !gone.contains(&user.org_membership_status));
            here.filter_map(|user| user.username.clone()).collect()
        });
        let keys = organization.api_keys.known().ok().map(|keys| {
            keys.iter().map(|key| SeenCredential {
                names: key.desc.iter().chain(&key.public_key).cloned().collect(),
                // Those with a project belong to it.
                roles: (key.roles.iter().flatten())
                    .filter(|role| role.group_id.is_none())
                    .filter_map(|role| role.role_name.clone())
                    .collect(),
                of_atlas: false,
            })
        });
        let accounts = organization.service_accounts.known().ok().map(|accounts| {
            accounts.iter().map(|account| SeenCredential {
                names: account.name.iter().chain(&account.client_id).cloned().collect(),
                roles: account.roles.clone().unwrap_or_default(),
                of_atlas: account.is_system_managed == Some(true),
            })
        });
        Self {
            organization: organization.name.clone().unwrap_or_else(|| organization.id.clone()),
            taken,
            all_projects,
            people,
            credentials: keys.zip(accounts).map(|(keys, accounts)| keys.chain(accounts).collect()),
            projects: Vec::new(),
        }
    }

    /// One of its projects.
    pub fn project(&mut self, project: &Project) {
        let clusters = project.clusters.known().ok();
        let regions = clusters.map(|clusters| {
            let regions = clusters.iter().filter_map(Cluster::regions).flatten();
            regions.map(|used| used.region).collect()
        });
        let users = project.database_users.known().ok().map(|users| users.iter().map(SeenUser::of).collect::<Vec<_>>());
        let roles = project.custom_roles.known().ok().into_iter().flatten();
        let resources = roles
            .flat_map(|role| role.actions.iter().flatten())
            .flat_map(|action| action.resources.iter().flatten())
            .filter_map(|resource| resource.db.clone());
        let databases = users
            .iter()
            .flatten()
            .flat_map(|user| user.databases.iter().cloned())
            .chain(resources.filter(|database| is_own(database)));
        let credentials = project.service_accounts.known().ok().map(|accounts| {
            let accounts = accounts.iter().map(|account| SeenCredential {
                names: account.name.iter().chain(&account.client_id).cloned().collect(),
                roles: Vec::new(),
                of_atlas: account.is_system_managed == Some(true),
            });
            accounts.collect()
        });
        self.projects.push(SeenProject {
            id: project.id.clone(),
            name: project.name.clone(),
            tags: project.tags.clone(),
            cluster_tags: clusters.map(|all| all.iter().map(|one| one.tags.clone().unwrap_or_default()).collect()),
            regions,
            databases: databases.collect(),
            users,
            entries: project.access_list.known().ok().map(|entries| entries.iter().map(Node::key).collect()),
            credentials,
        });
    }
}

fn is_own(database: &str) -> bool {
    !database.is_empty() && !SYSTEM.contains(&database)
}

impl SeenUser {
    fn of(user: &DatabaseUser) -> Self {
        let roles = user.roles.iter().flatten();
        Self {
            name: user.username.clone().unwrap_or_default(),
            logs_in_to: user.database_name.clone().unwrap_or_default(),
            mechanism: user.mechanism(),
            description: user.description.clone().filter(|text| !text.trim().is_empty()),
            databases: roles
                .filter_map(|role| role.database_name.clone())
                .filter(|database| is_own(database))
                .collect(),
        }
    }
}

impl SeenProject {
    /// Its name, or its id.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}
