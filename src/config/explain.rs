//! What follows from a configuration: what everything counts as, what names nothing, what has run out.

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::day::Day;
use crate::engine::declared::{Declared, Pattern, names_project};
use crate::engine::environment::Environment;
use crate::engine::settings::Settings;
use crate::rules::tagged;

use super::Config;
use super::classify::{self, DatabaseClass, Taken, UserClass};
use super::seen::{Seen, SeenCredential, SeenProject, SeenUser};

/// All that follows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The file; none if there is none.
    pub configuration: Option<String>,
    /// What it was held against, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// What each project is for.
    pub projects: Vec<ProjectRow>,
    /// What each database user counts as.
    pub database_users: Vec<UserRow>,
    /// What each database that a role names counts as.
    pub databases: Vec<DatabaseRow>,
    /// What one should look at again.
    pub notes: Vec<Note>,
}

/// A project.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "plain")]
pub struct ProjectRow {
    pub project: String,
    pub id: String,
    #[serde(flatten)]
    pub taken: Taken<Environment>,
}

/// A database user.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "plain")]
pub struct UserRow {
    pub project: String,
    pub user: String,
    pub taken: Vec<Taken<UserClass>>,
}

/// A database.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "plain")]
pub struct DatabaseRow {
    pub project: String,
    pub database: String,
    pub taken: Vec<Taken<DatabaseClass>>,
}

/// Something to look at again.
#[derive(Debug, Serialize)]
pub struct Note {
    /// What kind.
    pub kind: NoteKind,
    /// Where in the configuration.
    #[serde(rename = "where")]
    pub place: String,
    /// What about it.
    pub says: String,
}

/// Kinds of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// It counts no longer.
    Expired,
    /// There is nothing that it names.
    NamesNothing,
    /// Whether it names anything cannot be told.
    Undecided,
}

impl Explained {
    /// What follows from a configuration by itself.
    #[must_use]
    pub fn by_itself(config: &Config, now: Timestamp) -> Self {
        Self {
            configuration: config.file.clone(),
            organization: None,
            projects: Vec::new(),
            database_users: Vec::new(),
            databases: Vec::new(),
            notes: expired(config, now),
        }
    }

    /// What follows from it for an organization.
    #[must_use]
    pub fn of(config: &Config, seen: &Seen) -> Self {
        let declared = &config.declared;
        let mut all = Self::by_itself(config, seen.taken);
        all.organization = Some(seen.organization.clone());
        for project in &seen.projects {
            let title = || project.title().to_owned();
            let taken = classify::environment(declared, project);
            all.projects.push(ProjectRow { project: title(), id: project.id.clone(), taken });
            for user in project.users.iter().flatten() {
                let taken = classify::user(declared, project, user, seen.taken);
                all.database_users.push(UserRow { project: title(), user: user.name.clone(), taken });
            }
            for database in &project.databases {
                let taken = classify::database(declared, project, database);
                all.databases.push(DatabaseRow { project: title(), database: database.clone(), taken });
            }
        }
        all.notes.extend(names_nothing(declared, seen));
        all
    }
}

/// What has run out.
fn expired(config: &Config, now: Timestamp) -> Vec<Note> {
    let declared = &config.declared;
    let mut notes = Vec::new();
    let mut look = |place: String, day: Day| {
        if day.is_over(now) {
            notes.push(Note { kind: NoteKind::Expired, place, says: format!("ended on {day}") });
        }
    };
    for stated in &declared.attestations {
        look(format!("attestations: {} by {}", stated.control, stated.owner), stated.expires);
    }
    for user in &declared.break_glass {
        look(format!("break_glass: {}", user.user), user.until);
    }
    for user in &declared.external_users {
        look(format!("external_users: {}", user.email), user.until);
    }
    for range in &declared.access_list {
        look(format!("access_list: {}", range.entry), range.review_by);
    }
    exemptions(&config.settings, &mut look);
    for stated in declared.attestations.iter().filter(|stated| stated.date > Day::of(now)) {
        let place = format!("attestations: {} by {}", stated.control, stated.owner);
        notes.push(Note { kind: NoteKind::Undecided, place, says: format!("counts only from {}", stated.date) });
    }
    notes
}

/// Exemptions in parameters: whatever has an `until`.
fn exemptions(settings: &Settings, look: &mut impl FnMut(String, Day)) {
    fn walk(value: &toml::Value, place: &str, look: &mut impl FnMut(String, Day)) {
        match value {
            toml::Value::Array(list) => {
                for one in list {
                    walk(one, place, look);
                }
            }
            toml::Value::Table(table) => {
                if let Some(until) = table.get("until").and_then(|until| until.clone().try_into::<Day>().ok()) {
                    let named = table.iter().find(|(key, value)| *key != "owner" && value.is_str());
                    let named = named.and_then(|(_, value)| value.as_str()).unwrap_or("an exemption");
                    look(format!("{place}: {named}"), until);
                }
                for (key, value) in table {
                    walk(value, &format!("{place}.{key}"), look);
                }
            }
            _ => {}
        }
    }
    for (id, changed) in settings.iter() {
        for (parameter, value) in &changed.parameters {
            walk(value, &format!("rules.{id}.{parameter}"), look);
        }
    }
}

/// What an organization has, and what of it could not be read.
struct Against<'s> {
    seen: &'s Seen,
    notes: Vec<Note>,
}

impl Against<'_> {
    /// A note if something names nothing; a milder one if not everything was seen that it might name.
    fn look(&mut self, place: String, what: &str, found: bool, saw_all: bool) {
        if found {
            return;
        }
        let (kind, says) = if saw_all {
            (NoteKind::NamesNothing, format!("there is no such {what}"))
        } else {
            (NoteKind::Undecided, format!("no such {what} was seen, but not everything could be read"))
        };
        self.notes.push(Note { kind, place, says });
    }

    fn projects(&mut self, place: &str, patterns: &[Pattern]) {
        for pattern in patterns {
            let one = std::slice::from_ref(pattern);
            let found =
                self.seen.projects.iter().any(|project| names_project(one, &project.id, project.name.as_deref()));
            self.look(format!("{place}: {}", pattern.as_str()), "project", found, self.seen.all_projects);
        }
    }

    fn database_user(&mut self, place: String, projects: &[Pattern], named: impl Fn(&SeenUser) -> bool) {
        let here = |project: &&SeenProject| {
            projects.is_empty() || names_project(projects, &project.id, project.name.as_deref())
        };
        let mut here = self.seen.projects.iter().filter(here);
        let found = here.clone().any(|project| project.users.iter().flatten().any(&named));
        let saw_all = self.seen.all_projects && here.all(|project| project.users.is_some());
        self.look(place, "database user", found, saw_all);
    }

    fn person(&mut self, place: String, email: &str) {
        let found = self.seen.people.iter().flatten().any(|known| known.eq_ignore_ascii_case(email));
        self.look(place, "console user", found, self.seen.people.is_some());
    }
}

/// What names nothing that is there.
fn names_nothing(declared: &Declared, seen: &Seen) -> Vec<Note> {
    let mut against = Against { seen, notes: Vec::new() };
    let environments = &declared.environments;
    for (name, patterns) in [
        ("production", &environments.production),
        ("staging", &environments.staging),
        ("test", &environments.test),
        ("development", &environments.development),
    ] {
        against.projects(&format!("environments.{name}"), patterns);
    }
    for person in &declared.people {
        against.person(format!("people: {}", person.email), &person.email);
        for user in &person.database_users {
            against.database_user(format!("people: {}: {user}", person.email), &[], |seen| seen.name == *user);
        }
    }
    for user in &declared.external_users {
        against.person(format!("external_users: {}", user.email), &user.email);
    }
    for application in &declared.applications {
        let place = format!("applications: {}", application.name);
        against.projects(&place, &application.projects);
        for user in &application.users {
            against.database_user(format!("{place}: {user}"), &application.projects, |seen| seen.name == *user);
        }
    }
    for user in &declared.break_glass {
        let person = seen.people.iter().flatten().any(|email| email.eq_ignore_ascii_case(&user.user));
        if !person {
            against.database_user(format!("break_glass: {}", user.user), &[], |seen| seen.name == user.user);
        }
    }
    for range in &declared.access_list {
        let place = format!("access_list: {}", range.entry);
        against.projects(&place, &range.projects);
        let here = |project: &&SeenProject| {
            range.projects.is_empty() || names_project(&range.projects, &project.id, project.name.as_deref())
        };
        let mut here = seen.projects.iter().filter(here);
        let same = |entry: &String| same_range(entry, &range.entry);
        let found = here.clone().any(|project| project.entries.iter().flatten().any(same));
        let saw_all = seen.all_projects && here.all(|project| project.entries.is_some());
        against.look(place, "entry of an access list", found, saw_all);
    }
    for tenant in &declared.tenants {
        let pattern = &tenant.user_pattern;
        against.database_user(format!("tenants: {}", pattern.as_str()), &[], |seen| {
            pattern.captures(&seen.name).is_some()
        });
    }
    for (database, users) in &declared.protected_databases {
        let found = seen.projects.iter().any(|project| project.databases.contains(database));
        // One that no role names may exist all the same.
        if !found {
            let says = "no role names such a database".to_owned();
            let place = format!("protected_databases: {database}");
            against.notes.push(Note { kind: NoteKind::Undecided, place, says });
        }
        for user in users {
            against.database_user(format!("protected_databases: {database}: {user}"), &[], |seen| seen.name == *user);
        }
    }
    for user in &declared.protected_users {
        let place = format!("protected_users: {}", user.user);
        against.projects(&place, &user.projects);
        let same = |seen: &SeenUser| seen.name == user.user && seen.logs_in_to == user.database;
        against.database_user(place, &user.projects, same);
    }
    for declared in &declared.automation {
        let has = |known: &SeenCredential| known.names.contains(&declared.credential);
        let of_projects = seen.projects.iter().flat_map(|project| project.credentials.iter().flatten());
        let found = seen.credentials.iter().flatten().chain(of_projects).any(has);
        let saw_all = seen.credentials.is_some()
            && seen.all_projects
            && seen.projects.iter().all(|project| project.credentials.is_some());
        against.look(format!("automation: {}", declared.credential), "API key or service account", found, saw_all);
    }
    for residency in &declared.residency {
        against.projects("residency", &residency.projects);
        if let Some(word) = &residency.tag {
            let says = |project: &SeenProject| {
                tagged::says(project.tags.as_deref(), word)
                    || project.cluster_tags.iter().flatten().any(|tags| tagged::says(Some(tags), word))
            };
            let saw_all = seen.all_projects && seen.projects.iter().all(|project| project.cluster_tags.is_some());
            against.look(format!("residency: {word}"), "tag", seen.projects.iter().any(says), saw_all);
        }
    }
    for stated in &declared.attestations {
        against.projects(&format!("attestations: {}", stated.control), &stated.projects);
    }
    against.notes
}

/// Whether two texts name the same range, or are the same.
fn same_range(one: &str, other: &str) -> bool {
    let range = |text: &str| {
        let address = text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from).ok();
        address.or_else(|| text.parse::<ipnet::IpNet>().ok()).map(|range| range.trunc())
    };
    one == other || range(one).is_some_and(|one| Some(one) == range(other))
}
