//! What the roles of Atlas's own allow.
//!
//! Atlas names them and describes them in words (`docs/atlas/mongodb-users-roles-and-privileges` of the manual); what they
//! allow in detail is the server's table of the same names. Where the two may differ, the grant is marked as unconfirmed.
#![cfg_attr(not(test), expect(clippy::enum_glob_use, reason = "the tables name nearly every action"))]

use super::action::Action::{self, *};
use super::action::ActionSet;
use super::pattern::Pattern;

/// A role of Atlas's own.
#[derive(Debug)]
pub(super) struct BuiltIn {
    pub(super) name: &'static str,
    /// Whether it is granted on a database of the grantor's choice; the others stand on `admin` and say themselves
    /// where they apply.
    pub(super) per_database: bool,
    inherits: &'static [&'static str],
    grants: &'static [Grant],
}

#[derive(Debug)]
struct Grant {
    on: Where,
    actions: &'static [Action],
    confirmed: bool,
}

/// A pattern, before the database is known.
#[derive(Debug, Clone, Copy)]
enum Where {
    /// The database that the role is granted on.
    Granted,
    /// A collection of it.
    GrantedCollection(&'static str),
    Fixed(Pattern<'static>),
}

const fn on(pattern: Pattern<'static>, actions: &'static [Action]) -> Grant {
    Grant { on: Where::Fixed(pattern), actions, confirmed: true }
}

const fn possibly(pattern: Pattern<'static>, actions: &'static [Action]) -> Grant {
    Grant { on: Where::Fixed(pattern), actions, confirmed: false }
}

const fn granted(actions: &'static [Action]) -> Grant {
    Grant { on: Where::Granted, actions, confirmed: true }
}

const fn granted_collection(name: &'static str, actions: &'static [Action]) -> Grant {
    Grant { on: Where::GrantedCollection(name), actions, confirmed: true }
}

const READ: &[Action] = &[
    ChangeStream,
    CollStats,
    DbHash,
    DbStats,
    Find,
    KillCursors,
    ListCollections,
    ListIndexes,
    ListSearchIndexes,
    PlanCacheRead,
];

/// Beyond `READ`.
const WRITE: &[Action] = &[
    CleanupStructuredEncryptionData,
    CompactStructuredEncryptionData,
    ConvertToCapped,
    CreateCollection,
    CreateIndex,
    CreateSearchIndexes,
    DropCollection,
    DropIndex,
    DropSearchIndex,
    Insert,
    Remove,
    RenameCollectionSameDB,
    Update,
    UpdateSearchIndex,
];

const ADMIN: &[Action] = &[
    Analyze,
    BypassDocumentValidation,
    CollMod,
    CollStats,
    Compact,
    ConfigureQueryAnalyzer,
    ConvertToCapped,
    CreateCollection,
    CreateIndex,
    CreateSearchIndexes,
    DbStats,
    DropCollection,
    DropDatabase,
    DropIndex,
    DropSearchIndex,
    EnableProfiler,
    ListCollections,
    ListIndexes,
    ListSearchIndexes,
    PlanCacheIndexFilter,
    PlanCacheRead,
    PlanCacheWrite,
    ReIndex,
    RenameCollectionSameDB,
    StorageDetails,
    UpdateSearchIndex,
    Validate,
];

/// What administrators of a database may do with its profiler's collection.
const PROFILE: &[Action] = &[
    ChangeStream,
    CollStats,
    ConvertToCapped,
    CreateCollection,
    DbHash,
    DbStats,
    DropCollection,
    Find,
    KillCursors,
    ListCollections,
    ListIndexes,
    ListSearchIndexes,
    PlanCacheRead,
];

const STREAM_READ: &[Action] = &[GetStreamProcessor, ListStreamConnections, ListStreamProcessors, StreamProcessorStats];

/// Beyond `STREAM_READ`.
const STREAM_WRITE: &[Action] = &[
    CreateStreamProcessor,
    DropStreamProcessor,
    ModifyStreamProcessor,
    ProcessStreamProcessor,
    SampleStreamProcessor,
    StartStreamProcessor,
    StopStreamProcessor,
];

const MONITOR: &[Action] = &[CollStats, DbStats, GetDatabaseVersion, GetShardVersion, IndexStats];

const BALANCER: &[Action] = &[Find, Insert, Update];

const FIND: &[Action] = &[Find];

const JS: Pattern<'static> = Pattern::Everywhere("system.js");
const PROFILES: Pattern<'static> = Pattern::Everywhere("system.profile");
const SETTINGS: Pattern<'static> = Pattern::Collection("config", "settings");
const ELECTION: Pattern<'static> = Pattern::Collection("local", "replset.election");
const MINVALID: Pattern<'static> = Pattern::Collection("local", "replset.minvalid");

static ROLES: &[BuiltIn] = &[
    BuiltIn {
        name: "atlasAdmin",
        per_database: false,
        inherits: &["readWriteAnyDatabase", "dbAdminAnyDatabase", "clusterMonitor", "backup", "enableSharding"],
        grants: &[
            on(
                Pattern::Cluster,
                &[
                    CheckMetadataConsistency,
                    CleanupOrphaned,
                    Compact,
                    FlushRouterConfig,
                    QuerySettings,
                    ShardedDataDistribution,
                    SplitChunk,
                ],
            ),
            on(
                Pattern::AllOrdinary,
                &[
                    AnalyzeShardKey,
                    ClearJumboFlag,
                    Compact,
                    KillAnyCursor,
                    MoveChunk,
                    RefineCollectionShardKey,
                    ReshardCollection,
                    ViewRole,
                ],
            ),
            on(SETTINGS, BALANCER),
            on(Pattern::Workspaces, STREAM_READ),
            on(Pattern::Workspaces, STREAM_WRITE),
        ],
    },
    // The console offers this one; the API's reference lacks it.
    BuiltIn { name: "autoCompact", per_database: false, inherits: &[], grants: &[on(Pattern::Cluster, &[Compact])] },
    BuiltIn {
        name: "backup",
        per_database: false,
        inherits: &[],
        grants: &[
            on(Pattern::Anything, &[CollStats, ListCollections, ListIndexes, ListSearchIndexes]),
            on(Pattern::AllOrdinary, FIND),
            on(Pattern::Buckets, FIND),
            on(Pattern::Database("config"), FIND),
            on(Pattern::Database("local"), FIND),
            on(ELECTION, FIND),
            on(MINVALID, FIND),
            on(JS, FIND),
            on(PROFILES, FIND),
            // The server lets it copy users and roles. Atlas does not say whether that is so there.
            possibly(Pattern::Everywhere("system.users"), FIND),
            possibly(Pattern::Collection("admin", "system.backup_users"), FIND),
            possibly(Pattern::Collection("admin", "system.roles"), FIND),
            possibly(Pattern::Collection("admin", "system.version"), FIND),
            on(SETTINGS, BALANCER),
            on(
                Pattern::Cluster,
                &[AppendOplogNote, GetParameter, ListDatabases, ServerStatus, SetUserWriteBlockMode, UseUuid],
            ),
        ],
    },
    BuiltIn {
        name: "clusterMonitor",
        per_database: false,
        inherits: &[],
        grants: &[
            on(
                Pattern::Cluster,
                &[
                    AllCollectionStats,
                    ConnPoolStats,
                    GetCmdLineOpts,
                    GetDefaultRwConcern,
                    GetLog,
                    GetParameter,
                    GetShardMap,
                    HostInfo,
                    InProg,
                    ListDatabases,
                    ListSampledQueries,
                    ListSessions,
                    ListShards,
                    NetStat,
                    OperationMetrics,
                    ReplSetGetConfig,
                    ReplSetGetStatus,
                    ServerStatus,
                    ShardedDataDistribution,
                    ShardingState,
                    Top,
                    UseUuid,
                ],
            ),
            on(Pattern::AllOrdinary, MONITOR),
            on(Pattern::Database("config"), MONITOR),
            on(Pattern::Collection("config", "system.sessions"), MONITOR),
            on(Pattern::Database("local"), MONITOR),
            on(Pattern::Collection("local", "system.replset"), FIND),
            on(ELECTION, FIND),
            on(MINVALID, FIND),
            on(PROFILES, FIND),
            on(Pattern::Database("config"), READ),
            on(Pattern::Collection("config", "system.js"), READ),
            on(Pattern::Database("local"), READ),
            on(Pattern::Collection("local", "system.js"), READ),
        ],
    },
    BuiltIn {
        name: "dbAdmin",
        per_database: true,
        inherits: &[],
        grants: &[granted(ADMIN), granted_collection("system.profile", PROFILE)],
    },
    BuiltIn {
        name: "dbAdminAnyDatabase",
        per_database: false,
        inherits: &[],
        grants: &[
            on(Pattern::AllOrdinary, ADMIN),
            on(PROFILES, PROFILE),
            on(Pattern::Buckets, ADMIN),
            on(Pattern::Cluster, &[ListDatabases]),
            // In the server's table. Whoever may apply operations writes whatever it likes.
            possibly(Pattern::Cluster, &[ApplyOps]),
        ],
    },
    BuiltIn {
        name: "enableSharding",
        per_database: false,
        inherits: &[],
        grants: &[
            on(Pattern::AllOrdinary, &[EnableSharding]),
            // Atlas names the first alone.
            possibly(
                Pattern::AllOrdinary,
                &[AnalyzeShardKey, MoveCollection, RefineCollectionShardKey, ReshardCollection],
            ),
        ],
    },
    // This one too is the console's.
    BuiltIn {
        name: "killOpSession",
        per_database: false,
        inherits: &[],
        grants: &[
            on(Pattern::Cluster, &[InProg, KillAnySession, KillOp, ListSessions]),
            on(Pattern::AllOrdinary, &[KillCursors]),
        ],
    },
    // And this one.
    BuiltIn { name: "manageShardBalancer", per_database: false, inherits: &[], grants: &[on(SETTINGS, BALANCER)] },
    BuiltIn {
        name: "read",
        per_database: true,
        inherits: &[],
        grants: &[granted(READ), granted_collection("system.js", READ)],
    },
    BuiltIn {
        name: "readAnyDatabase",
        per_database: false,
        inherits: &[],
        grants: &[
            on(Pattern::AllOrdinary, READ),
            on(JS, READ),
            on(Pattern::Buckets, READ),
            on(Pattern::Cluster, &[ListDatabases]),
            on(Pattern::Workspaces, STREAM_READ),
        ],
    },
    BuiltIn {
        name: "readWrite",
        per_database: true,
        inherits: &[],
        grants: &[
            granted(READ),
            granted(WRITE),
            granted_collection("system.js", READ),
            granted_collection("system.js", WRITE),
        ],
    },
    BuiltIn {
        name: "readWriteAnyDatabase",
        per_database: false,
        inherits: &["readAnyDatabase"],
        grants: &[
            on(Pattern::AllOrdinary, WRITE),
            on(JS, WRITE),
            on(Pattern::Buckets, WRITE),
            on(Pattern::Workspaces, STREAM_WRITE),
        ],
    },
];

/// The role of that name.
pub(super) fn find(name: &str) -> Option<&'static BuiltIn> {
    ROLES.iter().find(|role| role.name == name)
}

/// The names of all.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROLES.iter().map(|role| role.name)
}

impl BuiltIn {
    /// Calls `on` with everything that it allows: granted on `database`, if it is a role per database.
    pub(super) fn each<'a>(&self, database: &'a str, on: &mut dyn FnMut(Pattern<'a>, ActionSet, bool)) {
        for grant in self.grants {
            let pattern = match grant.on {
                Where::Granted => Pattern::Database(database),
                Where::GrantedCollection(collection) => Pattern::Collection(database, collection),
                Where::Fixed(pattern) => pattern,
            };
            on(pattern, ActionSet::of(grant.actions), grant.confirmed);
        }
        for name in self.inherits {
            if let Some(role) = find(name) {
                role.each(database, on);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(role: &str, fits: impl Fn(Pattern<'_>) -> bool) -> ActionSet {
        let mut all = ActionSet::EMPTY;
        find(role).unwrap().each("shop", &mut |pattern, actions, _| {
            if fits(pattern) {
                all = all.union(actions);
            }
        });
        all
    }

    #[test]
    fn every_inherited_role_is_in_the_table() {
        for role in ROLES {
            assert!(role.inherits.iter().all(|name| find(name).is_some()), "{}", role.name);
        }
        let mut names: Vec<_> = names().collect();
        names.dedup();
        assert!(names.is_sorted() && names.len() == 13);
    }

    #[test]
    fn the_administrator_has_what_the_others_have() {
        let admin = allowed("atlasAdmin", |_| true);
        for other in ["readWriteAnyDatabase", "dbAdminAnyDatabase", "clusterMonitor", "backup", "enableSharding"] {
            let all = allowed(other, |_| true);
            assert_eq!(admin.intersection(all), all, "{other}");
        }
    }

    #[test]
    fn writing_is_not_dropping_the_database() {
        let write = allowed("readWrite", |pattern| pattern == Pattern::Database("shop"));
        assert!(write.contains(DropCollection) && !write.contains(DropDatabase));
        let admin = allowed("dbAdmin", |pattern| pattern == Pattern::Database("shop"));
        assert!(admin.contains(DropDatabase) && !admin.contains(Find) && !admin.contains(Insert));
    }
}
