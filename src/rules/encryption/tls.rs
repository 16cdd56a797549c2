//! TLS as clusters speak it.

use serde::Deserialize;

use super::open_alerts;
use crate::engine::severity::Severity;
use crate::engine::verdict::{Evidence, Gathered, Judgement, Required, Unknown, Verdict};
use crate::engine::view::{ClusterView, ProjectView};
use crate::snapshot::Section;
use crate::snapshot::cluster::{CipherMode, TlsProtocol};
use crate::snapshot::tree::Node;
use crate::snapshot::values::Moment;

/// Versions of TLS, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Version {
    #[serde(rename = "TLS1_0")]
    V1_0,
    #[serde(rename = "TLS1_1")]
    V1_1,
    #[serde(rename = "TLS1_2")]
    V1_2,
    #[serde(rename = "TLS1_3")]
    V1_3,
}

impl Version {
    fn of(protocol: &TlsProtocol) -> Option<Self> {
        Some(match protocol {
            TlsProtocol::Tls1_0 => Self::V1_0,
            TlsProtocol::Tls1_1 => Self::V1_1,
            TlsProtocol::Tls1_2 => Self::V1_2,
            TlsProtocol::Tls1_3 => Self::V1_3,
            TlsProtocol::Other(_) => return None,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsFloor {
    minimum: Version,
    approved_ciphers: Vec<String>,
}

/// ATL-ENC-001, each cluster
pub(crate) fn tls_floor_too_low(cluster: &ClusterView<'_>, limits: &TlsFloor) -> Judgement {
    if cluster.is_dedicated() == Some(false) {
        return Ok(Verdict::not_applicable("Atlas sets the floor of shared clusters"));
    }
    let settings = cluster.advanced_configuration.required("advancedConfiguration")?;
    let name = cluster.name.clone().unwrap_or_default();
    let offence = |message: String, field: &str| {
        Evidence::at(cluster.at, message).field(format!("/advancedConfiguration/{field}")).fact("cluster", name.clone())
    };
    let mut seen = Gathered::new();
    seen.fine();

    let field = "minimumEnabledTlsProtocol";
    let tls13_only = settings.minimum_enabled_tls_protocol == Some(TlsProtocol::Tls1_3);
    if let Some(protocol) = seen.see(settings.minimum_enabled_tls_protocol.required(field)) {
        match Version::of(protocol) {
            None => seen.unseen(Unknown::not_understood(field, protocol.as_str())),
            Some(floor) if floor >= limits.minimum => {}
            Some(floor) => {
                let evidence = offence(format!("{name} accepts {protocol}"), field);
                // Not broken: who asks for 1.3 asks for more than everybody has.
                seen.offence(if floor == Version::V1_2 { evidence.severity(Severity::Info) } else { evidence });
            }
        }
    }

    match seen.see(settings.tls_cipher_config_mode.required("tlsCipherConfigMode")) {
        None | Some(CipherMode::Default) => {}
        Some(CipherMode::Other(text)) => seen.unseen(Unknown::not_understood("tlsCipherConfigMode", text)),
        Some(CipherMode::Custom) => {
            let lists = [
                ("customOpensslCipherConfigTls12", &settings.custom_openssl_cipher_config_tls12),
                ("customOpensslCipherConfigTls13", &settings.custom_openssl_cipher_config_tls13),
            ];
            // Older answers lack the list of TLS 1.3, and always have that of TLS 1.2.
            if settings.custom_openssl_cipher_config_tls12.is_none()
                && !(tls13_only && settings.custom_openssl_cipher_config_tls13.is_some())
            {
                seen.unseen(Unknown::absent("customOpensslCipherConfigTls12"));
            }
            for (field, list) in lists {
                let unapproved =
                    |cipher: &&String| !limits.approved_ciphers.iter().any(|one| one.eq_ignore_ascii_case(cipher));
                let others: Vec<_> = list.iter().flatten().filter(unapproved).cloned().collect();
                if !others.is_empty() {
                    seen.offence(offence(format!("{name} accepts {}", others.join(", ")), field));
                }
            }
        }
    }
    seen.verdict("")
}

/// ATL-ENC-001, clients that Atlas saw with an old version
pub(crate) fn legacy_tls_connections(project: &ProjectView<'_>, _: &TlsFloor) -> Judgement {
    if let Ok(clusters) = project.clusters.known()
        && clusters.iter().all(|cluster| cluster.is_dedicated() == Some(false))
    {
        return Ok(Verdict::not_applicable("the project has no dedicated cluster"));
    }
    let mut seen = Gathered::new();
    seen.fine();
    for (alert, kind) in open_alerts(project.open_alerts.known()?, &mut seen) {
        if kind != "ACTIVE_LEGACY_TLS_CONNECTIONS" {
            continue;
        }
        let cluster = alert.cluster_name.as_deref();
        let place = cluster.map(|name| format!(" to {name}")).unwrap_or_default();
        let since = alert.created.as_ref().and_then(Moment::timestamp);
        let since = since.map(|time| format!(" since {}", time.strftime("%Y-%m-%d"))).unwrap_or_default();
        let message = format!("Atlas reports connections{place} with TLS below 1.2{since}");
        let evidence = Evidence::at(&project.item(Section::OpenAlerts, &alert.key()), message)
            .field("/eventTypeName")
            .severity(Severity::Medium)
            .fact("name", kind);
        seen.offence(match cluster {
            Some(name) => evidence.fact("cluster", name),
            None => evidence,
        });
    }
    seen.verdict("")
}
