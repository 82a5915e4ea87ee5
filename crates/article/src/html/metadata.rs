//! What a page tells search engines of its article (JSON-LD of schema.org).

use super::nesting::Page;
use serde_json::Value;

/// Longer descriptions hold more than a title and a name.
const BYTES_MAX: usize = 256 * 1024;
const ARTICLES: [&str; 3] = ["Article", "Posting", "Report"];

/// The title and the author of a page's article.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
}

impl Metadata {
    pub(super) fn read(page: &Page<'_>) -> Self {
        for text in page.json_ld.iter().filter(|text| text.len() <= BYTES_MAX) {
            let Ok(value) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            let graph = value.get("@graph").unwrap_or(&value);
            let all = graph
                .as_array()
                .map_or_else(|| std::slice::from_ref(graph), Vec::as_slice);
            if let Some(article) = all.iter().find(|value| is_article(value)) {
                return Self {
                    title: article.get("headline").and_then(Value::as_str).map(decoded),
                    author: article.get("author").and_then(names),
                };
            }
        }
        Self::default()
    }
}

fn is_article(value: &Value) -> bool {
    let is_named = |kind: &Value| {
        let name = kind.as_str().unwrap_or_default();
        ARTICLES.iter().any(|end| name.ends_with(end)) || name == "Recipe"
    };
    match value.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_named),
        Some(kind) => is_named(kind),
        None => false,
    }
}

fn names(author: &Value) -> Option<String> {
    match author {
        Value::String(name) => Some(decoded(name)),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().filter_map(names).collect();
            (!all.is_empty()).then(|| all.join(", "))
        }
        Value::Object(_) => author.get("name").and_then(names),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn decoded(text: &str) -> String {
    html_escape::decode_html_entities(text).into_owned()
}
