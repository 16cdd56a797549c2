//! Guardrails: what the organization's resource policies really refuse, in which projects, and what they do not.
//!
//! Resource policies are Cedar. Atlas allows what none of them forbids; the real engine evaluates them here, against
//! requests such as Atlas would make. A guard holds in a project only if *every* request of its kind is refused there:
//! the requests are enumerated from the policies' own constants (`space`), and one that passes is an example that
//! anybody can try. A policy that does not validate strictly, that fails while it is evaluated, or that reads what is
//! not documented is undecided: it is never a guard, and what it alone might refuse is not called open.
//!
//! <https://www.mongodb.com/docs/atlas/atlas-resource-policies/>

mod example;
mod guard;
mod policy;
#[cfg(feature = "prove")]
pub mod prove;
mod reads;
mod request;
mod search;
mod space;
pub mod suggest;
mod survey;
#[cfg(test)]
mod tests;
mod vocabulary;
mod worth;

pub use guard::{Guard, Tls, UNGUARDABLE};
pub use policy::{Defect, Statement};
pub use survey::{Answer, Estate, EstateProject, Place, Survey};
pub use vocabulary::Action;
pub use worth::{Exemption, Freeze, Worth};

use crate::snapshot::policy::ResourcePolicy;

/// Whether that is a region as policies spell it: `aws:eu-west-1`.
#[must_use]
pub fn is_region(text: &str) -> bool {
    vocabulary::could_exist(vocabulary::Kind::Region, text)
}

/// The statements of all policies, each looked at by itself.
#[must_use]
pub fn read(policies: &[ResourcePolicy]) -> Vec<Statement> {
    policy::statements(policies)
}
