//! What people say of projects and clusters, on which other rules rest.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown};
use crate::engine::view::{ClusterView, ProjectView, tag_pairs};
use crate::rules::{live_flex_clusters, serverless_instances};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Tag;
use crate::snapshot::{Ref, Section};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Classification {
    required_tags: Vec<String>,
    allowed_values: BTreeMap<String, Vec<String>>,
}

impl Classification {
    /// What these tags lack: a key, or a value that may stand there. Those of the project count for what is in it.
    fn complaints(&self, tags: &[Tag], inherited: Option<&[Tag]>) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut missing = Vec::new();
        for key in &self.required_tags {
            let of = |tags: Option<&[Tag]>| {
                let mut pairs = tag_pairs(tags).filter(|(known, _)| known.eq_ignore_ascii_case(key));
                pairs.find(|(_, value)| !value.trim().is_empty()).map(|(_, value)| value.to_owned())
            };
            let Some(value) = of(Some(tags)).or_else(|| of(inherited)) else {
                missing.push(format!("`{key}`"));
                continue;
            };
            let allowed = self.allowed_values.get(key);
            if allowed.is_some_and(|allowed| !allowed.iter().any(|one| one.eq_ignore_ascii_case(&value))) {
                complaints.push(format!("is tagged `{key}: {value}`, which is none of the allowed values"));
            }
        }
        if !missing.is_empty() {
            complaints.insert(0, format!("has no tag {}", missing.join(" or ")));
        }
        complaints
    }

    fn judge(&self, seen: &mut Gathered, at: &Ref, name: &str, tags: Option<&Vec<Tag>>, inherited: Option<&[Tag]>) {
        let Some(tags) = tags else { return seen.unseen(Unknown::absent("tags")) };
        let complaints = self.complaints(tags, inherited);
        if complaints.is_empty() {
            return seen.fine();
        }
        let evidence = Evidence::at(at, format!("{name} {}", complaints.join(", "))).field("/tags");
        seen.offence(evidence.fact("cluster", name));
    }
}

/// ATL-RES-006, clusters
pub(crate) fn untagged_cluster(cluster: &ClusterView<'_>, limits: &Classification) -> Judgement {
    let mut seen = Gathered::new();
    let inherited = cluster.project.tags.as_deref();
    limits.judge(&mut seen, cluster.at, &cluster.key(), cluster.tags.as_ref(), inherited);
    seen.verdict("")
}

/// ATL-RES-006, the project, its Flex clusters and serverless instances
pub(crate) fn untagged_project(project: &ProjectView<'_>, limits: &Classification) -> Judgement {
    let mut seen = Gathered::new();
    let tags = project.tags.required("tags")?;
    let complaints = limits.complaints(tags, None);
    if complaints.is_empty() {
        seen.fine();
    } else {
        let name = project.project.name.as_deref().unwrap_or("the project");
        seen.offence(Evidence::at(project.at, format!("{name} {}", complaints.join(", "))).field("/tags"));
    }
    let inherited = Some(tags.as_slice());
    match live_flex_clusters(project.project) {
        Err(why) => seen.unseen(why),
        Ok(clusters) => {
            for one in clusters {
                let at = project.item(Section::FlexClusters, &one.key());
                limits.judge(&mut seen, &at, &one.key(), one.tags.as_ref(), inherited);
            }
        }
    }
    match serverless_instances(project.project) {
        Err(why) => seen.unseen(why),
        Ok(instances) => {
            for one in instances {
                let at = project.item(Section::ServerlessInstances, &one.key());
                limits.judge(&mut seen, &at, &one.key(), one.tags.as_ref(), inherited);
            }
        }
    }
    seen.verdict("")
}
