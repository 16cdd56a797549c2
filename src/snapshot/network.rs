//! How a project is reached: its access list, its networks, its peerings, its addresses.
//!
//! Private endpoints are in `private_endpoint`, the access lists of credentials in `credential`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::address::AddressRange;
use super::tree::{Node, Object, Resource};
use super::values::{CloudProvider, Moment, open_enum};

/// An entry of a project's access list.
///
/// An empty list is the closed state. <https://www.mongodb.com/docs/atlas/security/ip-access-list/>
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", from = "AccessListRow")]
pub struct AccessListEntry {
    /// Atlas repeats a single host as `ipAddress`; here it stands once, as a range.
    pub cidr_block: Option<AddressRange>,
    /// Instead of a range, and only where there is an AWS peering.
    pub aws_security_group: Option<String>,
    /// Who it is for, if anybody wrote that.
    pub comment: Option<String>,
    /// A temporary entry, at most a week ahead. It admits until then.
    pub delete_after_date: Option<Moment>,
}

/// As Atlas and rule examples write it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AccessListRow {
    cidr_block: Option<String>,
    ip_address: Option<String>,
    aws_security_group: Option<String>,
    comment: Option<String>,
    delete_after_date: Option<Moment>,
}

impl From<AccessListRow> for AccessListEntry {
    fn from(row: AccessListRow) -> Self {
        Self {
            cidr_block: AddressRange::of(row.cidr_block, row.ip_address),
            aws_security_group: row.aws_security_group.filter(|group| !group.is_empty()),
            comment: row.comment,
            delete_after_date: row.delete_after_date,
        }
    }
}

/// Whom an entry admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network<'a> {
    /// The addresses of a range.
    Range(IpNet),
    /// The members of an AWS security group.
    SecurityGroup(&'a str),
    /// Something that this version does not understand; empty if the entry says nothing.
    Other(Cow<'a, str>),
}

impl AccessListEntry {
    /// Whom it admits.
    #[must_use]
    pub fn network(&self) -> Network<'_> {
        match (&self.cidr_block, &self.aws_security_group) {
            (Some(AddressRange::Net(net)), _) => Network::Range(*net),
            (None, Some(group)) => Network::SecurityGroup(group),
            (Some(AddressRange::Other(text)), _) => Network::Other(Cow::Borrowed(text)),
            (None, None) => Network::Other(Cow::Borrowed("")),
        }
    }
}

impl Node for AccessListEntry {
    fn key(&self) -> String {
        match (&self.cidr_block, &self.aws_security_group) {
            (Some(range), _) => range.to_string(),
            (None, group) => group.clone().unwrap_or_default(),
        }
    }
}

impl Resource for AccessListEntry {}

/// Atlas's own network in a region, or across regions with GCP.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Where it is.
    pub provider_name: Option<CloudProvider>,
    /// Whether clusters are in it; from then on its range is fixed.
    pub provisioned: Option<bool>,
    /// Its range.
    pub atlas_cidr_block: Option<AddressRange>,
    /// Where it is, with AWS and Azure.
    #[serde(alias = "regionName")]
    pub region: Option<String>,
    /// Where it is, with GCP; absent is everywhere.
    pub regions: Option<Vec<String>>,
    /// AWS.
    pub vpc_id: Option<String>,
    /// Azure.
    pub azure_subscription_id: Option<String>,
    /// Azure.
    pub vnet_name: Option<String>,
    /// GCP.
    pub gcp_project_id: Option<String>,
    /// GCP.
    pub network_name: Option<String>,
}

impl Node for Container {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for Container {}

/// A peering of one of Atlas's networks with one of the customer's.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", from = "PeerRow")]
pub struct Peer {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Atlas's network.
    pub container_id: Option<String>,
    /// Where both are; absent from answers about one provider.
    pub provider_name: Option<CloudProvider>,
    /// How far it is. AWS calls the field `statusName`.
    pub status: Option<PeerStatus>,
    /// What went wrong. AWS calls the field `errorStateName`, GCP has a message instead.
    pub error_state: Option<String>,
    /// What went wrong, in words.
    pub error_message: Option<String>,
    /// AWS: whose network.
    pub aws_account_id: Option<String>,
    /// AWS: which network.
    pub vpc_id: Option<String>,
    /// AWS: its range.
    pub route_table_cidr_block: Option<AddressRange>,
    /// AWS: where it is.
    pub accepter_region_name: Option<String>,
    /// AWS's own identifier.
    pub connection_id: Option<String>,
    /// Azure: whose network.
    pub azure_subscription_id: Option<String>,
    /// Azure: whose directory.
    pub azure_directory_id: Option<String>,
    /// Azure.
    pub resource_group_name: Option<String>,
    /// Azure: which network.
    pub vnet_name: Option<String>,
    /// GCP: whose network.
    pub gcp_project_id: Option<String>,
    /// GCP: which network.
    pub network_name: Option<String>,
}

/// As the three providers' answers have it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PeerRow {
    id: Option<String>,
    container_id: Option<String>,
    provider_name: Option<CloudProvider>,
    status: Option<PeerStatus>,
    status_name: Option<PeerStatus>,
    error_state: Option<String>,
    error_state_name: Option<String>,
    error_message: Option<String>,
    aws_account_id: Option<String>,
    vpc_id: Option<String>,
    route_table_cidr_block: Option<AddressRange>,
    accepter_region_name: Option<String>,
    connection_id: Option<String>,
    azure_subscription_id: Option<String>,
    azure_directory_id: Option<String>,
    resource_group_name: Option<String>,
    vnet_name: Option<String>,
    gcp_project_id: Option<String>,
    network_name: Option<String>,
}

impl From<PeerRow> for Peer {
    fn from(row: PeerRow) -> Self {
        Self {
            id: row.id,
            container_id: row.container_id,
            provider_name: row.provider_name,
            status: row.status.or(row.status_name),
            error_state: row.error_state.or(row.error_state_name),
            error_message: row.error_message,
            aws_account_id: row.aws_account_id,
            vpc_id: row.vpc_id,
            route_table_cidr_block: row.route_table_cidr_block,
            accepter_region_name: row.accepter_region_name,
            connection_id: row.connection_id,
            azure_subscription_id: row.azure_subscription_id,
            azure_directory_id: row.azure_directory_id,
            resource_group_name: row.resource_group_name,
            vnet_name: row.vnet_name,
            gcp_project_id: row.gcp_project_id,
            network_name: row.network_name,
        }
    }
}

impl Node for Peer {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for Peer {}

open_enum! {
    /// How far a peering is, in the words of all three providers.
    PeerStatus {
        Initiating = "INITIATING",
        PendingAcceptance = "PENDING_ACCEPTANCE",
        Failed = "FAILED",
        Finalizing = "FINALIZING",
        Available = "AVAILABLE",
        Terminating = "TERMINATING",
        AddingPeer = "ADDING_PEER",
        WaitingForUser = "WAITING_FOR_USER",
        DeletionFailed = "DELETION_FAILED",
        Deleting = "DELETING",
    }
}

/// Addresses that Atlas itself uses.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlPlaneAddresses {
    /// Where Atlas is reached.
    pub inbound: Option<ProviderAddresses>,
    /// Where Atlas comes from.
    pub outbound: Option<ProviderAddresses>,
    /// Where it comes from through a gateway.
    pub gateways: Option<Vec<Gateway>>,
}

impl Object for ControlPlaneAddresses {}

/// Addresses by provider and region.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderAddresses {
    /// By region.
    pub aws: Option<BTreeMap<String, Vec<AddressRange>>>,
    /// By region.
    pub azure: Option<BTreeMap<String, Vec<AddressRange>>>,
    /// By region.
    pub gcp: Option<BTreeMap<String, Vec<AddressRange>>>,
}

/// A gateway of Atlas.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// As Atlas calls it.
    pub name: Option<String>,
    /// Its addresses.
    pub ips: Option<GatewayAddresses>,
}

/// Addresses of a gateway.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GatewayAddresses {
    /// Where it is reached.
    pub inbound: Option<ProviderAddresses>,
    /// Where it comes from.
    pub outbound: Option<ProviderAddresses>,
}

/// Public addresses of a project's clusters.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IpAddresses {
    /// By kind of thing.
    pub services: Option<ServiceAddresses>,
}

impl Object for IpAddresses {}

/// Public addresses by kind of thing.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAddresses {
    /// By cluster.
    pub clusters: Option<Vec<ClusterAddresses>>,
}

/// Public addresses of a cluster.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterAddresses {
    /// The cluster.
    pub cluster_name: Option<String>,
    /// Where it is reached.
    pub inbound: Option<Vec<AddressRange>>,
    /// Where it comes from.
    pub outbound: Option<Vec<AddressRange>>,
    /// Where it will be reached.
    pub future_inbound: Option<Vec<AddressRange>>,
    /// Where it will come from.
    pub future_outbound: Option<Vec<AddressRange>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(json: &str) -> AccessListEntry {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_host_is_one_entry_however_it_is_written() {
        let both = entry(r#"{"cidrBlock":"192.0.2.7/32","ipAddress":"192.0.2.7"}"#);
        assert_eq!(both, entry(r#"{"ipAddress":"192.0.2.7"}"#));
        assert_eq!(both.key(), "192.0.2.7/32");
        assert_eq!(both.network(), Network::Range("192.0.2.7/32".parse().unwrap()));
    }

    #[test]
    fn a_security_group_has_neither_range_nor_address() {
        let group = entry(r#"{"awsSecurityGroup":"sg-1","cidrBlock":null,"ipAddress":null}"#);
        assert_eq!((group.network(), group.key()), (Network::SecurityGroup("sg-1"), "sg-1".to_owned()));
    }

    #[test]
    fn what_is_not_understood_admits_whoever() {
        assert_eq!(entry(r#"{"cidrBlock":"all of it"}"#).network(), Network::Other(Cow::Borrowed("all of it")));
        assert_eq!(entry("{}").network(), Network::Other(Cow::Borrowed("")));
    }

    #[test]
    fn the_three_providers_peers_have_one_status() {
        let status = |json| serde_json::from_str::<Peer>(json).unwrap().status;
        let aws = status(r#"{"providerName":"AWS","statusName":"AVAILABLE","status":null}"#);
        assert_eq!(aws, status(r#"{"providerName":"AZURE","status":"AVAILABLE"}"#));
        assert_eq!(aws, Some(PeerStatus::Available));
    }
}
