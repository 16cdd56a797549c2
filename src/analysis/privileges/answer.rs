//! The answer to a question, for one user: direct and indirect apart, undecided kept apart from *no*.

use std::fmt;

use jiff::Timestamp;

use super::Privileges;
use super::action::{Action, ActionSet, Class, Level};
use super::closure::{Cause, Doubt};
use super::finder::{Finder, Idle, Way};
use super::indirect::{Indirect, Indirects};
use super::pattern::Target;
use super::place::{Place, PlaceKind};
use super::question::{Question, Verb};
use super::user::{Life, User};

/// Why something cannot be decided for a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undecided<'a> {
    /// About a role or an action.
    Privilege(Doubt<'a>),
    /// About where the user is let in.
    Place(String),
}

impl fmt::Display for Undecided<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Privilege(doubt) => doubt.fmt(f),
            Self::Place(why) => f.write_str(why),
        }
    }
}

/// Whether a user can do it by its own privileges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direct<'a> {
    /// Yes: each action that does it, by its shortest way.
    Yes(Vec<Way<'a>>),
    /// No, and that is certain.
    No,
    /// What is known gives no *yes*, and not everything is known.
    Undecided(Vec<Undecided<'a>>),
}

/// What else there is to say about an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note<'a> {
    /// Atlas should have deleted the user then, and still lists it: no access.
    Expired(Timestamp),
    /// Access ends then.
    Temporary(Timestamp),
    /// Access ends, but not readably when.
    EndUnclear,
    /// A group or an assumed role: who is behind it, Atlas does not know.
    Group,
    /// The roles would do, but no scope lets the user in.
    OutOfScope,
    /// Scopes name what does not exist: access begins when something is made under that name.
    Dangling(Vec<Place<'a>>),
    /// What was asked for is granted where it does nothing.
    WithoutEffect(Idle<'a>),
    /// Dangerous actions that no verb asks for, such as getting round validation.
    Beside(Vec<Way<'a>>),
}

impl fmt::Display for Note<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired(end) => write!(f, "expired {end}, still listed"),
            Self::Temporary(end) => write!(f, "temporary, until {end}"),
            Self::EndUnclear => f.write_str("temporary, with an end that cannot be read"),
            Self::Group => f.write_str("group, members unknown"),
            Self::OutOfScope => f.write_str("the roles would do, but no scope lets it in"),
            Self::Dangling(places) => {
                let places: Vec<_> = places.iter().map(ToString::to_string).collect();
                write!(f, "scope names what does not exist: {}", places.join(", "))
            }
            Self::WithoutEffect(idle) => {
                let actions: Vec<_> = idle.actions.iter().map(Action::name).collect();
                write!(f, "without effect: {} on {}, by {}", actions.join(" "), idle.on, idle.path.join(" → "))
            }
            Self::Beside(ways) => {
                let actions: Vec<_> = ways.iter().map(|way| way.action.name()).collect();
                write!(f, "besides: {}", actions.join(", "))
            }
        }
    }
}

/// The answer for one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<'a> {
    /// By its own privileges.
    pub direct: Direct<'a>,
    /// By other ways.
    pub indirect: Vec<Indirect<'a>>,
    /// Why there may be other indirect ways.
    pub indirect_undecided: Vec<Undecided<'a>>,
    /// Where the direct answer holds, of what is known.
    pub places: Vec<Place<'a>>,
    /// What else there is to say.
    pub notes: Vec<Note<'a>>,
}

impl Answer<'_> {
    /// No, and nothing to say of it.
    pub(super) const fn no() -> Self {
        Self {
            direct: Direct::No,
            indirect: Vec::new(),
            indirect_undecided: Vec::new(),
            places: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether there is any way, direct or not.
    #[must_use]
    pub fn is_yes(&self) -> bool {
        matches!(self.direct, Direct::Yes(_)) || !self.indirect.is_empty()
    }

    /// Whether something about it could not be decided.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        matches!(self.direct, Direct::Undecided(_)) || !self.indirect_undecided.is_empty()
    }
}

/// A question that is being answered, user by user.
#[derive(Debug)]
pub struct Inquiry<'p, 'a> {
    privileges: &'p Privileges<'a>,
    question: Question<'p>,
    direct: Finder<'p, 'a>,
    beside: Finder<'p, 'a>,
    indirects: Indirects<'p, 'a>,
}

impl<'p, 'a> Inquiry<'p, 'a> {
    pub(super) fn of(privileges: &'p Privileges<'a>, question: Question<'p>) -> Self {
        let mut wanted = question.wanted();
        let federated = PlaceKind::FederatedDatabase;
        let places = &privileges.places;
        if !places.known.iter().any(|place| place.kind == federated) && places.unread(federated).is_none() {
            wanted.retain(|(_, target)| *target != Target::Service);
        }
        let asked = wanted.iter().fold(ActionSet::EMPTY, |all, (actions, _)| all.union(*actions));
        let beside = wanted
            .iter()
            .map(|(_, target)| {
                let here = ActionSet::all(|action| !asked.contains(action) && belongs_beside(action, *target));
                (here, *target)
            })
            .collect();
        let indirects = Indirects::of(privileges, &question);
        Self { privileges, direct: Finder::new(wanted), beside: Finder::new(beside), indirects, question }
    }

    /// The question.
    #[must_use]
    pub fn question(&self) -> &Question<'p> {
        &self.question
    }

    /// The answer for one user of the project.
    pub fn answer(&mut self, user: &User<'a>) -> Answer<'a> {
        let mut answer = Answer::no();
        match user.life {
            Life::Expired(end) => {
                answer.notes.push(Note::Expired(end));
                return answer;
            }
            Life::Until(end) => answer.notes.push(Note::Temporary(end)),
            Life::Unclear => answer.notes.push(Note::EndUnclear),
            Life::Lasting => {}
        }
        if user.is_group() {
            answer.notes.push(Note::Group);
        }
        let dangling: Vec<_> = user.reach.dangling(&self.privileges.places).collect();
        if !dangling.is_empty() {
            answer.notes.push(Note::Dangling(dangling));
        }
        self.answer_directly(user, &mut answer);
        self.indirects.answer(self.privileges, &mut self.direct, user, &mut answer);
        answer
    }

    fn answer_directly(&mut self, user: &User<'a>, answer: &mut Answer<'a>) {
        let roles = &self.privileges.roles;
        let mut ways = self.direct.ways(roles, &user.granted);
        // A change stream alone shows nothing: the server wants `find` as well.
        if self.question.verb == Verb::Read && !ways.iter().any(|way| way.action == Action::Find) {
            ways.clear();
        }
        let granted = !ways.is_empty();
        let doubts = if granted { Vec::new() } else { self.doubts(user) };
        let within = self.within(user);
        if matches!(self.question.verb, Verb::Write | Verb::Administer) && matches!(within, Within::Here(_)) {
            let beside = self.beside.ways(roles, &user.granted);
            if !beside.is_empty() {
                answer.notes.push(Note::Beside(beside));
            }
        }
        if !granted {
            let idle = self.direct.idle(roles, &user.granted);
            answer.notes.extend(idle.into_iter().map(Note::WithoutEffect));
        }
        answer.direct = match within {
            Within::Nowhere => {
                if granted {
                    answer.notes.push(Note::OutOfScope);
                }
                Direct::No
            }
            Within::Unclear(why) if granted || !doubts.is_empty() => {
                Direct::Undecided(why.into_iter().map(Undecided::Place).collect())
            }
            Within::Here(places) if granted => {
                answer.places = places;
                Direct::Yes(ways)
            }
            _ if !doubts.is_empty() => Direct::Undecided(doubts),
            _ => Direct::No,
        };
    }

    fn doubts(&mut self, user: &User<'a>) -> Vec<Undecided<'a>> {
        let own = user.causes.iter().map(|cause: &Cause<'a>| Doubt { path: Vec::new(), cause: cause.clone() });
        let of_roles = self.direct.doubts(&self.privileges.roles, &user.granted);
        own.chain(of_roles).map(Undecided::Privilege).collect()
    }

    /// Where the user can use what it has.
    fn within(&self, user: &User<'a>) -> Within<'a> {
        let places = &self.privileges.places;
        if let Some(place) = self.question.place {
            return match user.reach.lets_in(place) {
                Some(true) => Within::Here(places.known.iter().filter(|known| **known == place).copied().collect()),
                Some(false) => Within::Nowhere,
                None => Within::Unclear(user.reach.unclear().to_vec()),
            };
        }
        let kinds = [PlaceKind::Cluster, PlaceKind::FederatedDatabase];
        let here = user.reach.within(places, &kinds);
        if user.reach.everywhere() || !here.is_empty() {
            return Within::Here(here);
        }
        let unclear = user.reach.untold(places, &kinds);
        if unclear.is_empty() { Within::Nowhere } else { Within::Unclear(unclear) }
    }
}

enum Within<'a> {
    Here(Vec<Place<'a>>),
    Nowhere,
    Unclear(Vec<String>),
}

/// What a reader wants to know beside the verb: dangerous actions on the same target, and changes to a cluster's settings.
fn belongs_beside(action: Action, target: Target<'_>) -> bool {
    let class = action.class();
    match target {
        Target::Collection(..) | Target::CollectionsOf(_) => {
            action.level() == Level::Collection && matches!(class, Class::Bypass | Class::Availability)
        }
        Target::Cluster => {
            matches!(action.level(), Level::Cluster | Level::CollectionOrCluster) && class == Class::Admin
        }
        Target::Database(_) | Target::Service => false,
    }
}
