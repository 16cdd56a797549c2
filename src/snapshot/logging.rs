//! What a project records and where it sends it: audit log, exports, integrations.
//!
//! Alerts are in `alert`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::redaction::{Origin, names, presence};
use super::tree::{Node, Object, Resource};
use super::values::{Moment, open_enum};

/// Auditing of a project's clusters. It does nothing for M0 and Flex.
///
/// <https://www.mongodb.com/docs/atlas/database-auditing/>
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLog {
    /// Whether anything is recorded.
    pub enabled: Option<bool>,
    /// Whether successful `authCheck` is recorded too, and not only refusals.
    pub audit_authorization_success: Option<bool>,
    /// JSON within a string; absent when nobody configured one, and `{}` records everything.
    pub audit_filter: Option<String>,
    /// How the filter was made.
    pub configuration_type: Option<AuditConfigurationType>,
}

impl Object for AuditLog {}

open_enum! {
    /// How an audit filter was made.
    AuditConfigurationType { None = "NONE", FilterBuilder = "FILTER_BUILDER", FilterJson = "FILTER_JSON", }
}

/// An export of logs. It has no state: whether it works, only alerts tell.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogIntegration {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Where to.
    #[serde(rename = "type")]
    pub kind: Option<LogSink>,
    /// Which: `MONGOD`, `MONGOS`, `MONGOD_AUDIT`, `MONGOS_AUDIT`.
    pub log_types: Option<Vec<String>>,
    /// Datadog: which of its sites.
    pub region: Option<String>,
    /// S3 and GCS.
    pub bucket_name: Option<String>,
    /// S3, GCS and Azure.
    pub prefix_path: Option<String>,
    /// S3: the role by which Atlas writes.
    pub iam_role_id: Option<String>,
    /// GCS and Azure: the role by which Atlas writes.
    pub role_id: Option<String>,
    /// S3: with which key objects are encrypted.
    pub kms_key: Option<String>,
    /// Azure.
    pub storage_account_name: Option<String>,
    /// Azure.
    pub storage_container_name: Option<String>,
    /// Splunk: the host.
    #[serde(alias = "hecUrl")]
    pub hec_url_origin: Option<Origin>,
    /// OpenTelemetry: the host.
    #[serde(alias = "otelEndpoint")]
    pub otel_endpoint_origin: Option<Origin>,
    /// OpenTelemetry: headers sent along, without their values.
    #[serde(default, alias = "otelSuppliedHeaders", deserialize_with = "names")]
    pub otel_header_names: Option<Vec<String>>,
}

impl Node for LogIntegration {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for LogIntegration {}

open_enum! {
    /// Where logs go.
    LogSink {
        S3 = "S3_LOG_EXPORT",
        Gcs = "GCS_LOG_EXPORT",
        Azure = "AZURE_LOG_EXPORT",
        Datadog = "DATADOG_LOG_EXPORT",
        Splunk = "SPLUNK_LOG_EXPORT",
        OpenTelemetry = "OTEL_LOG_EXPORT",
    }
}

/// The older export of logs, to S3 only.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushBasedLogExport {
    /// Whether it works.
    pub state: Option<ExportState>,
    /// Where to.
    pub bucket_name: Option<String>,
    /// Where to.
    pub prefix_path: Option<String>,
    /// The role by which Atlas writes.
    pub iam_role_id: Option<String>,
    /// When it was made.
    pub create_date: Option<Moment>,
}

impl Object for PushBasedLogExport {}

open_enum! {
    /// Whether the older export of logs works.
    ExportState {
        Unconfigured = "UNCONFIGURED",
        Initiating = "INITIATING",
        BucketVerified = "BUCKET_VERIFIED",
        BucketVerificationFailed = "BUCKET_VERIFICATION_FAILED",
        AssumeRoleFailed = "ASSUME_ROLE_FAILED",
        Active = "ACTIVE",
    }
}

/// An export of metrics.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricIntegration {
    /// 24 hexadecimal digits.
    pub metric_integration_id: Option<String>,
    /// `OTEL`.
    pub integration_type: Option<String>,
    /// Whose software takes them.
    pub provider_type: Option<String>,
    /// The host.
    #[serde(alias = "endpoint")]
    pub endpoint_origin: Option<Origin>,
    /// `HEADER`.
    pub auth_type: Option<String>,
    /// Headers sent along, without their values.
    #[serde(default, alias = "headersRedacted", deserialize_with = "names")]
    pub header_names: Option<Vec<String>>,
    /// Which.
    pub metric_selection: Option<Vec<String>>,
}

impl Node for MetricIntegration {
    fn key(&self) -> String {
        self.metric_integration_id.clone().unwrap_or_default()
    }
}

impl Resource for MetricIntegration {}

/// Somebody else's service that hears of alerts or reads metrics.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// 24 hexadecimal digits; may be absent.
    pub id: Option<String>,
    /// Which service.
    #[serde(rename = "type")]
    pub kind: Option<IntegrationType>,
    /// Which of its sites.
    pub region: Option<String>,
    /// Webhook: the host.
    #[serde(alias = "url")]
    pub url_origin: Option<Origin>,
    /// Webhook: whether calls are signed. Absent is no.
    #[serde(default, alias = "secret", deserialize_with = "presence")]
    pub has_secret: Option<bool>,
    /// Datadog: another host than its own.
    #[serde(alias = "customEndpoint")]
    pub custom_endpoint_origin: Option<Origin>,
    /// Prometheus: whether metrics can be read.
    pub enabled: Option<bool>,
    /// Prometheus: `http` or `https`; of old.
    pub scheme: Option<String>,
    /// Prometheus: how it finds nodes.
    pub service_discovery: Option<String>,
    /// Slack.
    pub channel_name: Option<String>,
    /// Slack.
    pub team_name: Option<String>,
    /// Datadog: whether tags go along.
    pub send_user_provided_resource_tags: Option<bool>,
    /// Datadog: whether statistics of queries go along.
    pub send_query_stats_metrics: Option<bool>,
    /// Datadog: whether names of collections go along.
    pub send_collection_latency_metrics: Option<bool>,
}

impl Node for Integration {
    fn key(&self) -> String {
        let kind = || self.kind.as_ref().map(ToString::to_string);
        self.id.clone().or_else(kind).unwrap_or_default()
    }
}

impl Resource for Integration {}

open_enum! {
    /// Somebody else's service.
    IntegrationType {
        PagerDuty = "PAGER_DUTY",
        Slack = "SLACK",
        Datadog = "DATADOG",
        NewRelic = "NEW_RELIC",
        OpsGenie = "OPS_GENIE",
        VictorOps = "VICTOR_OPS",
        Webhook = "WEBHOOK",
        HipChat = "HIP_CHAT",
        Prometheus = "PROMETHEUS",
        MicrosoftTeams = "MICROSOFT_TEAMS",
    }
}
