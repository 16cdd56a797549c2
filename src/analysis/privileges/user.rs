//! A database user as privileges see it: who it is, how long it lasts, where it is let in, what it was granted.

use jiff::Timestamp;

use crate::snapshot::database_access::{AwsIamType, DatabaseUser, LdapAuthType, OidcAuthType};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

use super::closure::{Cause, RoleId, Roles};
use super::place::Reach;

/// How long a user lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Until somebody deletes it.
    Lasting,
    /// Atlas deletes it then.
    Until(Timestamp),
    /// Atlas should have deleted it then: no access.
    Expired(Timestamp),
    /// It ends, but not readably when.
    Unclear,
}

/// A database user.
#[derive(Debug)]
pub struct User<'a> {
    /// The entry of the project's list.
    pub entry: &'a DatabaseUser,
    /// How long it lasts.
    pub life: Life,
    /// Where it is let in.
    pub reach: Reach<'a>,
    /// Its roles, each with its place in the entry's list.
    pub(super) granted: Vec<(usize, RoleId)>,
    /// What the entry lacks.
    pub(super) causes: Vec<Cause<'a>>,
}

impl<'a> User<'a> {
    pub(super) fn of(entry: &'a DatabaseUser, now: Timestamp, roles: &mut Roles<'a>) -> Self {
        let life = match entry.delete_after_date.as_ref().map(Moment::timestamp) {
            None => Life::Lasting,
            Some(Some(end)) if end <= now => Life::Expired(end),
            Some(Some(end)) => Life::Until(end),
            Some(None) => Life::Unclear,
        };
        let mut causes = Vec::new();
        let mut granted = Vec::new();
        match &entry.roles {
            None => causes.push(Cause::Missing("roles")),
            Some(listed) => {
                for (index, role) in listed.iter().enumerate() {
                    let Some(name) = role.role_name.as_deref() else {
                        causes.push(Cause::Missing("roleName"));
                        continue;
                    };
                    let id = roles.mention(name, role.database_name.as_deref(), role.collection_name.as_deref());
                    granted.push((index, id));
                }
            }
        }
        Self { entry, life, reach: Reach::of(entry.scopes.as_deref()), granted, causes }
    }

    /// Its name; empty if Atlas did not say.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.entry.username.as_deref().unwrap_or_default()
    }

    /// Its identity in the project: the name, after the database it authenticates on where that is not `admin`.
    #[must_use]
    pub fn key(&self) -> String {
        self.entry.key()
    }

    /// Whether it stands for a set of people or programs whose size Atlas does not know.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.entry.aws_iam_type == Some(AwsIamType::Role)
            || self.entry.ldap_auth_type == Some(LdapAuthType::Group)
            || self.entry.oidc_auth_type == Some(OidcAuthType::Group)
    }

    /// Whether it can log in at all.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        !matches!(self.life, Life::Expired(_))
    }
}
