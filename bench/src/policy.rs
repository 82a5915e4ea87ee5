//! The part **policy**: every policy at every load, over the same days.

use crate::{
    ledger::Outcome,
    plot::{Panel, Series},
    policies::{Policy, ours},
    report::{Table, seconds},
    stats::quantile,
    trace::{Plan, Trace},
};
use queue_core::{config::Config, domain::Tier};
use serde_json::{Value, json};
use std::fmt::Write;

/// Utilisations that are compared, in percent.
pub const LOADS: [u32; 3] = [70, 95, 102];

/// Days that are pooled, each from a seed of its own.
pub const DAYS: u64 = 5;

/// The product with jobs of three stages; with tickets that wait for others; and with tickets that travel in no time,
/// which leaves its decisions.
const VARIANTS: [&str; 3] = ["ours, 3 stages", "ours, batched", "ours, instant"];

/// One policy at one load.
pub struct Row {
    /// The load in percent.
    pub load: u32,
    /// The policy.
    pub policy: &'static str,
    /// What came out.
    pub outcome: Outcome,
}

/// A load in percent as a share.
#[must_use]
pub fn share(load: u32) -> f64 {
    f64::from(load) / 100.0
}

/// Serves so many days at that load.
#[must_use]
pub fn days(load: u32, days: u64, serve: impl Fn(&Trace) -> Outcome) -> Outcome {
    let mut outcome = Outcome::default();
    for seed in 1..=days {
        outcome.absorb(serve(&Plan::day(share(load)).draw(seed)));
    }
    outcome
}

/// The product's settings where a story has those stages.
///
/// # Panics
/// When there is no such stage.
#[must_use]
pub fn config(stages: &[&str]) -> Config {
    let kinds = serde_json::json!({"story": {"stages": stages}}).to_string();
    match Config::from_vars(&|name| (name == "KINDS").then(|| kinds.clone())) {
        Ok(config) => config,
        Err(error) => panic!("the defaults are valid: {error}"),
    }
}

/// Every policy at every load, with jobs of one stage; and variants of the product.
#[must_use]
pub fn run(count: u64) -> Vec<Row> {
    let (still, story) = (config(&["image"]), config(&["image", "audio", "video"]));
    let mut rows = Vec::new();
    for load in LOADS {
        let mut push = |policy, serve: &dyn Fn(&Trace) -> Outcome| {
            let outcome = days(load, count, serve);
            rows.push(Row {
                load,
                policy,
                outcome,
            });
        };
        for policy in Policy::ALL {
            push(policy.name(), &|trace| policy.serve(trace, &still));
        }
        let [stages, batched, instant] = VARIANTS;
        push(stages, &|trace| {
            ours::serve(trace, &story, ours::Transport::QUEUE)
        });
        push(batched, &|trace| {
            ours::serve(trace, &still, ours::Transport::BATCHED)
        });
        push(instant, &|trace| {
            ours::serve(trace, &still, ours::Transport::INSTANT)
        });
    }
    rows
}

/// The tables.
#[must_use]
pub fn tables(rows: &[Row]) -> String {
    let mut text = String::new();
    for load in LOADS {
        let mut table = Table::new(&[
            "policy",
            "tier4 p50",
            "p95",
            "p99",
            "max",
            "tier3 p95",
            "tier2 p95",
            "tier1 p50",
            "p95",
            "max",
            "mean/fifo",
            "deliveries/job",
            "inversions",
            "idle s/job",
            "out of bound",
        ]);
        let fifo = of(rows, load, Policy::Fifo.name());
        for row in rows.iter().filter(|row| row.load == load) {
            let Row { outcome, .. } = row;
            let jobs = outcome.jobs().max(1) as f64;
            let wait = |tier: Tier, share| seconds(quantile(&outcome.waits[tier as usize], share));
            table.row(vec![
                row.policy.to_owned(),
                wait(Tier::Tier4, 0.5),
                wait(Tier::Tier4, 0.95),
                wait(Tier::Tier4, 0.99),
                wait(Tier::Tier4, 1.0),
                wait(Tier::Tier3, 0.95),
                wait(Tier::Tier2, 0.95),
                wait(Tier::Tier1, 0.5),
                wait(Tier::Tier1, 0.95),
                wait(Tier::Tier1, 1.0),
                format!("{:.3}", outcome.mean_wait() / fifo.mean_wait()),
                format!("{:.2}", outcome.deliveries as f64 / jobs),
                outcome.inversions.to_string(),
                format!("{:.2}", outcome.idle_ms as f64 / 1_000.0 / jobs),
                outcome.violations.to_string(),
            ]);
        }
        let _ = writeln!(text, "Load {}: waits in seconds\n{table}", share(load));
    }
    text
}

/// What came out of that policy.
///
/// # Panics
/// When it was not run at that load.
#[must_use]
pub fn of<'a>(rows: &'a [Row], load: u32, policy: &str) -> &'a Outcome {
    let found = rows
        .iter()
        .find(|row| row.load == load && row.policy == policy);
    match found {
        Some(row) => &row.outcome,
        None => panic!("{policy} was not run at {load} %"),
    }
}

/// The results.
#[must_use]
pub fn json(rows: &[Row]) -> Value {
    let one = |row: &Row| {
        let Row { outcome, .. } = row;
        let tiers = Tier::ALL.map(|tier| {
            let waits = &outcome.waits[tier as usize];
            let wait = |share| quantile(waits, share) as f64 / 1_000.0;
            let stats = json!({"p50S": wait(0.5), "p95S": wait(0.95), "p99S": wait(0.99), "maxS": wait(1.0)});
            (tier.name().to_owned(), stats)
        });
        let rounded = |value: f64| (value * 1_000.0).round() / 1_000.0;
        json!({
            "load": share(row.load),
            "policy": row.policy.replace(", ", "-").replace(' ', "-"),
            "tiers": serde_json::Map::from_iter(tiers),
            "jobs": outcome.jobs(),
            "deliveriesPerJob": rounded(outcome.deliveries as f64 / outcome.jobs().max(1) as f64),
            "inversions": outcome.inversions,
            "idleSlotSeconds": outcome.idle_ms as f64 / 1_000.0,
            "unassignedSlots": outcome.unassigned,
            "boundViolations": outcome.violations,
            "meanWaitToFifo": rounded(outcome.mean_wait() / of(rows, row.load, "fifo").mean_wait()),
        })
    };
    let (variants, policies): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| VARIANTS.contains(&row.policy));
    json!({
        "policy": policies.into_iter().map(one).collect::<Vec<_>>(),
        "variants": variants.into_iter().map(one).collect::<Vec<_>>(),
    })
}

/// The p95 of each tier, one panel a load.
#[must_use]
pub fn plot(rows: &[Row]) -> Vec<Panel> {
    let panel = |load: u32| Panel {
        title: format!("load {}", share(load)),
        x_label: "tier".to_owned(),
        y_label: "p95 wait, s".to_owned(),
        x_names: Some(Tier::ALL.map(|tier| tier.name().to_owned()).to_vec()),
        series: rows
            .iter()
            .filter(|row| row.load == load)
            .map(|row| Series {
                name: row.policy.to_owned(),
                points: Tier::ALL
                    .map(|tier| {
                        let wait = quantile(&row.outcome.waits[tier as usize], 0.95);
                        (tier as usize as f64, wait as f64 / 1_000.0)
                    })
                    .to_vec(),
            })
            .collect(),
    };
    LOADS.map(panel).to_vec()
}
