//! What Atlas already tells of, and nobody has put right.

use serde::Deserialize;

use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown};
use crate::engine::view::ProjectView;
use crate::rules::hours_until_needed;
use crate::snapshot::Section;
use crate::snapshot::alert::{Alert, AlertStatus};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

use super::events::{self, EventNames};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenAlerts {
    max_open_hours: f64,
    extra_events: EventNames,
}

/// ATL-MON-006
pub(crate) fn security_alert_open(project: &ProjectView<'_>, limits: &OpenAlerts) -> Judgement {
    let mut seen = Gathered::new();
    seen.fine();
    for alert in project.open_alerts.known()? {
        match open_too_long(alert, project, limits) {
            Ok(None) => {}
            Ok(Some(message)) => {
                let id = alert.key();
                let at = project.item(Section::OpenAlerts, &id);
                seen.offence(Evidence::at(&at, message).field("/created").fact("alert", id));
            }
            Err(why) => seen.unseen(why),
        }
    }
    seen.verdict("")
}

fn open_too_long(alert: &Alert, project: &ProjectView<'_>, limits: &OpenAlerts) -> Result<Option<String>, Unknown> {
    let event = alert.event_type_name.required("eventTypeName")?;
    if !(events::is_security(event) || limits.extra_events.has(event)) {
        return Ok(None);
    }
    match alert.status.required("status")? {
        AlertStatus::Open => {}
        AlertStatus::Other(text) => return Err(Unknown::not_understood("status", text.clone())),
        AlertStatus::Tracking | AlertStatus::Closed | AlertStatus::Cancelled => return Ok(None),
    }
    let hours = -hours_until_needed("created", alert.created.as_ref(), project.now)?;
    if hours <= limits.max_open_hours {
        return Ok(None);
    }
    let place = alert.cluster_name.as_deref().or(alert.hostname_and_port.as_deref());
    let place = place.map(|place| format!(" on {place}")).unwrap_or_default();
    let until = alert.acknowledged_until.as_ref().and_then(Moment::timestamp);
    let acknowledged = match until {
        Some(until) if until > project.now => format!(", acknowledged until {until}"),
        Some(until) => format!(", no longer acknowledged since {until}"),
        None => String::new(),
    };
    Ok(Some(format!("{event}{place} has been open for {}{acknowledged}", how_long(hours))))
}

fn how_long(hours: f64) -> String {
    if hours < 72.0 { format!("{hours:.0} hours") } else { format!("{:.0} days", (hours / 24.0).floor()) }
}
