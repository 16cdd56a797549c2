//! Verdicts that say something, kept small: a large organization has hundreds of thousands of findings, and a report
//! shows a few or writes them one by one.
//!
//! They are encoded as they come and compressed in blocks; what repeats within a block, such as ids and most of the
//! words, takes next to nothing. Each walk over them decodes them anew.

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use crate::snapshot::Ref;

use super::severity::Severity;
use super::verdict::{Evidence, Failure, Hole, Judgement, Unknown, Verdict};

/// So many bytes are compressed together.
const BLOCK: usize = 1 << 16;

/// Texts that verdicts share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    holes: IndexSet<Hole>,
    placeholders: IndexSet<&'static str>,
}

/// Failures, or verdicts that are unknown, of one rule.
#[derive(Debug, Default)]
pub(super) struct Packed {
    blocks: Vec<Box<[u8]>>,
    /// What has not come to a block yet.
    open: Vec<u8>,
    len: usize,
}

#[derive(Serialize, Deserialize)]
struct Record<'a> {
    at: &'a str,
    #[serde(borrow)]
    evidence: Vec<Piece<'a>>,
    /// Places among the shared holes.
    holes: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct Piece<'a> {
    at: &'a str,
    pointer: Option<&'a str>,
    message: &'a str,
    severity: Option<Severity>,
    #[serde(borrow)]
    facts: Vec<(u32, &'a str)>,
}

impl Packed {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push_failure(&mut self, at: &Ref, failure: &Failure, shared: &mut Shared) {
        let piece = |evidence| Piece::of(evidence, shared);
        let evidence = failure.evidence.iter().map(piece).collect();
        let holes = shared.places(&failure.unseen);
        self.push(&Record { at: at.as_str(), evidence, holes });
    }

    pub(super) fn push_unknown(&mut self, at: &Ref, unknown: &Unknown, shared: &mut Shared) {
        let holes = shared.places(&unknown.holes);
        self.push(&Record { at: at.as_str(), evidence: Vec::new(), holes });
    }

    fn push(&mut self, record: &Record<'_>) {
        self.open = postcard::to_extend(record, std::mem::take(&mut self.open)).expect("a Vec takes every record");
        self.len += 1;
        if self.open.len() >= BLOCK {
            self.blocks.push(lz4_flex::compress_prepend_size(&self.open).into());
            self.open.clear();
        }
    }

    /// All of them, in the order in which they came.
    pub(super) fn iter<'a>(&'a self, shared: &'a Shared) -> impl Iterator<Item = (Ref, Judgement)> + Clone + 'a {
        let blocks = self
            .blocks
            .iter()
            .map(|block| lz4_flex::decompress_size_prepended(block).expect("it was compressed by this very process"));
        let open = std::iter::once_with(|| self.open.clone());
        blocks.chain(open).flat_map(|bytes| Unpacking { bytes, read: 0, shared })
    }
}

impl<'a> Piece<'a> {
    fn of(evidence: &'a Evidence, shared: &mut Shared) -> Self {
        let fact = |(name, value): &'a (&'static str, String)| {
            (place(shared.placeholders.insert_full(name).0), value.as_str())
        };
        Self {
            at: evidence.at.as_str(),
            pointer: evidence.pointer.as_deref(),
            message: &evidence.message,
            severity: evidence.severity,
            facts: evidence.facts.iter().map(fact).collect(),
        }
    }
}

/// A block on its way back.
#[derive(Clone)]
struct Unpacking<'a> {
    bytes: Vec<u8>,
    read: usize,
    shared: &'a Shared,
}

impl Iterator for Unpacking<'_> {
    type Item = (Ref, Judgement);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.bytes[self.read..];
        if rest.is_empty() {
            return None;
        }
        let (record, after) =
            postcard::take_from_bytes::<Record<'_>>(rest).expect("it was encoded by this very process");
        self.read = self.bytes.len() - after.len();
        Some((Ref::parsed(record.at), self.shared.judgement(&record)))
    }
}

impl Shared {
    fn places(&mut self, holes: &[Hole]) -> Vec<u32> {
        let mut known = |hole: &Hole| match self.holes.get_index_of(hole) {
            Some(index) => place(index),
            None => place(self.holes.insert_full(hole.clone()).0),
        };
        holes.iter().map(&mut known).collect()
    }

    fn judgement(&self, record: &Record<'_>) -> Judgement {
        let holes = record.holes.iter().map(|place| self.holes[*place as usize].clone()).collect();
        if record.evidence.is_empty() {
            return Err(Unknown { holes });
        }
        let evidence = |piece: &Piece<'_>| Evidence {
            at: Ref::parsed(piece.at),
            pointer: piece.pointer.map(|pointer| pointer.to_owned().into()),
            message: piece.message.to_owned(),
            severity: piece.severity,
            facts: piece
                .facts
                .iter()
                .map(|(name, value)| (self.placeholders[*name as usize], (*value).to_owned()))
                .collect(),
        };
        Ok(Verdict::Fail(Failure { evidence: record.evidence.iter().map(evidence).collect(), unseen: holes }))
    }
}

fn place(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32 texts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_is_what_went_in() {
        let (mut packed, mut shared) = (Packed::default(), Shared::default());
        let told = |number: u32| -> (Ref, Judgement) {
            let at = Ref::organization("o").project(&format!("{number:024}"));
            let hole = Hole::NotUnderstood { field: "tier".into(), value: format!("M{}", number % 3) };
            if number.is_multiple_of(7) {
                return (at, Err(hole.into()));
            }
            let entry = Evidence::at(&at.child("accessList").child("::/0"), format!("entry {number}: Zoë \u{1f600}"))
                .field("/cidrBlock")
                .severity(Severity::Low)
                .fact("entry", "::/0")
                .fact("project", number.to_string());
            let plain = Evidence::at(&at, "");
            (at, Ok(Verdict::Fail(Failure { evidence: vec![entry, plain], unseen: vec![hole] })))
        };
        let count = 5000;
        for (at, verdict) in (0..count).map(told) {
            match verdict {
                Ok(Verdict::Fail(failure)) => packed.push_failure(&at, &failure, &mut shared),
                Err(unknown) => packed.push_unknown(&at, &unknown, &mut shared),
                Ok(_) => unreachable!(),
            }
        }
        assert!(packed.blocks.len() > 3, "several blocks are put together again");
        assert_eq!(packed.len(), 5000);
        assert!(packed.iter(&shared).eq((0..count).map(told)));
    }
}
