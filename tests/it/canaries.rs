//! No secret leaves the program: values that would be recognised stand in every secret field of the simulator's
//! answers, and none may come out anywhere: no snapshot, no report, no log, no error.
//!
//! What a single section keeps of an answer is the business of `secrets`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use atlas_audit::atlas::endpoints::TABLE;
use atlas_audit::cli::Cli;
use atlas_audit::simulator::{CLIENT_ID, CLIENT_SECRET, Options, PRIVATE_API_KEY, Recording};
use atlas_audit::snapshot::Section;
use clap::CommandFactory;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::support::{Run, SignIn, Stage, copy, fixture};

/// What stands in for a secret: different everywhere, so that a leak tells where it comes from.
fn numbered(text: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    text.split("CANARY").collect::<Vec<_>>().join(&format!("CANARY-{}", NUMBER.fetch_add(1, Ordering::Relaxed)))
}

/// The secret fields of each section, in the shape of one of its entries.
fn secret_fields(section: Section) -> Option<Value> {
    use Section as S;
    let url = "https://someone:CANARY@hooks.example.com/CANARY?token=CANARY#CANARY";
    let secret = json!({ "id": "s", "secret": "CANARY", "maskedSecretValue": "mdb_****CANARY" });
    let person = json!({ "firstName": "CANARY", "lastName": "CANARY", "mobileNumber": "CANARY", "country": "CANARY", "password": "CANARY" });
    Some(match section {
        S::ApiKeys => json!({ "privateKey": "********-****-****-CANARY" }),
        S::ServiceAccounts | S::ProjectServiceAccounts | S::McpConfigs | S::ProjectMcpConfigs => {
            json!({ "secret": "CANARY", "secrets": [secret] })
        }
        S::McpSecrets | S::ProjectMcpSecrets => secret,
        S::AiModelApiKeys => json!({ "secret": "CANARY", "maskedSecret": "CANARY", "endpoint": url }),
        S::OrganizationUsers | S::TeamUsers | S::ProjectUsers => person,
        S::BackupCompliancePolicy => {
            json!({ "authorizedUserFirstName": "CANARY", "authorizedUserLastName": "CANARY" })
        }
        S::DatabaseUsers => json!({ "password": "CANARY" }),
        S::Credential => json!({ "apiKey": { "privateKey": "CANARY" } }),
        S::Integrations => json!({
            "apiKey": "****CANARY", "apiToken": "CANARY", "serviceKey": "CANARY", "licenseKey": "CANARY",
            "readToken": "CANARY", "writeToken": "CANARY", "secret": "CANARY", "password": "CANARY",
            "routingKey": "CANARY", "url": url, "microsoftTeamsWebhookUrl": url, "bodyTemplate": "CANARY",
            "headersTemplate": "CANARY",
        }),
        S::AlertConfigs => json!({ "notifications": [{
            "datadogApiKey": "CANARY", "opsGenieApiKey": "CANARY", "serviceKey": "CANARY", "apiToken": "CANARY",
            "notificationToken": "CANARY", "victorOpsApiKey": "CANARY", "victorOpsRoutingKey": "CANARY",
            "webhookUrl": url, "webhookSecret": "CANARY", "webhookBodyTemplate": "CANARY",
            "webhookHeadersTemplate": "CANARY", "microsoftTeamsWebhookUrl": url, "mobileNumber": "CANARY",
        }] }),
        S::LogIntegrations => json!({
            "apiKey": "CANARY", "hecToken": "CANARY", "hecUrl": url, "otelEndpoint": url,
            "otelSuppliedHeaders": [{ "name": "authorization", "value": "CANARY" }],
        }),
        S::MetricIntegrations => json!({
            "endpoint": url, "headers": [{ "name": "authorization", "value": "CANARY" }],
            "headersRedacted": [{ "name": "authorization", "value": "CANARY" }],
        }),
        S::EncryptionAtRest => json!({
            "awsKms": { "accessKeyID": "CANARY", "secretAccessKey": "CANARY" },
            "azureKeyVault": { "secret": "CANARY" }, "googleCloudKms": { "serviceAccountKey": "CANARY" },
        }),
        S::UserSecurity => json!({ "ldap": {
            "bindPassword": "CANARY", "bindUsername": "CANARY", "hostname": "CANARY", "authzQueryTemplate": "CANARY",
        } }),
        S::CloudProviderAccess => json!({ "awsIamRoles": [{ "atlasAssumedRoleExternalId": "CANARY" }] }),
        S::FederatedDatabases => json!({
            "cloudProviderConfig": { "aws": { "externalId": "CANARY", "testS3Bucket": "CANARY" } },
            "storage": { "stores": [{ "urls": [url], "serviceURL": url }] },
        }),
        S::ExportBuckets => json!({ "serviceUrl": url }),
        S::StreamConnections => json!({
            "url": url, "headers": { "authorization": "CANARY" }, "config": { "sasl.jaas.config": "CANARY" },
            "authentication": {
                "username": "CANARY", "password": "CANARY", "clientSecret": "CANARY", "sslKey": "CANARY",
                "sslKeyPassword": "CANARY",
            },
            "schemaRegistryAuthentication": { "username": "CANARY", "password": "CANARY" },
        }),
        S::StreamProcessors => json!({ "pipeline": [
            { "$source": { "connectionName": "in", "documents": ["CANARY"], "config": { "group.id": "CANARY" } } },
            { "$match": { "card": "CANARY" } },
            { "$https": { "connectionName": "api", "path": "/CANARY", "headers": { "authorization": "CANARY" } } },
        ] }),
        S::RestoreJobs => json!({
            "deliveryUrl": [url], "snapshotUrl": url, "privateDownloadDeliveryUrls": [{ "deliveryUrl": url }],
            "components": [{ "downloadUrl": url, "privateDownloadDeliveryUrls": [{ "deliveryUrl": url }] }],
        }),
        S::FlexSnapshots => json!({ "snapshotUrl": url }),
        S::AccessHistory => json!({ "accessLogs": [{ "logLine": "CANARY", "hostname": "CANARY" }] }),
        S::OrganizationEvents | S::ProjectEvents => json!({ "raw": { "token": "CANARY" }, "description": "CANARY" }),
        _ => return None,
    })
}

/// Lays `secrets` over a value: objects merge, every entry of a list gets the one entry of the other.
fn plant(value: &mut Value, secrets: &Value) {
    match (value, secrets) {
        (Value::Object(fields), Value::Object(secrets)) => {
            for (name, secret) in secrets {
                plant(fields.entry(name.clone()).or_insert(Value::Null), secret);
            }
        }
        (Value::Array(entries), Value::Array(secrets)) => {
            if entries.is_empty() {
                entries.push(Value::Null);
            }
            for entry in entries {
                plant(entry, &secrets[0]);
            }
        }
        (value, Value::Object(secrets)) => {
            *value = Value::Object(Map::new());
            plant(value, &Value::Object(secrets.clone()));
        }
        (value, Value::Array(secrets)) => {
            *value = Value::Array(secrets.clone());
            for (entry, secret) in value.as_array_mut().unwrap().iter_mut().zip(secrets) {
                plant(entry, secret);
            }
        }
        (value, Value::String(secret)) => *value = Value::from(numbered(secret)),
        (value, other) => *value = other.clone(),
    }
}

/// Goes through all files of a recording, each with its path in the API.
fn each_file(folder: &Path, path: &str, change: &mut dyn FnMut(&str, &mut Value)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap().path();
        let name = entry.file_name().unwrap().to_str().unwrap().to_owned();
        if entry.is_dir() {
            each_file(&entry, &format!("{path}/{name}"), change);
        } else if let Some(stem) = name.strip_suffix(".json") {
            let stem = stem.split('@').next().unwrap();
            let path = if stem == "_root" { String::new() } else { format!("{path}/{stem}") };
            let mut body: Value = serde_json::from_str(&std::fs::read_to_string(&entry).unwrap()).unwrap();
            change(&path, &mut body);
            std::fs::write(&entry, body.to_string()).unwrap();
        }
    }
}

fn is_error(body: &Value) -> bool {
    body.get("errorCode").is_some()
}

/// The rows of a list, or the one object.
fn entries(body: &mut Value) -> Vec<&mut Value> {
    if body.is_array() {
        return body.as_array_mut().unwrap().iter_mut().collect();
    }
    if body.get("results").is_some_and(Value::is_array) {
        return body["results"].as_array_mut().unwrap().iter_mut().collect();
    }
    vec![body]
}

fn sections_at(path: &str) -> impl Iterator<Item = Section> {
    let parts: Vec<_> = path.split('/').map(str::to_owned).collect();
    TABLE.iter().filter_map(move |row| {
        let template: Vec<_> = row.path.split('/').collect();
        let fits = template.len() == parts.len()
            && std::iter::zip(&template, &parts).all(|(wanted, part)| wanted.starts_with('{') || *wanted == *part);
        fits.then_some(row.section)
    })
}

/// The demo with a secret in every field that could hold one.
fn planted() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    // What the demo has no entry of.
    let project = folder.path().join("groups/63c5150ca71a510100000001");
    std::fs::write(project.join("metricIntegrations.json"), r#"{"results": [{"metricIntegrationId": "m"}]}"#).unwrap();
    let mut seen = BTreeSet::new();
    each_file(folder.path(), "", &mut |path, body| {
        if is_error(body) {
            return;
        }
        for section in sections_at(path) {
            let Some(secrets) = secret_fields(section) else { continue };
            for entry in entries(body) {
                seen.insert(section);
                plant(entry, &secrets);
            }
        }
    });
    let missed: Vec<_> =
        Section::ALL.iter().filter(|section| secret_fields(**section).is_some() && !seen.contains(section)).collect();
    assert!(missed.is_empty(), "nothing was planted in {missed:?}");
    folder
}

/// The demo with text wherever a number or a truth value belongs: answers that will not parse.
fn mistyped() -> TempDir {
    fn mistype(value: &mut Value) {
        match value {
            Value::Bool(_) | Value::Number(_) => *value = Value::from(numbered("CANARY")),
            Value::Array(items) => items.iter_mut().for_each(mistype),
            Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| mistype(value)),
            Value::Null | Value::String(_) => {}
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("demo"), folder.path());
    each_file(folder.path(), "", &mut |path, body| {
        // Without these there is nobody to ask about.
        let lists = path == "/orgs" || path.ends_with("/groups") || path.ends_with("/clusters");
        if !is_error(body) && !lists {
            mistype(body);
        }
    });
    folder
}

fn stage(recording: &TempDir) -> Stage {
    Stage::with(Recording::load(recording.path()).unwrap(), Options::default())
}

/// Everything that stands for a secret, and what signing in puts on the wire.
#[track_caller]
fn keeps_secrets(what: &str, text: &str) {
    let basic = "bWRiX3NhX2lkXzAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTptZGJfc2Ffc2tfZmFrZV9zZWNyZXQ";
    for secret in ["CANARY", CLIENT_SECRET, PRIVATE_API_KEY, basic, "Bearer ", "Basic ", "Digest ", "access_token"] {
        if let Some(line) = text.lines().find(|line| line.contains(secret)) {
            let at = line.find(secret).unwrap();
            let from = line.floor_char_boundary(at.saturating_sub(200));
            let to = line.floor_char_boundary((at + 200).min(line.len()));
            panic!("{what} shows {secret}: …{}…", &line[from..to]);
        }
    }
}

#[track_caller]
fn run_keeps_secrets(what: &str, run: &Run) {
    keeps_secrets(&format!("stdout of {what}"), &run.stdout);
    keeps_secrets(&format!("stderr of {what}"), &run.stderr);
}

fn every_command_keeps_secrets(stage: &Stage) {
    let fetch = stage.run(&["fetch", "-vv", "--output", "all.jsonl"]);
    assert_eq!(fetch.code, 0, "{}", fetch.stderr);
    assert!(fetch.stderr.contains("/accessList"), "the log tells of every call");
    run_keeps_secrets("fetch", &fetch);
    keeps_secrets("the snapshot", &stage.read("all.jsonl"));

    for (name, args) in [
        ("a report of a snapshot", &["--snapshot", "all.jsonl"][..]),
        ("a report of Atlas", &["--save-snapshot", "saved.jsonl"]),
    ] {
        let reports = ["--format", "table", "--format", "json", "--output", "r.json", "--format", "sarif"];
        let scan = [&["scan", "-vv"], &reports[..], &["--output", "r.sarif"], args].concat();
        let run = stage.run(&scan);
        assert!(matches!(run.code, 0 | 1 | 3), "{}", run.stderr);
        run_keeps_secrets(name, &run);
        for file in ["r.json", "r.sarif"] {
            keeps_secrets(&format!("{name} in {file}"), &stage.read(file));
        }
    }
    keeps_secrets("the saved snapshot", &stage.read("saved.jsonl"));
}

#[test]
fn secrets_in_answers_reach_no_output() {
    every_command_keeps_secrets(&stage(&planted()));
}

#[test]
fn secrets_in_answers_reach_no_output_of_an_api_key_either() {
    every_command_keeps_secrets(&stage(&planted()).sign_in(SignIn::ApiKey));
}

#[test]
fn what_will_not_parse_is_not_quoted() {
    let stage = stage(&mistyped());
    every_command_keeps_secrets(&stage);
    let holes = stage.read("all.jsonl").lines().filter(|line| line.contains("\"malformed\"")).count();
    assert!(holes > 30, "only {holes} sections did not parse");
}

#[test]
fn answers_that_break_off_are_not_quoted() {
    let stage = stage(&planted());
    stage.faults(&["malformed@project.integrations", "cut@project.alertConfigs", "html@project.encryptionAtRest"]);
    let run = stage.run(&["fetch", "-vv", "--output", "holes.jsonl"]);
    run_keeps_secrets("a fetch with faults", &run);
    let snapshot = stage.read("holes.jsonl");
    assert!(
        ["integrations", "alertConfigs", "encryptionAtRest"]
            .iter()
            .all(|section| { snapshot.lines().any(|line| line.contains(&format!("/{section}\",\"unavailable\""))) })
    );
    keeps_secrets("a snapshot with holes", &snapshot);
}

#[test]
fn no_level_of_logging_shows_a_credential() {
    for how in [SignIn::ServiceAccount, SignIn::ApiKey] {
        let stage = Stage::of("demo").sign_in(how).variable("ATLAS_AUDIT_LOG", "trace");
        let run = stage.run(&["scan", "--rule", "ATL-NET-001"]);
        assert!(run.stderr.contains("TRACE") || run.stderr.contains("DEBUG"), "{}", run.stderr);
        run_keeps_secrets("a scan at level trace", &run);
    }
}

#[test]
fn a_credential_that_is_not_accepted_is_named_by_its_public_half() {
    let stage = Stage::of("demo").variable("MONGODB_ATLAS_CLIENT_SECRET", "mdb_sa_sk_CANARY");
    let run = stage.run(&["scan", "-vv"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains(CLIENT_ID), "{}", run.stderr);
    run_keeps_secrets("a refused scan", &run);
}

#[test]
fn no_argument_takes_a_secret() {
    fn walk(command: &clap::Command) {
        for argument in command.get_arguments() {
            let name = argument.get_id().as_str();
            for word in ["secret", "password", "token", "private", "key", "client"] {
                // How long the simulator's tokens live is no secret.
                assert!(!name.contains(word) || name == "token_life", "{} takes {name}", command.get_name());
            }
        }
        command.get_subcommands().for_each(walk);
    }
    walk(&Cli::command());
}
