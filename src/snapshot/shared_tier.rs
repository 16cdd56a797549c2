//! Databases on shared machines that have lists of their own: Flex clusters, serverless instances.
//!
//! M0 clusters stand among the dedicated ones, in `cluster`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::cluster::{ClusterState, ConnectionStrings, ReleaseSystem};
use super::history::FlexSnapshot;
use super::reading::Reading;
use super::tree::{Node, Resource, slots};
use super::values::{CloudProvider, Moment, Tag};

/// A Flex cluster. It has no settings of TLS, encryption or auditing.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlexCluster {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Unique in the project.
    pub name: Option<String>,
    /// What Atlas is doing to it.
    pub state_name: Option<ClusterState>,
    /// When it was made.
    pub create_date: Option<Moment>,
    /// Such as `8.0.29`.
    #[serde(rename = "mongoDBVersion")]
    pub mongodb_version: Option<String>,
    /// Whether it follows major versions or every release.
    pub version_release_system: Option<ReleaseSystem>,
    /// Whether it is backed up.
    pub backup_settings: Option<FlexBackup>,
    /// Whether Atlas refuses to delete it.
    pub termination_protection_enabled: Option<bool>,
    /// Where it is.
    pub provider_settings: Option<SharedProvider>,
    /// Where it is reached.
    pub connection_strings: Option<ConnectionStrings>,
    /// What people say of it.
    pub tags: Option<Vec<Tag>>,
    /// Its backups.
    #[serde(skip)]
    pub backup_snapshots: Reading<Vec<FlexSnapshot>>,
}

impl Node for FlexCluster {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("name", self.name.clone().unwrap_or_default())]
    }

    slots! { backup_snapshots: FlexSnapshots }
}

impl Resource for FlexCluster {}

/// Whether a Flex cluster is backed up.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlexBackup {
    /// Whether it is.
    pub enabled: Option<bool>,
}

/// Where a Flex cluster or a serverless instance is.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedProvider {
    /// `FLEX` or `SERVERLESS`.
    pub provider_name: Option<String>,
    /// Whose machines.
    pub backing_provider_name: Option<CloudProvider>,
    /// Where.
    pub region_name: Option<String>,
}

/// A serverless instance: what is left of them since January 2026 is Flex clusters.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerlessInstance {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Unique in the project.
    pub name: Option<String>,
    /// What Atlas is doing to it.
    pub state_name: Option<ClusterState>,
    /// When it was made.
    pub create_date: Option<Moment>,
    /// Such as `8.0.29`.
    #[serde(rename = "mongoDBVersion")]
    pub mongodb_version: Option<String>,
    /// How it is backed up.
    pub serverless_backup_options: Option<ServerlessBackup>,
    /// Whether Atlas refuses to delete it.
    pub termination_protection_enabled: Option<bool>,
    /// Where it is.
    pub provider_settings: Option<SharedProvider>,
    /// Where it is reached.
    pub connection_strings: Option<ConnectionStrings>,
    /// What people say of it.
    pub tags: Option<Vec<Tag>>,
}

impl Node for ServerlessInstance {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }
}

impl Resource for ServerlessInstance {}

/// How a serverless instance is backed up.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerlessBackup {
    /// Whether any moment can be restored.
    pub serverless_continuous_backup_enabled: Option<bool>,
}
