//! What happened: events, attempts to log in, backups taken and put back. Fetched only when asked for.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::tree::{Node, Object, Resource};
use super::values::{CloudProvider, Moment, open_enum};

/// Something that was done.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// When.
    pub created: Option<Moment>,
    /// What.
    pub event_type_name: Option<String>,
    /// By whom, if by a person.
    pub username: Option<String>,
    /// By whom, if by a person.
    pub user_id: Option<String>,
    /// By whom, if by an API key.
    pub public_key: Option<String>,
    /// By whom, if by an API key.
    pub api_key_id: Option<String>,
    /// By whom, if in somebody's name.
    pub delegate_principal: Option<Principal>,
    /// Whether by somebody of MongoDB's.
    pub is_global_admin: Option<bool>,
    /// From where.
    pub remote_address: Option<String>,
    /// In which organization.
    pub org_id: Option<String>,
    /// In which project.
    pub group_id: Option<String>,
    /// To which cluster.
    pub cluster_name: Option<String>,
    /// To which stream workspace.
    pub instance_name: Option<String>,
    /// To which database user.
    pub db_user_username: Option<String>,
    /// To which person.
    pub target_username: Option<String>,
    /// To which API key.
    pub target_public_key: Option<String>,
    /// To which team.
    pub team_id: Option<String>,
    /// To which entry of an access list.
    pub whitelist_entry: Option<String>,
    /// To what.
    pub resource_id: Option<String>,
    /// To what kind of thing.
    pub resource_type: Option<String>,
    /// To which policy.
    pub resource_policy_id: Option<String>,
    /// To which alert's configuration.
    pub alert_config_id: Option<String>,
}

impl Node for Event {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for Event {}

/// Who acts in somebody's name.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    /// Their identifier.
    pub id: Option<String>,
    /// As people call them.
    pub name: Option<String>,
}

/// Who tried to log in to a cluster, within the last seven days.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessHistory {
    /// Newest first, at most twenty thousand.
    pub access_logs: Option<Vec<LoginAttempt>>,
}

impl Object for AccessHistory {}

impl AccessHistory {
    /// Atlas tells of logins for so many days: <https://www.mongodb.com/docs/atlas/access-tracking/>.
    pub const DAYS: u32 = 7;

    /// It tells of so many at once, the newest.
    pub const MOST: usize = 20_000;

    /// Whether it holds as much as Atlas tells: there may have been more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.access_logs.as_ref().is_some_and(|attempts| attempts.len() >= Self::MOST)
    }

    /// Since when no attempt is missing, if Atlas was asked then.
    #[must_use]
    pub fn reaches_back_to(&self, asked: Timestamp) -> Timestamp {
        let Some(attempts) = &self.access_logs else { return asked };
        if !self.is_full() {
            let days = SignedDuration::from_hours(24 * i64::from(Self::DAYS));
            return asked.checked_sub(days).unwrap_or(Timestamp::MIN);
        }
        let times = attempts.iter().map(|attempt| attempt.timestamp.as_ref().and_then(Moment::timestamp));
        // One without a time may be the oldest.
        times.min().flatten().unwrap_or(asked)
    }
}

/// An attempt to log in. The line of the server's log stays out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginAttempt {
    /// When.
    #[serde(default, deserialize_with = "moment_of_java")]
    pub timestamp: Option<Moment>,
    /// As whom.
    pub username: Option<String>,
    /// From where.
    pub ip_address: Option<String>,
    /// Whether it succeeded.
    pub auth_result: Option<bool>,
    /// Why not.
    pub failure_reason: Option<String>,
}

/// Atlas sends `Tue Jun 08 15:49:25 GMT 2021` here, whatever its reference says.
fn moment_of_java<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
    let moment = Option::<Moment>::deserialize(deserializer)?;
    Ok(moment.map(|moment| match moment {
        Moment::Unreadable(text) => java_time(&text).map_or(Moment::Unreadable(text), Moment::At),
        known @ Moment::At(_) => known,
    }))
}

fn java_time(text: &str) -> Option<Timestamp> {
    let parts: Vec<_> = text.split_whitespace().collect();
    let [_, month, day, time, "GMT" | "UTC" | "Z", year] = parts[..] else { return None };
    let local = jiff::civil::DateTime::strptime("%b %d %H:%M:%S %Y", format!("{month} {day} {time} {year}")).ok()?;
    Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// A backup of a dedicated cluster.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupSnapshot {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Whether it is done.
    pub status: Option<SnapshotStatus>,
    /// `replicaSet` or `shardedCluster`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `scheduled`, `onDemand` or `fallback`.
    pub snapshot_type: Option<String>,
    /// Of which frequency; seen with values that the reference lacks.
    pub frequency_type: Option<String>,
    /// When it was taken.
    pub created_at: Option<Moment>,
    /// Until when it is kept.
    pub expires_at: Option<Moment>,
    /// Where it is.
    pub cloud_provider: Option<CloudProvider>,
    /// Where copies are.
    pub copy_regions: Option<Vec<String>>,
    /// There only if the customer's key encrypts it.
    #[serde(rename = "masterKeyUUID")]
    pub master_key_uuid: Option<String>,
    /// Of the server.
    pub mongod_version: Option<String>,
    /// Of a sharded cluster: one per shard.
    pub members: Option<Vec<SnapshotMember>>,
    /// Of a sharded cluster: one per shard.
    pub snapshot_ids: Option<Vec<String>>,
}

impl Node for BackupSnapshot {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for BackupSnapshot {}

open_enum! {
    /// Whether a backup is done.
    SnapshotStatus {
        Queued = "queued",
        InProgress = "inProgress",
        Completed = "completed",
        Failed = "failed",
    }
}

/// A shard's part of a backup.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotMember {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Where it is.
    pub cloud_provider: Option<CloudProvider>,
    /// Which shard.
    pub replica_set_name: Option<String>,
}

/// A backup of a Flex cluster.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlexSnapshot {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// `COMPLETED` is the one that can be restored.
    pub status: Option<String>,
    /// When it was due.
    pub scheduled_time: Option<Moment>,
    /// When it began.
    pub start_time: Option<Moment>,
    /// When it was done.
    pub finish_time: Option<Moment>,
    /// Until when it is kept.
    pub expiration: Option<Moment>,
    /// Of the server.
    #[serde(rename = "mongoDBVersion")]
    pub mongodb_version: Option<String>,
}

impl Node for FlexSnapshot {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for FlexSnapshot {}

/// A backup that was put back somewhere or handed out. The links to fetch it by stay out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestoreJob {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Put back, or handed out.
    pub delivery_type: Option<DeliveryType>,
    /// Which backup.
    pub snapshot_id: Option<String>,
    /// To which project.
    pub target_group_id: Option<String>,
    /// To which cluster.
    pub target_cluster_name: Option<String>,
    /// To which shard.
    pub target_deployment_item_name: Option<String>,
    /// When the backup was taken.
    pub timestamp: Option<Moment>,
    /// Which moment.
    #[serde(rename = "pointInTimeUTCSeconds")]
    pub point_in_time_utc_seconds: Option<i64>,
    /// When it was done.
    pub finished_at: Option<Moment>,
    /// Until when it can be fetched.
    pub expires_at: Option<Moment>,
    /// Whether somebody stopped it.
    pub cancelled: Option<bool>,
    /// Whether it can no longer be fetched.
    pub expired: Option<bool>,
    /// Whether it went wrong.
    pub failed: Option<bool>,
}

impl Node for RestoreJob {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for RestoreJob {}

open_enum! {
    /// What became of a backup.
    DeliveryType {
        Automated = "automated",
        Download = "download",
        PointInTime = "pointInTime",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(timestamp: &str) -> Option<Moment> {
        let json = serde_json::json!({ "timestamp": timestamp });
        serde_json::from_value::<LoginAttempt>(json).unwrap().timestamp
    }

    #[test]
    fn java_and_iso_name_the_same_moment() {
        let iso = attempt("2021-06-08T15:49:25Z");
        assert!(matches!(iso, Some(Moment::At(_))));
        assert_eq!(attempt("Tue Jun 08 15:49:25 GMT 2021"), iso);
    }

    #[test]
    fn what_is_full_reaches_back_to_its_oldest_attempt() {
        let asked: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        let login = |timestamp: &str| LoginAttempt { timestamp: attempt(timestamp), ..LoginAttempt::default() };
        let of = |logins: Vec<LoginAttempt>| AccessHistory { access_logs: Some(logins) }.reaches_back_to(asked);
        let told = |timestamp: &str| timestamp.parse::<Timestamp>().unwrap();
        assert_eq!(of(vec![login("2026-11-19T00:00:00Z")]), told("2026-11-13T00:00:00Z"));
        let mut many = vec![login("2026-11-19T00:00:00Z"); AccessHistory::MOST];
        assert_eq!(of(many.clone()), told("2026-11-19T00:00:00Z"));
        many[3] = login("2026-11-18T00:00:00Z");
        assert_eq!(of(many.clone()), told("2026-11-18T00:00:00Z"));
        many[4] = login("lately");
        assert_eq!(of(many), asked);
        assert_eq!(AccessHistory::default().reaches_back_to(asked), asked);
    }

    #[test]
    fn another_zone_is_not_taken_for_universal_time() {
        assert!(matches!(attempt("Tue Jun 08 15:49:25 CEST 2021"), Some(Moment::Unreadable(_))));
        assert!(matches!(attempt("yesterday"), Some(Moment::Unreadable(_))));
    }
}
