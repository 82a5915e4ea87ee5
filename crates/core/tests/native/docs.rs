//! The pages against the code: each setting, route, problem and event is described, and nothing that does not exist.

use queue_core::{
    api::routes::route,
    config::{Config, access::Access},
    events::{Event, Level, Row},
};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    mem::discriminant,
    path::{Path, PathBuf},
};
use testkit::golden::assert_golden;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name)
}

fn file(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
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
                .replace("{replayId}", "018bcfe5-6800-7707-8707-070707070707")
                .replace("{backend}", "generator")
                .replace("{name}", "001.svg");
            let route = route(method, &path);
            let route = route.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(route.pattern(), name);
            found.push(route);
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
    let problems = golden.split("urn:story-queue:problem:").skip(1);
    let made: BTreeSet<String> = problems
        .map(|problem| {
            let (_, status) = problem.split_once("\"status\": ").unwrap();
            let (name, _) = problem.split_once('"').unwrap();
            format!("{} {name}", &status[..3])
        })
        .collect();
    let page = file("docs/api.md");
    let is_status = |cell: &str| cell.len() == 3 && cell.parse::<u16>().is_ok();
    let described: BTreeSet<String> = rows(&page)
        .iter()
        .filter(|row| is_status(&row[0]))
        .flat_map(|row| quoted(&row[1]).map(|name| format!("{} {name}", row[0])))
        .collect();
    assert_eq!(described, made);
}

/// The name that JSON has for a name of Rust.
fn camel(name: &str) -> String {
    let mut camel = String::new();
    for part in name.split('_') {
        let (first, rest) = part.split_at(1);
        let is_first = camel.is_empty();
        camel += &(if is_first {
            first.to_lowercase()
        } else {
            first.to_uppercase()
        });
        camel += rest;
    }
    camel
}

/// A line of an event, with the names that JSON has in its braces.
fn shown(line: &str) -> String {
    let parts = line.split_inclusive(['{', '}']);
    let named = parts.map(|part| match part.strip_suffix('}') {
        Some(name) => format!("{}}}", camel(name)),
        None => part.to_owned(),
    });
    format!("`{}`", named.collect::<String>())
}

fn row_of(event: &Row) -> String {
    let fields = event.fields.iter().map(|field| match *field {
        "job" => "job".to_owned(),
        field => format!("`{}`", camel(field)),
    });
    let fields = fields.collect::<Vec<_>>().join(", ");
    let lines = event.lines.iter().map(|line| shown(line));
    let lines = lines.collect::<Vec<_>>().join("<br>");
    let (name, means) = (camel(event.event), event.means.trim());
    format!("| `{name}` | {means} | {fields} | {lines} |\n")
}

#[test]
fn the_table_of_events_is_that_of_the_code() {
    const START: &str = "<!-- events: UPDATE_GOLDEN=1 npm run test:native -->\n";
    const END: &str = "<!-- end -->";
    let page = file("docs/operations.md");
    let (before, rest) = page.split_once(START).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let head = "| event | means | fields in JSON | text |\n|---|---|---|---|\n";
    let rows: String = Event::TABLE.iter().map(row_of).collect();
    let errors = Event::TABLE.iter().filter(|row| row.level == Level::Error);
    let errors = errors.map(|row| format!("`{}`", camel(row.event)));
    let errors = errors.collect::<Vec<_>>().join(", ");
    let table = format!("{head}{rows}\nLogged as errors: {errors}.\n");
    let page = format!("{before}{START}{table}{END}{after}");
    assert_golden(&path("docs/operations.md"), &page);
}
