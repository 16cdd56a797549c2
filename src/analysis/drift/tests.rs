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

#[test]
fn changes_are_counted_by_what_they_mean() {
    let list = format!("{P}/accessList");
    let entries: Vec<_> = ["0.0.0.0/0", "192.0.2.0/28", "198.51.100.0/24"]
        .map(|range| (format!("{list}/{}", range.replace('/', "%2F")), format!(r#""cidrBlock":"{range}""#)))
        .to_vec();
    let base = [("org/o/project", r#""count":1"#), (P, ""), (list.as_str(), r#""count":3"#)];
    let more: Vec<_> = entries.iter().map(|(at, rest)| (at.as_str(), rest.as_str())).collect();
    let drift = between(&base, &[&base[..], &more].concat());
    let counts = [Risk::Grave, Risk::Riskier, Risk::Safer].map(|risk| drift.count(risk));
    assert_eq!(counts, [1, 2, 0]);
}

/// The one change between two states of one record.
fn change(at: &str, old: &str, new: &str) -> Change {
    let base = [("org/o/project", r#""count":1"#), ("org/o/users", r#""count":1"#), (P, "")];
    let with = |rest| base.into_iter().filter(|(other, _)| *other != at).chain([(at, rest)]).collect::<Vec<_>>();
    let drift = between(&with(old), &with(new));
    let [change] = &drift.changes[..] else { panic!("{:?}", drift.changes) };
    change.clone()
}

#[test]
fn a_change_is_as_bad_as_its_worst_field_and_is_called_as_people_call_the_thing() {
    let args =
        change(&format!("{P}/clusters/db0/processArgs"), r#""javascriptEnabled":false"#, r#""javascriptEnabled":true"#);
    assert_eq!((args.kind, args.risk, args.name), (Kind::Changed, Risk::Riskier, None));
    assert_eq!(args.why, ["the server runs JavaScript"]);
    let cluster = change(
        &format!("{P}/clusters/db0"),
        r#""name":" ","desc":"x","backupEnabled":true,"pitEnabled":true,"diskSizeGB":10"#,
        r#""name":" ","desc":"x","backupEnabled":false,"pitEnabled":false,"diskSizeGB":20"#,
    );
    // The gravest reason comes first, and a blank name is none.
    assert_eq!((cluster.risk, cluster.name.as_deref()), (Risk::Grave, Some("x")));
    assert_eq!(cluster.why, ["no more backups are taken", "only whole backups can be restored"]);
    let risks: Vec<_> = cluster.fields.iter().map(|(field, risk)| (field.pointer.as_str(), *risk)).collect();
    assert_eq!(
        risks,
        [("/backupEnabled", Risk::Grave), ("/pitEnabled", Risk::Riskier), ("/diskSizeGB", Risk::Neutral)]
    );
    let user = change(
        "org/o/users/1",
        r#""username":"ann","country":"DE","roles":{"orgRoles":["ORG_MEMBER"]}"#,
        r#""username":"ann","country":"FR","roles":{"orgRoles":["ORG_OWNER"]}"#,
    );
    assert_eq!(
        (user.risk, user.name.as_deref(), &user.why[..]),
        (Risk::Grave, Some("ann"), &["may now: ORG_OWNER".to_owned()][..])
    );
    for (field, risk) in &user.fields {
        let expected = if field.pointer == "/country" { Risk::Neutral } else { Risk::Grave };
        assert_eq!(*risk, expected, "{}", field.pointer);
    }
    // Of the organization itself nothing is known to be good or bad.
    assert_eq!(change(P, r#""name":"a""#, r#""name":"b""#).risk, Risk::Neutral);
}

#[test]
fn what_happens_by_itself_is_counted_by_what_became_of_it() {
    let list = format!("{P}/openAlerts");
    let at = |id: &str| format!("{list}/{id}");
    let (a, b, c, d) = (at("a"), at("b"), at("c"), at("d"));
    let base = [("org/o/project", r#""count":1"#), (P, ""), (list.as_str(), r#""count":2"#)];
    let old = [&base[..], &[(a.as_str(), r#""status":"OPEN","eventTypeName":"X""#), (b.as_str(), "")]].concat();
    let new =
        [&base[..], &[(a.as_str(), r#""status":"OPEN","eventTypeName":"Y""#), (c.as_str(), ""), (d.as_str(), "")]]
            .concat();
    let drift = between(&old, &new);
    assert_eq!(told(&drift), []);
    assert_eq!(drift.activity[&Section::OpenAlerts], Activity { added: 2, removed: 1, changed: 1 });
    // Where such a list can no longer be read, nobody loses sight of how something is set up.
    let unread = between(&old, &[("org/o/project", r#""count":1"#), (P, ""), (list.as_str(), FORBIDDEN)]);
    assert_eq!((states(&unread), unread.lost_sight()), (vec![(list.clone(), "lost")], false));
}

#[test]
fn what_came_unread_is_a_gap_and_what_went_unread_is_none() {
    let clusters = format!("{P}/clusters");
    let (cluster, args) = (format!("{clusters}/db0"), format!("{clusters}/db0/processArgs"));
    let without = [("org/o/project", r#""count":1"#), (P, ""), (clusters.as_str(), r#""count":0"#)];
    let with = [
        ("org/o/project", r#""count":1"#),
        (P, ""),
        (clusters.as_str(), r#""count":1"#),
        (cluster.as_str(), r#""name":"db0""#),
        (args.as_str(), FORBIDDEN),
    ];
    assert_eq!(states(&between(&without, &with)), [(args.clone(), "came")]);
    assert_eq!(states(&between(&with, &without)), []);
    // What stands below a list that is not read any more is lost with the list, and not once more.
    let read = [&with[..4], &[(args.as_str(), r#""javascriptEnabled":true"#)]].concat();
    let unread = [("org/o/project", r#""count":1"#), (P, ""), (clusters.as_str(), FORBIDDEN)];
    assert_eq!(states(&between(&read, &unread)), [(clusters.clone(), "lost")]);
    // With its owner there, the section is what nobody asked for.
    assert_eq!(states(&between(&read, &with[..4])), [(args, "lost")]);
}

#[test]
fn what_goes_with_its_owner_is_neither_safer_nor_riskier() {
    let list = format!("{Q}/accessList");
    let entry = format!("{list}/0.0.0.0%2F0");
    let both = [
        ("org/o/project", r#""count":2"#),
        (P, ""),
        (Q, r#""name":"b""#),
        (list.as_str(), r#""count":1"#),
        (entry.as_str(), r#""cidrBlock":"0.0.0.0/0""#),
    ];
    let one = [("org/o/project", r#""count":1"#), (P, "")];
    let gone = between(&both, &one);
    assert_eq!(
        told(&gone),
        [(Q.to_owned(), Kind::Removed, Risk::Neutral), (entry.clone(), Kind::Removed, Risk::Neutral)]
    );
    assert_eq!((gone.changes[0].name.as_deref(), gone.changes[1].why.len()), (Some("b"), 0));
    let sides = |drift: &Drift| {
        let change = drift.changes.iter().find(|change| change.at.as_str() == entry).unwrap();
        let [(field, _)] = &change.fields[..] else { panic!("one field") };
        (field.old.is_some(), field.new.is_some())
    };
    assert_eq!((sides(&gone), sides(&between(&one, &both))), ((true, false), (false, true)));
}

#[test]
fn settings_that_come_with_their_owner_are_what_it_is() {
    let clusters = format!("{P}/clusters");
    let (cluster, args) = (format!("{clusters}/db0"), format!("{clusters}/db0/processArgs"));
    let without = [("org/o/project", r#""count":1"#), (P, ""), (clusters.as_str(), r#""count":0"#)];
    let more = [(cluster.as_str(), r#""name":"db0""#), (args.as_str(), r#""javascriptEnabled":true"#)];
    let drift = between(&without, &[&without[..], &more].concat());
    let args = drift.changes.iter().find(|change| change.section == Some(Section::ProcessArgs)).unwrap();
    assert_eq!((args.kind, args.risk, args.why.len()), (Kind::Added, Risk::Neutral, 0));
}

#[test]
fn only_the_list_of_a_credential_says_something_by_its_length() {
    let list = format!("{P}/accessList");
    let lengths = |at: &str, old: &str, new: &str| {
        let base = [
            ("org/o/project", r#""count":1"#),
            (P, ""),
            ("org/o/apiKeys", r#""count":1"#),
            ("org/o/apiKeys/k", r#""id":"k""#),
        ];
        told(&between(&[&base[..], &[(at, old)]].concat(), &[&base[..], &[(at, new)]].concat()))
    };
    let (none, two, three) = (r#""count":0"#, r#""count":2"#, r#""count":3"#);
    assert_eq!(lengths(&list, two, none), []);
    let of_key = "org/o/apiKeys/k/accessList";
    assert_eq!(lengths(of_key, none, two), [(of_key.to_owned(), Kind::Changed, Risk::Safer)]);
    assert_eq!(lengths(of_key, two, three), []);
    assert_eq!(lengths(of_key, two, none), [(of_key.to_owned(), Kind::Changed, Risk::Grave)]);
}

#[test]
fn a_scope_tells_of_what_is_compared_and_of_what_cannot_be() {
    let both = [("org/o/project", r#""count":2"#), (P, r#""name":"a""#), (Q, r#""name":"b""#)];
    let one = [("org/o/project", r#""count":1"#), (P, r#""name":"a""#)];
    let narrowed = Snapshot { narrowed: r#","projects":["a"]"#, ..snapshot(&one) };
    let ((_old, old), (_new, new)) = (snapshot(&both).file(), narrowed.file());
    let scope = ProjectScope::of(&old, &new, &|_: &ListedProject| true, &|_, _| Asked::No);
    let ids = ["111111111111111111111111", "222222222222222222222222", "333333333333333333333333"];
    assert_eq!(ids.map(|id| scope.compares(id)), [true, false, false]);
    assert_eq!(ids.map(|id| scope.tells(id)), [true, true, false]);
    assert_eq!(scope.count(), 1);
    let whole = ProjectScope::of(&old, &old, &|_: &ListedProject| true, &|_, _| Asked::No);
    assert_eq!(whole.count(), 2);
}
