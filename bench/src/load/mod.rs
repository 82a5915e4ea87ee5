//! The part **load**: what a decision costs as the backlog grows, over the product's own statements on `SQLite`.

pub mod gate;
pub mod meter;
pub mod pool;

use crate::{
    plot::{Panel, Series},
    report::Table,
    stats::quantile,
};
use meter::Meter;
use queue_core::{config::Config, storage::StorageError};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Sizes<'a> {
    /// Jobs parked in the gate.
    pub gates: &'a [u32],
    /// Jobs parked in the pool.
    pub pools: &'a [u32],
    /// Decisions of each kind at each size.
    pub cycles: u32,
}

/// What one kind of decision costs at one size.
pub struct Cost {
    /// `gate` or `pool`.
    pub object: &'static str,
    /// The decision.
    pub decision: &'static str,
    /// Jobs parked.
    pub parked: u32,
    /// Half of the decisions took no longer, in microseconds.
    pub median_us: f64,
    /// All but one in twenty took no longer, in microseconds.
    pub p95_us: f64,
    /// Half of the decisions took no more steps of the database.
    pub steps: i64,
}

fn costs(object: &'static str, parked: u32, meter: Meter) -> Vec<Cost> {
    let cost = |(decision, samples): (&'static str, Vec<(i64, i64)>)| {
        let nanos: Vec<i64> = samples.iter().map(|(nanos, _)| *nanos).collect();
        let steps: Vec<i64> = samples.iter().map(|(_, steps)| *steps).collect();
        Cost {
            object,
            decision,
            parked,
            median_us: quantile(&nanos, 0.5) as f64 / 1_000.0,
            p95_us: quantile(&nanos, 0.95) as f64 / 1_000.0,
            steps: quantile(&steps, 0.5),
        }
    };
    meter.samples().map(cost).collect()
}

/// Measures a gate with so many parked, and a pool with so many, each in a new file in that folder.
///
/// # Errors
/// When `SQLite` fails.
pub fn run(config: &Config, folder: &Path, sizes: &Sizes<'_>) -> Result<Vec<Cost>, StorageError> {
    let mut all = Vec::new();
    let mut backlog = gate::Backlog::new(&folder.join("gate.sqlite"), &config.gate)?;
    for parked in sizes.gates {
        backlog.fill(*parked)?;
        let mut meter = Meter::default();
        for _ in 0..sizes.cycles {
            backlog.cycle(&mut meter)?;
        }
        all.extend(costs("gate", *parked, meter));
    }
    let mut crowd = pool::Crowd::new(&folder.join("pool.sqlite"), &config.pool)?;
    for parked in sizes.pools {
        crowd.fill(*parked)?;
        let mut meter = Meter::default();
        for _ in 0..sizes.cycles {
            crowd.cycle(&mut meter)?;
        }
        all.extend(costs("pool", *parked, meter));
    }
    Ok(all)
}

/// The table.
#[must_use]
pub fn table(costs: &[Cost]) -> String {
    let mut table = Table::new(&[
        "object, decision",
        "parked",
        "median us",
        "p95 us",
        "SQLite steps",
    ]);
    let mut sorted: Vec<&Cost> = costs.iter().collect();
    sorted.sort_by_key(|cost| (cost.object, cost.decision, cost.parked));
    for cost in sorted {
        table.row(vec![
            format!("{}: {}", cost.object, cost.decision),
            cost.parked.to_string(),
            format!("{:.1}", cost.median_us),
            format!("{:.1}", cost.p95_us),
            cost.steps.to_string(),
        ]);
    }
    format!("Time of one decision with so many jobs parked\n{table}")
}

/// The results.
#[must_use]
pub fn json(costs: &[Cost]) -> Value {
    let rounded = |value: f64| (value * 10.0).round() / 10.0;
    let one = |cost: &Cost| {
        json!({
            "object": cost.object, "decision": cost.decision, "parked": cost.parked,
            "medianUs": rounded(cost.median_us), "p95Us": rounded(cost.p95_us), "sqliteSteps": cost.steps,
        })
    };
    json!({"load": costs.iter().map(one).collect::<Vec<_>>()})
}

/// The growth of the medians.
#[must_use]
pub fn plot(costs: &[Cost]) -> Vec<Panel> {
    let panel = |object: &'static str| {
        let mut lines: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        for cost in costs.iter().filter(|cost| cost.object == object) {
            let point = (f64::from(cost.parked), cost.median_us);
            lines.entry(cost.decision).or_default().push(point);
        }
        Panel {
            title: object.to_owned(),
            x_label: "jobs parked".to_owned(),
            y_label: "median of a decision, µs".to_owned(),
            x_names: None,
            series: lines
                .into_iter()
                .map(|(name, points)| Series {
                    name: name.to_owned(),
                    points,
                })
                .collect(),
        }
    };
    vec![panel("gate"), panel("pool")]
}
