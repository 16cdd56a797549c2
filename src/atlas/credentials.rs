//! Who asks: a service account or an API key, from the places that Atlas users already have.
//!
//! Never from an argument: those show in the process list and in the shell's history.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::profile::{self, Profile};
use crate::error::Error;

const CLIENT_ID: &str = "MONGODB_ATLAS_CLIENT_ID";
const CLIENT_SECRET: &str = "MONGODB_ATLAS_CLIENT_SECRET";
const PUBLIC_KEY: &str = "MONGODB_ATLAS_PUBLIC_API_KEY";
const PRIVATE_KEY: &str = "MONGODB_ATLAS_PRIVATE_API_KEY";
const PROFILE: &str = "MONGODB_ATLAS_PROFILE";

/// A credential of the Admin API. Its `Debug` and `Display` show the public half only.
#[derive(Debug, Clone)]
pub enum Credential {
    /// OAuth 2.0 client credentials.
    ServiceAccount {
        /// `mdb_sa_id_…`
        client_id: String,
        /// Shown once, when it was made.
        secret: SecretString,
    },
    /// HTTP Digest.
    ApiKey {
        /// Eight characters.
        public_key: String,
        /// Shown once, when it was made.
        private_key: SecretString,
    },
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount { client_id, .. } => write!(f, "the service account {client_id}"),
            Self::ApiKey { public_key, .. } => write!(f, "the API key {public_key}"),
        }
    }
}

/// A credential, and where it was.
#[derive(Debug)]
pub struct Found {
    /// The credential.
    pub credential: Credential,
    /// For people: `the environment (MONGODB_ATLAS_CLIENT_ID)`.
    pub place: String,
    /// The profile that it came from, with the base URL and the organization that belong to it.
    pub profile: Option<Profile>,
}

/// Finds the credential to use: the named profile, else the environment (service account, then API key), else the
/// default profile of the Atlas CLI.
pub fn find(name: Option<&str>, environment: &dyn Fn(&str) -> Option<String>) -> Result<Found, Error> {
    let file = profile::file(environment);
    if let Some(name) = name {
        let Some(path) = &file else {
            let place = "the Atlas CLI's configuration, whose folder is unknown".to_owned();
            return Err(Error::NoSuchProfile { asked: name.to_owned(), place, known: Vec::new() });
        };
        return match profile::read(path, Some(name))? {
            Some(profile) => from_profile(profile),
            None => Err(Error::NoCredentials { file }),
        };
    }
    let read = |name: &'static str| Half { name, value: environment(name).map(|value| value.trim().to_owned()) };
    let account = (read(CLIENT_ID), read(CLIENT_SECRET));
    let key = (read(PUBLIC_KEY), read(PRIVATE_KEY));
    if let Some((client_id, secret)) = pair(&account)? {
        let credential = Credential::ServiceAccount { client_id, secret };
        return Ok(Found { credential, place: format!("the environment ({CLIENT_ID})"), profile: None });
    }
    if let Some((public_key, private_key)) = pair(&key)? {
        let credential = Credential::ApiKey { public_key, private_key };
        return Ok(Found { credential, place: format!("the environment ({PUBLIC_KEY})"), profile: None });
    }
    let chosen = environment(PROFILE).filter(|name| !name.trim().is_empty());
    if let Some(path) = &file
        && let Some(profile) = profile::read(path, chosen.as_deref())?
    {
        return from_profile(profile);
    }
    let empty: Vec<_> =
        [account, key].into_iter().flat_map(|(one, other)| [one, other]).filter(Half::is_empty).collect();
    if empty.is_empty() {
        return Err(Error::NoCredentials { file });
    }
    Err(Error::EmptyCredentials { names: empty.iter().map(|half| half.name).collect::<Vec<_>>().join(" and ") })
}

/// One of two variables that belong together.
struct Half {
    name: &'static str,
    value: Option<String>,
}

impl Half {
    fn given(&self) -> Option<&str> {
        self.value.as_deref().filter(|value| !value.is_empty())
    }

    fn is_empty(&self) -> bool {
        self.value.as_deref() == Some("")
    }
}

fn pair((public, secret): &(Half, Half)) -> Result<Option<(String, SecretString)>, Error> {
    let half = |found: &Half, missing: &Half| {
        Err(Error::HalfCredentials {
            place: "the environment".to_owned(),
            found: found.name.to_owned(),
            missing: missing.name.to_owned(),
            state: if missing.is_empty() { "empty" } else { "not set" },
        })
    };
    match (public.given(), secret.given()) {
        (Some(public_value), Some(secret_value)) => {
            sendable(public.name, "the environment", public_value)?;
            sendable(secret.name, "the environment", secret_value)?;
            Ok(Some((public_value.to_owned(), SecretString::from(secret_value))))
        }
        (Some(_), None) => half(public, secret),
        (None, Some(_)) => half(secret, public),
        (None, None) => Ok(None),
    }
}

/// Both halves end up in a header or between the quotes of one.
fn sendable(name: &str, place: &str, value: &str) -> Result<(), Error> {
    let bad = |why| Err(Error::UnusableCredential { name: name.to_owned(), place: place.to_owned(), why });
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return bad("holds a blank, a line break or a character outside ASCII");
    }
    if value.contains(['"', '\'']) {
        return bad("holds a quotation mark");
    }
    Ok(())
}

fn from_profile(profile: Profile) -> Result<Found, Error> {
    let place = format!("the profile `{}` in {}", profile.name, profile.path.display());
    let half = |found: &str, missing: &str| Error::HalfCredentials {
        place: place.clone(),
        found: found.to_owned(),
        missing: missing.to_owned(),
        state: "not there",
    };
    let account = match (&profile.client_id, &profile.client_secret) {
        (Some(client_id), Some(secret)) => {
            sendable("client_id", &place, client_id)?;
            sendable("client_secret", &place, secret.expose_secret())?;
            Some(Credential::ServiceAccount { client_id: client_id.clone(), secret: secret.clone() })
        }
        _ => None,
    };
    let key = match (&profile.public_key, &profile.private_key) {
        (Some(public_key), Some(private_key)) => {
            sendable("public_api_key", &place, public_key)?;
            sendable("private_api_key", &place, private_key.expose_secret())?;
            Some(Credential::ApiKey { public_key: public_key.clone(), private_key: private_key.clone() })
        }
        _ => None,
    };
    // A profile that changed its way of signing in may still hold the keys of the old one.
    let chosen = match profile.auth_type.as_deref() {
        Some("api_keys") => key.or(account),
        _ => account.or(key),
    };
    if let Some(credential) = chosen {
        return Ok(Found { credential, place, profile: Some(profile) });
    }
    Err(match &profile {
        Profile { client_id: Some(_), .. } => half("client_id", "client_secret"),
        Profile { client_secret: Some(_), .. } => half("client_secret", "client_id"),
        Profile { public_key: Some(_), .. } => half("public_api_key", "private_api_key"),
        Profile { private_key: Some(_), .. } => half("private_api_key", "public_api_key"),
        _ => Error::ProfileWithoutKey {
            profile: profile.name.clone(),
            path: profile.path.clone(),
            auth_type: profile.auth_type.clone(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        move |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    fn said(error: &Error) -> String {
        format!("{error}\n  help: {}", error.help().unwrap())
    }

    /// A home with that configuration, on any system.
    fn home(toml: &str) -> (tempfile::TempDir, Vec<(&'static str, String)>) {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_str().unwrap().to_owned();
        let variables = vec![("HOME", at.clone()), ("XDG_CONFIG_HOME", at.clone()), ("AppData", at)];
        let path = profile::file(&|name| variables.iter().find(|(key, _)| *key == name).map(|(_, v)| v.clone()));
        let path = path.unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, toml).unwrap();
        (folder, variables)
    }

    fn in_home(toml: &str, name: Option<&str>, more: &[(&str, &str)]) -> Result<Found, Error> {
        let (folder, variables) = home(toml);
        let mut all: Vec<(&str, &str)> = variables.iter().map(|(key, value)| (*key, value.as_str())).collect();
        all.extend(more);
        let found = find(name, &with(&all));
        drop(folder);
        found
    }

    const TWO_PROFILES: &str = r#"
version = 2
[default]
public_api_key = "abcdefgh"
private_api_key = "11111111-2222-3333-4444-555555555555"
org_id = "5f1f00000000000000000001"
[gov]
service = "cloudgov"
client_id = "mdb_sa_id_5f1f00000000000000000002"
client_secret = "mdb_sa_sk_verysecret"
"#;

    #[test]
    fn a_service_account_of_the_environment_comes_before_its_api_key_and_before_profiles() {
        let all = [
            (CLIENT_ID, "mdb_sa_id_1"),
            (CLIENT_SECRET, "mdb_sa_sk_1\n"),
            (PUBLIC_KEY, "abcdefgh"),
            (PRIVATE_KEY, "key"),
        ];
        let found = in_home(TWO_PROFILES, None, &all).unwrap();
        assert!(matches!(&found.credential, Credential::ServiceAccount { secret, .. }
            if secret.expose_secret() == "mdb_sa_sk_1"));
        let found = in_home(TWO_PROFILES, None, &all[2..]).unwrap();
        assert_eq!(found.credential.to_string(), "the API key abcdefgh");
        assert!(found.profile.is_none());
    }

    #[test]
    fn a_named_profile_comes_before_the_environment() {
        let all = [(CLIENT_ID, "mdb_sa_id_1"), (CLIENT_SECRET, "mdb_sa_sk_1")];
        let found = in_home(TWO_PROFILES, Some("Gov"), &all).unwrap();
        assert_eq!(found.credential.to_string(), "the service account mdb_sa_id_5f1f00000000000000000002");
        assert!(found.profile.unwrap().government);
    }

    #[test]
    fn without_anything_else_the_default_profile_is_used() {
        let profile = in_home(TWO_PROFILES, None, &[]).unwrap().profile.unwrap();
        assert_eq!(profile.name, "default");
        assert_eq!(profile.organization.as_deref(), Some("5f1f00000000000000000001"));
        let chosen = in_home(TWO_PROFILES, None, &[(PROFILE, "gov")]).unwrap();
        assert_eq!(chosen.profile.unwrap().name, "gov");
    }

    #[test]
    fn no_credentials_names_the_variables() {
        insta::assert_snapshot!(said(&find(None, &with(&[])).unwrap_err()), @r"
        no Atlas credentials were found
          help: set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET (a service account), or MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY (an API key)
        ");
    }

    #[test]
    fn half_a_credential_names_both_halves() {
        let error = find(None, &with(&[(CLIENT_ID, "mdb_sa_id_1"), (CLIENT_SECRET, " ")])).unwrap_err();
        insta::assert_snapshot!(said(&error), @r"
        the environment gives MONGODB_ATLAS_CLIENT_ID, but MONGODB_ATLAS_CLIENT_SECRET is empty
          help: set MONGODB_ATLAS_CLIENT_SECRET too, or unset the other half to use another credential
        ");
        let error = find(None, &with(&[(PRIVATE_KEY, "key")])).unwrap_err();
        assert!(error.to_string().contains("MONGODB_ATLAS_PUBLIC_API_KEY is not set"), "{error}");
    }

    #[test]
    fn empty_variables_stand_aside_but_are_named_when_nothing_else_is_there() {
        let empty = [(CLIENT_ID, ""), (CLIENT_SECRET, "")];
        let all: Vec<_> = empty.into_iter().chain([(PUBLIC_KEY, "abcdefgh"), (PRIVATE_KEY, "key")]).collect();
        assert!(matches!(find(None, &with(&all)).unwrap().credential, Credential::ApiKey { .. }));
        let error = find(None, &with(&empty)).unwrap_err();
        assert!(error.to_string().contains(CLIENT_SECRET), "{error}");
    }

    #[test]
    fn keys_in_the_keyring_and_people_are_told_apart() {
        let keyring = in_home("[default]\nauth_type = 'service_account'\n", None, &[]).unwrap_err();
        assert!(keyring.help().unwrap().contains("keyring"), "{keyring}");
        let person = in_home("[default]\nauth_type = 'user_account'\n", None, &[]).unwrap_err();
        assert!(person.help().unwrap().contains("as a person"), "{person}");
        let half = in_home("[default]\nclient_id = 'mdb_sa_id_1'\n", None, &[]).unwrap_err();
        assert!(half.help().unwrap().contains("keyring"), "{half}");
    }

    #[test]
    fn an_unknown_profile_lists_the_known_ones() {
        let error = in_home(TWO_PROFILES, Some("prod"), &[]).unwrap_err();
        assert_eq!(error.help().unwrap(), "there is default, gov");
    }

    #[test]
    fn no_error_and_no_debug_shows_a_secret() {
        let broken = in_home("[default]\nprivate_api_key = 'hunter2\n", None, &[]).unwrap_err();
        assert!(broken.to_string().contains("line 2"), "{broken}");
        let blank = find(None, &with(&[(PUBLIC_KEY, "abcdefgh"), (PRIVATE_KEY, "hunter2 hunter2")])).unwrap_err();
        let found = in_home("[default]\npublic_api_key='abcdefgh'\nprivate_api_key='hunter2'", None, &[]).unwrap();
        for shown in [format!("{broken} {broken:?}"), format!("{blank} {blank:?}"), format!("{found:?}")] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
