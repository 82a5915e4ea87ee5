//! A file that somebody sends: HTML, Markdown or plain text, by its type and its name.

use crate::{Article, Refusal, Source, kind::text_of, plain::check_lines};

impl Article {
    /// The article in a file with that media type and name, as far as they are known.
    ///
    /// # Errors
    /// When the file is no text, or has no article.
    pub fn from_file(
        bytes: &[u8],
        content_type: Option<&str>,
        name: Option<&str>,
    ) -> Result<Self, Refusal> {
        let kind = content_type.unwrap_or_default().to_ascii_lowercase();
        let ending = name
            .and_then(|name| name.rsplit_once('.'))
            .map(|(_, ending)| ending.to_ascii_lowercase());
        let ending = ending.as_deref().unwrap_or_default();
        let source = name.map(Source::file);
        if kind.starts_with("message/rfc822") || ending == "eml" {
            return crate::Mail::read(bytes)?.article();
        }
        let is_html = kind.contains("html") || ["html", "htm", "xhtml"].contains(&ending);
        if is_html || looks_like_html(bytes) {
            return Self::from_html(bytes, content_type, source);
        }
        let text = text_of(bytes)?;
        if kind.contains("markdown") || ["md", "markdown"].contains(&ending) {
            check_lines(&text)?;
            return Self::from_markdown(&text, source);
        }
        Self::from_text(&text, None, source)
    }
}

/// Many programs save pages under any name.
fn looks_like_html(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    ["<!doctype html", "<html"].iter().any(|sign| {
        start
            .get(..sign.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(sign.as_bytes()))
    })
}
