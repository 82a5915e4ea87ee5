//! HTML as a row of tags and texts, in one pass without a stack: what is hidden in the middle of it costs its length.

/// A piece of HTML. Names are as they were written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Token<'a> {
    /// Text, with its character references.
    Text(&'a str),
    /// `<name attributes>`.
    Start { name: &'a str, attributes: &'a str },
    /// `</name>`.
    End { name: &'a str },
    /// An element whose content is not markup, such as a script, with that content.
    Raw {
        name: &'a str,
        attributes: &'a str,
        content: &'a str,
    },
}

/// Their content is text to a browser, or nothing that an article could need.
const RAW: [&str; 15] = [
    "script", "style", "textarea", "title", "noscript", "iframe", "noembed", "noframes", "xmp",
    "template", "svg", "math", "object", "canvas", "select",
];

/// A tag that is longer has a quote that somebody forgot to close.
const QUOTED_MAX: usize = 100_000;
/// Ten such tags are met with patience.
const PATIENCE: usize = 1_000_000;

/// The pieces of an HTML text.
#[derive(Debug)]
pub(crate) struct Lexer<'a> {
    rest: &'a str,
    /// Which of [`RAW`] never end in what is left, so that nobody searches for their ends again and again.
    endless: [bool; RAW.len()],
    /// No `>` or no comment's end is left.
    is_tagless: bool,
    is_commentless: bool,
    /// Bytes that may still be read in vain, of quotes that are never closed.
    patience: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(html: &'a str) -> Self {
        Self {
            rest: html,
            endless: [false; RAW.len()],
            is_tagless: false,
            is_commentless: false,
            patience: PATIENCE,
        }
    }

    /// What stands between `<!` or `<?` and its end is passed over.
    fn skip_declaration(&mut self) {
        if self.rest.starts_with("<!--") && !self.is_commentless {
            if let Some(end) = self.rest[4..].find("-->") {
                self.rest = &self.rest[4 + end + 3..];
                return;
            }
            self.is_commentless = true;
        }
        self.rest = self.rest.split_once('>').map_or("", |(_, after)| after);
    }

    /// The tag at the beginning of the rest; the rest begins behind it.
    fn tag(&mut self) -> Option<Token<'a>> {
        let inside = &self.rest[1..];
        let (is_end, inside) = match inside.strip_prefix('/') {
            Some(inside) => (true, inside),
            None => (false, inside),
        };
        if self.is_tagless || !inside.starts_with(|char: char| char.is_ascii_alphabetic()) {
            return None;
        }
        let Some(end) = self.tag_end(inside) else {
            self.is_tagless = true;
            return None;
        };
        let tag = &inside[..end];
        self.rest = &inside[end + 1..];
        let name_end = tag
            .find(|char: char| char.is_ascii_whitespace() || char == '/')
            .unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_end);
        if is_end {
            return Some(Token::End { name });
        }
        Some(
            self.raw(name, attributes)
                .unwrap_or(Token::Start { name, attributes }),
        )
    }

    /// Where a tag ends: at the first `>` outside of quotes, or, where a quote is not closed nearby, at the first of all.
    fn tag_end(&mut self, tag: &str) -> Option<usize> {
        let (mut quote, mut before) = (None, b' ');
        for (at, byte) in tag.bytes().enumerate().take(self.patience.min(QUOTED_MAX)) {
            match (quote, byte) {
                (None, b'>') => return Some(at),
                (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
                (Some(open), _) if open == byte => quote = None,
                (None | Some(_), _) => {}
            }
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
        }
        self.patience -= tag.len().min(self.patience.min(QUOTED_MAX));
        tag.find('>')
    }

    fn raw(&mut self, name: &'a str, attributes: &'a str) -> Option<Token<'a>> {
        let at = RAW.iter().position(|raw| name.eq_ignore_ascii_case(raw))?;
        if self.endless[at] {
            return None;
        }
        let Some((start, end)) = find_end(self.rest, name) else {
            self.endless[at] = true;
            return None;
        };
        let content = &self.rest[..start];
        self.rest = &self.rest[end..];
        Some(Token::Raw {
            name,
            attributes,
            content,
        })
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                self.skip_declaration();
                continue;
            }
            if self.rest.is_empty() {
                return None;
            }
            if self.rest.starts_with('<')
                && let Some(tag) = self.tag()
            {
                return Some(tag);
            }
            // A `<` that begins no tag is text.
            let begin = usize::from(self.rest.starts_with('<'));
            let end = self.rest[begin..]
                .find('<')
                .map_or(self.rest.len(), |end| begin + end);
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Some(Token::Text(text));
        }
    }
}

/// Where the end tag of that name begins and ends.
fn find_end(html: &str, name: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = html[from..].find("</") {
        let start = from + at;
        let behind = html.get(start + 2..start + 2 + name.len());
        if behind.is_some_and(|behind| behind.eq_ignore_ascii_case(name)) {
            let end = html[start..]
                .find('>')
                .map_or(html.len(), |end| start + end + 1);
            return Some((start, end));
        }
        from = start + 2;
    }
    None
}

/// The value of an attribute, as it was written, without its quotes.
pub(crate) fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|char: char| char.is_ascii_whitespace() || char == '/');
        if rest.is_empty() {
            return None;
        }
        // The first character belongs to the name, even if it is `=`.
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, char)| char.is_ascii_whitespace() || matches!(char, '=' | '/'));
        let (own, behind) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        let behind = behind.trim_start();
        let (value, behind) = match behind.strip_prefix('=') {
            Some(value) => value_of(value.trim_start()),
            None => ("", behind),
        };
        if own.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = behind;
    }
}

fn value_of(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    let end = text
        .find(|char: char| char.is_ascii_whitespace())
        .unwrap_or(text.len());
    text.split_at(end)
}
