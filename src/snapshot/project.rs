//! A project: what it says of itself, and everything that is read for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::cluster::Cluster;
use super::database_access::{CustomRole, DatabaseUser, UserSecurity};
use super::logging::AuditLog;
use super::network::AccessListEntry;
use super::reading::Reading;
use super::reference::Ref;
use super::tree::{Node, Object, Resource, slots};
use super::values::{Moment, Tag, open_enum, text_or_empty};

/// A project, which the API calls a group.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// 24 hexadecimal digits.
    #[serde(default, deserialize_with = "text_or_empty")]
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// The organization that it belongs to.
    pub org_id: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// How many clusters it holds, by Atlas's count.
    pub cluster_count: Option<i64>,
    /// What people say of it.
    pub tags: Option<Vec<Tag>>,
    /// Whether Atlas gave it the usual alerts when it was made.
    pub with_default_alerts_settings: Option<bool>,
    /// Atlas for Government only.
    pub region_usage_restrictions: Option<RegionRestrictions>,
    /// What the console lets people do.
    #[serde(skip)]
    pub settings: Reading<ProjectSettings>,
    /// From where its clusters are reached.
    #[serde(skip)]
    pub access_list: Reading<Vec<AccessListEntry>>,
    /// Who logs in to its databases.
    #[serde(skip)]
    pub database_users: Reading<Vec<DatabaseUser>>,
    /// Roles of its own making.
    #[serde(skip)]
    pub custom_roles: Reading<Vec<CustomRole>>,
    /// Its directory and certificate authority.
    #[serde(skip)]
    pub user_security: Reading<UserSecurity>,
    /// What is recorded.
    #[serde(skip)]
    pub audit_log: Reading<AuditLog>,
    /// M0 and dedicated clusters.
    #[serde(skip)]
    pub clusters: Reading<Vec<Cluster>>,
}

open_enum! {
    /// Which regions of the government's cloud a project may use.
    RegionRestrictions { Commercial = "COMMERCIAL_FEDRAMP_REGIONS_ONLY", Government = "GOV_REGIONS_ONLY", }
}

impl Project {
    /// Its identity within an organization.
    #[must_use]
    pub fn at(&self, organization: &Ref) -> Ref {
        organization.project(&self.id)
    }
}

impl Node for Project {
    fn key(&self) -> String {
        self.id.clone()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("groupId", self.id.clone())]
    }

    slots! {
        settings: ProjectSettings,
        access_list: AccessList,
        database_users: DatabaseUsers,
        custom_roles: CustomRoles,
        user_security: UserSecurity,
        audit_log: AuditLog,
        clusters: Clusters,
    }
}

impl Resource for Project {}

/// What the console and its assistants may do with a project's data.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSettings {
    /// Whether people read and write documents in the console.
    pub is_data_explorer_enabled: Option<bool>,
    /// Whether queries there may be written by a language model.
    #[serde(rename = "isDataExplorerGenAIFeaturesEnabled")]
    pub is_data_explorer_gen_ai_features_enabled: Option<bool>,
    /// Whether that model is shown documents.
    #[serde(rename = "isDataExplorerGenAISampleDocumentPassingEnabled")]
    pub is_data_explorer_gen_ai_sample_document_passing_enabled: Option<bool>,
    /// Whether an assistant answers about clusters.
    pub is_cluster_ai_assistant_enabled: Option<bool>,
    /// Whether an assistant answers on the console's first page; seen in answers only.
    pub is_atlas_home_page_ai_assistant_enabled: Option<bool>,
    /// Whether names of databases and collections go into statistics.
    pub is_collect_database_specifics_statistics_enabled: Option<bool>,
    /// Whether slow queries are shown.
    pub is_performance_advisor_enabled: Option<bool>,
    /// Whether running operations are shown.
    pub is_realtime_performance_panel_enabled: Option<bool>,
    /// Whether advice on the schema is given.
    pub is_schema_advisor_enabled: Option<bool>,
    /// Whether search results are ordered by a model.
    pub is_native_reranking_enabled: Option<bool>,
    /// Whether Atlas checks the consistency of data.
    pub is_data_validation_enabled: Option<bool>,
    /// Whether larger disks are offered.
    pub is_extended_storage_sizes_enabled: Option<bool>,
}

impl Object for ProjectSettings {}
