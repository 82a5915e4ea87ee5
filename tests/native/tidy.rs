//! Rules of this project that the compiler does not check.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Files that perform; only they may know the platform.
const HOSTS: [&str; 23] = [
    "lib.rs",
    "clock.rs",
    "settings.rs",
    "artifacts.rs",
    "storage/durable.rs",
    "gate/durable_object.rs",
    "gate/client.rs",
    "pool/durable_object.rs",
    "pool/client.rs",
    "object/alarm.rs",
    "object/call.rs",
    "object/outbox.rs",
    "consumer/handler.rs",
    "consumer/runner.rs",
    "consumer/stage.rs",
    "consumer/dead_letters.rs",
    "generator/embedded.rs",
    "api/handler.rs",
    "api/auth/web_crypto.rs",
    "api/auth/handler.rs",
    "api/stripe/handler.rs",
    "api/users.rs",
    "observability/sink.rs",
];

/// A file longer than this has outgrown its name.
const LINES_MAX: usize = 500;

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
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
    assert!(files.len() > 30, "the walk found {} files", files.len());
    files
}

fn mentions(text: &str, word: &str) -> bool {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.into_iter().any(|line| line.contains(word))
}

#[test]
fn only_listed_files_use_the_platform() {
    for (name, text) in sources() {
        let knows = ["worker::", "js_sys", "wasm_bindgen"]
            .iter()
            .any(|word| mentions(&text, word));
        let may = HOSTS.contains(&name.as_str());
        assert_eq!(knows, may, "{name}: move it apart, or take it off the list");
    }
}

/// What the rows of each store look like is known in one place.
const STORES: [&str; 3] = ["line/table.rs", "gate/sql.rs", "pool/sql.rs"];

#[test]
fn only_stores_have_sql_and_only_one_file_an_object_url() {
    for (name, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let has_sql = ["SELECT ", "INSERT INTO", "UPDATE jobs", "DELETE FROM"]
            .iter()
            .any(|word| mentions(code, word));
        assert_eq!(has_sql, STORES.contains(&name.as_str()), "{name}");
        assert_eq!(
            name == "object/call.rs",
            mentions(code, "\"https://"),
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
