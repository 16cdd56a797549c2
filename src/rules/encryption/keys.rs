//! Keys of the customer's own: which clusters lack one, and what could take one away.
//!
//! Disks are encrypted whatever these rules say; what they judge is whose key it is.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::open_alerts;
use crate::engine::declared::Statement;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::rules::tagged;
use crate::snapshot::cluster::{Cluster, KeyProvider};
use crate::snapshot::encryption::EncryptionAtRest;
use crate::snapshot::tree::Node;
use crate::snapshot::values::CloudProvider;
use crate::snapshot::{Ref, Section};

pub(super) const NO_KEY: &str = "the project has no key of the customer's own";

/// What a project says of its key with one provider, whichever it is.
pub(super) struct OwnKey<'a> {
    pub(super) provider: KeyProvider,
    /// Its field in the answer.
    pub(super) field: &'static str,
    enabled: Option<bool>,
    valid: Option<bool>,
    /// The names of `enabled` and `valid`, for holes.
    names: [&'static str; 2],
    pub(super) settings: Settings<'a>,
}

impl<'a> OwnKey<'a> {
    /// As the provider identifies it.
    pub(super) fn id(&self) -> Option<&'a str> {
        match self.settings {
            Settings::Aws { id, .. } | Settings::Azure { id, .. } | Settings::Gcp { id, .. } => id,
        }
    }
}

/// The rest of it.
pub(super) enum Settings<'a> {
    Aws {
        id: Option<&'a str>,
        region: Option<&'a str>,
        role: Option<&'a str>,
        has_access_key: bool,
        private: Option<bool>,
    },
    Azure {
        id: Option<&'a str>,
        role: Option<&'a str>,
        private: Option<bool>,
    },
    Gcp {
        id: Option<&'a str>,
        role: Option<&'a str>,
    },
}

fn present(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The keys that a project has enabled; those of which that cannot be told are noted as unseen.
pub(super) fn enabled_keys<'a>(config: &'a EncryptionAtRest, seen: &mut Gathered) -> Vec<OwnKey<'a>> {
    let aws = config.aws_kms.as_ref();
    let azure = config.azure_key_vault.as_ref();
    let gcp = config.google_cloud_kms.as_ref();
    let all = [
        OwnKey {
            provider: KeyProvider::Aws,
            field: "/awsKms",
            enabled: aws.and_then(|key| key.enabled),
            valid: aws.and_then(|key| key.valid),
            names: ["awsKms.enabled", "awsKms.valid"],
            settings: Settings::Aws {
                id: aws.and_then(|key| present(key.customer_master_key_id.as_ref())),
                region: aws.and_then(|key| present(key.region.as_ref())),
                role: aws.and_then(|key| present(key.role_id.as_ref())),
                has_access_key: aws.and_then(|key| key.has_access_key_id) == Some(true),
                private: aws.and_then(|key| key.require_private_networking),
            },
        },
        OwnKey {
            provider: KeyProvider::Azure,
            field: "/azureKeyVault",
            enabled: azure.and_then(|key| key.enabled),
            valid: azure.and_then(|key| key.valid),
            names: ["azureKeyVault.enabled", "azureKeyVault.valid"],
            settings: Settings::Azure {
                id: azure.and_then(|key| present(key.key_identifier.as_ref())),
                role: azure.and_then(|key| present(key.role_id.as_ref())),
                private: azure.and_then(|key| key.require_private_networking),
            },
        },
        OwnKey {
            provider: KeyProvider::Gcp,
            field: "/googleCloudKms",
            enabled: gcp.and_then(|key| key.enabled),
            valid: gcp.and_then(|key| key.valid),
            names: ["googleCloudKms.enabled", "googleCloudKms.valid"],
            settings: Settings::Gcp {
                id: gcp.and_then(|key| present(key.key_version_resource_id.as_ref())),
                role: gcp.and_then(|key| present(key.role_id.as_ref())),
            },
        },
    ];
    let mut enabled = Vec::new();
    for key in all {
        match key.enabled {
            Some(true) => enabled.push(key),
            Some(false) => {}
            None => seen.unseen(Unknown::absent(key.names[0])),
        }
    }
    enabled
}

/// The clusters that a key encrypts, or might.
pub(super) fn encrypted_by<'a>(clusters: &'a [Cluster], provider: &KeyProvider) -> Vec<&'a Cluster> {
    let uses = |cluster: &&Cluster| match &cluster.encryption_at_rest_provider {
        Some(theirs) => theirs == provider,
        None => cluster.is_dedicated() != Some(false),
    };
    let exists = |cluster: &&Cluster| cluster.is_internal() != Some(true) && cluster.is_deleted() != Some(true);
    clusters.iter().filter(exists).filter(uses).collect()
}

fn names(clusters: &[&Cluster]) -> String {
    let names: BTreeSet<_> = clusters.iter().map(|cluster| cluster.name.as_deref().unwrap_or_default()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Whether the project says of every provider that it has no key there.
fn has_no_key(config: &EncryptionAtRest) -> bool {
    let mut seen = Gathered::new();
    enabled_keys(config, &mut seen).is_empty() && seen.verdict("").is_ok()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnKeyMissing {
    scope: Vec<String>,
}

/// ATL-ENC-002
pub(crate) fn own_key_missing(cluster: &ClusterView<'_>, limits: &OwnKeyMissing) -> Judgement {
    if cluster.is_dedicated() == Some(false) {
        return Ok(Verdict::not_applicable("shared clusters cannot have a key of the customer's own"));
    }
    let (of_project, of_cluster) = (cluster.project.tags.as_deref(), cluster.tags.as_deref());
    if !tagged::is_within(&limits.scope, of_project) && !tagged::is_within(&limits.scope, of_cluster) {
        return Ok(Verdict::not_applicable("no tag puts the project or the cluster in the scope of the rule"));
    }
    let field = "encryptionAtRestProvider";
    match cluster.encryption_at_rest_provider.required(field)? {
        KeyProvider::Aws | KeyProvider::Azure | KeyProvider::Gcp => return Ok(Verdict::Pass),
        KeyProvider::Other(text) => return Err(Unknown::not_understood(field, text)),
        KeyProvider::None => {}
    }
    if cluster.is_dedicated().is_none() {
        return Err(Unknown::absent("replicationSpecs"));
    }
    let (state, case) = match cluster.project.encryption_at_rest.known() {
        Err(_) => ("whether the project has one could not be read".to_owned(), None),
        Ok(config) => match enabled_keys(config, &mut Gathered::new()).as_slice() {
            [] if has_no_key(config) => {
                ("nor does the project".to_owned(), Some(("keyless-project", cluster.project.project.id.clone())))
            }
            [] => ("whether the project has one is not told".to_owned(), None),
            [one, ..] => (
                format!("the project has one with {}: only the cluster's own switch is missing", one.provider),
                Some(("key-provider", one.provider.to_string())),
            ),
        },
    };
    let name = cluster.name.clone().unwrap_or_default();
    let mut evidence = Evidence::at(cluster.at, format!("{name} has no key of the customer's own; {state}"))
        .field("/encryptionAtRestProvider")
        .fact("cluster", name);
    evidence.facts.extend(case);
    let regulated = tagged::says(of_project, "regulated");
    Ok(Verdict::of([if regulated { evidence.severity(Severity::High) } else { evidence }]))
}

/// ATL-ENC-003
pub(crate) fn own_key_invalid(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    if project.encryption_at_rest.known().is_ok_and(has_no_key) {
        return Ok(Verdict::not_applicable(NO_KEY));
    }
    let mut seen = Gathered::new();
    let keys = seen.see(project.encryption_at_rest.known()).map(|config| enabled_keys(config, &mut seen));
    // What cannot be read leaves the rule's own severity.
    let users = |provider: &KeyProvider| project.clusters.known().map(|clusters| encrypted_by(clusters, provider));
    let judged = |at: &Ref, what: String, providers: &[KeyProvider], alert: Option<&str>, seen: &mut Gathered| {
        let named = |evidence: Evidence| match alert {
            Some(kind) => evidence.fact("name", kind),
            None => evidence,
        };
        let mut used = Vec::new();
        for provider in providers {
            match users(provider) {
                Ok(clusters) => used.extend(clusters),
                Err(why) => {
                    seen.unseen(why);
                    let message = format!("{what}; which clusters need it could not be read");
                    return seen.offence(named(Evidence::at(at, message)));
                }
            }
        }
        seen.offence(named(if used.is_empty() {
            Evidence::at(at, format!("{what}; no cluster needs it")).severity(Severity::Medium)
        } else {
            Evidence::at(at, format!("{what}; {} will stop without it", names(&used)))
        }));
    };

    let at = project.section(Section::EncryptionAtRest);
    for key in keys.iter().flatten() {
        match key.valid {
            Some(true) => seen.fine(),
            Some(false) => {
                let what = format!("Atlas cannot use the key with {}", key.provider);
                judged(&at, what, std::slice::from_ref(&key.provider), None, &mut seen);
            }
            None => seen.unseen(Unknown::absent(key.names[1])),
        }
    }
    if let Some(alerts) = seen.see(project.open_alerts.known()) {
        for (alert, kind) in open_alerts(alerts, &mut seen) {
            let providers = match kind {
                "AWS_ENCRYPTION_KEY_INVALID" => &[KeyProvider::Aws][..],
                "AZURE_ENCRYPTION_KEY_INVALID" => &[KeyProvider::Azure],
                "GCP_ENCRYPTION_KEY_INVALID" => &[KeyProvider::Gcp],
                "ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID" => {
                    &[KeyProvider::Aws, KeyProvider::Azure, KeyProvider::Gcp]
                }
                "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED" => &[],
                _ => continue,
            };
            let at = project.item(Section::OpenAlerts, &alert.key());
            if providers.is_empty() {
                let message = format!("alert {kind} is open; processes run on and will not survive a restart");
                seen.offence(Evidence::at(&at, message).severity(Severity::High).fact("name", kind));
            } else {
                judged(&at, format!("alert {kind} is open"), providers, Some(kind), &mut seen);
            }
        }
    }
    seen.verdict("")
}

/// ATL-ENC-004
pub(crate) fn static_credentials(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let config = project.encryption_at_rest.known()?;
    let at = project.section(Section::EncryptionAtRest);
    let mut seen = Gathered::new();
    for key in enabled_keys(config, &mut seen) {
        let (message, field) = match key.settings {
            Settings::Aws { has_access_key: true, .. } => {
                ("Atlas reaches the key with AWS by a static access key", "/awsKms/hasAccessKeyId")
            }
            // Atlas may keep the role to itself: neither of the two says nothing.
            Settings::Aws { role: None, .. } => {
                seen.unseen(Unknown::absent("awsKms.roleId"));
                continue;
            }
            Settings::Azure { role: None, .. } => {
                ("Atlas reaches the key with AZURE by a client secret", "/azureKeyVault/roleId")
            }
            Settings::Gcp { role: None, .. } => {
                ("Atlas reaches the key with GCP by a service account's key", "/googleCloudKms/roleId")
            }
            Settings::Aws { role: Some(_), .. }
            | Settings::Azure { role: Some(_), .. }
            | Settings::Gcp { role: Some(_), .. } => {
                seen.fine();
                continue;
            }
        };
        seen.offence(Evidence::at(&at, message).field(field).fact("kms", key.field.trim_start_matches('/')));
    }
    seen.verdict(NO_KEY)
}

/// Where a key lives.
enum Home<'a> {
    /// In several regions.
    Many,
    /// In one: its name as the provider writes it.
    One(&'a str),
    /// The identifier does not tell.
    Untold,
}

/// A key of several regions has an id that starts with `mrk-`; an alias may stand for any key.
fn aws_home<'a>(id: &'a str, region: Option<&'a str>) -> Home<'a> {
    let of_arn = id.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2)).filter(|region| !region.is_empty());
    let resource = if id.starts_with("arn:") { id.rsplit(':').next().unwrap_or_default() } else { id };
    if resource.starts_with("alias/") {
        return Home::Untold;
    }
    let key = resource.strip_prefix("key/").unwrap_or(resource);
    if key.starts_with("mrk-") { Home::Many } else { Home::One(region.or(of_arn).unwrap_or_default()) }
}

/// The location of a key in one region.
pub(super) fn gcp_location(id: &str) -> Option<&str> {
    match gcp_home(id) {
        Home::One(location) => Some(location),
        Home::Many | Home::Untold => None,
    }
}

/// `global`, `europe`, `eur4` and `nam-eur-asia1` are several regions, `europe-west1` is one.
fn gcp_home(id: &str) -> Home<'_> {
    let mut parts = id.split('/').skip_while(|part| *part != "locations").skip(1);
    match parts.next().filter(|location| !location.is_empty()) {
        None => Home::Untold,
        // A single region is a place and a direction: one hyphen.
        Some(location) if location.matches('-').count() == 1 => Home::One(location),
        Some(_) => Home::Many,
    }
}

/// A region as Atlas writes it: `EU_WEST_1` for `eu-west-1`.
fn in_atlas_spelling(provider: &KeyProvider, region: &str) -> String {
    // Older regions of GCP have names of Atlas's own, <https://www.mongodb.com/docs/atlas/reference/google-gcp/>.
    let own = match (provider, region) {
        (KeyProvider::Gcp, "us-central1") => "CENTRAL_US",
        (KeyProvider::Gcp, "us-east1") => "EASTERN_US",
        (KeyProvider::Gcp, "us-west1") => "WESTERN_US",
        (KeyProvider::Gcp, "europe-west1") => "WESTERN_EUROPE",
        (KeyProvider::Gcp, "asia-east1") => "EASTERN_ASIA_PACIFIC",
        (KeyProvider::Gcp, "asia-northeast1") => "NORTHEASTERN_ASIA_PACIFIC",
        (KeyProvider::Gcp, "asia-southeast1") => "SOUTHEASTERN_ASIA_PACIFIC",
        (KeyProvider::Gcp, "northamerica-northeast1") => "NORTH_AMERICA_NORTHEAST_1",
        (KeyProvider::Gcp, "northamerica-northeast2") => "NORTH_AMERICA_NORTHEAST_2",
        (KeyProvider::Gcp, "southamerica-east1") => "SOUTH_AMERICA_EAST_1",
        (KeyProvider::Gcp, "southamerica-west1") => "SOUTH_AMERICA_WEST_1",
        (KeyProvider::Gcp, "me-west1") => "MIDDLE_EAST_WEST_1",
        (KeyProvider::Gcp, "me-central1") => "MIDDLE_EAST_CENTRAL_1",
        (KeyProvider::Gcp, "me-central2") => "MIDDLE_EAST_CENTRAL_2",
        _ => "",
    };
    if !own.is_empty() {
        return own.to_owned();
    }
    let mut spelled = String::new();
    for c in region.chars() {
        if c.is_ascii_digit() && spelled.ends_with(|last: char| last.is_ascii_uppercase()) {
            spelled.push('_');
        }
        spelled.push(if c == '-' { '_' } else { c.to_ascii_uppercase() });
    }
    spelled
}

/// ATL-ENC-005
pub(crate) fn single_region_key(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let config = project.encryption_at_rest.known()?;
    let at = project.section(Section::EncryptionAtRest);
    let mut seen = Gathered::new();
    for key in enabled_keys(config, &mut seen) {
        let (home, cloud, field) = match key.settings {
            Settings::Azure { .. } => {
                judge_attestation(&mut seen, project);
                continue;
            }
            Settings::Aws { id, region, .. } => {
                let home = id.map(|id| aws_home(id, region));
                (home, CloudProvider::Aws, "customerMasterKeyID")
            }
            Settings::Gcp { id, .. } => (id.map(gcp_home), CloudProvider::Gcp, "keyVersionResourceID"),
        };
        let region = match home {
            None => {
                seen.unseen(Unknown::absent(field));
                continue;
            }
            Some(Home::Untold) => {
                let what = format!("`{field}` does not tell the regions of the key with {}", key.provider);
                seen.unseen(Unknown::undecidable(what));
                continue;
            }
            Some(Home::Many) => {
                seen.fine();
                continue;
            }
            Some(Home::One(region)) => in_atlas_spelling(&key.provider, region),
        };
        let place = if region.is_empty() { "one region".to_owned() } else { format!("{region} alone") };
        let evidence = Evidence::at(&at, format!("the key with {} is in {place}", key.provider))
            .field(format!("{}/{field}", key.field));
        let stay_with_it = seen.see(project.clusters.known()).is_some_and(|clusters| {
            encrypted_by(clusters, &key.provider).iter().all(|cluster| match cluster.regions().as_deref() {
                Some([only]) => only.provider == cloud && only.region == region,
                _ => false,
            })
        });
        // They would fall with the region anyway.
        seen.offence(if stay_with_it { evidence.severity(Severity::Medium) } else { evidence });
    }
    seen.verdict(NO_KEY)
}

/// Atlas does not see where a vault in Azure is copied to.
fn judge_attestation(seen: &mut Gathered, project: &ProjectView<'_>) {
    let what = "whether the vault in AZURE is replicated to another region is not visible";
    seen.unseen(Unknown::undecidable(match project.attested("kms-key-replicated") {
        Statement::Live(stated) => return seen.attested(stated),
        Statement::Expired(ended) => format!("{what}; {} attested to it until {}", ended.owner, ended.expires),
        Statement::None => format!("{what}: state `kms-key-replicated`"),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_spelled_as_atlas_does() {
        let gcp = |region| in_atlas_spelling(&KeyProvider::Gcp, region);
        assert_eq!(in_atlas_spelling(&KeyProvider::Aws, "eu-west-1"), "EU_WEST_1");
        assert_eq!(in_atlas_spelling(&KeyProvider::Aws, "EU_WEST_1"), "EU_WEST_1");
        assert_eq!(gcp("europe-west12"), "EUROPE_WEST_12");
        for (own, atlas) in [
            ("us-central1", "CENTRAL_US"),
            ("us-east1", "EASTERN_US"),
            ("us-east4", "US_EAST_4"),
            ("us-west1", "WESTERN_US"),
            ("europe-west1", "WESTERN_EUROPE"),
            ("asia-east1", "EASTERN_ASIA_PACIFIC"),
            ("asia-northeast1", "NORTHEASTERN_ASIA_PACIFIC"),
            ("asia-southeast1", "SOUTHEASTERN_ASIA_PACIFIC"),
            ("northamerica-northeast1", "NORTH_AMERICA_NORTHEAST_1"),
            ("northamerica-northeast2", "NORTH_AMERICA_NORTHEAST_2"),
            ("southamerica-east1", "SOUTH_AMERICA_EAST_1"),
            ("southamerica-west1", "SOUTH_AMERICA_WEST_1"),
            ("me-west1", "MIDDLE_EAST_WEST_1"),
            ("me-central1", "MIDDLE_EAST_CENTRAL_1"),
            ("me-central2", "MIDDLE_EAST_CENTRAL_2"),
        ] {
            assert_eq!(gcp(own), atlas, "{own}");
        }
    }

    #[test]
    fn keys_in_aws_are_named_in_many_ways() {
        let home = |id| match aws_home(id, None) {
            Home::Many => "many".to_owned(),
            Home::One(region) => format!("one {region}"),
            Home::Untold => "untold".to_owned(),
        };
        assert_eq!(home("mrk-1234"), "many");
        assert_eq!(home("arn:aws:kms:eu-west-1:111122223333:key/mrk-1234"), "many");
        assert_eq!(home("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234"), "one us-gov-west-1");
        assert_eq!(home("1234"), "one ");
        assert_eq!(home("alias/atlas"), "untold");
        assert_eq!(home("arn:aws:kms:eu-west-1:111122223333:alias/mrk-atlas"), "untold");
    }
}
