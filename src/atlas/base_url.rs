//! Whom to ask: Atlas, Atlas for Government, or a stand-in on this machine.
//!
//! Credentials travel to whatever this names, so that it is the place to be strict.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::profile::Profile;
use crate::error::Error;

/// Atlas.
pub const CLOUD: &str = "https://cloud.mongodb.com";
/// Atlas for Government.
pub const GOVERNMENT: &str = "https://cloud.mongodbgov.com";

const API: &str = "/api/atlas/v2";
const TOKEN: &str = "/api/oauth/token";

/// Where the API is, without a slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
    loopback: bool,
}

impl BaseUrl {
    /// The first of: `--base-url`, `--gov`, the environment, the profile that the credential came from, Atlas itself.
    pub fn choose(
        given: Option<&str>,
        government: bool,
        environment: &dyn Fn(&str) -> Option<String>,
        profile: Option<&Profile>,
    ) -> Result<Self, Error> {
        let variable = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        if let Some(given) = given {
            return Self::parse(given);
        }
        if government {
            return Self::parse(GOVERNMENT);
        }
        if let Some(given) = variable("MONGODB_ATLAS_BASE_URL").or_else(|| variable("MONGODB_ATLAS_OPS_MANAGER_URL")) {
            return Self::parse(&given);
        }
        match profile {
            Some(Profile { base_url: Some(given), .. }) => Self::parse(given),
            Some(Profile { government: true, .. }) => Self::parse(GOVERNMENT),
            _ => Self::parse(CLOUD),
        }
    }

    /// Checks and keeps an address: HTTPS, or plain HTTP to this very machine.
    pub fn parse(given: &str) -> Result<Self, Error> {
        let given = given.trim();
        // What is not understood may hold a password: it is not repeated.
        let url = Url::parse(given).map_err(|error| Error::BaseUrl { at: None, why: error.to_string() })?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let refuse =
            |why: &str| Err(Error::BaseUrl { at: Some(format!("{}://{host}", url.scheme())), why: why.to_owned() });
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it holds a query or a fragment");
        }
        let loopback = is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return refuse("plain HTTP would send the credential in the open"),
            _ => return refuse("only HTTPS is spoken"),
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { text, host, loopback })
    }

    /// As it is written, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host, for people.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is this very machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.text.starts_with("http:")
    }

    /// A resource of the API. Path and query are encoded already.
    pub(crate) fn api(&self, path: &str, query: &str) -> Result<Url, String> {
        let mark = if query.is_empty() { "" } else { "?" };
        let text = format!("{}{API}{path}{mark}{query}", self.text);
        Url::parse(&text).map_err(|error| error.to_string())
    }

    /// Where a service account gets its token.
    pub(crate) fn token(&self) -> Result<Url, String> {
        Url::parse(&format!("{}{TOKEN}", self.text)).map_err(|error| error.to_string())
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in ["http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:1", "http://localhost:3/", CLOUD] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://cloud.mongodb.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "http://[::ffff:10.0.0.1]",
            "ftp://127.0.0.1",
            "cloud.mongodb.com",
            "https://cloud.mongodb.com?x=1",
            "https://cloud.mongodb.com#x",
            "",
        ] {
            assert!(matches!(BaseUrl::parse(bad), Err(Error::BaseUrl { .. })), "{bad}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        for given in ["https://who:hunter2@cloud.mongodb.com", "https://who:hunter2@ /"] {
            let error = BaseUrl::parse(given).unwrap_err();
            assert!(!format!("{error} {error:?} {:?}", error.help()).contains("hunter2"));
        }
    }

    #[test]
    fn flags_come_before_the_environment_and_that_before_the_profile() {
        let set = |name: &str| (name == "MONGODB_ATLAS_BASE_URL").then(|| "https://from.environment".to_owned());
        let unset = |_: &str| None;
        let profile = Profile { base_url: Some("https://from.profile/".to_owned()), ..Profile::default() };
        let government = Profile { government: true, ..Profile::default() };
        let choose = |given, gov, environment: &dyn Fn(&str) -> Option<String>, profile| {
            BaseUrl::choose(given, gov, environment, profile).unwrap().as_str().to_owned()
        };
        assert_eq!(choose(Some("https://from.flag"), false, &set, Some(&profile)), "https://from.flag");
        assert_eq!(choose(None, true, &set, Some(&profile)), GOVERNMENT);
        assert_eq!(choose(None, false, &set, Some(&profile)), "https://from.environment");
        assert_eq!(choose(None, false, &unset, Some(&profile)), "https://from.profile");
        assert_eq!(choose(None, false, &unset, Some(&government)), GOVERNMENT);
        assert_eq!(choose(None, false, &unset, None), CLOUD);
    }
}
