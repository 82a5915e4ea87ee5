//! `npm run check:config`: every fault of a `wrangler.toml`, by default the one at hand, and exit code 1 if there is one.

use std::{env, fs, process::ExitCode};

fn main() -> ExitCode {
    let file = env::args().nth(1);
    let file = file.as_deref().unwrap_or("wrangler.toml");
    let faults = match fs::read_to_string(file) {
        Ok(text) => check_config::faults(&text),
        Err(error) => vec![error.to_string()],
    };
    for fault in &faults {
        eprintln!("{file}: {fault}");
    }
    if faults.is_empty() {
        println!("{file} is valid.");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
