//! A page made small and well nested before a parser builds a tree of it: so many elements, so deep, so long.
//!
//! The parser repairs wrong nesting as the standard asks, at a cost that grows with the square of the page (each open
//! `<b>` is opened again in each new `<p>`), and readability looks at each element's whole text. After this there is
//! nothing to repair, and little depth.

use super::lexer::{Lexer, Token, attribute};
use super::silence::is_silent;
use super::veil::veiled;

/// Elements inside each other. Pages have some 30; Chromium's own limit is 512.
const DEPTH_MAX: usize = 100;
/// Elements of a page; of what comes later only the text is kept. Long pages have some 5,000.
const ELEMENTS_MAX: usize = 20_000;
/// Bytes of a page that are kept. Without scripts and styles, long pages have some 200 KB.
const HTML_MAX: usize = 2 * 1024 * 1024;
/// Spaces and line breaks in a row that are kept of preformatted text.
const CODE_SPACES_MAX: usize = 100;
/// Attributes that say what an element is for. Longer values are data.
const VALUE_MAX: usize = 500;
const ATTRIBUTES: [&str; 14] = [
    "class",
    "id",
    "role",
    "hidden",
    "aria-hidden",
    "style",
    "itemprop",
    "itemtype",
    "rel",
    "href",
    "property",
    "name",
    "content",
    "type",
];
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// They change how words look; readability and we need only the words.
const LOOKS: [&str; 16] = [
    "b", "i", "u", "s", "em", "strong", "font", "small", "big", "tt", "strike", "nobr", "mark",
    "ins", "abbr", "dfn",
];
/// What a start tag ends by itself, up to the element that holds such ones.
const IMPLIED: [(&[&str], &[&str], &[&str]); 7] = [
    (&["li"], &["li"], &["ul", "ol", "menu"]),
    (&["dt", "dd"], &["dt", "dd"], &["dl"]),
    (&["td", "th"], &["td", "th"], &["tr", "table"]),
    (&["tr"], &["tr"], &["table", "tbody", "thead", "tfoot"]),
    (
        &["tbody", "thead", "tfoot"],
        &["tbody", "thead", "tfoot"],
        &["table"],
    ),
    (&["a"], &["a"], &["table", "div"]),
    (
        &[
            "p",
            "div",
            "section",
            "article",
            "aside",
            "header",
            "footer",
            "main",
            "nav",
            "ul",
            "ol",
            "dl",
            "table",
            "blockquote",
            "pre",
            "figure",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "form",
            "center",
            "address",
        ],
        &["p", "h1", "h2", "h3", "h4", "h5", "h6"],
        &[
            "td",
            "th",
            "div",
            "li",
            "table",
            "button",
            "section",
            "article",
            "blockquote",
            "center",
        ],
    ),
];

/// A page, made well nested, and what else was seen in it.
#[derive(Debug, Default)]
pub(crate) struct Page<'a> {
    /// Its elements, without scripts and styles.
    pub(crate) html: String,
    /// Its metadata for search engines.
    pub(crate) json_ld: Vec<&'a str>,
    /// What it says to a browser without scripts.
    pub(crate) without_scripts: String,
    /// Fields for a password.
    pub(crate) passwords: usize,
    elements: usize,
    open: Vec<String>,
    /// Elements that were left out and may still end.
    left_out: usize,
    /// How many elements were open when one began that is left out with all within it.
    silent: Option<usize>,
}

impl<'a> Page<'a> {
    pub(crate) fn read(html: &'a str) -> Self {
        let mut page = Self::default();
        for token in Lexer::new(html) {
            match token {
                Token::Text(text) => page.text(text),
                Token::Start { name, attributes } => {
                    page.start(&name.to_ascii_lowercase(), attributes);
                }
                Token::End { name } => page.end(&name.to_ascii_lowercase()),
                Token::Raw {
                    name,
                    attributes,
                    content,
                } => page.raw(&name.to_ascii_lowercase(), attributes, content),
            }
        }
        page.close_to(0);
        page
    }

    fn text(&mut self, text: &str) {
        if self.silent.is_some() || self.html.len() >= HTML_MAX {
            return;
        }
        let spaces_max = if self.open.iter().any(|open| open == "pre") {
            CODE_SPACES_MAX
        } else {
            1
        };
        let mut spaces = usize::from(self.html.ends_with(' '));
        for char in veiled(text).chars() {
            spaces = if char.is_whitespace() { spaces + 1 } else { 0 };
            if spaces <= spaces_max {
                self.html.push(char);
            }
        }
    }

    /// Words on both sides of what is left out are two. Readability looks at spaces one by one, at each depth: one is enough.
    fn space(&mut self) {
        if !self.html.ends_with(' ') {
            self.html.push(' ');
        }
    }

    fn raw(&mut self, name: &str, attributes: &str, content: &'a str) {
        match name {
            "script" if attributes.contains("ld+json") => self.json_ld.push(content),
            "noscript" => self.without_scripts.push_str(content),
            "title" => self.html.extend(["<title>", &veiled(content), "</title>"]),
            _ => self.space(),
        }
    }

    fn start(&mut self, name: &str, attributes: &str) {
        if LOOKS.contains(&name) {
            return;
        }
        if name == "input"
            && attribute(attributes, "type").is_some_and(|of| of.eq_ignore_ascii_case("password"))
        {
            self.passwords += 1;
        }
        for (names, closed, within) in IMPLIED {
            if names.contains(&name) {
                self.close_up_to(closed, within);
            }
        }
        let is_void = VOID.contains(&name);
        self.elements += 1;
        if self.elements > ELEMENTS_MAX || (!is_void && self.open.len() >= DEPTH_MAX) {
            self.space();
            self.left_out += usize::from(!is_void);
            return;
        }
        if self.silent.is_none() && is_silent(name, attributes) {
            // A reading aid stands within a word.
            self.html
                .push_str(if matches!(name, "rt" | "rp") { "" } else { " " });
            self.silent = Some(self.open.len());
        }
        if !is_void {
            self.open.push(name.to_owned());
        }
        if self.silent.is_none() {
            self.write(name, attributes);
        } else if is_void {
            self.silent = self.silent.filter(|began| *began < self.open.len());
        }
    }

    fn write(&mut self, name: &str, attributes: &str) {
        self.html.extend(["<", name]);
        for kept in ATTRIBUTES {
            let value = attribute(attributes, kept);
            if let Some(value) = value.filter(|value| value.len() <= VALUE_MAX) {
                self.html
                    .extend([" ", kept, "=\"", &value.replace('"', "&quot;"), "\""]);
            }
        }
        if name == "img" && attribute(attributes, "src").is_some() {
            self.html.push_str(" src=\"x\"");
        }
        self.html.push('>');
    }

    fn end(&mut self, name: &str) {
        if LOOKS.contains(&name) {
            return;
        }
        if self.left_out > 0 {
            self.left_out -= 1;
            self.space();
            return;
        }
        match self.open.iter().rposition(|open| open == name) {
            Some(at) => self.close_to(at),
            // Browsers make a break of it.
            None if name == "br" => self.html.push_str("<br>"),
            None => self.space(),
        }
    }

    /// Closes the innermost of these elements, if it is not outside of one of those.
    fn close_up_to(&mut self, names: &[&str], within: &[&str]) {
        for at in (0..self.open.len()).rev() {
            let open = self.open[at].as_str();
            if names.contains(&open) {
                self.close_to(at);
                return;
            }
            if within.contains(&open) {
                return;
            }
        }
    }

    fn close_to(&mut self, length: usize) {
        while self.open.len() > length {
            let name = self.open.pop().unwrap_or_default();
            if self.silent.is_none() {
                self.html.extend(["</", &name, ">"]);
            }
            self.silent = self.silent.filter(|began| *began < self.open.len());
        }
    }
}
