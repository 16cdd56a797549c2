//! All grants of a user or a role, each with the way to it, and sums over them.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, ActionSet, Level};
use super::closure::{Doubt, Remark, RoleId, Roles};
use super::pattern::Pattern;

/// Actions on something, that one role on the way allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<'a> {
    /// What is allowed.
    pub actions: ActionSet,
    /// On what.
    pub on: Pattern<'a>,
    /// The names of the roles that lead there, the granted one first: a shortest such way.
    pub path: Vec<&'a str>,
    /// Its place among the user's roles.
    pub granted: usize,
    /// False where the actions do nothing on such a resource: a grant without effect.
    pub effective: bool,
    /// False where the server's own table has it and Atlas does not say whether it holds there too.
    pub confirmed: bool,
}

/// Everything that somebody is granted, whatever the scopes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved<'a> {
    /// The grants, those of the nearest roles first.
    pub grants: Vec<Grant<'a>>,
    /// What cannot be decided: there may be more.
    pub doubts: Vec<Doubt<'a>>,
    /// What is odd about roles on the way, and changes nothing.
    pub remarks: Vec<(Vec<&'a str>, Remark)>,
}

/// Which databases somebody can write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Writes<'a> {
    /// Every database but `config` and `local`.
    pub all: bool,
    /// Databases by name. None: all of it; else the collections.
    pub databases: BTreeMap<&'a str, Option<BTreeSet<&'a str>>>,
    /// Collections by name, in every database.
    pub everywhere: BTreeSet<&'a str>,
}

impl<'a> Resolved<'a> {
    pub(super) fn add(&mut self, roles: &Roles<'a>, id: RoleId, granted: usize) {
        for (index, step) in roles.closure(id).iter().enumerate() {
            let role = roles.get(step.role);
            let path = roles.path(id, index);
            for privilege in &role.privileges {
                self.grants.push(Grant {
                    actions: privilege.actions,
                    on: privilege.on,
                    path: path.clone(),
                    granted,
                    effective: privilege.effective,
                    confirmed: privilege.confirmed,
                });
            }
            self.doubts.extend(role.causes.iter().map(|cause| Doubt { path: path.clone(), cause: cause.clone() }));
            self.remarks.extend(role.remark.map(|remark| (path, remark)));
        }
    }

    /// Grants that have an effect.
    pub fn effective(&self) -> impl Iterator<Item = &Grant<'a>> {
        self.grants.iter().filter(|grant| grant.effective)
    }

    /// Grants that have none: actions on a resource on which they do nothing.
    pub fn without_effect(&self) -> impl Iterator<Item = &Grant<'a>> {
        self.grants.iter().filter(|grant| !grant.effective)
    }

    /// Effective grants that cover anything of a database, however little. Actions of clusters, federated databases and
    /// workspaces are not on a database, whatever they were granted on.
    pub fn touching<'s>(&'s self, database: &'s str) -> impl Iterator<Item = &'s Grant<'a>> {
        let on_databases =
            |action: Action| matches!(action.level(), Level::Collection | Level::Database | Level::CollectionOrCluster);
        self.effective().filter(move |grant| grant.on.touches(database) && grant.actions.iter().any(on_databases))
    }

    /// Where documents can be inserted, changed or removed.
    #[must_use]
    pub fn writes(&self) -> Writes<'a> {
        self.with(ActionSet::of(&[Action::Insert, Action::Update, Action::Remove]))
    }

    /// Where any of these actions is allowed.
    #[must_use]
    pub fn with(&self, actions: ActionSet) -> Writes<'a> {
        let mut writes = Writes::default();
        for grant in self.effective().filter(|grant| !grant.actions.intersection(actions).is_empty()) {
            match grant.on {
                Pattern::Anything => {
                    writes.all = true;
                    writes.databases.extend(["config", "local"].map(|database| (database, None)));
                }
                Pattern::AllOrdinary => writes.all = true,
                Pattern::Database(database) => {
                    writes.databases.insert(database, None);
                }
                Pattern::Collection(database, collection) => {
                    let known = writes.databases.entry(database).or_insert_with(|| Some(BTreeSet::new()));
                    if let Some(collections) = known {
                        collections.insert(collection);
                    }
                }
                Pattern::Everywhere(collection) => {
                    writes.everywhere.insert(collection);
                }
                Pattern::Buckets | Pattern::Cluster | Pattern::Workspaces => {}
            }
        }
        writes
    }

    /// The actions on stream workspaces. Where they hold, the user's [`super::Reach`] says.
    #[must_use]
    pub fn stream_actions(&self) -> ActionSet {
        let all = self.effective().flat_map(|grant| grant.actions.iter());
        all.filter(|action| action.level() == Level::Workspace).collect()
    }
}

/// Whether stream actions are enough to run a pipeline of one's own with the roles of a workspace's connections.
#[must_use]
pub fn runs_pipelines(actions: ActionSet) -> bool {
    actions.contains(Action::ProcessStreamProcessor)
        || (actions.contains(Action::StartStreamProcessor)
            && (actions.contains(Action::CreateStreamProcessor) || actions.contains(Action::ModifyStreamProcessor)))
}
