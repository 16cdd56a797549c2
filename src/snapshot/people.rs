//! People: of the organization, of its teams and of its projects.
//!
//! Programs that act for nobody in particular are in `credential`, database users in `database_access`.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use super::reading::Reading;
use super::tree::{Node, Resource, slots};
use super::values::{Moment, open_enum};

/// A person of the organization, active or invited.
///
/// Names, telephone numbers and countries are left where they are: no rule reads them.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationUser {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// The e-mail address.
    pub username: Option<String>,
    /// Whether they ever joined.
    pub org_membership_status: Option<MembershipStatus>,
    /// What they were granted in person; teams may grant more.
    pub roles: Option<OrganizationRoles>,
    /// The teams that they belong to.
    pub team_ids: Option<Vec<String>>,
    /// Absent if they never signed in.
    pub last_auth: Option<Moment>,
    /// When the account was made.
    pub created_at: Option<Moment>,
    /// Of those who have not joined.
    pub invitation_created_at: Option<Moment>,
    /// Of those who have not joined.
    pub invitation_expires_at: Option<Moment>,
    /// Who invited them.
    pub inviter_username: Option<String>,
}

impl Node for OrganizationUser {
    fn key(&self) -> String {
        self.id.clone().or_else(|| self.username.clone()).unwrap_or_default()
    }
}

impl Resource for OrganizationUser {}

open_enum! {
    /// Whether somebody ever joined.
    MembershipStatus {
        Active = "ACTIVE",
        Pending = "PENDING",
        Expired = "INVITATION_EXPIRED",
        Rejected = "INVITATION_REJECTED",
    }
}

/// Roles in the organization and in its projects.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationRoles {
    /// Such as `ORG_OWNER`.
    pub org_roles: Option<Vec<String>>,
    /// By project.
    pub group_role_assignments: Option<Vec<ProjectRoles>>,
}

/// Roles in one project.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectRoles {
    /// The project.
    pub group_id: Option<String>,
    /// Such as `GROUP_OWNER`.
    pub group_roles: Option<Vec<String>>,
}

/// A role as API keys carry it, and as people did before 2025-02-19: of the organization or of a project.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleGrant {
    /// Of the organization, if this is there.
    pub org_id: Option<String>,
    /// Of a project, if this is there.
    pub group_id: Option<String>,
    /// Such as `ORG_OWNER` or `GROUP_READ_ONLY`.
    pub role_name: Option<String>,
}

impl From<Vec<RoleGrant>> for OrganizationRoles {
    fn from(grants: Vec<RoleGrant>) -> Self {
        let mut roles = Self { org_roles: Some(Vec::new()), group_role_assignments: Some(Vec::new()) };
        let (organization, projects) = (roles.org_roles.get_or_insert_default(), &mut roles.group_role_assignments);
        let projects = projects.get_or_insert_default();
        for RoleGrant { org_id: _, group_id, role_name } in grants {
            let Some(name) = role_name else { continue };
            let Some(project) = group_id else {
                organization.push(name);
                continue;
            };
            let known = projects.iter().position(|entry: &ProjectRoles| entry.group_id.as_ref() == Some(&project));
            let at = known.unwrap_or_else(|| {
                projects.push(ProjectRoles { group_id: Some(project), group_roles: None });
                projects.len() - 1
            });
            projects[at].group_roles.get_or_insert_default().push(name);
        }
        roles
    }
}

/// The object of today or the flat list of old.
impl<'de> Deserialize<'de> for OrganizationRoles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Object {
            org_roles: Option<Vec<String>>,
            group_role_assignments: Option<Vec<ProjectRoles>>,
        }

        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = OrganizationRoles;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("roles: an object with orgRoles and groupRoleAssignments, or a list")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Object { org_roles, group_role_assignments } =
                    Object::deserialize(MapAccessDeserializer::new(map))?;
                Ok(OrganizationRoles { org_roles, group_role_assignments })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                Vec::<RoleGrant>::deserialize(SeqAccessDeserializer::new(list)).map(Into::into)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// A team of the organization. It grants roles in projects.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// As people call it.
    pub name: Option<String>,
    /// Its members.
    #[serde(skip)]
    pub users: Reading<Vec<OrganizationUser>>,
}

impl Node for Team {
    fn key(&self) -> String {
        self.id.clone().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("teamId", self.id.clone().unwrap_or_default())]
    }

    slots! { users: TeamUsers }
}

impl Resource for Team {}

/// Somebody who reaches a project, in person, through a team or as an owner of the organization.
///
/// Nothing tells which of these granted it.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectUser {
    /// 24 hexadecimal digits.
    pub id: Option<String>,
    /// The e-mail address.
    pub username: Option<String>,
    /// Whether they ever joined.
    pub org_membership_status: Option<MembershipStatus>,
    /// Such as `GROUP_OWNER`.
    #[serde(default, deserialize_with = "role_names")]
    pub roles: Option<Vec<String>>,
    /// Absent if they never signed in.
    pub last_auth: Option<Moment>,
    /// When the account was made.
    pub created_at: Option<Moment>,
    /// Of those who have not joined.
    pub invitation_created_at: Option<Moment>,
    /// Of those who have not joined.
    pub invitation_expires_at: Option<Moment>,
    /// Who invited them.
    pub inviter_username: Option<String>,
}

impl Node for ProjectUser {
    fn key(&self) -> String {
        self.id.clone().or_else(|| self.username.clone()).unwrap_or_default()
    }
}

impl Resource for ProjectUser {}

/// Texts, or the objects with a `roleName` of before 2025-02-19.
fn role_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let Some(roles) = Option::<Vec<Value>>::deserialize(deserializer)? else { return Ok(None) };
    let name = |role: &Value| role.as_str().or_else(|| role.get("roleName")?.as_str()).map(str::to_owned);
    let unnamed = || serde::de::Error::custom("a role without a name");
    roles.iter().map(|role| name(role).ok_or_else(unnamed)).collect::<Result<_, _>>().map(Some)
}

/// A team that a project let in.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectTeam {
    /// The team; its name and members are the organization's.
    pub team_id: Option<String>,
    /// What its members may do there.
    pub role_names: Option<Vec<String>>,
}

impl Node for ProjectTeam {
    fn key(&self) -> String {
        self.team_id.clone().unwrap_or_default()
    }
}

impl Resource for ProjectTeam {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_old_say_the_same() {
        let old = r#"{"roles":[{"orgId":"o","roleName":"ORG_MEMBER"},{"groupId":"p","roleName":"GROUP_OWNER"},
            {"groupId":"p","roleName":"GROUP_DATA_ACCESS_ADMIN"}]}"#;
        let new = r#"{"roles":{"orgRoles":["ORG_MEMBER"],"groupRoleAssignments":[
            {"groupId":"p","groupRoles":["GROUP_OWNER","GROUP_DATA_ACCESS_ADMIN"]}]}}"#;
        let read = |json| serde_json::from_str::<OrganizationUser>(json).unwrap();
        assert_eq!(read(old), read(new));
        assert_eq!(read(r#"{"roles":{"orgRoles":null}}"#).roles, Some(OrganizationRoles::default()));
    }

    #[test]
    fn a_project_role_without_a_name_is_no_role() {
        let read = serde_json::from_str::<ProjectUser>;
        assert_eq!(read(r#"{"roles":[{"roleName":"GROUP_OWNER"}]}"#).unwrap().roles.unwrap(), ["GROUP_OWNER"]);
        assert!(read(r#"{"roles":[{"groupId":"p"}]}"#).is_err());
        assert_eq!(read(r#"{"roles":null}"#).unwrap().roles, None);
    }
}
