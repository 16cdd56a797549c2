//! Resource policies: what Atlas refuses, whoever asks; and what was there before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::tree::{Node, Resource};
use super::values::Moment;

/// A policy that Atlas itself enforces on what people and programs ask for.
///
/// <https://www.mongodb.com/docs/atlas/atlas-resource-policies/>
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourcePolicy {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// As people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Of the policy language's scheme.
    pub version: Option<String>,
    /// When it was made.
    pub created_date: Option<Moment>,
    /// When it last changed.
    pub last_updated_date: Option<Moment>,
    /// Who made it.
    pub created_by_user: Option<PolicyAuthor>,
    /// Who last changed it.
    pub last_updated_by_user: Option<PolicyAuthor>,
    /// What it says.
    pub policies: Option<Vec<PolicyBody>>,
}

impl Node for ResourcePolicy {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }
}

impl Resource for ResourcePolicy {}

/// Who wrote a policy.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyAuthor {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// As people call them.
    pub name: Option<String>,
}

/// One statement of a policy.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyBody {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// Cedar.
    pub body: Option<String>,
}

/// Something older than a policy that forbids it.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NonCompliantResource {
    /// The project or cluster.
    pub resource_id: Option<String>,
    /// As people call it.
    pub resource_name: Option<String>,
    /// `PROJECT` or `CLUSTER`; two older values begin with `DEPRECATED_`.
    pub resource_type: Option<String>,
    /// What forbids it.
    pub resource_policies_causing_non_compliance: Option<Vec<ViolatedPolicy>>,
}

impl Node for NonCompliantResource {
    fn key(&self) -> String {
        self.resource_id.clone().unwrap_or_default()
    }
}

impl Resource for NonCompliantResource {}

/// A policy that something violates.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViolatedPolicy {
    /// The policy.
    pub resource_policy_id: Option<String>,
    /// As people call it.
    pub resource_policy_name: Option<String>,
    /// Which of its statements.
    pub policies_causing_non_compliance: Option<Vec<ViolatedStatement>>,
}

/// A statement that something violates.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViolatedStatement {
    /// The statement.
    pub policy_id: Option<String>,
}
