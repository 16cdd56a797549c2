//! `atlas-audit simulate`: serves a recording until it is interrupted.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::simulator::{
    Authentication, CLIENT_ID, CLIENT_SECRET, Error, Fault, Options, PRIVATE_API_KEY, PUBLIC_API_KEY, RateLimit,
    Recording, Simulator, embedded_demo,
};

/// Serve a recording as Atlas would
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Folder of the recording; without it, the built-in demo
    dir: Option<PathBuf>,

    /// Loopback address to listen on; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Milliseconds that every answer takes
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,

    /// Enforce rate limits: `off`, `published`, or so many tokens per bucket and minute
    #[arg(long, value_name = "LIMIT", default_value = "off")]
    rate_limit: RateLimit,

    /// Misbehave, such as `refuse@project.auditLog` or `throttle:3,1@/groups/*/clusters#first=3`
    #[arg(
        long = "fault",
        value_name = "FAULT",
        long_help = "Misbehave: <kind>[:<arguments>]@<where>[#first=<n>]; may be repeated.\n\
            Kinds: refuse, forbid[:code], missing[:code], error[:status], unavailable[:seconds], \
            throttle[:times,seconds], timeout[:seconds], slow:ms, cut, malformed, html, redirect[:url], huge[:MiB].\n\
            Where: a section (project.auditLog), a path template (/groups/{groupId}/auditLog) or a glob over the path \
            (/groups/*/clusters/**)."
    )]
    faults: Vec<Fault>,

    /// Serve so many projects, made after those of the recording
    #[arg(long, value_name = "N")]
    projects: Option<usize>,

    /// Whether credentials are checked
    #[arg(long, value_enum, default_value_t)]
    auth: Authentication,

    /// Seconds for which an access token is good
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    token_life: u64,

    /// Seconds for which a digest nonce is good
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    nonce_life: u64,

    /// Write one JSON line per request to this file
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

/// Serves until Ctrl-C, or until it is told to end.
pub fn run(args: &Args) -> Result<(), crate::Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| crate::Error::Runtime { source })?;
    Ok(runtime.block_on(serve(args.clone()))?)
}

async fn serve(args: Args) -> Result<(), Error> {
    let recording = match &args.dir {
        Some(dir) => Recording::load(dir)?,
        None => embedded_demo(),
    };
    let description = recording.description().map(str::to_owned);
    let options = Options {
        listen: args.listen,
        latency: Duration::from_millis(args.latency),
        rate_limit: args.rate_limit,
        faults: args.faults,
        projects: args.projects,
        authentication: args.auth,
        token_life: Duration::from_secs(args.token_life),
        nonce_life: Duration::from_secs(args.nonce_life),
        journal: args.journal,
        remember: false,
    };
    let simulator = Simulator::start(recording, options)?;
    announce(&simulator.base_url(), description.as_deref()).map_err(|source| Error::Run { source })?;
    super::signals::interrupted().await.map_err(|source| Error::Run { source })?;
    simulator.stop();
    Ok(())
}

/// The first line is for programs, the others for people.
fn announce(url: &str, description: Option<&str>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "atlas-audit simulate: {url}")?;
    if let Some(description) = description {
        writeln!(out, "# {description}")?;
    }
    writeln!(out, "# To point atlas-audit at it; the credentials are fake and work nowhere else:")?;
    writeln!(out, "export MONGODB_ATLAS_BASE_URL={url}")?;
    writeln!(out, "export MONGODB_ATLAS_CLIENT_ID={CLIENT_ID} MONGODB_ATLAS_CLIENT_SECRET={CLIENT_SECRET}")?;
    writeln!(out, "# or, with an API key:")?;
    writeln!(
        out,
        "export MONGODB_ATLAS_PUBLIC_API_KEY={PUBLIC_API_KEY} MONGODB_ATLAS_PRIVATE_API_KEY={PRIVATE_API_KEY}"
    )?;
    out.flush()
}
