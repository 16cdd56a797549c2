//! Credentials of programs as time goes by: which nobody uses, which are too old.

use serde::Deserialize;

use super::credentials::{Named, own_accounts};
use super::{section, span};
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown};
use crate::engine::view::{OrganizationView, ProjectView};
use crate::rules::hours_until_needed;
use crate::snapshot::Section;
use crate::snapshot::credential::{AiModelApiKey, ApiKey, CredentialSecret};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unused {
    unused_days: u32,
}

/// How long something has lain there.
enum Use {
    /// Used within the window.
    Recent,
    /// Never used, and too young to tell.
    Young,
    /// Not used for that many hours.
    Idle(f64),
    /// Never used, in that many hours.
    Never(f64),
}

impl Unused {
    fn judge(&self, used: Option<&Moment>, made: Option<&Moment>, now: jiff::Timestamp) -> Result<Use, Unknown> {
        let window = f64::from(self.unused_days) * 24.0;
        if used.is_some() {
            let idle = -hours_until_needed("lastUsedAt", used, now)?;
            return Ok(if idle <= window { Use::Recent } else { Use::Idle(idle) });
        }
        let age = -hours_until_needed("createdAt", made, now)?;
        Ok(if age <= window { Use::Young } else { Use::Never(age) })
    }

    /// Of an API key only its access list tells when it was used, entry by entry.
    fn judge_key(&self, named: &Named, key: &ApiKey, now: jiff::Timestamp, seen: &mut Gathered) {
        let window = f64::from(self.unused_days) * 24.0;
        let young = key.created().and_then(|made| now.since(made).ok()?.total(jiff::Unit::Hour).ok());
        if young.is_some_and(|age| age <= window) {
            return;
        }
        let Some(entries) = seen.see(key.access_list.known()) else { return };
        let (mut holes, mut idle, mut never) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            match self.judge(entry.last_used_at.as_ref(), entry.created_at.as_ref(), now) {
                Ok(Use::Recent) => return seen.fine(),
                // Before this entry there may have been another.
                Ok(Use::Young) => holes.push(Unknown::undecidable(format!(
                    "use is told by entries of the access list, and those of {} are too young",
                    named.shown
                ))),
                Ok(Use::Idle(hours)) => idle.push(hours),
                Ok(Use::Never(hours)) => never.push(hours),
                Err(why) => holes.push(why),
            }
        }
        if entries.is_empty() {
            holes.push(Unknown::undecidable(format!(
                "use is told by entries of the access list, and {} has none",
                named.shown
            )));
        }
        if !holes.is_empty() {
            for why in holes {
                seen.unseen(why);
            }
            return;
        }
        let at = named.at.child(Section::ApiKeyAccessList.slot());
        let message = if let Some(hours) = idle.into_iter().reduce(f64::min) {
            format!("{} was last used {} ago", named.shown, span(hours))
        } else {
            let longest = never.into_iter().fold(0.0, f64::max);
            format!("{} was not used in {}", named.shown, span(longest))
        };
        seen.offence(named.evidence(&at, message));
    }

    fn judge_secrets(
        &self,
        named: &Named,
        secrets: Option<&Vec<CredentialSecret>>,
        now: jiff::Timestamp,
        seen: &mut Gathered,
    ) {
        let Some(secrets) = secrets else { return seen.unseen(Unknown::absent("secrets")) };
        for (index, secret) in secrets.iter().enumerate() {
            // One that ran out opens nothing: ATL-ORG-014 speaks of it.
            if hours_until_needed("expiresAt", secret.expires_at.as_ref(), now).is_ok_and(|left| left <= 0.0) {
                continue;
            }
            let id = secret.id.as_deref().map(|id| format!(" {id}")).unwrap_or_default();
            let what = format!("secret{id} of {}", named.shown);
            let message = match self.judge(secret.last_used_at.as_ref(), secret.created_at.as_ref(), now) {
                Ok(Use::Recent) => {
                    seen.fine();
                    continue;
                }
                Ok(Use::Young) => continue,
                Ok(Use::Idle(hours)) => format!("{what} was last used {} ago", span(hours)),
                Ok(Use::Never(hours)) => format!("{what} was not used since it was made {} ago", span(hours)),
                Err(why) => {
                    seen.unseen(why);
                    continue;
                }
            };
            let evidence = named.evidence(&named.at, message).field(format!("/secrets/{index}/lastUsedAt"));
            seen.offence(evidence.fact("secret", secret.id.clone().unwrap_or_default()));
        }
    }

    fn judge_model_key(&self, organization: &OrganizationView<'_>, key: &AiModelApiKey, seen: &mut Gathered) {
        let name = key.name.as_deref().or(key.api_key_id.as_deref()).unwrap_or_default();
        let message = match self.judge(key.last_used_at.as_ref(), key.created_at.as_ref(), organization.now) {
            Ok(Use::Recent) => return seen.fine(),
            Ok(Use::Young) => return,
            Ok(Use::Idle(hours)) => format!("AI model key \"{name}\" was last used {} ago", span(hours)),
            Ok(Use::Never(hours)) => {
                format!("AI model key \"{name}\" was not used since it was made {} ago", span(hours))
            }
            Err(why) => return seen.unseen(why),
        };
        let at = section(organization, Section::AiModelApiKeys).child(&key.key());
        let evidence = Evidence::at(&at, message).field("/lastUsedAt").fact("model-key", key.key()).fact("name", name);
        seen.offence(match &key.group_id {
            Some(project) => evidence.fact("model-project", project.clone()),
            None => evidence,
        });
    }
}

/// ATL-ORG-012, what the organization lists
pub(crate) fn unused(organization: &OrganizationView<'_>, limits: &Unused) -> Judgement {
    let now = organization.now;
    let mut seen = Gathered::new();
    let list = section(organization, Section::ApiKeys);
    for key in seen.see(organization.api_keys.known()).into_iter().flatten() {
        limits.judge_key(&Named::api_key(&list, key), key, now, &mut seen);
    }
    let list = section(organization, Section::ServiceAccounts);
    for account in seen.see(organization.service_accounts.known()).into_iter().flatten() {
        let named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
        limits.judge_secrets(&named, account.secrets.as_ref(), now, &mut seen);
    }
    for key in seen.see(organization.ai_model_api_keys.known()).into_iter().flatten() {
        limits.judge_model_key(organization, key, &mut seen);
    }
    seen.verdict("the organization has no credential of a program that is older than the window")
}

/// ATL-ORG-012, service accounts that only a project lists
pub(crate) fn unused_in_project(project: &ProjectView<'_>, limits: &Unused) -> Judgement {
    let mut seen = Gathered::new();
    let list = project.section(Section::ProjectServiceAccounts);
    for account in own_accounts(project, &mut seen) {
        let mut named = Named::service_account(&list, account.name.as_deref(), account.client_id.as_deref());
        named.placeholder = "project-client";
        limits.judge_secrets(&named, account.secrets.as_ref(), project.now, &mut seen);
    }
    seen.verdict("the project has no service account of its own that is older than the window")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyAge {
    max_days: u32,
    prefer_service_accounts: bool,
}

/// ATL-ORG-013
pub(crate) fn key_too_old(organization: &OrganizationView<'_>, limits: &KeyAge) -> Judgement {
    let list = section(organization, Section::ApiKeys);
    let mut seen = Gathered::new();
    for key in organization.api_keys.known()? {
        let named = Named::api_key(&list, key);
        let made = match key.created() {
            Some(made) => made,
            None => match made_by_event(organization, key) {
                Ok(made) => made,
                Err(why) => {
                    seen.unseen(why);
                    continue;
                }
            },
        };
        let age = organization.now.since(made).ok().and_then(|age| age.total(jiff::Unit::Hour).ok());
        let age = age.unwrap_or_default();
        if age > f64::from(limits.max_days) * 24.0 {
            let message = format!("{} was made {} ago, more than {} days", named.shown, span(age), limits.max_days);
            seen.offence(named.evidence(&named.at, message).field("/id"));
        } else if limits.prefer_service_accounts {
            let message = format!("{} would be better a service account, whose secrets run out", named.shown);
            seen.offence(named.evidence(&named.at, message).severity(Severity::Info));
        } else {
            seen.fine();
        }
    }
    seen.verdict("the organization has no API key")
}

/// When Atlas recorded that the key was made.
fn made_by_event(organization: &OrganizationView<'_>, key: &ApiKey) -> Result<jiff::Timestamp, Unknown> {
    let events = organization.events.known()?;
    let made = events.iter().find(|event| {
        event.event_type_name.as_deref() == Some("API_KEY_CREATED")
            && event.target_public_key.is_some()
            && event.target_public_key == key.public_key
    });
    made.and_then(|event| event.created.as_ref()?.timestamp()).ok_or_else(|| {
        let shown = key.public_key.as_deref().or(key.id.as_deref()).unwrap_or_default();
        Unknown::undecidable(format!("neither its identifier nor an event tells when API key {shown} was made"))
    })
}
