//! What decides a rule: a small typed function, with its parameters bound.

use serde::de::DeserializeOwned;

use super::verdict::Judgement;
use super::view::{
    ClusterView, CombinationView, OrganizationCombinationView, OrganizationView, ProjectView, ScanView, UserView,
};

/// A function of one kind of view. A rule may have several, for several kinds.
#[expect(missing_docs, reason = "one variant per view")]
pub enum Predicate {
    Organization(Box<dyn Fn(&OrganizationView<'_>) -> Judgement + Send + Sync>),
    Project(Box<dyn Fn(&ProjectView<'_>) -> Judgement + Send + Sync>),
    Cluster(Box<dyn Fn(&ClusterView<'_>) -> Judgement + Send + Sync>),
    DatabaseUser(Box<dyn Fn(&UserView<'_>) -> Judgement + Send + Sync>),
    Combination(Box<dyn Fn(&CombinationView<'_>) -> Judgement + Send + Sync>),
    OrganizationCombination(Box<dyn Fn(&OrganizationCombinationView<'_>) -> Judgement + Send + Sync>),
    Scan(Box<dyn Fn(&ScanView<'_>) -> Judgement + Send + Sync>),
}

impl Predicate {
    /// Whether there is nothing for it to judge where no project is known.
    #[must_use]
    pub fn is_about_projects(&self) -> bool {
        matches!(self, Self::Project(_) | Self::Cluster(_) | Self::DatabaseUser(_) | Self::Combination(_))
    }
}

/// A rule without parameters.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// Why parameters do not fit.
/// It knows the path to what does not.
pub type BadParameters = serde_path_to_error::Error<toml::de::Error>;

macro_rules! kind {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $view:ident) => {
        $(#[$doc])*
        pub fn $name<P: DeserializeOwned + Send + Sync + 'static>(
            decide: fn(&$view<'_>, &P) -> Judgement,
        ) -> impl Fn(&toml::Table) -> Result<Predicate, BadParameters> {
            move |table| {
                let parameters: P = serde_path_to_error::deserialize(table.clone())?;
                Ok(Predicate::$variant(Box::new(move |view| decide(view, &parameters))))
            }
        }
    };
}

kind! {
    /// A predicate over the organization.
    organization, Organization, OrganizationView
}
kind! {
    /// A predicate over each project.
    project, Project, ProjectView
}
kind! {
    /// A predicate over each cluster of each project.
    cluster, Cluster, ClusterView
}
kind! {
    /// A predicate over each database user of each project.
    database_user, DatabaseUser, UserView
}
kind! {
    /// A predicate over each project and what other rules said of it: those that its text builds on.
    combination, Combination, CombinationView
}
kind! {
    /// A predicate over the organization and what other rules said of it.
    organization_combination, OrganizationCombination, OrganizationCombinationView
}
kind! {
    /// A predicate over the run itself.
    scan, Scan, ScanView
}
