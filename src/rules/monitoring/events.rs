//! The events that Atlas can alert of: which are about security, and which concern a project only if it uses something.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::engine::verdict::{Required, Unknown};
use crate::engine::view::ProjectView;
use crate::rules::live_clusters;
use crate::snapshot::database_access::X509Type;
use crate::snapshot::logging::ExportState;

/// What rules about alerts call security: what ATL-MON-001 and ATL-MON-002 ask for, and the siblings of these.
const SECURITY: &[&str] = &[
    "ACTIVE_LEGACY_TLS_CONNECTIONS",
    "ALERT_HOST_SSH_SESSION_STARTED",
    "AWS_ENCRYPTION_KEY_INVALID",
    "AWS_ENCRYPTION_KEY_NEEDS_ROTATION",
    "AZURE_ENCRYPTION_KEY_INVALID",
    "AZURE_ENCRYPTION_KEY_NEEDS_ROTATION",
    "CPS_SNAPSHOT_BEHIND",
    "CPS_SNAPSHOT_FAILED",
    "ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID",
    "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED",
    "GCP_ENCRYPTION_KEY_INVALID",
    "GCP_ENCRYPTION_KEY_NEEDS_ROTATION",
    "HOST_EXPOSED",
    "HOST_EXTERNAL_LOG_SINK_EXPORT_DOWN",
    "HOST_SECURITY_CHECKUP_NOT_MET",
    "HOST_SSL_CERTIFICATE_STALE",
    "JOINED_GROUP",
    "REMOVED_FROM_GROUP",
    "RESOURCE_POLICY_VIOLATED",
    "SSH_KEY_NDS_HOST_ACCESS_REFRESHED",
    "SSH_KEY_NDS_HOST_ACCESS_REQUESTED",
    "USERS_WITHOUT_MULTI_FACTOR_AUTH",
    "USER_ROLES_CHANGED_AUDIT",
];

/// Families of which every member is about security.
const SECURITY_FAMILIES: &[&str] = &[
    "CPS_DATA_PROTECTION_",
    "GROUP_SERVICE_ACCOUNT_SECRETS_",
    "LOG_STREAMING_EXPORT_FAILED_",
    "NDS_X509_USER_AUTHENTICATION_",
    "NETWORK_PERMISSION_ENTRY_",
    "PUSH_BASED_LOG_EXPORT_",
];

/// Whether an alert is about security.
pub(super) fn is_security(event: &str) -> bool {
    SECURITY.contains(&event) || SECURITY_FAMILIES.iter().any(|family| event.starts_with(family))
}

/// Names of events, as Atlas writes them.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(super) struct EventNames(pub(super) BTreeSet<String>);

impl TryFrom<Vec<String>> for EventNames {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        for name in &names {
            // Seen in checklists, and in the activity feed: Atlas records these, and cannot alert of them.
            if name.starts_with("ALERT_CONFIG_") {
                return Err(format!("Atlas has no alert for `{name}`: it stands in the activity feed only"));
            }
            let letters = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
            if name.is_empty() || !letters {
                return Err(format!("`{name}` is no event such as `NETWORK_PERMISSION_ENTRY_ADDED`"));
            }
        }
        Ok(Self(names.into_iter().collect()))
    }
}

impl EventNames {
    pub(super) fn has(&self, event: &str) -> bool {
        self.0.contains(event)
    }
}

/// Whether a project uses what an event is about. An event of which nothing is known concerns every project.
pub(super) fn concerns(event: &str, project: &ProjectView<'_>) -> Result<bool, Unknown> {
    match event {
        "HOST_EXTERNAL_LOG_SINK_EXPORT_DOWN" => has_log_integration(project),
        "NDS_X509_USER_AUTHENTICATION_CUSTOMER_CA_EXPIRATION_CHECK"
        | "NDS_X509_USER_AUTHENTICATION_CUSTOMER_CRL_EXPIRATION_CHECK" => has_own_authority(project),
        "NDS_X509_USER_AUTHENTICATION_MANAGED_USER_CERTS_EXPIRATION_CHECK" => has_managed_certificates(project),
        _ if event.starts_with("PUSH_BASED_LOG_EXPORT_") => has_push_export(project),
        _ if event.starts_with("LOG_STREAMING_EXPORT_FAILED_") => has_log_integration(project),
        _ if event.starts_with("GROUP_SERVICE_ACCOUNT_SECRETS_") => Ok(!project.service_accounts.known()?.is_empty()),
        // Changes to a backup compliance policy, which is what Atlas calls data protection here.
        _ if event.starts_with("CPS_DATA_PROTECTION_") => Ok(project.backup_compliance_policy.known()?.is_set()),
        _ if event.starts_with("CPS_") => has_backup(project),
        _ => Ok(true),
    }
}

fn has_push_export(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    match project.push_based_log_export.known()?.state.required("state")? {
        ExportState::Unconfigured => Ok(false),
        ExportState::Other(text) => Err(Unknown::not_understood("state", text.clone())),
        _ => Ok(true),
    }
}

fn has_log_integration(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    Ok(!project.log_integrations.known()?.is_empty())
}

fn has_own_authority(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    let security = project.user_security.known()?;
    let authority = security.customer_x509.as_ref().and_then(|x509| x509.cas.as_deref());
    Ok(authority.is_some_and(|certificates| !certificates.trim().is_empty()))
}

fn has_managed_certificates(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    let mut unclear = None;
    for user in project.database_users.known()? {
        match &user.x509_type {
            Some(X509Type::Managed) => return Ok(true),
            Some(X509Type::Other(text)) => unclear = Some(Unknown::not_understood("x509Type", text.clone())),
            Some(X509Type::None | X509Type::Customer) | None => {}
        }
    }
    unclear.map_or(Ok(false), Err)
}

fn has_backup(project: &ProjectView<'_>) -> Result<bool, Unknown> {
    let mut unclear = None;
    for cluster in live_clusters(project.project)? {
        match cluster.backup_enabled.required("backupEnabled") {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => unclear = Some(why),
        }
    }
    unclear.map_or(Ok(false), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_is_a_list_and_some_families() {
        for event in ["JOINED_GROUP", "NETWORK_PERMISSION_ENTRY_REMOVED", "PUSH_BASED_LOG_EXPORT_DROPPED_LOG"] {
            assert!(is_security(event), "{event}");
        }
        for event in ["NO_PRIMARY", "OUTSIDE_METRIC_THRESHOLD", "CPS_SNAPSHOT_SUCCESSFUL", ""] {
            assert!(!is_security(event), "{event}");
        }
    }

    #[test]
    fn what_is_no_alert_is_refused() {
        let names = |names: &[&str]| EventNames::try_from(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        assert!(names(&["JOINED_GROUP"]).unwrap().has("JOINED_GROUP"));
        assert!(names(&["ALERT_CONFIG_DELETED_AUDIT"]).unwrap_err().contains("activity feed"));
        for wrong in ["", "joined_group", "JOINED GROUP"] {
            assert!(names(&[wrong]).is_err(), "{wrong}");
        }
    }
}
