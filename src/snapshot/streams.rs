//! Stream processing: workspaces, what they are connected to and what they run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use super::address::AddressRange;
use super::reading::Reading;
use super::redaction::{Origin, names, presence, text_of};
use super::tree::{Node, Resource, slots};
use super::values::{DataRegion, Moment, open_enum};

/// A place where stream processors run.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamWorkspace {
    /// 24 hexadecimal digits.
    #[serde(alias = "_id")]
    pub id: Option<String>,
    /// Unique in the project.
    pub name: Option<String>,
    /// Where it is reached.
    pub hostnames: Option<Vec<String>>,
    /// Where it runs.
    pub data_process_region: Option<DataRegion>,
    /// Where it would run otherwise.
    pub failover_regions: Option<Vec<DataRegion>>,
    /// How large it may be.
    pub stream_config: Option<StreamConfig>,
    /// What its processors read from and write to.
    #[serde(skip)]
    pub connections: Reading<Vec<StreamConnection>>,
    /// What runs there.
    #[serde(skip)]
    pub processors: Reading<Vec<StreamProcessor>>,
}

impl Node for StreamWorkspace {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("tenantName", self.name.clone().unwrap_or_default())]
    }

    slots! { connections: StreamConnections, processors: StreamProcessors }
}

impl Resource for StreamWorkspace {}

/// How large a workspace may be.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamConfig {
    /// By default.
    pub tier: Option<String>,
    /// At most.
    pub max_tier_size: Option<String>,
}

/// What processors of a workspace read from or write to: Kafka, a cluster, a web service and others.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamConnection {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Unique in the workspace.
    pub name: Option<String>,
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: Option<ConnectionType>,
    /// Whether it works.
    pub state: Option<String>,
    /// Where it is.
    pub region: Option<String>,
    /// Cluster: which.
    pub cluster_name: Option<String>,
    /// Cluster: in which project, if in another.
    pub cluster_group_id: Option<String>,
    /// Cluster: as what processors act there.
    pub db_role_to_execute: Option<ExecutionRole>,
    /// Kafka: hosts.
    pub bootstrap_servers: Option<String>,
    /// Kafka: whether the way there is encrypted.
    pub security: Option<KafkaSecurity>,
    /// Kafka: as whom.
    pub authentication: Option<KafkaAuthentication>,
    /// Kafka: over which network.
    pub networking: Option<Networking>,
    /// Kafka: further settings, without their values.
    #[serde(default, alias = "config", deserialize_with = "names")]
    pub config_keys: Option<Vec<String>>,
    /// Https: the host.
    #[serde(alias = "url")]
    pub url_origin: Option<Origin>,
    /// Https: headers sent along, without their values.
    #[serde(default, alias = "headers", deserialize_with = "names")]
    pub header_names: Option<Vec<String>>,
    /// AWS kinds: as whom.
    pub aws: Option<AwsRole>,
    /// Others: over which network.
    pub public_private_networking: Option<Networking>,
    /// Schema registry: whose.
    pub provider: Option<String>,
    /// Schema registry: hosts.
    #[serde(alias = "schemaRegistryUrls")]
    pub schema_registry_url_origins: Option<Vec<Origin>>,
    /// Schema registry: as whom.
    pub schema_registry_authentication: Option<RegistryAuthentication>,
    /// Azure: as whom, and where.
    pub azure: Option<AzureStorage>,
    /// GCP: as whom.
    pub gcp: Option<GcpAccount>,
}

impl Node for StreamConnection {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }
}

impl Resource for StreamConnection {}

open_enum! {
    /// What a workspace is connected to.
    ConnectionType {
        Kafka = "Kafka",
        Cluster = "Cluster",
        Sample = "Sample",
        Https = "Https",
        S3 = "S3",
        AzureBlobStorage = "AzureBlobStorage",
        Lambda = "AWSLambda",
        Kinesis = "AWSKinesisDataStreams",
        SchemaRegistry = "SchemaRegistry",
        PubSub = "GCPPubSub",
    }
}

/// As what processors act on a cluster.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionRole {
    /// Built in, or custom.
    pub role: Option<String>,
    /// `BUILT_IN` or `CUSTOM`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Whether the way to Kafka is encrypted.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaSecurity {
    /// Free text: whatever does not end in `SSL` is clear.
    pub protocol: Option<String>,
    /// Whether an authority of its own was given.
    #[serde(default, alias = "brokerPublicCertificate", deserialize_with = "presence")]
    pub has_broker_public_certificate: Option<bool>,
}

/// As whom Kafka is read. Names, passwords and keys stay out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaAuthentication {
    /// Such as `SCRAM-256`.
    pub mechanism: Option<String>,
    /// Such as `OIDC`.
    pub method: Option<String>,
    /// Where tokens come from: the host.
    #[serde(alias = "tokenEndpointUrl")]
    pub token_endpoint_origin: Option<Origin>,
    /// Whether a certificate is shown.
    #[serde(default, alias = "sslCertificate", deserialize_with = "presence")]
    pub has_ssl_certificate: Option<bool>,
}

/// Over which network something is reached.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Networking {
    /// Absent is over the internet.
    pub access: Option<NetworkAccess>,
}

/// Over which network something is reached.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkAccess {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: Option<NetworkAccessType>,
    /// Which private link.
    pub connection_id: Option<String>,
    /// Which peering.
    pub name: Option<String>,
}

open_enum! {
    /// Over which kind of network something is reached.
    NetworkAccessType {
        Public = "PUBLIC",
        Vpc = "VPC",
        PrivateLink = "PRIVATE_LINK",
        TransitGateway = "TRANSIT_GATEWAY",
    }
}

/// A role in AWS.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AwsRole {
    /// Which.
    pub role_arn: Option<String>,
}

/// As whom a schema registry is read.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistryAuthentication {
    /// `USER_INFO` or `SASL_INHERIT`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Storage in Azure.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AzureStorage {
    /// As whom.
    pub service_principal_id: Option<String>,
    /// Which account.
    pub storage_account_name: Option<String>,
    /// Where.
    pub region: Option<String>,
}

/// An account in GCP.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GcpAccount {
    /// Which.
    pub service_account_id: Option<String>,
}

/// What a workspace runs.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamProcessor {
    /// 24 hexadecimal digits.
    #[serde(alias = "_id")]
    pub id: Option<String>,
    /// Unique in the workspace.
    pub name: Option<String>,
    /// Free text.
    pub state: Option<String>,
    /// How large it is.
    pub tier: Option<String>,
    /// What it does, by the names of its stages.
    pub pipeline: Option<Vec<Stage>>,
    /// Where failures go.
    pub options: Option<ProcessorOptions>,
}

impl Node for StreamProcessor {
    fn key(&self) -> String {
        self.name.clone().unwrap_or_default()
    }
}

impl Resource for StreamProcessor {}

/// A stage of a processor: its operator and where it reads or writes. Everything else may be a literal and stays out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Such as `$source` or `$merge`.
    pub operator: Option<String>,
    /// The connection that it uses.
    pub connection_name: Option<String>,
    /// The database that it reads or writes.
    pub db: Option<String>,
    /// The collection that it reads or writes.
    pub coll: Option<String>,
    /// The bucket that it writes.
    pub bucket: Option<String>,
}

/// Stages that use a connection.
const CONNECTED: [&str; 7] = ["$source", "$emit", "$merge", "$lookup", "$cachedLookup", "$https", "$externalFunction"];

/// From `{"$merge": {"into": {…}}}`, or from the form above.
impl<'de> Deserialize<'de> for Stage {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        let Some((operator, inner)) = fields.iter().find(|(name, _)| name.starts_with('$')) else {
            let target = Self::target(&fields);
            return Ok(Self { operator: text_of(&fields, "operator"), ..target });
        };
        // In other stages a field called `db` is the document's, and what stands there a literal.
        let inner = inner.as_object().filter(|_| CONNECTED.contains(&operator.as_str()));
        // `$merge` and `$lookup` keep theirs one level further down.
        let below = inner.and_then(|inner| inner.get("into").or_else(|| inner.get("from"))?.as_object());
        let target = below.or(inner).map(Self::target).unwrap_or_default();
        Ok(Self { operator: Some(operator.clone()), ..target })
    }
}

impl Stage {
    fn target(fields: &Map<String, Value>) -> Self {
        Self {
            operator: None,
            connection_name: text_of(fields, "connectionName"),
            db: text_of(fields, "db"),
            coll: text_of(fields, "coll"),
            bucket: text_of(fields, "bucket"),
        }
    }
}

/// Where failures of a processor go.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessorOptions {
    /// Documents that it could not process.
    pub dlq: Option<StreamTarget>,
}

/// A collection behind a connection.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamTarget {
    /// The connection.
    pub connection_name: Option<String>,
    /// The database.
    pub db: Option<String>,
    /// The collection.
    pub coll: Option<String>,
}

/// A private way from stream processing to a service of the customer's.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamPrivateLink {
    /// 24 hexadecimal digits.
    #[serde(alias = "_id")]
    pub id: Option<String>,
    /// Where it is.
    pub provider: Option<String>,
    /// What is at the other end.
    pub vendor: Option<String>,
    /// Where it is.
    pub region: Option<String>,
    /// Whether it works.
    pub state: Option<String>,
    /// `TLS`, `SASL_SCRAM` or `IAM`.
    pub authentication_scheme: Option<String>,
    /// The provider's own identifier.
    pub interface_endpoint_id: Option<String>,
    /// The provider's own name of it.
    pub interface_endpoint_name: Option<String>,
    /// What is at the other end.
    pub service_endpoint_id: Option<String>,
    /// How it is reached.
    pub dns_domain: Option<String>,
    /// What is at the other end, in AWS.
    pub arn: Option<String>,
    /// Whose account.
    pub provider_account_id: Option<String>,
    /// What went wrong.
    pub error_message: Option<String>,
}

impl Node for StreamPrivateLink {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for StreamPrivateLink {}

/// A peering of stream processing with a network of the customer's.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StreamPeer {
    /// 24 hexadecimal digits.
    #[serde(alias = "_id")]
    pub id: Option<String>,
    /// As people call it.
    pub name: Option<String>,
    /// Whose network.
    pub requester_account_id: Option<String>,
    /// Which network.
    pub requester_vpc_id: Option<String>,
    /// Its range.
    pub requester_cidr: Option<AddressRange>,
    /// Atlas's account.
    pub accepter_account_id: Option<String>,
    /// Atlas's network.
    pub accepter_vpc_id: Option<String>,
    /// Its range.
    pub accepter_cidr: Option<AddressRange>,
    /// How far it is, to Atlas.
    pub local_status: Option<String>,
    /// How far it is, to the provider.
    pub cloud_status: Option<String>,
    /// The same, in words.
    pub status_message: Option<String>,
    /// Until when it can be accepted.
    pub expiration_time: Option<Moment>,
}

impl Node for StreamPeer {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for StreamPeer {}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(json: &str) -> Stage {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_stage_keeps_where_it_reads_and_writes() {
        let source = stage(r#"{"$source":{"connectionName":"kafka","topic":"t","config":{"k":"v"}}}"#);
        assert_eq!((source.operator.as_deref(), source.connection_name.as_deref()), (Some("$source"), Some("kafka")));
        let merge = stage(r#"{"$merge":{"into":{"connectionName":"c","db":"shop","coll":{"$literal":"x"}}}}"#);
        assert_eq!((merge.db.as_deref(), merge.coll), (Some("shop"), None));
        let emit = stage(r#"{"$emit":{"connectionName":"s3","bucket":"sink","path":"p"}}"#);
        assert_eq!(emit.bucket.as_deref(), Some("sink"));
    }

    #[test]
    fn a_stage_reads_its_own_form_back() {
        let merge = stage(r#"{"$merge":{"into":{"connectionName":"c","db":"shop","coll":"orders"}}}"#);
        assert_eq!(stage(&serde_json::to_string(&merge).unwrap()), merge);
        let match_ = stage(r#"{"$match":{"card":"4111"}}"#);
        assert_eq!(serde_json::to_string(&match_).unwrap(), r#"{"operator":"$match"}"#);
    }

    #[test]
    fn a_document_may_have_fields_of_the_same_names() {
        for literal in [r#"{"$match":{"db":"4111"}}"#, r#"{"$addFields":{"into":{"connectionName":"4111"}}}"#] {
            assert!(!serde_json::to_string(&stage(literal)).unwrap().contains("4111"), "{literal}");
        }
    }
}
