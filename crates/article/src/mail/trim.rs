//! What a mail says itself: without what it answers, a signature, and what newsletters put around their text.

use crate::{
    Block,
    article::{one_line, words},
    html::Piece,
};

/// Lines that introduce what is answered: how they begin, and how they end.
const INTRODUCTIONS: [(&str, &str); 9] = [
    ("on ", "wrote:"),
    ("am ", "schrieb:"),
    ("le ", "a écrit :"),
    ("le ", "a écrit:"),
    ("el ", "escribió:"),
    ("il ", "ha scritto:"),
    ("op ", "schreef:"),
    ("den ", "skrev:"),
    ("on ", "wrote :"),
];
const MARKS: [&str; 9] = [
    "original message",
    "forwarded message",
    "begin forwarded message",
    "ursprüngliche nachricht",
    "originalnachricht",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "message transféré",
    "mensaje reenviado",
];
/// What telephones and mail programs add.
const ADDED: [&str; 8] = [
    "sent from my",
    "get outlook for",
    "von meinem iphone gesendet",
    "von meinem ipad gesendet",
    "gesendet von meinem",
    "diese nachricht wurde von meinem",
    "envoyé de mon",
    "enviado desde mi",
];
const ABOVE: [&str; 7] = [
    "view in browser",
    "view this email in your browser",
    "view online",
    "read online",
    "open in app",
    "im browser ansehen",
    "im browser öffnen",
];
const BELOW: [&str; 16] = [
    "unsubscribe",
    "manage your preferences",
    "manage preferences",
    "update your preferences",
    "email preferences",
    "you are receiving this",
    "you received this",
    "you're receiving this",
    "all rights reserved",
    "abmelden",
    "abbestellen",
    "sie erhalten diese",
    "newsletter austragen",
    "se désabonner",
    "view this email in your browser",
    "forward this email",
];
/// What a newsletter puts around its text is short, and near its ends.
const AROUND_WORDS: usize = 60;
const AROUND_BLOCKS: usize = 10;

/// Longer lines, in bytes, are text.
const LINE_MAX: usize = 600;

/// The blocks of a mail that are its own.
pub(super) fn own(body: &[Piece]) -> Vec<Block> {
    let end = body
        .iter()
        .position(|piece| is_history(piece.block.spoken()) || is_header(piece.block.spoken()));
    let own = body[..end.unwrap_or(body.len())]
        .iter()
        .filter(|piece| !piece.is_quoted);
    trimmed(own.map(|piece| piece.block.clone()).collect())
}

/// The blocks without what is around a newsletter's text and without a signature.
pub(super) fn trimmed(mut blocks: Vec<Block>) -> Vec<Block> {
    let signature = blocks
        .iter()
        .position(|block| matches!(block.spoken().trim(), "--" | "-- "));
    blocks.truncate(signature.unwrap_or(blocks.len()));
    let from = blocks
        .len()
        .saturating_sub(AROUND_BLOCKS)
        .max(1)
        .min(blocks.len());
    let below = blocks[from..].iter().position(|block| says(block, &BELOW));
    blocks.truncate(below.map_or(blocks.len(), |at| from + at));
    while blocks
        .last()
        .is_some_and(|block| begins(block, &ADDED) || is_rule(block))
    {
        blocks.pop();
    }
    let mut at = 0;
    blocks.retain(|block| {
        at += 1;
        at > AROUND_BLOCKS || !says(block, &ABOVE)
    });
    blocks
}

/// Whether what follows this line is what is answered or forwarded.
pub(super) fn is_history(line: &str) -> bool {
    if line.len() > LINE_MAX {
        return false;
    }
    let line = one_line(line).to_lowercase();
    let introduces = |(begin, end): &(&str, &str)| line.starts_with(begin) && line.ends_with(end);
    INTRODUCTIONS.iter().any(introduces) || behind_mark(&line).is_some()
}

/// What stands behind a mark of what is forwarded, such as `---- Forwarded message ----`, in the same paragraph.
pub(super) fn behind_mark(line: &str) -> Option<&str> {
    let strokes = ['-', '_', ' ', ':', '*'];
    let bare = line.trim_start_matches(strokes);
    let lower = bare.to_lowercase();
    let mark = MARKS.iter().find(|mark| lower.starts_with(*mark))?;
    let behind = bare.get(mark.len()..)?.trim_start_matches(strokes);
    (behind.is_empty() || bare.len() < line.len()).then_some(behind)
}

/// The lines that Outlook puts above what is answered: From, Sent, To, Subject.
pub(super) fn is_header(text: &str) -> bool {
    if text.len() > LINE_MAX {
        return false;
    }
    let text = one_line(text).to_lowercase();
    let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
    ["from: ", "von: ", "de : ", "de: "]
        .iter()
        .any(|name| text.starts_with(name))
        && has(&["sent: ", "gesendet: ", "date: ", "datum: ", "envoyé : "])
        && has(&["subject: ", "betreff: ", "objet : ", "to: ", "an: "])
}

fn says(block: &Block, phrases: &[&str]) -> bool {
    let is_short =
        block.spoken().len() <= LINE_MAX && words(std::slice::from_ref(block)) <= AROUND_WORDS;
    let text = block
        .spoken()
        .get(..LINE_MAX)
        .unwrap_or(block.spoken())
        .to_lowercase();
    is_short && phrases.iter().any(|phrase| text.contains(phrase))
}

fn begins(block: &Block, phrases: &[&str]) -> bool {
    let text = block.spoken().get(..LINE_MAX).unwrap_or(block.spoken());
    let text = text.trim().to_lowercase();
    phrases.iter().any(|phrase| text.starts_with(phrase))
}

/// A line of nothing but strokes.
fn is_rule(block: &Block) -> bool {
    let text = block.spoken().trim();
    !text.is_empty() && text.chars().all(|char| "-_=*~ ".contains(char))
}
