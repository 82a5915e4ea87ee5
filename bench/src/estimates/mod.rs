//! The part **estimates**: what users are told of when their jobs start, against what came.

pub mod figures;
pub mod scenes;

use crate::{
    plot::{Panel, Series},
    policies::ours::{self, Look, Told},
    policy::config,
    report::Table,
    stats::quantile,
};
use figures::Figures;
use scenes::scenes;
use serde_json::{Value, json};

/// Days of the policy benchmark that are pooled.
pub const DAYS: u64 = 3;

/// What the looks at one load came to.
pub struct Row {
    /// The load.
    pub name: String,
    /// The looks.
    pub looks: Vec<Look>,
}

/// Looks at each load of that many days whose name has that in it.
#[must_use]
pub fn run(days: u64, only: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for scene in scenes(days)
        .into_iter()
        .filter(|scene| scene.name.contains(only))
    {
        let looks = ours::watched(&scene.trace, &config(scene.stages), scene.every);
        match rows.last_mut().filter(|row| row.name == scene.name) {
            Some(row) => row.looks.extend(looks),
            None => rows.push(Row {
                name: scene.name,
                looks,
            }),
        }
    }
    rows
}

/// The looks of a row, and of these, those at jobs in the line and at jobs at their own user's limit, if there are both.
fn parts(row: &Row) -> Vec<(&'static str, Figures)> {
    let parked = || row.looks.iter().filter(|look| look.is_parked);
    let in_line = || row.looks.iter().filter(|look| !look.is_parked);
    let mut parts = vec![("", Figures::of(&row.looks))];
    if parked().count() > MANY && in_line().count() > MANY {
        parts.push((", in line", Figures::of(in_line())));
        parts.push((", at own limit", Figures::of(parked())));
    }
    parts
}

/// Of fewer looks, no figures are shown apart.
const MANY: usize = 20;

/// The table.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut table = Table::new(&[
        "load",
        "looks",
        "none",
        "not overtaken",
        "median error",
        "within",
        "late",
        "steady",
        "width",
    ]);
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    for row in rows {
        for (part, figures) in parts(row) {
            table.row(vec![
                format!("{}{part}", row.name),
                figures.looks.to_string(),
                percent(figures.none),
                figures.not_overtaken.to_string(),
                percent(figures.error),
                percent(figures.within),
                percent(figures.late),
                percent(figures.steady),
                percent(figures.width),
            ]);
        }
    }
    format!("What was told of the start, against what came, simulated\n{table}")
}

/// The results.
#[must_use]
pub fn json(rows: &[Row]) -> Value {
    let rounded = |value: f64| (value * 1_000.0).round() / 1_000.0;
    let one = |(name, figures): (String, Figures)| {
        json!({
            "load": name,
            "looks": figures.looks,
            "none": rounded(figures.none),
            "notOvertaken": figures.not_overtaken,
            "medianError": rounded(figures.error),
            "within": rounded(figures.within),
            "late": rounded(figures.late),
            "steady": rounded(figures.steady),
            "width": rounded(figures.width),
        })
    };
    let parts = rows.iter().flat_map(|row| {
        let parts = parts(row).into_iter();
        parts.map(|(part, figures)| (format!("{}{part}", row.name), figures))
    });
    json!({"simulated": parts.map(one).collect::<Vec<_>>()})
}

/// The range told, by how long the wait was: at each length, the middle of the looks of about that.
#[must_use]
pub fn plot(rows: &[Row]) -> Vec<Panel> {
    let shown = rows
        .iter()
        .filter(|row| !row.name.starts_with("burst") && row.looks.len() > MANY);
    let panel = |row: &Row| Panel {
        title: row.name.clone(),
        x_label: "it started in, s".to_owned(),
        y_label: "told, s".to_owned(),
        x_names: None,
        series: vec![
            series("from", row, |look, told| told.from - look.at),
            series("the middle", row, |look, told| told.starts - look.at),
            series("until", row, |look, told| told.until - look.at),
            series("what came", row, |look, _| look.started - look.at),
        ],
    };
    shown.map(panel).collect()
}

fn series(name: &str, row: &Row, of: impl Fn(&Look, Told) -> i64) -> Series {
    // Four lengths to each power of ten.
    let bounds: Vec<f64> = (0..20)
        .map(|step| 10_f64.powf(f64::from(step) / 4.0))
        .collect();
    let points = bounds.windows(2).filter_map(|bounds| {
        let is_such = |look: &&Look| {
            let waited = (look.started - look.at) as f64 / 1_000.0;
            (bounds[0]..bounds[1]).contains(&waited)
        };
        let looks: Vec<&Look> = row.looks.iter().filter(is_such).collect();
        let told = looks.iter().filter_map(|look| Some(of(look, look.told?)));
        let told: Vec<i64> = told.collect();
        let waits: Vec<i64> = looks.iter().map(|look| look.started - look.at).collect();
        let seconds = |values: &[i64]| quantile(values, 0.5).max(100) as f64 / 1_000.0;
        (told.len() > 4).then(|| (seconds(&waits), seconds(&told)))
    });
    Series {
        name: name.to_owned(),
        points: points.collect(),
    }
}
