//! What was judged, named as people know it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::snapshot::Ref;

use super::About;

/// Names of projects by their ids. All findings of a project share them.
pub(super) type Names = BTreeMap<Arc<str>, Arc<str>>;

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its identity.
    pub at: Ref,
    /// For people: `access list entry`.
    pub kind: &'static str,
    /// As Atlas shows it.
    pub name: Arc<str>,
    /// The project's id and name, where it belongs to one.
    pub project: Option<(Arc<str>, Arc<str>)>,
    /// Name of the project that it belongs to, or is; else of the organization.
    pub owner: Arc<str>,
}

impl Resource {
    /// Names a resource from its identity; the evidence may tell the `name` of what Atlas identifies otherwise, such as an
    /// API key or a person.
    pub(super) fn named(at: Ref, facts: &[(&'static str, String)], about: &About, projects: &Names) -> Self {
        let segments: Vec<&str> = at.as_str().split('/').collect();
        let project = match segments.as_slice() {
            ["org", _, "project", id, ..] => {
                let id = Ref::parsed(id).name();
                Some(projects.get_key_value(id.as_str()).map_or_else(
                    || (Arc::from(id.as_str()), Arc::from(id.as_str())),
                    |(id, name)| (Arc::clone(id), Arc::clone(name)),
                ))
            }
            _ => None,
        };
        let owner = match (&project, &about.organization_name) {
            (Some((_, name)), _) => Arc::clone(name),
            (None, Some(name)) => Arc::from(name.as_str()),
            (None, None) => Arc::from(about.organization.as_str()),
        };
        let told = |fact| facts.iter().find(|(name, _)| *name == fact).map(|(_, value)| Arc::from(value.as_str()));
        let (kind, name) = match (below(&segments), &project) {
            ([], Some(_)) => ("project", Arc::clone(&owner)),
            ([], None) => ("organization", Arc::clone(&owner)),
            (["project"], None) => ("projects", Arc::clone(&owner)),
            // A section that holds one object, or a whole list.
            ([section], _) => (kind(section, false), Arc::clone(&owner)),
            ([.., above, section], _) if !below(&segments).len().is_multiple_of(2) => {
                (kind(section, false), told("name").unwrap_or_else(|| Ref::parsed(above).name().into()))
            }
            ([.., section, _], _) => (kind(section, true), told("name").unwrap_or_else(|| at.name().into())),
        };
        Self { at, kind, name, project, owner }
    }

    /// Where it is within its project or organization: `db0 / backup schedule`. Empty for these themselves.
    #[must_use]
    pub fn place_within(&self) -> String {
        let segments: Vec<&str> = self.at.as_str().split('/').collect();
        match below(&segments) {
            [] => String::new(),
            [_] => self.kind.to_owned(),
            [_, _] => self.name.to_string(),
            more if !more.len().is_multiple_of(2) => format!("{} / {}", self.name, self.kind),
            more => format!("{} / {}", Ref::parsed(more[more.len() - 3]).name(), self.name),
        }
    }

    /// Its path as people write it: `payments/accessList/0.0.0.0/0`.
    #[must_use]
    pub fn path(&self) -> String {
        let segments: Vec<&str> = self.at.as_str().split('/').collect();
        let below = below(&segments).iter().map(|segment| Ref::parsed(segment).name());
        std::iter::once(self.owner.to_string()).chain(below).collect::<Vec<_>>().join("/")
    }

    /// Where it is, with its owner before it: `payments / db0 / backup schedule`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.place_within() {
            within if within.is_empty() => self.owner.to_string(),
            within => format!("{} / {within}", self.owner),
        }
    }

    /// Its kind, where the place alone does not say it.
    pub(super) fn kind_to_add(&self) -> Option<&'static str> {
        let depth = self.at.as_str().split('/').count();
        // Sections name themselves, and stand at an odd depth.
        depth.is_multiple_of(2).then_some(self.kind)
    }
}

/// The segments below the project or, for what belongs to none, below the organization.
fn below<'a, 's>(segments: &'a [&'s str]) -> &'a [&'s str] {
    match segments {
        ["org", _, "project", _, below @ ..] | ["org", _, below @ ..] => below,
        _ => &[],
    }
}

/// What people call the resources of a section, and the section as a whole.
fn kind(slot: &str, entry: bool) -> &'static str {
    let (whole, one) = kinds(slot).unwrap_or(("section", "resource"));
    if entry { one } else { whole }
}

fn kinds(slot: &str) -> Option<(&'static str, &'static str)> {
    Some(match slot {
        "accessHistory" => ("access history", "login"),
        "accessList" => ("access list", "access list entry"),
        "aiModelApiKeys" => ("AI model API keys", "AI model API key"),
        "alertConfigs" => ("alerts", "alert"),
        "apiKeys" => ("API keys", "API key"),
        "auditLog" => ("audit log", "audit log"),
        "awsKmsPrivateEndpoints" | "azureKmsPrivateEndpoints" => ("KMS private endpoints", "KMS private endpoint"),
        "awsPeers" | "azurePeers" | "gcpPeers" | "streamPeers" => ("peering connections", "peering connection"),
        "awsPrivateEndpointServices" | "azurePrivateEndpointServices" | "gcpPrivateEndpointServices" => {
            ("private endpoint services", "private endpoint service")
        }
        "backupCompliancePolicy" => ("backup compliance policy", "backup compliance policy"),
        "backupSchedule" => ("backup schedule", "backup schedule"),
        "backupSnapshots" | "shardedBackupSnapshots" => ("backup snapshots", "backup snapshot"),
        "certificates" => ("certificates", "certificate"),
        "cloudProviderAccess" => ("cloud provider access", "cloud provider role"),
        "clusters" => ("clusters", "cluster"),
        "connectedOrganization" => ("federation of the organization", "federation of the organization"),
        "connections" => ("stream connections", "stream connection"),
        "containers" => ("network containers", "network container"),
        "controlPlaneAddresses" => ("control plane addresses", "control plane address"),
        "credential" => ("credential", "credential"),
        "customRoles" => ("custom roles", "custom role"),
        "databaseUsers" => ("database users", "database user"),
        "delegationSettings" => ("delegation settings", "delegation settings"),
        "encryptionAtRest" => ("encryption at rest", "encryption at rest"),
        "endpoints" => ("private endpoints", "private endpoint"),
        "events" => ("events", "event"),
        "exportBuckets" => ("export buckets", "export bucket"),
        "federatedDatabases" => ("federated databases", "federated database"),
        "federationPrivateEndpoints" => ("federation private endpoints", "federation private endpoint"),
        "federationSettings" => ("federation settings", "federation settings"),
        "flexClusters" => ("Flex clusters", "Flex cluster"),
        "globalWrites" => ("zone mapping", "zone mapping"),
        "identityProviders" => ("identity providers", "identity provider"),
        "integrations" => ("integrations", "integration"),
        "ipAddresses" => ("IP addresses", "IP address"),
        "logIntegrations" => ("log integrations", "log integration"),
        "maintenanceWindow" => ("maintenance window", "maintenance window"),
        "mcpConfigs" => ("MCP configurations", "MCP configuration"),
        "metricIntegrations" => ("metric integrations", "metric integration"),
        "nonCompliantResources" => ("non-compliant resources", "non-compliant resource"),
        "objectStoragePrivateEndpoints" => ("object storage private endpoints", "object storage private endpoint"),
        "onlineArchives" => ("online archives", "online archive"),
        "openAlerts" => ("open alerts", "open alert"),
        "processArgs" => ("advanced configuration", "advanced configuration"),
        "processors" => ("stream processors", "stream processor"),
        "limits" => ("query limits", "query limit"),
        "project" | "projects" => ("projects", "project"),
        "pushBasedLogExport" => ("log export", "log export"),
        "regionalMode" => ("regional mode", "regional mode"),
        "resourcePolicies" => ("resource policies", "resource policy"),
        "restoreJobs" => ("restore jobs", "restore job"),
        "roleMappings" => ("role mappings", "role mapping"),
        "searchDeployment" => ("search nodes", "search nodes"),
        "secrets" => ("secrets", "secret"),
        "sensitiveFields" => ("sensitive fields", "collection"),
        "serverlessInstances" => ("serverless instances", "serverless instance"),
        "serviceAccounts" => ("service accounts", "service account"),
        "settings" => ("settings", "settings"),
        "streamPrivateLinks" => ("stream private links", "stream private link"),
        "streamWorkspaces" => ("stream workspaces", "stream workspace"),
        "teams" => ("teams", "team"),
        "userSecurity" => ("LDAP and X.509 settings", "LDAP and X.509 settings"),
        "users" => ("Atlas users", "Atlas user"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;
    use crate::snapshot::Section;

    #[test]
    fn every_section_has_a_name_for_people() {
        for section in Section::ALL {
            assert!(kinds(section.slot()).is_some(), "{section}");
        }
    }

    #[test]
    fn resources_are_placed_as_people_would_say_it() {
        let projects = Names::from([("p".into(), "payments".into())]);
        for (at, place, kind) in [
            ("org/o", "Northwind", "organization"),
            ("org/o/settings", "Northwind / settings", "settings"),
            ("org/o/project", "Northwind / projects", "projects"),
            ("org/o/apiKeys/k", "Northwind / k", "API key"),
            ("org/o/apiKeys/k/accessList", "Northwind / k / access list", "access list"),
            ("org/o/apiKeys/k/accessList/0.0.0.0%2F0", "Northwind / k / 0.0.0.0/0", "access list entry"),
            ("org/o/project/p", "payments", "project"),
            ("org/o/project/unknown", "unknown", "project"),
            ("org/o/project/p/accessList", "payments / access list", "access list"),
            ("org/o/project/p/accessList/0.0.0.0%2F0", "payments / 0.0.0.0/0", "access list entry"),
            ("org/o/project/p/clusters/db0/backupSchedule", "payments / db0 / backup schedule", "backup schedule"),
            ("org/o/project/p/clusters/db0/restoreJobs/j", "payments / db0 / j", "restore job"),
        ] {
            let resource = Resource::named(Ref::parsed(at), &[], &testing::about(), &projects);
            assert_eq!((resource.place().as_str(), resource.kind), (place, kind), "{at}");
        }
        let facts = [("name", "deploy".to_owned())];
        let key = Resource::named(Ref::parsed("org/o/apiKeys/k"), &facts, &testing::about(), &projects);
        assert_eq!(key.place(), "Northwind / deploy");
    }
}
