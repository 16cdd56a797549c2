//! The exposure map: from where each project's clusters can be reached.

use serde::Serialize;

use crate::analysis::exposure::{Exposure, Reach};
use crate::report::exposure::{addresses, said_of_cluster, said_of_entry};
use crate::snapshot::Project;

use super::access::Ranked;
use super::shown;

/// Lines that one part of a project takes.
const MOST_LINES: usize = 25;

/// A project on the map.
#[derive(Debug, Serialize)]
pub(super) struct Exposed {
    id: String,
    name: String,
    /// As [`REACHES`] names it.
    reach: &'static str,
    /// How many public addresses, in words.
    admits: Option<String>,
    /// The logarithm of how many IPv4 addresses, between 0 and 32.
    width: f64,
    /// Entries of the access list, and what is said of each.
    entries: Option<Lines>,
    /// Clusters, and their private endpoints by region.
    clusters: Option<Lines>,
    /// Peerings.
    peerings: Lines,
    /// What could not be read or understood.
    unread: Vec<String>,
    /// Whether there may be more ways in than are told.
    incomplete: bool,
}

/// The first of them, and how many there are.
#[derive(Debug, Default, Serialize)]
pub(super) struct Lines {
    all: usize,
    lines: Vec<(String, String)>,
}

impl Lines {
    fn of<T>(items: &[T], said: impl Fn(&T) -> (String, String)) -> Self {
        let tidy = |(key, said): (String, String)| (shown(&key).into_owned(), shown(&said).into_owned());
        Self { all: items.len(), lines: items.iter().take(MOST_LINES).map(|item| tidy(said(item))).collect() }
    }
}

/// The most exposed first. What is not known stands right after what is public.
pub(super) const REACHES: [Reach; 5] = [Reach::Open, Reach::Public, Reach::Unknown, Reach::PrivateOnly, Reach::Closed];

pub(super) fn rank(reach: Reach) -> usize {
    REACHES.iter().position(|one| *one == reach).unwrap_or(REACHES.len())
}

impl Exposed {
    pub(super) fn of(project: &Project, exposure: &Exposure) -> Self {
        let private = &exposure.private;
        let list = exposure.access_list.as_ref().ok();
        let mut unread: Vec<String> =
            exposure.unread.iter().map(|(section, _, why)| shown(&format!("{section}: {why}")).into_owned()).collect();
        unread.truncate(MOST_LINES);
        let peerings = Lines::of(&private.peerings, |peering| {
            let network = peering.network.as_deref().unwrap_or("an unnamed network");
            let status = peering.status.as_deref().unwrap_or("of an unnamed state");
            (peering.id.clone(), format!("{} {network}: {status}", peering.provider))
        });
        Self {
            id: project.id.clone(),
            name: shown(project.name.as_deref().unwrap_or(&project.id)).into_owned(),
            reach: exposure.reach.as_str(),
            admits: list.and_then(|list| addresses(&list.public)),
            width: list.map_or(0.0, |list| width(list.public.ipv4_addresses())),
            entries: list.map(|list| Lines::of(&list.entries, |entry| (entry.key.clone(), said_of_entry(entry)))),
            clusters: private.clusters.as_ref().ok().map(|clusters| {
                Lines::of(clusters, |cluster| (cluster.name.clone(), said_of_cluster(cluster, private)))
            }),
            peerings,
            unread,
            incomplete: exposure.incomplete(),
        }
    }
}

/// One address must show, and sixteen not look like a whole provider: 0 to 32, in steps that can be told apart.
fn width(addresses: u64) -> f64 {
    let bits = u64::BITS - addresses.leading_zeros();
    f64::from(bits.min(33)) * 32.0 / 33.0
}

impl Ranked for Exposed {
    fn rank(&self) -> usize {
        REACHES.iter().position(|reach| reach.as_str() == self.reach).unwrap_or(REACHES.len())
    }
}
