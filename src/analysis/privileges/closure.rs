//! Every role that somebody in a project has, what each allows by itself, and which it leads to.
//!
//! A role is looked at once, however many users have it; what it leads to is walked once and kept. Privileges only ever
//! add up, so a walk remembers where it was and cycles end; being breadth first, it finds the shortest way to each.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::OnceLock;

use crate::snapshot::database_access::{CustomRole, RoleAction};
use crate::snapshot::{Reading, Unavailable};

use super::action::{Action, ActionSet, Level};
use super::built_in;
use super::pattern::Pattern;

/// A role in the arena.
pub(super) type RoleId = u32;

/// What makes two mentions of a role the same: its name and, for roles per database, where it was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'a> {
    name: &'a str,
    database: Option<&'a str>,
    collection: Option<&'a str>,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleKind {
    /// A role of Atlas.
    BuiltIn,
    /// A role of the project.
    Custom,
    /// Neither: nobody knows what it allows.
    Unknown,
}

/// Actions on a pattern that one role allows by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Privilege<'a> {
    pub(super) actions: ActionSet,
    pub(super) on: Pattern<'a>,
    /// False where the actions do nothing on such a pattern.
    pub(super) effective: bool,
    pub(super) confirmed: bool,
}

/// Why it cannot be told what a role allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause<'a> {
    /// Neither Atlas nor the project has a role of that name.
    UnknownRole,
    /// The project's roles could not be read, and the role is not one of Atlas's.
    RolesUnread(String),
    /// An action that is newer than our table, on that.
    UnknownAction(&'a str, Pattern<'a>),
    /// An action on a resource that is not told.
    UnclearResource(Option<Action>, &'a str),
    /// A field that the answer lacks.
    Missing(&'static str),
}

/// What cannot be decided about somebody's privileges, and by which way it was met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Doubt<'a> {
    /// The names of the roles that lead to it, the granted one first; empty if it is the user's own.
    pub path: Vec<&'a str>,
    /// What is the matter there.
    pub cause: Cause<'a>,
}

impl Cause<'_> {
    /// Whether somebody may have more roles than are told, and not only more privileges by those that are.
    pub(super) fn hides_roles(&self) -> bool {
        match self {
            Self::UnknownRole | Self::RolesUnread(_) => true,
            Self::Missing(field) => matches!(*field, "roles" | "roleName" | "inheritedRoles" | "role"),
            Self::UnknownAction(..) | Self::UnclearResource(..) => false,
        }
    }
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownRole => f.write_str("neither Atlas nor the project has such a role"),
            Self::RolesUnread(why) => write!(f, "the project's roles could not be read: {why}"),
            Self::UnknownAction(action, on) => write!(f, "the action {action} on {on} is not known to this version"),
            Self::UnclearResource(_, action) => write!(f, "the action {action} does not say on what"),
            Self::Missing(field) => write!(f, "`{field}` is missing from what Atlas answered"),
        }
    }
}

impl fmt::Display for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(f, "{}", self.cause)
        } else {
            write!(f, "{}: {}", self.path.join(" → "), self.cause)
        }
    }
}

/// A role, by itself.
#[derive(Debug)]
pub(super) struct Role<'a> {
    pub(super) name: &'a str,
    pub(super) kind: RoleKind,
    pub(super) privileges: Vec<Privilege<'a>>,
    pub(super) causes: Vec<Cause<'a>>,
    /// Said of it when it is explained.
    pub(super) remark: Option<Remark>,
    inherits: Vec<RoleId>,
    closure: OnceLock<Vec<Step>>,
}

/// Something odd about a role that changes no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remark {
    /// The project has a role of the same name; Atlas's own wins.
    HidesCustomRole,
    /// A collection was named where only `read` and `readWrite` may have one; it is left out of account.
    CollectionIgnored,
    /// A collection was named for `dbAdmin`, which has little to do on a single one.
    CollectionOnAdmin,
    /// It has neither actions nor inherited roles.
    Empty,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HidesCustomRole => "the project has a role of the same name; the built-in one counts",
            Self::CollectionIgnored => "a collection is named, but the role is not granted per collection: ignored",
            Self::CollectionOnAdmin => "granted on one collection only, where most of its actions do nothing",
            Self::Empty => "the role allows nothing and inherits nothing",
        })
    }
}

/// A role that is reached, and from where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) role: RoleId,
    /// The step before, by its place in the walk; the first is its own.
    before: u32,
    pub(super) depth: u32,
}

/// All roles of a project that anybody mentions.
#[derive(Debug)]
pub(super) struct Roles<'a> {
    all: Vec<Role<'a>>,
    ids: HashMap<Key<'a>, RoleId>,
    custom: HashMap<&'a str, &'a CustomRole>,
    /// Why the project's own roles are not known.
    unread: Option<&'a Unavailable>,
}

impl<'a> Roles<'a> {
    pub(super) fn of(custom: &'a Reading<Vec<CustomRole>>) -> Self {
        let listed = custom.known().map_or(&[][..], Vec::as_slice);
        let mut by_name = HashMap::new();
        for role in listed {
            if let Some(name) = role.role_name.as_deref() {
                by_name.entry(name).or_insert(role);
            }
        }
        Self { all: Vec::new(), ids: HashMap::new(), custom: by_name, unread: custom.known().err() }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, id: RoleId) -> &Role<'a> {
        &self.all[id as usize]
    }

    /// Notes a role and all that it leads to.
    pub(super) fn mention(&mut self, name: &'a str, database: Option<&'a str>, collection: Option<&'a str>) -> RoleId {
        // A worklist, not recursion: chains may be as long as a project likes.
        let (id, new) = self.place(name, database, collection);
        let mut open: Vec<RoleId> = new.then_some(id).into_iter().collect();
        while let Some(id) = open.pop() {
            let role = self.get(id);
            if role.kind != RoleKind::Custom {
                continue;
            }
            let Some(inherited) = self.custom.get(role.name).and_then(|role| role.inherited_roles.as_ref()) else {
                continue;
            };
            let mut ids = Vec::with_capacity(inherited.len());
            for inherited in inherited {
                let Some(name) = inherited.role.as_deref() else { continue };
                let (id, new) = self.place(name, inherited.db.as_deref(), None);
                ids.push(id);
                if new {
                    open.push(id);
                }
            }
            self.all[id as usize].inherits = ids;
        }
        id
    }

    /// The place of a role in the arena, and whether it is new there.
    fn place(&mut self, name: &'a str, database: Option<&'a str>, collection: Option<&'a str>) -> (RoleId, bool) {
        let database = database.filter(|name| !name.is_empty());
        let collection = collection.filter(|name| !name.is_empty());
        let per_database = built_in::find(name).is_some_and(|role| role.per_database);
        let key = Key { name, database: database.filter(|_| per_database), collection };
        if let Some(id) = self.ids.get(&key) {
            return (*id, false);
        }
        let role = self.role(key);
        let id = RoleId::try_from(self.all.len()).expect("fewer roles than fit in memory");
        self.all.push(role);
        self.ids.insert(key, id);
        (id, true)
    }

    fn role(&self, key: Key<'a>) -> Role<'a> {
        let mut role = Role {
            name: key.name,
            kind: RoleKind::Unknown,
            privileges: Vec::new(),
            causes: Vec::new(),
            remark: None,
            inherits: Vec::new(),
            closure: OnceLock::new(),
        };
        if let Some(built_in) = built_in::find(key.name) {
            role.kind = RoleKind::BuiltIn;
            let clash = self.custom.contains_key(key.name).then_some(Remark::HidesCustomRole);
            let about_collection = match (key.collection, key.name) {
                (Some(_), "read" | "readWrite") | (None, _) => None,
                (Some(_), "dbAdmin") => Some(Remark::CollectionOnAdmin),
                (Some(_), _) => Some(Remark::CollectionIgnored),
            };
            role.remark = about_collection.or(clash);
            match (built_in.per_database, key.database) {
                (true, None) => role.causes.push(Cause::Missing("databaseName")),
                (per_database, database) => {
                    let narrowed = key.collection.filter(|_| per_database);
                    role.privileges = of_built_in(built_in, database.unwrap_or("admin"), narrowed);
                }
            }
        } else if let Some(custom) = self.custom.get(key.name) {
            role.kind = RoleKind::Custom;
            role.remark = key.collection.map(|_| Remark::CollectionIgnored);
            of_custom(custom, &mut role);
        } else {
            role.causes.push(match self.unread {
                Some(why) => Cause::RolesUnread(why.to_string()),
                None => Cause::UnknownRole,
            });
        }
        role
    }

    /// The role itself and all that it leads to, each once, by the shortest way.
    pub(super) fn closure(&self, of: RoleId) -> &[Step] {
        self.get(of).closure.get_or_init(|| {
            if self.get(of).inherits.is_empty() {
                return vec![Step { role: of, before: 0, depth: 0 }];
            }
            let mut seen = vec![false; self.all.len()];
            seen[of as usize] = true;
            let mut steps = vec![Step { role: of, before: 0, depth: 0 }];
            let mut next = 0;
            while let Some(step) = steps.get(next).copied() {
                let before = u32::try_from(next).expect("fewer steps than roles");
                next += 1;
                for inherited in &self.get(step.role).inherits {
                    if !std::mem::replace(&mut seen[*inherited as usize], true) {
                        steps.push(Step { role: *inherited, before, depth: step.depth + 1 });
                    }
                }
            }
            steps
        })
    }

    /// The names from a granted role to the one at that place of its walk, both included.
    pub(super) fn path(&self, of: RoleId, step: usize) -> Vec<&'a str> {
        let steps = self.closure(of);
        let mut path = vec![self.get(steps[step].role).name];
        let mut at = step;
        while at != 0 {
            at = steps[at].before as usize;
            path.push(self.get(steps[at].role).name);
        }
        path.reverse();
        path
    }
}

fn of_built_in<'a>(role: &built_in::BuiltIn, database: &'a str, narrowed: Option<&'a str>) -> Vec<Privilege<'a>> {
    let mut privileges = Vec::new();
    role.each(database, &mut |on, actions, confirmed| {
        let (on, actions) = match (narrowed, on) {
            (None, _) => (on, actions),
            // One collection of it: what is for the database as a whole goes.
            (Some(collection), Pattern::Database(database)) => {
                let on_collections = |action: &Action| action.level() == Level::Collection;
                (Pattern::Collection(database, collection), actions.iter().filter(on_collections).collect())
            }
            (Some(collection), Pattern::Collection(_, own)) if own == collection => (on, actions),
            (Some(_), _) => return,
        };
        if !actions.is_empty() {
            privileges.push(Privilege { actions, on, effective: true, confirmed });
        }
    });
    privileges
}

fn of_custom<'a>(custom: &'a CustomRole, role: &mut Role<'a>) {
    match &custom.inherited_roles {
        None => role.causes.push(Cause::Missing("inheritedRoles")),
        Some(inherited) if inherited.iter().any(|inherited| inherited.role.is_none()) => {
            role.causes.push(Cause::Missing("role"));
        }
        Some(_) => {}
    }
    let Some(actions) = &custom.actions else {
        role.causes.push(Cause::Missing("actions"));
        return;
    };
    if actions.is_empty() && custom.inherited_roles.as_ref().is_some_and(Vec::is_empty) {
        role.remark = role.remark.or(Some(Remark::Empty));
    }
    // Grouped, since roles repeat the same resources for many actions.
    let mut grants: BTreeMap<(Pattern<'a>, bool), ActionSet> = BTreeMap::new();
    for RoleAction { action, resources } in actions {
        let Some(name) = action.as_deref() else {
            role.causes.push(Cause::Missing("action"));
            continue;
        };
        let Some(resources) = resources else {
            role.causes.push(Cause::UnclearResource(Action::of_custom_role(name), name));
            continue;
        };
        let known = Action::of_custom_role(name);
        for resource in resources {
            match (known, Pattern::of(resource)) {
                (_, None) => role.causes.push(Cause::UnclearResource(known, name)),
                (None, Some(on)) => role.causes.push(Cause::UnknownAction(name, on)),
                (Some(action), Some(on)) => {
                    grants.entry((on, on.suits(action.level()))).or_default().insert(action);
                }
            }
        }
    }
    role.privileges = grants
        .into_iter()
        .map(|((on, effective), actions)| Privilege { actions, on, effective, confirmed: true })
        .collect();
}
