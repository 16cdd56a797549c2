//! What a cluster runs on, and where.
//!
//! Whatever Atlas did not say stays unsaid: each answer here has a way to be nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Cluster, HardwareSpec, RegionConfig, ReplicationSpec};
use super::values::CloudProvider;

/// What a cluster runs on, which decides what Atlas offers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// M0.
    Free,
    /// Flex, and M2 and M5 which became Flex.
    Flex,
    /// A serverless instance.
    Serverless,
    /// M10 and above.
    Dedicated,
    /// Atlas did not say, or said something new.
    Unknown,
}

/// A region that holds a cluster's data, and which kinds of nodes are there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegionUse {
    /// Whose machines.
    pub provider: CloudProvider,
    /// In Atlas's own spelling: `EU_WEST_1`.
    pub region: String,
    /// Nodes that vote.
    pub electable: bool,
    /// Nodes that only copy.
    pub read_only: bool,
    /// Nodes for analytics.
    pub analytics: bool,
}

impl Cluster {
    fn region_configs(&self) -> Option<Vec<&RegionConfig>> {
        configs(self.replication_specs.as_ref())
    }

    /// What it runs on. Shards and regions of one cluster never differ in that; if they seem to, it is unknown.
    #[must_use]
    pub fn tier(&self) -> Tier {
        let tiers: BTreeSet<_> = self.region_configs().into_iter().flatten().map(RegionConfig::tier).collect();
        match tiers.first() {
            Some(tier) if tiers.len() == 1 => *tier,
            _ => Tier::Unknown,
        }
    }

    /// Whether it runs on shared machines (M0, and the M2 and M5 of old); nothing if Atlas did not say.
    #[must_use]
    pub fn is_tenant(&self) -> Option<bool> {
        let configs = self.region_configs()?;
        let providers: Option<Vec<_>> = configs.iter().map(|config| config.provider_name.as_ref()).collect();
        Some(providers?.contains(&&CloudProvider::Tenant))
    }

    /// Whether it has machines of its own (M10 and above); nothing if Atlas did not say.
    #[must_use]
    pub fn is_dedicated(&self) -> Option<bool> {
        match self.tier() {
            Tier::Dedicated => Some(true),
            Tier::Free | Tier::Flex | Tier::Serverless => Some(false),
            Tier::Unknown => self.is_tenant().filter(|tenant| *tenant).map(|_| false),
        }
    }

    /// The regions that hold its data, each once, sorted; nothing if any of them is not named.
    ///
    /// A kind of nodes counts as present unless Atlas says that there are none: copies must not be overlooked.
    #[must_use]
    pub fn regions(&self) -> Option<Vec<RegionUse>> {
        // Names of regions may be missing from what was asked for, and stand only in what is.
        regions_of(&self.region_configs()?).or_else(|| regions_of(&configs(self.effective_replication_specs.as_ref())?))
    }

    /// The providers whose machines hold its data; nothing if any of them is not named.
    #[must_use]
    pub fn providers(&self) -> Option<BTreeSet<CloudProvider>> {
        Some(self.regions()?.into_iter().map(|region| region.provider).collect())
    }
}

/// The regions of all shards; nothing if Atlas did not say all of it.
fn configs(specs: Option<&Vec<ReplicationSpec>>) -> Option<Vec<&RegionConfig>> {
    let mut all = Vec::new();
    for spec in specs? {
        all.extend(spec.region_configs.as_ref()?);
    }
    Some(all).filter(|configs| !configs.is_empty())
}

/// The regions that these name, each once, sorted; nothing if any is not named.
fn regions_of(configs: &[&RegionConfig]) -> Option<Vec<RegionUse>> {
    let mut found: BTreeMap<(CloudProvider, String), [bool; 3]> = BTreeMap::new();
    for config in configs {
        let present = [&config.electable_specs, &config.read_only_specs, &config.analytics_specs]
            .map(|spec| spec.as_ref().is_some_and(|spec| spec.node_count != Some(0)));
        let silent =
            config.electable_specs.is_none() && config.read_only_specs.is_none() && config.analytics_specs.is_none();
        if !silent && !present.contains(&true) {
            continue;
        }
        let at = (config.provider()?.clone(), config.region_name.clone()?);
        let kinds = found.entry(at).or_default();
        for (kind, present) in kinds.iter_mut().zip(present) {
            *kind |= present;
        }
    }
    let found = found.into_iter();
    Some(
        found
            .map(|((provider, region), [electable, read_only, analytics])| RegionUse {
                provider,
                region,
                electable,
                read_only,
                analytics,
            })
            .collect(),
    )
}

impl RegionConfig {
    /// The provider whose machines these are, also of shared ones.
    #[must_use]
    pub fn provider(&self) -> Option<&CloudProvider> {
        match self.provider_name.as_ref()? {
            provider @ (CloudProvider::Aws | CloudProvider::Azure | CloudProvider::Gcp) => Some(provider),
            CloudProvider::Tenant | CloudProvider::Other(_) => self.backing_provider_name.as_ref(),
        }
    }

    fn tier(&self) -> Tier {
        let Some(provider) = &self.provider_name else { return Tier::Unknown };
        match provider.as_str() {
            "AWS" | "AZURE" | "GCP" => Tier::Dedicated,
            "FLEX" => Tier::Flex,
            "SERVERLESS" => Tier::Serverless,
            "TENANT" => match self.electable_specs.as_ref().and_then(HardwareSpec::size) {
                Some("M0") => Tier::Free,
                // M2 and M5 run on as Flex.
                Some("M2" | "M5" | "FLEX") => Tier::Flex,
                _ => Tier::Unknown,
            },
            _ => Tier::Unknown,
        }
    }
}

impl HardwareSpec {
    fn size(&self) -> Option<&str> {
        self.effective_instance_size.as_deref().or(self.instance_size.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(regions: &str) -> Cluster {
        serde_json::from_str(&format!(r#"{{"replicationSpecs":[{{"regionConfigs":[{regions}]}}]}}"#)).unwrap()
    }

    fn tier(regions: &str) -> (Tier, Option<bool>, Option<bool>) {
        let cluster = cluster(regions);
        (cluster.tier(), cluster.is_tenant(), cluster.is_dedicated())
    }

    #[test]
    fn the_tier_follows_from_provider_and_size() {
        let m0 = r#"{"providerName":"TENANT","electableSpecs":{"instanceSize":"M0","effectiveInstanceSize":"M0"}}"#;
        let m2 = r#"{"providerName":"TENANT","electableSpecs":{"instanceSize":"M2","effectiveInstanceSize":"FLEX"}}"#;
        assert_eq!(tier(m0), (Tier::Free, Some(true), Some(false)));
        assert_eq!(tier(m2), (Tier::Flex, Some(true), Some(false)));
        assert_eq!(tier(r#"{"providerName":"AWS"}"#), (Tier::Dedicated, Some(false), Some(true)));
        assert_eq!(tier(r#"{"providerName":"FLEX"}"#), (Tier::Flex, Some(false), Some(false)));
    }

    #[test]
    fn what_atlas_did_not_say_is_not_guessed() {
        assert_eq!(tier(r#"{"providerName":"TENANT"}"#), (Tier::Unknown, Some(true), Some(false)));
        assert_eq!(tier(r#"{"providerName":"HOMELAB"}"#), (Tier::Unknown, Some(false), None));
        assert_eq!(tier(r#"{"regionName":"EU_WEST_1"}"#), (Tier::Unknown, None, None));
        assert_eq!(tier(""), (Tier::Unknown, None, None));
        let nothing = Cluster::default();
        assert_eq!((nothing.tier(), nothing.regions(), nothing.providers()), (Tier::Unknown, None, None));
        assert_eq!((nothing.is_internal(), nothing.is_deleted(), nothing.is_sharded()), (None, None, None));
    }

    #[test]
    fn a_region_stands_once_with_all_its_kinds_of_nodes() {
        let shard = r#"{"providerName":"AWS","regionName":"EU_WEST_1","electableSpecs":{"nodeCount":3},
            "readOnlySpecs":{"nodeCount":0},"analyticsSpecs":{"nodeCount":0}},
            {"providerName":"AWS","regionName":"EU_WEST_1","analyticsSpecs":{"nodeCount":1}},
            {"providerName":"GCP","regionName":"EUROPE_WEST_1","readOnlySpecs":{"nodeCount":2}},
            {"providerName":"AZURE","regionName":"GONE","electableSpecs":{"nodeCount":0}}"#;
        let region = |provider, name: &str, electable, read_only, analytics| RegionUse {
            provider,
            region: name.to_owned(),
            electable,
            read_only,
            analytics,
        };
        let expected = [
            region(CloudProvider::Aws, "EU_WEST_1", true, false, true),
            region(CloudProvider::Gcp, "EUROPE_WEST_1", false, true, false),
        ];
        assert_eq!(cluster(shard).regions().unwrap(), expected);
        assert_eq!(cluster(shard).providers().unwrap(), [CloudProvider::Aws, CloudProvider::Gcp].into());
    }

    #[test]
    fn shared_machines_are_where_their_backing_provider_is() {
        let m0 = r#"{"providerName":"TENANT","backingProviderName":"AZURE","regionName":"EUROPE_NORTH","electableSpecs":{}}"#;
        let regions = cluster(m0).regions().unwrap();
        assert_eq!((&regions[0].provider, regions[0].electable), (&CloudProvider::Azure, true));
    }

    #[test]
    fn one_region_without_a_name_makes_all_of_them_unknown() {
        let half = r#"{"providerName":"AWS","regionName":"EU_WEST_1"},{"providerName":"AWS"}"#;
        assert_eq!(cluster(half).regions(), None);
        assert_eq!(cluster(r#"{"regionName":"EU_WEST_1"}"#).regions(), None);
        let mut cluster = cluster(half);
        cluster.effective_replication_specs =
            serde_json::from_str(r#"[{"regionConfigs":[{"providerName":"AWS","regionName":"EU_WEST_2"}]}]"#).unwrap();
        assert_eq!(cluster.regions().unwrap()[0].region, "EU_WEST_2", "what is tells what was asked for");
    }
}
