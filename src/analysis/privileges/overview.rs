//! Everything that one user can do, not asked about anything in particular.

use super::Privileges;
use super::action::{Action, ActionSet, Level};
use super::finder::Way;
use super::indirect::{Indirect, IndirectKind, Via, only, running};
use super::pattern::{Cover, Pattern, Target};
use super::place::{Place, PlaceKind};
use super::resolved::{Resolved, runs_pipelines};
use super::user::User;

/// Everything that a user can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview<'a> {
    /// Its grants, and what cannot be decided about them. They are its roles', whether or not it can log in anywhere.
    pub resolved: Resolved<'a>,
    /// The known places where it is let in.
    pub places: Vec<Place<'a>>,
    /// Scopes that name what does not exist.
    pub dangling: Vec<Place<'a>>,
    /// Ways beyond the grants.
    pub indirect: Vec<Indirect<'a>>,
    /// Why there may be more such ways.
    pub indirect_undecided: Vec<String>,
}

impl<'a> Overview<'a> {
    pub(super) fn of(privileges: &Privileges<'a>, user: &User<'a>) -> Self {
        let kinds = [PlaceKind::Cluster, PlaceKind::FederatedDatabase, PlaceKind::Workspace];
        let mut overview = Self {
            resolved: privileges.of_user(user),
            places: user.reach.within(&privileges.places, &kinds),
            dangling: user.reach.dangling(&privileges.places).collect(),
            indirect: Vec::new(),
            indirect_undecided: user.reach.unclear().to_vec(),
        };
        if user.is_alive() {
            let on_clusters = user.reach.everywhere() || user.reach.named().any(|it| it.kind == PlaceKind::Cluster);
            if on_clusters {
                overview.on_clusters();
            }
            overview.by_streams(privileges, user);
            overview.by_federation(privileges, user);
        } else {
            overview.places.clear();
        }
        overview
    }

    /// The shortest way to each of these actions, where the grant is on something that fits.
    fn ways(&self, actions: &[Action], fits: impl Fn(Pattern<'a>) -> bool) -> Vec<Way<'a>> {
        let wanted = ActionSet::of(actions);
        let mut ways: Vec<Way<'a>> = Vec::new();
        for grant in self.resolved.effective().filter(|grant| fits(grant.on)) {
            for action in grant.actions.intersection(wanted).iter() {
                let way = Way {
                    action,
                    on: grant.on,
                    path: grant.path.clone(),
                    granted: grant.granted,
                    only: Vec::new(),
                    confirmed: grant.confirmed,
                };
                match ways.iter_mut().find(|known| known.action == action) {
                    Some(known) if (!way.confirmed, way.path.len()) < (!known.confirmed, known.path.len()) => {
                        *known = way;
                    }
                    Some(_) => {}
                    None => ways.push(way),
                }
            }
        }
        ways.sort_by_key(|way| way.action);
        ways
    }

    fn on_clusters(&mut self) {
        let covers = |target: Target<'static>| move |on: Pattern<'a>| on.covers(target) != Cover::No;
        let users = Target::Collection("admin", "system.users");
        let roles = Target::Collection("admin", "system.roles");
        let profiles = |on: Pattern<'a>| {
            matches!(
                on,
                Pattern::Anything | Pattern::Everywhere("system.profile") | Pattern::Collection(_, "system.profile")
            )
        };
        let found = [
            (IndirectKind::Oplog, self.ways(&[Action::Find], covers(Target::Collection("local", "oplog.rs")))),
            (IndirectKind::Profiler, self.ways(&[Action::Find], profiles)),
            (IndirectKind::QueryValues, self.ways(&[Action::InProg, Action::GetLog], covers(Target::Cluster))),
            (IndirectKind::StoredUsers, self.ways(&[Action::Find], covers(users))),
            (
                IndirectKind::UserDocuments,
                self.ways(&[Action::Insert, Action::Update], |on| covers(users)(on) || covers(roles)(on)),
            ),
            (IndirectKind::ApplyOps, self.ways(&[Action::ApplyOps], covers(Target::Cluster))),
        ];
        for (kind, ways) in found {
            if !ways.is_empty() {
                self.indirect.push(Indirect::new(kind, ways));
            }
        }
    }

    fn by_streams(&mut self, privileges: &Privileges<'a>, user: &User<'a>) {
        let all: Vec<Action> =
            Action::ALL.iter().copied().filter(|action| action.level() == Level::Workspace).collect();
        let streams = self.ways(&all, |_| true);
        let actions: ActionSet = streams.iter().map(|way| way.action).collect();
        if !runs_pipelines(actions) && !actions.contains(Action::SampleStreamProcessor) {
            return;
        }
        let workspace = PlaceKind::Workspace;
        if let Some(why) = privileges.places.unread(workspace)
            && (user.reach.everywhere() || user.reach.named().any(|place| place.kind == workspace))
        {
            self.indirect_undecided.push(format!("the stream workspaces could not be read: {why}"));
        }
        for workspace in &privileges.workspaces {
            let place = Place { kind: PlaceKind::Workspace, name: workspace.name };
            if user.reach.lets_in(place) != Some(true) {
                continue;
            }
            let via = Via { place, connection: None, cluster: None, project: None, role: None, allows: Vec::new() };
            if actions.contains(Action::SampleStreamProcessor) {
                let ways = only(&streams, &[Action::SampleStreamProcessor]);
                self.indirect.push(Indirect::new(IndirectKind::StreamSample, ways).via(via.clone()));
            }
            if !runs_pipelines(actions) {
                continue;
            }
            match &workspace.connections {
                Err(why) => {
                    self.indirect_undecided.push(format!("the connections of {place} could not be read: {why}"));
                }
                Ok(connections) => {
                    for connection in connections {
                        let via = Via {
                            connection: Some(connection.name),
                            cluster: connection.cluster,
                            project: connection.project,
                            role: connection.role_name,
                            ..via.clone()
                        };
                        let way = Indirect::new(IndirectKind::StreamProcessor, running(&streams)).via(via);
                        self.indirect.push(way);
                    }
                }
            }
        }
    }

    fn by_federation(&mut self, privileges: &Privileges<'a>, user: &User<'a>) {
        let out = [Action::OutToS3, Action::OutToAzure, Action::OutToGcs];
        let finds = !self.ways(&[Action::Find], |_| true).is_empty();
        let found = [
            (IndirectKind::QueryValues, self.ways(&[Action::ViewAllHistory], |_| true)),
            (IndirectKind::FederationRemap, self.ways(&[Action::StorageSetConfig], |_| true)),
            (IndirectKind::FederationExport, if finds { self.ways(&out, |_| true) } else { Vec::new() }),
        ];
        if found.iter().all(|(_, ways)| ways.is_empty()) {
            return;
        }
        let federated = PlaceKind::FederatedDatabase;
        if let Some(why) = privileges.places.unread(federated)
            && (user.reach.everywhere() || user.reach.named().any(|place| place.kind == federated))
        {
            self.indirect_undecided.push(format!("the federated databases could not be read: {why}"));
        }
        for place in user.reach.within(&privileges.places, &[federated]) {
            for (kind, ways) in found.iter().filter(|(_, ways)| !ways.is_empty()) {
                let via = Via { place, connection: None, cluster: None, project: None, role: None, allows: Vec::new() };
                self.indirect.push(Indirect::new(*kind, ways.clone()).via(via));
            }
        }
    }
}
