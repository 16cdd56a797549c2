//! Who logs in to a project's databases, how, and what they may do there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::reading::Reading;
use super::redaction::presence;
use super::section::Section;
use super::tree::{Node, Object, Resource, slots};
use super::values::{Moment, Tag, open_enum};

/// A database user. Neither password nor date of creation nor last login can be read.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseUser {
    /// A name, a distinguished name, an ARN, or `<identity provider>/<group>`.
    pub username: Option<String>,
    /// Where it authenticates: `admin` or `$external`.
    pub database_name: Option<String>,
    /// What it may do.
    pub roles: Option<Vec<DatabaseRole>>,
    /// Where it may do it. Empty is everywhere in the project.
    pub scopes: Option<Vec<UserScope>>,
    /// Whether it is an AWS identity.
    #[serde(rename = "awsIAMType")]
    pub aws_iam_type: Option<AwsIamType>,
    /// Whether a directory knows it.
    pub ldap_auth_type: Option<LdapAuthType>,
    /// Whether an OIDC provider knows it.
    pub oidc_auth_type: Option<OidcAuthType>,
    /// Whether it shows a certificate.
    pub x509_type: Option<X509Type>,
    /// When Atlas deletes it.
    pub delete_after_date: Option<Moment>,
    /// Such as what made it.
    pub labels: Option<Vec<Tag>>,
    /// What it is for.
    pub description: Option<String>,
    /// Certificates that Atlas made for it and that have not run out.
    #[serde(skip)]
    pub certificates: Reading<Vec<Certificate>>,
}

/// How a database user proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// SCRAM: a password.
    Password,
    /// A certificate that Atlas made.
    ManagedCertificate,
    /// A certificate by the project's own authority.
    CustomerCertificate,
    /// The long-lived keys of an AWS IAM user.
    AwsUser,
    /// The short-lived keys of an AWS IAM role.
    AwsRole,
    /// A directory's user.
    LdapUser,
    /// A directory's group.
    LdapGroup,
    /// A workload's token.
    OidcUser,
    /// A person's token, by group.
    OidcGroup,
}

impl DatabaseUser {
    /// How it authenticates; nothing if Atlas did not say all of it, or something new.
    #[must_use]
    pub fn mechanism(&self) -> Option<Mechanism> {
        let mut found = Vec::new();
        found.extend(match self.x509_type.as_ref()? {
            X509Type::None => None,
            X509Type::Managed => Some(Mechanism::ManagedCertificate),
            X509Type::Customer => Some(Mechanism::CustomerCertificate),
            X509Type::Other(_) => return None,
        });
        found.extend(match self.aws_iam_type.as_ref()? {
            AwsIamType::None => None,
            AwsIamType::User => Some(Mechanism::AwsUser),
            AwsIamType::Role => Some(Mechanism::AwsRole),
            AwsIamType::Other(_) => return None,
        });
        found.extend(match self.ldap_auth_type.as_ref()? {
            LdapAuthType::None => None,
            LdapAuthType::User => Some(Mechanism::LdapUser),
            LdapAuthType::Group => Some(Mechanism::LdapGroup),
            LdapAuthType::Other(_) => return None,
        });
        found.extend(match self.oidc_auth_type.as_ref()? {
            OidcAuthType::None => None,
            OidcAuthType::User => Some(Mechanism::OidcUser),
            OidcAuthType::Group => Some(Mechanism::OidcGroup),
            OidcAuthType::Other(_) => return None,
        });
        match found.as_slice() {
            [] => Some(Mechanism::Password),
            [one] => Some(*one),
            _ => None,
        }
    }
}

impl Node for DatabaseUser {
    /// Names of the two databases may coincide. The usual ones stay plain, others show where they belong.
    fn key(&self) -> String {
        let name = self.username.clone().unwrap_or_default();
        match self.database_name.as_deref() {
            None | Some("admin") => name,
            Some(database) => format!("{database}/{name}"),
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("username", self.username.clone().unwrap_or_default())]
    }

    fn offers(&self, _: Section) -> Result<(), &'static str> {
        match &self.x509_type {
            None | Some(X509Type::Managed | X509Type::Other(_)) => Ok(()),
            Some(X509Type::None | X509Type::Customer) => Err("Atlas made no certificate for this user"),
        }
    }

    slots! { certificates: Certificates }
}

impl Resource for DatabaseUser {}

/// A role granted to a database user, on a database or on one collection of it.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseRole {
    /// Built in, or a custom role of the project.
    pub role_name: Option<String>,
    /// `admin` for custom roles and those over every database.
    pub database_name: Option<String>,
    /// Narrows `read` and `readWrite`.
    pub collection_name: Option<String>,
}

/// A resource that a database user is confined to.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserScope {
    /// Of the resource.
    pub name: Option<String>,
    /// What kind it is.
    #[serde(rename = "type")]
    pub kind: Option<ScopeType>,
}

open_enum! {
    /// What a database user may be confined to.
    ScopeType { Cluster = "CLUSTER", DataLake = "DATA_LAKE", Stream = "STREAM", }
}

open_enum! {
    /// AWS identity of a database user.
    AwsIamType { None = "NONE", User = "USER", Role = "ROLE", }
}

open_enum! {
    /// LDAP identity of a database user.
    LdapAuthType { None = "NONE", User = "USER", Group = "GROUP", }
}

open_enum! {
    /// OIDC identity of a database user.
    OidcAuthType { None = "NONE", User = "USER", Group = "IDP_GROUP", }
}

open_enum! {
    /// Whose certificate a database user shows.
    X509Type { None = "NONE", Customer = "CUSTOMER", Managed = "MANAGED", }
}

/// A certificate that Atlas made for a database user.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// A number above 2^53, although described as hexadecimal.
    #[serde(alias = "_id")]
    pub id: Option<i64>,
    /// Distinguished name.
    pub subject: Option<String>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When it runs out.
    pub not_after: Option<Moment>,
}

impl Node for Certificate {
    fn key(&self) -> String {
        self.id.map(|id| id.to_string()).unwrap_or_default()
    }
}

impl Resource for Certificate {}

/// A role of the project's own making.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomRole {
    /// Its name, unique in the project.
    pub role_name: Option<String>,
    /// What it allows.
    pub actions: Option<Vec<RoleAction>>,
    /// Roles whose privileges it has as well.
    pub inherited_roles: Option<Vec<InheritedRole>>,
}

impl Node for CustomRole {
    fn key(&self) -> String {
        self.role_name.clone().unwrap_or_default()
    }
}

impl Resource for CustomRole {}

/// An action, and what it is allowed on.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleAction {
    /// Such as `FIND` or `KILL_ANY_SESSION`; Atlas adds names.
    pub action: Option<String>,
    /// What it is allowed on.
    pub resources: Option<Vec<RoleResource>>,
}

/// The whole cluster, or a database, or a collection. Atlas leaves out the members that do not apply.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleResource {
    /// The whole cluster.
    pub cluster: Option<bool>,
    /// Empty: every database.
    pub db: Option<String>,
    /// Empty: every collection of the database.
    pub collection: Option<String>,
}

/// A role within a role.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InheritedRole {
    /// Where it applies.
    pub db: Option<String>,
    /// Built in, or custom.
    pub role: Option<String>,
}

/// A project's directory and certificate authority.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserSecurity {
    /// The authority of the project's own certificates.
    pub customer_x509: Option<CustomerX509>,
    /// The directory.
    pub ldap: Option<Ldap>,
}

impl Object for UserSecurity {}

/// The project's own certificate authority; an empty object if there is none.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerX509 {
    /// Certificates in PEM. They are public.
    pub cas: Option<String>,
}

/// A directory. Its host, its bind name and its queries are internal topology and stay out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ldap {
    /// Users log in by it.
    pub authentication_enabled: Option<bool>,
    /// It also says what they may do.
    pub authorization_enabled: Option<bool>,
    /// 389 is in clear.
    pub port: Option<i64>,
    /// Whether an authority for the directory's own certificate was given.
    #[serde(default, alias = "caCertificate", deserialize_with = "presence")]
    pub has_ca_certificate: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(json: &str) -> DatabaseUser {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_four_times_none_is_a_password() {
        let none = r#"{"x509Type":"NONE","awsIAMType":"NONE","ldapAuthType":"NONE","oidcAuthType":"NONE"}"#;
        assert_eq!(user(none).mechanism(), Some(Mechanism::Password));
        assert_eq!(user(r#"{"x509Type":"NONE"}"#).mechanism(), None);
        assert_eq!(user(&none.replacen("NONE", "QUANTUM", 1)).mechanism(), None);
        assert_eq!(user(&none.replacen("NONE", "MANAGED", 1)).mechanism(), Some(Mechanism::ManagedCertificate));
    }

    #[test]
    fn only_users_with_managed_certificates_have_some() {
        assert!(user(r#"{"x509Type":"MANAGED"}"#).offers(Section::Certificates).is_ok());
        assert!(user(r#"{"x509Type":"NONE"}"#).offers(Section::Certificates).is_err());
        assert!(user("{}").offers(Section::Certificates).is_ok(), "who knows");
    }

    #[test]
    fn certificate_numbers_keep_their_last_digit() {
        let certificate: Certificate = serde_json::from_str(r#"{"_id":9007199254740993}"#).unwrap();
        assert_eq!(certificate.key(), "9007199254740993");
    }
}
