//! What a mail forwards: the text behind the mark, and who wrote it.

use super::{
    subject,
    trim::{behind_mark, is_header, trimmed},
};
use crate::{Block, article::one_line, html::Piece};

/// Blocks that may stand between the mark and the forwarded text.
const HEADERS_MAX: usize = 8;
const NAMES: [&[&str]; 4] = [
    &["from:", "von:", "de:", "de :"],
    &["subject:", "betreff:", "objet:", "objet :", "asunto:"],
    &[
        "date:",
        "datum:",
        "sent:",
        "gesendet:",
        "envoyé :",
        "fecha:",
    ],
    &["to:", "an:", "cc:", "à :", "para:", "reply-to:"],
];

/// A forwarded mail.
#[derive(Debug, Default)]
pub(super) struct Forward {
    pub(super) subject: Option<String>,
    pub(super) from_name: Option<String>,
    pub(super) from_address: Option<String>,
    pub(super) blocks: Vec<Block>,
}

/// What stands behind the first mark, if there is one.
pub(super) fn forwarded(body: &[Piece]) -> Option<Forward> {
    let texts: Vec<String> = body
        .iter()
        .map(|piece| one_line(piece.block.spoken()))
        .collect();
    let mut forward = Forward::default();
    let mark = texts
        .iter()
        .position(|text| text.len() < 600 && behind_mark(text).is_some());
    if let Some(behind) = mark.and_then(|mark| behind_mark(&texts[mark])) {
        forward.header(behind);
    }
    let start = match mark {
        Some(mark) => mark + 1,
        None => texts.iter().position(|text| is_header(text))?,
    };
    let mut end = start;
    for text in texts[start..].iter().take(HEADERS_MAX) {
        if !forward.header(text) {
            break;
        }
        end += 1;
    }
    forward.blocks = trimmed(
        body[end..]
            .iter()
            .map(|piece| piece.block.clone())
            .collect(),
    );
    Some(forward)
}

impl Forward {
    /// Takes what a line of the forwarded mail's header says; whether it is one. Programs write each on its own line, or
    /// all in one paragraph.
    fn header(&mut self, line: &str) -> bool {
        let lower = line.to_lowercase();
        // A character whose lower case is longer would move the places that are found.
        if lower.len() != line.len()
            || !NAMES
                .iter()
                .flat_map(|names| names.iter())
                .any(|name| lower.starts_with(name))
        {
            return false;
        }
        let mut places: Vec<(usize, usize, usize)> = Vec::new();
        for (kind, names) in NAMES.iter().enumerate() {
            let found = names
                .iter()
                .filter_map(|name| Some((word_at(&lower, name)?, name.len())));
            places.extend(found.min().map(|(at, length)| (at, at + length, kind)));
        }
        places.sort_unstable();
        for (index, (_, start, kind)) in places.iter().enumerate() {
            let end = places.get(index + 1).map_or(line.len(), |next| next.0);
            let value = line.get(*start..end.max(*start)).unwrap_or_default().trim();
            match kind {
                0 => self.from(value),
                1 => self.subject = Some(subject(value)).filter(|subject| !subject.is_empty()),
                _ => {}
            }
        }
        true
    }

    /// `Name <address>`, `Name [mailto:address]` or an address alone.
    fn from(&mut self, value: &str) {
        let (name, address) = value.split_once(['<', '[']).unwrap_or(("", value));
        let address = address
            .trim_start_matches("mailto:")
            .trim_end_matches(['>', ']', ' ']);
        let name = name.trim().trim_matches('"');
        if address.contains('@') && !address.contains(' ') {
            self.from_address = Some(address.to_lowercase());
        }
        let named = if name.is_empty() && self.from_address.is_none() {
            value
        } else {
            name
        };
        self.from_name = Some(named.to_owned()).filter(|name| !name.is_empty());
    }
}

/// Where the name begins a word.
fn word_at(line: &str, name: &str) -> Option<usize> {
    line.match_indices(name)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || line[..*at].ends_with(' '))
}
