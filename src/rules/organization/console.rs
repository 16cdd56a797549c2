//! What reaches data by way of the console: sessions left open, language models, agents in somebody's name.

use serde::Deserialize;

use super::section;
use crate::engine::declared::{Pattern, Statement, names_project};
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::rules::tagged;
use crate::snapshot::address::AddressRange;
use crate::snapshot::credential::CredentialAccessEntry;
use crate::snapshot::organization::DelegatedAccess;
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    idle_minutes: i64,
    absolute_hours: i64,
    require_ui_access_list: bool,
}

/// What Atlas does where nobody says otherwise.
const ATLAS_ABSOLUTE_HOURS: i64 = 12;

/// ATL-ORG-017
pub(crate) fn session_and_network(organization: &OrganizationView<'_>, limits: &Session) -> Judgement {
    let mut seen = Gathered::new();
    if let Some(settings) = seen.see(organization.settings.known()) {
        seen.fine();
        let at = section(organization, Section::OrganizationSettings);
        let timeouts = settings.custom_session_timeouts.clone().unwrap_or_default();
        let offence = |message: String, field: &'static str| {
            Evidence::at(&at, message).field(format!("/customSessionTimeouts/{field}"))
        };
        let field = "idleSessionTimeoutInSeconds";
        match timeouts.idle_session_timeout_in_seconds {
            None => seen.offence(offence("a session in the console that nobody uses stays open".to_owned(), field)),
            Some(seconds) if seconds > limits.idle_minutes * 60 => {
                let message = format!(
                    "a session in the console that nobody uses stays open for {} minutes, more than {}",
                    seconds / 60,
                    limits.idle_minutes
                );
                seen.offence(offence(message, field));
            }
            Some(_) => {}
        }
        let seconds = timeouts.absolute_session_timeout_in_seconds.unwrap_or(ATLAS_ABSOLUTE_HOURS * 3600);
        if seconds > limits.absolute_hours * 3600 {
            let message =
                format!("a session in the console lives {} hours, more than {}", seconds / 3600, limits.absolute_hours);
            seen.offence(offence(message, "absoluteSessionTimeoutInSeconds"));
        }
    }
    seen.absorb(console_access_list(organization, limits));
    seen.verdict("")
}

/// The console's own access list is not in the API: only its switching on and off is told.
fn console_access_list(organization: &OrganizationView<'_>, limits: &Session) -> Judgement {
    let stated = organization.attested("ui-access-list");
    let newest = newest_switch(organization);
    match (newest, stated) {
        (Ok(Some((true, _, _))), _) => Ok(Verdict::Pass),
        (Ok(Some((false, at, when))), stated) => match stated {
            Statement::Live(stated) if crate::engine::day::Day::of(when) <= stated.date => Ok(stated.into()),
            _ => {
                let message =
                    format!("the access list of the console was switched off on {}", when.strftime("%Y-%m-%d"));
                Ok(Verdict::of([Evidence::at(&at, message).field("/eventTypeName")]))
            }
        },
        (_, Statement::Live(stated)) => Ok(stated.into()),
        (Err(why), _) => Err(why),
        (Ok(None), _) if !limits.require_ui_access_list => Ok(Verdict::Pass),
        (Ok(None), stated) => {
            let what = "no event tells whether the console has an access list";
            Err(Unknown::undecidable(match stated {
                Statement::Expired(ended) => format!("{what}; {} stated it until {}", ended.owner, ended.expires),
                _ => format!("{what}: state `ui-access-list`"),
            }))
        }
    }
}

/// The last time that the console's access list was switched: whether on, by which event, and when.
fn newest_switch(organization: &OrganizationView<'_>) -> Result<Option<(bool, Ref, jiff::Timestamp)>, Unknown> {
    let list = section(organization, Section::OrganizationEvents);
    let mut newest = None;
    for event in organization.events.known()? {
        let on = match event.event_type_name.as_deref() {
            Some("ORG_UI_IP_ACCESS_LIST_ENABLED") => true,
            Some("ORG_UI_IP_ACCESS_LIST_DISABLED") => false,
            _ => continue,
        };
        let moment = event.created.required("created")?;
        let when = moment.timestamp().ok_or_else(|| Unknown::not_understood("created", "no time"))?;
        if newest.as_ref().is_none_or(|(_, _, known)| *known < when) {
            newest = Some((on, list.child(&event.key()), when));
        }
    }
    Ok(newest)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GenerativeAi {
    sensitive_tags: Vec<String>,
    allow_genai_projects: Vec<Pattern>,
}

/// ATL-ORG-018
pub(crate) fn generative_ai(project: &ProjectView<'_>, limits: &GenerativeAi) -> Judgement {
    let organization = project.organization.settings.known()?;
    if !*organization.gen_ai_features_enabled.required("genAIFeaturesEnabled")? {
        return Ok(Verdict::not_applicable("the organization has language models switched off"));
    }
    let settings = project.settings.known()?;
    let at = project.section(Section::ProjectSettings);
    let mut seen = Gathered::new();
    seen.fine();
    let field = "isDataExplorerGenAISampleDocumentPassingEnabled";
    if seen.see(settings.is_data_explorer_gen_ai_sample_document_passing_enabled.required(field)) == Some(&true) {
        let message = "Data Explorer shows sample documents to a language model";
        seen.offence(Evidence::at(&at, message).field(format!("/{field}")).severity(Severity::Medium));
    }
    let sensitive = tagged::is_within(&limits.sensitive_tags, project.tags.as_deref());
    let allowed = names_project(&limits.allow_genai_projects, &project.project.id, project.name.as_deref());
    if sensitive && !allowed {
        let features = [
            ("isDataExplorerGenAIFeaturesEnabled", "Data Explorer", settings.is_data_explorer_gen_ai_features_enabled),
            ("isClusterAiAssistantEnabled", "the cluster assistant", settings.is_cluster_ai_assistant_enabled),
            ("isNativeRerankingEnabled", "native reranking", settings.is_native_reranking_enabled),
        ];
        for (field, what, enabled) in features {
            if seen.see(enabled.required(field)) == Some(&true) {
                let message = format!("language models serve {what} in a project tagged sensitive");
                seen.offence(Evidence::at(&at, message).field(format!("/{field}")).severity(Severity::Low));
            }
        }
    }
    seen.verdict("")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agents {
    allowed_mcp_roles: Vec<String>,
    max_refresh_days: i64,
}

impl Agents {
    /// An MCP configuration, of the organization or of a project.
    fn judge(
        &self,
        at: &Ref,
        name: &str,
        roles: Option<&Vec<String>>,
        list: Option<&Vec<CredentialAccessEntry>>,
        id: &(&'static str, String),
        seen: &mut Gathered,
    ) {
        seen.fine();
        let offence = |message: String, field: &'static str| {
            Evidence::at(at, message).field(field).fact(id.0, id.1.clone()).fact("name", name)
        };
        if let Some(roles) = seen.see(roles.ok_or_else(|| Unknown::absent("roles"))) {
            let more: Vec<_> = roles.iter().filter(|role| !self.allowed_mcp_roles.contains(role)).cloned().collect();
            if !more.is_empty() {
                seen.offence(offence(format!("MCP configuration \"{name}\" holds {}", more.join(", ")), "/roles"));
            }
        }
        let Some(list) = seen.see(list.ok_or_else(|| Unknown::absent("ipAccessList"))) else { return };
        if list.is_empty() {
            let message = format!("MCP configuration \"{name}\" may be used from anywhere: its access list is empty");
            seen.offence(offence(message, "/ipAccessList"));
        }
        for entry in list {
            match &entry.cidr_block {
                None => seen.unseen(Unknown::absent("cidrBlock")),
                Some(AddressRange::Other(text)) => seen.unseen(Unknown::not_understood("cidrBlock", text)),
                Some(AddressRange::Net(range)) if range.prefix_len() == 0 => {
                    let message = format!("MCP configuration \"{name}\" may be used from anywhere: {range}");
                    seen.offence(offence(message, "/ipAccessList"));
                }
                Some(AddressRange::Net(_)) => {}
            }
        }
    }
}

/// ATL-ORG-019, the organization
pub(crate) fn delegated_access(organization: &OrganizationView<'_>, limits: &Agents) -> Judgement {
    let mut seen = Gathered::new();
    if let Some(settings) = seen.see(organization.delegation_settings.known()) {
        let at = section(organization, Section::DelegationSettings);
        let mut delegated = false;
        let ways = [
            ("agents that speak MCP", "delegatedMcpAccess", &settings.delegated_mcp_access),
            ("applications of partners", "delegatedPartnerAccess", &settings.delegated_partner_access),
        ];
        for (who, field, access) in ways {
            match access {
                // Absent is the default, which is the same.
                None | Some(DelegatedAccess::Disallowed) => continue,
                Some(DelegatedAccess::ReadOnly) => seen.fine(),
                Some(DelegatedAccess::ReadWrite) => {
                    let message = format!("{who} may change whatever the people may in whose name they act");
                    seen.offence(Evidence::at(&at, message).field(format!("/{field}")));
                }
                Some(DelegatedAccess::Other(text)) => seen.unseen(Unknown::not_understood(field, text)),
            }
            delegated = true;
        }
        if delegated {
            let field = "maximumRefreshTokenLifetime";
            match settings.maximum_refresh_token_lifetime {
                None => {
                    let what = "how long a refresh token of an agent lives is left to Atlas";
                    seen.unseen(Unknown::undecidable(format!("{what}: `{field}` is not set")));
                }
                Some(seconds) if seconds > limits.max_refresh_days * 86_400 => {
                    let (days, most) = (seconds / 86_400, limits.max_refresh_days);
                    let message = format!("a refresh token of an agent lives {days} days, more than {most}");
                    seen.offence(Evidence::at(&at, message).field(format!("/{field}")));
                }
                Some(_) => seen.fine(),
            }
        }
    }
    let list = section(organization, Section::McpConfigs);
    for config in seen.see(organization.mcp_configs.known()).into_iter().flatten() {
        let name = config.mcp_config_name.as_deref().unwrap_or_default();
        let (roles, from) = (config.roles.as_ref(), config.ip_access_list.as_ref());
        limits.judge(&list.child(&config.key()), name, roles, from, &("config", config.key()), &mut seen);
    }
    seen.verdict("delegation is disallowed, and the organization has no MCP configuration")
}

/// ATL-ORG-019, each project
pub(crate) fn delegated_access_in_project(project: &ProjectView<'_>, limits: &Agents) -> Judgement {
    let mut seen = Gathered::new();
    for config in seen.see(project.project.mcp_configs.known()).into_iter().flatten() {
        let name = config.mcp_config_name.as_deref().unwrap_or_default();
        let at = project.item(Section::ProjectMcpConfigs, &config.key());
        let (roles, from) = (config.roles.as_ref(), config.ip_access_list.as_ref());
        limits.judge(&at, name, roles, from, &("project-config", config.key()), &mut seen);
    }
    seen.verdict("the project has no MCP configuration")
}
