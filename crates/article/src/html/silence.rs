//! What of a page is not for the ear, wherever it stands: controls, what is hidden, and what software adds to a text.

use super::lexer::attribute;

/// What is not for the ear: controls, captions of pictures that nobody sees, the reading aid above a sign.
const SILENT: [&str; 11] = [
    "button",
    "figcaption",
    "rt",
    "rp",
    "audio",
    "video",
    "input",
    "nav",
    "dialog",
    "amp-img",
    "amp-ad",
];
/// Classes and ids of what a page's software adds to a text.
const ADDED: [&str; 13] = [
    "mw-editsection",
    "sr-only",
    "visually-hidden",
    "screen-reader-text",
    "headerlink",
    "reference",
    "gmail_signature",
    "moz-signature",
    "noprint",
    "infobox",
    "navbox",
    "reflist",
    "catlinks",
];
/// Whether an element and all within it is left out.
pub(super) fn is_silent(name: &str, attributes: &str) -> bool {
    let hidden = attribute(attributes, "hidden").is_some()
        || attribute(attributes, "aria-hidden") == Some("true")
        || attribute(attributes, "style").is_some_and(|style| {
            let style = style.to_ascii_lowercase().replace(' ', "");
            style.contains("display:none")
                || style.contains("visibility:hidden")
                || style.contains("mso-hide:all")
        });
    SILENT.contains(&name) || hidden || has_name(attributes, &ADDED)
}

/// Whether its class or id is one of these words.
pub(super) fn has_name(attributes: &str, names: &[&str]) -> bool {
    ["class", "id"]
        .iter()
        .filter_map(|kind| attribute(attributes, kind))
        .any(|value| {
            value
                .split_ascii_whitespace()
                .any(|word| names.contains(&word))
        })
}
