//! The only place where built-in rules are registered: the text, and what decides it.

use crate::engine::predicate::{
    BadParameters, Predicate, cluster, combination, database_user, organization, organization_combination, project,
    scan,
};
use crate::rules;

/// A rule of the table: where its text lies, and how to bind what decides it.
pub(super) struct Registered {
    /// Below `rules/`, without the ending.
    pub(super) file: &'static str,
    pub(super) text: &'static str,
    pub(super) bind: fn(&toml::Table) -> Result<Vec<Predicate>, BadParameters>,
}

macro_rules! catalogue {
    ($($file:literal => [$($kind:ident($decide:path)),+ $(,)?],)*) => {
        /// The only place of registration: a missing file or function does not compile.
        pub(super) static TABLE: &[Registered] = &[$(Registered {
            file: $file,
            text: include_str!(concat!("../../../rules/", $file, ".toml")),
            bind: |parameters| Ok(vec![$($kind($decide)(parameters)?),+]),
        },)*];
    };
}

catalogue! {
    "network/ATL-NET-001-access-list-open-to-internet" => [project(rules::network::open_to_internet)],
    "network/ATL-NET-002-access-list-broad-range" => [project(rules::network::broad_range)],
    "network/ATL-NET-003-access-list-test-entry-left-behind" => [project(rules::network::test_entry)],
    "network/ATL-NET-004-access-list-entry-unowned" => [project(rules::network::ownership::unowned)],
    "network/ATL-NET-005-access-list-entry-stale" => [project(rules::network::staleness::stale)],
    "network/ATL-NET-006-access-list-entry-ineffective" => [project(rules::network::peering::ineffective)],
    "network/ATL-NET-007-private-endpoint-missing" => [cluster(rules::network::private_endpoint::missing)],
    "network/ATL-NET-008-private-endpoint-region-gap" => [cluster(rules::network::private_endpoint::region_gap)],
    "network/ATL-NET-009-private-endpoint-bypassable" => [project(rules::network::private_endpoint::bypassable)],
    "network/ATL-NET-010-private-path-unhealthy" => [project(rules::network::health::unhealthy)],
    "network/ATL-NET-011-peering-cidr-conflict" => [project(rules::network::peering::cidr_conflict)],
    "network/ATL-NET-012-production-on-shared-tier" => [project(rules::network::shared_tier)],

    "authentication/ATL-AUTHN-001-password-auth-in-production" => [
        database_user(rules::authentication::password_in_production)
    ],
    "authentication/ATL-AUTHN-002-ldap-auth-in-use" => [project(rules::authentication::ldap_in_use)],
    "authentication/ATL-AUTHN-003-x509-certificate-lifecycle" => [
        database_user(rules::authentication::certificates::of_user),
        project(rules::authentication::certificates::of_authority),
    ],
    "authentication/ATL-AUTHN-004-shared-database-account" => [database_user(rules::authentication::accounts::shared)],
    "authentication/ATL-AUTHN-005-human-standing-db-access" => [
        database_user(rules::authentication::accounts::standing_access),
    ],
    "authentication/ATL-AUTHN-006-stale-database-user" => [database_user(rules::authentication::logins::stale)],
    "authentication/ATL-AUTHN-007-password-rotation-overdue" => [
        database_user(rules::authentication::passwords::rotation_overdue),
    ],

    "authorization/ATL-AUTHZ-001-atlas-admin-granted" => [database_user(rules::authorization::atlas_admin)],
    "authorization/ATL-AUTHZ-002-any-database-role-granted" => [database_user(rules::authorization::any_database)],
    "authorization/ATL-AUTHZ-003-custom-role-excessive" => [project(rules::authorization::custom_roles::excessive)],
    "authorization/ATL-AUTHZ-004-system-database-privilege" => [
        database_user(rules::authorization::reach::system_databases),
    ],
    "authorization/ATL-AUTHZ-005-user-not-cluster-scoped" => [database_user(rules::authorization::not_scoped)],
    "authorization/ATL-AUTHZ-006-write-spans-many-databases" => [database_user(rules::authorization::reach::write_span)],
    "authorization/ATL-AUTHZ-007-protected-database-access" => [
        database_user(rules::authorization::reach::protected_databases),
    ],
    "authorization/ATL-AUTHZ-008-tenant-naming-violation" => [
        database_user(rules::authorization::tenants::naming_violation),
    ],
    "authorization/ATL-AUTHZ-009-protected-user-drift" => [
        project(rules::authorization::protected::drift),
        organization(rules::authorization::protected::drift_anywhere),
    ],
    "authorization/ATL-AUTHZ-010-unexpected-database-user" => [
        database_user(rules::authorization::register::unexpected),
    ],
    "authorization/ATL-AUTHZ-011-ephemeral-user-expired" => [database_user(rules::authorization::tenants::tenant_gone)],

    "organization/ATL-ORG-001-mfa-not-required" => [organization(rules::organization::settings::mfa_not_required)],
    "organization/ATL-ORG-002-sso-not-configured" => [organization(rules::organization::people::sso_not_configured)],
    "organization/ATL-ORG-003-idp-weak-or-expiring" => [organization(rules::organization::federation::weak_provider)],
    "organization/ATL-ORG-004-membership-domain-unrestricted" => [
        organization(rules::organization::federation::membership_unrestricted),
    ],
    "organization/ATL-ORG-005-federation-default-role-excessive" => [
        organization(rules::organization::federation::default_role_excessive),
    ],
    "organization/ATL-ORG-006-owner-count-out-of-range" => [
        organization(rules::organization::people::organization_owner_count),
        project(rules::organization::people::project_owner_count),
    ],
    "organization/ATL-ORG-007-stale-console-user" => [organization(rules::organization::people::stale_console_user)],
    "organization/ATL-ORG-008-api-access-list-not-required" => [
        organization(rules::organization::settings::api_access_list_not_required),
    ],
    "organization/ATL-ORG-009-programmatic-credential-overprivileged" => [
        organization(rules::organization::credentials::overprivileged),
    ],
    "organization/ATL-ORG-010-automation-credential-role-drift" => [
        organization(rules::organization::automation::role_drift),
        project(rules::organization::automation::role_drift_in_project),
    ],
    "organization/ATL-ORG-011-programmatic-credential-no-access-list" => [
        organization(rules::organization::credentials::no_access_list),
        project(rules::organization::credentials::no_access_list_in_project),
    ],
    "organization/ATL-ORG-012-programmatic-credential-unused" => [
        organization(rules::organization::upkeep::unused),
        project(rules::organization::upkeep::unused_in_project),
    ],
    "organization/ATL-ORG-013-api-key-too-old" => [organization(rules::organization::upkeep::key_too_old)],
    "organization/ATL-ORG-014-service-account-secret-policy" => [
        organization(rules::organization::credentials::secret_policy),
        project(rules::organization::credentials::secret_policy_in_project),
    ],
    "organization/ATL-ORG-015-contacts-missing" => [organization(rules::organization::settings::contacts_missing)],
    "organization/ATL-ORG-016-support-access-unrestricted" => [
        organization(rules::organization::settings::support_access_unrestricted),
        cluster(rules::organization::settings::support_access_granted),
    ],
    "organization/ATL-ORG-017-console-session-and-network" => [
        organization(rules::organization::console::session_and_network),
    ],
    "organization/ATL-ORG-018-generative-ai-data-sharing" => [project(rules::organization::console::generative_ai)],
    "organization/ATL-ORG-019-agent-delegated-access" => [
        organization(rules::organization::console::delegated_access),
        project(rules::organization::console::delegated_access_in_project),
    ],

    "encryption/ATL-ENC-001-tls-floor-too-low" => [
        cluster(rules::encryption::tls::tls_floor_too_low),
        project(rules::encryption::tls::legacy_tls_connections),
    ],
    "encryption/ATL-ENC-002-customer-managed-key-missing" => [cluster(rules::encryption::keys::own_key_missing)],
    "encryption/ATL-ENC-003-customer-managed-key-invalid" => [project(rules::encryption::keys::own_key_invalid)],
    "encryption/ATL-ENC-004-kms-static-credentials" => [project(rules::encryption::keys::static_credentials)],
    "encryption/ATL-ENC-005-kms-key-single-region" => [project(rules::encryption::keys::single_region_key)],
    "encryption/ATL-ENC-006-kms-key-rotation-overdue" => [project(rules::encryption::key_care::rotation_overdue)],
    "encryption/ATL-ENC-007-kms-private-networking-gap" => [
        project(rules::encryption::key_networks::private_networking_gap),
    ],
    "encryption/ATL-ENC-008-kms-firewall-missing-node-ip" => [
        project(rules::encryption::key_networks::firewall_missing_address),
    ],
    "encryption/ATL-ENC-009-search-nodes-outside-cmk" => [cluster(rules::encryption::data::search_nodes_outside)],
    "encryption/ATL-ENC-010-field-level-encryption-missing" => [
        organization(rules::encryption::data::field_level_missing),
    ],
    "encryption/ATL-ENC-011-log-redaction-off" => [cluster(rules::encryption::data::log_redaction_off)],
    "encryption/ATL-ENC-012-kms-key-deletion-safeguard" => [project(rules::encryption::key_care::deletion_safeguard)],

    "auditing/ATL-AUD-001-auditing-disabled" => [project(rules::auditing::disabled)],
    "auditing/ATL-AUD-002-audit-filter-misses-critical-events" => [project(rules::auditing::filter::misses_events)],
    "auditing/ATL-AUD-003-data-access-audit-mode" => [project(rules::auditing::data_access::mode)],
    "auditing/ATL-AUD-004-log-export-missing" => [project(rules::auditing::log_export::missing)],
    "auditing/ATL-AUD-005-log-export-unhealthy" => [project(rules::auditing::log_health::unhealthy)],
    "auditing/ATL-AUD-006-log-retention-too-short" => [combination(rules::auditing::archive::too_short)],
    "auditing/ATL-AUD-007-control-plane-events-not-archived" => [
        organization(rules::auditing::archive::events_not_archived),
        project(rules::auditing::archive::stream_logs_not_archived),
    ],

    "monitoring/ATL-MON-001-security-alert-missing" => [project(rules::monitoring::alerts::security_alert_missing)],
    "monitoring/ATL-MON-002-cmk-alert-missing" => [project(rules::monitoring::alerts::cmk_alert_missing)],
    "monitoring/ATL-MON-003-alert-undeliverable" => [project(rules::monitoring::alerts::undeliverable)],
    "monitoring/ATL-MON-004-auth-failure-detection-missing" => [project(rules::monitoring::detection::missing)],
    "monitoring/ATL-MON-005-auth-failure-burst" => [cluster(rules::monitoring::logins::failure_burst)],
    "monitoring/ATL-MON-006-security-alert-open" => [project(rules::monitoring::open::security_alert_open)],

    "backup/ATL-BCK-001-backup-disabled" => [
        cluster(rules::backup::disabled),
        project(rules::backup::disabled_on_shared_machines),
    ],
    "backup/ATL-BCK-002-point-in-time-recovery-weak" => [cluster(rules::backup::recovery::point_in_time)],
    "backup/ATL-BCK-003-snapshot-retention-too-short" => [cluster(rules::backup::recovery::short_retention)],
    "backup/ATL-BCK-004-snapshot-not-recent" => [cluster(rules::backup::recovery::not_recent)],
    "backup/ATL-BCK-005-snapshot-single-region" => [cluster(rules::backup::recovery::single_region)],
    "backup/ATL-BCK-006-backup-compliance-policy-weak" => [project(rules::backup::compliance::policy_weak)],
    "backup/ATL-BCK-007-termination-protection-off" => [
        cluster(rules::backup::unprotected),
        project(rules::backup::unprotected_flex),
    ],
    "backup/ATL-BCK-008-unsupported-mongodb-version" => [cluster(rules::backup::upkeep::unsupported_version)],
    "backup/ATL-BCK-009-maintenance-window-missing" => [project(rules::backup::upkeep::maintenance_window)],

    "residency/ATL-RES-001-cluster-outside-allowed-regions" => [
        cluster(rules::residency::place::cluster_outside),
        project(rules::residency::place::shared_outside),
    ],
    "residency/ATL-RES-002-copies-outside-allowed-regions" => [
        cluster(rules::residency::place::copies_outside),
        project(rules::residency::place::exports_and_remains),
    ],
    "residency/ATL-RES-003-data-path-outside-allowed-regions" => [project(rules::residency::path::paths_outside)],
    "residency/ATL-RES-004-global-cluster-zone-unmapped" => [cluster(rules::residency::zones::zone_unmapped)],
    "residency/ATL-RES-005-mixed-environments" => [combination(rules::residency::mixed::mixed_environments)],
    "residency/ATL-RES-006-classification-tag-missing" => [
        cluster(rules::residency::classification::untagged_cluster),
        project(rules::residency::classification::untagged_project),
    ],

    "attestation/ATL-ATT-001-access-list-review-overdue" => [project(rules::attestation::access_list_review)],
    "attestation/ATL-ATT-002-database-user-review-overdue" => [project(rules::attestation::database_user_review)],
    "attestation/ATL-ATT-003-restore-test-overdue" => [project(rules::attestation::restore_test)],
    "attestation/ATL-ATT-004-tenant-policy-test-overdue" => [organization(rules::attestation::tenant_policy_test)],
    "attestation/ATL-ATT-005-vendor-assurance-missing" => [project(rules::attestation::vendor_assurance)],

    "combination/ATL-TOX-001-internet-to-admin-path" => [
        combination(rules::combination::exposure::internet_to_admin),
    ],
    "combination/ATL-TOX-002-blind-and-exposed" => [combination(rules::combination::exposure::blind_and_exposed)],
    "combination/ATL-TOX-003-unbounded-owner-credential" => [
        organization_combination(rules::combination::credential::unbounded_owner),
    ],
    "combination/ATL-TOX-004-backup-destruction-path" => [
        combination(rules::combination::destruction::backup_destruction),
    ],
    "combination/ATL-TOX-005-stream-privilege-escalation" => [
        combination(rules::combination::streams::privilege_escalation),
    ],
    "combination/ATL-TOX-006-external-exfiltration-path" => [
        combination(rules::combination::exfiltration::external_exfiltration),
    ],
    "combination/ATL-TOX-007-preview-to-production-path" => [
        combination(rules::combination::previews::preview_to_production),
    ],

    "surfaces/ATL-FED-001-federated-store-insecure" => [project(rules::surfaces::federation::insecure_store)],
    "surfaces/ATL-FED-002-federated-endpoint-public" => [project(rules::surfaces::federation::public_endpoint)],
    "surfaces/ATL-FED-003-cloud-access-role-hygiene" => [project(rules::surfaces::access::role_hygiene)],
    "surfaces/ATL-FED-004-archive-without-expiry" => [cluster(rules::surfaces::federation::archive_without_expiry)],
    "surfaces/ATL-FED-005-server-side-javascript-enabled" => [cluster(rules::surfaces::clusters::javascript_enabled)],
    "surfaces/ATL-FED-006-console-data-access-in-production" => [
        project(rules::surfaces::access::console_data_access),
    ],
    "surfaces/ATL-FED-007-integration-endpoint-insecure" => [project(rules::surfaces::access::integration_endpoint)],
    "surfaces/ATL-FED-008-legacy-surface-present" => [project(rules::surfaces::clusters::legacy_surface)],

    "guardrails/ATL-POL-001-guardrail-wildcard-ip" => [organization(rules::guardrails::wildcard_ip)],
    "guardrails/ATL-POL-002-guardrail-min-tls" => [organization(rules::guardrails::min_tls)],
    "guardrails/ATL-POL-003-guardrail-data-protection" => [organization(rules::guardrails::data_protection)],
    "guardrails/ATL-POL-004-guardrail-network-freeze" => [organization(rules::guardrails::network_freeze)],
    "guardrails/ATL-POL-005-non-compliant-resources" => [
        organization(rules::guardrails::effect::non_compliant_resources),
    ],
    "guardrails/ATL-POL-006-guardrail-ineffective" => [organization(rules::guardrails::effect::ineffective)],
    "streams/ATL-STR-001-stream-execute-as-broad" => [project(rules::streams::privileges::execute_as)],
    "streams/ATL-STR-002-stream-workspace-reach-unrestricted" => [
        database_user(rules::streams::privileges::unrestricted_reach),
    ],
    "streams/ATL-STR-003-stream-role-excess-actions" => [project(rules::streams::privileges::excess_actions)],
    "streams/ATL-STR-004-stream-connection-insecure-transport" => [
        project(rules::streams::connections::insecure_transport),
    ],
    "streams/ATL-STR-005-stream-public-networking" => [project(rules::streams::connections::public_networking)],
    "streams/ATL-STR-006-stream-cross-project-connection" => [
        organization(rules::streams::connections::cross_project_switch),
        project(rules::streams::connections::cross_project),
    ],

    "meta/ATL-META-001-scan-coverage-insufficient" => [scan(rules::meta::coverage_insufficient)],
    "meta/ATL-META-002-auditor-credential-excessive" => [scan(rules::meta::credential_excessive)],
}
