//! Certificates in PEM: whose they are, and how long they hold. Signatures and revocation are not looked at.

use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::DecodePem;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const LINE: usize = 64;

/// A certificate, as far as its life is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Distinguished name.
    pub subject: String,
    /// When it runs out.
    pub not_after: Timestamp,
}

/// Why a text is no chain of certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is none in it.
    #[error("it holds no certificate in PEM")]
    Empty,
    /// One cannot be parsed.
    #[error("certificate {0} of it cannot be parsed")]
    Malformed(usize),
}

/// The certificates of a chain, in its order. What stands between them is skipped, however lines are broken.
pub fn chain(pem: &str) -> Result<Vec<Held>, Unreadable> {
    let mut held = Vec::new();
    let mut rest = pem;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let malformed = Unreadable::Malformed(held.len() + 1);
        let (body, after) = after.split_once(END).ok_or_else(|| malformed.clone())?;
        held.push(one(body).ok_or(malformed)?);
        rest = after;
    }
    if held.is_empty() { Err(Unreadable::Empty) } else { Ok(held) }
}

fn one(body: &str) -> Option<Held> {
    // The parser insists on lines of one length; people paste what they like.
    let letters: Vec<char> = body.chars().filter(|c| !c.is_whitespace()).collect();
    let lines: Vec<String> = letters.chunks(LINE).map(|line| line.iter().collect()).collect();
    let certificate = Certificate::from_pem(format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))).ok()?;
    let certificate = certificate.tbs_certificate();
    let seconds = certificate.validity().not_after.to_unix_duration().as_secs();
    Some(Held {
        subject: certificate.subject().to_string(),
        not_after: Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBpzCCAU2gAwIBAgIUCWH26folXcPMr8KDIJCX7n7S9QUwCgYIKoZIzj0EAwIw
KTEQMA4GA1UECgwHRXhhbXBsZTEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTI2
MTEyMjA3NDMwM1oXDTM2MTExOTA3NDMwM1owKTEQMA4GA1UECgwHRXhhbXBsZTEV
MBMGA1UEAwwMRXhhbXBsZSBSb290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
nKXjC+wSrgv7hQxJJvwYNQNc11Cyy2gpeEszqITetRIyhIokaYVOFcqiBDDUlRmq
mY8LSpv44BL+1DOiUVVVhqNTMFEwHQYDVR0OBBYEFEpQSAkkVgV4jLrzRKiTUmPE
Nf4qMB8GA1UdIwQYMBaAFEpQSAkkVgV4jLrzRKiTUmPENf4qMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAPg2ATVwbRQkFtMLW6JT7h6B8+Zh1ou3
X8IOmBVyY0rQAiAWXNl3v2xEBYzBaOsF7ZI9Ga2J77V9vx6kUojPShV17Q==
-----END CERTIFICATE-----
";

    #[test]
    fn a_chain_is_read_whatever_stands_around_it() {
        let one_line = ROOT.replace("CERTIFICATE-----\n", "CERTIFICATE-----").replace('\n', "");
        let chain = chain(&format!("subject=root\n{ROOT}\n# and again\r\n{one_line}")).unwrap();
        assert_eq!(chain.len(), 2);
        assert_eq!(chain[0], chain[1]);
        assert_eq!(chain[0].subject, "CN=Example Root,O=Example");
        assert_eq!(chain[0].not_after.to_string(), "2036-11-19T07:43:03Z");
    }

    #[test]
    fn what_is_no_certificate_is_said_to_be_none() {
        assert_eq!(chain(""), Err(Unreadable::Empty));
        assert_eq!(chain("-----BEGIN PRIVATE KEY-----"), Err(Unreadable::Empty));
        assert_eq!(chain(&format!("{ROOT}{BEGIN}\nFAKE\n{END}")), Err(Unreadable::Malformed(2)));
        assert_eq!(chain(&ROOT[..200]), Err(Unreadable::Malformed(1)));
    }
}
