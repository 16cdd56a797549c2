//! Credentials of programs that own something, work from anywhere and never end.

use std::collections::BTreeMap;

use crate::engine::legs::Leg;
use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::{OrganizationCombinationView, OrganizationView};
use crate::snapshot::credential::CredentialSecret;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;
use crate::snapshot::{Ref, Section};

use super::{credential_of, doubt, found_at, may_be_of_mcp, unjudged};

/// Whether one condition of the three holds for a credential.
enum Told {
    /// It does, and what says so.
    Yes(String),
    No,
    Unclear(Unknown),
}

/// ATL-TOX-003
pub(crate) fn unbounded_owner(view: &OrganizationCombinationView<'_>, _: &NoParameters) -> Judgement {
    let owners = view.legs.of("ATL-ORG-009");
    if !owners.passed && owners.evidence.is_empty() && owners.holes.is_empty() {
        return Ok(Verdict::not_applicable("the organization has neither API keys nor service accounts"));
    }
    let switch = view.legs.of("ATL-ORG-008");
    if switch.holds() {
        // Atlas refuses whoever comes without an access list.
        return Ok(Verdict::Pass);
    }
    let mut owned: BTreeMap<Ref, Vec<&Evidence>> = BTreeMap::new();
    for evidence in &owners.evidence {
        if let Some(credential) = credential_of(&evidence.at) {
            owned.entry(credential).or_default().push(evidence);
        }
    }
    let mut seen = Gathered::new();
    seen.fine();
    doubt(&mut seen, owners.holes.iter().copied());
    let (open, old, lasting) = (view.legs.of("ATL-ORG-011"), view.legs.of("ATL-ORG-013"), view.legs.of("ATL-ORG-014"));
    for (at, evidence) in owned {
        let (source, life) = (source(view, &open, &at), life(view, &old, &lasting, &at));
        let (source, life) = match (source, life) {
            (Told::No, _) | (_, Told::No) => continue,
            (Told::Yes(source), Told::Yes(life)) => (source, life),
            (one, other) => {
                for told in [one, other] {
                    if let Told::Unclear(why) = told {
                        seen.unseen(why);
                    }
                }
                continue;
            }
        };
        if !switch.fails() {
            doubt(&mut seen, switch.holes.iter().copied());
            continue;
        }
        let mut messages: Vec<&str> = evidence.iter().map(|one| one.message.as_str()).collect();
        messages.truncate(3);
        let message = format!("{} → {source} → {life}", messages.join(", "));
        let mut offence = Evidence::at(&at, message);
        for one in &evidence {
            for (name, value) in &one.facts {
                offence = offence.fact(name, value.clone());
            }
        }
        seen.offence(offence);
    }
    seen.verdict("")
}

/// Whether it works from anywhere, or nearly so.
fn source(view: &OrganizationView<'_>, open: &Leg<'_>, at: &Ref) -> Told {
    let found = open.evidence.iter().find(|evidence| credential_of(&evidence.at).as_ref() == Some(at));
    if let Some(evidence) = found {
        return Told::Yes(evidence.message.clone());
    }
    let name = at.name();
    let mut keys = view.api_keys.known().into_iter().flatten();
    if let Some(key) = keys.find(|key| key.key() == name) {
        return unjudged(&key.access_list, None).map_or(Told::No, Told::Unclear);
    }
    let mut accounts = view.service_accounts.known().into_iter().flatten();
    let Some(account) = accounts.find(|account| account.key() == name) else { return Told::No };
    let of_mcp = may_be_of_mcp(account.is_system_managed, &view.mcp_configs);
    unjudged(&account.access_list, of_mcp).map_or(Told::No, Told::Unclear)
}

/// Whether it is older than it should be, or will be.
fn life(view: &OrganizationView<'_>, old: &Leg<'_>, lasting: &Leg<'_>, at: &Ref) -> Told {
    let name = at.name();
    let accounts = view.service_accounts.known().into_iter().flatten();
    let Some(account) = accounts.into_iter().find(|account| account.key() == name) else {
        if let Some(evidence) = found_at(old, at).find(|evidence| evidence.severity != Some(Severity::Info)) {
            return Told::Yes(evidence.message.clone());
        }
        return match old.holes.first() {
            Some(hole) if old.evidence.iter().all(|evidence| evidence.at != *at) => {
                Told::Unclear((*hole).clone().into())
            }
            _ => Told::No,
        };
    };
    // A secret that has run out opens nothing.
    let works = |secret: &CredentialSecret| {
        secret.expires_at.as_ref().and_then(Moment::timestamp).is_none_or(|end| end > view.now)
    };
    if account.secrets.as_ref().is_some_and(|secrets| !secrets.iter().any(works)) {
        return Told::No;
    }
    let settings = view.at.child(Section::OrganizationSettings.slot());
    if let Some(evidence) = found_at(lasting, &settings).next() {
        return Told::Yes(evidence.message.clone());
    }
    match view.settings.known() {
        Err(why) => Told::Unclear(why.into()),
        Ok(_) => Told::No,
    }
}
