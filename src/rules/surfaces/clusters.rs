//! What clusters still do that few need: run JavaScript, serve the SQL connector of old; and other things retired.

use serde::Deserialize;

use crate::engine::day::Day;
use crate::engine::declared::Statement;
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::rules::exemption::Standing;
use crate::rules::{live_clusters, serverless_instances};
use crate::snapshot::Section;
use crate::snapshot::cluster::ClusterState;
use crate::snapshot::tree::Node;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Javascript {
    exempt_clusters: Vec<ExemptCluster>,
}

/// A cluster that needs what others do not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExemptCluster {
    cluster: String,
    /// Name or id; any project if not given.
    project: Option<String>,
    owner: String,
    until: Day,
}

/// ATL-FED-005
pub(crate) fn javascript_enabled(cluster: &ClusterView<'_>, limits: &Javascript) -> Judgement {
    if cluster.is_dedicated() == Some(false) {
        return Ok(Verdict::not_applicable("shared clusters have no such setting"));
    }
    let arguments = cluster.process_args.known()?;
    if !*arguments.javascript_enabled.required("javascriptEnabled")? {
        return Ok(Verdict::Pass);
    }
    let project = cluster.project.project;
    let listed = limits.exempt_clusters.iter().filter(|entry| {
        cluster.name.as_ref() == Some(&entry.cluster)
            && entry.project.as_ref().is_none_or(|of| *of == project.id || project.name.as_ref() == Some(of))
    });
    let standing = Standing::of(listed.map(|entry| (entry.owner.as_str(), entry.until)), cluster.project.now);
    let name = cluster.name.clone().unwrap_or_default();
    if standing == Standing::Exempt {
        return Ok(Verdict::not_applicable(format!("{name} is exempt")));
    }
    let message = format!("{name} runs JavaScript in queries{}", standing.note());
    let at = cluster.at.child(Section::ProcessArgs.slot());
    Ok(Verdict::of([Evidence::at(&at, message).field("/javascriptEnabled").fact("cluster", name)]))
}

/// ATL-FED-008
pub(crate) fn legacy_surface(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    match live_clusters(project.project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => {
            for cluster in clusters.filter(|cluster| cluster.is_dedicated() != Some(false)) {
                let connector = cluster.bi_connector.as_ref().and_then(|connector| connector.enabled);
                match connector {
                    Some(false) => seen.fine(),
                    Some(true) => {
                        let name = cluster.key();
                        let message = format!("{name} runs the BI Connector, which is retired");
                        let at = project.item(Section::Clusters, &name);
                        seen.offence(Evidence::at(&at, message).field("/biConnector/enabled").fact("cluster", name));
                    }
                    None => seen.unseen(Unknown::absent("biConnector.enabled")),
                }
            }
        }
    }
    match serverless_instances(project.project) {
        Err(why) => seen.unseen(why),
        Ok(instances) => {
            for instance in instances.iter().filter(|one| one.state_name != Some(ClusterState::Deleted)) {
                let name = instance.key();
                let message = format!("{name} is a serverless instance, which is retired");
                seen.offence(Evidence::at(&project.item(Section::ServerlessInstances, &name), message));
            }
        }
    }
    let what = "whether App Services apps and triggers are left is not in this API";
    match project.attested("app-services-review") {
        Statement::Live(stated) => seen.attested(stated),
        Statement::Expired(ended) => {
            let (owner, last) = (&ended.owner, ended.expires);
            seen.unseen(Unknown::undecidable(format!("{what}; {owner} had reviewed them until {last}")));
        }
        Statement::None => seen.unseen(Unknown::undecidable(format!("{what}: state `app-services-review`"))),
    }
    seen.verdict("")
}
