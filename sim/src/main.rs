//! Runs seeds and reports: `sim [--seeds N] [--start S|random] [--json] [--trace]`.

use sim::{
    marks::{Mark, Tally},
    planted::Defect,
    run::{Outcome, Settings, run},
};
use std::{
    hash::{BuildHasher, RandomState},
    num::NonZero,
    panic::resume_unwind,
    process::{Command, ExitCode},
};

/// From so many seeds on, what never happened is a fault of the run.
const VACUOUS_FROM: u64 = 2_000;

/// Every so many seeds, one runs on `SQLite`, too, and one runs twice.
const TWIN_EVERY: u64 = 200;
const AGAIN_EVERY: u64 = 100;

/// Seeds that are run before what came of them is looked at.
const CHUNK: usize = 200;

struct Options {
    seeds: u64,
    start: u64,
    json: bool,
    trace: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        seeds: 20_000,
        start: 0,
        json: false,
        trace: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_default();
        let number = |value: String| {
            value
                .parse()
                .map_err(|_| format!("{word} needs a number, not {value:?}"))
        };
        match word.as_str() {
            "--seeds" => options.seeds = number(value())?,
            "--start" => {
                options.start = match value() {
                    random if random == "random" => fresh(),
                    start => number(start)?,
                }
            }
            "--json" => options.json = true,
            "--trace" => options.trace = true,
            _ => {
                return Err(format!(
                    "usage: sim [--seeds N] [--start S|random] [--json] [--trace]; not {word:?}"
                ));
            }
        }
    }
    Ok(options)
}

/// A start that no other run had, short enough to be typed again.
fn fresh() -> u64 {
    RandomState::new().hash_one(()) % 1_000_000_000_000
}

#[derive(Default)]
struct Total {
    seeds: u64,
    jobs: u64,
    events: u64,
    elapsed: i64,
    violations: u64,
    lost: u64,
    drained: i64,
    tally: Tally,
}

impl Total {
    fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.jobs += outcome.jobs;
        self.events += outcome.events;
        self.elapsed += outcome.elapsed;
        self.violations += u64::from(outcome.violation.is_some());
        self.lost += outcome.lost;
        self.drained = self.drained.max(outcome.drained);
        self.tally.add(&outcome.tally);
    }

    fn hours(&self) -> i64 {
        self.elapsed / 3_600_000
    }

    fn print(&self) {
        println!(
            "{} seeds, {} jobs, {} events, {} simulated hours, {} violations, {} jobs lost",
            self.seeds,
            self.jobs,
            self.events,
            self.hours(),
            self.violations,
            self.lost
        );
        println!(
            "all ended at most {} simulated minutes after the faults",
            self.drained / 60_000
        );
        for (title, faults) in [("faults", true), ("branches", false)] {
            println!("{title}:");
            for mark in Mark::ALL
                .into_iter()
                .filter(|mark| mark.is_fault() == faults)
            {
                println!("  {:<24} {:>12}", mark.name(), self.tally.of(mark));
            }
        }
    }

    fn print_json(&self) {
        let counts = Mark::ALL.map(|mark| (mark.name(), self.tally.of(mark).into()));
        let faults: serde_json::Map<String, serde_json::Value> = counts.into_iter().collect();
        println!(
            "{}",
            serde_json::json!({
                "seeds": self.seeds,
                "jobs": self.jobs,
                "events": self.events,
                "simulatedHours": self.hours(),
                "violations": self.violations,
                "lost": self.lost,
                "faults": faults,
            })
        );
    }
}

fn commit() -> String {
    let output = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output();
    let text = output
        .ok()
        .filter(|output| output.status.success())
        .map(|output| output.stdout);
    text.map_or("unknown".to_owned(), |text| {
        String::from_utf8_lossy(&text).trim().to_owned()
    })
}

fn settings(seed: u64, trace: bool) -> Settings {
    Settings {
        defect: Defect::None,
        twins: seed.is_multiple_of(TWIN_EVERY),
        trace,
    }
}

fn explain(seed: u64, outcome: &Outcome) {
    let Some(violation) = &outcome.violation else {
        return;
    };
    for line in run(seed, settings(seed, true)).trace {
        println!("{line}");
    }
    println!("VIOLATION of {}: {}", violation.invariant, violation.detail);
    println!(
        "seed {seed}, commit {}; again: sim --start {seed} --seeds 1 --trace",
        commit()
    );
}

/// Runs the seeds on all processors: what came of each, in their order, and whether it came of it twice.
fn side_by_side(seeds: &[u64], trace: bool) -> Vec<(u64, Outcome, bool)> {
    let one = |seed: &u64| {
        let outcome = run(*seed, settings(*seed, trace));
        let is_same = !seed.is_multiple_of(AGAIN_EVERY)
            || run(*seed, settings(*seed, false)).hash == outcome.hash;
        (*seed, outcome, is_same)
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let parts = seeds.chunks(seeds.len().div_ceil(threads).max(1));
        let running: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<_>>()))
            .collect();
        let ended = running
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|fault| resume_unwind(fault)));
        ended.flatten().collect()
    })
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    println!("from seed {}, commit {}", options.start, commit());
    let mut total = Total::default();
    let mut good = true;
    let end = options.start.saturating_add(options.seeds);
    'seeds: for start in (options.start..end).step_by(CHUNK) {
        let seeds: Vec<u64> = (start..end).take(CHUNK).collect();
        for (seed, outcome, is_same) in side_by_side(&seeds, options.trace) {
            total.add(&outcome);
            if outcome.violation.is_some() {
                explain(seed, &outcome);
                good = false;
                break 'seeds;
            }
            for line in &outcome.trace {
                println!("{line}");
            }
            if !is_same {
                println!("seed {seed} did not do the same twice (I17)");
                total.violations += 1;
                good = false;
                break 'seeds;
            }
        }
    }
    total.print();
    let missing = total.tally.missing();
    if good && options.seeds >= VACUOUS_FROM && !missing.is_empty() {
        println!("VACUOUS: never happened: {missing:?}");
        good = false;
    }
    if options.json {
        total.print_json();
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
