//! Database users that share a cluster as tenants, by their names.

use regex::Captures;

use super::{Declared, Tenant};

/// What the name of a tenant's user says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenancy {
    /// Which tenant: the first capture. None if the pattern captured nothing.
    pub capture: Option<String>,
    /// The tenant's database. None if the template names a capture that is not there.
    pub database: Option<String>,
}

impl Tenant {
    /// What a user's name says, if it fits the pattern.
    #[must_use]
    pub fn tenancy(&self, user: &str) -> Option<Tenancy> {
        let captures = self.user_pattern.captures(user)?;
        let capture = captures.get(1).map(|found| found.as_str().to_owned()).filter(|text| !text.is_empty());
        let database = expanded(&self.database, &captures);
        Some(Tenancy { capture, database })
    }

    /// Whether the tenant of that capture exists; nothing if nobody declared which do.
    #[must_use]
    pub fn is_live(&self, capture: &str) -> Option<bool> {
        self.live.as_ref().map(|live| live.iter().any(|known| known == capture))
    }
}

impl Declared {
    /// The first kind of tenant whose pattern a user's name fits.
    #[must_use]
    pub fn tenancy(&self, user: &str) -> Option<(&Tenant, Tenancy)> {
        self.tenants.iter().find_map(|tenant| Some((tenant, tenant.tenancy(user)?)))
    }
}

/// `app_pr_$1_db`: unlike the regex crate's own notation, a number ends where its digits end.
fn expanded(template: &str, captures: &Captures<'_>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let (name, remainder) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some(braced) => braced,
            None => after.split_at(after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len())),
        };
        let found = match name.parse() {
            Ok(number) => captures.get(number),
            Err(_) => captures.name(name),
        };
        text.push_str(found.map(|found| found.as_str()).filter(|found| !found.is_empty())?);
        rest = remainder;
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenancy(pattern: &str, database: &str, user: &str) -> Option<Tenancy> {
        let tenant: Tenant = toml::from_str(&format!("user_pattern = '{pattern}'\ndatabase = '{database}'")).unwrap();
        tenant.tenancy(user)
    }

    #[test]
    fn a_name_tells_tenant_and_database() {
        let found = tenancy(r"app_pr_(\d+)", "app_pr_$1", "app_pr_42").unwrap();
        assert_eq!((found.capture.as_deref(), found.database.as_deref()), (Some("42"), Some("app_pr_42")));
        assert_eq!(tenancy(r"app_pr_(\d+)", "app_pr_$1", "app_pr_42_old"), None);
    }

    #[test]
    fn a_template_may_go_on_after_the_capture() {
        for (pattern, template) in
            [(r"t(\d+)", "pr_$1_db"), (r"t(\d+)", "pr_${1}_db"), (r"t(?<number>\d+)", "pr_${number}_db")]
        {
            assert_eq!(tenancy(pattern, template, "t7").unwrap().database.as_deref(), Some("pr_7_db"), "{template}");
        }
    }

    #[test]
    fn a_capture_that_is_not_there_names_no_database() {
        for (pattern, template) in [("t.*", "pr_$1"), (r"t(\d*)", "pr_$1"), (r"t(\d+)?", "pr_$2"), ("t.*", "pr_$x")] {
            assert_eq!(tenancy(pattern, template, "t").unwrap().database, None, "{pattern}");
        }
        assert_eq!(tenancy(r"t(\d*)", "pr_$1", "t").unwrap().capture, None);
    }
}
