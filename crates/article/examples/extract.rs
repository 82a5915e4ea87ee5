//! Prints the `text.md` of files, and how long each took: `cargo run --release -p article --example extract -- FILE ...`

use article::{Article, text_md};
use std::{env, error::Error, fs};
use testkit::growth::time;

/// Runs over which the time is averaged.
const RUNS: u32 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    for name in env::args().skip(1) {
        let bytes = fs::read(&name)?;
        let read = || Article::from_file(&bytes, None, Some(&name));
        match read() {
            Ok(article) => println!("{}", String::from_utf8(text_md(&article).bytes)?),
            Err(refusal) => println!("{name}: {refusal}"),
        }
        let took = time(|| (0..RUNS).for_each(|_| drop(read()))) / RUNS;
        eprintln!(
            "{:>8} µs  {:>8} bytes  {name}",
            took.as_micros(),
            bytes.len()
        );
    }
    Ok(())
}
