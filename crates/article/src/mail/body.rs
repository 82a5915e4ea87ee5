//! The body of a mail, as blocks: HTML where it has some, because that knows headings and quotes.

use crate::{
    Block, LINES_MAX, Refusal,
    address::is_web_address,
    html::{Piece, mail_pieces},
    plain::paragraphs,
};
use mail_parser::{Message, MessagePart, PartType};

/// Parts that are looked at.
const PARTS_MAX: usize = 50;
/// A HTML part with so much less text than the plain one is a picture with a link.
const SHARE_MIN: usize = 2;

/// The blocks of the mail, or of the one that it brings as an attachment.
///
/// # Errors
/// When all that would be looked at has too many lines: each may become a block.
pub(super) fn pieces(message: &Message<'_>) -> Result<Vec<Piece>, Refusal> {
    let mut left = LINES_MAX;
    pieces_within(message, &mut left)
}

fn pieces_within(message: &Message<'_>, left: &mut usize) -> Result<Vec<Piece>, Refusal> {
    let mut body = of(message.html_bodies(), left)?;
    let length = |pieces: &[Piece]| {
        pieces
            .iter()
            .map(|piece| piece.block.spoken().len())
            .sum::<usize>()
    };
    if message.html_body != message.text_body {
        let text = of(message.text_bodies(), left)?;
        if length(&body) * SHARE_MIN < length(&text) {
            body = text;
        }
    }
    if length(&body) > 0 {
        return Ok(body);
    }
    // Somebody sends a mail as an attachment of an empty one.
    if let Some(nested) = message.attachments().find_map(MessagePart::message) {
        let pieces = pieces_within(nested, left)?;
        if length(&pieces) > 0 {
            return Ok(pieces);
        }
    }
    of(message.attachments(), left)
}

/// The blocks of these parts. Lines of text, and blocks of HTML, are taken off what is left.
fn of<'a>(
    parts: impl Iterator<Item = &'a MessagePart<'a>>,
    left: &mut usize,
) -> Result<Vec<Piece>, Refusal> {
    let mut pieces = Vec::new();
    let mut take = |count: usize| {
        *left = left.checked_sub(count).ok_or(Refusal::TooManyLines)?;
        Ok(())
    };
    for part in parts.take(PARTS_MAX) {
        match &part.body {
            PartType::Html(html) => {
                let blocks = mail_pieces(html);
                take(blocks.len())?;
                pieces.extend(blocks);
            }
            PartType::Text(text) => {
                take(text.lines().count())?;
                pieces.extend(plain(text));
            }
            PartType::Binary(_)
            | PartType::InlineBinary(_)
            | PartType::Message(_)
            | PartType::Multipart(_) => {}
        }
    }
    Ok(pieces)
}

/// Runs of lines that are quoted, with `>`, and of lines that are not.
fn plain(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut run, mut was_quoted) = (String::new(), false);
    let own = text.lines().take_while(|line| !ends_text(line));
    for line in own {
        let line = line.trim_end_matches('\r');
        let is_quoted = line.starts_with('>');
        if is_quoted != was_quoted {
            add(&mut pieces, &run, was_quoted);
            run.clear();
            was_quoted = is_quoted;
        }
        let line = line.trim_start_matches(['>', ' ']);
        // A mark of history is a paragraph of its own, even without blank lines around it.
        let is_mark = super::trim::is_history(line);
        run.extend([
            if is_mark { "\n" } else { "" },
            line,
            if is_mark { "\n\n" } else { "\n" },
        ]);
    }
    add(&mut pieces, &run, was_quoted);
    pieces
}

fn add(pieces: &mut Vec<Piece>, run: &str, is_quoted: bool) {
    let all = paragraphs(run).into_iter();
    let spoken = all.map(|block| Block::Paragraph(without_addresses(block.spoken())));
    let spoken = spoken.filter(|block| !block.is_empty());
    pieces.extend(spoken.map(|block| Piece { block, is_quoted }));
}

/// What follows is a signature (RFC 3676) or what a mailing list adds.
fn ends_text(line: &str) -> bool {
    let line = line.trim_end_matches('\r');
    line == "-- " || line == "--" || (line.len() >= 30 && line.bytes().all(|byte| byte == b'_'))
}

/// The text without the addresses that a mail program writes out behind its links.
fn without_addresses(text: &str) -> String {
    let is_address = |word: &&str| is_web_address(word.trim_start_matches(['<', '(', '[']));
    let is_only = text.split_whitespace().all(|word| is_address(&word));
    let written_out =
        |word: &&str| is_address(word) && (is_only || word.starts_with(['<', '(', '[']));
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !written_out(word))
        .collect();
    words.join(" ")
}
