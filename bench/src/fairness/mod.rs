//! The part **fairness**: what a heavy user costs the others of the same tier.
//!
//! The same scenes with a job's age counted from three moments ([`ranks`]), and with the product.

pub mod ranks;
pub mod scenes;

use crate::{
    ledger::Outcome,
    policies::{line, ours},
    report::{Table, seconds},
    stats::{jain, quantile, unfairness, wrongorderness},
    trace::{Plan, Trace},
};
use queue_core::{config::Config, domain::Tier};
use ranks::Age;
use scenes::{FLOOD, HEAVY, HEAVY_JOBS, LIGHT, MEAN};
use serde_json::{Value, json};

/// How long after the flood shares are compared, in milliseconds.
const WINDOW: i64 = 7_200_000;

/// Serves a trace in one way.
type Serve<'a> = Box<dyn Fn(&Trace) -> Outcome + 'a>;

/// The ways that are compared.
fn ways(config: &Config) -> Vec<(&'static str, Serve<'_>)> {
    let mut ways: Vec<(_, Serve<'_>)> = Vec::new();
    for age in Age::ALL {
        ways.push((
            age.name(),
            Box::new(move |trace| {
                line::serve(
                    trace,
                    &config.gate,
                    &age.discipline(trace, &config.gate, MEAN),
                )
            }),
        ));
    }
    let product = |trace: &Trace| ours::serve(trace, config, ours::Transport::QUEUE);
    ways.push(("product", Box::new(product)));
    ways
}

/// What the light users saw of a flood.
pub struct Light {
    /// Their waits, of jobs that started after the flood began, in milliseconds.
    pub waits: Vec<i64>,
    /// Jain's index over all users, of each one's share of its max-min fair share.
    pub jain: f64,
    /// Temporal's measure, over what started after the flood began.
    pub unfairness: f64,
}

/// Looks at what came out for the light users.
#[must_use]
pub fn light(trace: &Trace, outcome: &Outcome) -> Light {
    let after = outcome.served.iter().filter(|served| served.at >= FLOOD);
    let users: Vec<usize> = after.clone().map(|served| served.user).collect();
    let light = after.filter(|served| served.user != HEAVY);
    Light {
        waits: light.map(|served| served.wait).collect(),
        jain: jain(&shares(trace, outcome)),
        unfairness: unfairness(&users),
    }
}

/// What each user with demand started in the window against its max-min fair share of the slots, at most 1.
fn shares(trace: &Trace, outcome: &Outcome) -> Vec<f64> {
    let in_window = |at: i64| (FLOOD..FLOOD + WINDOW).contains(&at);
    let mut wanted = vec![0.0; LIGHT + 1];
    for arrival in trace
        .arrivals
        .iter()
        .filter(|arrival| in_window(arrival.at))
    {
        wanted[arrival.user] += 1.0;
    }
    let mut started = vec![0.0; LIGHT + 1];
    for served in outcome.served.iter().filter(|served| in_window(served.at)) {
        started[served.user] += 1.0;
    }
    let capacity = f64::from(trace.slots) * WINDOW as f64 / MEAN as f64;
    let level = water_level(&wanted, capacity);
    let share = |(wanted, started): (&f64, &f64)| (started / wanted.min(level)).min(1.0);
    let pairs = wanted.iter().zip(&started);
    pairs
        .filter(|(wanted, _)| **wanted > 0.0)
        .map(share)
        .collect()
}

/// The level at which as much is granted as there is: everybody gets what it wants, at most the level.
fn water_level(wanted: &[f64], capacity: f64) -> f64 {
    let (mut low, mut high) = (0.0, capacity);
    for _ in 0..60 {
        let level = f64::midpoint(low, high);
        let granted: f64 = wanted.iter().map(|wanted| wanted.min(level)).sum();
        if granted < capacity {
            low = level;
        } else {
            high = level;
        }
    }
    high
}

/// Runs the part: tables and results.
#[must_use]
pub fn run(config: &Config) -> (String, Value) {
    let (floods, flood_rows) = floods(config);
    let (backlog, backlog_rows) = backlog(config);
    let (days, day_rows) = days(config);
    let value = json!({"flood": flood_rows, "backlog": backlog_rows, "days": day_rows});
    (
        format!("{floods}\n{backlog}\n{days}"),
        json!({"fairness": value}),
    )
}

fn floods(config: &Config) -> (String, Vec<Value>) {
    let mut table = Table::new(&[
        "slots, tier, age from",
        "light p50",
        "p95",
        "max",
        "Jain",
        "unfairness",
    ]);
    let mut rows = Vec::new();
    for slots in [8, 24] {
        for tier in [Tier::Tier1, Tier::Tier2, Tier::Tier3, Tier::Tier4] {
            let mut note = |name: &str, is_flooded: bool, serve: &Serve<'_>| {
                let trace = scenes::flood(slots, tier, is_flooded);
                let seen = light(&trace, &serve(&trace));
                let wait = |share| quantile(&seen.waits, share);
                table.row(vec![
                    format!("{slots} {tier} {name}"),
                    seconds(wait(0.5)),
                    seconds(wait(0.95)),
                    seconds(wait(1.0)),
                    format!("{:.3}", seen.jain),
                    format!("{:.2}", seen.unfairness),
                ]);
                let second = |share| wait(share) as f64 / 1_000.0;
                rows.push(json!({
                    "slots": slots, "tier": tier.name(), "ageFrom": name,
                    "heavyJobs": if is_flooded { HEAVY_JOBS } else { 0 },
                    "light": {"p50S": second(0.5), "p95S": second(0.95), "maxS": second(1.0)},
                    "jain": seen.jain, "unfairness": seen.unfairness,
                }));
            };
            let ways = ways(config);
            note("(no flood)", false, &ways[0].1);
            for (name, serve) in &ways {
                note(name, true, serve);
            }
        }
    }
    let title =
        "One user submits 3,000 jobs at once: waits of the 40 others of the tier, in seconds";
    (format!("{title}\n{table}"), rows)
}

fn backlog(config: &Config) -> (String, Vec<Value>) {
    let mut table = Table::new(&["age from", "wrongorderness", "unfairness"]);
    let mut rows = Vec::new();
    let trace = scenes::backlog();
    for (name, serve) in ways(config) {
        let served = serve(&trace).served;
        let levels: Vec<u32> = served.iter().map(|served| 3 - served.tier as u32).collect();
        let users: Vec<usize> = served.iter().map(|served| served.user).collect();
        let (wrong, unfair) = (wrongorderness(&levels), unfairness(&users));
        table.row(vec![
            name.to_owned(),
            format!("{wrong:.3}"),
            format!("{unfair:.2}"),
        ]);
        rows.push(json!({"ageFrom": name, "wrongorderness": wrong, "unfairness": unfair}));
    }
    let title = "A backlog of 2,000 jobs of 100 users of all tiers, served by 8 slots";
    (format!("{title}\n{table}"), rows)
}

fn days(config: &Config) -> (String, Vec<Value>) {
    let mut table = Table::new(&[
        "load, age from",
        "tier4 p95",
        "max",
        "tier1 p95",
        "max",
        "out of bound",
    ]);
    let mut rows = Vec::new();
    for load in [0.95, 1.02] {
        for (name, serve) in ways(config) {
            let outcome = serve(&Plan::day(load).draw(1));
            let wait = |tier: Tier, share| quantile(&outcome.waits[tier as usize], share);
            table.row(vec![
                format!("{load} {name}"),
                seconds(wait(Tier::Tier4, 0.95)),
                seconds(wait(Tier::Tier4, 1.0)),
                seconds(wait(Tier::Tier1, 0.95)),
                seconds(wait(Tier::Tier1, 1.0)),
                outcome.violations.to_string(),
            ]);
            let second = |tier, share| wait(tier, share) as f64 / 1_000.0;
            rows.push(json!({
                "load": load, "ageFrom": name, "tier4P95S": second(Tier::Tier4, 0.95),
                "tier4MaxS": second(Tier::Tier4, 1.0), "tier1P95S": second(Tier::Tier1, 0.95),
                "tier1MaxS": second(Tier::Tier1, 1.0), "boundViolations": outcome.violations,
            }));
        }
    }
    let title = "A day of the policy benchmark: waits in seconds";
    (format!("{title}\n{table}"), rows)
}
