//! What can be asked: a verb, and a database, a collection or the cluster.

use std::fmt;
use std::str::FromStr;

use super::action::{Action, ActionSet, Class, Level};
use super::pattern::Target;

/// What somebody might do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// See documents.
    Read,
    /// Insert, change or remove documents.
    Write,
    /// Drop, or have documents expire.
    Destroy,
    /// Change schema, indexes, layout or settings; of a cluster: stop it, freeze it, get round its protections.
    Administer,
}

impl Verb {
    /// All.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Destroy, Self::Administer];

    /// Actions that are of its kind, on whatever.
    #[must_use]
    pub fn actions(self) -> ActionSet {
        let kind = |fits: fn(Class) -> bool| ActionSet::all(|action| fits(action.class()));
        match self {
            Self::Read => kind(|class| class == Class::Read),
            Self::Write => kind(|class| class == Class::Write),
            Self::Destroy => {
                kind(|class| class == Class::Destroy).union(ActionSet::of(&[Action::CreateIndex, Action::CollMod]))
            }
            Self::Administer => kind(|class| class == Class::Admin || class.is_dangerous()),
        }
    }

    /// As it is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destroy => "destroy",
            Self::Administer => "administer",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A database, or one collection of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace {
    /// The database.
    pub database: String,
    /// The collection. It may hold dots.
    pub collection: Option<String>,
}

/// A text is no namespace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamespaceError {
    /// Nothing before the dot.
    #[error("it names no database")]
    NoDatabase,
    /// Nothing after the dot.
    #[error("it names no collection after the dot")]
    NoCollection,
    /// A character that names of databases cannot hold.
    #[error("a database name holds no {0:?}")]
    Character(char),
    /// Longer than the server takes.
    #[error("a database name has at most 63 bytes")]
    TooLong,
}

impl FromStr for Namespace {
    type Err = NamespaceError;

    /// Names of databases hold no dot, so the first one ends them: `shop.system.profile` is in `shop`.
    fn from_str(text: &str) -> Result<Self, NamespaceError> {
        let (database, collection) = match text.split_once('.') {
            None => (text, None),
            Some((database, collection)) => (database, Some(collection)),
        };
        if database.is_empty() {
            return Err(NamespaceError::NoDatabase);
        }
        let forbidden = |c: &char| matches!(c, '/' | '\\' | ' ' | '"' | '$' | '*' | '<' | '>' | ':' | '|' | '?' | '\0');
        if let Some(c) = database.chars().find(forbidden) {
            return Err(NamespaceError::Character(c));
        }
        if database.len() > 63 {
            return Err(NamespaceError::TooLong);
        }
        if collection == Some("") {
            return Err(NamespaceError::NoCollection);
        }
        Ok(Self { database: database.to_owned(), collection: collection.map(str::to_owned) })
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.collection {
            None => f.write_str(&self.database),
            Some(collection) => write!(f, "{}.{collection}", self.database),
        }
    }
}

/// A question about everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// What.
    pub verb: Verb,
    /// To what; nothing is the cluster itself, which can only be administered.
    pub namespace: Option<&'a Namespace>,
    /// Where; nothing is anywhere in the project.
    pub place: Option<super::Place<'a>>,
}

/// Actions on a target, any of which is a *yes*.
pub(super) type Wanted<'a> = (ActionSet, Target<'a>);

impl<'a> Question<'a> {
    /// What any way to a *yes* has to allow.
    pub(super) fn wanted(&self) -> Vec<Wanted<'a>> {
        let Some(namespace) = self.namespace else { return self.of_the_cluster() };
        let database = namespace.database.as_str();
        let documents = match namespace.collection.as_deref() {
            Some(collection) => Target::Collection(database, collection),
            None => Target::CollectionsOf(database),
        };
        let whole = Target::Database(database);
        match self.verb {
            Verb::Read => vec![(ActionSet::of(&[Action::Find, Action::ChangeStream]), documents)],
            Verb::Write => vec![(ActionSet::of(&[Action::Insert, Action::Update, Action::Remove]), documents)],
            Verb::Destroy => {
                // An index or a collection's settings can make documents expire.
                let these = [Action::DropCollection, Action::ConvertToCapped, Action::CreateIndex, Action::CollMod];
                vec![(ActionSet::of(&these), documents), (ActionSet::of(&[Action::DropDatabase]), whole)]
            }
            Verb::Administer => {
                let admin = |fits: fn(Level) -> bool| {
                    ActionSet::all(|action| action.class() == Class::Admin && fits(action.level()))
                };
                vec![
                    (admin(|level| matches!(level, Level::Collection | Level::CollectionOrCluster)), documents),
                    (admin(|level| level == Level::Database), whole),
                ]
            }
        }
    }

    fn of_the_cluster(&self) -> Vec<Wanted<'a>> {
        if self.verb != Verb::Administer {
            return Vec::new();
        }
        let kind = self.place.map(|place| place.kind);
        let mut wanted = Vec::new();
        if kind.is_none_or(|kind| kind == super::PlaceKind::Cluster) {
            wanted.push((dangerous_on_a_cluster(), Target::Cluster));
        }
        if kind.is_none_or(|kind| kind == super::PlaceKind::FederatedDatabase) {
            let administers = |class: Class| class.is_dangerous() || class == Class::Admin;
            let these =
                ActionSet::all(|action| action.level() == Level::FederatedDatabase && administers(action.class()));
            wanted.push((these, Target::Service));
        }
        wanted
    }
}

/// `applyOps` is left out: whether Atlas passes it on is not said, so it is a possible indirect way.
fn dangerous_on_a_cluster() -> ActionSet {
    ActionSet::all(|action| {
        action != Action::ApplyOps
            && matches!(action.level(), Level::Cluster | Level::CollectionOrCluster)
            && action.class().is_dangerous()
    })
}
