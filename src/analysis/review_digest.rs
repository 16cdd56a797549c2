//! What was reviewed, in one line: a digest that somebody who attests to a review writes down, and that tells later
//! whether the list is still the one that was looked at.
//!
//! It is the SHA-256, in lower-case hexadecimal digits, of the list's lines, sorted, each once, each followed by a
//! line feed. Members of a line are separated by tabs, members of members by commas after sorting. What does not change
//! what is allowed stays out: comments, descriptions, labels. So does when an entry ends: a review of a temporary entry
//! holds until it is gone.
//!
//! - an entry of an access list: the range as Atlas writes it, host bits dropped, or the security group
//! - a database user: the database where it logs in, its name, its roles (`role@database` or
//!   `role@database.collection`), the resources that it is limited to (`TYPE:name`)

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::snapshot::database_access::{DatabaseRole, DatabaseUser, UserScope};
use crate::snapshot::digest::hex;
use crate::snapshot::network::{AccessListEntry, Network};

/// The digest of an access list.
#[must_use]
pub fn of_access_list(entries: &[AccessListEntry]) -> String {
    of_lines(entries.iter().map(access_list_line))
}

/// The digest of a project's database users: who may log in, what they may do, and where.
#[must_use]
pub fn of_database_users(users: &[DatabaseUser]) -> String {
    of_lines(users.iter().map(database_user_line))
}

/// The line of an entry of an access list.
#[must_use]
pub fn access_list_line(entry: &AccessListEntry) -> String {
    match entry.network() {
        Network::Range(range) => range.trunc().to_string(),
        Network::SecurityGroup(group) => group.to_owned(),
        Network::Other(text) => text.into_owned(),
    }
}

/// The line of a database user.
#[must_use]
pub fn database_user_line(user: &DatabaseUser) -> String {
    let roles = sorted(user.roles.iter().flatten().map(role));
    let scopes = sorted(user.scopes.iter().flatten().map(scope));
    let database = user.database_name.as_deref().unwrap_or_default();
    let name = user.username.as_deref().unwrap_or_default();
    format!("{database}\t{name}\t{roles}\t{scopes}")
}

fn role(role: &DatabaseRole) -> String {
    let name = role.role_name.as_deref().unwrap_or_default();
    let database = role.database_name.as_deref().unwrap_or_default();
    match role.collection_name.as_deref().filter(|name| !name.is_empty()) {
        Some(collection) => format!("{name}@{database}.{collection}"),
        None => format!("{name}@{database}"),
    }
}

fn scope(scope: &UserScope) -> String {
    let kind = scope.kind.as_ref().map_or("", |kind| kind.as_str());
    format!("{kind}:{}", scope.name.as_deref().unwrap_or_default())
}

fn sorted(members: impl Iterator<Item = String>) -> String {
    members.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
}

/// The digest of a list of these lines; of one line, that of a list with nothing else in it.
#[must_use]
pub fn of_lines(lines: impl IntoIterator<Item = String>) -> String {
    let mut hash = Sha256::new();
    for line in lines.into_iter().collect::<BTreeSet<_>>() {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}

/// Whether two digests are the same, however their digits are written.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.trim().trim_start_matches("sha256:").to_ascii_lowercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(json: &str) -> Vec<AccessListEntry> {
        serde_json::from_str(json).unwrap()
    }

    fn users(json: &str) -> Vec<DatabaseUser> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn order_and_comments_do_not_matter_and_entries_do() {
        let one = entries(r#"[{"cidrBlock":"203.0.113.0/28","comment":"a"},{"cidrBlock":"198.51.100.7/32"}]"#);
        let other = entries(r#"[{"ipAddress":"198.51.100.7"},{"cidrBlock":"203.0.113.5/28"}]"#);
        assert_eq!(of_access_list(&one), of_access_list(&other));
        assert_ne!(of_access_list(&one), of_access_list(&one[..1]));
        // printf '198.51.100.7/32\n203.0.113.0/28\n' | sha256sum
        assert_eq!(of_access_list(&one), "83bab2057ff9fda5641c56a605c8904d9afe424d9c160e51b98ff16f5e1c23f6");
        assert_eq!(of_access_list(&[]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn roles_and_scopes_matter() {
        let app = r#"[{"username":"app","databaseName":"admin","roles":[{"roleName":"readWrite","databaseName":"shop"}],"scopes":[]}]"#;
        let wider = app.replace("\"scopes\":[]", r#""scopes":[{"name":"main","type":"CLUSTER"}]"#);
        let other = app.replace("readWrite", "dbAdmin");
        let described = app.replace("\"scopes\"", "\"description\":\"the shop\",\"scopes\"");
        let of = |json: &str| of_database_users(&users(json));
        assert_ne!(of(app), of(&wider));
        assert_ne!(of(app), of(&other));
        assert_eq!(of(app), of(&described));
    }

    #[test]
    fn digests_are_compared_as_numbers() {
        assert!(same("sha256:ABCD", "abcd") && !same("abcd", "abce"));
    }

    #[test]
    fn a_line_holds_where_a_user_logs_in_its_name_roles_and_scopes() {
        let user = r#"[{"username":"app","databaseName":"admin",
            "roles":[{"roleName":"readWrite","databaseName":"shop","collectionName":"orders"},{"roleName":"read","databaseName":"crm","collectionName":""}],
            "scopes":[{"name":"main","type":"CLUSTER"},{"name":"lake","type":"DATA_LAKE"}]}]"#;
        assert_eq!(
            database_user_line(&users(user)[0]),
            "admin\tapp\tread@crm,readWrite@shop.orders\tCLUSTER:main,DATA_LAKE:lake"
        );
    }
}
