//! `atlas-audit who-can`: effective privileges, over every user or turned round.

use std::collections::BTreeSet;
use std::process::ExitCode;

use jiff::Timestamp;

use crate::analysis::privileges::{Namespace, Place, PlaceKind, Privileges, Question, User, Verb};
use crate::cli::{PageFormat, WhoCanArgs, WhoCanVerb};
use crate::error::Error;
use crate::report::who_can::{self, Everything, Kind, Named, Summary, Unread, UserAnswer, WhoCan};
use crate::snapshot::{Project, Reading, Section, Unavailable};

use super::live::Event;
use super::output::Page;
use super::source;

/// What answers rest on.
const SECTIONS: &[Section] = &[
    Section::DatabaseUsers,
    Section::CustomRoles,
    Section::Clusters,
    Section::FlexClusters,
    Section::ServerlessInstances,
    Section::FederatedDatabases,
    Section::StreamWorkspaces,
    Section::StreamConnections,
];

/// Reads, answers, tells.
pub fn run(args: &WhoCanArgs, quiet: bool) -> Result<ExitCode, Error> {
    let verb = args.verb.map(Verb::from);
    // Without a database, `administer` is about clusters; with a user, everything that it can do is meant.
    if let (Some(verb), None, None) = (verb, &args.namespace, &args.user)
        && verb != Verb::Administer
    {
        return Err(Error::NoNamespace { verb: verb.name() });
    }
    // Before any work is done: what cannot be written is no reason to wait for Atlas first.
    let page = Page::apart(args.page.output.as_deref(), args.source.snapshot.as_deref())?;
    let sections: BTreeSet<Section> = SECTIONS.iter().copied().collect();
    let mut asking = Asking::of(args, verb);
    let read = source::read(&args.source, &sections, quiet, &mut |event| match event {
        Event::Organization { taken, projects, .. } => {
            asking.now = taken;
            asking.projects_unread = projects.err().map(ToString::to_string);
        }
        Event::Project { project, .. } => asking.project(project),
    })?;
    asking.look_elsewhere();
    asking.check()?;
    let summary = asking.summary();
    let open = asking.open || asking.projects_unread.is_some() || !read.complete;
    let told = WhoCan {
        version: 1,
        question: asking.told(),
        organization: Named { id: read.organization.id, name: read.organization.name },
        taken: read.header.taken.to_string(),
        source: read.header.source,
        complete: read.complete,
        narrowed: !(args.source.scope.project.is_empty() && args.source.scope.exclude_project.is_empty()),
        projects_unread: asking.projects_unread,
        projects: asking.projects,
        summary,
    };
    page.write_unless(read.interrupted, |out, style| match args.page.format {
        PageFormat::Table => told.write(out, style),
        PageFormat::Json => told.write_json(out),
    })?;
    Ok(ExitCode::from(if open { 3 } else { 0 }))
}

impl From<WhoCanVerb> for Verb {
    fn from(verb: WhoCanVerb) -> Self {
        match verb {
            WhoCanVerb::Read => Self::Read,
            WhoCanVerb::Write => Self::Write,
            WhoCanVerb::Destroy => Self::Destroy,
            WhoCanVerb::Administer => Self::Administer,
        }
    }
}

/// A question, while projects come by.
struct Asking<'a> {
    args: &'a WhoCanArgs,
    verb: Option<Verb>,
    now: Timestamp,
    projects: Vec<who_can::Project>,
    projects_unread: Option<String>,
    /// What was seen, so that a name that is nowhere finds its nearest.
    clusters: BTreeSet<String>,
    users: BTreeSet<String>,
    found_cluster: bool,
    found_user: bool,
    /// Whether anything is undecided.
    open: bool,
    /// Projects whose stream processors lead into others.
    leading: Vec<Project>,
}

impl<'a> Asking<'a> {
    fn of(args: &'a WhoCanArgs, verb: Option<Verb>) -> Self {
        Self {
            args,
            verb,
            now: Timestamp::UNIX_EPOCH,
            projects: Vec::new(),
            projects_unread: None,
            clusters: BTreeSet::new(),
            users: BTreeSet::new(),
            found_cluster: false,
            found_user: false,
            open: false,
            leading: Vec::new(),
        }
    }

    /// Everything that a user can do, rather than who can do something.
    fn turned_round(&self) -> bool {
        self.args.user.is_some() && self.args.namespace.is_none()
    }

    fn wants(&self, user: &User<'_>) -> bool {
        self.args.user.as_ref().is_none_or(|wanted| user.name() == wanted || user.key() == *wanted)
    }

    fn question<'q>(&'q self, verb: Verb, place: Option<Place<'q>>) -> Question<'q> {
        Question { verb, namespace: self.args.namespace.as_ref(), place }
    }

    fn project(&mut self, project: &Project) {
        let privileges = Privileges::of(project, self.now);
        if privileges.leads_to().next().is_some() {
            self.leading.push(kept(project));
        }
        let places = privileges.places();
        let named = |kind: PlaceKind| places.known.iter().filter(move |place| place.kind == kind);
        let loggable = named(PlaceKind::Cluster).chain(named(PlaceKind::FederatedDatabase));
        self.clusters.extend(loggable.map(|place| place.name.to_owned()));
        let wanted = self.args.cluster.clone();
        let mut place = None;
        if let Some(name) = &wanted {
            let kinds = [PlaceKind::Cluster, PlaceKind::FederatedDatabase];
            let unread = kinds.iter().find(|kind| places.unread(**kind).is_some());
            let found = kinds.into_iter().map(|kind| Place { kind, name }).find(|place| places.known.contains(place));
            place = match (found, unread) {
                (Some(found), _) => Some(found),
                // It may be here: answered as if it were.
                (None, Some(kind)) => {
                    self.open = true;
                    Some(Place { kind: *kind, name })
                }
                (None, None) => return,
            };
            self.found_cluster = true;
        }
        let mut told = who_can::Project {
            project: Named { id: project.id.clone(), name: project.name.clone() },
            unread: unread(project),
            answers: Vec::new(),
            everything: Vec::new(),
        };
        match privileges.users() {
            Err(_) => self.open = true,
            Ok(users) => {
                self.users.extend(users.iter().map(|user| user.name().to_owned()));
                let wanted: Vec<_> = users.iter().filter(|user| self.wants(user)).collect();
                self.found_user |= !wanted.is_empty();
                if let Some(verb) = self.verb.filter(|_| !self.turned_round()) {
                    let mut inquiry = privileges.ask(self.question(verb, place));
                    let answers = wanted.into_iter().map(|user| UserAnswer::of(user, &inquiry.answer(user), None));
                    told.answers = answers.collect();
                } else {
                    let actions = self.verb.map(Verb::actions);
                    let inside = |user: &&User<'_>| place.is_none_or(|place| user.reach.lets_in(place) != Some(false));
                    let one = |user| Everything::of(user, &privileges.overview(user), actions);
                    told.everything = wanted.into_iter().filter(inside).map(one).collect();
                }
            }
        }
        self.open |= told.answers.iter().any(UserAnswer::is_open);
        self.open |= told.everything.iter().any(|one| !one.undecided.is_empty());
        let of_interest = self.args.user.is_none() || !told.answers.is_empty() || !told.everything.is_empty();
        let users_unread = project.database_users.known().is_err();
        if of_interest || users_unread {
            self.projects.push(told);
        }
    }

    /// Users of other projects whose stream processors lead into those that were asked about.
    fn look_elsewhere(&mut self) {
        let Some(verb) = self.verb.filter(|_| !self.turned_round()) else { return };
        let leading = std::mem::take(&mut self.leading);
        let mut found = Vec::new();
        for from in &leading {
            let privileges = Privileges::of(from, self.now);
            let Ok(users) = privileges.users() else { continue };
            for (index, into) in self.projects.iter().enumerate() {
                let place = self.args.cluster.as_deref().map(|name| Place { kind: PlaceKind::Cluster, name });
                let question = self.question(verb, place);
                let Some(mut inquiry) = privileges.ask_elsewhere(&into.project.id, &question) else { continue };
                let project = Named { id: from.id.clone(), name: from.name.clone() };
                for user in users.iter().filter(|user| self.wants(user)) {
                    let answer = inquiry.answer(user);
                    if answer.is_yes() || answer.is_undecided() {
                        found.push((index, UserAnswer::of(user, &answer, Some(project.clone()))));
                    }
                }
            }
        }
        for (index, answer) in found {
            self.open |= answer.is_open();
            self.projects[index].answers.push(answer);
        }
    }

    /// A name that is nowhere is an error, unless it may be where nobody could look.
    fn check(&self) -> Result<(), Error> {
        if self.projects_unread.is_some() {
            return Ok(());
        }
        if let Some(asked) = self.args.cluster.as_ref().filter(|_| !self.found_cluster) {
            return Err(Error::NoSuchCluster { asked: asked.clone(), nearest: nearest(asked, &self.clusters) });
        }
        let everyone_seen = self
            .projects
            .iter()
            .all(|project| project.unread.iter().all(|unread| unread.section != Section::DatabaseUsers.name()));
        if let Some(asked) = self.args.user.as_ref().filter(|_| !self.found_user && everyone_seen) {
            return Err(Error::NoSuchUser { asked: asked.clone(), nearest: nearest(asked, &self.users) });
        }
        Ok(())
    }

    fn told(&self) -> who_can::Question {
        let namespace: Option<&Namespace> = self.args.namespace.as_ref();
        who_can::Question {
            verb: self.verb.map(Verb::name),
            database: namespace.map(|namespace| namespace.database.clone()),
            collection: namespace.and_then(|namespace| namespace.collection.clone()),
            cluster: self.args.cluster.clone(),
            user: self.args.user.clone(),
        }
    }

    fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for answer in self.projects.iter().flat_map(|project| &project.answers) {
            summary.users += 1;
            match answer.direct.answer {
                Kind::Yes => summary.direct += 1,
                _ if !answer.indirect.is_empty() => summary.indirect_only += 1,
                _ if answer.is_open() => summary.undecided += 1,
                _ => summary.no += 1,
            }
        }
        summary
    }
}

/// What could not be read of what answers rest on.
fn unread(project: &Project) -> Vec<Unread> {
    fn look<T>(section: Section, reading: &Reading<T>) -> Option<Unread> {
        reading.known().err().map(|why| missed(section, why))
    }
    let missing = [
        look(Section::DatabaseUsers, &project.database_users),
        look(Section::CustomRoles, &project.custom_roles),
        look(Section::Clusters, &project.clusters),
        look(Section::FlexClusters, &project.flex_clusters).filter(|_| offered(&project.flex_clusters)),
        look(Section::FederatedDatabases, &project.federated_databases)
            .filter(|_| offered(&project.federated_databases)),
        look(Section::StreamWorkspaces, &project.stream_workspaces).filter(|_| offered(&project.stream_workspaces)),
    ];
    let mut all: Vec<Unread> = missing.into_iter().flatten().collect();
    let workspaces = project.stream_workspaces.known().map_or(&[][..], Vec::as_slice);
    all.extend(workspaces.iter().filter_map(|workspace| look(Section::StreamConnections, &workspace.connections)));
    all
}

fn missed(section: Section, why: &Unavailable) -> Unread {
    Unread { section: section.name(), why: why.to_string() }
}

/// Whether Atlas offers it at all.
fn offered<T>(reading: &Reading<T>) -> bool {
    !matches!(reading, Reading::Unavailable(why) if why.reason == crate::snapshot::Reason::Unsupported)
}

/// As much of a project as privileges rest on.
fn kept(project: &Project) -> Project {
    Project {
        id: project.id.clone(),
        name: project.name.clone(),
        database_users: project.database_users.clone(),
        custom_roles: project.custom_roles.clone(),
        clusters: project.clusters.clone(),
        flex_clusters: project.flex_clusters.clone(),
        serverless_instances: project.serverless_instances.clone(),
        federated_databases: project.federated_databases.clone(),
        stream_workspaces: project.stream_workspaces.clone(),
        ..Project::default()
    }
}

fn nearest(asked: &str, known: &BTreeSet<String>) -> Option<String> {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(&asked.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
}
