//! What a project records and where it sends it: audit log, exports, integrations, alerts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::tree::Object;
use super::values::open_enum;

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
