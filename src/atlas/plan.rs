//! What to read: the sections that somebody needs, and those on the way to them.

use std::collections::BTreeSet;

use crate::snapshot::Section;

/// The sections of a run. Whatever is not in it is not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    sections: BTreeSet<Section>,
}

impl Plan {
    /// These sections, and the lists whose entries they belong to.
    #[must_use]
    pub fn new(wanted: impl IntoIterator<Item = Section>) -> Self {
        let mut sections: BTreeSet<Section> = wanted.into_iter().collect();
        let mut new: Vec<Section> = sections.iter().copied().collect();
        while let Some(section) = new.pop() {
            new.extend(above(section).iter().copied().filter(|above| sections.insert(*above)));
        }
        Self { sections }
    }

    /// Every section there is.
    #[must_use]
    pub fn everything() -> Self {
        Self { sections: Section::ALL.iter().copied().collect() }
    }

    /// Whether it is to be read.
    #[must_use]
    pub fn wants(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }

    /// Whether anything of a project is to be read.
    #[must_use]
    pub fn wants_projects(&self) -> bool {
        self.wants(Section::Projects)
    }

    /// All of them, in the order of the table.
    pub fn sections(&self) -> impl Iterator<Item = Section> + '_ {
        self.sections.iter().copied()
    }
}

/// The sections without which that one cannot be asked for.
fn above(section: Section) -> &'static [Section] {
    match section {
        // Their paths hold the federation's id.
        Section::ConnectedOrganization | Section::RoleMappings | Section::IdentityProviders => {
            &[Section::FederationSettings]
        }
        _ => lists_of(section.owner()),
    }
}

/// The sections that list resources of that kind.
fn lists_of(owner: &str) -> &'static [Section] {
    match owner {
        "team" => &[Section::Teams],
        "apiKey" => &[Section::ApiKeys],
        "serviceAccount" => &[Section::ServiceAccounts],
        "mcpConfig" => &[Section::McpConfigs],
        "project" => &[Section::Projects],
        "privateEndpointService" => &[
            Section::AwsPrivateEndpointServices,
            Section::AzurePrivateEndpointServices,
            Section::GcpPrivateEndpointServices,
        ],
        "projectServiceAccount" => &[Section::ProjectServiceAccounts],
        "projectMcpConfig" => &[Section::ProjectMcpConfigs],
        "databaseUser" => &[Section::DatabaseUsers],
        "cluster" => &[Section::Clusters],
        "flexCluster" => &[Section::FlexClusters],
        "federatedDatabase" => &[Section::FederatedDatabases],
        "streamWorkspace" => &[Section::StreamWorkspaces],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_owner_but_the_organization_is_listed_somewhere() {
        for section in Section::ALL {
            assert_eq!(lists_of(section.owner()).is_empty(), section.owner() == "organization", "{section}");
        }
    }

    #[test]
    fn what_is_on_the_way_is_read_too() {
        let plan = Plan::new([Section::PrivateEndpoints, Section::RoleMappings]);
        assert!(plan.wants(Section::GcpPrivateEndpointServices) && plan.wants(Section::Projects));
        assert!(plan.wants(Section::FederationSettings) && !plan.wants(Section::Clusters));
    }
}
