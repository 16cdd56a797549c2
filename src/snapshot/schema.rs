//! The JSON Schema of a snapshot's lines, from the types that write them.
//!
//! Strict where the types are lenient: it says what we write, not what we take.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use super::alert::{Alert, AlertConfig};
use super::backup::{BackupCompliancePolicy, BackupSchedule, ExportBucket};
use super::cluster::Cluster;
use super::cluster_settings::{GlobalWrites, OnlineArchive, ProcessArgs, SearchDeployment};
use super::credential::{
    AiModelApiKey, ApiKey, Credential, CredentialAccessEntry, CredentialSecret, McpConfig, ProjectMcpConfig,
    ProjectServiceAccount, ServiceAccount, ServiceAccountProject,
};
use super::data_federation::{FederatedDatabase, QueryLimit};
use super::database_access::{Certificate, CustomRole, DatabaseUser, UserSecurity};
use super::encryption::{CloudProviderAccess, EncryptionAtRest};
use super::federation::{ConnectedOrganization, FederationSettings, IdentityProvider, RoleMapping};
use super::history::{AccessHistory, BackupSnapshot, Event, FlexSnapshot, RestoreJob};
use super::logging::{AuditLog, Integration, LogIntegration, MetricIntegration, PushBasedLogExport};
use super::network::{AccessListEntry, Container, ControlPlaneAddresses, IpAddresses, Peer};
use super::organization::{DelegationSettings, Organization, OrganizationSettings};
use super::people::{OrganizationUser, ProjectTeam, ProjectUser, Team};
use super::policy::{NonCompliantResource, ResourcePolicy};
use super::private_endpoint::{
    FederationPrivateEndpoint, PrivateEndpoint, PrivateEndpointService, RegionalMode, ServiceEndpoint,
};
use super::project::{MaintenanceWindow, Project, ProjectSettings};
use super::section::Section;
use super::shared_tier::{FlexCluster, ServerlessInstance};
use super::store::{Header, TRAILER_REF, Trailer};
use super::streams::{StreamConnection, StreamPeer, StreamPrivateLink, StreamProcessor, StreamWorkspace};
use super::tree::{Hole, ListHeading, Object, Resource};

/// What a section holds.
enum Held {
    Object(Schema),
    List(Schema),
}

fn object<T: Object + JsonSchema>(types: &mut SchemaGenerator) -> Held {
    Held::Object(types.subschema_for::<T>())
}

fn list<T: Resource + JsonSchema>(types: &mut SchemaGenerator) -> Held {
    Held::List(types.subschema_for::<T>())
}

fn held(section: Section, types: &mut SchemaGenerator) -> Held {
    use Section as S;
    match section {
        S::Credential => object::<Credential>(types),
        S::OrganizationSettings => object::<OrganizationSettings>(types),
        S::DelegationSettings => object::<DelegationSettings>(types),
        S::OrganizationUsers | S::TeamUsers => list::<OrganizationUser>(types),
        S::Teams => list::<Team>(types),
        S::ApiKeys => list::<ApiKey>(types),
        S::ApiKeyAccessList | S::ServiceAccountAccessList | S::ProjectServiceAccountAccessList => {
            list::<CredentialAccessEntry>(types)
        }
        S::ServiceAccounts => list::<ServiceAccount>(types),
        S::ServiceAccountProjects => list::<ServiceAccountProject>(types),
        S::McpConfigs => list::<McpConfig>(types),
        S::McpSecrets | S::ProjectMcpSecrets => list::<CredentialSecret>(types),
        S::AiModelApiKeys => list::<AiModelApiKey>(types),
        S::ResourcePolicies => list::<ResourcePolicy>(types),
        S::NonCompliantResources => list::<NonCompliantResource>(types),
        S::FederationSettings => object::<FederationSettings>(types),
        S::ConnectedOrganization => object::<ConnectedOrganization>(types),
        S::RoleMappings => list::<RoleMapping>(types),
        S::IdentityProviders => list::<IdentityProvider>(types),
        S::ControlPlaneAddresses => object::<ControlPlaneAddresses>(types),
        S::OrganizationEvents | S::ProjectEvents => list::<Event>(types),
        S::Projects => list::<Project>(types),
        S::ProjectSettings => object::<ProjectSettings>(types),
        S::ProjectUsers => list::<ProjectUser>(types),
        S::ProjectTeams => list::<ProjectTeam>(types),
        S::IpAddresses => object::<IpAddresses>(types),
        S::MaintenanceWindow => object::<MaintenanceWindow>(types),
        S::AccessList => list::<AccessListEntry>(types),
        S::Containers => list::<Container>(types),
        S::AwsPeers | S::AzurePeers | S::GcpPeers => list::<Peer>(types),
        S::AwsPrivateEndpointServices | S::AzurePrivateEndpointServices | S::GcpPrivateEndpointServices => {
            list::<PrivateEndpointService>(types)
        }
        S::PrivateEndpoints => list::<PrivateEndpoint>(types),
        S::RegionalMode => object::<RegionalMode>(types),
        S::FederationPrivateEndpoints => list::<FederationPrivateEndpoint>(types),
        S::ProjectServiceAccounts => list::<ProjectServiceAccount>(types),
        S::ProjectMcpConfigs => list::<ProjectMcpConfig>(types),
        S::DatabaseUsers => list::<DatabaseUser>(types),
        S::Certificates => list::<Certificate>(types),
        S::CustomRoles => list::<CustomRole>(types),
        S::UserSecurity => object::<UserSecurity>(types),
        S::EncryptionAtRest => object::<EncryptionAtRest>(types),
        S::AwsKmsPrivateEndpoints | S::AzureKmsPrivateEndpoints | S::ObjectStoragePrivateEndpoints => {
            list::<ServiceEndpoint>(types)
        }
        S::CloudProviderAccess => object::<CloudProviderAccess>(types),
        S::AuditLog => object::<AuditLog>(types),
        S::LogIntegrations => list::<LogIntegration>(types),
        S::PushBasedLogExport => object::<PushBasedLogExport>(types),
        S::MetricIntegrations => list::<MetricIntegration>(types),
        S::Integrations => list::<Integration>(types),
        S::AlertConfigs => list::<AlertConfig>(types),
        S::OpenAlerts => list::<Alert>(types),
        S::Clusters => list::<Cluster>(types),
        S::ProcessArgs => object::<ProcessArgs>(types),
        S::SearchDeployment => object::<SearchDeployment>(types),
        S::OnlineArchives => list::<OnlineArchive>(types),
        S::GlobalWrites => object::<GlobalWrites>(types),
        S::BackupSchedule => object::<BackupSchedule>(types),
        S::AccessHistory => object::<AccessHistory>(types),
        S::BackupSnapshots | S::ShardedBackupSnapshots => list::<BackupSnapshot>(types),
        S::RestoreJobs => list::<RestoreJob>(types),
        S::FlexClusters => list::<FlexCluster>(types),
        S::FlexSnapshots => list::<FlexSnapshot>(types),
        S::ServerlessInstances => list::<ServerlessInstance>(types),
        S::BackupCompliancePolicy => object::<BackupCompliancePolicy>(types),
        S::ExportBuckets => list::<ExportBucket>(types),
        S::FederatedDatabases => list::<FederatedDatabase>(types),
        S::FederatedDatabaseLimits => list::<QueryLimit>(types),
        S::StreamWorkspaces => list::<StreamWorkspace>(types),
        S::StreamConnections => list::<StreamConnection>(types),
        S::StreamProcessors => list::<StreamProcessor>(types),
        S::StreamPrivateLinks => list::<StreamPrivateLink>(types),
        S::StreamPeers => list::<StreamPeer>(types),
    }
}

/// What a program may know of the fields of a snapshot: JSON Schemas, with references into `definitions`.
#[derive(Debug)]
pub struct Fields {
    /// Of an organization, without its sections.
    pub organization: Value,
    /// Of what each section holds: its one object, or each entry of its list.
    pub sections: BTreeMap<Section, (Kind, Value)>,
    /// What references lead to, by name.
    pub definitions: Map<String, Value>,
}

/// Whether a section holds one object or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One object.
    Object,
    /// A list of resources.
    List,
}

/// The fields of everything in a snapshot.
#[must_use]
pub fn fields() -> Fields {
    let mut types = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let organization = types.subschema_for::<Organization>().to_value();
    let sections = Section::ALL.iter().map(|section| {
        let held = match held(*section, &mut types) {
            Held::Object(fields) => (Kind::Object, fields.to_value()),
            Held::List(fields) => (Kind::List, fields.to_value()),
        };
        (*section, held)
    });
    let sections = sections.collect();
    Fields { organization, sections, definitions: types.take_definitions(true) }
}

/// The schema of a line, the first and the last one included.
#[must_use]
pub fn schema() -> Value {
    let mut types = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let (header, trailer) = (types.subschema_for::<Header>(), types.subschema_for::<Trailer>());
    let mut lines = vec![line("", &header), line(TRAILER_REF, &trailer)];
    let organization = types.subschema_for::<Organization>();
    lines.push(line("org/[^/]+", &organization));
    let (hole, heading) = (types.subschema_for::<Hole>(), types.subschema_for::<ListHeading>());
    for section in Section::ALL {
        let at = place(*section);
        lines.push(line(&at, &hole));
        match held(*section, &mut types) {
            Held::Object(fields) => lines.push(line(&at, &fields)),
            Held::List(fields) => {
                lines.push(line(&at, &heading));
                lines.push(line(&format!("{at}/[^/]*"), &fields));
            }
        }
    }
    let definitions = types.take_definitions(true);
    let schema = json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a snapshot",
        "anyOf": lines,
        "$defs": definitions,
    });
    schema.to_value()
}

/// A line whose reference matches, and which holds these fields and no others.
pub(super) fn line(at: &str, fields: &Schema) -> Schema {
    json_schema!({
        "type": "object",
        "properties": { "ref": { "type": "string", "pattern": format!("^{at}$") } },
        "required": ["ref"],
        "allOf": [fields],
        "unevaluatedProperties": false,
    })
}

/// Where a section's own line stands.
fn place(section: Section) -> String {
    // The heading of the projects stands right above them, so that it sorts before the first.
    let slot = if section == Section::Projects { "project" } else { section.slot() };
    format!("{}/{slot}", owner(section.owner()))
}

/// Where the lines stand of a kind of resource that has sections.
fn owner(kind: &str) -> String {
    let within = |owner: &str, slot: &str| format!("{}/{slot}/[^/]*", self::owner(owner));
    match kind {
        "organization" => "org/[^/]+".to_owned(),
        "project" => "org/[^/]+/project/[^/]+".to_owned(),
        "team" => within("organization", "teams"),
        "apiKey" => within("organization", "apiKeys"),
        "serviceAccount" => within("organization", "serviceAccounts"),
        "mcpConfig" => within("organization", "mcpConfigs"),
        "projectServiceAccount" => within("project", "serviceAccounts"),
        "projectMcpConfig" => within("project", "mcpConfigs"),
        "privateEndpointService" => within("project", "(aws|azure|gcp)PrivateEndpointServices"),
        "databaseUser" => within("project", "databaseUsers"),
        "cluster" => within("project", "clusters"),
        "flexCluster" => within("project", "flexClusters"),
        "federatedDatabase" => within("project", "federatedDatabases"),
        "streamWorkspace" => within("project", "streamWorkspaces"),
        other => format!("{other}: no resource"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::reference::Ref;
    use crate::snapshot::tree::Shape;
    use crate::snapshot::{Reason, Unavailable, shelf};

    /// A reference of the section, by its owner's pattern.
    fn somewhere(section: Section) -> Ref {
        Ref::parsed(&place(section).replace("[^/]+", "1").replace("[^/]*", "x").replace("(aws|azure|gcp)", "aws"))
    }

    #[test]
    fn what_every_section_writes_is_valid() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for section in Section::ALL {
            let at = somewhere(*section);
            for written in shelf::with_slot(*section, |slot| {
                slot.refuse(Unavailable::new(Reason::Forbidden, "/here"));
                let hole = shelf::Sheet::of(slot, &at).unwrap();
                let filled =
                    slot.fill(Shape::Object, &[b"{}"]).or_else(|_| slot.fill(Shape::Array, &[b"[{}]"])).map(|_| ());
                filled.unwrap();
                [hole, shelf::Sheet::of(slot, &at).unwrap()]
            }) {
                // The lines of projects stand where the snapshot puts them.
                for (at, text) in written.0.iter().filter(|(at, _)| !at.as_str().contains("/projects/")) {
                    let line = serde_json::from_str(text).unwrap();
                    assert!(validator.is_valid(&line), "{at}: {text}");
                }
            }
        }
    }

    #[test]
    fn what_nobody_writes_is_not() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let line = |text: &str| validator.is_valid(&serde_json::from_str(text).unwrap());
        assert!(line(r#"{"ref":"org/1/project/2/accessList/192.0.2.7%2F32","cidrBlock":"192.0.2.7/32"}"#));
        assert!(!line(r#"{"ref":"org/1/project/2/accessList/192.0.2.7%2F32","ipAddress":"192.0.2.7"}"#));
        assert!(line(r#"{"ref":"~","lines":7,"complete":true}"#));
        assert!(!line(r#"{"ref":"org/1/project/2/guestList/x","cidrBlock":"192.0.2.7/32"}"#));
    }

    #[test]
    fn every_field_may_be_null() {
        for section in Section::ALL {
            let mut types = SchemaSettings::draft2020_12().for_serialize().into_generator();
            let (Held::Object(fields) | Held::List(fields)) = held(*section, &mut types);
            let name = fields.get("$ref").and_then(Value::as_str).unwrap().trim_start_matches("#/$defs/").to_owned();
            let properties = types.definitions()[&name].get("properties").unwrap().as_object().unwrap();
            let nulls: serde_json::Map<_, _> = properties.keys().map(|name| (name.clone(), Value::Null)).collect();
            let body = Value::from(nulls).to_string();
            let filled = shelf::with_slot(*section, |slot| {
                slot.fill(Shape::Object, &[body.as_bytes()])
                    .or_else(|_| slot.fill(Shape::Array, &[format!("[{body}]").as_bytes()]))
            });
            assert_eq!(filled.map_err(|error| error.to_string()), Ok(1), "{section}: {body}");
        }
    }
}
