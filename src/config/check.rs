//! What the types of a configuration cannot say: dates in order, captures that exist, names that mean something.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Catalogue;
use crate::engine::declared::{Declared, Environments, Pattern};

use super::problem::{Problem, Side, Source, Step, meant};

use Step::{At, Key};

/// How a protected user may log in.
const MECHANISMS: [&str; 5] = ["scram", "x509", "aws-iam", "oidc", "ldap"];

const WITH_CAPTURE: &str = r"put parentheses around what tells tenants apart, such as (\d+), and refer to it as $1, or as ${name} if it has one";

/// The first thing that is wrong.
pub(super) fn check(declared: &Declared, source: &Source<'_>, catalogue: &Catalogue) -> Result<(), Problem> {
    attestations(declared, source, catalogue)?;
    tenants(declared, source)?;
    environments(&declared.environments, source)?;
    protected_users(declared, source)?;
    let emails = |list: &'static str, emails: Vec<&str>| once(source, list, "email", &emails);
    emails("people", declared.people.iter().map(|person| person.email.as_str()).collect())?;
    emails("external_users", declared.external_users.iter().map(|user| user.email.as_str()).collect())?;
    let credentials: Vec<_> = declared.automation.iter().map(|one| one.credential.as_str()).collect();
    once(source, "automation", "credential", &credentials)
}

fn attestations(declared: &Declared, source: &Source<'_>, catalogue: &Catalogue) -> Result<(), Problem> {
    let known: BTreeSet<&str> =
        catalogue.entries().flat_map(|entry| &entry.rule.attestations).map(String::as_str).collect();
    let known: Vec<_> = known.into_iter().collect();
    for (index, stated) in declared.attestations.iter().enumerate() {
        let at = |key| [Key("attestations"), At(index), Key(key)];
        if stated.expires < stated.date {
            let message = format!("it expires on {}, before it was stated on {}", stated.expires, stated.date);
            return Err(source.problem(&at("expires"), Side::Value, message));
        }
        // As long as no rule reads any, there is nothing to go by.
        if !known.is_empty() && !known.contains(&stated.control.as_str()) {
            let message = format!("no rule reads attestations of `{}`", stated.control);
            let problem = source.problem(&at("control"), Side::Value, message);
            return Err(problem.with_help(meant(&stated.control, &known).unwrap_or_default()));
        }
    }
    Ok(())
}

fn tenants(declared: &Declared, source: &Source<'_>) -> Result<(), Problem> {
    let patterns: Vec<_> = declared.tenants.iter().map(|tenant| tenant.user_pattern.as_str()).collect();
    once(source, "tenants", "user_pattern", &patterns)?;
    for (index, tenant) in declared.tenants.iter().enumerate() {
        let at = |key| [Key("tenants"), At(index), Key(key)];
        let pattern = &tenant.user_pattern;
        for reference in references(&tenant.database) {
            if pattern.has_capture(reference) {
                continue;
            }
            let message = format!("`${reference}` names no capture of `{}`", pattern.as_str());
            let problem = source.problem(&at("database"), Side::Value, message);
            return Err(problem.with_help(WITH_CAPTURE));
        }
        if tenant.live.is_some() && !pattern.has_capture("1") {
            let message = format!("`live` lists captures, and `{}` has none", pattern.as_str());
            let problem = source.problem(&at("live"), Side::Value, message);
            return Err(problem.with_help(WITH_CAPTURE));
        }
    }
    Ok(())
}

/// What `$1` and `${name}` refer to: a number ends where its digits end, as where rules read it.
fn references(template: &str) -> Vec<&str> {
    let after = template.split('$').skip(1);
    after
        .map(|after| match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some((name, _)) => name,
            None => &after[..after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len())],
        })
        .collect()
}

fn environments(environments: &Environments, source: &Source<'_>) -> Result<(), Problem> {
    let Environments { production, staging, test, development } = environments;
    let lists = [("production", production), ("staging", staging), ("test", test), ("development", development)];
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, patterns) in lists {
        for (index, pattern) in patterns.iter().map(Pattern::as_str).enumerate() {
            if let Some(before) = seen.insert(pattern, name) {
                let message = format!("`{pattern}` stands under {before} already");
                return Err(source.problem(&[Key("environments"), Key(name), At(index)], Side::Value, message));
            }
        }
    }
    Ok(())
}

fn protected_users(declared: &Declared, source: &Source<'_>) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for (index, user) in declared.protected_users.iter().enumerate() {
        let at = |key| [Key("protected_users"), At(index), Key(key)];
        if let Some(mechanism) = &user.authentication
            && !MECHANISMS.contains(&mechanism.as_str())
        {
            let problem =
                source.problem(&at("authentication"), Side::Value, format!("`{mechanism}` is no way to log in"));
            return Err(problem.with_help(meant(mechanism, MECHANISMS).unwrap_or_default()));
        }
        let projects: Vec<_> = user.projects.iter().map(Pattern::as_str).collect();
        if !seen.insert((&user.user, &user.database, projects)) {
            return Err(source.problem(&at("user"), Side::Value, format!("`{}` stands twice", user.user)));
        }
    }
    Ok(())
}

/// What says who is meant must stand once.
fn once(source: &Source<'_>, list: &'static str, key: &'static str, values: &[&str]) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for (index, value) in values.iter().enumerate() {
        if !seen.insert(value) {
            return Err(source.problem(
                &[Key(list), At(index), Key(key)],
                Side::Value,
                format!("`{value}` stands twice"),
            ));
        }
    }
    Ok(())
}
