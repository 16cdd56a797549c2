//! Ways to data and power that no grant on the namespace itself shows: logs of writes and queries, stream processors that
//! act with somebody else's role, federated databases.

use crate::snapshot::Unavailable;
use crate::snapshot::project::Project;
use crate::snapshot::streams::{ConnectionType, StreamProcessor, StreamWorkspace};

use super::Privileges;
use super::action::{Action, ActionSet};
use super::answer::{Answer, Direct, Undecided};
use super::closure::{Doubt, RoleId, RoleKind, Roles};
use super::finder::{Finder, Way};
use super::pattern::Target;
use super::place::{Place, PlaceKind};
use super::question::{Namespace, Question, Verb};
use super::resolved::runs_pipelines;
use super::user::User;

/// Kinds of indirect ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndirectKind {
    /// The replica set's log of recent writes.
    Oplog,
    /// The profiler's collection of a database.
    Profiler,
    /// Operations of others, running or logged, with their values.
    QueryValues,
    /// The stored users and roles can be read.
    StoredUsers,
    /// The stored users and roles can be changed.
    UserDocuments,
    /// Operations can be written as if replicated.
    ApplyOps,
    /// A stream processor of one's own, which acts as the connection's role.
    StreamProcessor,
    /// Documents on their way through somebody's stream processor.
    StreamSample,
    /// A federated database can be pointed at other data.
    FederationRemap,
    /// Results of a federated database can be written to a bucket.
    FederationExport,
}

impl IndirectKind {
    /// As machines read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oplog => "oplog",
            Self::Profiler => "profiler",
            Self::QueryValues => "query-values",
            Self::StoredUsers => "stored-users",
            Self::UserDocuments => "user-documents",
            Self::ApplyOps => "apply-ops",
            Self::StreamProcessor => "stream-processor",
            Self::StreamSample => "stream-sample",
            Self::FederationRemap => "federation-remap",
            Self::FederationExport => "federation-export",
        }
    }

    /// What it gives, for people.
    #[must_use]
    pub const fn gives(self) -> &'static str {
        match self {
            Self::Oplog => "recent writes of every database, from local.oplog.rs",
            Self::Profiler => "values of profiled operations, from system.profile",
            Self::QueryValues => "values in operations of other users",
            Self::StoredUsers => "the stored users and roles, if Atlas lets it see them",
            Self::UserDocuments => {
                "users and roles rewritten by hand: full control, unless Atlas undoes it as it says it does"
            }
            Self::ApplyOps => "operations applied as if replicated, if Atlas grants that as the server does",
            Self::StreamProcessor => "whatever the connection's role may do, by a stream processor",
            Self::StreamSample => "documents on their way through stream processors",
            Self::FederationRemap => "a federated database pointed at other clusters and buckets",
            Self::FederationExport => "results copied to a bucket outside the organization",
        }
    }

    /// Whether it is beyond doubt that it works, where it is granted.
    const fn is_certain(self) -> bool {
        !matches!(self, Self::StoredUsers | Self::UserDocuments | Self::ApplyOps | Self::FederationRemap)
    }
}

/// Through what an indirect way leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via<'a> {
    /// The workspace or federated database.
    pub place: Place<'a>,
    /// The workspace's connection.
    pub connection: Option<&'a str>,
    /// The cluster at its other end.
    pub cluster: Option<&'a str>,
    /// The project of that cluster, if it is another.
    pub project: Option<&'a str>,
    /// As what processors act there.
    pub role: Option<&'a str>,
    /// What answers the question among the things that the role allows.
    pub allows: Vec<Way<'a>>,
}

/// An indirect way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indirect<'a> {
    /// Which kind.
    pub kind: IndirectKind,
    /// The user's own privileges that open it.
    pub ways: Vec<Way<'a>>,
    /// Through what, if it leaves the cluster.
    pub via: Option<Via<'a>>,
    /// False where it depends on what Atlas does not say.
    pub certain: bool,
}

impl<'a> Indirect<'a> {
    pub(super) fn new(kind: IndirectKind, ways: Vec<Way<'a>>) -> Self {
        let certain = kind.is_certain() && ways.iter().any(|way| way.confirmed);
        Self { kind, ways, via: None, certain }
    }

    pub(super) fn via(mut self, via: Via<'a>) -> Self {
        self.via = Some(via);
        self
    }
}

/// A workspace, as far as it leads to clusters.
#[derive(Debug)]
pub(super) struct Workspace<'a> {
    pub(super) name: &'a str,
    pub(super) connections: Result<Vec<Connection<'a>>, &'a Unavailable>,
    processors: Result<&'a [StreamProcessor], &'a Unavailable>,
}

/// A connection of a workspace to a cluster.
#[derive(Debug)]
pub(super) struct Connection<'a> {
    pub(super) name: &'a str,
    pub(super) cluster: Option<&'a str>,
    /// Another project's cluster.
    pub(super) project: Option<&'a str>,
    pub(super) role_name: Option<&'a str>,
    pub(super) role: Option<RoleId>,
}

pub(super) fn workspaces<'a>(project: &'a Project, roles: &mut Roles<'a>) -> Vec<Workspace<'a>> {
    let listed = project.stream_workspaces.known().map_or(&[][..], Vec::as_slice);
    let one = |workspace: &'a StreamWorkspace| {
        let connections = workspace.connections.known().map(|connections| {
            let to_clusters = connections.iter().filter(|one| one.kind == Some(ConnectionType::Cluster));
            to_clusters
                .map(|one| {
                    let role_name = one.db_role_to_execute.as_ref().and_then(|role| role.role.as_deref());
                    let other = one.cluster_group_id.as_deref().filter(|id| !id.is_empty() && *id != project.id);
                    Connection {
                        name: one.name.as_deref().unwrap_or_default(),
                        cluster: one.cluster_name.as_deref(),
                        project: other,
                        role_name,
                        role: role_name.map(|name| roles.mention(name, None, None)),
                    }
                })
                .collect()
        });
        let processors = workspace.processors.known().map(Vec::as_slice);
        Workspace { name: workspace.name.as_deref().unwrap_or_default(), connections, processors }
    };
    listed.iter().map(one).collect()
}

impl Workspace<'_> {
    /// Whether a processor here reads that collection of that cluster; nothing if that is not known.
    fn reads(&self, namespace: &Namespace, cluster: Option<&str>) -> Option<bool> {
        let (connections, processors) = (self.connections.as_ref().ok()?, self.processors.ok()?);
        let mut unclear = false;
        for stage in processors.iter().flat_map(|processor| {
            unclear |= processor.pipeline.is_none();
            processor.pipeline.iter().flatten()
        }) {
            let connection = stage.connection_name.as_deref();
            let Some(connection) = connections.iter().find(|one| Some(one.name) == connection) else { continue };
            let here = connection.project.is_none() && (cluster.is_none() || connection.cluster == cluster);
            let writes = matches!(stage.operator.as_deref(), Some("$merge" | "$emit"));
            let database = stage.db.as_deref().is_none_or(|database| database == namespace.database);
            let collection = match (stage.coll.as_deref(), namespace.collection.as_deref()) {
                (Some(read), Some(asked)) => read == asked,
                _ => true,
            };
            if here && !writes && database && collection {
                return Some(true);
            }
        }
        (!unclear).then_some(false)
    }
}

/// Looks for indirect ways.
#[derive(Debug)]
pub(super) struct Indirects<'q, 'a> {
    question: Question<'q>,
    /// Whose clusters are asked about, if not the project's own.
    elsewhere: Option<&'q str>,
    /// Ways that need the user on the cluster.
    on_cluster: Vec<(IndirectKind, Finder<'q, 'a>)>,
    profiler: Option<Finder<'q, 'a>>,
    services: Finder<'q, 'a>,
}

const STREAMS: &[Action] = &[
    Action::ProcessStreamProcessor,
    Action::CreateStreamProcessor,
    Action::ModifyStreamProcessor,
    Action::StartStreamProcessor,
    Action::SampleStreamProcessor,
];

const FEDERATION: &[Action] =
    &[Action::StorageSetConfig, Action::OutToS3, Action::OutToAzure, Action::OutToGcs, Action::ViewAllHistory];

impl<'q, 'a> Indirects<'q, 'a> {
    pub(super) fn of(privileges: &Privileges<'a>, question: &Question<'q>) -> Self {
        let asked = |database: &str, collection: &str| {
            question.namespace.is_some_and(|namespace| {
                namespace.database == database && namespace.collection.as_deref().is_none_or(|name| name == collection)
            })
        };
        let mut on_cluster = Vec::new();
        let mut look = |kind: IndirectKind, actions: &[Action], targets: &[Target<'q>]| {
            let actions = ActionSet::of(actions);
            on_cluster.push((kind, Finder::new(targets.iter().map(|target| (actions, *target)).collect())));
        };
        let mut profiler = None;
        if question.verb == Verb::Read
            && let Some(namespace) = question.namespace
        {
            let database = namespace.database.as_str();
            if database != "local" {
                look(IndirectKind::Oplog, &[Action::Find], &[Target::Collection("local", "oplog.rs")]);
            }
            if namespace.collection.as_deref() != Some("system.profile") {
                look(IndirectKind::Profiler, &[Action::Find], &[Target::Collection(database, "system.profile")]);
                let switch = (ActionSet::of(&[Action::EnableProfiler]), Target::Database(database));
                profiler = Some(Finder::new(vec![switch]));
            }
            look(IndirectKind::QueryValues, &[Action::InProg, Action::GetLog], &[Target::Cluster]);
        }
        let users = [Target::Collection("admin", "system.users"), Target::Collection("admin", "system.roles")];
        if !asked("admin", "system.users") && !asked("admin", "system.roles") {
            look(IndirectKind::StoredUsers, &[Action::Find], &users[..1]);
        }
        look(IndirectKind::UserDocuments, &[Action::Insert, Action::Update], &users);
        if question.verb != Verb::Read {
            look(IndirectKind::ApplyOps, &[Action::ApplyOps], &[Target::Cluster]);
        }
        let mut services = ActionSet::EMPTY;
        if !privileges.workspaces.is_empty() || privileges.places.unread(PlaceKind::Workspace).is_some() {
            services = services.union(ActionSet::of(STREAMS));
        }
        let federated = |place: &Place<'_>| place.kind == PlaceKind::FederatedDatabase;
        if privileges.places.known.iter().any(federated)
            || privileges.places.unread(PlaceKind::FederatedDatabase).is_some()
        {
            services = services.union(ActionSet::of(FEDERATION));
        }
        let services = Finder::new(if services.is_empty() { Vec::new() } else { vec![(services, Target::Service)] });
        Self { question: question.clone(), elsewhere: None, on_cluster, profiler, services }
    }

    pub(super) fn answer(
        &mut self,
        privileges: &Privileges<'a>,
        direct: &mut Finder<'q, 'a>,
        user: &User<'a>,
        answer: &mut Answer<'a>,
    ) {
        let mut doubts: Vec<Undecided<'a>> = Vec::new();
        let kind = self.question.place.map(|place| place.kind);
        if kind.is_none_or(|kind| kind == PlaceKind::Cluster) {
            self.on_the_cluster(privileges, user, answer, &mut doubts);
        }
        let allowed = self.services.ways(&privileges.roles, &user.granted);
        if may_enter(privileges, user, &[PlaceKind::Workspace, PlaceKind::FederatedDatabase]) {
            let of_roles = self.services.doubts(&privileges.roles, &user.granted);
            doubts.extend(of_roles.into_iter().map(Undecided::Privilege));
        }
        let (streams, federation): (Vec<_>, Vec<_>) =
            allowed.into_iter().partition(|way| STREAMS.contains(&way.action));
        if kind.is_none_or(|kind| kind == PlaceKind::Cluster) && !streams.is_empty() {
            self.by_streams(privileges, direct, user, &streams, answer, &mut doubts);
        }
        if !federation.is_empty() {
            self.by_federation(privileges, user, &federation, answer, &mut doubts);
        }
        doubts.extend(
            user.causes.iter().map(|cause| Undecided::Privilege(Doubt { path: Vec::new(), cause: cause.clone() })),
        );
        doubts.sort();
        doubts.dedup();
        // What already leaves the direct answer open is not told twice.
        if let Direct::Undecided(known) = &answer.direct {
            doubts.retain(|doubt| !known.contains(doubt));
        }
        answer.indirect_undecided = doubts;
    }

    fn on_the_cluster(
        &mut self,
        privileges: &Privileges<'a>,
        user: &User<'a>,
        answer: &mut Answer<'a>,
        doubts: &mut Vec<Undecided<'a>>,
    ) {
        let clusters = [PlaceKind::Cluster];
        // A scope may name a cluster of a list that was not read.
        let untold = user.reach.untold(&privileges.places, &clusters);
        let inside = match self.question.place {
            Some(place) => user.reach.lets_in(place),
            None if user.reach.everywhere() => Some(true),
            None if !user.reach.within(&privileges.places, &clusters).is_empty() => Some(true),
            None => untold.is_empty().then_some(false),
        };
        if inside == Some(false) {
            return;
        }
        let roles = &privileges.roles;
        for (kind, finder) in &mut self.on_cluster {
            let mut ways = finder.ways(roles, &user.granted);
            if ways.is_empty() {
                doubts.extend(finder.doubts(roles, &user.granted).into_iter().map(Undecided::Privilege));
                continue;
            }
            if inside.is_none() {
                doubts.extend(untold.iter().cloned().map(Undecided::Place));
                continue;
            }
            if *kind == IndirectKind::Profiler
                && let Some(profiler) = &mut self.profiler
            {
                ways.extend(profiler.ways(roles, &user.granted));
            }
            answer.indirect.push(Indirect::new(*kind, ways));
        }
    }

    fn by_streams(
        &self,
        privileges: &Privileges<'a>,
        direct: &mut Finder<'q, 'a>,
        user: &User<'a>,
        streams: &[Way<'a>],
        answer: &mut Answer<'a>,
        doubts: &mut Vec<Undecided<'a>>,
    ) {
        let actions: ActionSet = streams.iter().map(|way| way.action).collect();
        let (runs, samples) = (runs_pipelines(actions), actions.contains(Action::SampleStreamProcessor));
        if !runs && !samples {
            return;
        }
        if let Some(why) = privileges.places.unread(PlaceKind::Workspace)
            && (user.reach.everywhere() || user.reach.named().any(|place| place.kind == PlaceKind::Workspace))
        {
            doubts.push(Undecided::Place(format!("the stream workspaces could not be read: {why}")));
        }
        let cluster = self.question.place.map(|place| place.name);
        for workspace in &privileges.workspaces {
            let place = Place { kind: PlaceKind::Workspace, name: workspace.name };
            match user.reach.lets_in(place) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    doubts.extend(user.reach.unclear().iter().cloned().map(Undecided::Place));
                    continue;
                }
            }
            if runs {
                let ways = running(streams);
                self.as_connections(privileges, direct, workspace, cluster, &ways, answer, doubts);
            }
            if samples
                && self.question.verb == Verb::Read
                && let Some(namespace) = self.question.namespace
            {
                let reads = workspace.reads(namespace, cluster);
                if reads != Some(false) {
                    let ways = only(streams, &[Action::SampleStreamProcessor]);
                    let via = Via { place, connection: None, cluster: None, project: None, role: None, allows: vec![] };
                    let mut way = Indirect::new(IndirectKind::StreamSample, ways).via(via);
                    way.certain &= reads == Some(true);
                    answer.indirect.push(way);
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of a search")]
    fn as_connections(
        &self,
        privileges: &Privileges<'a>,
        direct: &mut Finder<'q, 'a>,
        workspace: &Workspace<'a>,
        cluster: Option<&str>,
        ways: &[Way<'a>],
        answer: &mut Answer<'a>,
        doubts: &mut Vec<Undecided<'a>>,
    ) {
        let place = Place { kind: PlaceKind::Workspace, name: workspace.name };
        let connections = match &workspace.connections {
            Ok(connections) => connections,
            Err(why) => {
                let text = format!("the connections of {place} could not be read: {why}");
                doubts.push(Undecided::Place(text));
                return;
            }
        };
        let here = connections.iter().filter(|one| one.project == self.elsewhere);
        for connection in here.filter(|one| cluster.is_none() || one.cluster.is_none() || one.cluster == cluster) {
            let name = connection.name;
            let (Some(role), Some(_)) = (connection.role, connection.cluster) else {
                let missing = if connection.role.is_none() { "dbRoleToExecute" } else { "clusterName" };
                let text = format!("`{missing}` is missing from the connection {name} of {place}");
                doubts.push(Undecided::Place(text));
                continue;
            };
            // A role of the other project's own is not among ours, whatever ours are called.
            if self.elsewhere.is_some() && privileges.roles.get(role).kind != RoleKind::BuiltIn {
                let role = connection.role_name.unwrap_or_default();
                let text = format!("the role {role} of the connection {name} of {place} is another project's");
                doubts.push(Undecided::Place(text));
                continue;
            }
            let granted = [(0, role)];
            let mut allows = direct.ways(&privileges.roles, &granted);
            if self.question.verb == Verb::Read && !allows.iter().any(|way| way.action == Action::Find) {
                allows.clear();
            }
            if allows.is_empty() {
                for doubt in direct.doubts(&privileges.roles, &granted) {
                    let text = format!("the role behind the connection {name} of {place}: {doubt}");
                    doubts.push(Undecided::Place(text));
                }
                continue;
            }
            let via = Via {
                place,
                connection: Some(name),
                cluster: connection.cluster,
                project: connection.project,
                role: connection.role_name,
                allows,
            };
            answer.indirect.push(Indirect::new(IndirectKind::StreamProcessor, ways.to_vec()).via(via));
        }
    }

    fn by_federation(
        &self,
        privileges: &Privileges<'a>,
        user: &User<'a>,
        federation: &[Way<'a>],
        answer: &mut Answer<'a>,
        doubts: &mut Vec<Undecided<'a>>,
    ) {
        if self.question.verb != Verb::Read {
            return;
        }
        let kind = PlaceKind::FederatedDatabase;
        if let Some(why) = privileges.places.unread(kind)
            && (user.reach.everywhere() || user.reach.named().any(|place| place.kind == kind))
        {
            doubts.push(Undecided::Place(format!("the federated databases could not be read: {why}")));
        }
        let finds = matches!(answer.direct, Direct::Yes(_));
        for place in user.reach.within(&privileges.places, &[kind]) {
            let asked = self.question.place;
            if asked.is_some_and(|asked| asked.kind == kind && asked != place) {
                continue;
            }
            let via = || Via { place, connection: None, cluster: None, project: None, role: None, allows: Vec::new() };
            let mut add = |kind: IndirectKind, actions: &[Action]| {
                let ways = only(federation, actions);
                if !ways.is_empty() {
                    answer.indirect.push(Indirect::new(kind, ways).via(via()));
                }
            };
            add(IndirectKind::FederationRemap, &[Action::StorageSetConfig]);
            // Where the question is about a cluster, what happens to results of a federated database is another matter.
            if asked.is_none_or(|asked| asked.kind == kind) {
                if finds {
                    let out = [Action::OutToS3, Action::OutToAzure, Action::OutToGcs];
                    add(IndirectKind::FederationExport, &out);
                }
                add(IndirectKind::QueryValues, &[Action::ViewAllHistory]);
            }
        }
    }
}

/// A question about another project's clusters, to which stream processors of this one may lead.
#[derive(Debug)]
pub struct Elsewhere<'p, 'a> {
    privileges: &'p Privileges<'a>,
    direct: Finder<'p, 'a>,
    indirects: Indirects<'p, 'a>,
}

impl<'p, 'a> Elsewhere<'p, 'a> {
    /// Nothing, if no connection leads to that project.
    pub(super) fn of(privileges: &'p Privileges<'a>, project: &'p str, question: &Question<'p>) -> Option<Self> {
        let mut leads = privileges.workspaces.iter().filter_map(|workspace| workspace.connections.as_ref().ok());
        if !leads.any(|connections| connections.iter().any(|one| one.project == Some(project))) {
            return None;
        }
        let mut indirects = Indirects::of(privileges, question);
        indirects.elsewhere = Some(project);
        // As a connection's role may be used on a cluster, whatever this project has.
        let mut wanted = question.wanted();
        wanted.retain(|(_, target)| *target != Target::Service);
        Some(Self { privileges, direct: Finder::new(wanted), indirects })
    }

    /// The ways of one of this project's users; undecided ones apart.
    pub fn answer(&mut self, user: &User<'a>) -> Answer<'a> {
        let mut answer = Answer::no();
        let mut doubts = Vec::new();
        if user.is_alive() {
            let streams = self.indirects.services.ways(&self.privileges.roles, &user.granted);
            let streams = only(&streams, STREAMS);
            let Self { privileges, direct, indirects } = self;
            indirects.by_streams(privileges, direct, user, &streams, &mut answer, &mut doubts);
        }
        answer.indirect.retain(|way| way.kind == IndirectKind::StreamProcessor);
        answer.indirect_undecided = doubts;
        answer
    }
}

/// Whether a user is let in at any place of these kinds, as far as anybody can tell.
fn may_enter(privileges: &Privileges<'_>, user: &User<'_>, kinds: &[PlaceKind]) -> bool {
    let reach = &user.reach;
    let unread = |kind: PlaceKind| privileges.places.unread(kind).is_some();
    !reach.unclear().is_empty()
        || !reach.within(&privileges.places, kinds).is_empty()
        || kinds.iter().any(|kind| unread(*kind) && reach.everywhere())
        || reach.named().any(|place| kinds.contains(&place.kind) && unread(place.kind))
}

/// Those of the ways that lead to these actions.
pub(super) fn only<'a>(ways: &[Way<'a>], actions: &[Action]) -> Vec<Way<'a>> {
    ways.iter().filter(|way| actions.contains(&way.action)).cloned().collect()
}

/// What it takes to run a pipeline: the one action that is enough, or the two that are together.
pub(super) fn running<'a>(ways: &[Way<'a>]) -> Vec<Way<'a>> {
    let at_once = only(ways, &[Action::ProcessStreamProcessor]);
    if !at_once.is_empty() {
        return at_once;
    }
    only(ways, &[Action::CreateStreamProcessor, Action::ModifyStreamProcessor, Action::StartStreamProcessor])
}
