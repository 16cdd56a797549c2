//! What a predicate gets to see: a resource, where it stands, and when it was looked at.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::ops::Deref;

use jiff::Timestamp;

use crate::analysis::privileges::Privileges;
use crate::snapshot::cluster::Cluster;
use crate::snapshot::database_access::DatabaseUser;
use crate::snapshot::project::Project;
use crate::snapshot::values::Tag;
use crate::snapshot::{Listing, Organization, Ref, Section, Unavailable};

use super::declared::{Declared, Statement};
use super::environment::Environment;
use super::legs::Legs;

/// Keys and values of the tags that have both.
pub fn tag_pairs(tags: Option<&[Tag]>) -> impl Iterator<Item = (&str, &str)> {
    tags.unwrap_or_default().iter().filter_map(|tag| Some((tag.key.as_deref()?, tag.value.as_deref()?)))
}

/// An organization. Dereferences to it.
#[derive(Debug, Clone, Copy)]
pub struct OrganizationView<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// Its identity.
    pub at: &'a Ref,
    /// Its projects that are looked at, or why nobody knows them.
    pub projects: Listing<'a>,
    /// What its people say of it.
    pub declared: &'a Declared,
    /// When the snapshot was taken: the *now* of every rule.
    pub now: Timestamp,
}

impl OrganizationView<'_> {
    /// What is stated of the organization about a control.
    #[must_use]
    pub fn attested(&self, control: &str) -> Statement<'_> {
        self.declared.attested(control, None, self.now)
    }
}

impl Deref for OrganizationView<'_> {
    type Target = Organization;

    fn deref(&self) -> &Organization {
        self.organization
    }
}

/// Who resolves privileges. A trait, since a cell in a view would tie the lifetimes of all views together.
pub(super) trait Resolver: Debug {
    /// What the users of the project may do.
    fn privileges(&self) -> &Privileges<'_>;
}

/// Resolves the privileges of a project when it is first asked.
#[derive(Debug)]
pub(super) struct Lazily<'p> {
    project: &'p Project,
    now: Timestamp,
    privileges: OnceCell<Privileges<'p>>,
}

impl<'p> Lazily<'p> {
    pub(super) fn new(project: &'p Project, now: Timestamp) -> Self {
        Self { project, now, privileges: OnceCell::new() }
    }
}

impl Resolver for Lazily<'_> {
    fn privileges(&self) -> &Privileges<'_> {
        self.privileges.get_or_init(|| Privileges::of(self.project, self.now))
    }
}

/// A project, with the organization around it. Dereferences to the project.
#[derive(Debug, Clone, Copy)]
pub struct ProjectView<'a> {
    /// What it belongs to.
    pub organization: &'a Organization,
    /// The project.
    pub project: &'a Project,
    /// Its identity.
    pub at: &'a Ref,
    /// What the organization's people say of it.
    pub declared: &'a Declared,
    /// When the snapshot was taken.
    pub now: Timestamp,
    /// What it is for.
    pub environment: Environment,
    /// What the projects that are looked at are for, this one included, by their ids.
    pub environments: &'a BTreeMap<String, Environment>,
    /// Filled by the first rule that asks.
    pub(super) resolver: &'a (dyn Resolver + 'a),
}

impl Deref for ProjectView<'_> {
    type Target = Project;

    fn deref(&self) -> &Project {
        self.project
    }
}

impl<'a> ProjectView<'a> {
    /// What its users may do. Resolved once, whichever rules ask.
    #[must_use]
    pub fn privileges(&self) -> &'a Privileges<'a> {
        self.resolver.privileges()
    }

    /// What is stated of this project about a control.
    #[must_use]
    pub fn attested(&self, control: &str) -> Statement<'_> {
        self.declared.attested(control, Some((&self.project.id, self.project.name.as_deref())), self.now)
    }

    /// Identity of a resource in one of the project's sections.
    #[must_use]
    pub fn item(&self, section: Section, key: &str) -> Ref {
        self.at.child(section.slot()).child(key)
    }

    /// Identity of one of the project's sections.
    #[must_use]
    pub fn section(&self, section: Section) -> Ref {
        self.at.child(section.slot())
    }

    /// What a cluster of this project is for: its own tag, else what the project is for.
    #[must_use]
    pub fn environment_of(&self, cluster: &Cluster) -> Environment {
        Environment::of_tags(tag_pairs(cluster.tags.as_deref())).unwrap_or(self.environment)
    }
}

/// A cluster, with the project around it. Dereferences to the cluster.
#[derive(Debug, Clone, Copy)]
pub struct ClusterView<'a> {
    /// What it belongs to.
    pub project: &'a ProjectView<'a>,
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Its identity.
    pub at: &'a Ref,
    /// What it is for.
    pub environment: Environment,
}

impl Deref for ClusterView<'_> {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        self.cluster
    }
}

/// A database user, with the project around it. Dereferences to the user.
#[derive(Debug, Clone, Copy)]
pub struct UserView<'a> {
    /// What it belongs to.
    pub project: &'a ProjectView<'a>,
    /// The user.
    pub user: &'a DatabaseUser,
    /// Its identity.
    pub at: &'a Ref,
}

impl Deref for UserView<'_> {
    type Target = DatabaseUser;

    fn deref(&self) -> &DatabaseUser {
        self.user
    }
}

/// A project, with what other rules said of it and of the organization. Dereferences to the project's view.
#[derive(Debug, Clone, Copy)]
pub struct CombinationView<'a> {
    /// The project.
    pub project: &'a ProjectView<'a>,
    /// What the rules that this one builds on said.
    pub legs: Legs<'a>,
}

impl<'a> Deref for CombinationView<'a> {
    type Target = ProjectView<'a>;

    fn deref(&self) -> &ProjectView<'a> {
        self.project
    }
}

/// An organization, with what other rules said of it. Dereferences to the organization's view.
#[derive(Debug, Clone, Copy)]
pub struct OrganizationCombinationView<'a> {
    /// The organization.
    pub organization: &'a OrganizationView<'a>,
    /// What the rules that this one builds on said.
    pub legs: Legs<'a>,
}

impl<'a> Deref for OrganizationCombinationView<'a> {
    type Target = OrganizationView<'a>;

    fn deref(&self) -> &OrganizationView<'a> {
        self.organization
    }
}

/// The run itself, after everything else was judged.
#[derive(Debug)]
pub struct ScanView<'a> {
    /// The organization that was looked at.
    pub organization: &'a Organization,
    /// Its identity.
    pub at: &'a Ref,
    /// Verdicts other than unknown.
    pub judged: usize,
    /// Verdicts that are unknown.
    pub unknown: usize,
    /// Sections that the selected rules need and that could not be read, with the first reason for each.
    pub unread: &'a [(Section, Ref, Unavailable)],
    /// Sections that the selected rules need.
    pub needs: &'a BTreeSet<Section>,
    /// Whether a snapshot file was judged, and not Atlas itself.
    pub offline: bool,
}
