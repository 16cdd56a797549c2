//! Single policies, each with what it denies: the plain ones, and the traps.

use std::collections::BTreeSet;

use super::super::policy::{Defect, Standing, standing};
use super::denied;

/// A policy of today's name space on one action, with conditions.
fn on(action: &str, conditions: &str) -> String {
    format!("forbid (principal, action == ResourcePolicy::Action::\"{action}\", resource) {conditions};")
}

#[track_caller]
fn denies<const N: usize>(body: &str, expected: [&'static str; N]) {
    let (denied, failed) = denied(body).expect("it parses");
    assert_eq!(denied, BTreeSet::from(expected), "{body}");
    assert_eq!(failed, BTreeSet::new(), "{body}");
}

#[track_caller]
fn in_force(body: &str) {
    match standing(body) {
        Standing::InForce(_) => {}
        other => panic!("{body}: {other:?}"),
    }
}

#[track_caller]
fn undecided(body: &str, because: &str) {
    match standing(body) {
        Standing::Undecided { why, .. } if why.contains(because) => {}
        other => panic!("{body}: {other:?}"),
    }
}

#[track_caller]
fn defective(body: &str, expected: &Defect) {
    match standing(body) {
        Standing::NeverInForce(defect) | Standing::Undecided { defect: Some(defect), .. } => {
            assert_eq!(defect, *expected, "{body}");
        }
        other => panic!("{body}: {other:?}"),
    }
}

const LIST: &str = "project.ipAccessList.modify";

#[test]
fn access_lists() {
    let cases: [(&str, &[&'static str]); 10] = [
        (
            r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) }"#,
            &["ip.any4", "ip.any4only", "ip.p2.any4"],
        ),
        // A single address that looks like the wildcard.
        (r#"when { context.project.ipAccessList.contains(ip("0.0.0.0")) }"#, &[]),
        (r#"when { context.project.ipAccessList == [ip("0.0.0.0/0")] }"#, &["ip.any4only"]),
        (r#"when { context.project.ipAccessList.contains(ip("::/0")) }"#, &["ip.any6"]),
        ("when { context.project.ipAccessList.isEmpty() }", &["ip.empty"]),
        (
            r#"unless { [ip("203.0.113.7")].containsAll(context.project.ipAccessList) || resource is ResourcePolicy::Cluster }"#,
            &[
                "ip.three",
                "ip.any4",
                "ip.any4only",
                "ip.odd0",
                "ip.any6",
                "ip.half",
                "ip.halves",
                "ip.quarters",
                "ip.p2.any4",
            ],
        ),
        // What the author meant by half of it.
        (r#"when { context.project.ipAccessList.containsAll([ip("0.0.0.0/1"), ip("128.0.0.0/1")]) }"#, &["ip.halves"]),
        (r#"when { context.project.ipAccessList.containsAny([ip("64.0.0.0/2")]) }"#, &["ip.quarters"]),
        (r#"when { resource in ResourcePolicy::Project::"5f0000000000000000000002" }"#, &["ip.p2.one", "ip.p2.any4"]),
        (
            r#"when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) } unless { resource == ResourcePolicy::Project::"5f0000000000000000000001" }"#,
            &["ip.p2.any4"],
        ),
    ];
    for (conditions, expected) in cases {
        let body = on(LIST, conditions);
        let (denied, failed) = denied(&body).expect("it parses");
        assert_eq!(denied, expected.iter().copied().collect(), "{body}");
        assert!(failed.is_empty());
        in_force(&body);
    }
}

#[test]
fn clusters() {
    let tls = "ResourcePolicy::TLSVersion";
    denies(
        &on("cluster.modify", &format!("when {{ context.cluster.minTLSVersion == {tls}::\"tls1_1\" }}")),
        ["c.tls11"],
    );
    denies(
        &on(
            "cluster.modify",
            &format!("when {{ [{tls}::\"tls1_0\", {tls}::\"tls1_1\"].contains(context.cluster.minTLSVersion) }}"),
        ),
        ["c.tls10", "c.tls11"],
    );
    denies(
        &on("cluster.modify", "unless { context.cluster.encryptionAtRest.customerManagedKey.enabled }"),
        ["c.nocmk"],
    );
    denies(&on("cluster.modify", "when { context.project.databaseAuditing.enabled == false }"), ["c.noaudit"]);
    denies(&on("cluster.modify", "when { context.project.clustersInProject >= 4 }"), ["c.fourth"]);
    denies(
        &on("cluster.modify", "when { context.cluster has diskSizeGB && context.cluster.diskSizeGB > 1000 }"),
        ["c.disk5000"],
    );
    denies(&on("cluster.modify", "when { context.cluster.maxShardCount > 2 }"), ["c.shard3", "c.embedded", "c.geo"]);
    denies(&on("cluster.modify", "when { context.cluster.isConvertingToSharded }"), ["c.converting"]);
    denies(
        &on(
            "cluster.modify",
            r#"when { context.cluster.regions.containsAny([ResourcePolicy::Region::"aws:us-east-1", ResourcePolicy::Region::"aws:us-west-1"]) }"#,
        ),
        ["c.us-east-1", "c.us-west-1", "c.eu+us"],
    );
    denies(
        &on(
            "cluster.modify",
            r#"unless { context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"aws") }"#,
        ),
        ["c.azure", "c.gcp", "c.indexed.gcp"],
    );
    denies(
        &on(
            "cluster.modify",
            r#"when { context.search.hasIndexes && !context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"aws") }"#,
        ),
        ["c.indexed.gcp"],
    );
    denies(
        r#"forbid (principal, action == ResourcePolicy::Action::"cluster.modify", resource == ResourcePolicy::Cluster::"5f00000000000000000000c2");"#,
        ["c.p2"],
    );
}

#[test]
fn the_other_actions() {
    denies(
        &on("project.maintenanceWindow.modify", "unless { context.project.hasDefinedMaintenanceWindow }"),
        ["mw.off"],
    );
    denies(&on("project.vpcPeering.modify", ""), ["peer.none", "peer.new"]);
    denies(&on("project.privateEndpoint.modify", "unless { context.project.privateEndpoints.isEmpty() }"), ["pe.new"]);
    denies(
        &on(
            "project.aiModelAPI.modify",
            r#"unless { context.aiModelApi.geography == ResourcePolicy::Geography::"eu" }"#,
        ),
        ["ai.us", "ai.p2.us"],
    );
    denies(&on("project.rerank.modify", "when { context.project.rerankEnabled }"), ["rerank.on"]);
    denies(&on("search.index.modify", "unless { context.search.hasDedicatedNodes }"), ["si.nonodes"]);
    denies(
        &on("search.deployment.modify", "when { !context.search.encryptionAtRest.customerManagedKey.enabled }"),
        ["sd.nocmk"],
    );
    denies(
        r#"forbid (principal, action in [ResourcePolicy::Action::"search.index.modify", ResourcePolicy::Action::"search.deployment.modify"], resource)
           when { context.cluster.regions.contains(ResourcePolicy::Region::"gcp:us-east1") };"#,
        ["si.gcp", "sd.gcp"],
    );
}

#[test]
fn the_first_name_space_is_read_as_todays() {
    let body = r#"forbid (principal, action == cloud::Action::"cluster.createEdit", resource)
        when { context.cluster.regions.contains(cloud::region::"aws:ap-southeast-1") };"#;
    denies(body, ["c.sg"]);
    in_force(body);
    let body = r#"forbid (principal, action == cloud::Action::"project.edit", resource)
        when { context.project.ipAccessList.contains(ip("0.0.0.0/0")) };"#;
    denies(body, ["ip.any4", "ip.any4only", "ip.p2.any4"]);
    in_force(body);
}

#[test]
fn what_is_never_in_force_has_a_name() {
    defective("permit (principal, action, resource);", &Defect::Permit);
    defective("forbid (principal, action, resource == ?resource);", &Defect::Template);
    defective(r#"forbid (principal == ResourcePolicy::User::"u", action, resource);"#, &Defect::Principal);
    defective("forbid (principal is ResourcePolicy::User, action, resource);", &Defect::Principal);
    defective("forbid (principal, action, resource); forbid (principal, action, resource);", &Defect::Several(2));
    let unknown = |id: &str| Defect::UnknownAction(format!("ResourcePolicy::Action::\"{id}\""));
    defective(&on("ipAccessList.modify", ""), &unknown("ipAccessList.modify"));
    defective(
        r#"forbid (principal, action == Action::"cluster.modify", resource);"#,
        &Defect::UnknownAction("Action::\"cluster.modify\"".to_owned()),
    );
    defective(
        r#"forbid (principal, action in [ResourcePolicy::Action::"cluster.modify", ResourcePolicy::Action::"cluster.delete"], resource);"#,
        &unknown("cluster.delete"),
    );
    defective(
        &on(
            "cluster.modify",
            r#"when { context.cluster.cloudProviders.contains(ResourcePolicy::CloudProvider::"ibm") }"#,
        ),
        &Defect::UnknownEntity("ibm".to_owned()),
    );
    defective(
        &on("cluster.modify", r#"when { context.cluster.regions.contains(ResourcePolicy::Region::"EU_WEST_1") }"#),
        &Defect::UnknownEntity("EU_WEST_1".to_owned()),
    );
    defective(
        &on("cluster.modify", r#"when { context.cluster.minTLSVersion == ResourcePolicy::TLSVersion::"TLS1_2" }"#),
        &Defect::UnknownEntity("ResourcePolicy::TLSVersion::\"TLS1_2\"".to_owned()),
    );
    defective(
        &on(LIST, r#"when { context.project.ipAccesList.contains(ip("0.0.0.0/0")) }"#),
        &Defect::Misspelt { attribute: "context.project.ipAccesList".to_owned(), known: "ipAccessList" },
    );
}

#[test]
fn what_we_do_not_model_is_undecided() {
    undecided("forbid (principal, action resource);", "does not parse");
    undecided("", "no policy");
    undecided(
        &on("cluster.modify", "when { context.cluster.minGeneralClassInstanceSizeValue < 30 }"),
        "does not validate",
    );
    undecided(&on("cluster.modify", r#"when { resource.hasTag("env") }"#), "tags");
    undecided(&on("cluster.modify", r#"when { context.cluster.tags.contains("pci") }"#), "context.cluster.tags");
    undecided(
        &on("cluster.modify", "when { context.cluster has paused && context.cluster.paused }"),
        "context.cluster.paused",
    );
    undecided(&on("cluster.modify", r#"when { resource.name like "prod*" }"#), "`name`");
    undecided(&on("cluster.modify", r#"when { principal == ResourcePolicy::User::"u" }"#), "principal");
    undecided(
        &on("cluster.modify", "when { context.project.hasDefinedMaintenanceWindow == false }"),
        "does not validate",
    );
    undecided(&on("cluster.modify", "when { context.cluster.maxShardCount >= 2 }"), "shards");
    undecided(&on("cluster.modify", "when { 2 > context.cluster.maxShardCount }"), "shards");
    undecided("forbid (principal, action, resource) when { context.project.rerankEnabled };", "does not validate");
    undecided(&on(LIST, "when { context.project.ipAccessList == [] }"), "does not validate");
    undecided(&on(LIST, r#"when { context.project.ipAccessList.isInRange(ip("10.0.0.0/8")) }"#), "does not validate");
    undecided(&on(LIST, &format!("when {{ {}true{} }}", "(".repeat(100), ")".repeat(100))), "nests deeper");
    undecided(&on(LIST, &format!("// {}\n", "x".repeat(200_000))), "longer");
}

#[test]
fn a_hostile_body_is_read_without_harm() {
    let times = |count: usize, part: &str, joint: &str| vec![part; count].join(joint);
    // As deep as is looked at, and much deeper.
    for (deep, deeper) in [(295, 20_000), (150, 1_000)] {
        for condition in [
            times(deep, "true", "||"),
            times(deep, "context.project.ipAccessList.isEmpty()", " && "),
            format!("{} true", times(19, "if true then true else", " ")),
            format!("{} > 1", times(deep, "1", "+")),
        ] {
            let body = on(LIST, &format!("when {{ {condition} }}"));
            assert!(!matches!(standing(&body), Standing::Undecided { why, .. } if why.contains("deeper")), "{deep}");
        }
        for condition in [
            times(deeper, "true", "||"),
            times(deeper, "true", "&&"),
            format!("{} true", times(deeper, "if true then true else", " ")),
            format!("context{}", times(deeper, ".project", "")),
            format!("context has {}", times(deeper, "project", ".")),
            format!("{} > 1", times(deeper, "1", "*")),
            format!("{}true", times(deeper, "!", "")),
        ] {
            undecided(&on(LIST, &format!("when {{ {condition} }}")), "deeper");
        }
    }
    // Many short terms are not deep, and neither is what stands behind an escaped quote; what stands behind a slash is.
    let terms = times(100, "context.project.ipAccessList", ", ");
    let apart = standing(&on(LIST, &format!("when {{ [{terms}].isEmpty() }}")));
    assert!(!matches!(apart, Standing::Undecided { why, .. } if why.contains("deeper")));
    let escaped = standing(&on(LIST, &format!("when {{ \"a\\\"{}\" == \"b\" }}", times(100, "(", ""))));
    assert!(!matches!(escaped, Standing::Undecided { why, .. } if why.contains("deeper")));
    undecided(&on(LIST, &format!("when {{ 1 / {}1{} }}", times(100, "(", ""), times(100, ")", ""))), "deeper");
    // A long list is not deep, and neither is what stands in a text or a comment.
    let list = times(3_000, "ip(\"198.51.100.7/32\")", ", ");
    in_force(&on(LIST, &format!("when {{ context.project.ipAccessList.containsAny([{list}]) }}")));
    let text = times(2_000, "a.b||c((", "");
    in_force(&format!("@note(\"{text}\") // {text}\n{}", on(LIST, "when { context.project.ipAccessList.isEmpty() }")));
}

#[test]
fn a_body_is_looked_at_up_to_a_length_and_a_depth() {
    let body = |padding: usize| {
        format!("//{}\n{}", "x".repeat(padding), on(LIST, "when { context.project.ipAccessList.isEmpty() }"))
    };
    let rest = body(0).len();
    in_force(&body(128 * 1024 - rest));
    undecided(&body(128 * 1024 - rest + 1), "longer");
    let when = |condition: String| on(LIST, &format!("when {{ {condition} }}"));
    let nested = |depth: usize| when(format!("{}true{}", "(".repeat(depth), ")".repeat(depth)));
    let dotted = |dots: usize| when(format!("context{}", ".a".repeat(dots)));
    let chained =
        |operators: usize| when(format!("{}true{}", "!".repeat(operators % 2), "||true".repeat(operators / 2)));
    // A bracket is open already.
    for (allowed, beyond) in [(nested(63), nested(64)), (dotted(64), dotted(65)), (chained(600), chained(601))] {
        assert!(!matches!(standing(&allowed), Standing::Undecided { why, .. } if why.contains("deeper")), "{allowed}");
        undecided(&beyond, "deeper");
    }
}

#[test]
fn a_policy_beside_a_template_is_two() {
    defective(
        "forbid (principal, action, resource); forbid (principal, action, resource == ?resource);",
        &Defect::Several(2),
    );
}

#[test]
fn what_looks_like_an_attribute_is_named_and_what_does_not_is_not() {
    for attribute in ["search.indx", "search.indxe", "cluster.autoScalingMode", "project.tags"] {
        match standing(&on("cluster.modify", &format!("when {{ context.{attribute} }}"))) {
            Standing::Undecided { why, defect: None, .. } => assert!(why.contains(attribute), "{why}"),
            other => panic!("{attribute}: {other:?}"),
        }
    }
}

#[test]
fn an_action_within_a_condition_has_to_exist_too() {
    defective(
        &on("cluster.modify", r#"when { action == ResourcePolicy::Action::"cluster.delete" }"#),
        &Defect::UnknownAction("ResourcePolicy::Action::\"cluster.delete\"".to_owned()),
    );
}

#[test]
fn ids_of_projects_and_clusters_are_24_hexadecimal_digits() {
    for (id, exists) in [
        ("5f0000000000000000000001", true),
        ("5f000000000000000000000", false),
        ("5g0000000000000000000001", false),
        ("shop", false),
    ] {
        for kind in ["Project", "Cluster"] {
            let body = on("cluster.modify", &format!("when {{ resource in ResourcePolicy::{kind}::\"{id}\" }}"));
            if exists {
                in_force(&body);
            } else {
                defective(&body, &Defect::UnknownEntity(id.to_owned()));
            }
        }
    }
}

#[test]
fn what_the_parser_says_is_told_on_one_line() {
    let Standing::Undecided { why, .. } = standing("forbid (principal,\n action resource);") else {
        panic!("undecided")
    };
    assert!(why.starts_with("does not parse: ") && why.len() > 25 && !why.contains('\n'), "{why}");
}

#[test]
fn a_cluster_is_in_its_project_and_suites_and_geographies_are_known() {
    for (action, condition, expected) in [
        ("cluster.modify", r#"when { resource in ResourcePolicy::Project::"5f0000000000000000000002" }"#, "c.p2"),
        (
            "cluster.modify",
            r#"when { context.cluster.project == ResourcePolicy::Project::"5f0000000000000000000002" }"#,
            "c.p2",
        ),
        (
            "cluster.modify",
            r#"when { context.cluster.cipherSuites.contains(ResourcePolicy::CipherSuite::"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256") }"#,
            "c.cipher128",
        ),
        ("project.rerank.modify", "when { context.project.rerankEnabled }", "rerank.on"),
    ] {
        denies(&on(action, condition), [expected]);
        in_force(&on(action, condition));
    }
    let geography =
        on("project.aiModelAPI.modify", r#"when { context.aiModelApi.geography == ResourcePolicy::Geography::"us" }"#);
    denies(&geography, ["ai.us", "ai.p2.us"]);
    in_force(&geography);
}
