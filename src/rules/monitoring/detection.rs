//! Whether anybody would notice that logins fail. Atlas has no alert for it.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::analysis::audit_filter::{Coverage, Event};
use crate::engine::declared::Statement;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::ProjectView;
use crate::rules::auditing::filter::Recorded;
use crate::rules::auditing::memo::Memo;
use crate::rules::auditing::{Writers, log_export, writers};
use crate::snapshot::Section;

/// That something outside Atlas watches the audit log for failed logins.
const DETECTION: &str = "failed-login-detection";
/// That ATL-MON-005 is judged regularly: at most `gap_hours` apart.
const SCHEDULED: &str = "access-history-scan";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Detection {
    max_gap_hours: i64,
    #[serde(skip)]
    known: Memo<Result<Recorded, Unknown>>,
}

/// ATL-MON-004
pub(crate) fn missing(project: &ProjectView<'_>, limits: &Detection) -> Judgement {
    let clusters = match writers(project, &[])? {
        Writers::Clusters(clusters) => clusters,
        Writers::Nothing(why) => return Ok(Verdict::not_applicable(why)),
    };
    if let Statement::Live(stated) = project.attested(SCHEDULED)
        && stated.number("gap_hours").is_some_and(|gap| gap <= limits.max_gap_hours)
    {
        return Ok(stated.into());
    }
    let mut seen = Gathered::new();
    if let Err(why) = recorded(project, limits, &mut seen) {
        seen.unseen(why);
    }
    match log_export::audit_logs_that_stay(project, &clusters) {
        Ok(staying) if staying.is_empty() => {}
        Ok(staying) => {
            let message =
                format!("failed logins stay in Atlas, where nobody watches: not exported: {}", staying.join(", "));
            seen.offence(Evidence::at(&project.section(Section::LogIntegrations), message));
        }
        Err(why) => seen.unseen(why),
    }
    let stated = match project.attested(DETECTION) {
        Statement::Live(stated) => Some(stated),
        Statement::Expired(stated) => {
            let (owner, expires) = (&stated.owner, stated.expires);
            seen.unseen(Unknown::undecidable(format!("the attestation `{DETECTION}` of {owner} ran out on {expires}")));
            None
        }
        Statement::None => {
            seen.unseen(Unknown::undecidable(format!(
                "whether anything watches the exported audit log is not to be had from Atlas: attest `{DETECTION}`"
            )));
            None
        }
    };
    match (seen.verdict(""), stated) {
        (Ok(Verdict::NotApplicable(_)), Some(stated)) => Ok(stated.into()),
        (verdict, _) => verdict,
    }
}

fn recorded(project: &ProjectView<'_>, limits: &Detection, seen: &mut Gathered) -> Result<(), Unknown> {
    let audit = project.audit_log.known()?;
    let at = project.section(Section::AuditLog);
    if !*audit.enabled.required("enabled")? {
        let evidence = Evidence::at(&at, "auditing is off: no failed login is recorded").field("/enabled");
        seen.offence(evidence.fact("unaudited-project", &project.project.id));
        return Ok(());
    }
    let text = audit.audit_filter.required("auditFilter")?;
    let known = limits.known.of(text, || Recorded::of(text, &BTreeSet::from([Event::LoginFailed])));
    let offence = |message: String| {
        Evidence::at(&at, message).field("/auditFilter").fact("unaudited-project", &project.project.id)
    };
    match known.as_ref().as_ref().map_err(Clone::clone)?.answer(Event::LoginFailed) {
        Some(Coverage::All) => {}
        Some(Coverage::None { .. }) => seen.offence(offence("the audit filter records no failed login".to_owned())),
        Some(Coverage::Some { missed, .. }) => {
            seen.offence(offence(format!("the audit filter records failed logins in part, for example not {missed}")));
        }
        Some(Coverage::Undecided(why)) => {
            return Err(Unknown::undecidable(format!(
                "whether failed logins are recorded cannot be told, since {why}"
            )));
        }
        None => return Err(Unknown::undecidable("failed logins were not asked after")),
    }
    Ok(())
}
