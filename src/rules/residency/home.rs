//! Where the data of a project or cluster may live, by all that is declared about it.

use crate::engine::declared::{Residency, names_project};
use crate::engine::verdict::Unknown;
use crate::engine::view::ProjectView;
use crate::rules::tagged;
use crate::snapshot::cluster::Cluster;
use crate::snapshot::topology::RegionUse;
use crate::snapshot::values::{CloudProvider, Tag};

use crate::analysis::data_regions::region_of_data;
use crate::analysis::regions::same_region;

/// Everything that is declared about one place; never empty. Data must be where all of it allows.
pub(crate) struct Home<'a> {
    declared: Vec<&'a Residency>,
}

impl<'a> Home<'a> {
    /// By the project's name and tags, and the tags of something in it; nothing if nobody says where its data may live.
    pub(crate) fn of(project: &ProjectView<'a>, tags: Option<&[Tag]>) -> Option<Self> {
        let named = |one: &&Residency| {
            let by_tag = |word: &String| tagged::says(project.tags.as_deref(), word) || tagged::says(tags, word);
            one.tag.as_ref().is_some_and(by_tag)
                || names_project(&one.projects, &project.project.id, project.project.name.as_deref())
        };
        let declared: Vec<_> = project.declared.residency.iter().filter(named).collect();
        if declared.is_empty() { None } else { Some(Self { declared }) }
    }

    /// What keeps data out of a region, if anything does: `gdpr`.
    pub(crate) fn refuses(&self, provider: &CloudProvider, region: &str) -> Option<String> {
        let elsewhere = |one: &&&Residency| !one.regions.iter().any(|own| same_region(provider, own, region));
        self.declared.iter().find(elsewhere).map(|one| label(one))
    }

    /// The same of the regions in which Atlas processes data, which have names of their own.
    pub(crate) fn refuses_processing(&self, provider: &CloudProvider, region: &str) -> Result<Option<String>, Unknown> {
        for one in &self.declared {
            if one.regions.iter().any(|own| own.eq_ignore_ascii_case(region)) {
                continue;
            }
            let cloud = region_of_data(provider, region).ok_or_else(|| Unknown::not_understood("region", region))?;
            if !one.regions.iter().any(|own| same_region(provider, own, cloud)) {
                return Ok(Some(label(one)));
            }
        }
        Ok(None)
    }

    /// The same of a geography, such as `EU`.
    pub(crate) fn refuses_geography(&self, geography: &str) -> Result<Option<String>, Unknown> {
        for one in &self.declared {
            if one.geographies.is_empty() {
                let what = format!("no geography is declared for {}, and {geography} is no region", label(one));
                return Err(Unknown::undecidable(what));
            }
            if !one.geographies.iter().any(|own| own.eq_ignore_ascii_case(geography)) {
                return Ok(Some(label(one)));
            }
        }
        Ok(None)
    }

    /// Whether there is an allowed region beyond these.
    pub(crate) fn has_room_beyond(&self, own: &[RegionUse]) -> bool {
        let taken = |region: &str| own.iter().any(|used| same_region(&used.provider, &used.region, region));
        let everywhere = |region: &str| {
            let spelled = |one: &&Residency| one.regions.iter().any(|other| same_anywhere(other, region));
            self.declared.iter().all(spelled)
        };
        self.declared.iter().flat_map(|one| &one.regions).any(|region| everywhere(region) && !taken(region))
    }
}

/// Whether two names mean one region of some provider.
fn same_anywhere(one: &str, other: &str) -> bool {
    [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp]
        .iter()
        .any(|provider| same_region(provider, one, other))
}

/// `gdpr`, or the project that is named.
fn label(one: &Residency) -> String {
    let named = || one.projects.first().map(|pattern| pattern.as_str().to_owned());
    one.tag.clone().or_else(named).unwrap_or_default()
}

/// The regions that a cluster names, whether or not it names all of them.
pub(crate) fn regions_of(cluster: &Cluster) -> (Vec<(CloudProvider, String)>, bool) {
    if let Some(regions) = cluster.regions() {
        return (regions.into_iter().map(|used| (used.provider, used.region)).collect(), true);
    }
    let specs = cluster.replication_specs.iter().chain(&cluster.effective_replication_specs).flatten();
    let configs = specs.flat_map(|spec| spec.region_configs.iter().flatten());
    let mut named: Vec<_> =
        configs.filter_map(|config| Some((config.provider()?.clone(), config.region_name.clone()?))).collect();
    named.sort();
    named.dedup();
    (named, false)
}
