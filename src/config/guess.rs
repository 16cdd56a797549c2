//! What names suggest: who is a person, which users are tenants. Guesses are proposed to people, never judged by.

use std::collections::{BTreeMap, BTreeSet};

use crate::snapshot::database_access::Mechanism;

use super::seen::{Seen, SeenProject, SeenUser};

/// Fewer numbered users than that are no pattern.
const FEWEST_TENANTS: usize = 3;

/// What a database user may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Guess {
    /// Of a tenant.
    Tenant,
    /// Kept for emergencies.
    BreakGlass,
    /// That of a console user.
    Person(String),
    /// That of somebody who is nobody in the console.
    Somebody,
    /// A group of people, whom the directory or the identity provider knows.
    Group,
    /// Anything else.
    Application,
}

/// What a database user may be. `tenants` are those that were guessed.
pub(super) fn user(user: &SeenUser, people: &[String], tenants: &[GuessedTenant]) -> Guess {
    if tenants.iter().any(|tenant| tenant.users.contains(&user.name)) {
        return Guess::Tenant;
    }
    let plain: String = user.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    if plain.contains("breakglass") || plain.contains("emergency") {
        return Guess::BreakGlass;
    }
    if matches!(user.mechanism, Some(Mechanism::OidcGroup | Mechanism::LdapGroup)) {
        return Guess::Group;
    }
    let own = own_name(&user.name);
    let mut named = people.iter().filter(|email| is_of(own, email));
    match (named.next(), named.next()) {
        (Some(email), None) => Guess::Person(email.clone()),
        // Of two who may be meant neither is.
        (Some(_), Some(_)) => Guess::Somebody,
        (None, _) if user.name.contains('@') || user.mechanism == Some(Mechanism::LdapUser) => Guess::Somebody,
        (None, _) => Guess::Application,
    }
}

/// `hvogel` of `uid=hvogel,ou=people,dc=…`.
fn own_name(name: &str) -> &str {
    let first = name.split(',').next().unwrap_or(name);
    first.split_once('=').map_or(name, |(_, value)| value)
}

/// Whether a name is that of the owner of a mailbox: `ada.lovelace`, `adalovelace`, `alovelace`, `ada`.
fn is_of(name: &str, email: &str) -> bool {
    let name = name.to_lowercase();
    let email = email.to_lowercase();
    let Some((local, _)) = email.split_once('@') else { return false };
    let words: Vec<&str> = local.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let initial: String = first.chars().take(1).collect();
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    name == email
        || plain(&name) == plain(local)
        || (words.len() > 1 && (plain(&name) == format!("{initial}{last}") || plain(&name) == *first))
}

/// Numbered users, each with a database of the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GuessedTenant {
    pub(super) pattern: String,
    pub(super) database: String,
    pub(super) users: BTreeSet<String>,
}

/// Tenants, by users such as `app_pr_12` on databases such as `app_pr_12`.
pub(super) fn tenants(seen: &Seen) -> Vec<GuessedTenant> {
    let mut votes: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for user in seen.projects.iter().flat_map(|project| project.users.iter().flatten()) {
        let Some((before, number, after)) = number_in(&user.name) else { continue };
        let pattern = format!(r"{}(\d+){}", regex::escape(before), regex::escape(after));
        let templates = votes.entry(pattern).or_default();
        for database in &user.databases {
            let Some((head, found, tail)) = number_in(database) else { continue };
            // A dollar sign would start another reference.
            if found != number || database.contains('$') {
                continue;
            }
            let joined = tail.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let reference = if joined { "${1}" } else { "$1" };
            templates.entry(format!("{head}{reference}{tail}")).or_default().insert(user.name.clone());
        }
    }
    let guess = |(pattern, templates): (String, BTreeMap<String, BTreeSet<String>>)| {
        // The first of those that most users speak for: the same snapshot, the same guess.
        let (database, _) = templates.iter().rev().max_by_key(|(_, users)| users.len())?;
        let most = &templates[database];
        if most.len() < FEWEST_TENANTS {
            return None;
        }
        let database = database.clone();
        let matches = regex::Regex::new(&format!("^(?:{pattern})$")).ok()?;
        let all = seen.projects.iter().flat_map(|project| project.users.iter().flatten());
        // Also those on the database of another: they are what the declaration is for.
        let users = all.map(|user| &user.name).filter(|name| matches.is_match(name)).cloned().collect();
        Some(GuessedTenant { pattern, database, users })
    };
    votes.into_iter().filter_map(guess).collect()
}

/// The only number in a name, with what stands around it.
fn number_in(name: &str) -> Option<(&str, &str, &str)> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let end = name[start..].find(|c: char| !c.is_ascii_digit()).map_or(name.len(), |end| start + end);
    let rest = &name[end..];
    (!rest.contains(|c: char| c.is_ascii_digit())).then_some((&name[..start], &name[start..end], rest))
}

/// The domains that most people have, if it is more than a few.
pub(super) fn domains(people: &[String]) -> Vec<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for email in people {
        if let Some((_, domain)) = email.rsplit_once('@') {
            *count.entry(domain.to_lowercase()).or_default() += 1;
        }
    }
    // A guest or two are no domain of one's own.
    let most = count.values().copied().max().unwrap_or_default();
    count.into_iter().filter(|(_, people)| *people >= 2 && people * 4 >= most).map(|(domain, _)| domain).collect()
}

/// Databases of a project with a user of their own, and the users that their roles let in.
pub(super) fn guarded(project: &SeenProject) -> BTreeMap<&str, Vec<&str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for user in project.users.iter().flatten() {
        for database in &user.databases {
            found.entry(database).or_default().push(&user.name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_of(name: &str, databases: &[&str]) -> SeenUser {
        SeenUser {
            name: name.to_owned(),
            logs_in_to: "admin".to_owned(),
            mechanism: Some(Mechanism::Password),
            description: None,
            databases: databases.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn seen(users: Vec<SeenUser>) -> Seen {
        let project = SeenProject {
            id: "p".to_owned(),
            name: None,
            tags: None,
            cluster_tags: None,
            regions: None,
            databases: BTreeSet::new(),
            users: Some(users),
            entries: None,
            credentials: None,
        };
        let taken = "2026-11-02T09:00:00Z".parse().unwrap();
        let organization = "o".to_owned();
        Seen { organization, taken, all_projects: true, people: None, credentials: None, projects: vec![project] }
    }

    #[test]
    fn numbered_users_on_databases_of_their_number_are_tenants() {
        let users = [("app_pr_1_svc", "app_pr_1"), ("app_pr_02_svc", "app_pr_02"), ("app_pr_3_svc", "app_pr_3")];
        let mut users: Vec<_> = users.iter().map(|(name, database)| user_of(name, &[database, "shop"])).collect();
        users.push(user_of("app_pr_4_svc", &["app_pr_5"]));
        users.push(user_of("c2c7", &["c2c7"]));
        let found = tenants(&seen(users));
        let [found] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((found.pattern.as_str(), found.database.as_str()), (r"app_pr_(\d+)_svc", "app_pr_$1"));
        assert_eq!(found.users.len(), 4);
        let two = vec![user_of("a1", &["a1"]), user_of("a2", &["a2"])];
        assert_eq!(tenants(&seen(two)), []);
    }

    #[test]
    fn a_number_in_the_middle_of_a_database_gets_braces() {
        let users = (1..4).map(|n| user_of(&format!("t{n}"), &[&format!("t{n}_db")])).collect();
        assert_eq!(tenants(&seen(users))[0].database, "t${1}_db");
    }

    #[test]
    fn people_are_told_by_their_mailbox() {
        let people = ["ada.lovelace@a.example".to_owned(), "alan.turing@a.example".to_owned()];
        let is = |name: &str| user(&user_of(name, &[]), &people, &[]);
        for name in ["ada.lovelace@a.example", "ada_lovelace", "alovelace", "ada", "uid=alovelace,ou=people"] {
            assert_eq!(is(name), Guess::Person(people[0].clone()), "{name}");
        }
        assert_eq!(is("grace@b.example"), Guess::Somebody);
        assert_eq!(is("Break-Glass 1"), Guess::BreakGlass);
        assert_eq!(is("adaptor"), Guess::Application);
    }

    #[test]
    fn guests_are_no_domain() {
        let people: Vec<_> =
            ["a@x.example", "b@X.example", "c@x.example", "d@y.example"].iter().map(|e| (*e).to_owned()).collect();
        assert_eq!(domains(&people), ["x.example"]);
    }
}
