//! Who can do what in one small project: clusters `prod` and `dev`, the federated database `lake`, the workspace `flow`.

mod cases;
mod overview;
mod properties;
mod reached;
mod ways;

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::snapshot::Reading;
use crate::snapshot::reading::{Reason, Unavailable};

const NOW: &str = "2026-11-22T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn known<T: serde::de::DeserializeOwned>(list: &Value) -> Reading<Vec<T>> {
    Reading::Known(serde_json::from_value(list.clone()).unwrap())
}

fn refused<T>() -> Reading<T> {
    Reading::Unavailable(Unavailable::new(Reason::Forbidden, "/groups/p/x"))
}

/// A project with these users and roles of its own.
fn project(users: &Value, roles: &Value) -> Project {
    let mut project = Project { id: "p".to_owned(), ..Project::default() };
    project.database_users = known(users);
    project.custom_roles = known(roles);
    project.clusters = known(&json!([{ "name": "prod" }, { "name": "dev" }]));
    project.flex_clusters = Reading::Known(Vec::new());
    project.serverless_instances = Reading::Known(Vec::new());
    project.federated_databases = known(&json!([{ "name": "lake" }]));
    project.stream_workspaces = known(&json!([{ "name": "flow" }]));
    connect(
        &mut project,
        &json!([
            { "name": "toProd", "type": "Cluster", "clusterName": "prod",
              "dbRoleToExecute": { "role": "atlasAdmin", "type": "BUILT_IN" } },
            { "name": "kafka", "type": "Kafka" },
        ]),
    );
    project
}

fn connect(project: &mut Project, connections: &Value) {
    project.stream_workspaces.known_mut().unwrap()[0].connections = known(connections);
}

/// A user of the name `u` with these roles: `read@shop`, `readWrite@shop.orders`, `mine`.
fn user(roles: &[&str]) -> Value {
    let roles: Vec<_> = roles
        .iter()
        .map(|role| {
            let (name, on) = role.split_once('@').unwrap_or((role, "admin"));
            let (database, collection) = on.split_once('.').unwrap_or((on, ""));
            json!({ "roleName": name, "databaseName": database, "collectionName": collection })
        })
        .collect();
    json!({ "username": "u", "databaseName": "admin", "roles": roles, "scopes": [] })
}

/// The same, let in only at `CLUSTER dev` and the like.
fn scoped(roles: &[&str], scopes: &[&str]) -> Value {
    let mut user = user(roles);
    let scopes: Vec<_> = scopes
        .iter()
        .map(|scope| {
            let (kind, name) = scope.split_once(' ').unwrap();
            json!({ "type": kind, "name": name })
        })
        .collect();
    user["scopes"] = scopes.into();
    user
}

/// A custom role: `FIND shop.`, `INSERT shop.orders`, `GET_LOG cluster`, `FIND .` (every database), `< read@shop` (inherits).
fn role(name: &str, parts: &[&str]) -> Value {
    let (mut actions, mut inherited) = (Vec::new(), Vec::new());
    for part in parts {
        let (what, on) = part.split_once(' ').unwrap();
        if what == "<" {
            let (role, db) = on.split_once('@').unwrap_or((on, "admin"));
            inherited.push(json!({ "role": role, "db": db }));
            continue;
        }
        let resource = if let Some(rest) = on.strip_prefix("cluster") {
            let (database, collection) = rest.trim().split_once('.').unwrap_or_default();
            json!({ "cluster": true, "db": database, "collection": collection })
        } else {
            let (database, collection) = on.split_once('.').unwrap();
            json!({ "cluster": false, "db": database, "collection": collection })
        };
        actions.push(json!({ "action": what, "resources": [resource] }));
    }
    json!({ "roleName": name, "actions": actions, "inheritedRoles": inherited })
}

/// `read shop.orders on prod`: the answer for the first user, as `yes (find)`, `no` or `undecided`, then the indirect ways.
fn ask(project: &Project, question: &str) -> String {
    let privileges = Privileges::of(project, now());
    let answer = answer(&privileges, question, 0);
    said(&answer)
}

fn said(answer: &Answer<'_>) -> String {
    let names = |ways: &[Way<'_>]| {
        let name = |way: &Way<'_>| {
            let unsure = if way.confirmed { "" } else { "?" };
            let only = if way.only.is_empty() { String::new() } else { format!(" on {}", way.only.join("+")) };
            format!("{}{unsure}{only}", way.action)
        };
        ways.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let mut said = match &answer.direct {
        Direct::Yes(ways) => format!("yes ({})", names(ways)),
        Direct::No => "no".to_owned(),
        Direct::Undecided(_) => "undecided".to_owned(),
    };
    for way in &answer.indirect {
        let unsure = if way.certain { "" } else { "?" };
        let through = way.via.as_ref().map(|via| format!("/{}", via.connection.unwrap_or(via.place.name)));
        _ = write!(said, ", {}{unsure}{}", way.kind.name(), through.unwrap_or_default());
    }
    if !answer.indirect_undecided.is_empty() {
        said.push_str(", perhaps more");
    }
    said
}

fn answer<'a>(privileges: &Privileges<'a>, question: &str, user: usize) -> Answer<'a> {
    let (question, place) = match question.split_once(" on ") {
        Some((question, place)) => (question, Some(place)),
        None => (question, None),
    };
    let (verb, namespace) = question.split_once(' ').unwrap_or((question, ""));
    let verb = Verb::ALL.into_iter().find(|known| known.name() == verb).unwrap();
    let namespace: Option<Namespace> = (!namespace.is_empty()).then(|| namespace.parse().unwrap());
    let kind = if place == Some("lake") { PlaceKind::FederatedDatabase } else { PlaceKind::Cluster };
    let place = place.map(|name| Place { kind, name });
    let mut inquiry = privileges.ask(Question { verb, namespace: namespace.as_ref(), place });
    inquiry.answer(&privileges.users().unwrap()[user])
}
