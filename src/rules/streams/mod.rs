//! Stream processing: what its connections may do and over which way, and who may use it.

pub(crate) mod connections;
pub(crate) mod privileges;

use crate::engine::verdict::{Gathered, Required, Unknown};
use crate::engine::view::ProjectView;
use crate::snapshot::streams::{ConnectionType, StreamConnection, StreamWorkspace};
use crate::snapshot::tree::Node;
use crate::snapshot::{Ref, Section};

/// A connection, where it stands, and what it is called there.
struct Connected<'a> {
    workspace: &'a StreamWorkspace,
    connection: &'a StreamConnection,
    at: Ref,
}

impl Connected<'_> {
    /// `payments-events/kafka`
    fn name(&self) -> String {
        format!("{}/{}", self.workspace.key(), self.connection.key())
    }

    /// The project of its cluster, where that is another one. Atlas names it only then.
    fn foreign_project(&self, project: &ProjectView<'_>) -> Option<&str> {
        self.connection.cluster_group_id.as_deref().filter(|id| !id.is_empty() && *id != project.project.id)
    }
}

/// Whether a connection is one to a cluster. What cannot be told is noted.
pub(crate) fn leads_to_cluster(connection: &StreamConnection, seen: &mut Gathered) -> bool {
    match seen.see(connection.kind.required("type")) {
        Some(ConnectionType::Other(text)) => {
            seen.unseen(Unknown::not_understood("type", text));
            false
        }
        kind => kind == Some(&ConnectionType::Cluster),
    }
}

/// The connections of a project, as far as they could be read.
fn connections<'a>(project: &ProjectView<'a>, seen: &mut Gathered) -> Vec<Connected<'a>> {
    let mut all = Vec::new();
    let Some(workspaces) = seen.see(project.project.stream_workspaces.known()) else { return all };
    for workspace in workspaces {
        let section =
            project.item(Section::StreamWorkspaces, &workspace.key()).child(Section::StreamConnections.slot());
        let Some(connections) = seen.see(workspace.connections.known()) else { continue };
        all.extend(connections.iter().map(|connection| Connected {
            workspace,
            connection,
            at: section.child(&connection.key()),
        }));
    }
    all
}
