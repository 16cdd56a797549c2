//! Whether logs leave Atlas before Atlas, or somebody in its console, lets them go.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::engine::environment::Environment;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::snapshot::Section;
use crate::snapshot::cluster::{Cluster, ClusterType};
use crate::snapshot::logging::{ExportState, LogIntegration, LogSink};

use super::{Writers, writers};

/// `S3` for `S3_LOG_EXPORT`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(crate) struct AcceptedSinks(BTreeSet<LogSink>);

impl TryFrom<Vec<String>> for AcceptedSinks {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let sinks = names.into_iter().map(|name| match LogSink::from(format!("{name}{SINK_ENDING}")) {
            LogSink::Other(_) => {
                Err(format!("Atlas exports no logs to `{name}`; it knows S3, GCS, AZURE, DATADOG, SPLUNK and OTEL"))
            }
            sink => Ok(sink),
        });
        sinks.collect::<Result<_, _>>().map(Self)
    }
}

const SINK_ENDING: &str = "_LOG_EXPORT";

fn short(sink: &LogSink) -> &str {
    sink.as_str().strip_suffix(SINK_ENDING).unwrap_or(sink.as_str())
}

/// The logs of a cluster.
const LOG_TYPES: [&str; 4] = ["MONGOD", "MONGOS", "MONGOD_AUDIT", "MONGOS_AUDIT"];

/// The activity feed, which can be exported beside them.
const EVENTS: &str = "EVENTS";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    accepted_sinks: AcceptedSinks,
    exempt_environments: Vec<Environment>,
}

/// What leaves a project, as far as one can see.
#[derive(Default)]
struct Exports {
    /// Types of logs that reach an accepted sink.
    carried: BTreeSet<String>,
    /// The sinks that they reach.
    sinks: BTreeSet<LogSink>,
    /// What is configured and does not count.
    notes: BTreeSet<String>,
    /// What may carry more.
    unclear: Vec<Unknown>,
}

impl Exports {
    fn of(project: &ProjectView<'_>, accepted: &BTreeSet<LogSink>) -> Self {
        let mut exports = Self::default();
        match project.log_integrations.known() {
            Ok(integrations) => {
                for integration in integrations {
                    exports.add_integration(integration, accepted).unwrap_or_else(|why| exports.unclear.push(why));
                }
            }
            Err(why) => exports.unclear.push(why.into()),
        }
        exports.add_push_based(project, accepted).unwrap_or_else(|why| exports.unclear.push(why));
        exports
    }

    fn add_integration(&mut self, one: &LogIntegration, accepted: &BTreeSet<LogSink>) -> Result<(), Unknown> {
        let sink = match one.kind.required("type")? {
            LogSink::Other(text) => return Err(Unknown::not_understood("type", text.clone())),
            sink => sink,
        };
        if !accepted.contains(sink) {
            self.notes.insert(format!("{} is not an accepted sink", short(sink)));
            return Ok(());
        }
        for log_type in one.log_types.required("logTypes")? {
            if LOG_TYPES.contains(&log_type.as_str()) {
                self.sinks.insert(sink.clone());
                self.carried.insert(log_type.clone());
            } else if log_type != EVENTS {
                self.unclear.push(Unknown::not_understood("logTypes", log_type.clone()));
            }
        }
        Ok(())
    }

    /// The older export sends every type of log, and to S3 only. One that is not active sends nothing.
    fn add_push_based(&mut self, project: &ProjectView<'_>, accepted: &BTreeSet<LogSink>) -> Result<(), Unknown> {
        // Not found is not "not configured": Atlas says that with a state.
        let export = project.push_based_log_export.known()?;
        match export.state.required("state")? {
            ExportState::Other(text) => return Err(Unknown::not_understood("state", text.clone())),
            ExportState::Unconfigured => {}
            ExportState::Active if accepted.contains(&LogSink::S3) => {
                self.sinks.insert(LogSink::S3);
                self.carried.extend(LOG_TYPES.map(str::to_owned));
            }
            ExportState::Active => {
                self.notes.insert(format!("{} is not an accepted sink", short(&LogSink::S3)));
            }
            state => {
                self.notes.insert(format!("the push-based export is {state}"));
            }
        }
        Ok(())
    }
}

/// The audit logs of these clusters that no export carries to any sink; an error where an export may that cannot be seen.
pub(crate) fn audit_logs_that_stay(
    project: &ProjectView<'_>,
    clusters: &[&Cluster],
) -> Result<Vec<&'static str>, Unknown> {
    let every = [LogSink::S3, LogSink::Gcs, LogSink::Azure, LogSink::Datadog, LogSink::Splunk, LogSink::OpenTelemetry];
    let exports = Exports::of(project, &every.into());
    let mut staying = Vec::new();
    if !exports.carried.contains("MONGOD_AUDIT") {
        staying.push("MONGOD_AUDIT");
    }
    if !exports.carried.contains("MONGOS_AUDIT") {
        if clusters.iter().any(|cluster| cluster.is_sharded() == Some(true)) {
            staying.push("MONGOS_AUDIT");
        } else if let Some(unclear) = clusters.iter().find(|cluster| cluster.is_sharded().is_none()) {
            return Err(unclear_type(unclear));
        }
    }
    match exports.unclear.into_iter().next() {
        Some(why) if !staying.is_empty() => Err(why),
        _ => Ok(staying),
    }
}

/// ATL-AUD-004
pub(crate) fn missing(project: &ProjectView<'_>, limits: &Missing) -> Judgement {
    let clusters = match writers(project, &limits.exempt_environments)? {
        Writers::Clusters(clusters) => clusters,
        Writers::Nothing(why) => return Ok(Verdict::not_applicable(why)),
    };
    let exports = Exports::of(project, &limits.accepted_sinks.0);
    let lacks = |log_type: &str| !exports.carried.contains(log_type);
    let mut lacking: Vec<String> =
        ["MONGOD_AUDIT", "MONGOD"].into_iter().filter(|kind| lacks(kind)).map(str::to_owned).collect();
    let mut seen = Gathered::new();
    // Only a sharded cluster has routers, which keep an audit log of their own.
    if lacks("MONGOS_AUDIT") {
        if let Some(cluster) = clusters.iter().find(|cluster| cluster.is_sharded() == Some(true)) {
            let name = cluster.name.as_deref().unwrap_or("a cluster");
            lacking.push(format!("MONGOS_AUDIT ({name} is sharded)"));
        } else {
            clusters
                .iter()
                .filter(|cluster| cluster.is_sharded().is_none())
                .for_each(|one| seen.unseen(unclear_type(one)));
        }
    }
    if lacking.is_empty() {
        seen.fine();
    } else if exports.unclear.is_empty() {
        let at = project.section(Section::LogIntegrations);
        seen.offence(Evidence::at(&at, message(&lacking, &exports)));
    } else {
        exports.unclear.into_iter().for_each(|why| seen.unseen(why));
    }
    seen.verdict("")
}

fn unclear_type(cluster: &Cluster) -> Unknown {
    let unknown = |text: &ClusterType| Unknown::not_understood("clusterType", text.as_str());
    cluster.cluster_type.as_ref().map_or_else(|| Unknown::absent("clusterType"), unknown)
}

fn message(lacking: &[String], exports: &Exports) -> String {
    let mut parts = Vec::new();
    if exports.carried.is_empty() {
        parts.push("no log of a cluster is exported".to_owned());
    } else {
        let sinks: Vec<_> = exports.sinks.iter().map(short).collect();
        let carried: Vec<_> = exports.carried.iter().map(String::as_str).collect();
        parts.push(format!("not exported: {}", lacking.join(", ")));
        parts.push(format!("exported to {}: {}", sinks.join(", "), carried.join(", ")));
    }
    parts.extend(exports.notes.iter().cloned());
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_that_does_not_exist_is_an_error() {
        let sinks = |names: &[&str]| AcceptedSinks::try_from(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        assert_eq!(sinks(&["S3", "OTEL"]).unwrap().0, [LogSink::S3, LogSink::OpenTelemetry].into());
        assert!(sinks(&["S3", "FTP"]).unwrap_err().contains("`FTP`"));
    }
}
