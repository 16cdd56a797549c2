//! What judging a large organization costs, next to parsing what it is judged by.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use atlas_audit::engine::catalogue::{Catalogue, Selection};
use atlas_audit::engine::declared::Declared;
use atlas_audit::engine::judge::Judge;
use atlas_audit::simulator::{Options, Simulator, embedded_demo};
use atlas_audit::snapshot::store::{SnapshotError, SnapshotFile};
use serde_json::Value;

use super::{Promise, client_of, program, scratch, seconds};

const PROJECTS: usize = 10_000;

pub(super) fn measure() -> Vec<Promise> {
    let path = scratch("large.jsonl");
    write_large(&path);
    println!("  {PROJECTS} projects: {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);

    let parsing = parse_into_values(&path);
    println!("  serde_json parses every line into a Value in {}", seconds(parsing));
    let reading = read(&path);
    println!("  reading it typed takes {}", seconds(reading));
    let (judging, verdicts) = judge(&path, &Selection::default());
    println!("  judging takes one thread {} for {verdicts} verdicts", seconds(judging));
    let (one_rule, _) = scan(&path, &["--rule", "ATL-NET-001"]);
    println!("  `scan --snapshot` by one rule takes {}", seconds(one_rule));
    let (scanning, peak) = scan(&path, &[]);
    println!("  by all of them {}", seconds(scanning));

    // What a user waits for: projects are judged beside the reading, on all processors.
    let judged = scanning.saturating_sub(one_rule);
    let ratio = judged.as_secs_f64() / parsing.as_secs_f64();
    let what = "what judging by all rules adds to a scan, to parsing into Values";
    let mut promises = vec![Promise { what, measured: ratio, at_most: 1.0, unit: " x" }];
    match peak {
        Some(measured) => {
            promises.push(Promise { what: "peak memory of a scan", measured, at_most: 256.0, unit: " MiB" });
        }
        None => println!("  this system does not tell how much memory a process took at most"),
    }
    promises
}

/// What each rule costs, for whoever looks for the slow one. Promises nothing.
pub(super) fn each_rule() -> Vec<Promise> {
    let path = scratch("large.jsonl");
    write_large(&path);
    let rules = Catalogue::built_in().select(&Selection::default()).unwrap();
    let mut costs: Vec<_> = rules
        .iter()
        .map(|selected| {
            let rules = vec![selected.rule.id.clone()];
            (judge(&path, &Selection { rules, ..Selection::default() }), &selected.rule.id)
        })
        .collect();
    costs.sort();
    for ((time, verdicts), id) in costs {
        println!("  {} for {verdicts} verdicts of {id}", seconds(time));
    }
    Vec::new()
}

/// The demo's projects, over and over, under ids and names of their own.
fn write_large(path: &Path) {
    let simulator = Simulator::start(embedded_demo(), Options::default()).unwrap();
    let demo = scratch("demo.jsonl");
    assert!(client_of(&simulator).args(["fetch", "--output"]).arg(&demo).status().unwrap().success());
    simulator.stop();

    let text = std::fs::read_to_string(demo).unwrap();
    let (before, rest) = text.split_once("/project\",\"count\":").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    let mut projects: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut after = Vec::new();
    for line in rest.lines() {
        let at = line.split('"').nth(3).unwrap();
        match at.split('/').collect::<Vec<_>>().as_slice() {
            ["org", _, "project", id] => projects.push((id, vec![line])),
            ["org", _, "project", ..] => projects.last_mut().unwrap().1.push(line),
            ["~"] => {}
            _ => after.push(line),
        }
    }
    let mut out = Counted { out: BufWriter::new(File::create(path).unwrap()), lines: 0 };
    out.write(&format!("{before}/project\",\"count\":{PROJECTS}}}\n"));
    for number in 0..PROJECTS {
        let (id, lines) = &projects[number % projects.len()];
        let mut text = lines.join("\n");
        text.push('\n');
        let (project, sections) = text.split_once('\n').unwrap();
        let project = project.replacen("\"name\":\"", &format!("\"name\":\"{number:05}-"), 1);
        out.write(&format!("{project}\n{sections}").replace(id, &format!("7{number:023x}")));
    }
    let mut end = after.join("\n");
    end.push('\n');
    out.write(end.trim_start_matches('\n'));
    let mut trailer = String::new();
    writeln!(trailer, "{{\"ref\":\"~\",\"lines\":{},\"complete\":true}}", out.lines).unwrap();
    out.write(&trailer);
    out.out.flush().unwrap();
}

struct Counted {
    out: BufWriter<File>,
    lines: usize,
}

impl Counted {
    fn write(&mut self, text: &str) {
        self.lines += text.lines().count();
        self.out.write_all(text.as_bytes()).unwrap();
    }
}

fn parse_into_values(path: &Path) -> Duration {
    let started = Instant::now();
    let mut input = BufReader::with_capacity(1 << 16, File::open(path).unwrap());
    let mut line = String::new();
    while input.read_line(&mut line).unwrap() > 0 {
        let value: Value = serde_json::from_str(&line).unwrap();
        assert!(std::hint::black_box(value).is_object());
        line.clear();
    }
    started.elapsed()
}

fn read(path: &Path) -> Duration {
    let started = Instant::now();
    let file = SnapshotFile::open(path).unwrap();
    let mut count = 0;
    file.each_project(|project| {
        std::hint::black_box(project);
        count += 1;
        Ok::<_, SnapshotError>(())
    })
    .unwrap();
    assert_eq!(count, PROJECTS);
    started.elapsed()
}

/// Judging alone, without reading.
fn judge(path: &Path, selection: &Selection) -> (Duration, usize) {
    let rules = Catalogue::built_in().select(selection).unwrap();
    let file = SnapshotFile::open(path).unwrap();
    let declared = Declared::default();
    let mut time = Duration::ZERO;
    let mut timed = |judge: &mut dyn FnMut()| {
        let started = Instant::now();
        judge();
        time += started.elapsed();
    };
    let mut judge = Judge::new(&rules, &declared, file.header.taken);
    timed(&mut || judge.organization(&file.organization, file.listing()));
    file.each_project(|project| {
        timed(&mut || judge.project(&file.organization, &project));
        Ok::<_, SnapshotError>(())
    })
    .unwrap();
    let started = Instant::now();
    let outcomes = judge.finish(&file.organization, true);
    time += started.elapsed();
    (time, outcomes.len())
}

/// The program itself: how long it takes, and how much memory it held at most, in MiB.
fn scan(path: &Path, more: &[&str]) -> (Duration, Option<f64>) {
    let started = Instant::now();
    let mut scan = program();
    scan.args(["scan", "--exit-zero", "--snapshot"]).arg(path).args(more).stdout(Stdio::null());
    let mut child = scan.spawn().unwrap();
    let mut peak = None;
    while child.try_wait().unwrap().is_none() {
        peak = high_water(&child).or(peak);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    (started.elapsed(), peak)
}

/// The kernel keeps the mark; the last look before the end is short of it by what a few milliseconds can add.
fn high_water(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib / 1024.0)
}
