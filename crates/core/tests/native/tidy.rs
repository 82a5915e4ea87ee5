//! Rules of this project that the compiler does not check.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file longer than this has outgrown its name.
const LINES_MAX: usize = 300;

/// The folders of the product.
const FOLDERS: [&str; 6] = [
    "src",
    "crates/article/src",
    "crates/core/src",
    "crates/storyboard/src",
    "sim/src",
    "bench/src",
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    let mut folders = FOLDERS.map(|folder| root.join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(files.len() > 100, "the walk found {} files", files.len());
    files
}

fn mentions(text: &str, word: &str) -> bool {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.into_iter().any(|line| line.contains(word))
}

/// What the rows of each store look like is known in one place.
const STORES: [&str; 7] = [
    "crates/core/src/failures/sql.rs",
    "crates/core/src/gate/kind_lines.rs",
    "crates/core/src/gate/side_rows.rs",
    "crates/core/src/gate/sql.rs",
    "crates/core/src/gate/times.rs",
    "crates/core/src/line/table.rs",
    "crates/core/src/pool/sql.rs",
];

/// The address of an object, and that of Stripe.
const ADDRESSES: [&str; 2] = ["src/clients/call.rs", "crates/core/src/config/stripe.rs"];

#[test]
fn only_the_stores_contain_sql_and_only_one_file_an_object_url() {
    for (name, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let has_sql = ["SELECT ", "INSERT INTO", "UPDATE jobs", "DELETE FROM"]
            .iter()
            .any(|word| mentions(code, word));
        assert_eq!(has_sql, STORES.contains(&name.as_str()), "{name}");
        let has_address = ADDRESSES.contains(&name.as_str());
        assert_eq!(has_address, mentions(code, "\"https://"), "{name}");
    }
}

#[test]
fn what_comes_from_outside_is_read_by_the_strict_parser_alone() {
    // The others take the very text of what that parser has accepted; an envelope has only texts and numbers, each once.
    let readers = [
        "crates/core/src/api/canonical.rs",
        "crates/core/src/api/draft.rs",
        "crates/core/src/api/json.rs",
        "crates/core/src/api/stripe/envelope.rs",
    ];
    for (name, text) in sources() {
        let is_outside = ["crates/core/src/api/", "src/http/"]
            .iter()
            .any(|folder| name.starts_with(folder));
        let code = text.split("#[cfg(test)]").next().unwrap();
        let parses = ["serde_json::from_", "Deserialize"]
            .iter()
            .any(|word| mentions(code, word));
        assert!(
            !is_outside || !parses || readers.contains(&name.as_str()),
            "{name}"
        );
    }
}

#[test]
fn every_file_has_a_purpose_comment_and_a_bounded_length() {
    for (name, text) in sources() {
        assert!(text.starts_with("//!"), "{name} has no header");
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{name} has {lines} lines");
    }
}

#[test]
fn nothing_is_left_unfinished() {
    // Spelt apart, so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimpl", "emented!("),
    ];
    for (name, text) in sources() {
        for word in words {
            assert!(!text.contains(word), "{name}: {word}");
        }
    }
}
