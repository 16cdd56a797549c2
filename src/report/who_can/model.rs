//! What is told, as programs read it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::analysis::privileges::{
    Action, ActionSet, Answer, Class, Direct, Doubt, Grant, Indirect, Life, Note, Overview, Pattern, Place, User, Way,
};

/// Who can do what in an organization of MongoDB Atlas. Fields may be added within a version.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "atlas-audit who-can, version 1")]
pub struct WhoCan {
    /// Version of this format.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// What was asked.
    pub question: Question,
    /// Whose.
    pub organization: Named,
    /// When Atlas was read, by its own clock.
    #[schemars(extend("format" = "date-time"))]
    pub taken: String,
    /// Where it was read.
    pub source: String,
    /// False if reading was interrupted.
    pub complete: bool,
    /// True if only some projects were looked at, so that ways from others into these do not show.
    pub narrowed: bool,
    /// Why the projects are not known, if they are not.
    pub projects_unread: Option<String>,
    /// By project, in the order of their ids.
    pub projects: Vec<Project>,
    /// How many of what.
    pub summary: Summary,
}

/// What was asked.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// What somebody would do; everything that a user can do, if it is not there.
    #[schemars(extend("enum" = ["read", "write", "destroy", "administer"]))]
    pub verb: Option<&'static str>,
    /// The database.
    pub database: Option<String>,
    /// The collection.
    pub collection: Option<String>,
    /// The cluster or federated database.
    pub cluster: Option<String>,
    /// The user.
    pub user: Option<String>,
}

/// An id and a name.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Named {
    /// 24 hexadecimal digits.
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
}

impl Named {
    /// The name, or the id where there is none.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// How many users; those of several projects count in each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Looked at.
    pub users: usize,
    /// That can, by their own privileges.
    pub direct: usize,
    /// That can by another way only.
    pub indirect_only: usize,
    /// Of whom it cannot be decided, and no way is known.
    pub undecided: usize,
    /// That cannot.
    pub no: usize,
}

/// One project.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Which.
    #[serde(flatten)]
    pub project: Named,
    /// What could not be read of what answers rest on.
    pub unread: Vec<Unread>,
    /// Every user, in Atlas's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<UserAnswer>,
    /// Everything that a user can do, if that was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub everything: Vec<Everything>,
}

/// A section that could not be read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Unread {
    /// Such as `project.databaseUsers`.
    pub section: &'static str,
    /// Why.
    pub why: String,
}

/// Of what kind an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Certainly.
    Yes,
    /// Certainly not.
    No,
    /// Nobody can tell.
    Undecided,
}

/// The answer for one user.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserAnswer {
    /// Its name.
    pub user: String,
    /// Where it authenticates.
    pub authentication_database: Option<String>,
    /// The project that it belongs to, if it is another.
    pub project: Option<Named>,
    /// By its own privileges.
    pub direct: DirectAnswer,
    /// By other ways.
    pub indirect: Vec<IndirectWay>,
    /// Why there may be more of those.
    pub indirect_undecided: Vec<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

/// By its own privileges.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DirectAnswer {
    /// Whether.
    pub answer: Kind,
    /// Where it holds, of the clusters and federated databases that exist.
    pub places: Vec<String>,
    /// By which privileges, if it can: each action once, by the shortest way.
    pub by: Vec<By>,
    /// Why it cannot be decided.
    pub undecided: Vec<String>,
}

/// Privileges and the way to them.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct By {
    /// What is allowed.
    pub actions: Vec<&'static str>,
    /// On what.
    pub on: On,
    /// The roles that lead there, the granted one first.
    pub path: Vec<String>,
    /// The collections of the database that are meant, if not all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// False where Atlas does not say whether its role has what the server's has.
    pub confirmed: bool,
    /// False where the actions do nothing on that.
    pub effective: bool,
}

/// A resource.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct On {
    /// How much of a cluster it is.
    #[schemars(extend("enum" = [
        "anything", "all-ordinary", "database", "collection", "everywhere", "buckets", "cluster", "workspaces"
    ]))]
    pub kind: &'static str,
    /// The database.
    pub database: Option<String>,
    /// The collection.
    pub collection: Option<String>,
    /// The same, for people.
    #[serde(skip)]
    pub shown: String,
}

impl From<Pattern<'_>> for On {
    fn from(pattern: Pattern<'_>) -> Self {
        let (kind, database, collection) = match pattern {
            Pattern::Anything => ("anything", None, None),
            Pattern::AllOrdinary => ("all-ordinary", None, None),
            Pattern::Database(database) => ("database", Some(database), None),
            Pattern::Collection(database, collection) => ("collection", Some(database), Some(collection)),
            Pattern::Everywhere(collection) => ("everywhere", None, Some(collection)),
            Pattern::Buckets => ("buckets", None, None),
            Pattern::Cluster => ("cluster", None, None),
            Pattern::Workspaces => ("workspaces", None, None),
        };
        let owned = |name: Option<&str>| name.map(str::to_owned);
        Self { kind, database: owned(database), collection: owned(collection), shown: pattern.to_string() }
    }
}

/// A way beyond the user's own privileges on the data.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndirectWay {
    /// Such as `oplog` or `stream-processor`.
    pub kind: &'static str,
    /// What it gives, for people.
    pub gives: &'static str,
    /// False where it depends on what Atlas does not say.
    pub certain: bool,
    /// The privileges that open it.
    pub by: Vec<By>,
    /// Through what.
    pub via: Option<Through>,
}

/// Through what an indirect way leads.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Through {
    /// The stream workspace, or the federated database.
    pub place: String,
    /// The workspace's connection.
    pub connection: Option<String>,
    /// The cluster at its other end.
    pub cluster: Option<String>,
    /// The id of that cluster's project, if it is another.
    pub project: Option<String>,
    /// As what processors act there.
    pub role: Option<String>,
    /// What the role allows there, of what was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allows: Vec<By>,
}

/// Everything that one user can do.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Everything {
    /// Its name.
    pub user: String,
    /// Where it authenticates.
    pub authentication_database: Option<String>,
    /// Whether it can log in.
    pub access: bool,
    /// Whether nothing confines it, so that what is yet to come is open to it too.
    pub everywhere: bool,
    /// The places that it is let in, of those that exist.
    pub places: Vec<String>,
    /// What its roles allow: each grant with its way.
    pub grants: Vec<By>,
    /// Ways beyond that.
    pub indirect: Vec<IndirectWay>,
    /// What cannot be decided.
    pub undecided: Vec<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn names(actions: ActionSet) -> Vec<&'static str> {
    actions.iter().map(Action::name).collect()
}

/// Actions of one way on one resource stand together.
fn by(ways: &[Way<'_>]) -> Vec<By> {
    let mut all: Vec<By> = Vec::new();
    for way in ways {
        let one = By {
            actions: vec![way.action.name()],
            on: way.on.into(),
            path: owned(&way.path),
            only: owned(&way.only),
            confirmed: way.confirmed,
            effective: true,
        };
        let same = |known: &&mut By| {
            (&known.on, &known.path, &known.only, known.confirmed) == (&one.on, &one.path, &one.only, one.confirmed)
        };
        match all.iter_mut().find(same) {
            Some(known) => known.actions.push(way.action.name()),
            None => all.push(one),
        }
    }
    all
}

fn granted(grant: &Grant<'_>, actions: ActionSet) -> By {
    By {
        actions: names(actions),
        on: grant.on.into(),
        path: owned(&grant.path),
        only: Vec::new(),
        confirmed: grant.confirmed,
        effective: grant.effective,
    }
}

impl From<&Indirect<'_>> for IndirectWay {
    fn from(way: &Indirect<'_>) -> Self {
        let text = |name: Option<&str>| name.map(str::to_owned);
        let via = way.via.as_ref().map(|via| Through {
            place: via.place.to_string(),
            connection: text(via.connection),
            cluster: text(via.cluster),
            project: text(via.project),
            role: text(via.role),
            allows: by(&via.allows),
        });
        Self { kind: way.kind.name(), gives: way.kind.gives(), certain: way.certain, by: by(&way.ways), via }
    }
}

fn texts<T: ToString>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut texts = Vec::new();
    for text in all.into_iter().map(|one| one.to_string()) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

fn shown(places: &[Place<'_>]) -> Vec<String> {
    texts(places)
}

impl UserAnswer {
    /// Of a user, who may belong to another project than the one that was asked about.
    #[must_use]
    pub fn of(user: &User<'_>, answer: &Answer<'_>, project: Option<Named>) -> Self {
        let (kind, ways, undecided) = match &answer.direct {
            Direct::Yes(ways) => (Kind::Yes, by(ways), Vec::new()),
            Direct::No => (Kind::No, Vec::new(), Vec::new()),
            Direct::Undecided(why) => (Kind::Undecided, Vec::new(), texts(why)),
        };
        Self {
            user: user.name().to_owned(),
            authentication_database: user.entry.database_name.clone(),
            project,
            direct: DirectAnswer { answer: kind, places: shown(&answer.places), by: ways, undecided },
            indirect: answer.indirect.iter().map(IndirectWay::from).collect(),
            indirect_undecided: texts(&answer.indirect_undecided),
            notes: texts(&answer.notes),
        }
    }

    /// Whether any way is known.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        self.direct.answer == Kind::Yes || !self.indirect.is_empty()
    }

    /// Whether anything about it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.direct.answer == Kind::Undecided || !self.indirect_undecided.is_empty()
    }
}

impl Everything {
    /// Of a user. `actions` narrows the grants to those of a verb.
    #[must_use]
    pub fn of(user: &User<'_>, overview: &Overview<'_>, actions: Option<ActionSet>) -> Self {
        let wanted = actions.unwrap_or_else(|| ActionSet::all(|_| true));
        let grants = overview.resolved.grants.iter().filter_map(|grant| {
            let actions = grant.actions.intersection(wanted);
            (!actions.is_empty()).then(|| granted(grant, actions))
        });
        let mut grants: Vec<By> = grants.collect();
        grants.dedup();
        let life = match user.life {
            Life::Expired(end) => Some(Note::Expired(end)),
            Life::Until(end) => Some(Note::Temporary(end)),
            Life::Unclear => Some(Note::EndUnclear),
            Life::Lasting => None,
        };
        let mut notes = texts(life);
        if user.is_group() {
            notes.push(Note::Group.to_string());
        }
        if !overview.dangling.is_empty() {
            notes.push(Note::Dangling(overview.dangling.clone()).to_string());
        }
        notes.extend(texts(
            overview.resolved.remarks.iter().map(|(path, remark)| format!("{}: {remark}", path.join(" → "))),
        ));
        let mut undecided = texts(overview.resolved.doubts.iter().map(Doubt::to_string));
        undecided.extend(overview.indirect_undecided.iter().cloned());
        Self {
            user: user.name().to_owned(),
            authentication_database: user.entry.database_name.clone(),
            access: user.is_alive(),
            everywhere: user.reach.everywhere(),
            places: shown(&overview.places),
            grants,
            indirect: overview.indirect.iter().map(IndirectWay::from).collect(),
            undecided,
            notes,
        }
    }

    /// What kinds of actions a grant holds, for people.
    pub(super) fn classes(by: &By) -> BTreeSet<Class> {
        let known = Action::ALL.iter().filter(|action| by.actions.contains(&action.name()));
        known.map(|action| action.class()).collect()
    }
}
