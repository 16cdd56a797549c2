//! Whether what is meant to carry logs out of Atlas does.

use crate::engine::predicate::NoParameters;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown};
use crate::engine::view::ProjectView;
use crate::snapshot::Section;
use crate::snapshot::alert::{Alert, AlertStatus};
use crate::snapshot::logging::{ExportState, LogIntegration, LogSink};
use crate::snapshot::redaction::Origin;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// ATL-AUD-005
pub(crate) fn unhealthy(project: &ProjectView<'_>, _: &NoParameters) -> Judgement {
    let mut seen = Gathered::new();
    let push = push_based(project, &mut seen).unwrap_or_else(|why| {
        seen.unseen(why);
        false
    });
    let integrations = seen.see(project.log_integrations.known()).map(Vec::as_slice).unwrap_or_default();
    for integration in integrations {
        seen.fine();
        if let Err(why) = judge(integration, project, &mut seen) {
            seen.unseen(why);
        }
    }
    // Without an export an alert can only be about one that is gone.
    if push || !integrations.is_empty() {
        for alert in seen.see(project.open_alerts.known()).into_iter().flatten() {
            if let Err(why) = judge_alert(alert, project, &mut seen) {
                seen.unseen(why);
            }
        }
    }
    seen.verdict("the project exports no logs, which ATL-AUD-004 speaks of")
}

/// The older export; whether there is one.
fn push_based(project: &ProjectView<'_>, seen: &mut Gathered) -> Result<bool, Unknown> {
    let export = project.push_based_log_export.known()?;
    let state = match export.state.required("state")? {
        ExportState::Unconfigured => return Ok(false),
        ExportState::Active => {
            seen.fine();
            return Ok(true);
        }
        ExportState::Other(text) => return Err(Unknown::not_understood("state", text.clone())),
        state => state,
    };
    let to = export.bucket_name.as_deref().map(|bucket| format!(" to {bucket}")).unwrap_or_default();
    let message = format!("the push-based export{to} is {state}, and sends nothing");
    seen.offence(Evidence::at(&project.section(Section::PushBasedLogExport), message).field("/state"));
    Ok(true)
}

/// An integration has no state: only where it leads can be seen, and how.
fn judge(one: &LogIntegration, project: &ProjectView<'_>, seen: &mut Gathered) -> Result<(), Unknown> {
    let id = one.key();
    let at = project.item(Section::LogIntegrations, &id);
    let (origin, name, field) = match one.kind.required("type")? {
        LogSink::Splunk => (&one.hec_url_origin, "hecUrl", "/hecUrlOrigin"),
        LogSink::OpenTelemetry => (&one.otel_endpoint_origin, "otelEndpoint", "/otelEndpointOrigin"),
        LogSink::S3 => {
            if one.kms_key.as_deref().unwrap_or_default().is_empty() {
                let bucket = one.bucket_name.as_deref().unwrap_or("S3");
                let message = format!("logs are written to {bucket} without a key of their own");
                seen.offence(Evidence::at(&at, message).severity(Severity::Info).fact("integration", id));
            }
            return Ok(());
        }
        LogSink::Gcs | LogSink::Azure | LogSink::Datadog => return Ok(()),
        LogSink::Other(text) => return Err(Unknown::not_understood("type", text.clone())),
    };
    let origin = origin.required(name)?;
    if is_clear_text(origin, name)? {
        let message = format!("logs go to {origin} unencrypted");
        seen.offence(Evidence::at(&at, message).field(field).fact("integration", id));
    }
    Ok(())
}

fn is_clear_text(origin: &Origin, name: &'static str) -> Result<bool, Unknown> {
    origin.is_clear_text().ok_or_else(|| Unknown::not_understood(name, origin.to_string()))
}

/// Whether Atlas alerts of that where an export fails.
fn is_about_exports(event: &str) -> bool {
    event.starts_with("PUSH_BASED_LOG_EXPORT_")
        || event.starts_with("LOG_STREAMING_EXPORT_FAILED_")
        || event == "HOST_EXTERNAL_LOG_SINK_EXPORT_DOWN"
}

fn judge_alert(alert: &Alert, project: &ProjectView<'_>, seen: &mut Gathered) -> Result<(), Unknown> {
    let event = alert.event_type_name.required("eventTypeName")?;
    if !is_about_exports(event) {
        return Ok(());
    }
    match alert.status.required("status")? {
        AlertStatus::Open => {
            let place = alert.cluster_name.as_deref().or(alert.hostname_and_port.as_deref());
            let place = place.map(|place| format!(" on {place}")).unwrap_or_default();
            let since = alert.created.as_ref().and_then(Moment::timestamp);
            let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
            let at = project.item(Section::OpenAlerts, &alert.key());
            seen.offence(Evidence::at(&at, format!("Atlas reports {event}{place}{since}")).field("/eventTypeName"));
            Ok(())
        }
        AlertStatus::Tracking | AlertStatus::Closed | AlertStatus::Cancelled => Ok(()),
        AlertStatus::Other(text) => Err(Unknown::not_understood("status", text.clone())),
    }
}
