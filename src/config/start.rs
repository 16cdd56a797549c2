//! A configuration to start from, written from what an organization shows.
//!
//! What already holds without it is written as it is. What is only guessed is written behind a `#`: nothing becomes a
//! declaration before somebody has looked at it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::{Span, Timestamp, Zoned};

use crate::engine::day::Day;
use crate::engine::declared::Declared;
use crate::engine::environment::Environment;
use crate::engine::view::tag_pairs;
use crate::engine::{Catalogue, Rule};

use super::classify;
use super::guess::{self, Guess, GuessedTenant};
use super::seen::{Seen, SeenProject};

/// As many of a kind are proposed; who has more writes the others alike.
const MOST: usize = 40;

/// The text of a configuration.
#[must_use]
pub fn text(seen: &Seen) -> String {
    let mut page = Page::default();
    let day = Day::of(seen.taken);
    page.note(&format!("What no API can tell about {}, and how it wants to be judged.", shown(&seen.organization)));
    page.note(&format!(
        "Written by `atlas-audit init` from what was there on {day}. docs/configuration.md tells every key."
    ));
    page.note("");
    page.note(
        "A line with `#` right before a key is a proposal, guessed from names: it counts once you have looked at it",
    );
    page.note("and taken the `#` away. `atlas-audit config check` then tells what follows.");
    let people = seen.people.clone().unwrap_or_default();
    domains(&mut page, seen, &people);
    environments(&mut page, seen);
    let tenants = guess::tenants(seen);
    users(&mut page, seen, &people, &tenants);
    numbered(&mut page, &tenants);
    databases(&mut page, seen, &tenants);
    regions(&mut page, seen);
    automation(&mut page, seen);
    attestations(&mut page, seen.taken);
    rules(&mut page);
    page.0
}

/// Lines of a configuration.
#[derive(Default)]
struct Page(String);

impl Page {
    fn heading(&mut self, text: &str) {
        self.0.push('\n');
        self.note(text);
    }

    fn note(&mut self, text: &str) {
        let gap = if text.is_empty() { "" } else { " " };
        _ = writeln!(self.0, "#{gap}{text}");
    }

    fn line(&mut self, text: &str) {
        _ = writeln!(self.0, "{text}");
    }

    /// Behind a `#`.
    fn proposal(&mut self, text: &str) {
        _ = writeln!(self.0, "#{text}");
    }

    fn more(&mut self, count: usize) {
        if count > MOST {
            self.note(&format!("… and {} more like these", count - MOST));
        }
    }
}

/// A text of TOML, on one line and with nothing in it that acts instead of being seen.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric();
    if text.contains('\\') && !text.contains('\'') && text.chars().all(plain) {
        return format!("'{text}'");
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if plain(c) => quoted.push(c),
            c => _ = write!(quoted, "\\U{:08X}", u32::from(c)),
        }
    }
    quoted + "\""
}

/// The same for a note.
fn shown(text: &str) -> String {
    quoted(text).trim_matches('"').to_owned()
}

fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<_> = texts.into_iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// How a pattern names one project and no other: by its name, unless that would be read as a pattern.
fn named(project: &SeenProject) -> &str {
    match &project.name {
        Some(name) if !name.contains(['*', '?', '[', ']', '{', '}', '\\', '!']) => name,
        _ => &project.id,
    }
}

fn domains(page: &mut Page, seen: &Seen, people: &[String]) {
    page.heading("Mail domains that are your own.");
    match guess::domains(people).as_slice() {
        _ if seen.people.is_none() => page.note("The console users could not be read."),
        [] => page.proposal(r#"domains = ["example.com"]"#),
        domains => page.proposal(&format!("domains = {}", list(domains))),
    }
}

fn environments(page: &mut Page, seen: &Seen) {
    page.heading("What projects are for, as they were taken, and why. This outranks tags and names.");
    if !seen.all_projects {
        page.note("The list of projects could not be read, or not all of it.");
    }
    let mut tags: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for pair in seen.projects.iter().flat_map(|project| tag_pairs(project.tags.as_deref())) {
        *tags.entry(pair).or_default() += 1;
    }
    if !tags.is_empty() {
        page.note("Tags of projects:");
        for ((key, value), count) in tags.iter().take(MOST) {
            page.note(&format!("  {}: {} ({count})", shown(key), shown(value)));
        }
        page.more(tags.len());
    }
    page.line("[environments]");
    let none = Declared::default();
    for environment in [Environment::Production, Environment::Staging, Environment::Test, Environment::Development] {
        let taken = seen.projects.iter().map(|project| (project, classify::environment(&none, project)));
        let here: Vec<_> = taken.filter(|(_, taken)| taken.class == environment).collect();
        if here.is_empty() {
            page.proposal(&format!("{environment} = []"));
            continue;
        }
        page.line(&format!("{environment} = ["));
        for (project, taken) in here {
            let name = named(project);
            let title = if name == project.title() { String::new() } else { format!("{}: ", shown(project.title())) };
            page.line(&format!("  {}, # {title}{}", quoted(name), shown(&taken.because)));
        }
        page.line("]");
    }
}

fn users(page: &mut Page, seen: &Seen, people: &[String], tenants: &[GuessedTenant]) {
    let mut of_people: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut applications: BTreeMap<&str, (Option<&str>, BTreeSet<&str>)> = BTreeMap::new();
    let (mut break_glass, mut somebody, mut groups) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut unread = 0;
    for project in &seen.projects {
        let Some(users) = &project.users else {
            unread += 1;
            continue;
        };
        for user in users {
            match guess::user(user, people, tenants) {
                Guess::Tenant => {}
                Guess::BreakGlass => _ = break_glass.insert(user.name.as_str()),
                Guess::Somebody => _ = somebody.insert(user.name.as_str()),
                Guess::Group => _ = groups.insert(user.name.as_str()),
                Guess::Person(email) => {
                    let known = people.iter().find(|known| **known == email);
                    of_people.entry(known.map_or("", String::as_str)).or_default().insert(&user.name);
                }
                Guess::Application => {
                    let (description, projects) = applications.entry(&user.name).or_default();
                    *description = description.or(user.description.as_deref());
                    projects.insert(named(project));
                }
            }
        }
    }
    let own = guess::domains(people);
    let is_own = |email: &&String| own.iter().any(|domain| email.to_lowercase().ends_with(&format!("@{domain}")));
    let (mut staff, guests): (Vec<_>, Vec<_>) = people.iter().partition(is_own);
    // Those with database users first: of them there is something to say.
    staff.sort_by_key(|email| (!of_people.contains_key(email.as_str()), email.as_str()));

    page.heading("People: everybody who works here, with the database users that are theirs.");
    for email in staff.iter().take(MOST) {
        page.proposal("[[people]]");
        page.proposal(&format!("email = {}", quoted(email)));
        if let Some(users) = of_people.get(email.as_str()) {
            page.proposal(&format!("database_users = {}", list(users)));
        }
    }
    page.more(staff.len());
    if !somebody.is_empty() {
        page.note(&format!("Whose are these database users? {}", shown_list(&somebody)));
    }
    if !groups.is_empty() {
        page.note(&format!("Groups of people, known where they log in; nothing to declare: {}", shown_list(&groups)));
    }

    page.heading("Console users from elsewhere.");
    for email in guests.iter().take(MOST) {
        page.proposal("[[external_users]]");
        page.proposal(&format!("email = {}", quoted(email)));
        page.proposal("owner = \"who answers for them\"");
        page.proposal(&format!("until = {}", in_days(seen.taken, 90)));
    }
    page.more(guests.len());

    page.heading("Applications: what logs in by itself.");
    if unread > 0 {
        page.note(&format!("The database users of {unread} projects could not be read."));
    }
    for (user, (description, projects)) in applications.iter().take(MOST) {
        if let Some(description) = description {
            page.note(&shown(description));
        }
        page.proposal("[[applications]]");
        page.proposal(&format!("name = {}", quoted(user)));
        page.proposal(&format!("users = {}", list([user])));
        page.proposal(&format!("projects = {}", list(projects)));
    }
    page.more(applications.len());

    page.heading("Users kept for emergencies.");
    for user in break_glass.iter().take(MOST) {
        page.proposal("[[break_glass]]");
        page.proposal(&format!("user = {}", quoted(user)));
        page.proposal("owner = \"who answers for it\"");
        page.proposal(&format!("until = {}", in_days(seen.taken, 180)));
    }
    page.more(break_glass.len());
}

fn shown_list(names: &BTreeSet<&str>) -> String {
    let mut shown: Vec<_> = names.iter().take(MOST).map(|name| shown(name)).collect();
    if names.len() > MOST {
        shown.push(format!("and {} more", names.len() - MOST));
    }
    shown.join(", ")
}

fn numbered(page: &mut Page, tenants: &[GuessedTenant]) {
    page.heading("Tenants that share a cluster: users whose name tells which database is theirs.");
    if tenants.is_empty() {
        page.note("No numbered users with databases of the same number were seen. It would read:");
        page.proposal("[[tenants]]");
        page.proposal(r"user_pattern = 'app_pr_(\d+)'");
        page.proposal("database = \"app_pr_$1\"");
    }
    for tenant in tenants.iter().take(MOST) {
        page.note(&format!("{} users, such as {}", tenant.users.len(), first(&tenant.users)));
        page.proposal("[[tenants]]");
        page.proposal(&format!("user_pattern = {}", quoted(&tenant.pattern)));
        page.proposal(&format!("database = {}", quoted(&tenant.database)));
    }
    page.more(tenants.len());
}

fn first(users: &BTreeSet<String>) -> String {
    users.first().map(|user| shown(user)).unwrap_or_default()
}

fn databases(page: &mut Page, seen: &Seen, tenants: &[GuessedTenant]) {
    let production = seen
        .projects
        .iter()
        .filter(|project| classify::environment(&Declared::default(), project).class == Environment::Production);
    let mut guarded: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let of_tenants =
        |users: &[&str]| tenants.iter().any(|tenant| users.iter().any(|user| tenant.users.contains(*user)));
    for (database, users) in production.flat_map(guess::guarded).filter(|(_, users)| !of_tenants(users)) {
        guarded.entry(database).or_default().extend(users);
    }
    // Whose every reader can be told: the likeliest to be worth it.
    let mut few: Vec<_> = guarded.into_iter().collect();
    few.sort_by_key(|(database, users)| (users.len(), *database));
    page.heading("Databases, and the only database users that may touch each. Examples, with those whom roles name:");
    page.proposal("[protected_databases]");
    if few.is_empty() {
        page.proposal("shop_prod = [\"shop_app\"]");
    }
    for (database, users) in few.iter().take(5) {
        page.proposal(&format!("{} = {}", quoted_key(database), list(users)));
    }
    page.heading("Database users that must be exactly so. An example:");
    let of_one = few
        .iter()
        .find(|(_, users)| users.len() == 1)
        .and_then(|(database, users)| users.first().map(|user| (*user, *database)));
    let (user, database) = of_one.unwrap_or(("shop_app", "shop_prod"));
    page.proposal("[[protected_users]]");
    page.proposal(&format!("user = {}", quoted(user)));
    page.proposal(&format!("roles = [{}]", quoted(&format!("readWrite@{database}"))));
    page.heading("Fields that must be encrypted by the client, by namespace. An example:");
    page.proposal("[sensitive_fields]");
    page.proposal(&format!("{} = [\"email\", \"address.street\"]", quoted_key(&format!("{database}.customers"))));
}

/// A key is never a literal text of our own: dots in it are its own.
fn quoted_key(text: &str) -> String {
    quoted(text)
}

fn regions(page: &mut Page, seen: &Seen) {
    page.heading("Where data may live. This is where it is:");
    let mut by_regions: BTreeMap<&BTreeSet<String>, Vec<&str>> = BTreeMap::new();
    for project in &seen.projects {
        if let Some(regions) = project.regions.as_ref().filter(|regions| !regions.is_empty()) {
            by_regions.entry(regions).or_default().push(named(project));
        }
    }
    for (regions, projects) in by_regions.iter().take(MOST) {
        page.proposal("[[residency]]");
        page.proposal(&format!("projects = {}", list(projects)));
        page.proposal(&format!("regions = {}", list(*regions)));
    }
    page.more(by_regions.len());
}

fn automation(page: &mut Page, seen: &Seen) {
    page.heading(
        "API keys and service accounts that must be exactly so. With the organization's roles that they have:",
    );
    let credentials = seen.credentials.iter().flatten().filter(|credential| !credential.of_atlas);
    let mut named: Vec<(&str, &[String])> = Vec::new();
    for credential in credentials {
        if let Some(name) = credential.names.iter().find(|name| !name.is_empty())
            && !named.iter().any(|(known, _)| known == name)
        {
            named.push((name, &credential.roles));
        }
    }
    for (name, roles) in named.iter().take(MOST) {
        page.proposal("[[automation]]");
        page.proposal(&format!("credential = {}", quoted(name)));
        page.proposal(&format!("organization_roles = {}", list(*roles)));
    }
    page.more(named.len());
}

fn attestations(page: &mut Page, taken: Timestamp) {
    page.heading("What people state, with somebody who answers for it, until a day. Rules read these controls:");
    let mut readers: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for entry in Catalogue::built_in().entries() {
        for control in &entry.rule.attestations {
            readers.entry(control).or_default().push(&entry.rule);
        }
    }
    for (control, rules) in &readers {
        for rule in rules {
            page.note(&format!("{} {}: {}", rule.id, rule.name, rule.title));
        }
        statement(page, control, taken);
    }
    if readers.is_empty() {
        statement(page, "restore-test", taken);
    }
}

fn statement(page: &mut Page, control: &str, taken: Timestamp) {
    page.proposal("[[attestations]]");
    page.proposal(&format!("control = {}", quoted(control)));
    page.proposal("statement = \"what was done, and what came of it\"");
    page.proposal("evidence = \"https://wiki.example.com/…\"");
    page.proposal("owner = \"who answers for it\"");
    page.proposal(&format!("date = {}", Day::of(taken)));
    page.proposal(&format!("expires = {}", in_days(taken, 180)));
}

fn rules(page: &mut Page) {
    page.heading(
        "Rules: severities, parameters (`atlas-audit rules show ATL-NET-002` tells them), and which take no part.",
    );
    page.proposal("[rules.ATL-NET-002]");
    page.proposal("severity = \"critical\"");
    page.proposal("max_ipv4_prefix = 28");
    page.proposal("[rules.support-access-unrestricted]");
    page.proposal("enabled = false");
}

fn in_days(taken: Timestamp, days: i64) -> Day {
    let taken: Zoned = taken.to_zoned(jiff::tz::TimeZone::UTC);
    Day(taken.date().saturating_add(Span::new().days(days)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::seen::{SeenCredential, SeenUser};
    use crate::snapshot::database_access::Mechanism;
    use crate::snapshot::values::Tag;

    /// With names that would break out of whatever they stand in.
    fn hostile() -> Seen {
        let user = |name: &str, databases: &[&str]| SeenUser {
            name: name.to_owned(),
            logs_in_to: "admin".to_owned(),
            mechanism: Some(Mechanism::Password),
            description: Some("two\nlines \"quoted\" \u{202e}".to_owned()),
            databases: databases.iter().map(|name| (*name).to_owned()).collect(),
        };
        let project = |id: &str, name: Option<&str>| SeenProject {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            tags: Some(vec![Tag { key: Some("environment\n[x]".to_owned()), value: Some("prod'\"".to_owned()) }]),
            cluster_tags: None,
            regions: Some(BTreeSet::from(["EU_WEST_1".to_owned()])),
            databases: BTreeSet::new(),
            users: Some(vec![
                user("t1\\", &["t1"]),
                user("t2\\", &["t2"]),
                user("t3\\", &["t3"]),
                user("'\"]\n[rules.x]", &["a.b \"c\""]),
                user("breakglass\u{7f}", &[]),
                user("ada", &["shop"]),
            ]),
            entries: None,
            credentials: None,
        };
        Seen {
            organization: "a\nb".to_owned(),
            taken: "2026-11-02T09:00:00Z".parse().unwrap(),
            all_projects: true,
            people: Some(["ada.l@x.example", "b@x.example", "c'\n@y.example"].map(str::to_owned).to_vec()),
            credentials: Some(vec![SeenCredential {
                names: vec!["k\"\\".to_owned()],
                roles: vec!["ORG_OWNER".to_owned()],
                of_atlas: false,
            }]),
            projects: vec![project("p1", Some("pay[ments")), project("p2", None), project("p3", Some("shop dev"))],
        }
    }

    /// The proposals of a text in force.
    fn accepted(text: &str) -> String {
        let taken = |line: &str| match line.strip_prefix('#') {
            Some(proposal) if !proposal.starts_with(' ') => proposal.to_owned(),
            _ => line.to_owned(),
        };
        text.lines().map(|line| taken(line) + "\n").collect()
    }

    #[test]
    fn what_is_written_can_be_read_with_its_proposals_and_without() {
        let nothing = Seen {
            organization: "o".to_owned(),
            taken: "2026-11-02T09:00:00Z".parse().unwrap(),
            all_projects: false,
            people: None,
            credentials: None,
            projects: Vec::new(),
        };
        for seen in [nothing, hostile()] {
            let written = text(&seen);
            let config = Config::parse("a.toml", &written).unwrap_or_else(|wrong| panic!("{wrong}\n{written}"));
            assert!(config.declared.people.is_empty() && config.declared.applications.is_empty(), "guesses count");
            let all = accepted(&written);
            Config::parse("a.toml", &all).unwrap_or_else(|wrong| panic!("{wrong}\n{all}"));
        }
    }

    #[test]
    fn what_is_written_changes_no_environment() {
        let seen = hostile();
        let config = Config::parse("a.toml", &text(&seen)).unwrap();
        for project in &seen.projects {
            let before = classify::environment(&Declared::default(), project).class;
            let after = classify::environment(&config.declared, project);
            assert_eq!(before, after.class);
            assert!(after.because.starts_with("declared"), "{}", after.because);
        }
    }

    #[test]
    fn proposals_name_what_was_seen() {
        let config = Config::parse("a.toml", &accepted(&text(&hostile()))).unwrap();
        let declared = config.declared;
        assert_eq!(declared.domains, ["x.example"]);
        assert_eq!(declared.people[0].database_users, ["ada"]);
        assert_eq!(declared.external_users.len(), 1);
        assert!(declared.tenants[0].user_pattern.captures("t12\\").is_some());
        assert_eq!(declared.break_glass[0].user, "breakglass\u{7f}");
        assert!(declared.applications.iter().any(|application| application.users == ["'\"]\n[rules.x]"]));
        assert_eq!(declared.automation[0].credential, "k\"\\");
    }
}
