//! How backups are taken, kept, copied and exported. Those that were taken are in `history`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::redaction::Origin;
use super::tree::{Node, Object, Resource};
use super::values::{CloudProvider, Moment, open_enum};

/// When a cluster is backed up, and for how long backups are kept.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupSchedule {
    /// 24 hexadecimal digits.
    pub cluster_id: Option<String>,
    /// The cluster.
    pub cluster_name: Option<String>,
    /// When, and for how long.
    pub policies: Option<Vec<BackupPolicy>>,
    /// Where copies go.
    pub copy_settings: Option<Vec<CopySetting>>,
    /// Whether copies have rules of their own instead of frequencies.
    pub copy_policy_items_enabled: Option<bool>,
    /// Whether backups are exported to a bucket.
    pub auto_export_enabled: Option<bool>,
    /// Where to, and how often.
    pub export: Option<ExportRule>,
    /// For how long once the cluster is gone.
    pub extra_retention_settings: Option<Vec<ExtraRetention>>,
    /// How far back any moment can be restored.
    pub restore_window_days: Option<i64>,
    /// When the next is due.
    pub next_snapshot: Option<Moment>,
    /// When, in UTC.
    pub reference_hour_of_day: Option<i64>,
    /// When, in UTC.
    pub reference_minute_of_hour: Option<i64>,
}

impl Object for BackupSchedule {}

/// Rules of a schedule.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupPolicy {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// One per frequency.
    pub policy_items: Option<Vec<PolicyItem>>,
}

/// How often, and for how long.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyItem {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// How often.
    pub frequency_type: Option<Frequency>,
    /// Every so many hours or days, or on which day of the week or month.
    pub frequency_interval: Option<i64>,
    /// For how long: of what.
    pub retention_unit: Option<RetentionUnit>,
    /// For how long: how many.
    pub retention_value: Option<i64>,
}

impl PolicyItem {
    /// For how many days at least a backup is kept: a month counts thirty, a year 365. Nothing if Atlas did not say.
    #[must_use]
    pub fn retention_days(&self) -> Option<i64> {
        let days = match self.retention_unit.as_ref()? {
            RetentionUnit::Days => 1,
            RetentionUnit::Weeks => 7,
            RetentionUnit::Months => 30,
            RetentionUnit::Years => 365,
            RetentionUnit::Other(_) => return None,
        };
        self.retention_value?.checked_mul(days)
    }
}

open_enum! {
    /// How often a backup is taken.
    Frequency {
        Hourly = "hourly",
        Daily = "daily",
        Weekly = "weekly",
        Monthly = "monthly",
        Yearly = "yearly",
        OnDemand = "ondemand",
    }
}

open_enum! {
    /// What a backup's life is counted in.
    RetentionUnit {
        Days = "days",
        Weeks = "weeks",
        Months = "months",
        Years = "years",
    }
}

/// Where copies of backups go.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CopySetting {
    /// Where to.
    pub cloud_provider: Option<CloudProvider>,
    /// Where to.
    pub region_name: Option<String>,
    /// Of which zone.
    pub zone_id: Option<String>,
    /// Of which zone, before 2024-08-05.
    pub replication_spec_id: Option<String>,
    /// Whether any moment can be restored from the copies too.
    pub should_copy_oplogs: Option<bool>,
    /// Which.
    pub frequencies: Option<Vec<String>>,
    /// Which, and for how long.
    pub copy_policy_items: Option<Vec<PolicyItem>>,
}

/// Where backups are exported to.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportRule {
    /// The bucket.
    pub export_bucket_id: Option<String>,
    /// How often.
    pub frequency_type: Option<String>,
}

/// For how long a backup outlives its cluster.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtraRetention {
    /// Which.
    pub frequency_type: Option<String>,
    /// For how long.
    pub retention_days: Option<i64>,
}

/// What nobody in the project can undo about backups. An empty object if there is none.
///
/// <https://www.mongodb.com/docs/atlas/backup/cloud-backup/backup-compliance-policy/>
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupCompliancePolicy {
    /// How far it is.
    pub state: Option<PolicyState>,
    /// The project.
    pub project_id: Option<String>,
    /// Whether copies cannot be deleted.
    pub copy_protection_enabled: Option<bool>,
    /// Whether clusters must use the customer's key.
    pub encryption_at_rest_enabled: Option<bool>,
    /// Whether any moment must be restorable.
    pub pit_enabled: Option<bool>,
    /// How far back.
    pub restore_window_days: Option<i64>,
    /// Whether it can be taken back yet.
    pub deletable: Option<bool>,
    /// For how long, of those taken by hand.
    pub on_demand_policy_item: Option<PolicyItem>,
    /// When, and for how long.
    pub scheduled_policy_items: Option<Vec<PolicyItem>>,
    /// Who may change it.
    pub authorized_email: Option<String>,
    /// When it last changed.
    pub updated_date: Option<Moment>,
}

impl Object for BackupCompliancePolicy {}

impl BackupCompliancePolicy {
    /// Whether there is one: Atlas answers with an empty object where there is none.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.state.is_some() || self.project_id.is_some()
    }
}

open_enum! {
    /// How far a backup compliance policy is.
    PolicyState {
        Active = "ACTIVE",
        Enabling = "ENABLING",
        Updating = "UPDATING",
        Disabling = "DISABLING",
    }
}

/// A bucket of the customer's that backups go to.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportBucket {
    /// 24 hexadecimal digits.
    #[serde(alias = "_id")]
    pub id: Option<String>,
    /// Its name.
    pub bucket_name: Option<String>,
    /// Where it is.
    pub cloud_provider: Option<CloudProvider>,
    /// Where it is, with AWS.
    pub region: Option<String>,
    /// AWS: the role by which Atlas writes.
    pub iam_role_id: Option<String>,
    /// Azure and GCP: the role by which Atlas writes.
    pub role_id: Option<String>,
    /// Azure: the host.
    #[serde(alias = "serviceUrl")]
    pub service_url_origin: Option<Origin>,
    /// Azure: whose directory.
    pub tenant_id: Option<String>,
    /// Whether it is reached over private endpoints only.
    pub require_private_networking: Option<bool>,
}

impl Node for ExportBucket {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for ExportBucket {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_before_anything_is_compared() {
        let days = |json| serde_json::from_str::<PolicyItem>(json).unwrap().retention_days();
        assert_eq!(days(r#"{"retentionUnit":"weeks","retentionValue":4}"#), Some(28));
        assert_eq!(days(r#"{"retentionUnit":"years","retentionValue":1}"#), Some(365));
        assert_eq!(days(r#"{"retentionUnit":"fortnights","retentionValue":1}"#), None);
        assert_eq!(days(r#"{"retentionUnit":"days"}"#), None);
    }

    #[test]
    fn an_empty_policy_is_none() {
        let policy = |json| serde_json::from_str::<BackupCompliancePolicy>(json).unwrap();
        assert!(!policy("{}").is_set());
        assert!(policy(r#"{"state":"ACTIVE","onDemandPolicyItem":null,"scheduledPolicyItems":[]}"#).is_set());
    }
}
