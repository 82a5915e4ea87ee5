//! `text.md`: what later stages read. Facts in front, as YAML, then the text as Markdown.

use crate::{Article, Block, Source};
use serde_json::Value;
use storyboard::Artifact;

/// Lines of facts that are looked at, of a file that may be anybody's.
const FACTS_MAX: usize = 100;

/// `text.md`, which [`Article::from_markdown`] reads back as the same article.
#[must_use]
pub fn text_md(article: &Article) -> Artifact {
    let mut text = String::from("---\n");
    let author = article.author().map(ToOwned::to_owned);
    let source = article.source().map(ToString::to_string);
    let named = [
        ("title", Some(article.title().to_owned())),
        ("author", author),
        ("source", source),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            // A JSON string is a YAML string.
            text.extend([name, ": ", &Value::from(value).to_string(), "\n"]);
        }
    }
    for (name, count) in [("words", article.words()), ("minutes", article.minutes())] {
        text.extend([name, ": ", &count.to_string(), "\n"]);
    }
    text.push_str("---\n");
    for block in article.blocks() {
        text.push('\n');
        write(block, &mut text);
        text.push('\n');
    }
    Artifact {
        name: "text.md".into(),
        content_type: "text/markdown; charset=utf-8",
        bytes: text.into_bytes(),
    }
}

fn write(block: &Block, out: &mut String) {
    match block {
        Block::Heading { level, text } => {
            let marks = "#".repeat(usize::from(*level));
            out.extend([&marks, " ", &escaped(text).replace('#', "\\#")]);
        }
        Block::Paragraph(text) => {
            let text = escaped(text);
            out.push_str(&if begins_a_block(&text) {
                escaped_start(&text)
            } else {
                text
            });
        }
        Block::Code(text) => {
            let longest = text.split(|char| char != '`').map(str::len).max();
            let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
            out.extend([&fence, "\n", text, "\n", &fence]);
        }
    }
}

/// The line without a character that means something within a line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(
            char,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&' | '~' | '|'
        ) {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

fn begins_a_block(text: &str) -> bool {
    let after_digits = text.trim_start_matches(|char: char| char.is_ascii_digit());
    text.starts_with(['#', '>', '-', '+', '=', ':'])
        || (after_digits.len() < text.len() && after_digits.starts_with(['.', ')']))
}

/// The line with its first mark escaped: `1\. one`.
fn escaped_start(text: &str) -> String {
    let at = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(0);
    let (digits, rest) = text.split_at(at);
    format!("{digits}\\{rest}")
}

/// What the front of a Markdown file says of it.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) title: String,
    pub(crate) author: Option<String>,
    pub(crate) source: Option<Source>,
}

/// The facts in front of a text, if there are any, and the rest.
pub(crate) fn facts(text: &str) -> (Facts, &str) {
    let mut facts = Facts::default();
    let mut lines = text.split_inclusive('\n');
    if lines.next().map(str::trim_end) != Some("---") {
        return (facts, text);
    }
    let mut read = text.find('\n').map_or(text.len(), |end| end + 1);
    for line in lines.take(FACTS_MAX) {
        read += line.len();
        let line = line.trim_end();
        if line == "---" || line == "..." {
            return (facts, &text[read..]);
        }
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let value = match serde_json::from_str(value) {
            Ok(Value::String(value)) => value,
            _ => value.trim_matches('\'').to_owned(),
        };
        match name.to_ascii_lowercase().as_str() {
            "title" => facts.title = value,
            "author" => facts.author = Some(value),
            "source" => facts.source = Some(Source::of(&value)),
            _ => {}
        }
    }
    (Facts::default(), text)
}
