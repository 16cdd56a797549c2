//! `atlas-audit demo`: the bundled organization, over real HTTP, through the real client.

use std::process::ExitCode;

use secrecy::SecretString;

use crate::atlas::base_url::BaseUrl;
use crate::atlas::credentials::Credential;
use crate::atlas::options::Options;
use crate::cli::{DemoArgs, ScopeArgs};
use crate::engine::catalogue::{self, Catalogue, Selection};
use crate::error::Error;
use crate::report::{self, About, Report, Style};
use crate::simulator::{self, CLIENT_ID, CLIENT_SECRET, Simulator, embedded_demo};

use super::judging::Judging;
use super::live;
use super::output::to_stdout;

/// Serves the demo on a loopback port, scans it, reports. Always 0: nothing real was found.
pub fn run(args: &DemoArgs, quiet: bool) -> Result<ExitCode, Error> {
    let rules = Catalogue::built_in().select(&Selection::from(&args.selection))?;
    let sections = catalogue::needs(&rules);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Error::Runtime { source })?;
    let (about, outcomes) = runtime.block_on(async {
        let simulator = Simulator::start(embedded_demo(), simulator::Options::default())?;
        if !quiet {
            anstream::eprintln!(
                "The bundled demo organization, served on {} and read through the real client. Nothing here is real.\n",
                simulator.base_url()
            );
        }
        let credential =
            Credential::ServiceAccount { client_id: CLIENT_ID.to_owned(), secret: SecretString::from(CLIENT_SECRET) };
        let mut judging = Judging::by(&rules);
        let read = live::read_from(
            credential,
            BaseUrl::parse(&simulator.base_url())?,
            Options::default(),
            None,
            &ScopeArgs::default(),
            &sections,
            None,
            &mut |event| judging.on(event),
        )
        .await?;
        simulator.stop();
        let outcomes = judging.outcomes(&read);
        let about = About {
            organization: read.organization.id.clone(),
            organization_name: read.organization.name.clone(),
            taken: read.header.taken,
            source: "the bundled demo".to_owned(),
            credential: read.header.credential,
            projects: read.projects,
            snapshot: None,
            complete: read.complete,
        };
        Ok::<_, Error>((about, outcomes))
    })?;
    let report = Report::new(about, &rules, outcomes);
    let options = report::Options { style: Style::of_stdout(), locations: report::Locations::Resource };
    to_stdout(|out| report::render(&report, args.format.into(), &options, out))?;
    Ok(ExitCode::SUCCESS)
}
