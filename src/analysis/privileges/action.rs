//! The actions that a privilege may allow: what they are called, what kind of thing they do, and on which level.
//!
//! Names are the server's, beside those that Atlas gives them in custom roles (`DatabasePrivilegeAction` in the
//! reference of the Admin API). An action that is not here is newer than this table: nobody knows what it allows.

use std::fmt;

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Reads documents.
    Read,
    /// Changes documents, or adds collections.
    Write,
    /// Changes schema, indexes, layout or settings.
    Admin,
    /// Shows figures and metadata.
    Monitoring,
    /// Belongs to stream workspaces.
    Stream,
    /// Destroys what is stored.
    Destroy,
    /// Copies data out of the organization.
    Export,
    /// Gets round a protection.
    Bypass,
    /// Stops the service, or somebody else's use of it.
    Availability,
    /// As good as everything, where it applies.
    Takeover,
}

impl Class {
    /// Whether it destroys, carries data away, stops the service or gets round a protection.
    #[must_use]
    pub const fn is_dangerous(self) -> bool {
        matches!(self, Self::Destroy | Self::Export | Self::Bypass | Self::Availability | Self::Takeover)
    }

    /// As reports call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Monitoring => "monitoring",
            Self::Stream => "stream",
            Self::Destroy => "destroy",
            Self::Export => "export",
            Self::Bypass => "bypass",
            Self::Availability => "availability",
            Self::Takeover => "takeover",
        }
    }
}

/// On what an action works. A grant of it on anything else does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A collection, or all of a database's.
    Collection,
    /// A database as a whole.
    Database,
    /// The cluster resource.
    Cluster,
    /// Either.
    CollectionOrCluster,
    /// A federated database.
    FederatedDatabase,
    /// A stream workspace.
    Workspace,
}

macro_rules! actions {
    ($($variant:ident = $server:literal $(/ $($atlas:literal)|+)?, $class:ident, $level:ident;)*) => {
        /// One action.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the table below says it: name, class, level")]
        pub enum Action { $($variant,)* }

        impl Action {
            /// Every action, in the order of the table.
            pub const ALL: &[Action] = &[$(Action::$variant,)*];

            /// As the server calls it: `find`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Action::$variant => $server,)* }
            }

            /// As custom roles call it: `FIND`. None of its names, if custom roles cannot have it.
            #[must_use]
            pub const fn atlas_names(self) -> &'static [&'static str] {
                match self { $(Action::$variant => &[$($($atlas,)+)?],)* }
            }

            /// The action that a custom role means, by its exact name.
            #[must_use]
            pub fn of_custom_role(name: &str) -> Option<Action> {
                match name {
                    $($($($atlas)|+ => Some(Action::$variant),)?)*
                    _ => None,
                }
            }

            /// What it does.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Action::$variant => Class::$class,)* }
            }

            /// On what it works.
            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Action::$variant => Level::$level,)* }
            }
        }
    };
}

actions! {
    Find = "find" / "FIND", Read, Collection;
    Insert = "insert" / "INSERT", Write, Collection;
    Remove = "remove" / "REMOVE", Write, Collection;
    Update = "update" / "UPDATE", Write, Collection;
    BypassDocumentValidation = "bypassDocumentValidation" / "BYPASS_DOCUMENT_VALIDATION", Bypass, Collection;
    UseUuid = "useUUID" / "USE_UUID", Monitoring, Cluster;
    KillOp = "killop" / "KILL_OP", Availability, Cluster;
    BypassDefaultMaxTimeMs = "bypassDefaultMaxTimeMS" / "BYPASS_DEFAULT_MAX_TIME_MS", Availability, Cluster;
    CreateCollection = "createCollection" / "CREATE_COLLECTION", Write, Collection;
    CreateIndex = "createIndex" / "CREATE_INDEX", Admin, Collection;
    DropCollection = "dropCollection" / "DROP_COLLECTION", Destroy, Collection;
    EnableProfiler = "enableProfiler" / "ENABLE_PROFILER", Admin, Database;
    KillAnyCursor = "killAnyCursor" / "KILL_ANY_CURSOR", Availability, Collection;
    Analyze = "analyze" / "ANALYZE", Admin, Collection;
    ChangeStream = "changeStream" / "CHANGE_STREAM", Read, Collection;
    CollMod = "collMod" / "COLL_MOD", Admin, Collection;
    Compact = "compact" / "COMPACT", Admin, Collection;
    ConvertToCapped = "convertToCapped" / "CONVERT_TO_CAPPED", Destroy, Collection;
    DropDatabase = "dropDatabase" / "DROP_DATABASE", Destroy, Database;
    DropIndex = "dropIndex" / "DROP_INDEX", Admin, Collection;
    ReIndex = "reIndex" / "RE_INDEX", Admin, Collection;
    RenameCollectionSameDB = "renameCollectionSameDB" / "RENAME_COLLECTION_SAME_DB", Write, Database;
    SetUserWriteBlockMode = "setUserWriteBlockMode" / "SET_USER_WRITE_BLOCK", Availability, Cluster;
    BypassWriteBlockingMode = "bypassWriteBlockingMode" / "BYPASS_USER_WRITE_BLOCK", Bypass, Cluster;
    ListSessions = "listSessions" / "LIST_SESSIONS", Monitoring, Cluster;
    KillAnySession = "killAnySession" / "KILL_ANY_SESSION", Availability, Cluster;
    CollStats = "collStats" / "COLL_STATS", Monitoring, Collection;
    ConnPoolStats = "connPoolStats" / "CONN_POOL_STATS", Monitoring, Cluster;
    DbHash = "dbHash" / "DB_HASH", Monitoring, Collection;
    DbStats = "dbStats" / "DB_STATS", Monitoring, Database;
    GetCmdLineOpts = "getCmdLineOpts" / "GET_CMD_LINE_OPTS", Monitoring, Cluster;
    GetLog = "getLog" / "GET_LOG", Monitoring, Cluster;
    GetParameter = "getParameter" / "GET_PARAMETER", Monitoring, Cluster;
    GetShardMap = "getShardMap" / "GET_SHARD_MAP", Monitoring, Cluster;
    HostInfo = "hostInfo" / "HOST_INFO", Monitoring, Cluster;
    InProg = "inprog" / "IN_PROG", Monitoring, Cluster;
    ListDatabases = "listDatabases" / "LIST_DATABASES", Monitoring, Cluster;
    ListCollections = "listCollections" / "LIST_COLLECTIONS", Monitoring, Database;
    ListIndexes = "listIndexes" / "LIST_INDEXES", Monitoring, Collection;
    ListShards = "listShards" / "LIST_SHARDS", Monitoring, Cluster;
    NetStat = "netstat" / "NET_STAT", Monitoring, Cluster;
    ReplSetGetConfig = "replSetGetConfig" / "REPL_SET_GET_CONFIG" | "REPLSET_GET_CONFIG", Monitoring, Cluster;
    ReplSetGetStatus = "replSetGetStatus" / "REPL_SET_GET_STATUS" | "REPLSET_GET_STATUS", Monitoring, Cluster;
    ServerStatus = "serverStatus" / "SERVER_STATUS", Monitoring, Cluster;
    Validate = "validate" / "VALIDATE", Monitoring, Collection;
    ShardingState = "shardingState" / "SHARDING_STATE", Monitoring, Cluster;
    Top = "top" / "TOP", Monitoring, Cluster;
    SqlGetSchema = "sqlGetSchema" / "SQL_GET_SCHEMA", Monitoring, FederatedDatabase;
    SqlSetSchema = "sqlSetSchema" / "SQL_SET_SCHEMA", Admin, FederatedDatabase;
    ViewAllHistory = "viewAllHistory" / "VIEW_ALL_HISTORY", Monitoring, FederatedDatabase;
    OutToS3 = "outToS3" / "OUT_TO_S3", Export, FederatedDatabase;
    OutToAzure = "outToAzure" / "OUT_TO_AZURE", Export, FederatedDatabase;
    OutToGcs = "outToGCS" / "OUT_TO_GCS" | "OUT_TO_GCP", Export, FederatedDatabase;
    StorageGetConfig = "storageGetConfig" / "STORAGE_GET_CONFIG", Monitoring, FederatedDatabase;
    StorageSetConfig = "storageSetConfig" / "STORAGE_SET_CONFIG", Takeover, FederatedDatabase;
    FlushRouterConfig = "flushRouterConfig" / "FLUSH_ROUTER_CONFIG", Admin, Cluster;
    EnableSharding = "enableSharding" / "ENABLE_SHARDING", Admin, CollectionOrCluster;
    CheckMetadataConsistency = "checkMetadataConsistency" / "CHECK_METADATA_CONSISTENCY", Monitoring, CollectionOrCluster;
    MoveChunk = "moveChunk" / "MOVE_CHUNK", Admin, Collection;
    SplitChunk = "splitChunk" / "SPLIT_CHUNK", Admin, Cluster;
    AnalyzeShardKey = "analyzeShardKey" / "ANALYZE_SHARD_KEY", Monitoring, Collection;
    RefineCollectionShardKey = "refineCollectionShardKey" / "REFINE_COLLECTION_SHARD_KEY", Admin, Collection;
    ClearJumboFlag = "clearJumboFlag" / "CLEAR_JUMBO_FLAG", Admin, Collection;
    ReshardCollection = "reshardCollection" / "RESHARD_COLLECTION", Admin, Collection;
    ShardedDataDistribution = "shardedDataDistribution" / "SHARDED_DATA_DISTRIBUTION", Monitoring, Cluster;
    GetStreamProcessor = "getStreamProcessor" / "GET_STREAM_PROCESSOR", Stream, Workspace;
    CreateStreamProcessor = "createStreamProcessor" / "CREATE_STREAM_PROCESSOR", Stream, Workspace;
    ProcessStreamProcessor = "processStreamProcessor" / "PROCESS_STREAM_PROCESSOR", Stream, Workspace;
    ModifyStreamProcessor = "modifyStreamProcessor" / "MODIFY_STREAM_PROCESSOR", Stream, Workspace;
    StartStreamProcessor = "startStreamProcessor" / "START_STREAM_PROCESSOR", Stream, Workspace;
    StopStreamProcessor = "stopStreamProcessor" / "STOP_STREAM_PROCESSOR", Stream, Workspace;
    DropStreamProcessor = "dropStreamProcessor" / "DROP_STREAM_PROCESSOR", Stream, Workspace;
    SampleStreamProcessor = "sampleStreamProcessor" / "SAMPLE_STREAM_PROCESSOR", Stream, Workspace;
    ListStreamProcessors = "listStreamProcessors" / "LIST_STREAM_PROCESSORS", Stream, Workspace;
    ListStreamConnections = "listStreamConnections" / "LIST_CONNECTIONS", Stream, Workspace;
    StreamProcessorStats = "streamProcessorStats" / "STREAM_PROCESSOR_STATS", Stream, Workspace;
    CreateSearchIndexes = "createSearchIndexes" / "CREATE_SEARCH_INDEX", Admin, Collection;
    DropSearchIndex = "dropSearchIndex" / "DROP_SEARCH_INDEX", Admin, Collection;
    ListSearchIndexes = "listSearchIndexes" / "LIST_SEARCH_INDEXES", Monitoring, Collection;
    UpdateSearchIndex = "updateSearchIndex" / "UPDATE_SEARCH_INDEX", Admin, Collection;

    // Built-in roles alone have these.
    KillCursors = "killCursors", Monitoring, Collection;
    PlanCacheRead = "planCacheRead", Monitoring, Collection;
    PlanCacheWrite = "planCacheWrite", Admin, Collection;
    PlanCacheIndexFilter = "planCacheIndexFilter", Admin, Collection;
    IndexStats = "indexStats", Monitoring, Collection;
    GetShardVersion = "getShardVersion", Monitoring, Collection;
    GetDatabaseVersion = "getDatabaseVersion", Monitoring, Database;
    StorageDetails = "storageDetails", Monitoring, Collection;
    ConfigureQueryAnalyzer = "configureQueryAnalyzer", Admin, Collection;
    MoveCollection = "moveCollection", Admin, Collection;
    CleanupStructuredEncryptionData = "cleanupStructuredEncryptionData", Write, Collection;
    CompactStructuredEncryptionData = "compactStructuredEncryptionData", Write, Collection;
    ViewRole = "viewRole", Monitoring, Database;
    AllCollectionStats = "allCollectionStats", Monitoring, Cluster;
    AppendOplogNote = "appendOplogNote", Admin, Cluster;
    ApplyOps = "applyOps", Takeover, Cluster;
    CleanupOrphaned = "cleanupOrphaned", Admin, Cluster;
    GetDefaultRwConcern = "getDefaultRWConcern", Monitoring, Cluster;
    ListSampledQueries = "listSampledQueries", Monitoring, Cluster;
    OperationMetrics = "operationMetrics", Monitoring, Cluster;
    QuerySettings = "querySettings", Admin, Cluster;
}

impl Action {
    /// Whether it only does something together with `find` on the same resource.
    #[must_use]
    pub const fn needs_find(self) -> bool {
        matches!(self, Self::ChangeStream)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of actions.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ActionSet(u128);

const _: () = assert!(Action::ALL.len() <= 128, "a set of actions is a word");

impl ActionSet {
    /// None.
    pub const EMPTY: Self = Self(0);

    /// These.
    #[must_use]
    pub const fn of(actions: &[Action]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < actions.len() {
            bits |= 1 << actions[at] as u32;
            at += 1;
        }
        Self(bits)
    }

    /// All for which `fits` holds.
    #[must_use]
    pub fn all(fits: impl Fn(Action) -> bool) -> Self {
        Action::ALL.iter().copied().filter(|action| fits(*action)).collect()
    }

    /// One more.
    pub fn insert(&mut self, action: Action) {
        self.0 |= 1 << action as u32;
    }

    /// Whether it is one of them.
    #[must_use]
    pub const fn contains(self, action: Action) -> bool {
        self.0 & (1 << action as u32) != 0
    }

    /// Either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let next = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            Action::ALL.get(next as usize).copied()
        })
    }
}

impl FromIterator<Action> for ActionSet {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        let mut set = Self::EMPTY;
        for action in actions {
            set.insert(action);
        }
        set
    }
}

impl fmt::Debug for ActionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_custom_role_leads_back() {
        let mut names = 0;
        for action in Action::ALL {
            for name in action.atlas_names() {
                names += 1;
                assert_eq!(Action::of_custom_role(name), Some(*action), "{name}");
            }
        }
        assert!(names >= 80, "the reference lists eighty");
        assert_eq!(Action::of_custom_role("find"), None, "names are exact");
    }

    #[test]
    fn no_action_manages_users_or_roles() {
        for name in ["createUser", "grantRole", "changePassword", "createRole", "auditConfigure", "setParameter"] {
            assert!(Action::ALL.iter().all(|action| action.name() != name), "{name}");
        }
    }

    #[test]
    fn a_set_gives_back_what_it_was_given() {
        let set = ActionSet::of(&[Action::QuerySettings, Action::Find]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Action::Find, Action::QuerySettings]);
        assert!(set.contains(Action::Find) && !set.contains(Action::Insert));
        assert_eq!(ActionSet::all(|_| true).iter().count(), Action::ALL.len());
    }
}
