//! Where the roles of a user let it read and write in the end.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::resolved;
use crate::analysis::privileges::{Action, Class, Grant, Level, Pattern, is_built_in};
use crate::engine::predicate::NoParameters;
use crate::engine::verdict::{Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::{ProjectView, UserView};
use crate::rules::exemption::Standing;
use crate::rules::register::{self, break_glass};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemDatabases {
    system_databases: Vec<String>,
}

/// ATL-AUTHZ-004
pub(crate) fn system_databases(user: &UserView<'_>, limits: &SystemDatabases) -> Judgement {
    let standing = break_glass(user);
    if standing == Standing::Exempt {
        return Ok(Verdict::Pass);
    }
    let mut seen = Gathered::new();
    let privileges = resolved::of(user, &mut seen);
    seen.fine();
    let name = user.username.as_deref().unwrap_or_default();
    // One sentence per way, however many databases and grants it is about.
    let mut ways: BTreeMap<(usize, String), (bool, Vec<&str>)> = BTreeMap::new();
    for database in &limits.system_databases {
        for grant in privileges.touching(database).filter(|grant| grant.actions.iter().any(shapes)) {
            let way = resolved::way(grant);
            if is_tail(grant) {
                continue;
            }
            if !grant.confirmed {
                seen.unseen(Unknown::undecidable(format!("whether {way} changes {database} is not documented")));
                continue;
            }
            let (writes, databases) = ways.entry((grant.granted, way)).or_default();
            *writes |= resolved::writes(grant);
            if databases.last() != Some(&database.as_str()) {
                databases.push(database);
            }
        }
    }
    for ((granted, way), (writes, databases)) in ways {
        let (what, list) = (if writes { "writes" } else { "administers" }, databases.join(", "));
        let message = format!("{name} {what} {list} by {way}{}", standing.note());
        seen.offence(resolved::at(user, message).field(format!("/roles/{granted}")));
    }
    seen.verdict("")
}

/// Whether a grant is what roles over every database have beside that: the same few collections in each.
fn is_tail(grant: &Grant<'_>) -> bool {
    matches!(grant.on, Pattern::Everywhere(_) | Pattern::Buckets)
        && grant.path.last().is_some_and(|role| is_built_in(role))
}

/// Whether an action is one of those that `readWrite` and `dbAdmin` on a database change it by.
fn shapes(action: Action) -> bool {
    let of_shards = matches!(
        action,
        Action::MoveChunk
            | Action::RefineCollectionShardKey
            | Action::ClearJumboFlag
            | Action::ReshardCollection
            | Action::MoveCollection
    );
    let on_databases = matches!(action.level(), Level::Collection | Level::Database);
    on_databases && !of_shards && matches!(action.class(), Class::Write | Class::Destroy | Class::Admin | Class::Bypass)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteSpan {
    max_write_databases: usize,
    require_collection_scope: Vec<String>,
}

/// ATL-AUTHZ-006
pub(crate) fn write_span(user: &UserView<'_>, limits: &WriteSpan) -> Judgement {
    if register::applications(user).next().is_none()
        && (super::is_human(user) || register::people(user).next().is_some())
    {
        return Ok(Verdict::not_applicable("the user is a person's: ATL-AUTHN-005 speaks of it"));
    }
    let standing = break_glass(user);
    if standing == Standing::Exempt {
        return Ok(Verdict::not_applicable("the user is kept for emergencies"));
    }
    let mut seen = Gathered::new();
    let privileges = resolved::of(user, &mut seen);
    seen.fine();
    let name = user.username.as_deref().unwrap_or_default();
    let writes = privileges.writes();
    let limit = limits.max_write_databases;
    let note = standing.note();
    let everything = writes.all || !writes.everywhere.is_empty();
    if everything {
        seen.offence(resolved::at(user, format!("{name} writes every database, more than {limit}{note}")));
    } else if writes.databases.len() > limit {
        let list: Vec<&str> = writes.databases.keys().copied().collect();
        let message = format!("{name} writes {} databases ({}), more than {limit}{note}", list.len(), list.join(", "));
        seen.offence(resolved::at(user, message));
    }
    for database in &limits.require_collection_scope {
        let whole = writes.databases.get(database.as_str()).is_some_and(Option::is_none);
        if writes.all || whole {
            let message = format!("{name} writes all of {database}, where collections are to be named{note}");
            seen.offence(resolved::at(user, message));
        }
    }
    seen.verdict("")
}

/// ATL-AUTHZ-007
pub(crate) fn protected_databases(user: &UserView<'_>, _: &NoParameters) -> Judgement {
    let declared = &user.project.declared.protected_databases;
    if declared.is_empty() {
        return Ok(Verdict::not_applicable("no protected database is declared"));
    }
    let here: Vec<_> =
        declared.iter().filter_map(|(name, users)| Some((database_here(user.project, name)?, users))).collect();
    if here.is_empty() {
        return Ok(Verdict::not_applicable("no protected database is declared for the project"));
    }
    let standing = break_glass(user);
    if standing == Standing::Exempt {
        return Ok(Verdict::Pass);
    }
    let mut seen = Gathered::new();
    let name = user.username.as_deref().unwrap_or_default();
    let others: Vec<_> = here.into_iter().filter(|(_, users)| !users.iter().any(|known| known == name)).collect();
    if others.is_empty() {
        return Ok(Verdict::Pass);
    }
    let privileges = resolved::of(user, &mut seen);
    seen.fine();
    // What is done in the same way is said once, however many databases it concerns.
    let mut found: Vec<(String, &Grant<'_>, Vec<&str>)> = Vec::new();
    for (database, _) in others {
        // The nearest role first: what is granted outright says more than what it inherits.
        if let Some(grant) = privileges.touching(database).min_by_key(|grant| (grant.path.len(), grant.granted)) {
            let way = resolved::way(grant);
            let same = found.iter_mut().find(|(known, other, _)| *known == way && does(other) == does(grant));
            match same {
                Some((_, _, databases)) => databases.push(database),
                None => found.push((way, grant, vec![database])),
            }
        }
    }
    for (way, grant, databases) in found {
        let plural = if databases.len() == 1 { "" } else { "s" };
        let (does, databases, note) = (does(grant), databases.join(", "), standing.note());
        let message = format!("{name} {does} the protected database{plural} {databases} by {way}{note}");
        seen.offence(resolved::evidence(user, grant, message));
    }
    seen.verdict("")
}

/// What a grant lets somebody do with a database, in a word.
fn does(grant: &Grant<'_>) -> &'static str {
    let has = |class: Class| grant.actions.iter().any(|action| action.class() == class);
    if resolved::writes(grant) {
        "writes"
    } else if has(Class::Read) {
        "reads"
    } else if has(Class::Admin) {
        "administers"
    } else {
        "has privileges on"
    }
}

/// The database that an entry means, if it means one of this project: `shop` anywhere, `payments/shop` in one.
fn database_here<'d>(project: &ProjectView<'_>, entry: &'d str) -> Option<&'d str> {
    // Neither `/` nor a dot can be part of the name of a database.
    match entry.rsplit_once('/') {
        None => Some(entry),
        Some((of, database)) => {
            (of == project.project.id || Some(of) == project.project.name.as_deref()).then_some(database)
        }
    }
}
