//! `guardrails --prove`: proofs beside the answers, where this build has them.

use crate::analysis::guardrails::{Answer, Guard, Place, Survey};
use crate::error::Error;
use crate::report::guardrails::Proof;

/// The solver.
#[cfg(feature = "prove")]
pub(super) type Prover = crate::solver::Cvc5;
/// There is none.
#[cfg(not(feature = "prove"))]
pub(super) type Prover = std::convert::Infallible;

/// The solver, if proofs are asked for.
#[cfg(feature = "prove")]
pub(super) fn prover(asked: bool) -> Result<Option<Prover>, Error> {
    asked.then(Prover::start).transpose()
}

/// Nothing, or that there is none.
#[cfg(not(feature = "prove"))]
pub(super) fn prover(asked: bool) -> Result<Option<Prover>, Error> {
    if asked { Err(Error::NoProver) } else { Ok(None) }
}

/// Puts a proof to each answer. An answer that its proof contradicts is told loudly, and is none.
#[cfg(feature = "prove")]
pub(super) fn beside(
    answers: Vec<(Place, Answer)>,
    survey: &Survey<'_>,
    guard: &Guard,
    prover: &mut Prover,
) -> Vec<(Place, Answer, Option<Proof>)> {
    use crate::analysis::guardrails::prove::Proof as Found;

    let beside = |((place, answer), (_, found)): ((Place, Answer), (Place, Found))| {
        let contradicted = found.contradicts(&answer);
        let proof = match found {
            Found::Proved => Proof::Proved,
            Found::Counterexample { example } => Proof::Counterexample { example },
            Found::NoProof { why } => Proof::NoProof { why },
        };
        if !contradicted {
            return (place, answer, Some(proof));
        }
        let said = match &answer {
            Answer::NotDenied { example } => format!("the enumeration finds that this passes: {example}"),
            _ => "the enumeration finds that it is refused".to_owned(),
        };
        let why = format!("{said}; the solver says {proof}; one of them is wrong, which is a defect of atlas-audit");
        tell(guard, &why);
        (place, Answer::Undecided { why }, Some(proof))
    };
    answers.into_iter().zip(survey.prove(guard, prover)).map(beside).collect()
}

/// There is no such thing.
#[cfg(not(feature = "prove"))]
pub(super) fn beside(
    _: Vec<(Place, Answer)>,
    _: &Survey<'_>,
    _: &Guard,
    prover: &mut Prover,
) -> Vec<(Place, Answer, Option<Proof>)> {
    match *prover {}
}

#[cfg(feature = "prove")]
fn tell(guard: &Guard, why: &str) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    anstream::eprintln!("{red}error{red:#}: {guard}: {why}");
}
