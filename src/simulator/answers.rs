//! Which answer a request gets: a recorded one, one that follows from a recorded list, or an error.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::error::Error;
use super::projects::Population;
use super::recording::{Answer, Recorded, Recording, Row, decoded};
use super::refusal::Refusal;
use super::routes::{self, Parameter, Route};

/// A recording with the projects that it is served with.
#[derive(Debug)]
pub(super) struct Library {
    pub(super) recording: Recording,
    pub(super) population: Population,
}

/// A successful answer, not yet cut into pages.
pub(super) enum Found<'l> {
    Object(Bytes),
    List(Rows<'l>),
}

/// The rows of a list.
pub(super) enum Rows<'l> {
    Recorded(Vec<&'l Row>),
    /// By index; made when they are written.
    Projects(&'l Library, Vec<usize>),
    Made(Vec<String>),
}

impl Rows<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Recorded(rows) => rows.len(),
            Self::Projects(_, rows) => rows.len(),
            Self::Made(rows) => rows.len(),
        }
    }

    pub(super) fn write(&self, index: usize, body: &mut String) {
        match self {
            Self::Recorded(rows) => body.push_str(&rows[index].json),
            Self::Projects(library, rows) => {
                body.push_str(&library.population.row(&library.recording, rows[index]));
            }
            Self::Made(rows) => body.push_str(&rows[index]),
        }
    }
}

/// What a cluster's name stands for. The two kinds have APIs of their own that refuse each other's clusters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dedicated,
    Flex,
}

type Query = [(String, String)];

impl Library {
    pub(super) fn new(recording: Recording, projects: Option<usize>) -> Result<Self, Error> {
        let population = Population::of(&recording, projects)?;
        Ok(Self { recording, population })
    }

    /// The route of a canonical path, if anything could be there.
    pub(super) fn route(&self, path: &str) -> Option<&'static Route> {
        routes::find(path).or_else(|| (!self.recording.answers(path).is_empty()).then(routes::unlisted))
    }

    /// For a path below a made-up project: that of its template, the template's id and its own.
    pub(super) fn template<'p>(&self, path: &'p str) -> Option<(String, &str, &'p str)> {
        let rest = path.strip_prefix("/groups/")?;
        let (id, below) = rest.split_once('/')?;
        let template = self.population.stands_for(&self.recording, id)?;
        Some((format!("/groups/{template}/{below}"), template, id))
    }

    /// The answer to a canonical path. That of a made-up project goes through [`Self::template`] first.
    pub(super) fn find(&self, route: &'static Route, path: &str, query: &Query) -> Result<Found<'_>, Refusal> {
        let parameters = route.parameters(path);
        if let Some(answer) = self.pick(path, route, query).filter(|_| !self.outdated(route, &parameters)) {
            return match &answer.body {
                Recorded::Object(json) => Ok(Found::Object(json.clone())),
                Recorded::Error(refusal) => Err(refusal.clone()),
                Recorded::List(rows) => Ok(Found::List(Rows::Recorded(
                    rows.iter().filter(|row| row.shown(route.filters, query, &answer.variant)).collect(),
                ))),
            };
        }
        self.not_recorded(route, path, &parameters)
    }

    /// Whether the number of projects, being asked for, makes a file wrong.
    fn outdated(&self, route: &Route, parameters: &[Parameter<'_>]) -> bool {
        self.population.changed
            && match route.template {
                "/groups" | "/orgs/{orgId}/groups" => true,
                _ => parameters.first().is_some_and(|first| {
                    first.name == "groupId" && self.population.with_id(&decoded(first.value)).is_none()
                }),
            }
    }

    fn pick(&self, path: &str, route: &Route, query: &Query) -> Option<&Answer> {
        let asked = |key: &str, value: &str| {
            if query.iter().any(|(k, _)| k == key) {
                return query.iter().any(|(k, v)| k == key && v == value);
            }
            route.filters.iter().filter_map(super::defaults::Filter::implied).any(|implied| implied == (key, value))
        };
        let answers = self.recording.answers(path);
        answers.iter().find(|answer| answer.variant.iter().all(|(key, value)| asked(key, value)))
    }

    fn not_recorded(
        &self,
        route: &'static Route,
        path: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Found<'_>, Refusal> {
        let single = parameters.last().filter(|last| last.path == path && !route.paging.is_list());
        for parameter in parameters.iter().filter(|parameter| parameter.path != path) {
            self.must_exist(route, parameter, path)?;
        }
        match route.template {
            "" => return Ok(Found::Object(nobody())),
            "/groups" => return Ok(self.projects(|_| true)),
            "/orgs/{orgId}/groups" => {
                let organization = parameters.first().map(|first| decoded(first.value)).unwrap_or_default();
                return Ok(self.projects(|of| of == organization));
            }
            "/clusters" => return Ok(Found::List(Rows::Made(self.cluster_summaries()))),
            template if template.contains("/dbAccessHistory/") => return Ok(object(&json!({"accessLogs": []}))),
            template if template.ends_with("/search/deployment") || template.ends_with("/backupCompliancePolicy") => {
                return Ok(object(&json!({})));
            }
            // Entries of a recording are never on their way.
            "/groups/{groupId}/accessList/{entryValue}/status" => return Ok(object(&json!({"STATUS": "ACTIVE"}))),
            template if template.ends_with("/backup/schedule") => {
                let detail = "The cluster has no backup configuration.";
                return Err(Refusal::not_found("BACKUP_CONFIG_NOT_FOUND", detail, &[]));
            }
            _ if route.paging.is_list() => return Ok(Found::List(Rows::Recorded(Vec::new()))),
            _ => {}
        }
        let Some(single) = single else { return Err(Refusal::no_resource(path)) };
        self.out_of_its_list(route, single, parameters)
    }

    fn projects(&self, of: impl Fn(&str) -> bool) -> Found<'_> {
        let wanted = |index: &usize| of(self.population.organization(&self.recording, *index));
        Found::List(Rows::Projects(self, (0..self.population.len()).filter(wanted).collect()))
    }

    /// A resource that has no file of its own.
    fn out_of_its_list(
        &self,
        route: &Route,
        single: &Parameter<'_>,
        parameters: &[Parameter<'_>],
    ) -> Result<Found<'_>, Refusal> {
        let value = decoded(single.value);
        let row = match route.template {
            "/groups/{groupId}" => {
                self.population.with_id(&value).map(|index| self.population.row(&self.recording, index))
            }
            "/groups/byName/{groupName}" => {
                self.population.with_name(&value).map(|index| self.population.row(&self.recording, index))
            }
            "/groups/{groupId}/databaseUsers/{databaseName}/{username}" => {
                let database = &parameters[parameters.len() - 2];
                self.recording
                    .lists(database.collection)
                    .flatten()
                    .find(|row| row.has(&["username"], &value) && row.has(&["databaseName"], &decoded(database.value)))
                    .map(|row| row.json.clone())
            }
            "/groups/{groupId}/cloudProviderAccess/{roleId}" => {
                self.refused_list(single.collection)?;
                let lists = self.recording.objects(|path| path == single.collection);
                lists.filter_map(|json| serde_json::from_slice(json).ok()).find_map(|body| role(&body, &value))
            }
            _ => {
                // The one path whose single form is spelled otherwise than its list.
                let list = match single.collection.strip_suffix("/processor") {
                    Some(workspace) => format!("{workspace}/processors"),
                    None => single.collection.to_owned(),
                };
                self.refused_list(&list)?;
                self.recording.row(&list, fields(single.name), &value).map(|row| row.json.clone())
            }
        };
        match row {
            Some(row) => Ok(Found::Object(row.into())),
            None => Err(self.absent(route, single, parameters)),
        }
    }

    /// A list that was refused tells nothing of its elements but that.
    fn refused_list(&self, path: &str) -> Result<(), Refusal> {
        match self.recording.answers(path) {
            [Answer { body: Recorded::Error(refusal), .. }] => Err(refusal.clone()),
            _ => Ok(()),
        }
    }

    /// What a path goes through must be there.
    fn must_exist(&self, route: &Route, parameter: &Parameter<'_>, path: &str) -> Result<(), Refusal> {
        let parameters = route.parameters(path);
        let value = decoded(parameter.value);
        let listed = || self.recording.row(parameter.collection, fields(parameter.name), &value).is_some();
        let there = match parameter.name {
            "groupId" => self.has_project(&value, parameter.path),
            "clusterName" => {
                self.refused_list(parameter.collection)?;
                let group = &parameters[0];
                match self.cluster(group.path, parameter.value) {
                    Some(Kind::Flex) => !route.template.contains("/clusters/{clusterName}/"),
                    Some(Kind::Dedicated) => true,
                    None => false,
                }
            }
            "federationSettingsId" => self.recording.mentions(parameter.path) || self.has_federation(&value),
            // Half a name: users are listed under their project.
            "databaseName" => true,
            _ if routes::find(parameter.collection).is_some_and(|list| list.paging.is_list()) => {
                self.refused_list(parameter.collection)?;
                listed() || self.recording.mentions(parameter.path)
            }
            // Not the name of a recorded thing but a choice, such as a cloud provider.
            _ => true,
        };
        if there { Ok(()) } else { Err(self.absent(route, parameter, &parameters)) }
    }

    fn has_project(&self, id: &str, path: &str) -> bool {
        let cut = || self.recording.projects().iter().any(|project| project.id == id);
        self.population.with_id(id).is_some() || (self.recording.mentions(path) && !cut())
    }

    fn has_federation(&self, id: &str) -> bool {
        let settings = |path: &str| path.starts_with("/orgs/") && path.ends_with("/federationSettings");
        self.recording.objects(settings).any(|json| {
            serde_json::from_slice::<Value>(json).is_ok_and(|body| body.get("id").and_then(Value::as_str) == Some(id))
        })
    }

    fn cluster(&self, group: &str, name: &str) -> Option<Kind> {
        let value = decoded(name);
        let listed = |list: &str| self.recording.row(&format!("{group}/{list}"), &["name"], &value).is_some();
        let mentioned = |list: &str| self.recording.mentions(&format!("{group}/{list}/{name}"));
        if listed("clusters") {
            Some(Kind::Dedicated)
        } else if listed("flexClusters") {
            Some(Kind::Flex)
        } else if mentioned("clusters") {
            Some(Kind::Dedicated)
        } else {
            mentioned("flexClusters").then_some(Kind::Flex)
        }
    }

    /// The error for something that is not there.
    fn absent(&self, route: &Route, parameter: &Parameter<'_>, parameters: &[Parameter<'_>]) -> Refusal {
        let value = decoded(parameter.value);
        let group = parameters.first().filter(|first| first.name == "groupId");
        match (parameter.name, group) {
            ("groupId", _) => Refusal::no_group(&value),
            ("clusterName" | "name", Some(group)) => {
                let asks_flex = route.template.starts_with("/groups/{groupId}/flexClusters/");
                match self.cluster(group.path, parameter.value) {
                    Some(Kind::Flex) if !asks_flex => Refusal::bad_request(
                        "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
                        &format!("Flex cluster {value} cannot be used in the Cluster API."),
                        &value,
                    ),
                    Some(Kind::Dedicated) if asks_flex => Refusal::bad_request(
                        "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API",
                        &format!("Cannot use non-flex cluster {value} in the flex API."),
                        &value,
                    ),
                    _ => Refusal::no_cluster(&value, &decoded(group.value)),
                }
            }
            ("integrationType", _) => {
                let detail = format!("Third party integration {value} is not configured for this project.");
                Refusal::not_found("INTEGRATION_NOT_CONFIGURED", &detail, &[&value])
            }
            _ => Refusal::no_resource(&value),
        }
    }

    /// `GET /clusters`: the legacy summary, of which no recording has more than the modern lists tell.
    fn cluster_summaries(&self) -> Vec<String> {
        let mut summaries = Vec::new();
        for index in 0..self.population.len() {
            let row = self.population.row(&self.recording, index);
            let Ok(project) = serde_json::from_str::<Value>(&row) else { continue };
            let id = project["id"].as_str().unwrap_or_default();
            let recorded = self.population.stands_for(&self.recording, id).unwrap_or(id);
            let clusters: Vec<Value> = self
                .recording
                .lists(&format!("/groups/{recorded}/clusters"))
                .flatten()
                .filter_map(|row| serde_json::from_str(&row.json).ok())
                .map(|cluster| cluster_summary(&cluster))
                .collect();
            let organization = self.population.organization(&self.recording, index);
            let names = self.recording.row("/orgs", &["id"], organization).map(|row| row.json.as_str());
            let organization_name = names.and_then(|row| serde_json::from_str::<Value>(row).ok());
            let summary = json!({
                "clusters": clusters,
                "groupId": project["id"],
                "groupName": project["name"],
                "orgId": organization,
                "orgName": organization_name.map(|row| row["name"].clone()),
                "planType": "Atlas",
                "roles": [],
                "tags": [],
            });
            summaries.push(summary.to_string());
        }
        summaries
    }
}

fn cluster_summary(cluster: &Value) -> Value {
    let replica_set = cluster["clusterType"] == "REPLICASET";
    json!({
        "alertCount": 0,
        "authEnabled": true,
        "availability": "available",
        "backupEnabled": cluster["backupEnabled"].as_bool().unwrap_or_default(),
        "clusterId": cluster["id"],
        "dataSizeBytes": 0,
        "name": cluster["name"],
        "nodeCount": 3,
        "sslEnabled": true,
        "type": if replica_set { "REPLICA_SET" } else { "SHARDED_CLUSTER" },
        "versions": [cluster["mongoDBVersion"]],
    })
}

/// A cloud provider role out of the lists of all providers.
fn role(lists: &Value, id: &str) -> Option<String> {
    let mut roles = lists.as_object()?.values().filter_map(Value::as_array).flatten();
    roles.find(|role| role["roleId"] == id || role["_id"] == id).map(Value::to_string)
}

/// Which fields of a list's rows a path parameter may mean.
fn fields(parameter: &str) -> &'static [&'static str] {
    match parameter {
        "clusterName" | "name" | "tenantName" | "connectionName" | "processorName" => &["name"],
        "username" => &["username"],
        "roleName" => &["roleName"],
        "clientId" => &["clientId"],
        "orgId" => &["id", "orgId"],
        "teamId" => &["id", "teamId"],
        "apiKeyId" => &["apiKeyId", "id"],
        "mcpConfigId" => &["mcpConfigId", "id"],
        "endpointId" => &["endpointId", "id"],
        "endpointSetId" => &["endpointSetId"],
        "entryValue" => &["cidrBlock", "ipAddress", "awsSecurityGroup"],
        "integrationType" => &["type"],
        "identityProviderId" => &["id", "oktaIdpId"],
        _ => &["id", "_id"],
    }
}

fn object(body: &Value) -> Found<'static> {
    Found::Object(body.to_string().into())
}

/// What Atlas says of itself to a credential that is no API key.
fn nobody() -> Bytes {
    json!({
        "apiKey": null,
        "appName": "MongoDB Atlas",
        "build": "0000000000000000000000000000000000000000",
        "links": [],
        "throttling": false,
    })
    .to_string()
    .into()
}
