//! The pages against the code: each setting, route, problem and event is described, and nothing that does not exist.

use queue_core::{
    api::routes::route,
    config::{Config, access::Access},
};
use std::{cell::RefCell, collections::BTreeSet, fs, mem::discriminant, path::Path};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name);
    fs::read_to_string(path).unwrap()
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The cells of the rows of every table of a page.
fn rows(page: &str) -> Vec<Vec<String>> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let inner = line.trim_matches('|');
        inner
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_setting_and_secret_is_described_and_none_that_does_not_exist() {
    let asked = RefCell::new(BTreeSet::new());
    let ask = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        None
    };
    Config::from_vars(&ask).unwrap();
    Access::from_vars(&ask).unwrap();
    let page = file("docs/configuration.md");
    let rows = rows(&page);
    let first = rows.iter().filter_map(|row| row.first());
    let is_name = |name: &&str| {
        name.chars()
            .all(|char| char.is_ascii_uppercase() || char == '_')
    };
    let described = set(first.flat_map(|cell| quoted(cell)).filter(is_name));
    assert_eq!(described, asked.into_inner());
}

#[test]
fn every_route_is_described_and_none_that_does_not_exist() {
    let page = file("docs/api.md");
    let of_table = rows(&page)
        .into_iter()
        .filter_map(|row| row.into_iter().next());
    let mut found = Vec::new();
    for cell in of_table {
        for name in quoted(&cell).filter(|name| name.contains(" /")) {
            let (method, path) = name.split_once(' ').unwrap();
            let path = path
                .replace("{userId}", "u1")
                .replace("{jobId}", "018bcfe5-6800-7707-8707-070707070707")
                .replace("{name}", "001.svg");
            let route = route(method, &path);
            found.push(route.unwrap_or_else(|error| panic!("{name}: {error:?}")));
        }
    }
    for (index, route) in found.iter().enumerate() {
        let is_same = |other: &_| discriminant(other) == discriminant(route);
        assert!(!found[..index].iter().any(is_same), "{route:?} twice");
    }
    let source = file("crates/core/src/api/routes.rs");
    let variants = source.split("pub enum Route {").nth(1).unwrap();
    let variants = variants.split("\n}").next().unwrap().lines();
    let variants = variants
        .filter(|line| line.trim_end().ends_with(','))
        .count();
    assert_eq!(found.len(), variants, "each variant of `Route` is one row");
}

#[test]
fn every_problem_is_described_and_none_that_does_not_exist() {
    let golden = file("crates/core/tests/golden/problems.txt");
    let types = golden.split("urn:story-queue:problem:").skip(1);
    let made = set(types.map(|rest| rest.split(['"', ' ', ',', '\n']).next().unwrap()));
    let page = file("docs/api.md");
    let status = |cell: &String| cell.len() == 3 && cell.parse::<u16>().is_ok();
    let of_problems = rows(&page)
        .into_iter()
        .filter(|row| row.first().is_some_and(status));
    let described: BTreeSet<String> = of_problems
        .filter_map(|row| row.get(1).cloned())
        .flat_map(|cell| quoted(&cell).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(described, made);
}

#[test]
fn every_event_is_described_and_none_that_does_not_exist() {
    let source = file("crates/core/src/events/json.rs");
    let code = source.split("#[cfg(test)]").next().unwrap();
    let page = file("docs/operations.md");
    let lines = rows(&page)
        .into_iter()
        .filter(|row| row.first().is_some_and(|cell| cell.starts_with("`[")));
    let described: BTreeSet<String> = lines
        .filter_map(|row| row.get(1).cloned())
        .flat_map(|cell| quoted(&cell).map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| name.chars().all(char::is_alphabetic))
        .collect();
    for name in &described {
        assert!(
            code.contains(&format!("\"{name}\"")),
            "there is no event {name}"
        );
    }
    let arms = code.matches("Self::").count();
    assert_eq!(described.len(), arms, "{described:?}");
}
