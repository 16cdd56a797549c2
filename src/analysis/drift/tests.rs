//! Whole files, a few lines each.

use std::io::Write as _;

use super::*;
use crate::snapshot::project::ListedProject;
use crate::snapshot::store::SnapshotFile;

const P: &str = "org/o/project/111111111111111111111111";
const Q: &str = "org/o/project/222222222222222222222222";

struct Snapshot {
    lines: Vec<String>,
    narrowed: &'static str,
    complete: bool,
}

/// An organization with these lines, each a reference and the rest of its record.
fn snapshot(lines: &[(&str, &str)]) -> Snapshot {
    let line = |(at, rest): &(&str, &str)| {
        let comma = if rest.is_empty() { "" } else { "," };
        format!("{{\"ref\":\"{at}\"{comma}{rest}}}")
    };
    let mut lines: Vec<_> = lines.iter().map(line).collect();
    lines.push(r#"{"ref":"org/o","name":"Northwind"}"#.to_owned());
    lines.sort_by_key(|line| line.split('"').nth(3).unwrap().to_owned());
    Snapshot { lines, narrowed: "", complete: true }
}

impl Snapshot {
    fn file(&self) -> (tempfile::NamedTempFile, SnapshotFile) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let header = r#"{"ref":"","format":1,"tool":"t","taken":"2026-01-01T00:00:00Z","source":"s","credential":"c","sections":[]"#;
        writeln!(file, "{header}{}}}", self.narrowed).unwrap();
        self.lines.iter().for_each(|line| writeln!(file, "{line}").unwrap());
        writeln!(file, r#"{{"ref":"~","lines":{},"complete":{}}}"#, self.lines.len() + 1, self.complete).unwrap();
        file.flush().unwrap();
        let opened = SnapshotFile::open(file.path()).unwrap();
        (file, opened)
    }
}

fn scoped(old: &Snapshot, new: &Snapshot, asked: Asked) -> (Drift, Vec<(String, Side)>) {
    let ((_old, old), (_new, new)) = (old.file(), new.file());
    let scope = ProjectScope::of(&old, &new, &|_: &ListedProject| true, &|_, _| asked);
    let drift = compare(&old, &new, &scope, false).unwrap_or_else(|broken| panic!("{broken:?}"));
    let skipped = scope.skipped().map(|skipped| (skipped.project.id.clone(), skipped.missing)).collect();
    (drift, skipped)
}

fn between(old: &[(&str, &str)], new: &[(&str, &str)]) -> Drift {
    scoped(&snapshot(old), &snapshot(new), Asked::ById).0
}

fn told(drift: &Drift) -> Vec<(String, Kind, Risk)> {
    drift.changes.iter().map(|change| (change.at.to_string(), change.kind, change.risk)).collect()
}

fn states(drift: &Drift) -> Vec<(String, &'static str)> {
    let state = |missing: &Missing| match missing {
        Missing::Lost(_) => "lost",
        Missing::Gained(_) => "gained",
        Missing::Still(_) => "still",
        Missing::Came(_) => "came",
    };
    drift.gaps.iter().map(|gap| (gap.at.to_string(), state(&gap.missing))).collect()
}

const FORBIDDEN: &str = r#""unavailable":{"reason":"forbidden","endpoint":"/x","status":401}"#;

#[test]
fn an_entry_that_one_file_lacks_came_or_went_if_the_list_is_there() {
    let list = format!("{P}/accessList");
    let (one, other) = (format!("{list}/192.0.2.0%2F28"), format!("{list}/198.51.100.0%2F24"));
    let entry = |range: &'static str| match range {
        "one" => r#""cidrBlock":"192.0.2.0/28""#,
        _ => r#""cidrBlock":"198.51.100.0/24""#,
    };
    let base = |more: &'static str| [("org/o/project", r#""count":1"#), (P, ""), (list.as_str(), more)];
    let old = [&base(r#""count":1"#)[..], &[(one.as_str(), entry("one"))]].concat();
    let new = [&base(r#""count":1"#)[..], &[(other.as_str(), entry("other"))]].concat();
    let drift = between(&old, &new);
    assert_eq!(told(&drift), [(other.clone(), Kind::Added, Risk::Riskier), (one.clone(), Kind::Removed, Risk::Safer)]);
    assert_eq!(drift.changes[0].why, ["admits 256 addresses"]);
    assert!(!drift.lost_sight());

    // What cannot be read is not gone, and what was not read before is not new.
    let unread = base(FORBIDDEN);
    let drift = between(&old, &unread);
    assert_eq!((told(&drift), states(&drift)), (vec![], vec![(list.clone(), "lost")]));
    assert_eq!(drift.gaps[0].holds, Some(1));
    assert!(drift.lost_sight());
    let drift = between(&unread, &new);
    assert_eq!((told(&drift), states(&drift)), (vec![], vec![(list.clone(), "gained")]));
    assert!(!drift.lost_sight());
    assert_eq!(states(&between(&unread, &unread)), [(list.clone(), "still")]);

    // Nor is what nobody asked for.
    let unasked = [("org/o/project", r#""count":1"#), (P, "")];
    let drift = between(&old, &unasked);
    assert_eq!((told(&drift), states(&drift)), (vec![], vec![(list.clone(), "lost")]));
    let drift = between(&unasked, &new);
    assert_eq!((told(&drift), states(&drift)), (vec![], vec![(list, "gained")]));
}

#[test]
fn a_wider_range_in_the_place_of_another_is_not_safer() {
    let list = format!("{P}/accessList");
    let (narrow, wide) = (format!("{list}/192.0.2.0%2F28"), format!("{list}/192.0.2.0%2F24"));
    let base = [("org/o/project", r#""count":1"#), (P, ""), (list.as_str(), r#""count":1"#)];
    let narrow = [&base[..], &[(narrow.as_str(), r#""cidrBlock":"192.0.2.0/28""#)]].concat();
    let wide = [&base[..], &[(wide.as_str(), r#""cidrBlock":"192.0.2.0/24""#)]].concat();
    let risks = |drift: &Drift| drift.changes.iter().map(|change| (change.kind, change.risk)).collect::<Vec<_>>();
    let wider = between(&narrow, &wide);
    assert_eq!(risks(&wider), [(Kind::Added, Risk::Riskier), (Kind::Removed, Risk::Neutral)]);
    assert_eq!(wider.changes[0].why, ["admits 256 addresses", "wider than 192.0.2.0/28, which is gone"]);
    let narrower = between(&wide, &narrow);
    assert_eq!(risks(&narrower), [(Kind::Removed, Risk::Safer), (Kind::Added, Risk::Safer)]);
}

#[test]
fn what_comes_with_a_cluster_is_told_as_its_part() {
    let cluster = format!("{P}/clusters/db0");
    let beside = format!("{P}/clusters/db0-b");
    let args = format!("{cluster}/processArgs");
    let schedule = format!("{cluster}/backupSchedule");
    let clusters = format!("{P}/clusters");
    let base = [("org/o/project", r#""count":1"#), (P, ""), (clusters.as_str(), r#""count":1"#), (beside.as_str(), "")];
    let more = [
        (cluster.as_str(), r#""name":"db0""#),
        (args.as_str(), r#""javascriptEnabled":true"#),
        (schedule.as_str(), r#""unavailable":{"reason":"unsupported","endpoint":"/x","detail":"no backups"}"#),
    ];
    let drift = between(&base, &[&base[..], &more].concat());
    let within: Vec<_> = drift.changes.iter().map(|change| change.within.as_ref().map(Ref::to_string)).collect();
    assert_eq!(told(&drift).len(), 2);
    assert_eq!(within, [None, Some(cluster.clone())]);
    // What Atlas does not offer there is not missing.
    assert!(drift.gaps.is_empty(), "{:?}", drift.gaps);
    assert_eq!(told(&between(&[&base[..], &more].concat(), &base)).len(), 2);
}

#[test]
fn activity_is_counted_and_told_only_on_request() {
    let users =
        [("org/o/users", r#""count":1"#), ("org/o/users/1", r#""username":"a","lastAuth":"2026-01-01T00:00:00Z""#)];
    let later =
        [("org/o/users", r#""count":1"#), ("org/o/users/1", r#""username":"a","lastAuth":"2026-02-01T00:00:00Z""#)];
    let drift = between(&users, &later);
    assert!(drift.changes.is_empty());
    assert_eq!(drift.activity[&Section::OrganizationUsers], Activity { added: 0, removed: 0, changed: 1 });
    let ((_a, old), (_b, new)) = (snapshot(&users).file(), snapshot(&later).file());
    let drift = compare(&old, &new, &ProjectScope::default(), true).unwrap_or_else(|broken| panic!("{broken:?}"));
    assert_eq!(told(&drift), [("org/o/users/1".to_owned(), Kind::Changed, Risk::Activity)]);
}

#[test]
fn the_last_entry_of_a_credential_opens_it() {
    let key = [("org/o/apiKeys", r#""count":1"#), ("org/o/apiKeys/k", r#""id":"k","desc":"deploy""#)];
    let (list, entry) = ("org/o/apiKeys/k/accessList", "org/o/apiKeys/k/accessList/192.0.2.7%2F32");
    let bound = [&key[..], &[(list, r#""count":1"#), (entry, r#""cidrBlock":"192.0.2.7/32""#)]].concat();
    let free = [&key[..], &[(list, r#""count":0"#)]].concat();
    let drift = between(&bound, &free);
    assert_eq!(
        told(&drift),
        [(list.to_owned(), Kind::Changed, Risk::Grave), (entry.to_owned(), Kind::Removed, Risk::Safer)]
    );
}

#[test]
fn a_project_is_gone_only_if_the_file_would_have_held_it() {
    let list = format!("{Q}/accessList");
    let entry = format!("{list}/0.0.0.0%2F0");
    let both = [
        ("org/o/project", r#""count":2"#),
        (P, r#""name":"a""#),
        (Q, r#""name":"b""#),
        (list.as_str(), r#""count":1"#),
        (entry.as_str(), r#""cidrBlock":"0.0.0.0/0""#),
    ];
    let one = [("org/o/project", r#""count":1"#), (P, r#""name":"a""#)];
    let (both, one) = (snapshot(&both), snapshot(&one));
    let (drift, skipped) = scoped(&both, &one, Asked::ById);
    assert_eq!(told(&drift)[0], (Q.to_owned(), Kind::Removed, Risk::Neutral));
    assert_eq!((told(&drift).len(), skipped.len()), (2, 0));
    let (drift, _) = scoped(&one, &both, Asked::ById);
    assert_eq!(told(&drift)[0], (entry.clone(), Kind::Added, Risk::Grave));

    let narrowed = |snapshot: &Snapshot| Snapshot {
        lines: snapshot.lines.clone(),
        narrowed: r#","projects":["a"]"#,
        complete: true,
    };
    let id = "222222222222222222222222".to_owned();
    for (asked, gone, came) in [(Asked::No, 0, 0), (Asked::ByName, 0, 2), (Asked::ById, 2, 2)] {
        let (drift, skipped) = scoped(&both, &narrowed(&one), asked);
        assert_eq!(told(&drift).len(), gone, "{asked:?}");
        assert_eq!(skipped, if gone == 0 { vec![(id.clone(), Side::New)] } else { vec![] });
        let (drift, skipped) = scoped(&narrowed(&one), &both, asked);
        assert_eq!(told(&drift).len(), came, "{asked:?}");
        assert_eq!(skipped, if came == 0 { vec![(id.clone(), Side::Old)] } else { vec![] });
    }
    let stopped = Snapshot { lines: one.lines.clone(), narrowed: "", complete: false };
    let (drift, skipped) = scoped(&both, &stopped, Asked::ById);
    assert_eq!((told(&drift).len(), skipped), (0, vec![(id.clone(), Side::New)]));
    let unlisted = snapshot(&[("org/o/project", FORBIDDEN)]);
    let (drift, skipped) = scoped(&both, &unlisted, Asked::ById);
    assert_eq!((told(&drift).len(), skipped.len()), (0, 2));
    assert_eq!(states(&drift), [("org/o/project".to_owned(), "lost")]);
}

#[test]
fn a_file_out_of_order_is_no_file_to_compare() {
    let mut old = snapshot(&[("org/o/teams", r#""count":0"#)]);
    let new = snapshot(&[("org/o/teams", r#""count":0"#)]);
    old.lines.reverse();
    // The organization comes first, or the file cannot be opened at all.
    old.lines = vec![old.lines[1].clone(), r#"{"ref":"org/o/users","count":0}"#.to_owned(), old.lines[0].clone()];
    let ((_old, old), (_new, new)) = (old.file(), new.file());
    let broken = compare(&old, &new, &ProjectScope::default(), false).unwrap_err();
    assert_eq!((broken.side, broken.why.to_string()), (Side::Old, "line 4: `org/o/teams` is out of order".to_owned()));
}
