//! Who can do what where, and from where: taken down project by project while they are read, since a report holds
//! verdicts and not the organization. What is kept is bounded, and says what it leaves out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::analysis::exposure::Exposure;
use crate::analysis::peering::PeerRanges;
use crate::analysis::privileges::{
    Action, ActionSet, Class, Direct, Indirect, Level, Life, Note, Overview, Place, PlaceKind, Privileges, Question,
    User, Verb,
};
use crate::snapshot::{Organization, Project};

use super::elsewhere::{Elsewhere, Ways};
use super::exposed::{Exposed, REACHES, rank};
use super::shown;

/// Projects whose exposure is kept.
const MOST_EXPOSED: usize = 2_000;
/// Projects whose users are kept.
const MOST_MATRICES: usize = 400;
/// Users of one project.
const MOST_USERS: usize = 60;
/// Databases and clusters of one project that have a column.
const MOST_COLUMNS: usize = 40;
/// Sentences about one user, of each sort.
const MOST_SENTENCES: usize = 12;

/// What an html report tells beyond verdicts.
#[derive(Debug)]
pub struct Access {
    peer_ranges: PeerRanges,
    now: Timestamp,
    exposed: Kept<Exposed>,
    /// Projects by their reach, all of them.
    reaches: [usize; 5],
    matrices: Kept<Matrix>,
    elsewhere: Elsewhere,
}

/// The most important of many.
#[derive(Debug, Serialize)]
pub(super) struct Kept<T> {
    /// How many there were.
    all: usize,
    #[serde(skip)]
    most: usize,
    #[serde(rename = "kept")]
    items: Vec<T>,
}

/// What tells which are kept where not all can be: the least.
pub(super) trait Ranked {
    fn rank(&self) -> usize;
}

impl<T: Ranked> Kept<T> {
    const fn new(most: usize) -> Self {
        Self { all: 0, most, items: Vec::new() }
    }

    fn push(&mut self, item: T) {
        self.all += 1;
        self.items.push(item);
        if self.items.len() >= 2 * self.most {
            self.settle();
        }
    }

    /// The best first, and of equals the earlier.
    fn settle(&mut self) {
        self.items.sort_by_key(Ranked::rank);
        self.items.truncate(self.most);
    }
}

/// As it is embedded in the page.
#[derive(Debug, Serialize)]
pub(super) struct Told<'a> {
    exposed: &'a Kept<Exposed>,
    reaches: Vec<(&'static str, usize)>,
    matrices: &'a Kept<Matrix>,
}

/// The users of a project, and what they can do.
#[derive(Debug, Serialize)]
struct Matrix {
    id: String,
    name: String,
    /// Why its users are not known.
    unread: Option<String>,
    /// Clusters and federated databases, and whether there may be more.
    places: Vec<String>,
    more_places: bool,
    /// Databases that roles name, and how many have no column.
    databases: Vec<String>,
    more_databases: usize,
    /// How many users it has.
    all: usize,
    users: Vec<Row>,
    /// Users of other projects that act here.
    elsewhere: Ways,
}

impl Ranked for Matrix {
    /// Those with the most people of power first.
    fn rank(&self) -> usize {
        usize::MAX - self.users.iter().filter(|row| row.cluster == Some(true) || row.every & WRITE != 0).count()
    }
}

/// A user.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    roles: Vec<String>,
    /// Whether it can log in at all.
    alive: bool,
    /// Whether nothing confines it to some places.
    everywhere: bool,
    /// The places that let it in, by their number.
    at: Vec<usize>,
    /// What it can do to every ordinary database: the sum of 1 read, 2 write, 4 destroy, 8 administer.
    every: u8,
    /// By the database's number: what it can do there, and to which collections alone.
    databases: Vec<(usize, u8, Vec<String>)>,
    /// Whether it can administer the cluster itself; nothing if that cannot be decided.
    cluster: Option<bool>,
    notes: Vec<String>,
    indirect: Vec<String>,
    undecided: Vec<String>,
}

const READ: u8 = 1;
const WRITE: u8 = 2;
const DESTROY: u8 = 4;
const ADMINISTER: u8 = 8;

impl Access {
    /// Before the first project. `peer_ranges` names what lies behind peerings where Atlas does not tell.
    #[must_use]
    pub fn new(peer_ranges: PeerRanges) -> Self {
        Self {
            peer_ranges,
            now: Timestamp::UNIX_EPOCH,
            exposed: Kept::new(MOST_EXPOSED),
            reaches: [0; 5],
            matrices: Kept::new(MOST_MATRICES),
            elsewhere: Elsewhere::default(),
        }
    }

    /// When the organization was looked at: what is over gives no access.
    pub fn at(&mut self, taken: Timestamp) {
        self.now = taken;
    }

    /// Takes down a project.
    pub fn project(&mut self, organization: &Organization, project: &Project) {
        let exposure = Exposure::of(organization, project, &self.peer_ranges, self.now);
        self.reaches[rank(exposure.reach)] += 1;
        self.exposed.push(Exposed::of(project, &exposure));
        self.matrices.push(Matrix::of(project, self.now, &mut self.elsewhere));
    }

    /// After the last.
    pub fn finish(&mut self) {
        self.exposed.settle();
        self.matrices.settle();
        for matrix in &mut self.matrices.items {
            matrix.elsewhere = self.elsewhere.take(&matrix.id);
        }
    }

    pub(super) fn told(&self) -> Told<'_> {
        let reaches = REACHES.iter().map(|reach| reach.as_str()).zip(self.reaches).collect();
        Told { exposed: &self.exposed, reaches, matrices: &self.matrices }
    }
}

impl Matrix {
    fn of(project: &Project, now: Timestamp, elsewhere: &mut Elsewhere) -> Self {
        let privileges = Privileges::of(project, now);
        let kinds = [PlaceKind::Cluster, PlaceKind::FederatedDatabase];
        let places: Vec<Place<'_>> =
            privileges.places().known.iter().filter(|place| kinds.contains(&place.kind)).copied().collect();
        let mut matrix = Self {
            id: project.id.clone(),
            name: shown(project.name.as_deref().unwrap_or(&project.id)).into_owned(),
            unread: None,
            more_places: kinds.iter().any(|kind| privileges.places().unread(*kind).is_some())
                || places.len() > MOST_COLUMNS,
            places: places.iter().take(MOST_COLUMNS).map(|place| shown(&place.to_string()).into_owned()).collect(),
            databases: Vec::new(),
            more_databases: 0,
            all: 0,
            users: Vec::new(),
            elsewhere: Ways::default(),
        };
        let users = match privileges.users() {
            Ok(users) => users,
            Err(why) => {
                matrix.unread = Some(shown(&why.to_string()).into_owned());
                return matrix;
            }
        };
        matrix.all = users.len();
        let overviews: Vec<_> = users.iter().map(|user| (user, privileges.overview(user))).collect();
        for (user, overview) in &overviews {
            elsewhere.note(project, user, overview);
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let powers: Vec<Powers> = overviews.iter().map(|(_, overview)| Powers::of(overview)).collect();
        for database in powers.iter().flat_map(|powers| powers.databases.keys()) {
            *seen.entry(database.clone()).or_default() += 1;
        }
        // Those that most users share have a column; then by name.
        let mut columns: Vec<_> = seen.into_iter().collect();
        columns.sort_by_key(|(_, users)| std::cmp::Reverse(*users));
        matrix.more_databases = columns.len().saturating_sub(MOST_COLUMNS);
        columns.truncate(MOST_COLUMNS);
        let mut columns: Vec<String> = columns.into_iter().map(|(name, _)| name).collect();
        // What belongs to the server itself stands last.
        columns.sort_by(|one, other| (of_the_server(one), one).cmp(&(of_the_server(other), other)));
        let mut inquiry = privileges.ask(Question { verb: Verb::Administer, namespace: None, place: None });
        matrix.users = overviews
            .iter()
            .zip(powers)
            .map(|((user, overview), powers)| {
                let cluster = match inquiry.answer(user).direct {
                    Direct::Yes(_) => Some(true),
                    Direct::No => Some(false),
                    Direct::Undecided(_) => None,
                };
                Row::of(user, overview, &places, powers, &columns, cluster)
            })
            .collect();
        if matrix.users.len() > MOST_USERS {
            matrix
                .users
                .sort_by_key(|row| std::cmp::Reverse((row.cluster == Some(true), row.every, row.databases.len())));
            matrix.users.truncate(MOST_USERS);
        }
        matrix.databases = columns.iter().map(|name| shown(name).into_owned()).collect();
        matrix
    }
}

fn of_the_server(database: &str) -> bool {
    matches!(database, "admin" | "config" | "local")
}

/// What a user can do, by database.
#[derive(Debug, Default)]
struct Powers {
    every: u8,
    /// None of the collections: the database as a whole.
    databases: BTreeMap<String, (u8, BTreeSet<String>)>,
    /// Collections by name, in every database.
    everywhere: BTreeSet<String>,
}

/// What `who-can` takes each verb for, on a database.
fn verbs() -> [(u8, ActionSet); 4] {
    let on_data = |level: Level| matches!(level, Level::Collection | Level::CollectionOrCluster | Level::Database);
    [
        (READ, ActionSet::of(&[Action::Find])),
        (WRITE, ActionSet::of(&[Action::Insert, Action::Update, Action::Remove])),
        (
            DESTROY,
            ActionSet::of(&[
                Action::DropCollection,
                Action::ConvertToCapped,
                Action::CreateIndex,
                Action::CollMod,
                Action::DropDatabase,
            ]),
        ),
        (ADMINISTER, ActionSet::all(|action| action.class() == Class::Admin && on_data(action.level()))),
    ]
}

impl Powers {
    fn of(overview: &Overview<'_>) -> Self {
        let mut powers = Self::default();
        for (verb, actions) in verbs() {
            let writes = overview.resolved.with(actions);
            if writes.all {
                powers.every |= verb;
            } else {
                powers.everywhere.extend(writes.everywhere.iter().map(|name| (*name).to_owned()));
            }
            for (database, collections) in writes.databases {
                // What reaches everything reaches these two as well, and that is no news.
                if powers.every & verb != 0 || database.is_empty() {
                    continue;
                }
                let (verbs, only) = powers.databases.entry(database.to_owned()).or_default();
                *verbs |= verb;
                if let Some(collections) = collections {
                    only.extend(collections.into_iter().map(str::to_owned));
                }
            }
        }
        powers
    }
}

impl Row {
    fn of(
        user: &User<'_>,
        overview: &Overview<'_>,
        places: &[Place<'_>],
        powers: Powers,
        columns: &[String],
        cluster: Option<bool>,
    ) -> Self {
        let alive = user.is_alive();
        let roles = user.entry.roles.iter().flatten().map(|role| {
            let name = role.role_name.as_deref().unwrap_or("a role without a name");
            let database = role.database_name.as_deref().unwrap_or("?");
            let collection = role.collection_name.as_deref().filter(|name| !name.is_empty());
            collection.map_or_else(|| format!("{name}@{database}"), |one| format!("{name}@{database}.{one}"))
        });
        let at = |place: &Place<'_>| places.iter().take(MOST_COLUMNS).position(|known| known == place);
        let databases = powers.databases.into_iter().filter_map(|(database, (verbs, only))| {
            let at = columns.iter().position(|name| *name == database)?;
            Some((at, verbs, sentences(only)))
        });
        let mut notes = Vec::new();
        match user.life {
            Life::Expired(end) => notes.push(Note::Expired(end).to_string()),
            Life::Until(end) => notes.push(Note::Temporary(end).to_string()),
            Life::Unclear => notes.push(Note::EndUnclear.to_string()),
            Life::Lasting => {}
        }
        if user.is_group() {
            notes.push(Note::Group.to_string());
        }
        if !overview.dangling.is_empty() {
            notes.push(Note::Dangling(overview.dangling.clone()).to_string());
        }
        if !powers.everywhere.is_empty() {
            notes.push(format!("in every database: {}", sentences(powers.everywhere).join(", ")));
        }
        let doubts = overview.resolved.doubts.iter().map(ToString::to_string);
        Self {
            name: shown(&user.key()).into_owned(),
            roles: sentences(roles),
            alive,
            everywhere: user.reach.everywhere(),
            at: if alive { overview.places.iter().filter_map(at).collect() } else { Vec::new() },
            every: powers.every,
            databases: databases.collect(),
            cluster,
            notes: sentences(notes),
            indirect: sentences(overview.indirect.iter().map(said)),
            undecided: sentences(doubts.chain(overview.indirect_undecided.iter().cloned())),
        }
    }
}

/// `whatever the connection's role may do, by a stream processor: stream workspace events, connection db, as atlasAdmin`
pub(super) fn said(way: &Indirect<'_>) -> String {
    let mut said = way.kind.gives().to_owned();
    if let Some(via) = &way.via {
        let more =
            [(", connection", via.connection), (", to", via.cluster), (" of project", via.project), (", as", via.role)];
        let more = more.iter().filter_map(|(word, name)| name.map(|name| format!("{word} {name}")));
        said = format!("{said}: {}{}", via.place, more.collect::<String>());
    }
    if !way.certain {
        said.push_str(" (not certain)");
    }
    said
}

/// Each once, fit to be shown, and not without end.
fn sentences(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut more = 0;
    for text in all {
        let text = shown(&text).into_owned();
        if kept.contains(&text) {
            continue;
        }
        if kept.len() < MOST_SENTENCES {
            kept.push(text);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        kept.push(format!("and {more} more"));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Of(usize, usize);

    impl Ranked for Of {
        fn rank(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn the_best_of_many_are_kept_and_all_are_counted() {
        let mut kept = Kept::new(3);
        for number in 0..100 {
            kept.push(Of(usize::from(number % 10 != 7), number));
            assert!(kept.items.len() < 6);
        }
        kept.settle();
        assert_eq!(kept.items.iter().map(|one| one.1).collect::<Vec<_>>(), [7, 17, 27]);
        assert_eq!(kept.all, 100);
    }

    #[test]
    fn sentences_are_told_once_and_cut() {
        let many = (0..40).map(|number| format!("<{}>", number / 2));
        let kept = sentences(many);
        assert_eq!(kept.len(), MOST_SENTENCES + 1);
        assert_eq!(kept.last().map(String::as_str), Some("and 16 more"));
    }
}
