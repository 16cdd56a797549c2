//! The way that events and credentials take between stream processing and elsewhere.

use serde::Deserialize;

use super::{Connected, connections, leads_to_cluster};
use crate::engine::environment::Environment;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::snapshot::Section;
use crate::snapshot::redaction::Origin;
use crate::snapshot::streams::{ConnectionType, NetworkAccessType, Networking, StreamPrivateLink};

fn evidence(connected: &Connected<'_>, what: &str, field: &'static str) -> Evidence {
    Evidence::at(&connected.at, format!("{} {what}", connected.name()))
        .field(field)
        .fact("workspace", connected.workspace.name.as_deref().unwrap_or_default())
        .fact("connection", connected.connection.name.as_deref().unwrap_or_default())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transport {
    allow_plain_over_tls: bool,
}

/// ATL-STR-004
pub(crate) fn insecure_transport(project: &ProjectView<'_>, limits: &Transport) -> Judgement {
    let mut seen = Gathered::new();
    for connected in connections(project, &mut seen) {
        match &connected.connection.kind {
            None => seen.unseen(Unknown::absent("type")),
            Some(ConnectionType::Kafka) => seen.absorb(kafka(&connected, limits)),
            Some(ConnectionType::Https) => seen.absorb(https(&connected)),
            Some(ConnectionType::SchemaRegistry) => seen.absorb(registry(&connected)),
            // Atlas and the clouds' own interfaces have no way in clear.
            Some(
                ConnectionType::Cluster
                | ConnectionType::Sample
                | ConnectionType::S3
                | ConnectionType::AzureBlobStorage
                | ConnectionType::Lambda
                | ConnectionType::Kinesis
                | ConnectionType::PubSub,
            ) => {}
            Some(ConnectionType::Other(text)) => seen.unseen(Unknown::not_understood("type", text)),
        }
    }
    seen.verdict("no connection to Kafka, a web service or a schema registry")
}

fn kafka(connected: &Connected<'_>, limits: &Transport) -> Judgement {
    let security = connected.connection.security.required("security")?;
    let protocol = security.protocol.required("security.protocol")?;
    let mut seen = Gathered::new();
    seen.fine();
    match protocol.to_ascii_uppercase().as_str() {
        "SASL_PLAINTEXT" | "PLAINTEXT" => {
            let what = format!("talks to Kafka in clear: {protocol}");
            seen.offence(evidence(connected, &what, "/security/protocol"));
            return seen.verdict("");
        }
        "SASL_SSL" | "SSL" => {}
        _ => return Err(Unknown::not_understood("security.protocol", protocol)),
    }
    let authentication = connected.connection.authentication.as_ref();
    let shows_certificate = authentication.is_some_and(|how| how.has_ssl_certificate == Some(true));
    if limits.allow_plain_over_tls || shows_certificate {
        return seen.verdict("");
    }
    let mechanism = authentication.required("authentication")?.mechanism.required("authentication.mechanism")?;
    match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => {
            let what = "hands its password to Kafka: PLAIN";
            seen.offence(evidence(connected, what, "/authentication/mechanism").severity(Severity::Low));
        }
        "OAUTHBEARER" | "SSL" => {}
        scram if scram.starts_with("SCRAM-") => {}
        _ => seen.unseen(Unknown::not_understood("authentication.mechanism", mechanism)),
    }
    seen.verdict("")
}

/// Headers that carry a credential which nobody exchanges by itself.
const CREDENTIAL_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "x-api-key", "api-key"];

fn https(connected: &Connected<'_>) -> Judgement {
    let mut seen = Gathered::new();
    seen.fine();
    // Headers are there only if somebody set some: without them nothing static is sent.
    for header in connected.connection.header_names.iter().flatten() {
        if CREDENTIAL_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(header)) {
            let what = format!("sends the same header {header} with every request");
            seen.offence(evidence(connected, &what, "/headerNames").severity(Severity::Low));
        }
    }
    match connected.connection.url_origin.required("url") {
        Err(why) => seen.unseen(why),
        Ok(origin) => seen.absorb(in_clear(connected, origin, "url", "/urlOrigin")),
    }
    seen.verdict("")
}

fn registry(connected: &Connected<'_>) -> Judgement {
    let mut seen = Gathered::new();
    for origin in connected.connection.schema_registry_url_origins.required("schemaRegistryUrls")? {
        seen.absorb(in_clear(connected, origin, "schemaRegistryUrls", "/schemaRegistryUrlOrigins"));
    }
    seen.verdict("the schema registry has no address")
}

fn in_clear(connected: &Connected<'_>, origin: &Origin, field: &'static str, pointer: &'static str) -> Judgement {
    match origin.is_clear_text() {
        Some(true) => {
            let (scheme, host) = (origin.scheme().unwrap_or_default(), origin.authority());
            let what = format!("talks to {scheme}://{host} in clear");
            Ok(Verdict::of([evidence(connected, &what, pointer)]))
        }
        Some(false) => Ok(Verdict::Pass),
        None => Err(Unknown::not_understood(field, origin.authority())),
    }
}

/// ATL-STR-005
pub(crate) fn public_networking(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    if project.environment != Environment::Production {
        return Ok(Verdict::not_applicable("the project is not production"));
    }
    let mut seen = Gathered::new();
    for connected in connections(project, &mut seen) {
        let connection = connected.connection;
        match &connection.kind {
            None => seen.unseen(Unknown::absent("type")),
            Some(ConnectionType::Kafka | ConnectionType::Kinesis | ConnectionType::S3) => {
                seen.absorb(networking(project, &connected, connection.networking.as_ref(), "/networking/access/type"));
            }
            Some(ConnectionType::Lambda | ConnectionType::AzureBlobStorage | ConnectionType::PubSub) => {
                let networks = connection.public_private_networking.as_ref();
                seen.absorb(networking(project, &connected, networks, "/publicPrivateNetworking/access/type"));
            }
            // Within Atlas, or without a private way.
            Some(
                ConnectionType::Cluster
                | ConnectionType::Sample
                | ConnectionType::Https
                | ConnectionType::SchemaRegistry,
            ) => {}
            Some(ConnectionType::Other(text)) => seen.unseen(Unknown::not_understood("type", text)),
        }
    }
    seen.verdict("no connection that could take a private way")
}

fn networking(
    project: &ProjectView<'_>,
    connected: &Connected<'_>,
    networking: Option<&Networking>,
    field: &'static str,
) -> Judgement {
    let access = networking.and_then(|networking| networking.access.as_ref());
    // Atlas's default is the internet.
    let offence = |what: &str| Ok(Verdict::of([evidence(connected, what, field)]));
    match access.and_then(|access| access.kind.as_ref()) {
        None => offence("goes over the internet: no networking is set"),
        Some(NetworkAccessType::Public) => offence("goes over the internet: PUBLIC"),
        Some(NetworkAccessType::Vpc | NetworkAccessType::TransitGateway) => Ok(Verdict::Pass),
        Some(NetworkAccessType::Other(text)) => Err(Unknown::not_understood("networking.access.type", text)),
        Some(NetworkAccessType::PrivateLink) => {
            let id = access.and_then(|access| access.connection_id.as_ref());
            let id = id.ok_or_else(|| Unknown::absent("networking.access.connectionId"))?;
            let links = project.stream_private_links.known()?;
            let Some(link) = links.iter().find(|link| link.id.as_ref() == Some(id)) else {
                return offence(&format!("takes the private link {id}, which does not exist"));
            };
            match health(link)? {
                Health::Works => Ok(Verdict::Pass),
                Health::Failed(why) => offence(&format!("takes the private link {id}, which failed{why}")),
            }
        }
    }
}

enum Health {
    Works,
    /// And what Atlas says of it.
    Failed(String),
}

/// Words that Atlas writes for states of links. The reference names `FAILED` alone.
fn health(link: &StreamPrivateLink) -> Result<Health, Unknown> {
    let state = link.state.required("state")?;
    match state.to_ascii_uppercase().as_str() {
        "FAILED" | "REJECTED" | "DELETE_FAILED" => {
            Ok(Health::Failed(link.error_message.as_ref().map(|why| format!(": {why}")).unwrap_or_default()))
        }
        "DONE" | "READY" | "AVAILABLE" | "ACTIVE" | "CONNECTED" | "IDLE" => Ok(Health::Works),
        _ => Err(Unknown::not_understood("state", state)),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrossProject {
    allowed_cross_project: Vec<String>,
}

/// ATL-STR-006, the switch
///
/// Projects are judged one by one: whether any of them uses it is not seen from here. Where no use is allowed, there is
/// none to leave it on for.
pub(crate) fn cross_project_switch(organization: &OrganizationView<'_>, limits: &CrossProject) -> Judgement {
    let settings = organization.settings.known()?;
    if !*settings.streams_cross_group_enabled.required("streamsCrossGroupEnabled")? {
        return Ok(Verdict::Pass);
    }
    if !limits.allowed_cross_project.is_empty() {
        return Ok(Verdict::Pass);
    }
    let at = organization.at.child(Section::OrganizationSettings.slot());
    let message = "stream workspaces may connect to clusters of other projects, and no such connection is allowed";
    Ok(Verdict::of([Evidence::at(&at, message).field("/streamsCrossGroupEnabled").severity(Severity::Low)]))
}

/// ATL-STR-006, the connections of each project
pub(crate) fn cross_project(project: &ProjectView<'_>, limits: &CrossProject) -> Judgement {
    let mut seen = Gathered::new();
    let settings = project.organization.settings.known().map_err(Unknown::from);
    let enabled = settings
        .and_then(|settings| settings.streams_cross_group_enabled.required("streamsCrossGroupEnabled").copied());
    if enabled == Ok(false) {
        return Ok(Verdict::not_applicable("the organization does not let workspaces out of their project"));
    }
    for connected in connections(project, &mut seen) {
        if !leads_to_cluster(connected.connection, &mut seen) {
            continue;
        }
        let foreign = connected.foreign_project(project);
        let Some(foreign) = foreign.filter(|id| !limits.allowed_cross_project.iter().any(|known| known == id)) else {
            seen.fine();
            continue;
        };
        let cluster = connected.connection.cluster_name.as_deref().unwrap_or_default();
        let there = project.environments.get(foreign).filter(|there| **there != project.environment);
        let crossing = there.map(|there| format!(", from {} to {there}", project.environment)).unwrap_or_default();
        let what = format!("reaches the cluster {cluster} of the project {foreign}{crossing}");
        let evidence = evidence(&connected, &what, "/clusterGroupId");
        seen.offence(if there.is_some() { evidence.severity(Severity::High) } else { evidence });
    }
    if let Err(why) = enabled {
        seen.unseen(why);
    }
    seen.verdict("no workspace is connected to a cluster")
}
