//! The projects that the simulator has: the recording's own, and as many more as were asked for.
//!
//! A made-up project is one of the recorded ones under another id and name. Only ids and names are kept; its
//! answers are the template's with the id replaced, made when somebody asks. Everything follows from the
//! recording and the number, so two simulators of the same size serve the same organization.

use std::collections::HashMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::Error;
use super::recording::{Project, Recording};

/// All projects, in the order in which they are listed.
#[derive(Debug, Default)]
pub(super) struct Population {
    listed: Vec<Listed>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// Whether the recording's own list no longer tells all.
    pub(super) changed: bool,
}

#[derive(Debug)]
struct Listed {
    id: String,
    name: String,
    /// Index of the recorded project that it is, or is made after.
    template: usize,
}

impl Population {
    /// The recorded projects; or `wanted` of them in all, made up where they do not suffice.
    pub(super) fn of(recording: &Recording, wanted: Option<usize>) -> Result<Self, Error> {
        let own = recording.projects();
        let wanted = wanted.unwrap_or(own.len());
        if own.is_empty() && wanted > 0 {
            return Err(Error::NoTemplate);
        }
        // With several organizations, the first one grows.
        let templates = own.iter().take_while(|project| project.organization == own[0].organization).count();
        let mut population = Self { changed: wanted != own.len(), ..Self::default() };
        for (index, project) in own.iter().enumerate().take(wanted) {
            population.add(project.id.clone(), project.name.clone(), index);
        }
        for index in own.len()..wanted {
            let template = index % templates;
            population.add(
                made_up_id(index, &own[template].id),
                format!("{}-{index:04}", own[template].name),
                template,
            );
        }
        Ok(population)
    }

    fn add(&mut self, id: String, name: String, template: usize) {
        self.by_id.insert(id.clone(), self.listed.len());
        self.by_name.insert(name.clone(), self.listed.len());
        self.listed.push(Listed { id, name, template });
    }

    pub(super) fn len(&self) -> usize {
        self.listed.len()
    }

    pub(super) fn with_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(super) fn with_name(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The organization of a project.
    pub(super) fn organization<'r>(&self, recording: &'r Recording, index: usize) -> &'r str {
        &self.template(recording, index).organization
    }

    fn template<'r>(&self, recording: &'r Recording, index: usize) -> &'r Project {
        &recording.projects()[self.listed[index].template]
    }

    /// The id of the recorded project behind a made-up one; `None` for the recorded ones.
    pub(super) fn stands_for<'r>(&self, recording: &'r Recording, id: &str) -> Option<&'r str> {
        let template = self.template(recording, self.with_id(id)?);
        (template.id != id).then_some(template.id.as_str())
    }

    /// A project as its organization lists it.
    pub(super) fn row(&self, recording: &Recording, index: usize) -> String {
        let template = self.template(recording, index);
        let listed = &self.listed[index];
        if listed.id == template.id {
            return template.row.to_string();
        }
        let mut row = template.row.clone();
        if let Some(name) = row.get_mut("name") {
            *name = Value::from(listed.name.as_str());
        }
        row.to_string().replace(&template.id, &listed.id)
    }
}

/// Looks like Atlas's ids: 24 hexadecimal digits.
fn made_up_id(index: usize, template: &str) -> String {
    let digest = Sha256::digest(format!("{template}/{index}"));
    let start = digest.iter().take(12).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{start:024x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_ids_never_change() {
        assert_eq!(made_up_id(42, "5f0000000000000000000001"), made_up_id(42, "5f0000000000000000000001"));
        assert_ne!(made_up_id(42, "5f0000000000000000000001"), made_up_id(43, "5f0000000000000000000001"));
        assert_eq!(made_up_id(42, "5f0000000000000000000001").len(), 24);
    }
}
