//! What single fields mean, and what it means that an entry of a list came or went. Two tables.

use std::cmp::Ordering;

use serde_json::Value;

use crate::snapshot::Section;

use super::super::fields::Field;
use super::super::{Kind, Risk};
use super::Meaning;

/// How a field bears on security.
#[derive(Debug, Clone, Copy)]
enum Sense {
    /// True is safer.
    On,
    /// False is safer.
    Off,
    /// These values, from the worst to the best. Others come between the first and the last.
    From(&'static [&'static str]),
    /// The higher, the safer.
    More,
    /// The lower, the safer; none is worst.
    Less,
    /// Something is better than nothing; which, nobody can tell.
    Present,
    /// Nothing is better than something.
    Missing,
    /// What it names decides, and any other may be worse.
    Which,
}

use Sense::{From, Less, Missing, More, Off, On, Present, Which};

struct Row(Section, &'static str, Sense, Risk, &'static str);

const GRAVE: Risk = Risk::Grave;
const RISKIER: Risk = Risk::Riskier;

const TLS: Sense = From(&["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]);
const KEYS: Sense = From(&["NONE", ""]);
const ACTIVE: Sense = From(&["", "ACTIVE"]);

/// Section, path (`*` is any member, `**` all below), what is safer, how bad the worse is, and the worse in words.
const FIELDS: &[Row] = &[
    Row(Section::OrganizationSettings, "multiFactorAuthRequired", On, GRAVE, "a second factor is no longer required"),
    Row(Section::OrganizationSettings, "apiAccessListRequired", On, GRAVE, "API credentials need no access list"),
    Row(Section::OrganizationSettings, "restrictEmployeeAccess", On, RISKIER, "MongoDB's people need no leave"),
    Row(Section::OrganizationSettings, "genAIFeaturesEnabled", Off, RISKIER, ""),
    Row(Section::OrganizationSettings, "streamsCrossGroupEnabled", Off, RISKIER, "streams may cross projects"),
    Row(Section::OrganizationSettings, "maxServiceAccountSecretValidityInHours", Less, RISKIER, "secrets live longer"),
    Row(Section::OrganizationSettings, "securityContact", Present, RISKIER, "nobody hears of security matters"),
    Row(Section::OrganizationSettings, "customSessionTimeouts/**", Less, RISKIER, "sessions live longer"),
    Row(Section::DelegationSettings, "delegatedMcpAccess", From(DELEGATED), RISKIER, "models may do more"),
    Row(Section::DelegationSettings, "delegatedPartnerAccess", From(DELEGATED), RISKIER, "partners may do more"),
    Row(Section::DelegationSettings, "**", Less, RISKIER, "tokens live longer"),
    Row(Section::FederationSettings, "identityProviderStatus", ACTIVE, RISKIER, "people sign in without the provider"),
    Row(Section::FederationSettings, "federatedDomains", Less, RISKIER, "more domains sign in"),
    Row(Section::ConnectedOrganization, "domainRestrictionEnabled", On, GRAVE, "addresses of any domain may join"),
    Row(Section::ConnectedOrganization, "domainAllowList", Less, RISKIER, "more domains may join"),
    Row(Section::ConnectedOrganization, "postAuthRoleGrants", Less, GRAVE, "whoever signs in gets more"),
    Row(Section::ConnectedOrganization, "dataAccessIdentityProviderIds", Which, RISKIER, "other providers reach data"),
    Row(Section::ConnectedOrganization, "identityProviderId", Which, RISKIER, "another provider signs people in"),
    Row(Section::IdentityProviders, "status", ACTIVE, RISKIER, "people sign in without the provider"),
    Row(Section::IdentityProviders, "ssoDebugEnabled", Off, GRAVE, "there is a way in past the provider"),
    Row(Section::IdentityProviders, "responseSignatureAlgorithm", From(&["SHA-1", "SHA-256"]), RISKIER, "SHA-1"),
    Row(Section::IdentityProviders, "issuerUri", Which, RISKIER, "somebody else says who people are"),
    Row(Section::IdentityProviders, "ssoUrl", Which, RISKIER, "people are sent elsewhere"),
    Row(Section::IdentityProviders, "audience", Which, RISKIER, "other tokens count"),
    Row(Section::IdentityProviders, "groupsClaim", Which, RISKIER, "groups are read from elsewhere"),
    Row(Section::IdentityProviders, "userClaim", Which, RISKIER, "names are read from elsewhere"),
    Row(Section::IdentityProviders, "authorizationType", Which, RISKIER, ""),
    Row(Section::IdentityProviders, "associatedDomains", Less, RISKIER, "more domains sign in"),
    Row(Section::ResourcePolicies, "policies/**", Which, RISKIER, "something else is forbidden than before"),
    Row(Section::McpConfigs, "ipAccessList/**", Less, RISKIER, "may be used from elsewhere"),
    Row(Section::ProjectMcpConfigs, "ipAccessList/**", Less, RISKIER, "may be used from elsewhere"),
    Row(Section::ServiceAccounts, "secrets/*/expiresAt", More, RISKIER, ""),
    Row(Section::ServiceAccounts, "secrets/*", Missing, RISKIER, "there is a new secret"),
    Row(Section::ProjectServiceAccounts, "secrets/*", Missing, RISKIER, "there is a new secret"),
    Row(Section::Projects, "regionUsageRestrictions", Which, RISKIER, ""),
    Row(Section::ProjectSettings, "isDataExplorerEnabled", Off, RISKIER, "people see documents in the console"),
    Row(Section::ProjectSettings, "isDataExplorerGenAIFeaturesEnabled", Off, RISKIER, ""),
    Row(
        Section::ProjectSettings,
        "isDataExplorerGenAISampleDocumentPassingEnabled",
        Off,
        RISKIER,
        "a model is shown documents",
    ),
    Row(Section::ProjectSettings, "isClusterAiAssistantEnabled", Off, RISKIER, ""),
    Row(Section::AuditLog, "enabled", On, GRAVE, "nothing is recorded any more"),
    Row(Section::AuditLog, "auditAuthorizationSuccess", On, RISKIER, "what is allowed is no longer recorded"),
    Row(Section::AuditLog, "auditFilter", Which, RISKIER, "something else is recorded than before"),
    Row(Section::PushBasedLogExport, "state", ACTIVE, RISKIER, "logs are no longer exported"),
    Row(Section::PushBasedLogExport, "bucketName", Which, RISKIER, "logs go elsewhere"),
    Row(Section::LogIntegrations, "logTypes", More, RISKIER, "fewer logs are exported"),
    Row(Section::LogIntegrations, "bucketName", Which, RISKIER, "logs go elsewhere"),
    Row(Section::LogIntegrations, "hecUrlOrigin", Which, RISKIER, "logs go elsewhere"),
    Row(Section::LogIntegrations, "otelEndpointOrigin", Which, RISKIER, "logs go elsewhere"),
    Row(Section::LogIntegrations, "storageAccountName", Which, RISKIER, "logs go elsewhere"),
    Row(Section::MetricIntegrations, "endpointOrigin", Which, RISKIER, "metrics go elsewhere"),
    Row(Section::Integrations, "urlOrigin", Which, RISKIER, "alerts go elsewhere"),
    Row(Section::Integrations, "hasSecret", On, RISKIER, "calls are no longer signed"),
    Row(Section::Integrations, "customEndpointOrigin", Which, RISKIER, "metrics go elsewhere"),
    Row(Section::AlertConfigs, "enabled", On, RISKIER, "nobody is told"),
    Row(Section::AlertConfigs, "notifications/*", Present, RISKIER, "somebody is no longer told"),
    Row(Section::Clusters, "terminationProtectionEnabled", On, RISKIER, "anybody with the role may delete it"),
    Row(Section::Clusters, "backupEnabled", On, GRAVE, "no more backups are taken"),
    Row(Section::Clusters, "pitEnabled", On, RISKIER, "only whole backups can be restored"),
    Row(Section::Clusters, "retainBackups", On, RISKIER, "backups go with the cluster"),
    Row(Section::Clusters, "encryptionAtRestProvider", KEYS, GRAVE, "the customer's key encrypts it no more"),
    Row(Section::Clusters, "redactClientLogData", On, RISKIER, "values stand in the log"),
    Row(Section::Clusters, "mongoDBEmployeeAccessGrant", Missing, GRAVE, "MongoDB's people are let in"),
    Row(Section::Clusters, "mongoDBEmployeeAccessGrant/**", Which, RISKIER, "the leave for MongoDB's people differs"),
    Row(Section::Clusters, "biConnector/enabled", Off, RISKIER, ""),
    Row(Section::Clusters, "advancedConfiguration/minimumEnabledTlsProtocol", TLS, GRAVE, "older TLS is accepted"),
    Row(Section::Clusters, "advancedConfiguration/**", Which, RISKIER, "other ciphers are accepted"),
    Row(Section::ProcessArgs, "minimumEnabledTlsProtocol", TLS, GRAVE, "older TLS is accepted"),
    Row(Section::ProcessArgs, "javascriptEnabled", Off, RISKIER, "the server runs JavaScript"),
    Row(Section::ProcessArgs, "tlsCipherConfigMode", Which, RISKIER, "other ciphers are accepted"),
    Row(Section::ProcessArgs, "customOpensslCipherConfigTls12", Which, RISKIER, "other ciphers are accepted"),
    Row(Section::ProcessArgs, "customOpensslCipherConfigTls13", Which, RISKIER, "other ciphers are accepted"),
    Row(Section::SearchDeployment, "encryptionAtRestProvider", KEYS, RISKIER, "the customer's key encrypts it no more"),
    Row(Section::BackupSchedule, "restoreWindowDays", More, RISKIER, "fewer days can be restored"),
    Row(Section::BackupSchedule, "policies/*/policyItems/*/retentionValue", More, RISKIER, "backups are kept for less"),
    Row(Section::BackupSchedule, "policies/*/policyItems/*", Present, RISKIER, "fewer backups are taken"),
    Row(Section::BackupSchedule, "copySettings/*", Present, RISKIER, "fewer copies are made"),
    Row(Section::BackupSchedule, "export/**", Which, RISKIER, "backups are exported elsewhere"),
    Row(Section::FlexClusters, "terminationProtectionEnabled", On, RISKIER, "anybody with the role may delete it"),
    Row(Section::FlexClusters, "backupSettings/enabled", On, GRAVE, "no more backups are taken"),
    Row(
        Section::ServerlessInstances,
        "terminationProtectionEnabled",
        On,
        RISKIER,
        "anybody with the role may delete it",
    ),
    Row(Section::BackupCompliancePolicy, "state", ACTIVE, GRAVE, "the policy is no longer in force"),
    Row(Section::BackupCompliancePolicy, "copyProtectionEnabled", On, RISKIER, "copies may be deleted"),
    Row(Section::BackupCompliancePolicy, "encryptionAtRestEnabled", On, RISKIER, ""),
    Row(Section::BackupCompliancePolicy, "pitEnabled", On, RISKIER, "only whole backups can be restored"),
    Row(Section::BackupCompliancePolicy, "restoreWindowDays", More, RISKIER, "fewer days can be restored"),
    Row(
        Section::BackupCompliancePolicy,
        "scheduledPolicyItems/*/retentionValue",
        More,
        RISKIER,
        "backups are kept for less",
    ),
    Row(Section::BackupCompliancePolicy, "scheduledPolicyItems/*", Present, RISKIER, "fewer backups are taken"),
    Row(Section::BackupCompliancePolicy, "authorizedEmail", Which, RISKIER, "somebody else may loosen it"),
    Row(Section::ExportBuckets, "bucketName", Which, RISKIER, "backups go elsewhere"),
    Row(Section::ExportBuckets, "requirePrivateNetworking", On, RISKIER, "backups leave over the internet"),
    Row(Section::EncryptionAtRest, "*/enabled", On, GRAVE, "the customer's key is no longer used"),
    Row(Section::EncryptionAtRest, "*/valid", On, GRAVE, "Atlas does not reach the key"),
    Row(Section::EncryptionAtRest, "*/requirePrivateNetworking", On, RISKIER, "the key is reached over the internet"),
    Row(Section::EncryptionAtRest, "*/hasAccessKeyId", Off, RISKIER, "Atlas holds long-lived keys for it"),
    Row(Section::EncryptionAtRest, "enabledForSearchNodes", On, RISKIER, "search nodes are not encrypted by it"),
    Row(Section::EncryptionAtRest, "*/*", Which, RISKIER, "another key, or another way to it"),
    Row(Section::EncryptionAtRest, "*", Present, GRAVE, "the customer's key is gone"),
    Row(Section::CloudProviderAccess, "*/*/featureUsages/**", Which, Risk::Neutral, ""),
    Row(Section::CloudProviderAccess, "*/*/lastUpdatedDate", Which, Risk::Activity, ""),
    Row(Section::CloudProviderAccess, "*/*", Missing, RISKIER, "Atlas may act as another role"),
    Row(Section::CloudProviderAccess, "*/*/**", Which, RISKIER, "Atlas acts as somebody else"),
    Row(Section::UserSecurity, "customerX509/**", Which, GRAVE, "other certificates let users in"),
    Row(Section::UserSecurity, "ldap/hasCaCertificate", On, RISKIER, "any certificate of the directory counts"),
    Row(Section::UserSecurity, "ldap/**", Which, RISKIER, "users are let in otherwise than before"),
    Row(Section::DatabaseUsers, "deleteAfterDate", Present, RISKIER, "was temporary, and lasts now"),
    Row(Section::DatabaseUsers, "x509Type", Which, RISKIER, "logs in otherwise than before"),
    Row(Section::DatabaseUsers, "awsIAMType", Which, RISKIER, "logs in otherwise than before"),
    Row(Section::DatabaseUsers, "ldapAuthType", Which, RISKIER, "logs in otherwise than before"),
    Row(Section::DatabaseUsers, "oidcAuthType", Which, RISKIER, "logs in otherwise than before"),
    Row(Section::FederatedDatabases, "storage/stores/*/public", Off, RISKIER, "the bucket is read as anybody may"),
    Row(Section::FederatedDatabases, "storage/stores/*/allowInsecure", Off, GRAVE, "any certificate counts"),
    Row(Section::FederatedDatabases, "storage/stores/*", Missing, RISKIER, "queries reach more"),
    Row(Section::FederatedDatabases, "storage/stores/*/**", Which, RISKIER, "queries reach elsewhere"),
    Row(Section::StreamConnections, "security/protocol", From(KAFKA), GRAVE, "data goes in clear"),
    Row(Section::StreamConnections, "networking/access/type", From(&["PUBLIC", ""]), RISKIER, "over the internet"),
    Row(Section::StreamConnections, "bootstrapServers", Which, RISKIER, "leads elsewhere"),
    Row(Section::StreamConnections, "urlOrigin", Which, RISKIER, "leads elsewhere"),
    Row(Section::StreamConnections, "clusterName", Which, RISKIER, "leads elsewhere"),
    Row(Section::StreamConnections, "clusterGroupId", Which, RISKIER, "leads elsewhere"),
    Row(Section::StreamConnections, "dbRoleToExecute/**", Which, RISKIER, "acts by another role"),
    Row(Section::StreamProcessors, "pipeline/**", Which, RISKIER, "moves other data, or elsewhere"),
];

const DELEGATED: &[&str] = &["READ_WRITE", "READ_ONLY", "DISALLOWED"];
const KAFKA: &[&str] = &["PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"];

/// Fields that change by themselves, wherever they stand.
const ACTIVITY: [&str; 27] = [
    "lastUsedAt",
    "lastUsedAddress",
    "lastAuth",
    "lastNotified",
    "requestCount",
    "stateName",
    "state",
    "status",
    "localStatus",
    "cloudStatus",
    "statusMessage",
    "connectionStatus",
    "deleteRequested",
    "errorState",
    "errorMessage",
    "updated",
    "updatedAt",
    "updatedDate",
    "lastUpdatedDate",
    "nextSnapshot",
    "clusterCount",
    "mongoDBVersion",
    "currentUsage",
    "throttling",
    "numberOfDeferrals",
    "effectiveInstanceSize",
    "userConflicts",
];

/// What it means that this field differs.
pub(super) fn of_field(section: Section, field: &Field) -> Meaning {
    let path: Vec<_> = field.pointer.split('/').skip(1).collect();
    let row = FIELDS.iter().find(|row| row.0 == section && fits(row.1, &path));
    if let Some(Row(_, _, sense, risk, why)) = row {
        if *risk == Risk::Neutral || *risk == Risk::Activity {
            return Meaning::plain(*risk);
        }
        return match sense.is_worse(field) {
            Some(true) if why.is_empty() => Meaning::plain(*risk),
            Some(true) => Meaning::of(*risk, *why),
            Some(false) => Meaning::plain(Risk::Safer),
            None => Meaning::plain(Risk::Neutral),
        };
    }
    let by_itself = path.iter().any(|name| ACTIVITY.contains(name) || *name == "effectiveReplicationSpecs");
    Meaning::plain(if by_itself { Risk::Activity } else { Risk::Neutral })
}

/// `a/*/c` and `a/**` against a path.
fn fits(pattern: &str, path: &[&str]) -> bool {
    let mut wanted = pattern.split('/');
    let mut path = path.iter();
    loop {
        match (wanted.next(), path.next()) {
            (Some("**"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(name), Some(its)) if name == *its => {}
            _ => return false,
        }
    }
}

impl Sense {
    /// Whether the new value is worse; nothing if that cannot be told.
    fn is_worse(self, field: &Field) -> Option<bool> {
        let (old, new) = (field.old.as_ref(), field.new.as_ref());
        match self {
            On => switch(old, new, true),
            Off => switch(old, new, false),
            Present => Some(new.is_none_or(is_empty)).filter(|_| old.is_none_or(is_empty) || new.is_none_or(is_empty)),
            Missing => Some(old.is_none_or(is_empty)).filter(|_| old.is_none_or(is_empty) || new.is_none_or(is_empty)),
            Which => Some(true),
            // Some went, others came: whoever asks for fewer has to look, and whoever asks for more has lost some.
            More | Less if exchanged(old, new) => Some(true),
            More => compared(old, new).map(Ordering::is_lt),
            Less => compared(old, new).map(Ordering::is_gt),
            From(values) => {
                let rank = |value: Option<&Value>| {
                    let text = value.and_then(Value::as_str).unwrap_or_default();
                    values
                        .iter()
                        .position(|known| *known == text)
                        .or_else(|| values.iter().position(|known| known.is_empty()))
                };
                let (old, new) = (rank(old)?, rank(new)?);
                // Both may be something that is not listed: each other's equal for all that is known.
                (old != new).then_some(new < old)
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

fn switch(old: Option<&Value>, new: Option<&Value>, safe: bool) -> Option<bool> {
    let (old, new) = (old.and_then(Value::as_bool), new.and_then(Value::as_bool));
    match (old, new) {
        (_, Some(new)) => Some(new != safe),
        // Atlas says nothing any more: whether it is still so, nobody can tell.
        (Some(old), None) => (old == safe).then_some(true),
        (None, None) => None,
    }
}

fn exchanged(old: Option<&Value>, new: Option<&Value>) -> bool {
    let lists = old.and_then(Value::as_array).zip(new.and_then(Value::as_array));
    lists.is_some_and(|(old, new)| {
        new.iter().any(|entry| !old.contains(entry)) && old.iter().any(|entry| !new.contains(entry))
    })
}

/// How the new value compares: numbers and times by size, lists by what is in them.
fn compared(old: Option<&Value>, new: Option<&Value>) -> Option<Ordering> {
    match (old, new) {
        (Some(Value::Number(old)), Some(Value::Number(new))) => new.as_f64()?.partial_cmp(&old.as_f64()?),
        (Some(Value::String(old)), Some(Value::String(new))) => {
            Some(new.parse::<jiff::Timestamp>().ok()?.cmp(&old.parse().ok()?))
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            let came = new.iter().any(|entry| !old.contains(entry));
            let went = old.iter().any(|entry| !new.contains(entry));
            (came != went).then_some(if came { Ordering::Greater } else { Ordering::Less })
        }
        // No limit at all is more than any; no list at all is less.
        (None, Some(value)) | (Some(value), None) => {
            let is_more = old.is_none() != value.is_number();
            Some(if is_more { Ordering::Greater } else { Ordering::Less })
        }
        _ => None,
    }
}

/// What it means that an entry of this list came or went: the two meanings, and the words for the worse one.
pub(super) fn of_one(section: Section, kind: Kind) -> Meaning {
    let (added, removed, why) = match section {
        Section::ResourcePolicies => (Risk::Safer, Risk::Grave, "what it forbade is allowed now"),
        Section::LogIntegrations => (Risk::Neutral, Risk::Riskier, "logs are no longer exported there"),
        Section::AlertConfigs => (Risk::Safer, Risk::Riskier, "nobody is told any more"),
        Section::IdentityProviders => (Risk::Riskier, Risk::Neutral, "somebody else says who people are"),
        Section::AwsPeers | Section::AzurePeers | Section::GcpPeers | Section::StreamPeers => {
            (Risk::Riskier, Risk::Safer, "another network is joined")
        }
        Section::ExportBuckets => (Risk::Riskier, Risk::Safer, "backups may be sent there"),
        Section::Integrations | Section::MetricIntegrations => (Risk::Riskier, Risk::Safer, "data goes there"),
        Section::StreamConnections => (Risk::Riskier, Risk::Safer, "streams lead there"),
        Section::StreamProcessors => (Risk::Riskier, Risk::Safer, "moves data"),
        Section::FederatedDatabases => (Risk::Riskier, Risk::Safer, "queries reach beyond clusters"),
        Section::Certificates | Section::McpSecrets | Section::ProjectMcpSecrets => {
            (Risk::Riskier, Risk::Safer, "there is one more to log in by")
        }
        Section::AiModelApiKeys => (Risk::Riskier, Risk::Safer, "a key that never runs out"),
        _ => (Risk::Neutral, Risk::Neutral, ""),
    };
    let risk = match kind {
        Kind::Added => added,
        Kind::Removed => removed,
        Kind::Changed => Risk::Neutral,
    };
    if risk <= Risk::Riskier && !why.is_empty() { Meaning::of(risk, why) } else { Meaning::plain(risk) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn risk(section: Section, pointer: &str, old: Value, new: Value) -> Risk {
        let some = |value: Value| (!value.is_null()).then_some(value);
        of_field(section, &Field { pointer: pointer.to_owned(), old: some(old), new: some(new) }).risk
    }

    #[test]
    fn each_field_has_a_direction() {
        let none = || Value::Null;
        for (section, pointer, old, new, expected) in [
            (Section::OrganizationSettings, "/multiFactorAuthRequired", json!(true), json!(false), Risk::Grave),
            (Section::OrganizationSettings, "/multiFactorAuthRequired", json!(false), json!(true), Risk::Safer),
            (Section::OrganizationSettings, "/multiFactorAuthRequired", json!(true), none(), Risk::Grave),
            (Section::OrganizationSettings, "/multiFactorAuthRequired", json!(false), none(), Risk::Neutral),
            (Section::OrganizationSettings, "/maxServiceAccountSecretValidityInHours", json!(8), none(), Risk::Riskier),
            (Section::OrganizationSettings, "/securityContact", json!("a"), json!(""), Risk::Riskier),
            (Section::OrganizationSettings, "/securityContact", json!("a"), json!("b"), Risk::Neutral),
            (
                Section::Clusters,
                "/advancedConfiguration/minimumEnabledTlsProtocol",
                json!("TLS1_2"),
                json!("TLS1_0"),
                Risk::Grave,
            ),
            (
                Section::Clusters,
                "/advancedConfiguration/minimumEnabledTlsProtocol",
                json!("TLS1_0"),
                json!("TLS1_2"),
                Risk::Safer,
            ),
            (Section::Clusters, "/encryptionAtRestProvider", json!("AWS"), json!("NONE"), Risk::Grave),
            (Section::Clusters, "/encryptionAtRestProvider", json!("NONE"), json!("AWS"), Risk::Safer),
            (Section::Clusters, "/encryptionAtRestProvider", json!("AWS"), json!("GCP"), Risk::Neutral),
            (Section::Clusters, "/mongoDBEmployeeAccessGrant", none(), json!({ "grantType": "x" }), Risk::Grave),
            (Section::Clusters, "/mongoDBEmployeeAccessGrant", json!({ "grantType": "x" }), none(), Risk::Safer),
            (Section::Clusters, "/stateName", json!("IDLE"), json!("UPDATING"), Risk::Activity),
            (Section::Clusters, "/replicationSpecs/0/id", json!("a"), json!("b"), Risk::Neutral),
            (Section::EncryptionAtRest, "/awsKms/enabled", json!(true), json!(false), Risk::Grave),
            (Section::EncryptionAtRest, "/awsKms", json!({ "enabled": true }), none(), Risk::Grave),
            (Section::PushBasedLogExport, "/state", json!("ACTIVE"), json!("ASSUME_ROLE_FAILED"), Risk::Riskier),
            (Section::PushBasedLogExport, "/state", json!("INITIATING"), json!("ACTIVE"), Risk::Safer),
            (Section::ConnectedOrganization, "/domainAllowList", json!(["a"]), json!(["a", "b"]), Risk::Riskier),
            (Section::ConnectedOrganization, "/domainAllowList", json!(["a", "b"]), json!(["a"]), Risk::Safer),
            (Section::ConnectedOrganization, "/domainAllowList", json!(["a"]), json!(["b"]), Risk::Riskier),
            (Section::LogIntegrations, "/logTypes", json!(["a", "b"]), json!(["a"]), Risk::Riskier),
            (Section::ServiceAccounts, "/secrets/1", none(), json!({ "id": "s" }), Risk::Riskier),
            (Section::ServiceAccounts, "/secrets/1/lastUsedAt", none(), json!("2026"), Risk::Activity),
        ] {
            assert_eq!(
                risk(section, pointer, old.clone(), new.clone()),
                expected,
                "{section} {pointer}: {old} → {new}"
            );
        }
    }

    #[test]
    fn every_row_is_of_a_field_that_there_is() {
        let schema = crate::snapshot::schema::schema().to_string();
        for Row(section, path, ..) in FIELDS {
            for name in path.split('/').filter(|name| !name.contains('*')) {
                assert!(schema.contains(&format!("\"{name}\":")), "{section} {path}");
            }
        }
        for name in ACTIVITY {
            assert!(schema.contains(&format!("\"{name}\":")) || name == "connectionStatus", "{name}");
        }
    }

    #[test]
    fn numbers_times_and_lists_are_compared_by_what_is_more() {
        let of = |old: Value, new: Value| {
            let field = Field {
                pointer: "/x".to_owned(),
                old: Some(old).filter(|old| !old.is_null()),
                new: Some(new).filter(|new| !new.is_null()),
            };
            (More.is_worse(&field), Less.is_worse(&field))
        };
        let (worse, better, unclear) = ((Some(true), Some(false)), (Some(false), Some(true)), (None, None));
        for (old, new, more) in [
            (json!(7), json!(3), worse),
            (json!(3), json!(7), better),
            (json!("2026-12-02T00:00:00Z"), json!("2026-12-01T00:00:00Z"), worse),
            (json!("2026-12-01T00:00:00Z"), json!("2026-12-02T00:00:00Z"), better),
            (json!("soon"), json!("late"), unclear),
            (json!(["a", "b"]), json!(["a"]), worse),
            (json!(["a"]), json!(["a", "b"]), better),
            (json!(["a", "b"]), json!(["b", "a"]), unclear),
            // No limit is more than any, no list is less.
            (json!(7), Value::Null, better),
            (Value::Null, json!(7), worse),
            (json!(["a"]), Value::Null, worse),
            (Value::Null, json!(["a"]), better),
            (json!(7), json!(["a"]), unclear),
        ] {
            assert_eq!(of(old.clone(), new.clone()), more, "{old} → {new}");
        }
        let exchanged = (Some(true), Some(true));
        assert_eq!(of(json!(["a", "b"]), json!(["a", "c"])), exchanged);
    }

    #[test]
    fn nothing_comes_in_many_forms() {
        let section = Section::OrganizationSettings;
        for nothing in [json!(""), json!([]), json!({}), Value::Null] {
            let field = |old: &Value, new: &Value| Field {
                pointer: "/securityContact".to_owned(),
                old: Some(old.clone()),
                new: Some(new.clone()),
            };
            assert_eq!(of_field(section, &field(&json!("a"), &nothing)).risk, Risk::Riskier, "{nothing}");
            assert_eq!(of_field(section, &field(&nothing, &json!("a"))).risk, Risk::Safer, "{nothing}");
        }
        // Zero and false are something.
        for something in [json!(0), json!(false)] {
            assert!(!is_empty(&something), "{something}");
        }
    }

    #[test]
    fn a_value_that_is_not_listed_stands_between_the_listed_ones_and_changes_for_nothing_known() {
        let state = |old: &str, new: &str| risk(Section::PushBasedLogExport, "/state", json!(old), json!(new));
        assert_eq!(state("INITIATING", "ASSUME_ROLE_FAILED"), Risk::Neutral);
        assert_eq!(state("ACTIVE", "INITIATING"), Risk::Riskier);
        let mode =
            |old: &str, new: &str| risk(Section::DelegationSettings, "/delegatedMcpAccess", json!(old), json!(new));
        assert_eq!(mode("READ_ONLY", "READ_WRITE"), Risk::Riskier);
        assert_eq!(mode("READ_WRITE", "DISALLOWED"), Risk::Safer);
        assert_eq!(mode("READ_ONLY", "SOMETHING_NEW"), Risk::Neutral);
    }

    #[test]
    fn the_words_for_a_worse_field_are_told_with_it_and_not_with_a_better_one() {
        let told = |pointer: &str, old: Value, new: Value| {
            let field = Field { pointer: pointer.to_owned(), old: Some(old), new: Some(new) };
            let meaning = of_field(Section::OrganizationSettings, &field);
            (meaning.risk, meaning.why)
        };
        let (on, off) = (json!(true), json!(false));
        assert_eq!(
            told("/restrictEmployeeAccess", on.clone(), off.clone()),
            (Risk::Riskier, Some("MongoDB's people need no leave".to_owned()))
        );
        assert_eq!(told("/restrictEmployeeAccess", off.clone(), on.clone()), (Risk::Safer, None));
        assert_eq!(told("/genAIFeaturesEnabled", off, on), (Risk::Riskier, None));
        // What a role is used for is neither activity nor a change of what it may do.
        let role = |pointer: &str| risk(Section::CloudProviderAccess, pointer, json!("a"), json!("b"));
        assert_eq!(role("/awsIamRoles/0/featureUsages/0/featureType"), Risk::Neutral);
        assert_eq!(role("/awsIamRoles/0/lastUpdatedDate"), Risk::Activity);
        assert_eq!(role("/awsIamRoles/0/iamAssumedRoleArn"), Risk::Riskier);
    }

    #[test]
    fn an_entry_that_comes_or_goes_means_what_its_list_is_for() {
        let safer = |why| (Risk::Safer, Risk::Grave, why);
        let riskier = |why| (Risk::Riskier, Risk::Safer, why);
        for (section, (added, removed, why)) in [
            (Section::ResourcePolicies, safer("what it forbade is allowed now")),
            (Section::LogIntegrations, (Risk::Neutral, Risk::Riskier, "logs are no longer exported there")),
            (Section::AlertConfigs, (Risk::Safer, Risk::Riskier, "nobody is told any more")),
            (Section::IdentityProviders, (Risk::Riskier, Risk::Neutral, "somebody else says who people are")),
            (Section::AwsPeers, riskier("another network is joined")),
            (Section::StreamPeers, riskier("another network is joined")),
            (Section::ExportBuckets, riskier("backups may be sent there")),
            (Section::Integrations, riskier("data goes there")),
            (Section::MetricIntegrations, riskier("data goes there")),
            (Section::StreamConnections, riskier("streams lead there")),
            (Section::StreamProcessors, riskier("moves data")),
            (Section::FederatedDatabases, riskier("queries reach beyond clusters")),
            (Section::Certificates, riskier("there is one more to log in by")),
            (Section::AiModelApiKeys, riskier("a key that never runs out")),
            (Section::Teams, (Risk::Neutral, Risk::Neutral, "")),
        ] {
            for (kind, risk) in [(Kind::Added, added), (Kind::Removed, removed)] {
                let meaning = of_one(section, kind);
                // Only what is worse needs words.
                let expected = (risk <= Risk::Riskier).then(|| why.to_owned());
                assert_eq!((meaning.risk, meaning.why), (risk, expected), "{section} {kind:?}");
            }
        }
    }
}
