//! Private endpoints: to clusters, to federated databases, and from Atlas to the customer's keys and buckets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::reading::Reading;
use super::section::Section;
use super::tree::{Node, Object, Resource, slots};
use super::values::{CloudProvider, open_enum};

/// Atlas's side of private endpoints in a region.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivateEndpointService {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Where it is.
    pub cloud_provider: Option<CloudProvider>,
    /// Where it is, in Atlas's or the provider's spelling.
    pub region_name: Option<String>,
    /// How far it is.
    pub status: Option<EndpointStatus>,
    /// What went wrong.
    pub error_message: Option<String>,
    /// AWS's own name of it.
    pub endpoint_service_name: Option<String>,
    /// AWS: the customer's sides.
    pub interface_endpoints: Option<Vec<String>>,
    /// AWS: other regions that the customer's side may be in.
    pub supported_remote_regions: Option<Vec<String>>,
    /// Azure's own name of it.
    pub private_link_service_name: Option<String>,
    /// Azure's own identifier.
    pub private_link_service_resource_id: Option<String>,
    /// Azure: the customer's sides.
    pub private_endpoints: Option<Vec<String>>,
    /// GCP: the customer's sides.
    pub endpoint_group_names: Option<Vec<String>>,
    /// GCP's own names of it.
    pub service_attachment_names: Option<Vec<String>>,
    /// GCP: whether one address serves all nodes.
    pub port_mapping_enabled: Option<bool>,
    /// The customer's sides.
    #[serde(skip)]
    pub endpoints: Reading<Vec<PrivateEndpoint>>,
}

impl PrivateEndpointService {
    /// What the customer's sides are called in paths: each is read by a call of its own.
    #[must_use]
    pub fn endpoint_ids(&self) -> Vec<String> {
        let sides = [&self.interface_endpoints, &self.private_endpoints, &self.endpoint_group_names];
        sides.into_iter().flatten().flatten().cloned().collect()
    }

    /// Which provider's it is, also where Atlas leaves that to the question.
    #[must_use]
    pub fn provider(&self) -> Option<CloudProvider> {
        self.cloud_provider.clone().or_else(|| {
            if self.endpoint_service_name.is_some() || self.interface_endpoints.is_some() {
                Some(CloudProvider::Aws)
            } else if self.private_link_service_name.is_some() || self.private_endpoints.is_some() {
                Some(CloudProvider::Azure)
            } else if self.service_attachment_names.is_some() || self.endpoint_group_names.is_some() {
                Some(CloudProvider::Gcp)
            } else {
                None
            }
        })
    }
}

impl Node for PrivateEndpointService {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let provider = self.provider().map(|provider| provider.to_string()).unwrap_or_default();
        vec![("cloudProvider", provider), ("endpointServiceId", self.id.clone().unwrap_or_default())]
    }

    fn offers(&self, _: Section) -> Result<(), &'static str> {
        let listed = [&self.interface_endpoints, &self.private_endpoints, &self.endpoint_group_names];
        if listed.iter().any(|list| list.is_some()) { Ok(()) } else { Err("the service does not list its endpoints") }
    }

    fn singles(&self, _: Section) -> Option<Vec<(&'static str, String)>> {
        Some(self.endpoint_ids().into_iter().map(|id| ("endpointId", id)).collect())
    }

    slots! { endpoints: PrivateEndpoints }
}

impl Resource for PrivateEndpointService {}

open_enum! {
    /// How far a private endpoint is, on either side, in the words of all three providers.
    EndpointStatus {
        Initiating = "INITIATING",
        WaitingForUser = "WAITING_FOR_USER",
        PendingAcceptance = "PENDING_ACCEPTANCE",
        Pending = "PENDING",
        PendingRecreation = "PENDING_RECREATION",
        Available = "AVAILABLE",
        Active = "ACTIVE",
        Ok = "OK",
        Failed = "FAILED",
        Rejected = "REJECTED",
        Deleting = "DELETING",
    }
}

/// The customer's side of a private endpoint.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", from = "PrivateEndpointRow")]
pub struct PrivateEndpoint {
    /// Where it is.
    pub cloud_provider: Option<CloudProvider>,
    /// How far it is. AWS calls the field `connectionStatus`.
    pub status: Option<EndpointStatus>,
    /// Whether Atlas was asked to remove it.
    pub delete_requested: Option<bool>,
    /// What went wrong.
    pub error_message: Option<String>,
    /// AWS: what it is called.
    pub interface_endpoint_id: Option<String>,
    /// Azure: what it is called.
    pub private_endpoint_resource_id: Option<String>,
    /// Azure's own name of the connection.
    pub private_endpoint_connection_name: Option<String>,
    /// Azure: its address.
    #[serde(rename = "privateEndpointIPAddress")]
    pub private_endpoint_ip_address: Option<String>,
    /// GCP: what it is called.
    pub endpoint_group_name: Option<String>,
    /// GCP: whose it is.
    pub gcp_project_id: Option<String>,
    /// GCP: it has many.
    pub endpoints: Option<Vec<GroupedEndpoint>>,
}

/// As the three providers' answers have it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PrivateEndpointRow {
    cloud_provider: Option<CloudProvider>,
    status: Option<EndpointStatus>,
    connection_status: Option<EndpointStatus>,
    delete_requested: Option<bool>,
    error_message: Option<String>,
    interface_endpoint_id: Option<String>,
    private_endpoint_resource_id: Option<String>,
    private_endpoint_connection_name: Option<String>,
    #[serde(rename = "privateEndpointIPAddress")]
    private_endpoint_ip_address: Option<String>,
    endpoint_group_name: Option<String>,
    gcp_project_id: Option<String>,
    endpoints: Option<Vec<GroupedEndpoint>>,
}

impl From<PrivateEndpointRow> for PrivateEndpoint {
    fn from(row: PrivateEndpointRow) -> Self {
        Self {
            cloud_provider: row.cloud_provider,
            status: row.status.or(row.connection_status),
            delete_requested: row.delete_requested,
            error_message: row.error_message,
            interface_endpoint_id: row.interface_endpoint_id,
            private_endpoint_resource_id: row.private_endpoint_resource_id,
            private_endpoint_connection_name: row.private_endpoint_connection_name,
            private_endpoint_ip_address: row.private_endpoint_ip_address,
            endpoint_group_name: row.endpoint_group_name,
            gcp_project_id: row.gcp_project_id,
            endpoints: row.endpoints,
        }
    }
}

impl Node for PrivateEndpoint {
    fn key(&self) -> String {
        let names = [&self.interface_endpoint_id, &self.private_endpoint_resource_id, &self.endpoint_group_name];
        names.into_iter().flatten().next().cloned().unwrap_or_default()
    }
}

impl Resource for PrivateEndpoint {}

/// One of GCP's many.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupedEndpoint {
    /// Its name.
    pub endpoint_name: Option<String>,
    /// Its address.
    pub ip_address: Option<String>,
    /// How far it is.
    pub status: Option<EndpointStatus>,
}

/// Whether a sharded cluster over several regions has private endpoints in each.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegionalMode {
    /// Whether it has.
    pub enabled: Option<bool>,
}

impl Object for RegionalMode {}

/// A private endpoint to federated databases and archives.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederationPrivateEndpoint {
    /// The provider's own identifier.
    pub endpoint_id: Option<String>,
    /// Where it is.
    pub provider: Option<CloudProvider>,
    /// `DATA_LAKE`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// How far it is.
    pub status: Option<EndpointStatus>,
    /// Where it is.
    pub region: Option<String>,
    /// What people wrote about it.
    pub comment: Option<String>,
    /// How it is reached.
    #[serde(rename = "customerEndpointDNSName")]
    pub customer_endpoint_dns_name: Option<String>,
    /// How it is reached.
    #[serde(rename = "customerEndpointIPAddress")]
    pub customer_endpoint_ip_address: Option<String>,
    /// What went wrong.
    pub error_message: Option<String>,
}

impl Node for FederationPrivateEndpoint {
    fn key(&self) -> String {
        self.endpoint_id.clone().unwrap_or_default()
    }
}

impl Resource for FederationPrivateEndpoint {}

/// A private endpoint over which Atlas reaches a service of the customer: keys or buckets.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceEndpoint {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Where it is.
    pub cloud_provider: Option<CloudProvider>,
    /// The region of Atlas's nodes.
    pub region_name: Option<String>,
    /// The region of the network, for buckets.
    pub vpc_region_name: Option<String>,
    /// `ACTIVE` is the one that works.
    pub status: Option<EndpointStatus>,
    /// What went wrong.
    pub error_message: Option<String>,
    /// The provider's own name of it.
    pub private_endpoint_connection_name: Option<String>,
}

impl Node for ServiceEndpoint {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for ServiceEndpoint {}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(json: &str) -> PrivateEndpointService {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn each_provider_lists_the_customers_sides_under_another_name() {
        assert_eq!(service(r#"{"interfaceEndpoints":["vpce-1","vpce-2"]}"#).endpoint_ids(), ["vpce-1", "vpce-2"]);
        assert_eq!(service(r#"{"privateEndpoints":["/subscriptions/1"]}"#).endpoint_ids(), ["/subscriptions/1"]);
        assert_eq!(service(r#"{"endpointGroupNames":["group"]}"#).endpoint_ids(), ["group"]);
    }

    #[test]
    fn a_service_without_a_list_is_not_one_without_endpoints() {
        let calls = |json| {
            let service = service(json);
            service.offers(Section::PrivateEndpoints).map(|()| service.singles(Section::PrivateEndpoints).unwrap())
        };
        assert_eq!(calls(r#"{"interfaceEndpoints":["vpce-1"]}"#), Ok(vec![("endpointId", "vpce-1".to_owned())]));
        assert_eq!(calls(r#"{"interfaceEndpoints":[]}"#), Ok(Vec::new()));
        assert!(calls(r#"{"interfaceEndpoints":null}"#).is_err());
    }

    #[test]
    fn the_provider_follows_from_what_it_lists() {
        let provider = |json| service(json).parameters()[0].1.clone();
        assert_eq!(provider(r#"{"cloudProvider":"AZURE"}"#), "AZURE");
        assert_eq!(provider(r#"{"privateEndpoints":[]}"#), "AZURE");
        assert_eq!(provider(r#"{"endpointGroupNames":[]}"#), "GCP");
        assert_eq!(provider("{}"), "");
    }

    #[test]
    fn both_names_of_the_state_are_one() {
        let read = |json| serde_json::from_str::<PrivateEndpoint>(json).unwrap();
        let endpoint = read(r#"{"interfaceEndpointId":"vpce-1","connectionStatus":"REJECTED"}"#);
        assert_eq!((endpoint.key(), endpoint.status), ("vpce-1".to_owned(), Some(EndpointStatus::Rejected)));
    }
}
