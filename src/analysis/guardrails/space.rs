//! The requests that have to be asked: for every variable that policies look at, enough values to tell all cases apart.
//!
//! A policy can ask of a set only whether it holds these or those constants, and nothing at all of an element that no
//! policy names. So a set stands for all that hold none, some or all of each group of constants that no policy tells
//! apart; numbers need each constant and its neighbours. What follows for these holds for all.

use std::collections::{BTreeMap, BTreeSet};

use super::reads::Reads;
use super::request::{Facts, Topology, WILDCARD_IPV4, WILDCARD_IPV6, normalised};
use super::vocabulary::{Action, Kind, PROVIDERS, Variable, could_exist};

/// A value of a variable.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Set(BTreeSet<String>),
    Suites(Option<BTreeSet<String>>),
    Word(&'static str),
    Text(String),
    Tier(Option<(i64, i64)>),
    Size(Option<i64>),
    Count(i64),
    Flag(bool),
    Topology(Topology),
}

/// The values of a variable; the harmless one first.
#[derive(Debug)]
pub(super) struct Domain {
    pub(super) values: Vec<Value>,
    /// So many of them are such that Atlas could ask; the rest only show that a policy can match at all.
    pub(super) real: usize,
    /// There were too many to tell all cases apart.
    pub(super) cut: bool,
    /// Elements that stand for everything no policy names.
    pub(super) new: Vec<String>,
}

/// Regions that a guard tells from the others, whether policies do or not.
pub(super) struct Apart<'a> {
    /// Whether a region is one of them.
    pub(super) is_in: &'a dyn Fn(&str) -> bool,
    /// Those of them that are spelled as policies spell regions.
    pub(super) listed: &'a [String],
}

/// More values than this are not looked at.
const MOST_VALUES: usize = 16_384;

/// Both halves of the address space, which together are all of it.
pub(super) const HALVES: [&str; 2] = ["0.0.0.0/1", "128.0.0.0/1"];
/// Sizes of the general class.
pub(super) const SIZES: [i64; 14] = [10, 20, 30, 40, 50, 60, 80, 100, 140, 200, 300, 400, 600, 700];
/// What an access list entry is that no policy names, and so on.
const NEW_ADDRESS: &str = "203.0.113.7/32";
const NEW_PEERING: &str = "aws:000000000000:vpc-00000000000000000:192.0.2.0/24";
const NEW_ENDPOINT: &str = "aws:vpce-00000000000000000";
/// Real ones, of which the first that no policy names is taken.
const REGIONS: [(&str, &[&str]); 3] = [
    ("aws", &["eu-west-1", "eu-central-1", "us-east-2", "ap-south-1", "sa-east-1", "ca-central-1", "me-south-1"]),
    ("azure", &["norwayeast", "westeurope", "eastus2", "japaneast", "brazilsouth", "uksouth", "koreacentral"]),
    ("gcp", &["europe-west3", "us-central1", "asia-east1", "australia-southeast1", "us-west2", "europe-north1"]),
];
pub(super) const SUITES: [&str; 3] =
    ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
pub(super) const GEOGRAPHIES: [&str; 3] = ["eu", "us", "ap"];

/// The domains of all variables of an action.
///
/// Regions of `apart` have to be told from the others although no policy does that.
pub(super) fn domains(action: Action, reads: &[&Reads], apart: Option<&Apart<'_>>) -> BTreeMap<Variable, Domain> {
    let domain = |variable: &Variable| match variable {
        Variable::Placement => (*variable, placement(action, reads, apart)),
        _ => (*variable, domain(*variable, reads)),
    };
    variables(action).iter().map(domain).collect()
}

/// What a request of an action consists of.
pub(super) const fn variables(action: Action) -> &'static [Variable] {
    match action {
        Action::Cluster => &[
            Variable::Placement,
            Variable::Tls,
            Variable::Cipher,
            Variable::Tier,
            Variable::Disk,
            Variable::Topology,
            Variable::CustomerKey,
            Variable::ClusterCount,
            Variable::Auditing,
            Variable::Indexes,
        ],
        Action::SearchIndex => &[Variable::Placement, Variable::DedicatedNodes, Variable::AutoEmbed],
        Action::SearchDeployment => &[Variable::Placement, Variable::CustomerKey, Variable::Indexes],
        Action::AccessList => &[Variable::AccessList],
        Action::MaintenanceWindow => &[Variable::Window],
        Action::Peering => &[Variable::Peerings],
        Action::PrivateEndpoint => &[Variable::Endpoints],
        Action::ModelApi => &[Variable::Geography],
        Action::Rerank => &[Variable::Rerank],
    }
}

fn domain(variable: Variable, reads: &[&Reads]) -> Domain {
    let numbers: BTreeSet<i64> = reads
        .iter()
        .filter(|reads| reads.variables.contains(&variable))
        .flat_map(|reads| reads.numbers.iter().copied())
        .flat_map(|number| [number.saturating_sub(1), number, number.saturating_add(1)])
        .collect();
    let flags = |first: bool| whole(vec![Value::Flag(first), Value::Flag(!first)]);
    match variable {
        Variable::Tls => whole(["tls1_2", "tls1_3", "tls1_1", "tls1_0"].map(Value::Word).to_vec()),
        Variable::Cipher => suites(reads),
        Variable::Tier => tier(&numbers),
        Variable::Disk => {
            let sizes = [100, 10, 16_384].into_iter().chain(numbers).filter(|size| *size > 0);
            whole(distinct(sizes.map(Some).chain([None])).into_iter().map(Value::Size).collect())
        }
        Variable::ClusterCount => {
            let counts = [1, 1_000].into_iter().chain(numbers).filter(|count| *count > 0);
            whole(distinct(counts).into_iter().map(Value::Count).collect())
        }
        Variable::Topology => topology(&numbers),
        Variable::CustomerKey | Variable::Auditing | Variable::Window | Variable::DedicatedNodes => flags(true),
        Variable::Indexes | Variable::AutoEmbed | Variable::Rerank => flags(false),
        Variable::AccessList => access_list(reads),
        Variable::Peerings => named_and_new(reads, NEW_PEERING),
        Variable::Endpoints => named_and_new(reads, NEW_ENDPOINT),
        Variable::Geography => {
            let named = reads.iter().flat_map(|reads| reads.of_kind(Kind::Geography)).flatten().cloned();
            let known = GEOGRAPHIES.map(str::to_owned);
            whole(distinct(known.into_iter().chain(named)).into_iter().map(Value::Text).collect())
        }
        Variable::Placement | Variable::Target => whole(Vec::new()),
    }
}

fn whole(values: Vec<Value>) -> Domain {
    Domain { real: values.len(), values, cut: false, new: Vec::new() }
}

/// The first of each, in the order given.
fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    values.into_iter().fold(Vec::new(), |mut seen, value| {
        if !seen.contains(&value) {
            seen.push(value);
        }
        seen
    })
}

/// The constants of a kind, in groups that no policy tells apart.
pub(super) fn groups<'r>(constants: impl Iterator<Item = &'r BTreeSet<String>>, more: &[&str]) -> Vec<Vec<String>> {
    let mut signatures: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let singles = more.iter().map(|one| BTreeSet::from([(*one).to_owned()]));
    let all: Vec<BTreeSet<String>> = constants.cloned().chain(singles).collect();
    for (index, set) in all.iter().enumerate() {
        for constant in set {
            signatures.entry(constant.clone()).or_default().push(index);
        }
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
    for (constant, signature) in signatures {
        groups.entry(signature).or_default().push(constant);
    }
    groups.into_values().collect()
}

/// The sets that hold none, one or all of each group: all that policies can tell apart.
fn sets(groups: &[Vec<String>]) -> (Vec<BTreeSet<String>>, bool) {
    let states: usize = groups
        .iter()
        .map(|group| if group.len() > 1 { 3 } else { 2 })
        .try_fold(1_usize, usize::checked_mul)
        .unwrap_or(usize::MAX);
    if states > MOST_VALUES {
        // What passes can still be found among the small ones; what is denied cannot be shown.
        let ones: Vec<&String> = groups.iter().filter_map(|group| group.first()).collect();
        let pairs =
            ones.iter().flat_map(|one| ones.iter().map(|other| BTreeSet::from([(*one).clone(), (*other).clone()])));
        let wholes = groups.iter().map(|group| group.iter().cloned().collect());
        let some = std::iter::once(BTreeSet::new()).chain(pairs).chain(wholes).take(MOST_VALUES).collect();
        return (some, true);
    }
    let mut all = vec![BTreeSet::new()];
    for group in groups {
        let mut more = Vec::new();
        for set in &all {
            let with = |members: &[String]| set.iter().chain(members).cloned().collect::<BTreeSet<_>>();
            more.push(with(&group[..1]));
            if group.len() > 1 {
                more.push(with(group));
            }
        }
        all.extend(more);
    }
    // Small ones first: they make the examples that people understand.
    all.sort_by_key(BTreeSet::len);
    (all, false)
}

/// Puts the set of this one element first.
fn first_of(element: &str, sets: &mut Vec<BTreeSet<String>>) {
    // And where two elements are needed, the other one is harmless.
    sets.sort_by_key(|set| (set.len(), !set.contains(element)));
    let first = BTreeSet::from([element.to_owned()]);
    sets.retain(|set| *set != first);
    sets.insert(0, first);
}

fn access_list(reads: &[&Reads]) -> Domain {
    let named = reads.iter().flat_map(|reads| reads.of_kind(Kind::Address));
    // Constants that no list can hold are of no use: Atlas turns 10.0.0.0/0 into 0.0.0.0/0.
    let named: Vec<BTreeSet<String>> =
        named.map(|set| set.iter().filter(|entry| normalised(entry) == **entry).cloned().collect()).collect();
    let [low, high] = HALVES;
    let new = new_text(&named, NEW_ADDRESS, |n| format!("203.0.113.{n}/32"));
    let groups = groups(named.iter(), &[WILDCARD_IPV4, WILDCARD_IPV6, low, high, &new]);
    let (mut sets, cut) = sets(&groups);
    first_of(&new, &mut sets);
    Domain { cut, new: vec![new], ..whole(sets.into_iter().map(Value::Set).collect()) }
}

/// Something of which no policy speaks.
fn new_text(named: &[BTreeSet<String>], first: &str, next: impl Fn(u32) -> String) -> String {
    let taken = |text: &String| named.iter().any(|set| set.contains(text));
    // There are more of these than any policy names.
    std::iter::once(first.to_owned()).chain((8..=u32::MAX).map(next)).find(|text| !taken(text)).unwrap_or_default()
}

fn named_and_new(reads: &[&Reads], new: &str) -> Domain {
    let named: Vec<BTreeSet<String>> = reads.iter().flat_map(|reads| reads.of_kind(Kind::Text)).cloned().collect();
    let new = new_text(&named, new, |n| format!("{new}{n}"));
    let (sets, cut) = sets(&groups(named.iter(), &[&new]));
    Domain { cut, new: vec![new], ..whole(sets.into_iter().map(Value::Set).collect()) }
}

fn placement(action: Action, reads: &[&Reads], apart: Option<&Apart<'_>>) -> Domain {
    let named = reads.iter().flat_map(|reads| reads.of_kind(Kind::Region));
    let mut named: Vec<BTreeSet<String>> =
        named.map(|set| set.iter().filter(|region| could_exist(Kind::Region, region)).cloned().collect()).collect();
    let is_named = |region: &String| named.iter().any(|set| set.contains(region));
    let is_apart = |region: &String| apart.is_some_and(|apart| (apart.is_in)(region));
    let known = |provider: &'static str| {
        let regions = REGIONS.iter().find(|(of, _)| *of == provider).map_or(&[][..], |(_, regions)| *regions);
        regions.iter().map(move |region| format!("{provider}:{region}"))
    };
    let new = PROVIDERS.map(|provider| {
        let neither = |region: &String| !is_named(region) && !is_apart(region);
        known(provider).find(neither).unwrap_or_else(|| format!("{provider}:another-region-1"))
    });
    if let Some(apart) = apart {
        // Of each provider one that is apart and that no policy names.
        let one = |provider: &'static str| {
            let of_provider = |region: &String| region.split_once(':').is_some_and(|(of, _)| of == provider);
            let listed = apart.listed.iter().filter(|region| of_provider(region)).cloned();
            listed.chain(known(provider)).find(|region| !is_named(region) && is_apart(region))
        };
        let unnamed: BTreeSet<String> = PROVIDERS.into_iter().filter_map(one).collect();
        let among = named.iter().flatten().filter(|region| is_apart(region)).cloned().collect();
        named.extend([among, unnamed]);
    }
    // One provider or another is told apart as one region or another is.
    let of_provider = |provider: &str| -> BTreeSet<String> {
        named.iter().flatten().filter(|region| region.split(':').next() == Some(provider)).cloned().collect()
    };
    let constants: Vec<BTreeSet<String>> = named.iter().cloned().chain(PROVIDERS.map(of_provider)).collect();
    let (mut sets, cut) = sets(&groups(constants.iter(), &new.each_ref().map(String::as_str)));
    if action != Action::SearchDeployment {
        // An empty set is a cluster being deleted, which is another matter than what it is made of.
        sets.retain(|set| !set.is_empty());
    }
    first_of(&new[0], &mut sets);
    Domain { cut, new: new.to_vec(), ..whole(sets.into_iter().map(Value::Set).collect()) }
}

fn suites(reads: &[&Reads]) -> Domain {
    let named: Vec<&BTreeSet<String>> = reads.iter().flat_map(|reads| reads.of_kind(Kind::Suite)).collect();
    let (sets, cut) = sets(&groups(named.into_iter(), &SUITES));
    let custom = sets.into_iter().filter(|set| !set.is_empty()).map(Some);
    Domain { cut, ..whole(std::iter::once(None).chain(custom).map(Value::Suites).collect()) }
}

fn tier(numbers: &BTreeSet<i64>) -> Domain {
    let pairs = |sizes: &[i64]| -> Vec<Option<(i64, i64)>> {
        let from = |min: &i64| sizes.iter().filter(|max| *max >= min).map(|max| Some((*min, *max))).collect::<Vec<_>>();
        sizes.iter().flat_map(from).collect()
    };
    let real = distinct([Some((30, 30)), None].into_iter().chain(pairs(&SIZES)));
    let mut values = real.clone();
    // How free clusters appear is not published: perhaps as 0. And a policy may name sizes that do not exist yet.
    let others: Vec<i64> = std::iter::once(0).chain(numbers.iter().copied()).chain([30]).collect();
    values.extend(pairs(&others).into_iter().filter(|pair| !real.contains(pair)));
    Domain { real: real.len(), values: values.into_iter().map(Value::Tier).collect(), cut: false, new: Vec::new() }
}

fn topology(numbers: &BTreeSet<i64>) -> Domain {
    let shards = distinct([1, 3, 50].into_iter().chain(numbers.iter().copied().filter(|shards| *shards > 0)));
    let mut values = vec![Topology::REPLICA_SET];
    for kind in ["sharded", "geosharded"] {
        for min_shards in &shards {
            for max_shards in shards.iter().filter(|max| *max >= min_shards) {
                for converting in [false, true] {
                    for mode in ["fixed_to_dedicated", "atlas_managed"] {
                        values.push(Topology {
                            kind,
                            min_shards: *min_shards,
                            max_shards: *max_shards,
                            converting,
                            config_servers: Some(mode),
                        });
                    }
                }
            }
        }
    }
    whole(values.into_iter().map(Value::Topology).collect())
}

impl Facts {
    /// Sets a variable.
    pub(super) fn set(&mut self, variable: Variable, value: &Value) {
        match (variable, value) {
            (Variable::Target, Value::Text(cluster)) => self.cluster.clone_from(cluster),
            (Variable::Placement, Value::Set(regions)) => self.regions.clone_from(regions),
            (Variable::Tls, Value::Word(tls)) => self.tls = tls,
            (Variable::Cipher, Value::Suites(suites)) => self.suites.clone_from(suites),
            (Variable::Tier, Value::Tier(tier)) => self.tier = *tier,
            (Variable::Disk, Value::Size(disk)) => self.disk = *disk,
            (Variable::ClusterCount, Value::Count(count)) => self.cluster_count = *count,
            (Variable::Topology, Value::Topology(topology)) => self.topology = topology.clone(),
            (Variable::CustomerKey, Value::Flag(on)) => self.customer_key = *on,
            (Variable::Auditing, Value::Flag(on)) => self.auditing = *on,
            (Variable::Window, Value::Flag(on)) => self.window = *on,
            (Variable::Indexes, Value::Flag(on)) => self.indexes = *on,
            (Variable::DedicatedNodes, Value::Flag(on)) => self.dedicated_nodes = *on,
            (Variable::AutoEmbed, Value::Flag(on)) => self.auto_embed = *on,
            (Variable::Rerank, Value::Flag(on)) => self.rerank = *on,
            (Variable::AccessList, Value::Set(entries)) => self.access_list.clone_from(entries),
            (Variable::Peerings, Value::Set(entries)) => self.peerings.clone_from(entries),
            (Variable::Endpoints, Value::Set(entries)) => self.endpoints.clone_from(entries),
            (Variable::Geography, Value::Text(geography)) => self.geography.clone_from(geography),
            (variable, value) => unreachable!("{variable:?} has no value {value:?}"),
        }
    }
}
