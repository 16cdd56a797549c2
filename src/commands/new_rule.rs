//! `atlas-audit rules new`: a file to start from, with examples that hold.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::NewScope;
use crate::engine::custom;
use crate::error::Error;

use super::output::{Pending, Readers};

/// Writes it, and tells where. A file that is there already is left alone.
pub(super) fn write(id: &str, name: &str, scope: NewScope, folder: &Path) -> Result<PathBuf, Error> {
    let path = folder.join(format!("{id}-{name}.toml"));
    let unwritable = |source| Error::Output { path: path.clone(), source };
    custom::is_free(id, name, &path, folder)?;
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut file = Pending::create(&path, Readers::Usual)?;
    file.write_all(text(id, name, scope).as_bytes()).map_err(unwritable)?;
    file.finish()
}

fn text(id: &str, name: &str, scope: NewScope) -> String {
    let (scope, body) = match scope {
        NewScope::Organization => ("organization", ORGANIZATION),
        NewScope::Project => ("project", PROJECT),
        NewScope::Cluster => ("cluster", CLUSTER),
        NewScope::DatabaseUser => ("database-user", DATABASE_USER),
    };
    format!(
        "id       = {id}\nname     = {name}\ntitle    = \"What a finding says, in one line\"\nseverity = \"medium\" # \
         critical, high, medium, low, info\nscope    = \"{scope}\"\n{body}",
        id = toml::Value::from(id),
        name = toml::Value::from(name),
    )
}

const PROJECT: &str = r#"each     = "project.accessList" # judged one by one, as `item`

why = "Why it matters, for whoever reads the finding."

# What must hold, in CEL. A section that cannot be read, or a field that Atlas leaves out, makes the verdict unknown;
# `has()` asks whether a field is there.
expression = "has(item.comment) && size(item.comment) >= parameters.least"
message    = "item.cidrBlock + ' says nothing of who needs it'"

[parameters]
least = 3 # characters of a comment

[remediation]
console = "Project, Security, Network Access: give the entry a comment."

[[example]]
is      = "fail"
finds   = "192.0.2.0/28 says nothing"
project = { accessList = [{ cidrBlock = "192.0.2.0/28" }] }

[[example]]
is      = "pass"
project = { accessList = [{ cidrBlock = "192.0.2.0/28", comment = "office" }] }

[[example]]
is      = "not-applicable"
project = { accessList = [] }

[[example]]
is      = "unknown"
project = { accessList = { unavailable = "forbidden" } }
"#;

const CLUSTER: &str = r#"
why = "Why it matters, for whoever reads the finding."

# What must hold, in CEL. A section that cannot be read, or a field that Atlas leaves out, makes the verdict unknown;
# `has()` asks whether a field is there.
expression = "environment != 'production' || cluster.terminationProtectionEnabled"
message    = "cluster.name + ' can be deleted by one command'"

[remediation]
cli = "atlas clusters update <cluster> --enableTerminationProtection --projectId <project>"

[[example]]
is      = "fail"
finds   = "c can be deleted"
project = { clusters = [{ name = "c", terminationProtectionEnabled = false }] }

[[example]]
is      = "pass"
project = { clusters = [{ name = "c", terminationProtectionEnabled = true }] }

[[example]]
is      = "not-applicable"
project = { clusters = [] }

[[example]]
is      = "unknown"
because = "Atlas did not say"
project = { clusters = [{ name = "c" }] }
"#;

const DATABASE_USER: &str = r#"
why = "Why it matters, for whoever reads the finding."

# What must hold, in CEL. A section that cannot be read, or a field that Atlas leaves out, makes the verdict unknown;
# `has()` asks whether a field is there.
expression = "user.roles.all(role, role.roleName != 'atlasAdmin')"
message    = "user.username + ' administers everything'"

[remediation]
cli = "atlas dbusers update <user> --role readWrite@<database> --projectId <project>"

[[example]]
is      = "fail"
finds   = "app administers"
project = { databaseUsers = [{ username = "app", databaseName = "admin", roles = [{ roleName = "atlasAdmin", databaseName = "admin" }] }] }

[[example]]
is      = "pass"
project = { databaseUsers = [{ username = "app", databaseName = "admin", roles = [{ roleName = "read", databaseName = "shop" }] }] }

[[example]]
is      = "unknown"
project = { databaseUsers = { unavailable = "forbidden" } }
"#;

const ORGANIZATION: &str = r#"
why = "Why it matters, for whoever reads the finding."

# What must hold, in CEL. A section that cannot be read, or a field that Atlas leaves out, makes the verdict unknown;
# `has()` asks whether a field is there.
expression = "organization.settings.multiFactorAuthRequired"
message    = "'no second factor is required'"

[remediation]
console = "Organization, Settings: require multi-factor authentication."

[[example]]
is           = "fail"
finds        = "no second factor"
organization = { settings = { multiFactorAuthRequired = false } }

[[example]]
is           = "pass"
organization = { settings = { multiFactorAuthRequired = true } }

[[example]]
is           = "unknown"
organization = { settings = { unavailable = "forbidden" } }
"#;
