//! Blocks of well nested HTML: which elements are paragraphs, and which words are not for the ear.

use super::lexer::{Lexer, Token, attribute};
use crate::Block;

/// A block, and whether it stands in what a mail answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Piece {
    pub(crate) block: Block,
    pub(crate) is_quoted: bool,
}

const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// They stand within a line. All others begin a new one.
const INLINE: [&str; 25] = [
    "a", "span", "code", "kbd", "samp", "var", "sub", "sup", "q", "cite", "time", "ruby", "rb",
    "bdi", "bdo", "del", "data", "acronym", "img", "wbr", "label", "picture", "source", "td", "th",
];
/// What is not for the ear: controls, captions of pictures that nobody sees, the reading aid above a sign.
const SILENT: [&str; 12] = [
    "head",
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
const ADDED: [&str; 9] = [
    "mw-editsection",
    "sr-only",
    "visually-hidden",
    "screen-reader-text",
    "headerlink",
    "reference",
    "gmail_signature",
    "moz-signature",
    "noprint",
];
/// Classes and ids that mail programs give to what is answered.
const HISTORY: [&str; 5] = [
    "gmail_quote",
    "moz-cite-prefix",
    "yahoo_quoted",
    "protonmail_quote",
    "gmail_attr",
];

#[derive(Debug, Default)]
struct Reader {
    pieces: Vec<Piece>,
    text: String,
    /// Elements that are open, and at which of them silence, a quote, a heading or preformatted text began.
    depth: usize,
    silent: Option<usize>,
    quoted: Option<usize>,
    heading: Option<(usize, u8)>,
    code: Option<usize>,
    /// The number of the next item of each list that is open.
    lists: Vec<Option<usize>>,
    /// The number of the item that begins.
    number: Option<usize>,
    /// Line breaks since the last word.
    breaks: usize,
}

/// The blocks of HTML that [`super::nesting`] or a tree has made well nested.
pub(crate) fn pieces(html: &str) -> Vec<Piece> {
    let mut reader = Reader::default();
    for token in Lexer::new(html) {
        match token {
            Token::Text(text) => reader.say(&html_escape::decode_html_entities(text)),
            Token::Start { name, attributes } => {
                reader.start(&name.to_ascii_lowercase(), attributes);
            }
            Token::End { name } => reader.end(&name.to_ascii_lowercase()),
            Token::Raw { .. } => {}
        }
    }
    reader.flush();
    reader.pieces
}

impl Reader {
    fn say(&mut self, text: &str) {
        if self.silent.is_some() {
            return;
        }
        if !text.trim().is_empty() {
            self.breaks = 0;
        }
        self.text.push_str(text);
    }

    /// What was said becomes a block.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let block = match (self.code, self.heading) {
            (Some(_), _) => Block::Code(text),
            (None, Some((_, level))) => Block::Heading {
                level,
                text: without_anchor(&text).to_owned(),
            },
            (None, None) => Block::Paragraph(text.trim_end_matches([';', ' ']).to_owned()),
        };
        let is_quoted = self.quoted.is_some();
        let block = match (block, self.number) {
            (Block::Paragraph(text), Some(number)) if !text.trim().is_empty() => {
                self.number = None;
                Block::Paragraph(format!("{number}. {}", text.trim_start()))
            }
            (block, _) => block,
        };
        if !block.is_empty() {
            self.pieces.push(Piece { block, is_quoted });
        }
    }

    fn start(&mut self, name: &str, attributes: &str) {
        if name == "br" {
            self.line_break();
            return;
        }
        if !INLINE.contains(&name) && self.code.is_none() {
            self.flush();
        }
        if VOID.contains(&name) {
            return;
        }
        match name {
            "td" | "th" if !self.text.trim().is_empty() => self.text.push_str("; "),
            "ul" | "menu" => self.lists.push(None),
            "ol" => self.lists.push(Some(1)),
            "li" if self.silent.is_none() => {
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.number = Some(*number);
                    *number += 1;
                }
            }
            "pre" if self.code.is_none() && self.silent.is_none() => self.code = Some(self.depth),
            _ => {}
        }
        if let [b'h', digit @ b'1'..=b'6'] = name.as_bytes() {
            self.heading = Some((self.depth, digit - b'0'));
        }
        if self.silent.is_none() && is_silent(name, attributes) {
            self.silent = Some(self.depth);
        }
        if self.quoted.is_none() && is_history(name, attributes) {
            self.quoted = Some(self.depth);
        }
        self.depth += 1;
    }

    fn end(&mut self, name: &str) {
        if VOID.contains(&name) {
            return;
        }
        self.depth = self.depth.saturating_sub(1);
        if name == "pre" && self.code == Some(self.depth) {
            self.flush();
            self.code = None;
        } else if !INLINE.contains(&name) && self.code.is_none() {
            self.flush();
        }
        if name == "li" {
            self.number = None;
        }
        if matches!(name, "ul" | "menu" | "ol") {
            self.lists.pop();
        }
        self.heading = self.heading.filter(|(began, _)| *began < self.depth);
        self.silent = self.silent.filter(|began| *began < self.depth);
        self.quoted = self.quoted.filter(|began| *began < self.depth);
    }

    /// One break goes on with the sentence, two begin a paragraph.
    fn line_break(&mut self) {
        if self.code.is_some() {
            self.text.push('\n');
            return;
        }
        self.breaks += 1;
        if self.breaks > 1 {
            self.flush();
        } else {
            self.text.push(' ');
        }
    }
}

fn is_silent(name: &str, attributes: &str) -> bool {
    let is_hidden = attribute(attributes, "hidden").is_some()
        || attribute(attributes, "aria-hidden") == Some("true")
        || attribute(attributes, "style").is_some_and(|style| {
            let style = style.to_ascii_lowercase().replace(' ', "");
            style.contains("display:none")
                || style.contains("visibility:hidden")
                || style.contains("mso-hide:all")
        });
    SILENT.contains(&name) || is_hidden || has_name(attributes, &ADDED)
}

fn is_history(name: &str, attributes: &str) -> bool {
    (name == "blockquote" && attribute(attributes, "type") == Some("cite"))
        || has_name(attributes, &HISTORY)
}

/// Whether its class or id is one of these words.
fn has_name(attributes: &str, names: &[&str]) -> bool {
    ["class", "id"]
        .iter()
        .filter_map(|kind| attribute(attributes, kind))
        .any(|value| {
            value
                .split_ascii_whitespace()
                .any(|word| names.contains(&word))
        })
}

/// A heading without the sign of the link to itself.
fn without_anchor(text: &str) -> &str {
    text.trim()
        .trim_end_matches(['¶', '#'])
        .trim_start_matches('#')
}
