//! Which characters some bytes are.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page its own word about its characters is looked for. The standard says 1,024; makers put it later.
const PRESCAN: usize = 4_096;

/// The text of these bytes: as their order mark says, else UTF-8 if they can be nothing else, else the header, else the
/// page itself, and else windows-1252, of which ISO-8859-1 is a part (WHATWG Encoding).
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling(&bytes[mark..])
            .0
            .into_owned();
    }
    let start = &bytes[..bytes.len().min(PRESCAN)];
    let said = content_type
        .map(|of| of.as_bytes().to_vec())
        .and_then(|of| label(&of))
        .or_else(|| label(start));
    let encoding = match said {
        _ if is_utf8(bytes) => UTF_8,
        Some(encoding) if encoding != UTF_8 => encoding,
        // What a server says of all its files is often wrong for old ones.
        Some(_) | None => label(start)
            .filter(|own| *own != UTF_8)
            .unwrap_or(WINDOWS_1252),
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Whether characters beyond ASCII are there and are nearly all those of UTF-8, which hardly ever happens by chance; a
/// page that was cut may end within one.
fn is_utf8(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let wrong = text.chars().filter(|char| *char == '\u{fffd}').count();
    let wide = text.chars().filter(|char| !char.is_ascii()).count() - wrong;
    wide > 2 * wrong
}

/// The first `charset=` or XML `encoding=` that names one.
fn label(bytes: &[u8]) -> Option<&'static Encoding> {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    ["charset", "encoding"].iter().find_map(|word| {
        text.match_indices(word).find_map(|(at, _)| {
            let value = text[at + word.len()..].trim_start().strip_prefix('=')?;
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let end =
                value.find(|char: char| !(char.is_ascii_alphanumeric() || "-_:.".contains(char)));
            let encoding = Encoding::for_label(&value.as_bytes()[..end.unwrap_or(value.len())])?;
            // A page whose ASCII could be read is not UTF-16 (WHATWG HTML).
            Some(
                if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
                    UTF_8
                } else {
                    encoding
                },
            )
        })
    })
}
