//! Credentials of programs: what they may do, from where, and for how long.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::Deserialize;

use super::{section, span};
use crate::engine::day::Day;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::rules::exemption::Standing;
use crate::rules::hours_until_needed;
use crate::snapshot::address::AddressRange;
use crate::snapshot::credential::{ApiKey, CredentialAccessEntry, CredentialSecret, ProjectServiceAccount};
use crate::snapshot::project::Project;
use crate::snapshot::tree::Node;
use crate::snapshot::{Organization, Reading, Reason, Ref, Section, Unavailable};

const ORGANIZATION_OWNER: &str = "ORG_OWNER";
const PROJECT_OWNER: &str = "GROUP_OWNER";

/// A credential as findings speak of it.
pub(super) struct Named {
    pub(super) at: Ref,
    pub(super) shown: String,
    /// As Atlas shows it in lists.
    name: String,
    /// The placeholder of the remediation that it fills.
    pub(super) placeholder: &'static str,
    id: String,
}

impl Named {
    pub(super) fn api_key(list: &Ref, key: &ApiKey) -> Self {
        let shown = match (key.desc.as_deref().filter(|text| !text.is_empty()), key.public_key.as_deref()) {
            (Some(desc), Some(public)) => format!("API key \"{desc}\" ({public})"),
            (Some(desc), None) => format!("API key \"{desc}\""),
            (None, public) => format!("API key {}", public.or(key.id.as_deref()).unwrap_or_default()),
        };
        let name = key.desc.clone().filter(|text| !text.is_empty()).or_else(|| key.public_key.clone());
        let name = name.unwrap_or_else(|| key.key());
        Self { at: list.child(&key.key()), shown, name, placeholder: "key", id: key.key() }
    }

    pub(super) fn service_account(list: &Ref, name: Option<&str>, client_id: Option<&str>) -> Self {
        let id = client_id.unwrap_or_default().to_owned();
        let shown = match name.filter(|name| !name.is_empty()) {
            Some(name) => format!("service account \"{name}\""),
            None => format!("service account {id}"),
        };
        let name = name.filter(|name| !name.is_empty()).unwrap_or(&id).to_owned();
        Self { at: list.child(&id), shown, name, placeholder: "client", id }
    }

    fn mcp(list: &Ref, config: &impl Node, name: Option<&str>, client_id: Option<&str>) -> Self {
        Self {
            at: list.child(&config.key()),
            shown: format!("MCP configuration \"{}\"", name.unwrap_or_default()),
            name: name.unwrap_or_default().to_owned(),
            placeholder: "mcp-client",
            id: client_id.unwrap_or("<mcp-client>").to_owned(),
        }
    }

    pub(super) fn evidence(&self, at: &Ref, message: String) -> Evidence {
        let evidence = Evidence::at(at, message).fact(self.placeholder, self.id.clone());
        // Two segments below the credential stands something with a name of its own.
        let own = at == &self.at || at.as_str().matches('/').count() == self.at.as_str().matches('/').count() + 1;
        if own { evidence.fact("name", self.name.clone()) } else { evidence }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overprivileged {
    owner_credentials: Vec<OwnerCredential>,
}

/// A credential that may own projects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerCredential {
    /// Public key, client id, or Atlas's identifier.
    credential: String,
    owner: String,
    until: Day,
}

/// ATL-ORG-009
pub(crate) fn overprivileged(organization: &OrganizationView<'_>, limits: &Overprivileged) -> Judgement {
    let standing = |names: &[Option<&str>]| {
        let listed = limits.owner_credentials.iter().filter(|entry| names.contains(&Some(entry.credential.as_str())));
        Standing::of(listed.map(|entry| (entry.owner.as_str(), entry.until)), organization.now)
    };
    let mut seen = Gathered::new();

    let list = section(organization, Section::ApiKeys);
    for key in seen.see(organization.api_keys.known()).into_iter().flatten() {
        seen.fine();
        let named = Named::api_key(&list, key);
        let standing = standing(&[key.public_key.as_deref(), key.id.as_deref()]);
        for grant in seen.see(key.roles.required("roles")).into_iter().flatten() {
            let evidence = match grant.role_name.as_deref() {
                None => {
                    seen.unseen(Unknown::absent("roleName"));
                    continue;
                }
                Some(ORGANIZATION_OWNER) => named.evidence(&named.at, format!("{} holds ORG_OWNER", named.shown)),
                Some(PROJECT_OWNER) if standing != Standing::Exempt => {
                    let place = grant.group_id.as_deref().map(|id| format!(" in project {id}")).unwrap_or_default();
                    let message = format!("{} holds GROUP_OWNER{place}{}", named.shown, standing.note());
                    let evidence = Evidence::at(&named.at, message).fact("project-key", named.id.clone());
                    match &grant.group_id {
                        Some(project) => evidence.fact("key-project", project.clone()),
                        None => evidence,
                    }
                }
                Some(_) => continue,
            };
            seen.offence(evidence.field("/roles"));
        }
    }

    let list = section(organization, Section::ServiceAccounts);
    for account in seen.see(organization.service_accounts.known()).into_iter().flatten() {
        seen.fine();
        let named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
        if seen.see(account.roles.required("roles")).is_some_and(|roles| roles.iter().any(|r| r == ORGANIZATION_OWNER))
        {
            seen.offence(named.evidence(&named.at, format!("{} holds ORG_OWNER", named.shown)).field("/roles"));
        }
        let standing = standing(&[account.client_id.as_deref()]);
        for project in seen.see(account.projects.known()).into_iter().flatten() {
            let roles = seen.see(project.roles.required("roles"));
            if standing != Standing::Exempt && roles.is_some_and(|roles| roles.iter().any(|role| role == PROJECT_OWNER))
            {
                let at = named.at.child(Section::ServiceAccountProjects.slot()).child(&project.key());
                let project = project.group_id.as_deref().unwrap_or_default();
                let message = format!("{} holds GROUP_OWNER in project {project}{}", named.shown, standing.note());
                let evidence = Evidence::at(&at, message).field("/roles");
                seen.offence(evidence.fact("project-client", named.id.clone()).fact("client-project", project));
            }
        }
    }
    seen.verdict("the organization has neither API keys nor service accounts")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoAccessList {
    max_ipv4_prefix: u8,
}

impl NoAccessList {
    /// What is wrong with a range, if anything is.
    fn complaint(&self, range: IpNet) -> Option<String> {
        let lone = range.prefix_len() == range.max_prefix_len();
        if range.prefix_len() == 0 || (range.addr().is_unspecified() && lone) {
            return Some(format!("{range} admits the whole internet"));
        }
        let wide = matches!(range, IpNet::V4(_)) && range.prefix_len() < self.max_ipv4_prefix;
        wide.then(|| format!("{range} is wider than /{}", self.max_ipv4_prefix))
    }

    fn judge(&self, seen: &mut Gathered, named: &Named, slot: Section, list: &Reading<Vec<CredentialAccessEntry>>) {
        let Some(entries) = seen.see(list.known()) else { return };
        let at = named.at.child(slot.slot());
        if entries.is_empty() {
            seen.offence(named.evidence(&at, format!("the access list of {} is empty", named.shown)));
            return;
        }
        seen.fine();
        for entry in entries {
            match &entry.cidr_block {
                None => seen.unseen(Unknown::absent("cidrBlock")),
                Some(AddressRange::Other(text)) => seen.unseen(Unknown::not_understood("cidrBlock", text)),
                Some(AddressRange::Net(range)) => {
                    if let Some(complaint) = self.complaint(*range) {
                        let message = format!("{complaint}, in the access list of {}", named.shown);
                        seen.offence(named.evidence(&at.child(&entry.key()), message).field("/cidrBlock"));
                    }
                }
            }
        }
    }
}

/// The service accounts by which MCP configurations come in and go out: their addresses are kept there.
struct McpAccounts<'a> {
    ids: BTreeSet<&'a str>,
    /// Why some of them may be missing.
    doubt: Option<&'a Unavailable>,
}

impl<'a> McpAccounts<'a> {
    fn new() -> Self {
        Self { ids: BTreeSet::new(), doubt: None }
    }

    fn add<T>(&mut self, configs: &'a Reading<Vec<T>>, accounts: impl Fn(&'a T) -> [Option<&'a str>; 2]) {
        match configs.known() {
            Ok(configs) => self.ids.extend(configs.iter().flat_map(accounts).flatten()),
            // Where Atlas has no such thing, no account is of one.
            Err(why) if why.reason == Reason::Unsupported => {}
            Err(why) => self.doubt = self.doubt.or(Some(why)),
        }
    }

    fn of_organization(organization: &'a Organization) -> Self {
        let mut accounts = Self::new();
        accounts
            .add(&organization.mcp_configs, |config| [config.client_id.as_deref(), config.egress_client_id.as_deref()]);
        accounts
    }

    fn of_project(project: &'a Project, organization: &'a Organization) -> Self {
        let mut accounts = Self::of_organization(organization);
        accounts.add(&project.mcp_configs, |config| [config.client_id.as_deref(), config.egress_client_id.as_deref()]);
        accounts
    }

    /// Judges an account unless it is one of these. Where nobody can tell, an offence of it is no more than a doubt.
    fn unless_of_mcp(
        &self,
        client_id: Option<&str>,
        is_system_managed: Option<bool>,
        seen: &mut Gathered,
        judge: impl FnOnce(&mut Gathered),
    ) {
        if is_system_managed == Some(true) || client_id.is_some_and(|id| self.ids.contains(id)) {
            return;
        }
        match self.doubt {
            Some(why) if is_system_managed.is_none() => {
                let mut apart = Gathered::new();
                judge(&mut apart);
                match apart.verdict("") {
                    Ok(Verdict::Fail(_)) => seen.unseen(why),
                    other => seen.absorb(other),
                }
            }
            _ => judge(seen),
        }
    }
}

/// ATL-ORG-011, API keys and the organization's service accounts
pub(crate) fn no_access_list(organization: &OrganizationView<'_>, limits: &NoAccessList) -> Judgement {
    let mut seen = Gathered::new();
    let list = section(organization, Section::ApiKeys);
    for key in seen.see(organization.api_keys.known()).into_iter().flatten() {
        limits.judge(&mut seen, &Named::api_key(&list, key), Section::ApiKeyAccessList, &key.access_list);
    }
    let list = section(organization, Section::ServiceAccounts);
    let of_mcp = McpAccounts::of_organization(organization.organization);
    for account in seen.see(organization.service_accounts.known()).into_iter().flatten() {
        let named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
        of_mcp.unless_of_mcp(account.client_id.as_deref(), account.is_system_managed, &mut seen, |seen| {
            limits.judge(seen, &named, Section::ServiceAccountAccessList, &account.access_list);
        });
    }
    seen.verdict("the organization has neither API keys nor service accounts")
}

/// ATL-ORG-011, service accounts that only a project lists
pub(crate) fn no_access_list_in_project(project: &ProjectView<'_>, limits: &NoAccessList) -> Judgement {
    let mut seen = Gathered::new();
    let list = project.section(Section::ProjectServiceAccounts);
    let of_mcp = McpAccounts::of_project(project.project, project.organization);
    for account in own_accounts(project, &mut seen) {
        let mut named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
        named.placeholder = "project-client";
        of_mcp.unless_of_mcp(account.client_id.as_deref(), account.is_system_managed, &mut seen, |seen| {
            limits.judge(seen, &named, Section::ProjectServiceAccountAccessList, &account.access_list);
        });
    }
    seen.verdict("the project has no service account that the organization does not list")
}

/// The accounts that only the project lists. One account, one verdict: the others are judged with the organization.
///
/// Where the organization's list could not be read nobody can tell which those are: a hole there must not turn into
/// a finding here.
pub(super) fn own_accounts<'a>(project: &ProjectView<'a>, seen: &mut Gathered) -> Vec<&'a ProjectServiceAccount> {
    let Some(accounts) = seen.see(project.project.service_accounts.known()).filter(|accounts| !accounts.is_empty())
    else {
        return Vec::new();
    };
    let Some(listed) = seen.see(project.organization.service_accounts.known()) else { return Vec::new() };
    let elsewhere = |own: &ProjectServiceAccount| {
        own.client_id.is_some() && listed.iter().any(|account| account.client_id == own.client_id)
    };
    accounts.iter().filter(|own| !elsewhere(own)).collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretPolicy {
    max_hours: i64,
    warn_days: u32,
}

impl SecretPolicy {
    fn judge(&self, secrets: &mut Secrets<'_>, secret: &CredentialSecret, holder: &Named, at: &Ref, field: &str) {
        let what = &holder.shown;
        // The secret of an MCP server is that of the service account by which clients come in: it is listed twice.
        if secret.id.as_ref().is_some_and(|id| !secrets.judged.insert(id.clone())) {
            return;
        }
        let left = match hours_until_needed("expiresAt", secret.expires_at.as_ref(), secrets.now) {
            Ok(hours) => hours,
            Err(hole) => return secrets.seen.unseen(hole),
        };
        let id = secret.id.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
        let (message, severity) = if left <= 0.0 {
            (format!("secret{id} of {what} ran out {} ago and is still listed", span(left)), Severity::Low)
        } else if left <= f64::from(self.warn_days) * 24.0 {
            (format!("secret{id} of {what} runs out in {}", span(left)), Severity::Medium)
        } else {
            return secrets.seen.fine();
        };
        let mut evidence = holder.evidence(at, message).field(field.to_owned()).severity(severity);
        if let Some(id) = secret.id.as_deref().filter(|_| left <= 0.0) {
            evidence = evidence.fact("expired-secret", id);
        }
        secrets.seen.offence(evidence);
    }

    /// Those that stand in the line of a service account.
    fn judge_account(&self, secrets: &mut Secrets<'_>, named: &Named, listed: Option<&Vec<CredentialSecret>>) {
        let Some(listed) = listed else { return secrets.seen.unseen(Unknown::absent("secrets")) };
        for (index, secret) in listed.iter().enumerate() {
            self.judge(secrets, secret, named, &named.at, &format!("/secrets/{index}/expiresAt"));
        }
    }

    /// Those of an MCP server, each with a line of its own.
    fn judge_mcp(&self, secrets: &mut Secrets<'_>, named: &Named, listed: &Reading<Vec<CredentialSecret>>) {
        let list = named.at.child(Section::McpSecrets.slot());
        for secret in secrets.seen.see(listed.known()).into_iter().flatten() {
            self.judge(secrets, secret, named, &list.child(&secret.key()), "/expiresAt");
        }
    }
}

/// What came of the secrets so far.
struct Secrets<'s> {
    seen: &'s mut Gathered,
    now: jiff::Timestamp,
    judged: BTreeSet<String>,
}

/// ATL-ORG-014, the cap, and the organization's own secrets
pub(crate) fn secret_policy(organization: &OrganizationView<'_>, limits: &SecretPolicy) -> Judgement {
    let mut seen = Gathered::new();
    if let Some(settings) = seen.see(organization.settings.known()) {
        let at = section(organization, Section::OrganizationSettings);
        let offence = |message: String| {
            let evidence = Evidence::at(&at, message).field("/maxServiceAccountSecretValidityInHours");
            evidence.fact("secret-hours", limits.max_hours.to_string())
        };
        match settings.max_service_account_secret_validity_in_hours {
            None => seen.offence(offence("nothing caps the life of new secrets of service accounts".to_owned())),
            Some(hours) if hours > limits.max_hours => {
                let most = limits.max_hours;
                seen.offence(offence(format!(
                    "new secrets of service accounts may live {hours} hours, more than {most}"
                )));
            }
            Some(_) => seen.fine(),
        }
    }
    let mut secrets = Secrets { seen: &mut seen, now: organization.now, judged: BTreeSet::new() };
    let list = section(organization, Section::ServiceAccounts);
    for account in secrets.seen.see(organization.service_accounts.known()).into_iter().flatten() {
        let named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
        limits.judge_account(&mut secrets, &named, account.secrets.as_ref());
    }
    let list = section(organization, Section::McpConfigs);
    for config in secrets.seen.see(organization.mcp_configs.known()).into_iter().flatten() {
        let named = Named::mcp(&list, config, config.mcp_config_name.as_deref(), config.client_id.as_deref());
        limits.judge_mcp(&mut secrets, &named, &config.secrets);
    }
    seen.verdict("")
}

/// ATL-ORG-014, secrets that only a project lists
pub(crate) fn secret_policy_in_project(project: &ProjectView<'_>, limits: &SecretPolicy) -> Judgement {
    let mut seen = Gathered::new();
    let own = own_accounts(project, &mut seen);
    let mut secrets = Secrets { seen: &mut seen, now: project.now, judged: BTreeSet::new() };
    let list = project.section(Section::ProjectServiceAccounts);
    for account in own {
        let mut named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
        named.placeholder = "project-client";
        limits.judge_account(&mut secrets, &named, account.secrets.as_ref());
    }
    let list = project.section(Section::ProjectMcpConfigs);
    for config in secrets.seen.see(project.mcp_configs.known()).into_iter().flatten() {
        let named = Named::mcp(&list, config, config.mcp_config_name.as_deref(), config.client_id.as_deref());
        limits.judge_mcp(&mut secrets, &named, &config.secrets);
    }
    seen.verdict("the project has no service account of its own")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(evidence: &Evidence) -> Vec<(&str, &str)> {
        evidence.facts.iter().map(|(name, value)| (*name, value.as_ref())).collect()
    }

    #[test]
    fn a_credential_is_called_as_people_call_it() {
        let list = Ref::parsed("org/org/apiKeys");
        let key = |desc: &str, public: &str| {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let key = ApiKey {
                id: Some("k".to_owned()),
                desc: Some(desc.to_owned()),
                public_key: text(public),
                ..ApiKey::default()
            };
            let named = Named::api_key(&list, &key);
            let name = named.name.clone();
            (named.shown, name)
        };
        let told = |shown: &str, name: &str| (shown.to_owned(), name.to_owned());
        assert_eq!(key("deploy", "lfop"), told("API key \"deploy\" (lfop)", "deploy"));
        assert_eq!(key("deploy", ""), told("API key \"deploy\"", "deploy"));
        assert_eq!(key("", "lfop"), told("API key lfop", "lfop"));
        assert_eq!(key("", ""), told("API key k", "k"));
        let account = |name| {
            let named = Named::service_account(&list, name, Some("mdb_sa_id_1"));
            (named.shown, named.name)
        };
        assert_eq!(account(Some("exporter")), told("service account \"exporter\"", "exporter"));
        assert_eq!(account(Some("")), told("service account mdb_sa_id_1", "mdb_sa_id_1"));
        assert_eq!(account(None), told("service account mdb_sa_id_1", "mdb_sa_id_1"));
    }

    #[test]
    fn evidence_names_the_credential_at_it_and_at_its_lists_and_not_at_what_has_a_name_of_its_own() {
        let named = Named::service_account(&Ref::parsed("org/org/serviceAccounts"), Some("exporter"), Some("c1"));
        let at = |below: &[&str]| below.iter().fold(named.at.clone(), |at, one| at.child(one));
        for (below, own) in [(&[][..], true), (&["accessList"], true), (&["accessList", "192.0.2.7"], false)] {
            let evidence = named.evidence(&at(below), "x".to_owned());
            let mut expected = vec![("client", "c1")];
            expected.extend(own.then_some(("name", "exporter")));
            assert_eq!(facts(&evidence), expected, "{below:?}");
        }
    }
}
