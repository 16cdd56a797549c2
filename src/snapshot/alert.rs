//! Alerts: what people are told of, by whom, and what holds just now.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::redaction::presence;
use super::tree::{Node, Resource};
use super::values::{Moment, open_enum};

/// What people are told of.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertConfig {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Whether anybody is told.
    pub enabled: Option<bool>,
    /// Of what; some old ones do not say.
    pub event_type_name: Option<String>,
    /// Only where all of these hold.
    pub matchers: Option<Vec<Matcher>>,
    /// Only beyond this.
    pub threshold: Option<Threshold>,
    /// Only beyond this.
    pub metric_threshold: Option<Threshold>,
    /// Who is told.
    pub notifications: Option<Vec<Notification>>,
    /// How loudly.
    pub severity_override: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// When it last changed.
    pub updated: Option<Moment>,
}

impl Node for AlertConfig {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for AlertConfig {}

/// A condition on an alert.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    /// What is compared.
    pub field_name: Option<String>,
    /// How.
    pub operator: Option<String>,
    /// With what.
    pub value: Option<String>,
}

/// A limit.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Threshold {
    /// Of what, if it is a metric.
    pub metric_name: Option<String>,
    /// Above or below.
    pub operator: Option<String>,
    /// The limit.
    pub threshold: Option<serde_json::Number>,
    /// In what.
    pub units: Option<String>,
}

/// Somebody or something that is told. Keys and addresses of services stay out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Who or what.
    pub type_name: Option<NotificationType>,
    /// `ORG`, `GROUP`, `TEAM` and `USER`: whether by e-mail.
    pub email_enabled: Option<bool>,
    /// The same, by text message.
    pub sms_enabled: Option<bool>,
    /// `ORG` and `GROUP`: only people with one of these.
    pub roles: Option<Vec<String>>,
    /// `TEAM`.
    pub team_id: Option<String>,
    /// `TEAM`.
    pub team_name: Option<String>,
    /// `USER`.
    pub username: Option<String>,
    /// `EMAIL`.
    pub email_address: Option<String>,
    /// `SMS`: whether there is a number.
    #[serde(default, alias = "mobileNumber", deserialize_with = "presence")]
    pub has_mobile_number: Option<bool>,
    /// The integration that it goes by.
    pub integration_id: Option<String>,
    /// `WEBHOOK`: whether there is an address.
    #[serde(default, alias = "webhookUrl", deserialize_with = "presence")]
    pub has_webhook_url: Option<bool>,
    /// `WEBHOOK`: whether calls are signed.
    #[serde(default, alias = "webhookSecret", deserialize_with = "presence")]
    pub has_webhook_secret: Option<bool>,
    /// `MICROSOFT_TEAMS`: whether there is an address.
    #[serde(default, alias = "microsoftTeamsWebhookUrl", deserialize_with = "presence")]
    pub has_microsoft_teams_webhook_url: Option<bool>,
    /// Minutes that the condition must hold before.
    pub delay_min: Option<i64>,
    /// Minutes between reminders.
    pub interval_min: Option<i64>,
}

open_enum! {
    /// Who or what is told.
    NotificationType {
        Organization = "ORG",
        Project = "GROUP",
        Team = "TEAM",
        User = "USER",
        Email = "EMAIL",
        Sms = "SMS",
        Webhook = "WEBHOOK",
        Slack = "SLACK",
        MicrosoftTeams = "MICROSOFT_TEAMS",
        PagerDuty = "PAGER_DUTY",
        OpsGenie = "OPS_GENIE",
        VictorOps = "VICTOR_OPS",
        Datadog = "DATADOG",
        HipChat = "HIP_CHAT",
    }
}

/// A condition that holds, or held.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Which.
    pub event_type_name: Option<String>,
    /// Whether it holds.
    pub status: Option<AlertStatus>,
    /// What tells people of it.
    pub alert_config_id: Option<String>,
    /// Since when.
    pub created: Option<Moment>,
    /// When it was last looked at.
    pub updated: Option<Moment>,
    /// Until when.
    pub resolved: Option<Moment>,
    /// When people were last told.
    pub last_notified: Option<Moment>,
    /// Until when people asked not to be told.
    pub acknowledged_until: Option<Moment>,
    /// Where.
    pub cluster_id: Option<String>,
    /// Where.
    pub cluster_name: Option<String>,
    /// Where.
    pub hostname_and_port: Option<String>,
    /// Where.
    pub replica_set_name: Option<String>,
    /// Of what.
    pub metric_name: Option<String>,
    /// Of stream processing: where.
    pub instance_name: Option<String>,
    /// Of stream processing: where.
    pub processor_name: Option<String>,
}

impl Node for Alert {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for Alert {}

open_enum! {
    /// Whether a condition holds.
    AlertStatus {
        Open = "OPEN",
        Tracking = "TRACKING",
        Closed = "CLOSED",
        Cancelled = "CANCELLED",
    }
}
