//! Where audit logs go: integrations and the older push-based export.

use crate::snapshot::alert::{Alert, AlertStatus};
use crate::snapshot::logging::{ExportState, LogIntegration, LogSink, PushBasedLogExport};
use crate::snapshot::project::Project;

/// The audit logs: of the servers that hold data, and of the routers of sharded clusters.
const AUDIT_LOGS: [&str; 2] = ["MONGOD_AUDIT", "MONGOS_AUDIT"];

/// The exports of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sinks {
    /// Each, those without audit logs too.
    pub sinks: Vec<Sink>,
    /// What could not be read, and why: there may be more.
    pub unread: Vec<String>,
    /// Whether routers write an audit log here; nothing if Atlas does not say.
    pub sharded: Option<bool>,
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// `S3`, `SPLUNK`; as Atlas says it where it is new.
    pub kind: String,
    /// The bucket, account or host.
    pub place: Option<String>,
    /// Which audit logs it carries.
    pub carries: Vec<&'static str>,
    /// Whether it works.
    pub health: Health,
}

/// Whether an export works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It is active, or Atlas reports no trouble.
    Working,
    /// It does not, and why.
    Failing(String),
    /// Nobody knows, and why.
    Unknown(String),
}

impl Sinks {
    /// The exports of a project.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let mut found = Self { sharded: sharded(project), ..Self::default() };
        let alerts = project.open_alerts.known().map(Vec::as_slice).map_err(ToString::to_string);
        match project.log_integrations.known() {
            Ok(integrations) => {
                found.sinks.extend(integrations.iter().map(|one| integration(one, &alerts)));
            }
            Err(why) => found.unread.push(why.to_string()),
        }
        match project.push_based_log_export.known() {
            Ok(export) => found.sinks.extend(push_based(export, &alerts)),
            Err(why) => found.unread.push(why.to_string()),
        }
        found
    }

    /// Audit logs that reach no sink that works, as far as one can see.
    #[must_use]
    pub fn staying(&self) -> Vec<&'static str> {
        let working = |sink: &&Sink| !matches!(sink.health, Health::Failing(_));
        let written = AUDIT_LOGS.into_iter().filter(|log| *log == "MONGOD_AUDIT" || self.sharded == Some(true));
        written.filter(|log| !self.sinks.iter().filter(working).any(|sink| sink.carries.contains(log))).collect()
    }
}

fn sharded(project: &Project) -> Option<bool> {
    let clusters = project.clusters.known().ok()?;
    let live = clusters.iter().filter(|one| one.is_internal() != Some(true) && one.is_deleted() != Some(true));
    let mut all_said = true;
    for cluster in live.filter(|cluster| cluster.is_dedicated() != Some(false)) {
        match cluster.is_sharded() {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all_said = false,
        }
    }
    all_said.then_some(false)
}

type Alerts<'a> = Result<&'a [Alert], String>;

/// What open alerts say of exports of one kind. Which of several is meant, none of them says.
fn reported(alerts: &Alerts<'_>, concerns: impl Fn(&str) -> bool) -> Health {
    let alerts = match alerts {
        Ok(alerts) => alerts,
        Err(why) => return Health::Unknown(why.clone()),
    };
    let mut unsaid = false;
    for alert in alerts.iter().filter(|alert| matches!(alert.status, Some(AlertStatus::Open) | None)) {
        match alert.event_type_name.as_deref() {
            Some(event) if concerns(event) => return Health::Failing(format!("Atlas reports {event}")),
            Some(_) => {}
            None => unsaid = true,
        }
    }
    if unsaid { Health::Unknown("an open alert does not say what it is about".to_owned()) } else { Health::Working }
}

fn integration(one: &LogIntegration, alerts: &Alerts<'_>) -> Sink {
    let kind = one.kind.as_ref().map_or("unnamed", LogSink::as_str);
    let carried = |log: &&'static str| one.log_types.iter().flatten().any(|known| known == log);
    let place = [&one.bucket_name, &one.storage_account_name].into_iter().find_map(Clone::clone);
    let host = one.hec_url_origin.as_ref().or(one.otel_endpoint_origin.as_ref()).map(ToString::to_string);
    let health = if one.log_types.is_none() {
        Health::Unknown("the answer lacks `logTypes`".to_owned())
    } else {
        reported(alerts, |event| {
            event.starts_with("LOG_STREAMING_EXPORT_FAILED_") || event == "HOST_EXTERNAL_LOG_SINK_EXPORT_DOWN"
        })
    };
    Sink {
        kind: kind.strip_suffix("_LOG_EXPORT").unwrap_or(kind).to_owned(),
        place: place.or(host),
        carries: AUDIT_LOGS.into_iter().filter(carried).collect(),
        health,
    }
}

/// The older export carries every log, and to S3 only.
fn push_based(export: &PushBasedLogExport, alerts: &Alerts<'_>) -> Option<Sink> {
    let health = match &export.state {
        Some(ExportState::Unconfigured) => return None,
        Some(ExportState::Active) => reported(alerts, |event| event.starts_with("PUSH_BASED_LOG_EXPORT_")),
        Some(ExportState::Other(state)) => Health::Unknown(format!("`state` is `{state}`")),
        Some(state) => Health::Failing(format!("it is {state}")),
        None => Health::Unknown("the answer lacks `state`".to_owned()),
    };
    Some(Sink {
        kind: "S3 (push-based)".to_owned(),
        place: export.bucket_name.clone(),
        carries: AUDIT_LOGS.to_vec(),
        health,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::snapshot::tree;

    fn sinks(value: serde_json::Value) -> Sinks {
        let serde_json::Value::Object(fields) = value else { panic!("an object") };
        Sinks::of(&tree::nested(fields).unwrap())
    }

    fn clusters(kind: &str) -> serde_json::Value {
        json!([{ "name": "main", "clusterType": kind, "replicationSpecs": [{ "regionConfigs": [{ "providerName": "AWS" }] }] }])
    }

    #[test]
    fn exports_carry_audit_logs_or_not_and_work_or_not() {
        let found = sinks(json!({
            "clusters": clusters("SHARDED"),
            "logIntegrations": [
                { "id": "1", "type": "SPLUNK_LOG_EXPORT", "hecUrl": "https://splunk.example.com/x", "logTypes": ["MONGOD", "MONGOD_AUDIT"] },
                { "id": "2", "type": "AZURE_LOG_EXPORT", "storageAccountName": "logs", "logTypes": ["MONGOD"] },
            ],
            "pushBasedLogExport": { "state": "ASSUME_ROLE_FAILED", "bucketName": "old" },
            "openAlerts": [{ "id": "1", "eventTypeName": "NO_PRIMARY", "status": "OPEN" }],
        }));
        let shown: Vec<_> =
            found.sinks.iter().map(|sink| (sink.kind.as_str(), sink.place.as_deref().unwrap())).collect();
        assert_eq!(shown, [("SPLUNK", "https://splunk.example.com"), ("AZURE", "logs"), ("S3 (push-based)", "old")]);
        assert_eq!(found.sinks[0].carries, ["MONGOD_AUDIT"]);
        assert!(found.sinks[1].carries.is_empty());
        assert_eq!(found.sinks[0].health, Health::Working);
        assert_eq!(found.sinks[2].health, Health::Failing("it is ASSUME_ROLE_FAILED".to_owned()));
        assert_eq!(found.staying(), ["MONGOS_AUDIT"]);
    }

    #[test]
    fn an_open_alert_puts_exports_of_its_kind_in_doubt_and_an_unread_list_all_of_them() {
        let with = |alerts: serde_json::Value| {
            let found = sinks(json!({
                "clusters": clusters("REPLICASET"),
                "logIntegrations": [{ "id": "1", "type": "DATADOG_LOG_EXPORT", "logTypes": ["MONGOD_AUDIT"] }],
                "pushBasedLogExport": { "state": "ACTIVE" },
                "openAlerts": alerts,
            }));
            assert_eq!(found.sharded, Some(false));
            (found.sinks[0].health.clone(), found.sinks[1].health.clone(), found.staying())
        };
        let alert = |event: &str, status: &str| json!([{ "id": "1", "eventTypeName": event, "status": status }]);
        let (streaming, push, staying) = with(alert("LOG_STREAMING_EXPORT_FAILED_NONRETRYABLE", "OPEN"));
        assert!(matches!(streaming, Health::Failing(_)) && push == Health::Working && staying.is_empty());
        let (streaming, push, _) = with(alert("PUSH_BASED_LOG_EXPORT_STOPPED", "OPEN"));
        assert!(streaming == Health::Working && matches!(push, Health::Failing(_)));
        assert_eq!(with(alert("PUSH_BASED_LOG_EXPORT_STOPPED", "CLOSED")).1, Health::Working);
        assert!(matches!(with(json!([{ "id": "1", "status": "OPEN" }])).0, Health::Unknown(_)));
        assert!(matches!(with(json!({ "unavailable": "forbidden" })).1, Health::Unknown(_)));
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let refused = json!({ "unavailable": "forbidden" });
        let found = sinks(json!({
            "clusters": [{ "name": "main" }], "openAlerts": [], "logIntegrations": refused.clone(), "pushBasedLogExport": refused,
        }));
        assert_eq!((found.sinks.len(), found.unread.len(), found.sharded), (0, 2, None));
        let found = sinks(json!({
            "clusters": [], "openAlerts": [], "logIntegrations": [{ "id": "1" }], "pushBasedLogExport": { "state": "UNCONFIGURED" },
        }));
        assert_eq!(found.sinks[0].kind, "unnamed");
        assert!(matches!(found.sinks[0].health, Health::Unknown(_)));
        assert_eq!(found.sinks.len(), 1);
    }

    #[test]
    fn only_sharded_clusters_of_the_customers_own_write_the_log_of_the_routers() {
        let staying = |clusters: serde_json::Value| {
            sinks(json!({ "clusters": clusters, "logIntegrations": [], "pushBasedLogExport": { "state": "UNCONFIGURED" }, "openAlerts": [] }))
                .staying()
        };
        assert_eq!(staying(clusters("REPLICASET")), ["MONGOD_AUDIT"]);
        assert_eq!(staying(clusters("SHARDED")), ["MONGOD_AUDIT", "MONGOS_AUDIT"]);
        for (field, value) in [("stateName", "DELETED"), ("internalClusterRole", "SYSTEM_CLUSTER")] {
            let mut gone = clusters("SHARDED");
            gone[0][field] = value.into();
            assert_eq!(staying(gone), ["MONGOD_AUDIT"], "{field}");
        }
    }
}
