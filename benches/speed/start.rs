//! How long it takes to be told what the rules are.

use std::process::Stdio;
use std::time::Instant;

use super::{Promise, program};

const RUNS: usize = 20;

pub(super) fn measure() -> Vec<Promise> {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            let status = program().args(["rules", "list"]).stdout(Stdio::null()).status().unwrap();
            assert!(status.success());
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("  `rules list`, {RUNS} times: {:.1} to {:.1} ms", times[0], times[RUNS - 1]);
    vec![Promise { what: "median of `rules list`", measured: times[RUNS / 2], at_most: 20.0, unit: " ms" }]
}
