//! What a finding tells people to type exists: commands of the Atlas CLI, as its reference lists them
//! (<https://www.mongodb.com/docs/atlas/cli/current/command/atlas/>).

use std::collections::BTreeSet;

use atlas_audit::engine::Catalogue;

/// Commands by their full path. `atlas api` is followed by a tag and an operation of the Admin API.
const COMMANDS: &[&str] = &[
    "accessLists create",
    "accessLists delete",
    "accessLists list",
    "alerts acknowledge",
    "alerts settings create",
    "alerts settings enable",
    "alerts settings update",
    "api aiModelApiKeys deleteGroupModelKey",
    "api alertConfigurations updateAlertConfig",
    "api clusters revokeMongoEmployeeAccess",
    "api clusters updateCluster",
    "api databaseUsers updateDatabaseUser",
    "api encryptionAtRestUsingCustomerKeyManagement createRestPrivateEndpoint",
    "api encryptionAtRestUsingCustomerKeyManagement updateEncryptionAtRest",
    "api federatedAuthentication updateConnectedOrgConfig",
    "api federatedAuthentication updateIdentityProvider",
    "api federatedAuthentication updateRoleMapping",
    "api flexClusters tenantUpgrade",
    "api globalClusters createCustomZoneMapping",
    "api ldapConfiguration updateUserSecurity",
    "api mongoDbCloudUsers addOrgRole",
    "api mongoDbCloudUsers removeGroupUserRole",
    "api mongoDbCloudUsers removeOrgRole",
    "api mongoDbCloudUsers removeOrgUser",
    "api networkPeering updateGroupContainer",
    "api organizations updateOrgDelegationSettings",
    "api organizations updateOrgSettings",
    "api programmaticApiKeys updateApiKeyRoles",
    "api programmaticApiKeys updateOrgApiKey",
    "api pushBasedLogExport createGroupLogIntegration",
    "api remoteMcpConfigurations updateGroupMcpConfig",
    "api remoteMcpConfigurations updateOrgMcpConfig",
    "api resourcePolicies createOrgResourcePolicy",
    "api resourcePolicies getNonCompliantResources",
    "api resourcePolicies validateResourcePolicies",
    "api serviceAccounts createAccessList",
    "api serviceAccounts createOrgAccessList",
    "api serviceAccounts createOrgSecret",
    "api serviceAccounts createOrgServiceAccount",
    "api serviceAccounts deleteGroupSecret",
    "api serviceAccounts deleteOrgSecret",
    "api serviceAccounts updateGroupServiceAccount",
    "api serviceAccounts updateOrgServiceAccount",
    "api streams createPrivateLinkConnection",
    "api streams downloadAuditLogs",
    "api streams updateStreamConnection",
    "auditing update",
    "backups compliancePolicy copyProtection enable",
    "backups compliancePolicy setup",
    "backups restores start",
    "backups schedule update",
    "backups snapshots create",
    "cloudProviders accessRoles aws authorize",
    "cloudProviders accessRoles aws create",
    "cloudProviders accessRoles aws deauthorize",
    "clusters advancedSettings update",
    "clusters onlineArchives update",
    "clusters update",
    "clusters upgrade",
    "customDbRoles create",
    "customDbRoles delete",
    "customDbRoles update",
    "dataFederation privateEndpoints create",
    "dataFederation queryLimits create",
    "dataFederation update",
    "dbusers certs create",
    "dbusers create",
    "dbusers delete",
    "dbusers update",
    "federatedAuthentication federationSettings connectedOrgConfigs connect",
    "integrations create WEBHOOK",
    "maintenanceWindows update",
    "networking peering delete",
    "networking peering list",
    "organizations apiKeys accessLists create",
    "organizations apiKeys delete",
    "privateEndpoints aws create",
    "privateEndpoints aws delete",
    "privateEndpoints aws interfaces create",
    "privateEndpoints aws interfaces delete",
    "privateEndpoints azure create",
    "privateEndpoints azure delete",
    "privateEndpoints gcp create",
    "privateEndpoints gcp delete",
    "privateEndpoints regionalModes enable",
    "projects create",
    "projects settings update",
];

/// The commands in a text: what follows `atlas`, up to the end of the line or a pipe.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().flat_map(|line| line.split(['|', ';', '&']));
    lines.filter_map(|line| {
        let line = line.trim();
        line.strip_prefix("xargs -n 1 ").unwrap_or(line).strip_prefix("atlas ")
    })
}

#[test]
fn every_command_of_a_remediation_is_one_of_the_atlas_cli() {
    let mut unknown = BTreeSet::new();
    let mut used = BTreeSet::new();
    for entry in Catalogue::built_in().entries() {
        let Some(cli) = &entry.rule.remediation.cli else { continue };
        for command in commands(cli) {
            // The clouds have a command each.
            let command = command.replace("privateEndpoints <provider>", "privateEndpoints aws");
            let known = |known: &&&str| {
                command.strip_prefix(**known).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            };
            match COMMANDS.iter().find(known) {
                Some(known) => drop(used.insert(*known)),
                None => drop(unknown.insert(format!("{}: atlas {command}", entry.rule.id))),
            }
        }
    }
    assert!(unknown.is_empty(), "no such commands:\n{}", unknown.into_iter().collect::<Vec<_>>().join("\n"));
    assert!(used.len() > 20, "the commands of the catalogue were not found: {used:?}");
}

#[test]
fn every_command_says_where() {
    for entry in Catalogue::built_in().entries() {
        let Some(cli) = &entry.rule.remediation.cli else { continue };
        for command in commands(cli).filter(|command| !command.starts_with("projects ")) {
            let names_a_place = ["project>", "org>"].iter().any(|place| command.contains(place));
            // A federation is above organizations, and has an id of its own.
            let federated = command.contains("--federationSettingsId");
            assert!(names_a_place || federated, "{}: which project? atlas {command}", entry.rule.id);
        }
    }
}

#[test]
fn no_command_has_an_option_that_does_not_exist() {
    for (command, option) in [
        ("clusters update", "--minimumEnabledTlsProtocol"),
        ("accessLists create", "--entry"),
        ("encryption", "azureKeyVault"),
    ] {
        for entry in Catalogue::built_in().entries() {
            let cli = entry.rule.remediation.cli.as_deref().unwrap_or_default();
            let wrong = commands(cli).any(|line| line.starts_with(command) && line.contains(option));
            assert!(!wrong, "{}: `atlas {command}` has no {option}", entry.rule.id);
        }
    }
}
