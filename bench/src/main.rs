//! Runs one part, prints its tables, writes its plot, and prints its results as one JSON object on the last line:
//! `bench policy|fairness|estimates|load [folder for plots]`. `npm run bench` calls it.

use bench::{estimates, fairness, load, plot, policy};
use queue_core::config::Config;
use serde_json::Value;
use std::{env, error::Error, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let part = arguments.first().map_or("", String::as_str);
    let folder = arguments.get(1).map(Path::new);
    match run(part, folder) {
        Ok(result) => {
            println!("{result}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(part: &str, folder: Option<&Path>) -> Result<Value, Box<dyn Error>> {
    let config =
        Config::from_vars(&|name| (name == "TIERS").then(|| load::gate::TIERS.to_owned()))?;
    let save = |title: &str, panels: &[plot::Panel]| match folder {
        Some(folder) => fs::write(folder.join(format!("{part}.svg")), plot::svg(title, panels)),
        None => Ok(()),
    };
    match part {
        "policy" => {
            let rows = policy::run(policy::DAYS);
            println!("{}", policy::tables(&rows));
            let title = "95 % of the jobs of a tier start within";
            save(title, &policy::plot(&rows))?;
            Ok(policy::json(&rows))
        }
        "estimates" => {
            let only = env::var("ESTIMATES").unwrap_or_default();
            let rows = estimates::run(estimates::DAYS, &only);
            println!("{}", estimates::table(&rows));
            if only.is_empty() {
                let title = "What was told of the start, by when it came";
                save(title, &estimates::plot(&rows))?;
            }
            Ok(estimates::json(&rows))
        }
        "fairness" => {
            let (tables, result) = fairness::run(&policy::config(&["image"]));
            println!("{tables}");
            Ok(result)
        }
        "load" => {
            let files = env::temp_dir().join(format!("story-queue-bench-{}", std::process::id()));
            fs::create_dir_all(&files)?;
            let sizes = load::Sizes {
                gates: &[100, 1_000, 10_000, 100_000],
                pools: &[1_000, 10_000, 100_000, 1_000_000],
                cycles: 1_000,
            };
            let costs = load::run(&config, &files, &sizes);
            fs::remove_dir_all(&files)?;
            let costs = costs?;
            println!("{}", load::table(&costs));
            save(
                "What a decision costs as the backlog grows",
                &load::plot(&costs),
            )?;
            Ok(load::json(&costs))
        }
        other => Err(format!("no part {other:?}: policy, fairness, estimates, load").into()),
    }
}
