//! How near fetching comes to what latency and concurrency allow.

use std::time::{Duration, Instant};

use atlas_audit::simulator::{Options, Simulator, embedded_demo};

use super::{Promise, client_of, scratch, seconds};

const PROJECTS: usize = 500;
const LATENCY: Duration = Duration::from_millis(20);
const CONCURRENCY: u32 = 64;

pub(super) fn measure() -> Vec<Promise> {
    let options = Options { projects: Some(PROJECTS), latency: LATENCY, ..Options::default() };
    let simulator = Simulator::start(embedded_demo(), options).unwrap();
    let started = Instant::now();
    let mut fetch = client_of(&simulator);
    fetch.args(["fetch", "--concurrency", &CONCURRENCY.to_string(), "--output"]).arg(scratch("fetched.jsonl"));
    assert!(fetch.status().unwrap().success());
    let took = started.elapsed();
    let calls = u32::try_from(simulator.requests().len()).unwrap();
    simulator.stop();
    let least = LATENCY * calls / CONCURRENCY;
    println!("  {PROJECTS} projects: {calls} calls in {}; latency alone takes {}", seconds(took), seconds(least));
    let measured = took.as_secs_f64() / least.as_secs_f64();
    let what = "fetching, to calls / concurrency x latency";
    vec![Promise { what, measured, at_most: 1.3, unit: " x" }]
}
