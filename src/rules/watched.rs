//! When somebody looked at the logins to a cluster: Atlas tells of seven days, and a history of what earlier scans saw.

use jiff::{Timestamp, Unit};

use crate::engine::declared::logins::Span;
use crate::engine::verdict::Unknown;
use crate::engine::view::ProjectView;
use crate::snapshot::cluster::Cluster;
use crate::snapshot::history::AccessHistory;
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// The last part of the time since `start` in which nobody looked. Nobody could before the cluster was made.
pub(crate) fn unwatched(
    project: &ProjectView<'_>,
    cluster: &Cluster,
    history: &AccessHistory,
    start: Timestamp,
) -> Option<Span> {
    let made = cluster.create_date.as_ref().and_then(Moment::timestamp).unwrap_or(start);
    let time = Span { from: start.max(made), until: history.reaches_back_to(project.now) };
    match project.declared.logins.of(&project.project.id) {
        Some(earlier) => earlier.unwatched(&cluster.key(), time),
        None => (time.from < time.until).then_some(time),
    }
}

/// Why that leaves a verdict open.
pub(crate) fn doubt(cluster: &str, gap: Span) -> Unknown {
    let day = |at: Timestamp| at.round(Unit::Minute).unwrap_or(at).strftime("%Y-%m-%d %H:%M UTC").to_string();
    Unknown::undecidable(format!(
        "no scan in the history saw the logins to {cluster} from {} to {}",
        day(gap.from),
        day(gap.until)
    ))
}
