//! Database users, their certificates, and custom roles.

use std::collections::BTreeMap;

use super::access::Logins;
use super::gather::Gatherer;
use super::pack::{Kind, Party, Privileged, Row};
use super::party;
use super::words::{clean, count, moment, not_known, optional};
use crate::analysis::privileges::{
    Action, ActionSet, Class, Grant, Level, Overview, Pattern, Privileges, Resolved, User, Verb,
};
use crate::analysis::review_digest;
use crate::snapshot::database_access::{
    Certificate, CustomRole, DatabaseRole, DatabaseUser, InheritedRole, Mechanism, RoleAction, RoleResource,
};
use crate::snapshot::tree::Node;
use crate::snapshot::{Organization, Project, Ref, Section};

/// A row for each database user, certificate and custom role of a project.
pub(super) fn rows(gatherer: &Gatherer<'_>, organization: &Organization, project: &Project) -> Vec<Row> {
    let at = organization.at().project(&project.id);
    let privileges = Privileges::of(project, gatherer.now);
    let logins = Logins::of(project, &gatherer.declared.logins);
    let mut rows = Vec::new();
    for user in privileges.users().into_iter().flatten() {
        rows.extend(of_user(gatherer, &at, &privileges, &logins, user));
    }
    let section = at.child(Section::CustomRoles.slot());
    for role in project.custom_roles.known().into_iter().flatten() {
        rows.push(of_role(&section.child(&role.key()), project, &privileges, role));
    }
    rows
}

fn of_user(
    gatherer: &Gatherer<'_>,
    project: &Ref,
    privileges: &Privileges<'_>,
    logins: &Logins<'_>,
    user: &User<'_>,
) -> Vec<Row> {
    let entry: &DatabaseUser = user.entry;
    let at = project.child(Section::DatabaseUsers.slot()).child(&entry.key());
    let mut row = Row::new(Kind::DatabaseUser, &at, &entry.key());
    let known = party::database_user(gatherer.declared, privileges.project(), entry);
    let overview = privileges.overview(user);
    row.line = Some(review_digest::database_user_line(entry));
    row.party = known.party.unwrap_or(Party::NotKnown);
    row.known_owner = known.owner;
    row.persons = known.persons;
    row.persons.push(entry.username.clone().unwrap_or_default());
    row.grants = entry.roles.iter().flatten().map(granted).collect();
    row.scope = scope(&overview, user);
    row.reach = reach(&overview.resolved);
    row.reach.extend(beyond(&overview));
    row.privileged = privileged(&overview.resolved, !overview.indirect_undecided.is_empty());
    row.source = if user.is_group() { "membership of a group or role outside Atlas" } else { "direct" }.into();
    row.sign_in = sign_in(entry.mechanism());
    row.ends = entry.delete_after_date.as_ref().map_or_else(|| "when somebody deletes it".to_owned(), moment);
    row.last_use = match entry.mechanism() {
        Some(Mechanism::OidcUser | Mechanism::OidcGroup | Mechanism::LdapGroup | Mechanism::AwsRole) => {
            not_known("whoever logs in as this user does so under a name of their own")
        }
        _ => logins.by(user.name()),
    };
    row.comment = optional(entry.description.as_deref());
    if let Ok(certificates) = entry.certificates.known() {
        row.secrets = certificates.iter().map(certificate).collect();
    }
    let certificates = entry.certificates.known().into_iter().flatten();
    let below = at.child(Section::Certificates.slot());
    let mut rows: Vec<Row> = certificates
        .map(|certificate| {
            let subject = certificate.subject.as_deref().unwrap_or("certificate");
            let mut its = Row::new(Kind::Certificate, &below.child(&certificate.key()), subject);
            its.party = row.party;
            its.persons.clone_from(&row.persons);
            its.scope = format!("database user {}", row.subject);
            its.grants = vec![format!("logs in as {}", row.subject)];
            its.reach.clone_from(&row.reach);
            its.privileged = row.privileged;
            its.source = "made by Atlas for the database user".into();
            its.sign_in.clone_from(&row.sign_in);
            its.since = certificate.created_at.as_ref().map_or_else(|| not_known("Atlas does not tell"), moment);
            its.ends = certificate.not_after.as_ref().map_or_else(|| not_known("Atlas does not tell"), moment);
            its.last_use = not_known("Atlas tells of users, not of their certificates");
            its.known_owner.clone_from(&row.known_owner);
            its
        })
        .collect();
    rows.insert(0, row);
    rows
}

fn certificate(certificate: &Certificate) -> String {
    let end = certificate.not_after.as_ref().map_or_else(|| not_known("Atlas does not tell"), moment);
    format!("certificate {}: until {end}", certificate.key())
}

/// `readWrite@shop.orders`
fn granted(role: &DatabaseRole) -> String {
    let (name, database) = (role.role_name.as_deref(), role.database_name.as_deref());
    let collection = role.collection_name.as_deref().filter(|name| !name.is_empty());
    let collection = collection.map(|name| format!(".{name}")).unwrap_or_default();
    clean(&format!("{}@{}{collection}", name.unwrap_or("?"), database.unwrap_or("?")))
}

/// Where a user is let in.
fn scope(overview: &Overview<'_>, user: &User<'_>) -> String {
    let places: Vec<String> = overview.places.iter().map(|place| clean(&place.to_string())).collect();
    let mut scope = match (user.reach.everywhere(), places.is_empty()) {
        (true, true) => "everywhere in the project, where nothing is".to_owned(),
        (true, false) => format!("everywhere in the project: {}", places.join(", ")),
        (false, true) => "nowhere".to_owned(),
        (false, false) => format!("only {}", places.join(", ")),
    };
    if !overview.dangling.is_empty() {
        let names: Vec<String> = overview.dangling.iter().map(|place| clean(&place.to_string())).collect();
        scope = format!("{scope}; also {}, which is not there", names.join(", "));
    }
    for unclear in user.reach.unclear() {
        scope = format!("{scope}; {}", clean(unclear));
    }
    scope
}

/// What roles reach: `read: shop, crm.customers`, a line for each verb.
fn reach(resolved: &Resolved<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for verb in Verb::ALL {
        let writes = resolved.with(on_data(verb));
        let mut on: Vec<String> = Vec::new();
        if writes.all {
            on.push("every database".to_owned());
        }
        for (database, collections) in &writes.databases {
            match collections {
                // What every database covers needs no name, but for those that it leaves out.
                None if writes.all && !matches!(*database, "config" | "local") => {}
                None => on.push((*database).to_owned()),
                Some(collections) if !writes.all || matches!(*database, "config" | "local") => {
                    on.extend(collections.iter().map(|collection| format!("{database}.{collection}")));
                }
                Some(_) => {}
            }
        }
        on.extend(writes.everywhere.iter().map(|collection| format!("{collection} in every database")));
        let on_cluster = resolved.effective().any(|grant| {
            let here = matches!(grant.on, Pattern::Cluster | Pattern::Anything);
            here && stops_or_opens(grant)
        });
        if verb == Verb::Administer && on_cluster {
            on.push("the cluster itself".to_owned());
        }
        if !on.is_empty() {
            lines.push(clean(&format!("{verb}: {}", on.join(", "))));
        }
    }
    if !resolved.stream_actions().is_empty() {
        lines.push("stream workspaces".to_owned());
    }
    if lines.is_empty() {
        lines.push("no data".to_owned());
    }
    if !resolved.doubts.is_empty() {
        let doubts: Vec<String> = resolved.doubts.iter().map(ToString::to_string).collect();
        lines.push(clean(&format!("there may be more: {}", doubts.join("; "))));
    }
    lines
}

/// What `who-can` takes for a yes, of documents and databases.
fn on_data(verb: Verb) -> ActionSet {
    match verb {
        Verb::Read => ActionSet::of(&[Action::Find, Action::ChangeStream]),
        Verb::Write => ActionSet::of(&[Action::Insert, Action::Update, Action::Remove]),
        Verb::Destroy => ActionSet::of(&[
            Action::DropCollection,
            Action::ConvertToCapped,
            Action::CreateIndex,
            Action::CollMod,
            Action::DropDatabase,
        ]),
        Verb::Administer => ActionSet::all(|action| {
            let on_data = matches!(action.level(), Level::Collection | Level::CollectionOrCluster | Level::Database);
            action.class() == Class::Admin && on_data
        }),
    }
}

/// Whether a grant stops a cluster, carries data away from it or gets round its protections.
fn stops_or_opens(grant: &Grant<'_>) -> bool {
    let on_cluster = |action: Action| matches!(action.level(), Level::Cluster | Level::CollectionOrCluster);
    grant.actions.iter().any(|action| on_cluster(action) && action.class().is_dangerous() && action != Action::ApplyOps)
}

/// Ways beyond the grants, each kind once.
fn beyond(overview: &Overview<'_>) -> Vec<String> {
    let mut ways: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for way in &overview.indirect {
        ways.entry(way.kind.name()).or_insert((way.kind.gives(), 0)).1 += 1;
    }
    let mut lines: Vec<String> = ways
        .values()
        .map(|(gives, times)| match times {
            1 => format!("indirectly: {gives}"),
            times => format!("indirectly: {gives} ({})", count(*times, "way", "ways")),
        })
        .collect();
    if !overview.indirect_undecided.is_empty() {
        lines.push(clean(&format!("indirectly there may be more: {}", overview.indirect_undecided.join("; "))));
    }
    lines
}

/// Whether roles reach all data, administer a cluster, or get round its protections.
fn privileged(resolved: &Resolved<'_>, more: bool) -> Privileged {
    let data = on_data(Verb::Read).union(on_data(Verb::Write));
    let all_data = resolved.with(data).all;
    let powerful = |action: Action| matches!(action.class(), Class::Takeover | Class::Bypass | Class::Export);
    let on_cluster = resolved.effective().any(|grant| {
        let here = matches!(grant.on, Pattern::Cluster | Pattern::Anything);
        grant.actions.iter().any(powerful) || here && stops_or_opens(grant)
    });
    match (all_data || on_cluster, more || !resolved.doubts.is_empty()) {
        (true, _) => Privileged::Yes,
        (false, true) => Privileged::NotKnown,
        (false, false) => Privileged::No,
    }
}

fn sign_in(mechanism: Option<Mechanism>) -> String {
    match mechanism {
        Some(Mechanism::Password) => "password".to_owned(),
        Some(Mechanism::ManagedCertificate) => "certificate that Atlas made".to_owned(),
        Some(Mechanism::CustomerCertificate) => "certificate of the project's own authority".to_owned(),
        Some(Mechanism::AwsUser) => "AWS IAM user".to_owned(),
        Some(Mechanism::AwsRole) => "AWS IAM role".to_owned(),
        Some(Mechanism::LdapUser) => "directory user".to_owned(),
        Some(Mechanism::LdapGroup) => "directory group".to_owned(),
        Some(Mechanism::OidcUser) => "workload token".to_owned(),
        Some(Mechanism::OidcGroup) => "token, by group of the identity provider".to_owned(),
        None => not_known("Atlas does not say, or says something new"),
    }
}

fn of_role(at: &Ref, project: &Project, privileges: &Privileges<'_>, role: &CustomRole) -> Row {
    let name = role.role_name.as_deref().unwrap_or_default();
    let mut row = Row::new(Kind::CustomRole, at, name);
    let resolved = privileges.of_role(name, Some("admin"));
    row.grants = role.actions.iter().flatten().map(allowed).collect();
    row.grants.extend(role.inherited_roles.iter().flatten().map(inherited));
    row.reach = reach(&resolved);
    row.privileged = privileged(&resolved, false);
    row.scope = "wherever those who hold it are let in".into();
    let holds =
        |user: &&DatabaseUser| user.roles.iter().flatten().any(|granted| granted.role_name.as_deref() == Some(name));
    row.source = match project.database_users.known() {
        Err(_) => format!("held by: {}", not_known("the database users could not be read")),
        Ok(users) => {
            let holders: Vec<String> = users.iter().filter(holds).map(|user| clean(&user.key())).collect();
            if holders.is_empty() {
                "held by nobody directly".to_owned()
            } else {
                format!("held by {}", holders.join(", "))
            }
        }
    };
    row.ends = "when somebody deletes it".into();
    row.last_use = not_known("a role is used by those who hold it");
    row
}

fn allowed(action: &RoleAction) -> String {
    let on: Vec<String> = action.resources.iter().flatten().map(resource).collect();
    clean(&format!("{} on {}", action.action.as_deref().unwrap_or("?"), on.join(", ")))
}

fn resource(on: &RoleResource) -> String {
    match (on.cluster, on.db.as_deref().unwrap_or_default(), on.collection.as_deref().unwrap_or_default()) {
        (Some(true), ..) => "the cluster".to_owned(),
        (_, "", "") => "every database".to_owned(),
        (_, "", collection) => format!("{collection} in every database"),
        (_, database, "") => database.to_owned(),
        (_, database, collection) => format!("{database}.{collection}"),
    }
}

fn inherited(role: &InheritedRole) -> String {
    clean(&format!("inherits {}@{}", role.role.as_deref().unwrap_or("?"), role.db.as_deref().unwrap_or("?")))
}
