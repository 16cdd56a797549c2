//! Where a user may use its privileges: the clusters, federated databases and stream workspaces that its scopes let it
//! into. Scopes never add a privilege; without any, it is let in everywhere, and into what is yet to come.

use std::collections::BTreeSet;
use std::fmt;

use crate::snapshot::cluster::ClusterState;
use crate::snapshot::database_access::{ScopeType, UserScope};
use crate::snapshot::project::Project;
use crate::snapshot::{Reason, Unavailable};

/// Kinds of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    /// A cluster of any tier.
    Cluster,
    /// A federated database.
    FederatedDatabase,
    /// A stream workspace.
    Workspace,
}

impl PlaceKind {
    /// As reports call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::FederatedDatabase => "federated database",
            Self::Workspace => "stream workspace",
        }
    }
}

/// Something to log in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place<'a> {
    /// What it is.
    pub kind: PlaceKind,
    /// Its name. Names are exact.
    pub name: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PlaceKind::Cluster => f.write_str(self.name),
            kind => write!(f, "{} {}", kind.name(), self.name),
        }
    }
}

/// What a project has to log in to, as far as it could be read.
#[derive(Debug, Default)]
pub struct Places<'a> {
    /// All that is known, sorted.
    pub known: BTreeSet<Place<'a>>,
    /// Kinds of which there may be more, and why.
    pub unread: Vec<(PlaceKind, &'a Unavailable)>,
}

impl<'a> Places<'a> {
    /// The places of a project. What is being deleted is none.
    #[must_use]
    pub fn of(project: &'a Project) -> Self {
        let mut places = Self::default();
        match project.clusters.known() {
            Ok(clusters) => {
                let live = clusters
                    .iter()
                    .filter(|cluster| cluster.is_internal() != Some(true) && cluster.is_deleted() != Some(true));
                places.add(PlaceKind::Cluster, live.map(|cluster| cluster.name.as_deref()));
            }
            Err(why) => places.miss(PlaceKind::Cluster, why),
        }
        match project.flex_clusters.known() {
            Ok(clusters) => {
                let live = clusters.iter().filter(|cluster| cluster.state_name != Some(ClusterState::Deleted));
                places.add(PlaceKind::Cluster, live.map(|cluster| cluster.name.as_deref()));
            }
            Err(why) => places.miss(PlaceKind::Cluster, why),
        }
        match project.serverless_instances.known() {
            Ok(instances) => places.add(PlaceKind::Cluster, instances.iter().map(|one| one.name.as_deref())),
            Err(why) => places.miss(PlaceKind::Cluster, why),
        }
        match project.federated_databases.known() {
            Ok(databases) => {
                places.add(PlaceKind::FederatedDatabase, databases.iter().map(|one| one.name.as_deref()));
            }
            Err(why) => places.miss(PlaceKind::FederatedDatabase, why),
        }
        match project.stream_workspaces.known() {
            Ok(workspaces) => places.add(PlaceKind::Workspace, workspaces.iter().map(|one| one.name.as_deref())),
            Err(why) => places.miss(PlaceKind::Workspace, why),
        }
        places
    }

    fn add(&mut self, kind: PlaceKind, names: impl Iterator<Item = Option<&'a str>>) {
        self.known.extend(names.flatten().map(|name| Place { kind, name }));
    }

    /// Where Atlas offers no such thing, there is none.
    fn miss(&mut self, kind: PlaceKind, why: &'a Unavailable) {
        if why.reason != Reason::Unsupported {
            self.unread.push((kind, why));
        }
    }

    /// Why there may be more places of a kind than are known.
    #[must_use]
    pub fn unread(&self, kind: PlaceKind) -> Option<&'a Unavailable> {
        self.unread.iter().find(|(unread, _)| *unread == kind).map(|(_, why)| *why)
    }
}

/// Where one user is let in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach<'a> {
    /// The places that its scopes name; none is everywhere.
    scopes: Option<BTreeSet<Place<'a>>>,
    /// Scopes that cannot be understood.
    unclear: Vec<String>,
}

impl<'a> Reach<'a> {
    pub(super) fn of(scopes: Option<&'a [UserScope]>) -> Self {
        let scopes = scopes.unwrap_or_default();
        if scopes.is_empty() {
            return Self::default();
        }
        let mut named = BTreeSet::new();
        let mut unclear = Vec::new();
        for scope in scopes {
            let kind = match &scope.kind {
                Some(ScopeType::Cluster) => Some(PlaceKind::Cluster),
                Some(ScopeType::DataLake) => Some(PlaceKind::FederatedDatabase),
                Some(ScopeType::Stream) => Some(PlaceKind::Workspace),
                Some(ScopeType::Other(_)) | None => None,
            };
            match (kind, scope.name.as_deref()) {
                (Some(kind), Some(name)) => {
                    named.insert(Place { kind, name });
                }
                (_, name) => {
                    let kind = scope.kind.as_ref().map_or("of no kind", ScopeType::as_str);
                    unclear.push(format!("the scope {} ({kind}) is not understood", name.unwrap_or("without a name")));
                }
            }
        }
        Self { scopes: Some(named), unclear }
    }

    /// Whether nothing confines the user.
    #[must_use]
    pub fn everywhere(&self) -> bool {
        self.scopes.is_none()
    }

    /// The places that are named; empty if nothing confines the user.
    pub fn named(&self) -> impl Iterator<Item = Place<'a>> {
        self.scopes.iter().flatten().copied()
    }

    /// What was not understood of the scopes.
    #[must_use]
    pub fn unclear(&self) -> &[String] {
        &self.unclear
    }

    /// Why it may be let in at more places of these kinds than are known: scopes that were not understood, and those that
    /// name something of a list that was not read.
    pub(super) fn untold(&self, places: &Places<'a>, kinds: &[PlaceKind]) -> Vec<String> {
        let named = self.named().filter(|place| kinds.contains(&place.kind));
        let unread = named.filter_map(|place| {
            let why = places.unread(place.kind)?;
            Some(format!("whether the {} {} exists: {why}", place.kind.name(), place.name))
        });
        self.unclear.iter().cloned().chain(unread).collect()
    }

    /// Whether the user is let in there; nothing if that cannot be told.
    #[must_use]
    pub fn lets_in(&self, place: Place<'_>) -> Option<bool> {
        match &self.scopes {
            None => Some(true),
            Some(scopes) if scopes.contains(&place) => Some(true),
            Some(_) => self.unclear.is_empty().then_some(false),
        }
    }

    /// Scopes that name nothing that exists. Whatever is made under such a name lets the user in at once.
    pub fn dangling<'p>(&'p self, places: &'p Places<'a>) -> impl Iterator<Item = Place<'a>> + 'p {
        self.named().filter(|place| places.unread(place.kind).is_none() && !places.known.contains(place))
    }

    /// The known places of these kinds where the user is let in.
    #[must_use]
    pub fn within(&self, places: &Places<'a>, kinds: &[PlaceKind]) -> Vec<Place<'a>> {
        let known = places.known.iter().filter(|place| kinds.contains(&place.kind));
        known.filter(|place| self.lets_in(**place) == Some(true)).copied().collect()
    }
}
