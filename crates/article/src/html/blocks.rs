//! Blocks of well nested HTML: which elements are paragraphs, and which words a mail only quotes.

use super::lexer::{Lexer, Token, attribute};
use super::silence::has_name;
use super::veil::unveiled;
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
    /// Elements that are open, and at which of them a quote, a heading or preformatted text began.
    depth: usize,
    quoted: Option<usize>,
    heading: Option<(usize, u8)>,
    code: Option<usize>,
    /// The number of the next item of each list that is open.
    lists: Vec<Option<usize>>,
    /// The number of the item that begins.
    number: Option<usize>,
    /// Where raised text begins, and whether a link is in it.
    note: Option<(usize, bool)>,
    /// Line breaks since the last word.
    breaks: usize,
}

/// The blocks of HTML that [`super::nesting`] or a tree has made well nested.
pub(crate) fn pieces(html: &str) -> Vec<Piece> {
    let mut reader = Reader::default();
    for token in Lexer::new(html) {
        match token {
            Token::Text(text) => reader.say(&unveiled(text)),
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
        if !text.trim().is_empty() {
            self.breaks = 0;
        }
        self.text.push_str(text);
    }

    /// What was said becomes a block.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.note = None;
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
            "time" => self.text.push(' '),
            "sup" => self.note = Some((self.text.len(), false)),
            "a" => self.note = self.note.map(|(start, _)| (start, true)),
            "td" | "th" if !self.text.trim().is_empty() => self.text.push_str("; "),
            "ul" | "menu" => self.lists.push(None),
            "ol" => self.lists.push(Some(1)),
            "li" => {
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.number = Some(*number);
                    *number += 1;
                }
            }
            "pre" if self.code.is_none() => self.code = Some(self.depth),
            _ => {}
        }
        if let [b'h', digit @ b'1'..=b'6'] = name.as_bytes() {
            self.heading = Some((self.depth, digit - b'0'));
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
        match name {
            "time" => self.text.push(' '),
            "sup" => self.end_note(),
            _ => {}
        }
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
        self.quoted = self.quoted.filter(|began| *began < self.depth);
    }

    /// A raised link is the number of a footnote.
    fn end_note(&mut self) {
        if let Some((start, true)) = self.note.take() {
            self.text.truncate(start);
        }
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

fn is_history(name: &str, attributes: &str) -> bool {
    (name == "blockquote" && attribute(attributes, "type") == Some("cite"))
        || has_name(attributes, &HISTORY)
}

/// A heading without the sign of the link to itself.
fn without_anchor(text: &str) -> &str {
    text.trim()
        .trim_end_matches(['¶', '#'])
        .trim_start_matches('#')
}
