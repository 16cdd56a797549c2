//! Who else is let in: roles in other clouds, people by way of the console, services that are told things.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use crate::engine::environment::Environment;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::rules::hours_until_needed;
use crate::snapshot::Section;
use crate::snapshot::encryption::{CloudRole, FeatureType};
use crate::snapshot::logging::IntegrationType;
use crate::snapshot::people::MembershipStatus;
use crate::snapshot::redaction::Origin;
use crate::snapshot::tree::Node;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleHygiene {
    grace_days: u32,
}

impl RoleHygiene {
    fn is_young(&self, role: &CloudRole, now: Timestamp) -> Result<bool, Unknown> {
        Ok(-hours_until_needed("createdDate", role.created_date.as_ref(), now)? <= f64::from(self.grace_days) * 24.0)
    }
}

/// ATL-FED-003
pub(crate) fn role_hygiene(project: &ProjectView<'_>, limits: &RoleHygiene) -> Judgement {
    let access = project.cloud_provider_access.known()?;
    let list = project.section(Section::CloudProviderAccess);
    let mut seen = Gathered::new();
    let lists = [
        (&access.aws_iam_roles, "awsIamRoles"),
        (&access.azure_service_principals, "azureServicePrincipals"),
        (&access.gcp_service_accounts, "gcpServiceAccounts"),
    ];
    // One role of the other cloud may stand under two identifiers.
    let mut uses: BTreeMap<&str, BTreeSet<&FeatureType>> = BTreeMap::new();
    for role in lists.iter().filter_map(|(roles, _)| roles.as_ref()).flatten() {
        let features = role.feature_usages.iter().flatten().filter_map(|usage| usage.feature_type.as_ref());
        if let Some(principal) = role.principal() {
            uses.entry(principal).or_default().extend(features);
        }
    }
    for (roles, field) in lists {
        let Some(roles) = roles else {
            seen.unseen(Unknown::absent(field));
            continue;
        };
        for role in roles {
            seen.fine();
            let id = role.identifier().unwrap_or_default();
            let name = role.principal().unwrap_or(id);
            let at = list.child(id);
            // Which command helps depends on the case, and only AWS has commands.
            let offence = |message: String, case: &'static str| {
                let evidence = Evidence::at(&at, message).fact("name", name);
                if field == "awsIamRoles" { evidence.fact(case, id) } else { evidence }
            };
            // With Azure and GCP no date tells.
            let unauthorized = field == "awsIamRoles" && role.authorized_date.is_none();
            let usages = seen.see(role.feature_usages.required("featureUsages"));
            let unused = usages.is_some_and(Vec::is_empty);
            if unauthorized || unused {
                match limits.is_young(role, project.now) {
                    Ok(true) => {}
                    Ok(false) if unauthorized => {
                        let case = if unused { "unused-role" } else { "unfinished-role" };
                        seen.offence(offence(format!("{name} was never authorized"), case));
                    }
                    Ok(false) => seen.offence(offence(format!("nothing uses {name}"), "unused-role")),
                    Err(why) => seen.unseen(why),
                }
            }
            if let Some(usages) = usages {
                let own: BTreeSet<_> = usages.iter().filter_map(|usage| usage.feature_type.as_ref()).collect();
                if usages.iter().any(|usage| usage.feature_type.is_none()) {
                    seen.unseen(Unknown::absent("featureType"));
                }
                let all = role.principal().and_then(|principal| uses.get(principal)).unwrap_or(&own);
                judge_sharing(name, all, &offence, &mut seen);
            }
        }
    }
    seen.verdict("Atlas has no role in another cloud")
}

/// A role that reaches the keys should not also carry data out: who changes it for the one changes it for the other.
fn judge_sharing(
    name: &str,
    features: &BTreeSet<&FeatureType>,
    offence: &dyn Fn(String, &'static str) -> Evidence,
    seen: &mut Gathered,
) {
    if !features.contains(&FeatureType::EncryptionAtRest) {
        return;
    }
    let exports = features.iter().filter(|feature| {
        matches!(
            feature,
            FeatureType::ExportSnapshot
                | FeatureType::DataLake
                | FeatureType::PushBasedLogExport
                | FeatureType::LogIntegration
        )
    });
    let exports: Vec<_> = exports.map(|feature| feature.as_str()).collect();
    if !exports.is_empty() {
        let message = format!("{name} reaches the keys, and buckets as well ({})", exports.join(", "));
        seen.offence(offence(message, "shared-role"));
    }
    for feature in features {
        if let FeatureType::Other(text) = feature {
            seen.unseen(Unknown::not_understood("featureType", text));
        }
    }
}

/// Roles of a project by which people read documents in the console.
fn reads_documents(role: &str) -> bool {
    role == "GROUP_OWNER" || role.starts_with("GROUP_DATA_ACCESS_")
}

/// ATL-FED-006
pub(crate) fn console_data_access(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    if project.environment != Environment::Production {
        return Ok(Verdict::not_applicable(format!("the project is for {}", project.environment)));
    }
    let settings = project.settings.known()?;
    if !*settings.is_data_explorer_enabled.required("isDataExplorerEnabled")? {
        return Ok(Verdict::Pass);
    }
    let mut seen = Gathered::new();
    seen.fine();
    let mut holders = Vec::new();
    for user in project.project.users.known()? {
        let status = user.org_membership_status.as_ref();
        match (&user.roles, status) {
            (_, Some(MembershipStatus::Pending | MembershipStatus::Expired | MembershipStatus::Rejected)) => {}
            (None, _) => seen.unseen(Unknown::absent("roles")),
            (Some(roles), _) if !roles.iter().any(|role| reads_documents(role)) => {}
            (_, Some(MembershipStatus::Active)) => {
                holders.push(user.username.as_deref().or(user.id.as_deref()).unwrap_or_default());
            }
            (_, None) => seen.unseen(Unknown::absent("orgMembershipStatus")),
            (_, Some(MembershipStatus::Other(text))) => {
                seen.unseen(Unknown::not_understood("orgMembershipStatus", text));
            }
        }
    }
    if !holders.is_empty() {
        holders.sort_unstable();
        let (count, shown) = (holders.len(), holders[..holders.len().min(5)].join(", "));
        let people = if count == 1 { "1 person reads".to_owned() } else { format!("{count} people read") };
        let more = if count > 5 { ", …" } else { "" };
        let message = format!("{people} documents in Data Explorer, without a database login ({shown}{more})");
        let at = project.section(Section::ProjectSettings);
        seen.offence(Evidence::at(&at, message).field("/isDataExplorerEnabled"));
    }
    seen.verdict("")
}

/// ATL-FED-007
pub(crate) fn integration_endpoint(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    for integration in seen.see(project.integrations.known()).into_iter().flatten() {
        let at = project.item(Section::Integrations, &integration.key());
        let offence = |message: String, field: &'static str| Evidence::at(&at, message).field(field);
        match &integration.kind {
            Some(IntegrationType::Webhook) => {
                seen.fine();
                let url = seen.see(integration.url_origin.required("url"));
                if let Some(url) = url.filter(|url| is_in_the_clear(url, "url", &mut seen)) {
                    let message = format!("the webhook sends alerts to {url} unencrypted");
                    seen.offence(offence(message, "/urlOrigin").fact("name", "webhook"));
                }
                // Atlas leaves it out where there is none.
                if integration.has_secret != Some(true) {
                    let place = url.map(|url| format!(" at {url}")).unwrap_or_default();
                    let message = format!("the webhook{place} has no secret: anybody may send it alerts of their own");
                    seen.offence(offence(message, "/hasSecret").fact("name", "webhook"));
                }
            }
            Some(IntegrationType::Prometheus) => {
                seen.fine();
                if integration.scheme.as_deref() == Some("http") {
                    let message = "Prometheus reads metrics unencrypted";
                    seen.offence(offence(message.to_owned(), "/scheme").fact("name", "Prometheus"));
                }
            }
            Some(kind) => {
                if let Some(url) = &integration.custom_endpoint_origin {
                    seen.fine();
                    if is_in_the_clear(url, "customEndpoint", &mut seen) {
                        let message = format!("{kind} is sent metrics at {url} unencrypted");
                        seen.offence(offence(message, "/customEndpointOrigin").fact("name", kind.as_str()));
                    }
                }
            }
            None => seen.unseen(Unknown::absent("type")),
        }
    }
    for integration in seen.see(project.metric_integrations.known()).into_iter().flatten() {
        seen.fine();
        let Some(url) = seen.see(integration.endpoint_origin.required("endpoint")) else { continue };
        if is_in_the_clear(url, "endpoint", &mut seen) {
            let at = project.item(Section::MetricIntegrations, &integration.key());
            let message = format!("metrics are sent to {url} unencrypted");
            seen.offence(Evidence::at(&at, message).field("/endpointOrigin").fact("name", url.authority()));
        }
    }
    seen.verdict("the project tells no service of its own choice anything")
}

fn is_in_the_clear(url: &Origin, field: &'static str, seen: &mut Gathered) -> bool {
    let clear = url.is_clear_text();
    if clear.is_none() {
        seen.unseen(Unknown::not_understood(field, url.to_string()));
    }
    clear == Some(true)
}
