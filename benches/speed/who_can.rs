//! What an answer about everybody costs where there are many users, and roles inherit roles.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use atlas_audit::analysis::privileges::{Namespace, Privileges, Question, Verb};
use atlas_audit::snapshot::store::{Header, SnapshotWriter};
use atlas_audit::snapshot::{Organization, Project, Reading};
use serde_json::{Value, json};

use super::{Promise, program, scratch, seconds};

const USERS: usize = 10_000;
const ROLES: usize = 500;
const DEPTH: usize = 10;

pub(super) fn measure() -> Vec<Promise> {
    let project = project();
    let namespace: Namespace = "db7.orders".parse().unwrap();
    let started = Instant::now();
    let privileges = Privileges::of(&project, jiff::Timestamp::UNIX_EPOCH);
    let question = Question { verb: Verb::Write, namespace: Some(&namespace), place: None };
    let mut inquiry = privileges.ask(question);
    let can = privileges.users().unwrap().iter().filter(|user| inquiry.answer(user).is_yes()).count();
    let answering = started.elapsed();
    println!("  {USERS} users, {ROLES} roles {DEPTH} deep: {can} can, answered in {}", seconds(answering));
    assert!(can > 0 && can < USERS);

    let path = scratch("who-can.jsonl");
    write(&path, &project);
    let started = Instant::now();
    let mut command = program();
    command.args(["who-can", "write", "db7.orders", "--format", "json", "--snapshot"]).arg(&path).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
    let whole = started.elapsed();
    println!("  `who-can --snapshot`, reading and writing included, takes {}", seconds(whole));
    vec![
        Promise { what: "an answer about everybody", measured: answering.as_secs_f64(), at_most: 1.0, unit: " s" },
        Promise { what: "the same by the program", measured: whole.as_secs_f64(), at_most: 1.0, unit: " s" },
    ]
}

/// Layers of roles, each inheriting three of the next; users with three roles each, some of them built in.
fn project() -> Project {
    let width = ROLES / DEPTH;
    let name = |layer: usize, index: usize| format!("layer{layer}-{}", index % width);
    let roles: Vec<Value> = (0..ROLES)
        .map(|number| {
            let (layer, index) = (number / width, number % width);
            let inherited: Vec<Value> = match layer + 1 {
                DEPTH => vec![json!({ "role": "read", "db": format!("db{index}") })],
                below => (0..3).map(|step| json!({ "role": name(below, index * 3 + step), "db": "admin" })).collect(),
            };
            let on = json!([{ "db": format!("db{index}"), "collection": "orders" }, { "db": format!("log{layer}") }]);
            let actions: Vec<Value> =
                ["FIND", "INSERT", "CREATE_INDEX"].map(|action| json!({ "action": action, "resources": on })).into();
            json!({ "roleName": name(layer, index), "actions": actions, "inheritedRoles": inherited })
        })
        .collect();
    let users: Vec<Value> = (0..USERS)
        .map(|number| {
            let granted = [
                json!({ "roleName": "readWrite", "databaseName": format!("tenant{number}") }),
                json!({ "roleName": name(number % DEPTH, number), "databaseName": "admin" }),
                json!({ "roleName": name(9 - number % 3, number / 7), "databaseName": "admin" }),
            ];
            let scopes = if number % 2 == 0 { json!([]) } else { json!([{ "type": "CLUSTER", "name": "main" }]) };
            json!({ "username": format!("user{number:05}"), "databaseName": "admin", "roles": granted, "scopes": scopes })
        })
        .collect();
    Project {
        id: "7".repeat(24),
        name: Some("large".to_owned()),
        database_users: Reading::Known(serde_json::from_value(users.into()).unwrap()),
        custom_roles: Reading::Known(serde_json::from_value(roles.into()).unwrap()),
        clusters: Reading::Known(serde_json::from_value(json!([{ "name": "main" }, { "name": "other" }])).unwrap()),
        flex_clusters: Reading::Known(Vec::new()),
        serverless_instances: Reading::Known(Vec::new()),
        federated_databases: Reading::Known(Vec::new()),
        stream_workspaces: Reading::Known(Vec::new()),
        ..Project::default()
    }
}

fn write(path: &Path, project: &Project) {
    let header: Header = serde_json::from_value(json!({
        "format": 1, "tool": "bench", "taken": "2026-11-22T12:00:00Z", "source": "bench", "credential": "none", "sections": [],
    }))
    .unwrap();
    let organization = Organization { id: "6".repeat(24), ..Organization::default() };
    let out = BufWriter::new(File::create(path).unwrap());
    let mut writer = SnapshotWriter::start(out, &header, &organization, &Reading::Known(1)).unwrap();
    writer.project(project).unwrap();
    writer.finish(true).unwrap();
}
