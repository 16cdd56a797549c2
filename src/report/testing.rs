//! Small reports, made as the engine would make them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::engine::catalogue::SelectedRule;
use crate::engine::outcomes::{Outcome, Outcomes};
use crate::engine::rule::Rule;
use crate::engine::verdict::{Evidence, Failure, Hole, Judgement, Unknown, Verdict};
use crate::engine::waiver::Waiver;
use crate::engine::{Catalogue, Severity};
use crate::snapshot::{Reason, Ref, Unavailable};

use super::{About, Report};

const OPEN: u16 = 0;
const USER: u16 = 1;
const AUDIT: u16 = 2;
const MFA: u16 = 3;

/// The real first rule, and three made up for the purpose.
pub(super) fn rules() -> Vec<SelectedRule> {
    static MADE_UP: OnceLock<Vec<Rule>> = OnceLock::new();
    let made_up = MADE_UP.get_or_init(|| {
        let rule = |text: &str| toml::from_str::<Rule>(text).unwrap();
        vec![
            rule(
                r#"
                id = "ATL-DBU-901"
                name = "user-with-administrator-role"
                title = "A database user may do everything in every database of the project"
                severity = "high"
                scope = "database-user"
                needs = ["project.databaseUsers"]
                since = "0.1.0"
                why = "Who holds its password reads, changes and drops all data."
                passes = "The user holds no role that reaches every database."
                fails = "The user holds `atlasAdmin`."
                references = ["https://www.mongodb.com/docs/atlas/security-add-mongodb-users/"]
                [remediation]
                cli = "atlas dbusers update <user> --role readWrite@<database> --projectId <project>"
                "#,
            ),
            rule(
                r#"
                id = "ATL-AUD-901"
                name = "auditing-disabled"
                title = "Nobody records who did what"
                severity = "medium"
                scope = "project"
                needs = ["project.auditLog"]
                since = "0.1.0"
                why = "After an incident there is nothing to look at."
                passes = "Auditing is on."
                fails = "Auditing is off."
                references = ["https://www.mongodb.com/docs/atlas/database-auditing/"]
                [remediation]
                console = "Project, Security, Advanced, Database Auditing: turn it on, and choose at least authentication failures and changes of users and roles."
                "#,
            ),
            rule(
                r#"
                id = "ATL-ORG-901"
                name = "mfa-not-required"
                title = "People may log in with a password alone"
                severity = "high"
                scope = "organization"
                needs = ["organization.settings"]
                since = "0.1.0"
                why = "One stolen password is enough."
                passes = "A second factor is required."
                fails = "It is not."
                references = ["https://www.mongodb.com/docs/atlas/security-multi-factor-authentication/"]
                [remediation]
                cli = "atlas organizations update <org> --multiFactorAuthRequired"
                "#,
            ),
        ]
    });
    let open = Catalogue::built_in().find("ATL-NET-001").ok().unwrap();
    let made_up = made_up.iter().zip(["authentication", "auditing", "organization"]);
    let made_up = made_up.map(|(rule, category)| SelectedRule {
        rule,
        category,
        predicates: Vec::new(),
        severity: None,
        reported: true,
    });
    std::iter::once(SelectedRule {
        rule: &open.rule,
        category: open.category(),
        predicates: Vec::new(),
        severity: None,
        reported: true,
    })
    .chain(made_up)
    .collect()
}

pub(super) fn about() -> About {
    About {
        organization: "5f1b2c3d4e5f60718293a400".into(),
        organization_name: Some("Northwind".into()),
        taken: "2026-11-22T10:00:00Z".parse().unwrap(),
        source: "https://cloud.mongodb.com".into(),
        credential: "service account".into(),
        projects: 3,
        snapshot: None,
        configuration: None,
        complete: true,
    }
}

pub(super) fn project(number: u8) -> Ref {
    Ref::organization(&about().organization).project(&project_id(number))
}

fn project_id(number: u8) -> String {
    format!("6a1b2c3d4e5f60718293a4{number:02x}")
}

#[expect(clippy::unnecessary_wraps, reason = "a judgement among judgements")]
fn fail(evidence: impl IntoIterator<Item = Evidence>) -> Judgement {
    Ok(Verdict::of(evidence))
}

fn report(outcomes: impl IntoIterator<Item = (u16, Ref, Judgement)>, names: &[&str]) -> Report {
    let outcomes: Vec<_> = outcomes.into_iter().map(|(rule, at, verdict)| Outcome { rule, at, verdict }).collect();
    let projects: BTreeMap<_, _> =
        (1..).zip(names).map(|(number, name)| (project_id(number).into(), (*name).into())).collect();
    let about = About { projects: names.len(), ..about() };
    Report::new(about, &rules(), Outcomes::of(outcomes, projects))
}

fn entry(project: &Ref, range: &str, message: &str) -> Evidence {
    Evidence::at(&project.child("accessList").child(range), message).field("/cidrBlock").fact("entry", range)
}

fn user(project: &Ref, name: &str, message: &str) -> Evidence {
    Evidence::at(&project.child("databaseUsers").child(&format!("admin:{name}")), message)
        .fact("user", name)
        .fact("name", name)
}

fn refused(project: u8) -> Hole {
    let mut why = Unavailable::new(Reason::Forbidden, format!("/groups/{}/auditLog", project_id(project)));
    why.status = Some(401);
    why.error_code = Some("USER_UNAUTHORIZED".into());
    why.roles = vec!["Project Owner".into()];
    Hole::Unread(why)
}

/// Some of everything.
pub(super) fn sample() -> Report {
    let (payments, shop, web) = (project(1), project(2), project(3));
    let organization = Ref::organization(&about().organization);
    let half_seen = Failure {
        evidence: vec![entry(&shop, "::/0", "::/0 admits the whole internet (no comment)")],
        unseen: vec![Hole::NotUnderstood { field: "cidrBlock".into(), value: "everything".into() }],
    };
    let admin = "`deploy` holds `atlasAdmin` on `admin`, which reaches every database of the project, and logs in \
                 with a password from anywhere that the access list admits";
    let mut outcomes = vec![
        (
            OPEN,
            payments.clone(),
            fail([entry(&payments, "0.0.0.0/0", "0.0.0.0/0 admits the whole internet (comment: \"temp\")")]),
        ),
        (OPEN, shop.clone(), Ok(Verdict::Fail(half_seen))),
        (OPEN, web.clone(), Ok(Verdict::Pass)),
        (USER, payments.child("databaseUsers").child("admin:deploy"), fail([user(&payments, "deploy", admin)])),
        (
            USER,
            shop.child("databaseUsers").child("admin:o'neill"),
            fail([user(&shop, "o'neill", "`o'neill` holds `atlasAdmin`").severity(Severity::Medium)]),
        ),
        (USER, web.clone(), Ok(Verdict::not_applicable("the project has no database user"))),
        (
            MFA,
            organization.clone(),
            fail([Evidence::at(&organization.child("settings"), "a second factor is optional")]),
        ),
        (AUDIT, payments.clone(), Err(refused(1).into())),
        (AUDIT, shop.clone(), Err(refused(2).into())),
    ];
    let odd = Unknown::from(Hole::NotUnderstood { field: "enabled".into(), value: "perhaps".into() });
    outcomes.push((AUDIT, web, Err(odd)));
    report(outcomes, &["payments", "shop", "web"])
}

/// Names and comments that try things.
pub(super) fn hostile() -> Report {
    let at = project(1);
    let name = "\u{1b}[2J\u{202e}'; rm -rf ~; '<project>\n0 findings";
    let message =
        format!("0.0.0.0/0 admits the whole internet (comment: \"{name} [all is well](https://evil.example)\")");
    let endless = "x".repeat(5000);
    report(
        [
            (OPEN, at.clone(), fail([entry(&at, "0.0.0.0/0", &message)])),
            (USER, at.child("databaseUsers").child(name), fail([user(&at, name, &format!("`{name}` {endless}"))])),
            (AUDIT, at.clone(), Err(Unknown::not_understood("enabled", name))),
        ],
        &[name],
    )
}

/// One of each that carries a name, called so: project, user, comment, and what was not understood.
pub(super) fn named(name: &str) -> Report {
    let at = project(1);
    let evidence = [user(&at, name, &format!("{name} holds `atlasAdmin`")).fact("database", name)];
    report(
        [
            (OPEN, at.clone(), fail([entry(&at, "0.0.0.0/0", &format!("0.0.0.0/0 (comment: {name})"))])),
            (USER, at.child("databaseUsers").child(name), fail(evidence)),
            (AUDIT, at, Err(Unknown::not_understood("enabled", name))),
        ],
        &[name],
    )
}

/// The sample, with a waiver that counts, one that is over, and one that covers nothing.
pub(super) fn waived() -> Report {
    let waiver = |rule: &str, resource: &str, until: &str| -> Waiver {
        let text = format!(
            "rule = {rule:?}\nresource = {resource:?}\nuntil = {until:?}\nreason = \"moves in *May* <b>@all</b>\"\nowner = \"=ops\""
        );
        toml::from_str(&text).unwrap()
    };
    let waivers = vec![
        waiver("ATL-NET-001", "payments/*", "2027-01-31"),
        waiver("ATL-ORG-901", "*", "2026-10-31"),
        waiver("ATL-DBU-901", "*/nobody`<script>", "2027-01-31"),
    ];
    sample().with_waivers(waivers, false)
}

/// Names that are wider than they are long.
pub(super) fn wide_names() -> Report {
    let at = project(1);
    let message = "0.0.0.0/0 admits the whole internet (comment: \"一時的なアクセス、後で必ず削除すること 🔥🔥🔥 絶対に忘れないでください\")";
    report(
        [
            (OPEN, at.clone(), fail([entry(&at, "0.0.0.0/0", message)])),
            (
                USER,
                at.clone(),
                fail([
                    user(&at, "データ管理者", "`データ管理者` holds `atlasAdmin`"),
                    user(&at, "👩‍💻", "`👩‍💻` holds `atlasAdmin`"),
                ]),
            ),
        ],
        &["決済サービス 💳"],
    )
}

/// Nothing wrong.
pub(super) fn clean() -> Report {
    report([(OPEN, project(1), Ok(Verdict::Pass)), (AUDIT, project(1), Ok(Verdict::Pass))], &["payments"])
}

/// That many findings of one rule, with one and the same advice; and the same hole in as many projects.
pub(super) fn of_many(count: u8) -> Report {
    let names: Vec<_> = (1..=count).map(|number| format!("project-{number}")).collect();
    let off = |number| (AUDIT, project(number), fail([Evidence::at(&project(number), "auditing is off")]));
    let hole = |number| {
        let why = Unavailable::new(Reason::TimedOut, format!("/groups/{}/accessList", project_id(number)));
        (OPEN, project(number), Err(Unknown::from(&why)))
    };
    let outcomes = (1..=count).map(off).chain((1..=count).map(hole));
    report(outcomes, &names.iter().map(String::as_str).collect::<Vec<_>>())
}

/// More than any reader takes.
pub(super) fn of_thousands(count: u32) -> Report {
    let at = project(1);
    let evidence = (0..count).map(|number| {
        let address = std::net::Ipv4Addr::from(number);
        entry(&at, &format!("{address}/0"), "wide open")
    });
    report([(OPEN, at.clone(), fail(evidence))], &["payments"])
}

/// Why there was nothing to judge, for a report that holds nothing else.
pub(super) fn idle() -> Report {
    let why = Cow::Borrowed("the project has no database user");
    report([(USER, project(1), Ok(Verdict::NotApplicable(why)))], &["payments"])
}
