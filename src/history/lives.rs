//! The lives of findings: when each was first seen, when it was gone, and whether it came back.
//!
//! A finding that is not there in a scan is gone only if that scan could have seen it: its rule took part, its project was
//! looked at, and nothing that was unknown hides it. Else nobody knows, and it waits for a scan that can tell.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use bytes::Bytes;
use jiff::Timestamp;

use super::tables::TableError;
use super::tables::findings::{self, Seen};
use super::tables::scans::ScanRow;
use crate::engine::Severity;
use crate::report::Fingerprint;
use crate::report::since::Blind;

/// Scans one after the other, and what became of every finding.
#[derive(Debug, Default)]
pub(super) struct Lives {
    pub(super) scans: Vec<Looked>,
    by_fingerprint: HashMap<Fingerprint, Life>,
    /// What the last scan looked at, and where it could not see.
    last: Option<Sight>,
}

/// A scan, and what it brought.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) scan: ScanRow,
    /// Findings that could have been seen before and were not.
    pub(super) new: usize,
    /// Findings that could not have been seen before. None in the first scan: there was no before.
    pub(super) came_to_light: usize,
    /// Findings that could have been seen and were not there any more.
    pub(super) fixed: usize,
    /// Findings that were there, and that this scan cannot tell of.
    pub(super) out_of_sight: usize,
}

/// A finding, from its first day on.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) rule: Box<str>,
    pub(super) rule_name: Box<str>,
    pub(super) project_id: Option<Box<str>>,
    pub(super) project: Option<Box<str>>,
    pub(super) resource: Box<str>,
    pub(super) resource_name: Box<str>,
    judged: Option<Box<str>>,
    /// At its last sight.
    pub(super) severity: Severity,
    pub(super) waived: bool,
    /// When it was first seen, since it last was not.
    pub(super) since: Timestamp,
    /// Whether the scan before could have seen it: else it may be older.
    pub(super) start_is_known: bool,
    /// The last scan that saw it, by its place.
    seen_in: usize,
    pub(super) state: State,
    /// Its times of being there that came to an end.
    pub(super) fixed: Vec<Fixed>,
}

/// What the last scan that could tell said of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is there.
    Open,
    /// It was there, and the scans since could not tell.
    OutOfSight,
    /// It is not there.
    Gone,
}

/// The end of a time of being there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed {
    pub(super) since: Timestamp,
    pub(super) start_is_known: bool,
    pub(super) until: Timestamp,
    pub(super) severity: Severity,
}

/// What a scan could see.
#[derive(Debug)]
struct Sight {
    projects: HashSet<String>,
    rules: BTreeSet<String>,
    blind: Blind,
}

impl Sight {
    fn reaches(&self, life: &Life) -> bool {
        self.rules.contains(&*life.rule)
            && life.project_id.as_ref().is_none_or(|id| self.projects.contains(&**id))
            && !self.blind.covers(&life.rule, life.judged.as_deref(), &life.resource)
    }
}

impl Lives {
    /// Takes in a scan. Scans come in the order of their time.
    pub(super) fn scan(&mut self, scan: ScanRow, found: Bytes) -> Result<(), TableError> {
        let (place, taken) = (self.scans.len(), scan.taken);
        let before = self.last.take();
        let mut blind = Blind::default();
        let (mut new, mut came_to_light) = (0, 0);
        let lives = &mut self.by_fingerprint;
        findings::each(found, |seen| {
            if seen.partial || seen.severity.is_none() {
                blind.note(seen.rule, seen.judged.unwrap_or(seen.resource));
            }
            let Some(severity) = seen.severity else { return };
            let (life, comes) = match lives.entry(seen.fingerprint) {
                Entry::Vacant(free) => {
                    let life = free.insert(Life::begin(&seen, severity, taken, place));
                    life.start_is_known = before.as_ref().is_some_and(|before| before.reaches(life));
                    (life, true)
                }
                Entry::Occupied(known) => {
                    let life = known.into_mut();
                    let is_back = life.state == State::Gone;
                    if is_back {
                        (life.since, life.start_is_known) = (taken, true);
                    }
                    (life, is_back)
                }
            };
            if comes {
                new += usize::from(life.start_is_known);
                came_to_light += usize::from(!life.start_is_known && before.is_some());
            }
            (life.severity, life.waived) = (severity, seen.waived);
            (life.seen_in, life.state) = (place, State::Open);
        })?;
        let sight = Sight {
            projects: scan.project_ids.iter().cloned().collect(),
            rules: scan.rule_ids.iter().cloned().collect(),
            blind,
        };
        let (mut fixed, mut out_of_sight) = (0, 0);
        for life in self.by_fingerprint.values_mut().filter(|life| life.seen_in < place && life.state != State::Gone) {
            if sight.reaches(life) {
                fixed += 1;
                life.end(taken);
            } else {
                life.state = State::OutOfSight;
                out_of_sight += 1;
            }
        }
        self.last = Some(sight);
        self.scans.push(Looked { scan, new, came_to_light, fixed, out_of_sight });
        Ok(())
    }

    /// All of them, by fingerprint.
    pub(super) fn all(&self) -> Vec<(Fingerprint, &Life)> {
        let mut all: Vec<_> = self.by_fingerprint.iter().map(|(fingerprint, life)| (*fingerprint, life)).collect();
        all.sort_unstable_by_key(|(fingerprint, _)| *fingerprint);
        all
    }
}

impl Life {
    fn begin(seen: &Seen<'_>, severity: Severity, taken: Timestamp, place: usize) -> Self {
        Self {
            rule: seen.rule.into(),
            rule_name: seen.rule_name.into(),
            project_id: seen.project_id.map(Into::into),
            project: seen.project.map(Into::into),
            resource: seen.resource.into(),
            resource_name: seen.resource_name.into(),
            judged: seen.judged.map(Into::into),
            severity,
            waived: seen.waived,
            since: taken,
            start_is_known: false,
            seen_in: place,
            state: State::Open,
            fixed: Vec::new(),
        }
    }

    fn end(&mut self, until: Timestamp) {
        let Self { since, start_is_known, severity, .. } = *self;
        self.fixed.push(Fixed { since, start_is_known, until, severity });
        self.state = State::Gone;
    }

    /// How often it came back after it was gone.
    pub(super) fn returns(&self) -> usize {
        self.fixed.len() - usize::from(self.state == State::Gone && !self.fixed.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::tables::Writer;
    use crate::history::tables::findings::{FindingRow, Findings};
    use crate::history::tables::scans::Verdicts;

    const ENTRY: &str = "org/o/project/p/accessList/1";
    const CLUSTER: &str = "org/o/project/p/clusters/a";

    fn day(number: i64) -> Timestamp {
        Timestamp::from_second(number * 86_400).unwrap()
    }

    fn row(number: u64, resource: &str) -> FindingRow {
        FindingRow {
            taken: day(0),
            found: true,
            fingerprint: number.to_string().parse().unwrap(),
            rule: "R",
            rule_name: "rule",
            category: "network",
            severity: Some(Severity::High),
            project: Some(("p".into(), "shop".into())),
            resource: resource.into(),
            resource_name: "shop / 1".into(),
            judged: Some("org/o/project/p".into()),
            message: String::new(),
            partial: false,
            waived: false,
        }
    }

    fn unknown(resource: &str) -> FindingRow {
        FindingRow { found: false, severity: None, judged: Some(resource.into()), ..row(99, resource) }
    }

    /// A scan of the projects and by the rules of that name, and what it found.
    fn scan(lives: &mut Lives, number: i64, projects: &[&str], rules: &[&str], rows: Vec<FindingRow>) {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        let scan = ScanRow {
            organization_name: None,
            taken: day(number),
            snapshot_sha256: String::new(),
            tool: String::new(),
            project_ids: texts(projects),
            rule_ids: texts(rules),
            findings: [0; 5],
            waived: 0,
            verdicts: Verdicts::default(),
        };
        let mut file = Writer::<Findings>::start().unwrap();
        for row in rows {
            file.push(row).unwrap();
        }
        lives.scan(scan, file.finish().unwrap().into()).unwrap();
    }

    fn life(lives: &Lives) -> &Life {
        lives.all().into_iter().find(|(fingerprint, _)| fingerprint.to_string().ends_with('1')).unwrap().1
    }

    fn counts(lives: &Lives) -> (usize, usize, usize) {
        let last = lives.scans.last().unwrap();
        (last.new, last.came_to_light, last.fixed)
    }

    #[test]
    fn a_finding_is_fixed_only_where_it_could_have_been_seen() {
        let nothing = Vec::new;
        for (what, projects, rules, rows, state) in [
            ("it was looked at", &["p"][..], &["R"][..], nothing(), State::Gone),
            ("its project was not", &["q"], &["R"], nothing(), State::OutOfSight),
            ("its rule took no part", &["p"], &["S"], nothing(), State::OutOfSight),
            (
                "the rule could not judge the project",
                &["p"],
                &["R"],
                vec![unknown("org/o/project/p")],
                State::OutOfSight,
            ),
            ("nor anything above it", &["p"], &["R"], vec![unknown("org/o/project")], State::OutOfSight),
            ("it could not judge another project", &["p"], &["R"], vec![unknown("org/o/project/q")], State::Gone),
            (
                "it found something else, and did not see everything",
                &["p"],
                &["R"],
                vec![FindingRow { partial: true, ..row(2, CLUSTER) }],
                State::OutOfSight,
            ),
            ("it found something else, and saw everything", &["p"], &["R"], vec![row(2, CLUSTER)], State::Gone),
        ] {
            let mut lives = Lives::default();
            scan(&mut lives, 1, &["p"], &["R"], vec![row(1, ENTRY)]);
            scan(&mut lives, 2, projects, rules, rows);
            assert_eq!(life(&lives).state, state, "{what}");
            assert_eq!(lives.scans[1].fixed, usize::from(state == State::Gone), "{what}");
        }
    }

    #[test]
    fn what_is_out_of_sight_is_the_same_when_it_is_seen_again() {
        let mut lives = Lives::default();
        scan(&mut lives, 1, &["p"], &["R"], vec![row(1, ENTRY)]);
        assert_eq!(counts(&lives), (0, 0, 0), "before the first scan there was none");
        scan(&mut lives, 2, &[], &["R"], Vec::new());
        scan(&mut lives, 3, &["p"], &["R"], vec![FindingRow { waived: true, ..row(1, ENTRY) }]);
        assert_eq!(counts(&lives), (0, 0, 0));
        let life = life(&lives);
        assert_eq!((life.state, life.since, life.returns(), life.waived), (State::Open, day(1), 0, true));
    }

    #[test]
    fn what_was_gone_and_comes_back_begins_anew() {
        let mut lives = Lives::default();
        for (number, there) in [(1, true), (2, false), (5, true), (7, true), (9, false)] {
            scan(&mut lives, number, &["p"], &["R"], if there { vec![row(1, ENTRY)] } else { Vec::new() });
        }
        let gone = life(&lives);
        assert_eq!((gone.state, gone.returns()), (State::Gone, 1));
        let lasted: Vec<_> = gone.fixed.iter().map(|fixed| (fixed.since, fixed.until, fixed.start_is_known)).collect();
        assert_eq!(lasted, [(day(1), day(2), false), (day(5), day(9), true)]);
        scan(&mut lives, 10, &["p"], &["R"], vec![FindingRow { severity: Some(Severity::Low), ..row(1, ENTRY) }]);
        let back = life(&lives);
        assert_eq!((back.state, back.returns(), back.since, back.severity), (State::Open, 2, day(10), Severity::Low));
        assert_eq!(counts(&lives), (1, 0, 0));
    }

    #[test]
    fn what_could_not_be_seen_before_came_to_light() {
        let mut lives = Lives::default();
        scan(&mut lives, 1, &["q"], &["R"], Vec::new());
        scan(&mut lives, 2, &["p", "q"], &["R"], vec![row(1, ENTRY)]);
        assert_eq!(counts(&lives), (0, 1, 0));
        assert!(!life(&lives).start_is_known);
        scan(&mut lives, 3, &["p", "q"], &["R"], vec![row(1, ENTRY), row(2, CLUSTER)]);
        assert_eq!(counts(&lives), (1, 0, 0));
    }

    #[test]
    fn a_table_of_another_kind_is_none() {
        let scans = Writer::<crate::history::tables::scans::Scans>::start().unwrap().finish().unwrap();
        let error = findings::each(scans.into(), |_| {}).unwrap_err();
        assert!(error.to_string().contains("verdict"), "{error}");
    }
}
