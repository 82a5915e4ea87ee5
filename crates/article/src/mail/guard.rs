//! Which mails are not even parsed: the parser nests as deep as a mail says, and for much that it does not find it looks
//! through all the rest, once for each. What is counted here is counted as the parser reads it, header or not.

use crate::Refusal;

/// Mails within mails are a list within a list: more of them are an attack, not a forward.
const NESTED_MAX: usize = 20;
/// Runs of dashes; each may begin a part.
const PARTS_MAX: usize = 20_000;
/// Lines of a header. Mails that passed many servers have some 200.
const HEADERS_MAX: usize = 5_000;
/// Lines, encoded ones too; each may be a line of a part's header.
const LINES_MAX: usize = 200_000;
/// Bytes that are looked through for what is not there: 5 MiB, 50 times.
const SCANNED_MAX: usize = 50 * 5 * 1024 * 1024;
/// Dashes beside a boundary. With many, it begins again and again within itself.
const DASHES_MAX: usize = 100;
/// Bytes that may stand between the words of a type.
const GAP_MAX: usize = 200;
/// A mail within a mail is encoded in no other way; the parser would decode it, and parse what nobody has counted.
const PLAIN: [&[u8]; 3] = [b"7bit", b"8bit", b"binary"];

pub(super) fn check(raw: &[u8]) -> Result<(), Refusal> {
    if places(raw, b"\n").count() > LINES_MAX {
        return Err(Refusal::TooManyLines);
    }
    let nested: Vec<usize> = types(raw, b"message", &[b"rfc822", b"global"])
        .take(NESTED_MAX + 1)
        .collect();
    let is_hostile = nested.len() > NESTED_MAX
        // Its parts are mails without saying so.
        || types(raw, b"multipart", &[b"digest"]).next().is_some()
        || dashes(raw) > PARTS_MAX
        || headers(raw) > HEADERS_MAX
        || places(raw, b"boundary").count().saturating_mul(raw.len()) > SCANNED_MAX
        || fields(raw).any(is_hard)
        || nested.into_iter().any(|at| is_encoded(raw, at));
    if is_hostile {
        return Err(Refusal::UnreadableMail);
    }
    Ok(())
}

/// Where these letters stand, however they are written.
fn places<'a>(raw: &'a [u8], letters: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = raw.windows(letters.len()).enumerate();
    windows
        .filter(|(_, window)| window.eq_ignore_ascii_case(letters))
        .map(|(at, _)| at)
}

/// Where a type of these words stands, such as `message/rfc822`.
fn types<'a>(
    raw: &'a [u8],
    word: &'static [u8],
    subtypes: &'a [&'static [u8]],
) -> impl Iterator<Item = usize> + 'a {
    let is_subtype = move |rest: &[u8]| {
        let names = |name: &&[u8]| {
            rest.get(..name.len())
                .is_some_and(|at| at.eq_ignore_ascii_case(name))
        };
        subtypes.iter().any(names)
    };
    places(raw, word).filter(move |at| match behind_gap(&raw[at + word.len()..]) {
        Some([b'/', rest @ ..]) => behind_gap(rest).is_none_or(is_subtype),
        Some(_) => false,
        None => true,
    })
}

/// What stands behind all that the parser skips within a type: space, quotation marks and comments. `None`: too much of it.
fn behind_gap(bytes: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().take(GAP_MAX) {
        match byte {
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\\' => {}
            _ if depth > 0 => {}
            _ => return Some(&bytes[at..]),
        }
    }
    (bytes.len() < GAP_MAX).then_some(&[])
}

/// Runs of two or more dashes.
fn dashes(raw: &[u8]) -> usize {
    let runs = raw.chunk_by(|one, next| (*one == b'-') == (*next == b'-'));
    runs.filter(|run| run.starts_with(b"--")).count()
}

/// Lines of the header.
fn headers(raw: &[u8]) -> usize {
    let lines = raw.split(|byte| *byte == b'\n');
    lines
        .take_while(|line| !line.trim_ascii().is_empty())
        .count()
}

/// Lines, each with those that go on with it.
fn fields(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw.chunk_by(|one, next| *one != b'\n' || matches!(next, b' ' | b'\t'))
}

/// Whether a field takes the parser much longer than its bytes: attributes in many pieces, and encoded words without an end,
/// are looked up or looked through once for each.
fn is_hard(field: &[u8]) -> bool {
    let pieces = places(field, b"*").count() + places(field, b"=?").count();
    pieces.saturating_mul(field.len()) > SCANNED_MAX
        || places(field, b"--").nth(DASHES_MAX).is_some()
            && places(field, b"boundary").next().is_some()
}

/// Whether the header around this place says that what follows is encoded, or does not say it plainly.
fn is_encoded(raw: &[u8], at: usize) -> bool {
    let is_blank = |at: &usize| {
        let line = &raw[*at..];
        line.starts_with(b"\n\n") || line.starts_with(b"\n\r\n")
    };
    let start = (0..at).rev().find(is_blank).unwrap_or(0);
    let end = (at..raw.len()).find(is_blank).unwrap_or(raw.len());
    // The parser reads names of headers without the space in them.
    let header: Vec<u8> = raw[start..end]
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(u8::to_ascii_lowercase)
        .collect();
    let name = b"transfer-encoding:";
    places(&header, name).any(|at| {
        let says = &header[at + name.len()..];
        !PLAIN.iter().any(|plain| says.starts_with(plain))
    })
}
