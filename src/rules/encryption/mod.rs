//! Encryption: on the way to a cluster (`tls`), at rest by keys of the customer's own (`keys`, `key_care`,
//! `key_networks`), and of what these do not reach (`data`).

pub(crate) mod data;
pub(crate) mod key_care;
pub(crate) mod key_networks;
pub(crate) mod keys;
pub(crate) mod tls;

use crate::engine::verdict::{Gathered, Unknown};
use crate::snapshot::alert::{Alert, AlertStatus};

/// Open alerts and what each is; those that cannot be told are noted as unseen.
fn open_alerts<'a>(alerts: &'a [Alert], seen: &mut Gathered) -> Vec<(&'a Alert, &'a str)> {
    let mut open = Vec::new();
    for alert in alerts {
        match (&alert.status, &alert.event_type_name) {
            (Some(AlertStatus::Tracking | AlertStatus::Closed | AlertStatus::Cancelled), _) => {}
            (Some(AlertStatus::Other(text)), _) => seen.unseen(Unknown::not_understood("status", text)),
            (_, None) => seen.unseen(Unknown::absent("eventTypeName")),
            // Open ones were asked for.
            (Some(AlertStatus::Open) | None, Some(name)) => open.push((alert, name.as_str())),
        }
    }
    open
}
