//! What Atlas's own roles in the console and the Admin API reach, in a few words.
//!
//! Source: <https://www.mongodb.com/docs/atlas/reference/user-roles/>

/// What a role reaches, and whether it is privileged: it changes access, protections or infrastructure, or reads or
/// writes all data of a project.
const ROLES: &[(&str, bool, &str)] = &[
    ("ORG_OWNER", true, "administers the organization and every project in it, data included"),
    ("ORG_GROUP_CREATOR", true, "creates projects, and owns those"),
    ("ORG_BILLING_ADMIN", true, "administers billing"),
    ("ORG_BILLING_READ_ONLY", false, "reads billing"),
    ("ORG_STREAM_PROCESSING_ADMIN", true, "administers stream processing in every project"),
    ("ORG_READ_ONLY", false, "reads the settings of the organization and of every project, no data"),
    ("ORG_MEMBER", false, "sees the organization and its people"),
    ("GROUP_OWNER", true, "administers the project, its access and its clusters, and reaches its data"),
    ("GROUP_CLUSTER_MANAGER", true, "changes, pauses and resumes clusters; no data"),
    ("GROUP_DATABASE_ACCESS_ADMIN", true, "administers database users, their roles and so their reach"),
    ("GROUP_NETWORK_ACCESS_MANAGER", true, "administers access list, peerings and private endpoints"),
    (
        "GROUP_DATA_ACCESS_ADMIN",
        true,
        "reads and writes all data in the console, creates and drops collections and indexes",
    ),
    ("GROUP_DATA_ACCESS_READ_WRITE", true, "reads and writes all data in the console"),
    ("GROUP_DATA_ACCESS_READ_ONLY", true, "reads all data in the console"),
    ("GROUP_BACKUP_MANAGER", true, "administers backups: restores and downloads them, and so reads all data"),
    ("GROUP_BACKUP_EXPORT_OPERATOR", true, "exports backups, and so all data"),
    ("GROUP_STREAM_PROCESSING_OWNER", true, "administers stream workspaces, their connections and processors"),
    ("GROUP_SEARCH_INDEX_EDITOR", false, "changes search indexes"),
    ("GROUP_ALERTS_MANAGER", false, "changes alerts"),
    ("GROUP_CLUSTER_LOG_VIEWER", false, "reads the logs of clusters"),
    ("GROUP_OBSERVABILITY_VIEWER", false, "reads metrics, logs and slow queries, values in them included"),
    ("GROUP_READ_ONLY", false, "reads settings, no data"),
];

/// What is known of a role.
pub(super) fn find(name: &str) -> Option<(bool, &'static str)> {
    ROLES.iter().find(|(known, ..)| *known == name).map(|(_, privileged, reach)| (*privileged, *reach))
}
