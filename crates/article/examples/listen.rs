//! Prints the listening page of a file: `cargo run -p article --example listen -- FILE > page.html`

#![allow(clippy::unwrap_used, reason = "a tool for development")]

use article::{Article, page};
use std::{env, fs, io::Write};

fn main() {
    let name = env::args().nth(1).unwrap();
    let article = Article::from_file(&fs::read(&name).unwrap(), None, Some(&name)).unwrap();
    std::io::stdout().write_all(&page(&article).bytes).unwrap();
}
