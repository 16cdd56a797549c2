//! The events that an audit log can hold, and what is known of each before any filter is read.
//!
//! Source: <https://www.mongodb.com/docs/manual/reference/audit-message/>. What Atlas adds: a login runs against `admin` or `$external` and no other database.

use std::fmt;

/// What a string of an event can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Domain {
    Any,
    /// `admin` or `$external`.
    LoginDatabase,
    /// A name without a dot.
    Database,
    /// `database.collection`.
    Collection,
    /// Collections of this database.
    CollectionOf(String),
    Exactly(String),
}

impl Domain {
    pub(super) fn has(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::LoginDatabase => matches!(text, "admin" | "$external"),
            Self::Database => !text.is_empty() && !text.contains('.'),
            Self::Collection => {
                text.split_once('.').is_some_and(|(database, rest)| !database.is_empty() && !rest.is_empty())
            }
            Self::CollectionOf(database) => {
                text.split_once('.').is_some_and(|(first, rest)| first == database && !rest.is_empty())
            }
            Self::Exactly(only) => text == only,
        }
    }

    /// A string of the domain that begins with the prefix and goes on with the word, if there is one.
    pub(super) fn extended(&self, prefix: &str, word: &str) -> Option<String> {
        let text = match self {
            Self::Collection if !prefix.contains('.') => format!("{prefix}{word}.{word}"),
            Self::CollectionOf(database) => {
                let start = format!("{database}.");
                let begun = if start.starts_with(prefix) { start.as_str() } else { prefix };
                format!("{begun}{word}")
            }
            _ => format!("{prefix}{word}"),
        };
        self.has(&text).then_some(text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text(Domain),
    /// Present, but of a shape that is not modelled.
    Unmodelled,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// The shape of `param`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Param {
    /// Differs by version or is not described: anything may be there.
    Unknown,
    Known {
        fields: Vec<Field>,
        /// Fields stand in the order of the list. Otherwise only the required ones do, and come first.
        ordered: bool,
        /// Further fields may follow, under names that no other event type uses.
        open: bool,
    },
}

/// Whom the event names as logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principals {
    Nobody,
    Somebody,
    /// Written by the server itself as well as for users.
    Either,
}

/// What is fixed about the events of a question; everything else varies.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) atype: &'static str,
    pub(super) results: &'static [i64],
    pub(super) principals: Principals,
    pub(super) param: Param,
}

macro_rules! events {
    ($($variant:ident = $name:literal, $atype:literal, $shape:ident, $principals:ident, $results:expr;)+) => {
        /// An event type together with its outcome, where the outcome makes a difference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Event {
            $(#[doc = $name] $variant,)+
        }

        impl Event {
            /// Every event, in the order of the manual's table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name: the event type, followed by the outcome in parentheses where a type has two.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The event type as the log spells it.
            #[must_use]
            pub fn atype(self) -> &'static str {
                match self { $(Self::$variant => $atype),+ }
            }

            pub(super) fn scenario(self) -> Scenario {
                match self {
                    $(Self::$variant => Scenario {
                        name: $name,
                        atype: $atype,
                        results: &$results,
                        principals: Principals::$principals,
                        param: Shape::$shape.param(),
                    }),+
                }
            }
        }
    };
}

events! {
    LoginFailed = "authenticate (failed)", "authenticate", Login, Nobody, [18, 334, 337];
    Login = "authenticate (successful)", "authenticate", Login, Somebody, [0];
    AuthCheckRefused = "authCheck (refused)", "authCheck", Command, Somebody, [13];
    AuthCheckAllowed = "authCheck (allowed)", "authCheck", Command, Somebody, [0];
    CreateCollection = "createCollection", "createCollection", Collection, Somebody, [0];
    DropCollection = "dropCollection", "dropCollection", Collection, Somebody, [0, 26];
    CreateDatabase = "createDatabase", "createDatabase", Database, Somebody, [0];
    DropDatabase = "dropDatabase", "dropDatabase", Database, Somebody, [0];
    EnableSharding = "enableSharding", "enableSharding", Database, Somebody, [0];
    CreateIndex = "createIndex", "createIndex", NewIndex, Somebody, [0, 276];
    DropIndex = "dropIndex", "dropIndex", Index, Somebody, [0];
    RenameCollection = "renameCollection", "renameCollection", Renaming, Somebody, [0];
    CreateUser = "createUser", "createUser", User, Somebody, [0];
    DropUser = "dropUser", "dropUser", User, Somebody, [0];
    UpdateUser = "updateUser", "updateUser", User, Somebody, [0];
    GrantRolesToUser = "grantRolesToUser", "grantRolesToUser", User, Somebody, [0];
    RevokeRolesFromUser = "revokeRolesFromUser", "revokeRolesFromUser", User, Somebody, [0];
    DropAllUsersFromDatabase = "dropAllUsersFromDatabase", "dropAllUsersFromDatabase", Users, Somebody, [0];
    CreateRole = "createRole", "createRole", Role, Somebody, [0];
    UpdateRole = "updateRole", "updateRole", Role, Somebody, [0];
    DropRole = "dropRole", "dropRole", Role, Somebody, [0];
    GrantRolesToRole = "grantRolesToRole", "grantRolesToRole", Role, Somebody, [0];
    RevokeRolesFromRole = "revokeRolesFromRole", "revokeRolesFromRole", Role, Somebody, [0];
    GrantPrivilegesToRole = "grantPrivilegesToRole", "grantPrivilegesToRole", Role, Somebody, [0];
    RevokePrivilegesFromRole = "revokePrivilegesFromRole", "revokePrivilegesFromRole", Role, Somebody, [0];
    DropAllRolesFromDatabase = "dropAllRolesFromDatabase", "dropAllRolesFromDatabase", Roles, Somebody, [0];
    DirectAuthMutation = "directAuthMutation", "directAuthMutation", Mutation, Either, [0];
    Logout = "logout", "logout", Logout, Somebody, [0];
    ClientMetadata = "clientMetadata", "clientMetadata", Client, Either, [0];
    ShardCollection = "shardCollection", "shardCollection", Sharding, Somebody, [0];
    RefineCollectionShardKey = "refineCollectionShardKey", "refineCollectionShardKey", Sharding, Somebody, [0];
    AddShard = "addShard", "addShard", Unknown, Either, [0];
    RemoveShard = "removeShard", "removeShard", Unknown, Either, [0];
    ReplSetReconfig = "replSetReconfig", "replSetReconfig", Unknown, Either, [0];
    Shutdown = "shutdown", "shutdown", Unknown, Either, [0];
    Startup = "startup", "startup", Unknown, Either, [0];
    ApplicationMessage = "applicationMessage", "applicationMessage", Unknown, Either, [0];
    GetClusterParameter = "getClusterParameter", "getClusterParameter", Unknown, Either, [0];
    SetClusterParameter = "setClusterParameter", "setClusterParameter", Unknown, Either, [0];
    UpdateCachedClusterServerParameter = "updateCachedClusterServerParameter",
        "updateCachedClusterServerParameter", Unknown, Either, [0];
}

impl Event {
    /// The event of this name, as [`Event::name`] gives it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.name() == name)
    }

    /// The events of a type: both outcomes of `authenticate` and `authCheck`, one event for every other type, none for
    /// a type that does not exist.
    pub fn of_type(atype: &str) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |event| event.atype() == atype)
    }

    /// Whether the event is only ever written with `auditAuthorizationSuccess`.
    #[must_use]
    pub fn needs_authorization_success(self) -> bool {
        self == Self::AuthCheckAllowed
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Names that some `param` has, and which therefore cannot be a further field of an open one.
pub(super) fn is_known_elsewhere(name: &str) -> bool {
    Shape::EVERY.iter().any(|shape| match shape.param() {
        Param::Known { fields, .. } => fields.iter().any(|field| field.name == name),
        Param::Unknown => false,
    })
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Login,
    Command,
    Collection,
    Database,
    NewIndex,
    Index,
    Renaming,
    User,
    Users,
    Role,
    Roles,
    Mutation,
    Logout,
    Client,
    Sharding,
    Unknown,
}

impl Shape {
    const EVERY: [Self; 15] = [
        Self::Login,
        Self::Command,
        Self::Collection,
        Self::Database,
        Self::NewIndex,
        Self::Index,
        Self::Renaming,
        Self::User,
        Self::Users,
        Self::Role,
        Self::Roles,
        Self::Mutation,
        Self::Logout,
        Self::Client,
        Self::Sharding,
    ];

    fn param(self) -> Param {
        use Domain::{Any, Collection, Database, LoginDatabase};
        let text = |name, domain| Field { name, kind: Kind::Text(domain), required: true };
        let other = |name| Field { name, kind: Kind::Unmodelled, required: true };
        let maybe = |field: Field| Field { required: false, ..field };
        let ordered = |fields: Vec<Field>| Param::Known { fields, ordered: true, open: false };
        let loose = |fields: Vec<Field>| Param::Known { fields, ordered: false, open: false };
        match self {
            // Since 5.0 the external mechanisms add fields, so that no whole document covers every login.
            Self::Login => Param::Known {
                fields: vec![text("user", Any), text("db", LoginDatabase), text("mechanism", Any)],
                ordered: true,
                open: true,
            },
            Self::Command => ordered(vec![text("command", Any), maybe(text("ns", Any)), other("args")]),
            Self::Collection => {
                ordered(vec![text("ns", Collection), maybe(text("viewOn", Any)), maybe(other("pipeline"))])
            }
            Self::Database => ordered(vec![text("ns", Database)]),
            Self::NewIndex => ordered(vec![
                text("ns", Collection),
                text("indexName", Any),
                other("indexSpec"),
                maybe(text("indexBuildState", Any)),
            ]),
            Self::Index => ordered(vec![text("ns", Collection), text("indexName", Any)]),
            Self::Renaming => ordered(vec![text("old", Collection), text("new", Collection)]),
            // The manual lists these fields for the whole family; which of them a type has depends on the command.
            Self::User => loose(vec![
                text("user", Any),
                text("db", Any),
                maybe(other("roles")),
                maybe(other("customData")),
                maybe(other("passwordChanged")),
            ]),
            Self::Users => loose(vec![
                text("db", Any),
                maybe(text("user", Any)),
                maybe(other("roles")),
                maybe(other("customData")),
                maybe(other("passwordChanged")),
            ]),
            Self::Role => {
                loose(vec![text("role", Any), text("db", Any), maybe(other("roles")), maybe(other("privileges"))])
            }
            Self::Roles => loose(vec![
                text("db", Any),
                maybe(text("role", Any)),
                maybe(other("roles")),
                maybe(other("privileges")),
            ]),
            Self::Mutation => {
                loose(vec![maybe(other("document")), maybe(text("ns", Any)), maybe(text("operation", Any))])
            }
            Self::Logout => {
                loose(vec![maybe(text("reason", Any)), maybe(other("initialUsers")), maybe(other("updatedUsers"))])
            }
            Self::Client => loose(vec![maybe(other("localEndpoint")), maybe(other("clientMetadata"))]),
            Self::Sharding => loose(vec![text("ns", Collection), other("key")]),
            Self::Unknown => Param::Unknown,
        }
    }
}
