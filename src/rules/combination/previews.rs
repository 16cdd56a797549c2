//! Whether a preview, which anybody's branch brings up, is kept from production by more than one thing.

use serde::Deserialize;

use crate::engine::legs::Leg;
use crate::engine::verdict::{Attested, Evidence, Gathered, Judgement, Unknown, Verdict};
use crate::engine::view::CombinationView;
use crate::rules::attestation::TENANT_POLICY_TEST;
use crate::rules::residency::mixed::shared_clusters;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layers {
    min_layers: usize,
}

/// What became of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Holds,
    Fails,
    Unknown,
}

impl State {
    fn of(legs: &[Leg<'_>]) -> Self {
        if legs.iter().any(Leg::fails) {
            Self::Fails
        } else if legs.iter().all(Leg::holds) {
            Self::Holds
        } else {
            Self::Unknown
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Unknown => "unknown",
        }
    }
}

/// ATL-TOX-007
pub(crate) fn preview_to_production(view: &CombinationView<'_>, limits: &Layers) -> Judgement {
    let project = view.project;
    if project.declared.tenants.is_empty() {
        return Ok(Verdict::not_applicable("no tenants are declared"));
    }
    let mut seen = Gathered::new();
    let shared = shared_clusters(project, &mut seen);
    if shared.is_empty() {
        seen.fine();
        return seen.verdict("");
    }
    let of = |rules: &[&str]| State::of(&rules.iter().map(|rule| view.legs.of(rule)).collect::<Vec<_>>());
    let roles = of(&["ATL-AUTHZ-007", "ATL-AUTHZ-008"]);
    let policy = of(&["ATL-ATT-004"]);
    let layers = [
        ("production's users are as declared", of(&["ATL-AUTHZ-009"])),
        ("automation's credential holds what is declared", of(&["ATL-ORG-010"])),
        // Manifests of the operator are not read.
        ("the operator watches previews alone", State::Unknown),
        ("the admission policy was tried", policy),
        ("roles keep tenants to their databases", roles),
    ];
    let count = |state: State| layers.iter().filter(|(_, is)| *is == state).count();
    let (holding, unknown) = (count(State::Holds), count(State::Unknown));
    let told = layers.iter().map(|(name, state)| format!("{name}: {}", state.word())).collect::<Vec<_>>().join("; ");
    let most = limits.min_layers;
    if roles == State::Fails || holding + unknown < most {
        for one in shared {
            let message = format!("{}; {holding} of 5 layers hold, {most} must, roles among them: {told}", one.words());
            seen.offence(Evidence::at(&one.at, message).fact("cluster", one.cluster));
        }
        return seen.verdict("");
    }
    if roles == State::Holds && holding >= most {
        if policy == State::Holds {
            // What rests on somebody's word is no measurement.
            let stated = project.declared.attestations.iter().filter(|one| one.control == TENANT_POLICY_TEST);
            if let Some(stated) = stated.filter(|one| one.is_live(project.now)).max_by_key(|one| one.date) {
                seen.attested(Attested::from(stated));
            }
        }
        seen.fine();
        return seen.verdict("");
    }
    seen.unseen(Unknown::undecidable(format!("{holding} of 5 layers are known to hold, {most} must: {told}")));
    seen.verdict("")
}
