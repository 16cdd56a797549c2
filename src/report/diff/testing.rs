//! Small comparisons, made of reports as the engine would make them.

use std::collections::BTreeMap;

use serde_json::json;

use crate::analysis::drift::{Activity, Change, Drift, Field, Gap, Kind, Missing, ProjectScope, Risk};
use crate::report::{Report, testing};
use crate::snapshot::{Reason, Ref, Section, Unavailable};

use super::{DiffReport, Taken};

fn taken(name: &str) -> Taken {
    Taken {
        shown: name.to_owned(),
        taken: testing::about().taken,
        tool: "atlas-audit 0.1.0".to_owned(),
        credential: "service account".to_owned(),
        projects: 3,
        narrowed: None,
        complete: true,
    }
}

fn between(before: &Report, after: &Report, drift: Drift) -> DiffReport {
    let names = BTreeMap::from([("p".to_owned(), "payments".to_owned())]);
    DiffReport::new(
        (taken("old.jsonl"), before),
        (taken("new.jsonl"), after),
        names,
        &ProjectScope::default(),
        drift,
        false,
    )
}

fn entry(name: &str, comment: &str) -> Change {
    let value = |value: &str| Some(json!(value));
    Change {
        at: testing::project(1).child("accessList").child(name),
        section: Some(Section::AccessList),
        kind: Kind::Added,
        risk: Risk::Grave,
        why: vec!["admits the whole internet".to_owned()],
        name: Some(name.to_owned()),
        within: None,
        fields: vec![(Field { pointer: "/comment".to_owned(), old: None, new: value(comment) }, Risk::Grave)],
    }
}

/// A bit of everything.
pub(super) fn sample() -> DiffReport {
    let audit = testing::project(1).child("auditLog");
    let mut forbidden = Unavailable::new(Reason::Forbidden, "/groups/1/auditLog");
    forbidden.status = Some(401);
    let tls = Change {
        at: testing::project(1).child("clusters").child("db0"),
        section: Some(Section::Clusters),
        kind: Kind::Changed,
        risk: Risk::Grave,
        why: vec!["older TLS is accepted".to_owned()],
        name: Some("db0".to_owned()),
        within: None,
        fields: vec![(
            Field { pointer: "/tls/min".to_owned(), old: Some(json!("TLS1_2")), new: Some(json!("TLS1_0")) },
            Risk::Grave,
        )],
    };
    let drift = Drift {
        changes: vec![entry("0.0.0.0/0", "temp"), tls],
        gaps: vec![Gap {
            at: audit,
            section: Some(Section::AuditLog),
            missing: Missing::Lost(forbidden),
            holds: None,
            matters: true,
        }],
        activity: BTreeMap::from([(Section::ProjectEvents, Activity { added: 7, removed: 0, changed: 0 })]),
    };
    between(&testing::clean(), &testing::sample(), drift)
}

/// Whatever people put into names.
pub(super) fn hostile() -> DiffReport {
    let bad = "<script>alert(1)</script> `code` | **bold** [x](https://evil.example) @octocat www.evil.example #1 \u{202e}\n## h";
    let drift = Drift {
        changes: vec![entry(bad, bad)],
        gaps: vec![Gap {
            at: Ref::organization("o").child("teams").child(bad).child("users"),
            section: Some(Section::TeamUsers),
            missing: Missing::Lost(Unavailable { detail: Some(bad.to_owned()), ..Unavailable::not_fetched() }),
            holds: Some(2),
            matters: true,
        }],
        activity: BTreeMap::new(),
    };
    between(&testing::clean(), &testing::hostile(), drift)
}

/// Nothing before, and many findings after.
pub(super) fn of_thousands(count: u32) -> DiffReport {
    between(&testing::clean(), &testing::of_thousands(count), Drift::default())
}
