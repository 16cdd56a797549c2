//! One section by itself, whatever it belongs to: an empty place to fill, and its lines.
//!
//! For whoever has an answer but no organization: tests over recordings, single calls, the documentation of types.

use std::io;

use super::cluster::Cluster;
use super::credential::{ApiKey, McpConfig, ProjectMcpConfig, ProjectServiceAccount, ServiceAccount};
use super::data_federation::FederatedDatabase;
use super::database_access::DatabaseUser;
use super::organization::Organization;
use super::people::Team;
use super::private_endpoint::PrivateEndpointService;
use super::project::Project;
use super::reading::Reading;
use super::reference::Ref;
use super::section::Section;
use super::shared_tier::FlexCluster;
use super::store::render;
use super::streams::StreamWorkspace;
use super::tree::{Lines, Node, Slot, erased};

/// Hands out the slot of a section of an empty owner.
///
/// # Panics
///
/// Never: a test goes through all sections.
pub fn with_slot<R>(section: Section, then: impl FnOnce(&mut dyn Slot) -> R) -> R {
    match section.owner() {
        // Projects are held by the snapshot, not by the organization, so that one can be let go after the other.
        "organization" if section == Section::Projects => then(&mut Reading::<Vec<Project>>::default()),
        "organization" => of::<Organization, R>(section, then),
        "project" => of::<Project, R>(section, then),
        "team" => of::<Team, R>(section, then),
        "apiKey" => of::<ApiKey, R>(section, then),
        "serviceAccount" => of::<ServiceAccount, R>(section, then),
        "projectServiceAccount" => of::<ProjectServiceAccount, R>(section, then),
        "mcpConfig" => of::<McpConfig, R>(section, then),
        "projectMcpConfig" => of::<ProjectMcpConfig, R>(section, then),
        "privateEndpointService" => of::<PrivateEndpointService, R>(section, then),
        "databaseUser" => of::<DatabaseUser, R>(section, then),
        "cluster" => of::<Cluster, R>(section, then),
        "flexCluster" => of::<FlexCluster, R>(section, then),
        "federatedDatabase" => of::<FederatedDatabase, R>(section, then),
        "streamWorkspace" => of::<StreamWorkspace, R>(section, then),
        owner => panic!("{owner} has no sections"),
    }
}

fn of<N: Node + Default, R>(section: Section, then: impl FnOnce(&mut dyn Slot) -> R) -> R {
    let mut owner = N::default();
    let slot = owner.slots_mut().into_iter().find(|(its, _)| *its == section);
    then(slot.expect("every section is a slot of its owner: a test goes through them").1)
}

/// Lines in memory, each with its reference.
#[derive(Debug, Default)]
pub struct Sheet(pub Vec<(Ref, String)>);

impl Sheet {
    /// What a slot writes below `at`.
    pub fn of(slot: &dyn Slot, at: &Ref) -> io::Result<Self> {
        let mut sheet = Self::default();
        slot.write(at, &mut sheet)?;
        Ok(sheet)
    }
}

impl Lines for Sheet {
    fn line(&mut self, at: &Ref, record: &dyn erased::Record) -> io::Result<()> {
        let mut line = String::from_utf8(render(at, record)?).map_err(io::Error::other)?;
        line.truncate(line.trim_end().len());
        self.0.push((at.clone(), line));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::tree::Shape;

    #[test]
    fn no_own_field_has_the_name_of_a_section() {
        for section in Section::ALL {
            // If it had, this would not parse: no own field is of this shape.
            let body = format!("[{{\"{}\":{{\"not\":[\"a\",1]}}}}]", section.slot());
            for list in Section::ALL.iter().filter(|list| list.lists() == Some(section.owner())) {
                with_slot(*list, |slot| slot.fill(Shape::Array, &[body.as_bytes()])).unwrap();
            }
        }
    }
}
