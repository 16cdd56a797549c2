//! How a project is reached: its access list, its networks, its peerings and its private endpoints.
//!
//! The shape of the entries of an API credential's list is in `credential`.

use std::borrow::Cow;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::address::AddressRange;
use super::tree::{Node, Resource};
use super::values::Moment;

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
