//! Where people of the organization sign in, and what they get for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::redaction::Origin;
use super::tree::{Node, Object, Resource};
use super::values::{Moment, open_enum};

/// The federation that the organization belongs to.
///
/// <https://www.mongodb.com/docs/atlas/security/federated-authentication/>
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FederationSettings {
    /// 24 hexadecimal digits; part of the paths of the other three.
    pub id: Option<String>,
    /// Whose addresses sign in there.
    pub federated_domains: Option<Vec<String>>,
    /// Whether groups are given roles.
    pub has_role_mappings: Option<bool>,
    /// Of old: 20 digits, the `oktaIdpId` of a provider. Absent if there is none.
    pub identity_provider_id: Option<String>,
    /// Whether people sign in by it.
    pub identity_provider_status: Option<ProviderStatus>,
}

impl Object for FederationSettings {}

open_enum! {
    /// Whether people sign in by a provider.
    ProviderStatus {
        Active = "ACTIVE",
        Inactive = "INACTIVE",
    }
}

/// How this organization takes part in its federation.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedOrganization {
    /// 24 hexadecimal digits.
    pub org_id: Option<String>,
    /// Whether only addresses of the domains below may join.
    pub domain_restriction_enabled: Option<bool>,
    /// These, beside the federated ones.
    pub domain_allow_list: Option<Vec<String>>,
    /// Of old: 20 digits. Compare with a provider's `oktaIdpId`.
    pub identity_provider_id: Option<String>,
    /// Those for databases. Compare with a provider's `id`.
    pub data_access_identity_provider_ids: Option<Vec<String>>,
    /// Whether people must be invited although the provider knows them.
    pub instant_user_provisioning_disabled: Option<bool>,
    /// What everyone gets whom the provider lets in.
    pub post_auth_role_grants: Option<Vec<String>>,
    /// Those who belong to the organization but not to the domains.
    pub user_conflicts: Option<Vec<UserConflict>>,
}

impl Object for ConnectedOrganization {}

/// Somebody of the organization whose address is of no allowed domain.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserConflict {
    /// 24 hexadecimal digits.
    pub user_id: Option<String>,
    /// As they sign in.
    pub email_address: Option<String>,
    /// The federation of their domain.
    pub federation_settings_id: Option<String>,
}

/// What a group of the provider may do.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleMapping {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// As the provider calls it.
    pub external_group_name: Option<String>,
    /// In the organization or in a project.
    pub role_assignments: Option<Vec<RoleAssignment>>,
}

impl Node for RoleMapping {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for RoleMapping {}

/// A role in the organization or in a project.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    /// Of the organization, if this is there.
    pub org_id: Option<String>,
    /// Of a project, if this is there.
    pub group_id: Option<String>,
    /// Such as `ORG_MEMBER`.
    pub role: Option<String>,
}

/// An identity provider of the federation: SAML or OIDC, for people or for workloads.
///
/// Which fields are there follows from `protocol` and `idpType`.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentityProvider {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Of old: 20 digits.
    pub okta_idp_id: Option<String>,
    /// As people call it.
    pub display_name: Option<String>,
    /// What it speaks.
    pub protocol: Option<ProviderProtocol>,
    /// Whom it knows.
    pub idp_type: Option<ProviderType>,
    /// Who it says it is.
    pub issuer_uri: Option<String>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When it last changed.
    pub updated_at: Option<Moment>,
    /// SAML only.
    pub status: Option<ProviderStatus>,
    /// SAML: where people are sent.
    pub sso_url: Option<Origin>,
    /// SAML: where they come back to.
    pub acs_url: Option<Origin>,
    /// SAML: whom the answer is for.
    pub audience_uri: Option<String>,
    /// SAML: how the question is sent.
    pub request_binding: Option<String>,
    /// SAML.
    pub response_signature_algorithm: Option<SignatureAlgorithm>,
    /// SAML: a way in past the provider.
    pub sso_debug_enabled: Option<bool>,
    /// SAML: with what answers are signed.
    pub pem_file_info: Option<PemFileInfo>,
    /// OIDC: whom a token is for.
    pub audience: Option<String>,
    /// OIDC: who Atlas is to the provider. It is public.
    pub client_id: Option<String>,
    /// OIDC: whether roles follow from groups or from the user.
    pub authorization_type: Option<String>,
    /// OIDC: where a token lists groups.
    pub groups_claim: Option<String>,
    /// OIDC: where a token names the user.
    pub user_claim: Option<String>,
    /// OIDC.
    pub requested_scopes: Option<Vec<String>>,
    /// Whose addresses are sent there.
    pub associated_domains: Option<Vec<String>>,
}

impl Node for IdentityProvider {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for IdentityProvider {}

open_enum! {
    /// What an identity provider speaks.
    ProviderProtocol {
        Saml = "SAML",
        Oidc = "OIDC",
    }
}

open_enum! {
    /// Whom an identity provider knows.
    ProviderType {
        Workforce = "WORKFORCE",
        Workload = "WORKLOAD",
    }
}

open_enum! {
    /// How SAML answers are signed.
    SignatureAlgorithm {
        Sha1 = "SHA-1",
        Sha256 = "SHA-256",
    }
}

/// Certificates with which a provider signs.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PemFileInfo {
    /// From when and until when each counts.
    pub certificates: Option<Vec<CertificateDates>>,
}

/// From when and until when a certificate counts.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateDates {
    /// From when.
    pub not_before: Option<Moment>,
    /// Until when.
    pub not_after: Option<Moment>,
}
