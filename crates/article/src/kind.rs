//! Files that are no text, told by how they begin.

use crate::Refusal;

const SIGNS: [(&[u8], &str); 17] = [
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"II*\0", "an image"),
    (b"MM\0*", "an image"),
    (b"BM\0\0", "an image"),
    (b"\0\0\x01\0", "an image"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "a rich text document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"RIFF", "an image or a sound file"),
    (b"\x7fELF", "a program"),
];

/// Bytes in which a zero is looked for; no text has one, except in UTF-16.
const LOOKED_AT: usize = 4_096;

/// What these bytes are, in words, if they are no text.
pub(crate) fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    let known = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign));
    if let Some((_, kind)) = known {
        return Some(kind);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("an image, a film or a sound file");
    }
    let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let has_zero = bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0);
    (has_zero && !is_utf16).then_some("a binary file")
}

/// The characters of a text that is no page.
#[cfg_attr(
    feature = "sources",
    expect(clippy::unnecessary_wraps, reason = "fails without the feature")
)]
fn characters(bytes: &[u8]) -> Result<String, Refusal> {
    #[cfg(feature = "sources")]
    return Ok(crate::charset::decode(bytes, None));
    #[cfg(not(feature = "sources"))]
    return String::from_utf8(bytes.to_vec()).map_err(|_| Refusal::UnreadableCharacters);
}

/// The characters of a file that should be text.
pub(crate) fn text_of(bytes: &[u8]) -> Result<String, Refusal> {
    match binary_kind(bytes) {
        Some(kind) => Err(Refusal::NotText(kind)),
        None => characters(bytes),
    }
}
