//! Real answers of Atlas, through the parser that the fetcher uses.
//!
//! `ATLAS_RECORDED_DIR` names a folder of recordings: one JSON file per answer, with `kind`, `request`, `status`
//! and `body`. Without it there is nothing to do.

use std::path::{Path, PathBuf};

use atlas_audit::atlas::endpoints::{Endpoint, Paging, TABLE};
use atlas_audit::snapshot::section::Section;
use atlas_audit::snapshot::shelf::{Sheet, with_slot};
use atlas_audit::snapshot::tree::{Shape, Slot};
use atlas_audit::snapshot::{Ref, schema};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Recording {
    kind: Option<String>,
    request: Option<Request>,
    status: Option<u16>,
    body: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    endpoint: String,
    query: Option<String>,
}

/// What one recording holds for one section.
struct Fed {
    section: Section,
    shape: Shape,
    body: String,
    /// How many resources must come out.
    count: usize,
}

#[test]
fn real_answers_are_understood() {
    let Ok(root) = std::env::var("ATLAS_RECORDED_DIR") else {
        println!("skipped: ATLAS_RECORDED_DIR names no folder of recordings");
        return;
    };
    let mut files = Vec::new();
    collect(Path::new(&root), &mut files);
    files.sort();

    let validator = jsonschema::validator_for(&schema::schema()).unwrap();
    let (mut fed, mut other, mut homeless, mut troubles) = (0, 0, Vec::new(), Vec::new());
    let mut sections = std::collections::BTreeSet::new();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let Ok(recording) = serde_json::from_str::<Recording>(&text) else {
            other += 1;
            continue;
        };
        let told = is_answer(&recording);
        let (Some(request), Some(body), true) = (recording.request, recording.body, told) else {
            other += 1;
            continue;
        };
        let all = sort_out(&request, body.get());
        if all.is_empty() {
            homeless.push(format!("{} {}", request.method, request.endpoint));
        } else {
            fed += 1;
        }
        for one in all {
            sections.insert(one.section);
            if let Err(trouble) = feed(&one, &validator) {
                troubles.push(format!("{} as {}: {trouble}", file.display(), one.section));
            }
        }
    }
    homeless.sort();
    homeless.dedup();
    println!("{} files: fed {fed}, no answer {other}; {} sections seen", files.len(), sections.len());
    println!("no row for {} endpoints:\n  {}", homeless.len(), homeless.join("\n  "));
    assert!(troubles.is_empty(), "{} troubles:\n{}", troubles.len(), troubles.join("\n"));
    assert!(fed >= 150, "only {fed} files were fed");
}

fn is_answer(recording: &Recording) -> bool {
    let told = matches!(recording.kind.as_deref(), Some("recorded" | "example"));
    told && matches!(recording.status, Some(200..=202))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

/// Which sections an answer belongs to, and in which shape they take it.
fn sort_out(request: &Request, body: &str) -> Vec<Fed> {
    let value: Value = serde_json::from_str(body).unwrap();
    let endpoint = request.endpoint.strip_prefix("/api/atlas/v2").unwrap_or(&request.endpoint);
    let path = request.path.strip_prefix("/api/atlas/v2").unwrap_or(&request.path);

    if let Some(section) = exact(request, endpoint, path, &value).filter(|section| !is_one_role(*section, request)) {
        let row = Endpoint::of(section);
        // A write to a list answers with the new item.
        let item = request.method == "POST" && row.paging.is_list() && value.get("results").is_none();
        if !item && section != Section::PrivateEndpoints {
            let shape = match row.paging {
                Paging::Pages | Paging::Envelope => Shape::Results,
                Paging::Array => Shape::Array,
                Paging::Object => Shape::Object,
            };
            let list = if shape == Shape::Results { value.get("results") } else { Some(&value) };
            let count = if shape == Shape::Object { 1 } else { list.and_then(Value::as_array).map_or(0, Vec::len) };
            return vec![Fed { section, shape, body: body.to_owned(), count }];
        }
        return vec![one_of(section, body)];
    }
    item(request, endpoint, &value)
        .into_iter()
        .map(|(section, body)| match Endpoint::of(section).paging {
            Paging::Object if section != Section::PrivateEndpoints => {
                Fed { section, shape: Shape::Object, body: body.to_string(), count: 1 }
            }
            _ => one_of(section, &body.to_string()),
        })
        .collect()
}

fn one_of(section: Section, body: &str) -> Fed {
    Fed { section, shape: Shape::Array, body: format!("[{body}]"), count: 1 }
}

/// Making a cloud role answers with it alone.
fn is_one_role(section: Section, request: &Request) -> bool {
    section == Section::CloudProviderAccess && request.method == "POST"
}

/// The row whose path this is.
fn exact(request: &Request, endpoint: &str, path: &str, value: &Value) -> Option<Section> {
    let rows: Vec<_> = TABLE.iter().filter(|row| row.path == endpoint || same(row.path, path)).collect();
    let query = request.query.as_deref().unwrap_or_default();
    let fits = |row: &&&Endpoint| {
        let [(name, wanted)] = row.query else { return true };
        *name != "providerName" || query.contains(&format!("{name}={wanted}"))
    };
    // Peers look alike: without a query these are AWS's, unless they say otherwise.
    let guess = if value.to_string().contains("gcpProjectId") { "GCP" } else { "AWS" };
    let guessed = |row: &&&Endpoint| row.query.contains(&("providerName", guess));
    let by_query = rows.iter().find(fits).filter(|_| rows.len() == 1 || query.contains("providerName"));
    by_query.or_else(|| rows.iter().find(guessed)).or(rows.first()).map(|row| row.section)
}

/// Whether a path is one of a template whose parameters are filled in; `{cloudProvider}` is AWS, say.
fn same(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let literal = |part: &str| !part.starts_with('{');
    template.len() == path.len()
        && std::iter::zip(&template, &path).all(|(wanted, part)| {
            if literal(wanted) { wanted == part } else { literal(part) && is_identifier(part) || !literal(part) }
        })
}

/// Recorded parameters are identifiers, names and addresses; words such as `privateLinkConnections` are not.
fn is_identifier(part: &str) -> bool {
    !["privateLinkConnections", "activeVpcPeeringConnections", "accountDetails", "shardedClusters", "schedule", "all"]
        .contains(&part)
}

/// Answers about one resource whose list is in the table, and a few paths that say the same.
fn item(request: &Request, endpoint: &str, value: &Value) -> Vec<(Section, Value)> {
    let one = |section| vec![(section, value.clone())];
    let each = |section| {
        let list = value.get("results").unwrap_or(value).as_array().cloned().unwrap_or_default();
        list.into_iter().map(|item| (section, item)).collect::<Vec<_>>()
    };
    match endpoint {
        "/groups/{groupId}/containers" => return each(Section::Containers),
        "/groups/{groupId}/apiKeys" => return each(Section::ApiKeys),
        "/groups" if value.get("results").is_some() => return each(Section::Projects),
        "/groups" | "/groups/{groupId}" => return one(Section::Projects),
        "/federationSettings/{federationSettingsId}/connectedOrgConfigs" => {
            return each(Section::ConnectedOrganization);
        }
        "/groups/{groupId}/integrations/{integrationType}" if value.get("results").is_some() => {
            return each(Section::Integrations);
        }
        "/groups/{groupId}/dbAccessHistory/processes/{hostname}" => return one(Section::AccessHistory),
        "/groups/{groupId}/cloudProviderAccess" | "/groups/{groupId}/cloudProviderAccess/{roleId}" => {
            return vec![(Section::CloudProviderAccess, serde_json::json!({ "awsIamRoles": [value] }))];
        }
        "/groups/{groupId}/privateEndpoint/endpointService"
        | "/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService"
        | "/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}" => {
            return one(Section::AwsPrivateEndpointServices);
        }
        _ => {}
    }
    let Some((list, parameter)) = endpoint.rsplit_once('/') else { return Vec::new() };
    if !parameter.starts_with('{') {
        return Vec::new();
    }
    let list = list.strip_suffix("/{databaseName}").unwrap_or(list);
    let row = TABLE.iter().find(|row| row.path == list && row.paging.is_list());
    let looks_alike = request.method != "DELETE" && value.is_object();
    row.filter(|_| looks_alike).map(|row| one(row.section)).unwrap_or_default()
}

/// Fills the section's place with it, writes that, reads it back and writes again.
fn feed(one: &Fed, validator: &jsonschema::Validator) -> Result<(), String> {
    let at = Ref::organization("0").child("there");
    with_slot(one.section, |slot| {
        let count = slot.fill(one.shape, &[one.body.as_bytes()]).map_err(|error| error.to_string())?;
        if count != one.count {
            return Err(format!("{count} resources instead of {}", one.count));
        }
        let written = Sheet::of(slot, &at).map_err(|error| error.to_string())?;
        check(one, &written, validator)?;
        with_slot(one.section, |again| {
            for (line_at, line) in &written.0 {
                place(again, &at, line_at, line)?;
            }
            let rewritten = Sheet::of(again, &at).map_err(|error| error.to_string())?;
            if rewritten.0 == written.0 { Ok(()) } else { Err(format!("{:?} became {:?}", written.0, rewritten.0)) }
        })
    })
}

fn place(slot: &mut dyn Slot, at: &Ref, line_at: &Ref, line: &str) -> Result<(), String> {
    let below = line_at.as_str().strip_prefix(at.as_str()).unwrap();
    let path: Vec<_> = below.split('/').skip(1).collect();
    slot.place(&path, line).map_err(|error| format!("{line}: {error}"))
}

/// The lines must fit the schema, wherever in it they would stand.
fn check(one: &Fed, written: &Sheet, validator: &jsonschema::Validator) -> Result<(), String> {
    let place = match one.section.owner() {
        "organization" if one.section == Section::Projects => "org/0/project".to_owned(),
        "organization" => format!("org/0/{}", one.section.slot()),
        "project" => format!("org/0/project/0/{}", one.section.slot()),
        // Their owners' lists have names of their own; the unit tests of the schema go through these.
        _ => return Ok(()),
    };
    for (at, line) in &written.0 {
        if one.section == Section::Projects && at.as_str() == "org/0/there" {
            continue;
        }
        let mut value: Value = serde_json::from_str(line).unwrap();
        value["ref"] = Value::from(at.as_str().replacen("org/0/there", &place, 1));
        if !validator.is_valid(&value) {
            return Err(format!("does not fit the schema: {value}"));
        }
    }
    Ok(())
}
