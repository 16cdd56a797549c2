//! What could be read and what could not, section by section, over a whole organization.

use std::collections::{BTreeMap, BTreeSet};

use crate::snapshot::tree::Node;
use crate::snapshot::{Listing, Organization, Project, Reason, Ref, Section, Unavailable};

/// What became of the sections that were asked for.
#[derive(Debug, Default)]
pub struct Readable {
    sections: BTreeMap<Section, Tally>,
}

/// One section, in all the places where it is.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// In how many it was read, or Atlas said that there is no such thing.
    pub read: usize,
    /// Where it could not be.
    pub holes: Vec<Hole>,
}

/// A place where a section could not be read.
#[derive(Debug, Clone)]
pub struct Hole {
    /// The section's identity in a snapshot.
    pub at: Ref,
    /// The project, if it lies in one: id and name.
    pub project: Option<(String, Option<String>)>,
    /// Why.
    pub why: Unavailable,
}

impl Readable {
    /// For these sections; what else a snapshot holds is passed over.
    pub fn of(sections: impl IntoIterator<Item = Section>) -> Self {
        Self { sections: sections.into_iter().map(|section| (section, Tally::default())).collect() }
    }

    /// Takes in the organization.
    pub fn organization(&mut self, organization: &Organization, projects: Listing<'_>) {
        let at = organization.at();
        self.note(Section::Projects, &|| at.child(Section::Projects.slot()), projects.err(), None);
        self.node(organization, &at, None);
    }

    /// Takes in one of its projects.
    pub fn project(&mut self, organization: &Organization, project: &Project) {
        let named = (project.id.clone(), project.name.clone());
        self.node(project, &project.at(&organization.at()), Some(&named));
    }

    fn node(&mut self, node: &dyn Node, at: &Ref, project: Option<&(String, Option<String>)>) {
        for (section, slot) in node.slots() {
            slot.visit(section, &|| at.child(section.slot()), &mut |section, at, why| {
                self.note(section, at, why, project);
            });
        }
    }

    fn note(
        &mut self,
        section: Section,
        at: &dyn Fn() -> Ref,
        why: Option<&Unavailable>,
        project: Option<&(String, Option<String>)>,
    ) {
        let Some(tally) = self.sections.get_mut(&section) else { return };
        match why {
            // Atlas's own answer: there is no such thing here.
            Some(why) if why.reason != Reason::Unsupported => {
                tally.holes.push(Hole { at: at(), project: project.cloned(), why: why.clone() });
            }
            _ => tally.read += 1,
        }
    }

    /// The sections, in the order of their table.
    pub fn sections(&self) -> impl Iterator<Item = (Section, &Tally)> {
        self.sections.iter().map(|(section, tally)| (*section, tally))
    }

    /// The lists above a section that could not be read everywhere: nobody knows what would be asked for below them.
    #[must_use]
    pub fn behind(&self, section: Section) -> BTreeSet<Section> {
        let mut behind = BTreeSet::new();
        let mut owners = vec![section.owner()];
        while let Some(owner) = owners.pop() {
            for (list, tally) in self.sections().filter(|(list, _)| list.lists() == Some(owner)) {
                if !tally.holes.is_empty() {
                    behind.insert(list);
                }
                owners.push(list.owner());
            }
        }
        behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Reading;

    #[test]
    fn a_list_that_cannot_be_read_hides_what_lies_below_it() {
        let mut organization = Organization { id: "o".to_owned(), ..Organization::default() };
        organization.teams = Reading::Unavailable(Unavailable::new(Reason::Forbidden, "/orgs/o/teams"));
        organization.users = Reading::Known(Vec::new());
        organization.events = Reading::Unavailable(Unavailable::new(Reason::Unsupported, ""));
        let asked = [
            Section::OrganizationUsers,
            Section::Teams,
            Section::TeamUsers,
            Section::Projects,
            Section::Clusters,
            Section::ProcessArgs,
            Section::OrganizationEvents,
        ];
        let mut readable = Readable::of(asked);
        readable.organization(&organization, Ok(&[]));
        let of = |section| readable.sections().find(|(one, _)| *one == section).unwrap().1;
        assert_eq!((of(Section::OrganizationUsers).read, of(Section::OrganizationEvents).read), (1, 1));
        assert_eq!(of(Section::Teams).holes[0].at.as_str(), "org/o/teams");
        assert_eq!(readable.behind(Section::TeamUsers), BTreeSet::from([Section::Teams]));
        assert_eq!(readable.behind(Section::ProcessArgs), BTreeSet::new());

        let mut unlisted = Readable::of(asked);
        unlisted.organization(&organization, Err(&Unavailable::new(Reason::TimedOut, "/groups")));
        assert_eq!(unlisted.behind(Section::ProcessArgs), BTreeSet::from([Section::Projects]));
    }

    #[test]
    fn a_hole_in_a_project_tells_which_project_it_is_in() {
        let organization = Organization { id: "o".to_owned(), ..Organization::default() };
        let mut project = Project { id: "p".to_owned(), name: Some("shop".to_owned()), ..Project::default() };
        project.clusters = Reading::Known(Vec::new());
        project.access_list = Reading::Unavailable(Unavailable::new(Reason::Forbidden, "/groups/p/accessList"));
        let mut readable = Readable::of([Section::Clusters, Section::AccessList]);
        readable.project(&organization, &project);
        let of = |section| readable.sections().find(|(one, _)| *one == section).unwrap().1;
        assert_eq!((of(Section::Clusters).read, of(Section::Clusters).holes.len()), (1, 0));
        let [hole] = &of(Section::AccessList).holes[..] else { panic!("one hole") };
        assert_eq!(hole.at.as_str(), "org/o/project/p/accessList");
        assert_eq!(hole.project, Some(("p".to_owned(), Some("shop".to_owned()))));
    }
}
