//! Characters that mean something in HTML, hidden while a page is a tree: the serializer that readability uses needs time
//! that grows with the square of the number of `&` in a text.

/// What stands for `&`, `<` and `>`: characters that nobody may use, since they mean nothing (Unicode, private use).
const VEILS: [(char, char); 3] = [('&', '\u{e000}'), ('<', '\u{e001}'), ('>', '\u{e002}')];

/// The text with its references read, and nothing in it that means something.
pub(super) fn veiled(text: &str) -> String {
    let text = html_escape::decode_html_entities(text);
    let veil = |char: char| match VEILS.iter().find(|(plain, _)| *plain == char) {
        Some((_, veil)) => *veil,
        None if ('\u{e000}'..='\u{e002}').contains(&char) || char == '\u{a0}' => ' ',
        None => char,
    };
    text.chars().map(veil).collect()
}

/// The text as it is read.
pub(super) fn unveiled(text: &str) -> String {
    let plain = |char: char| match VEILS.iter().find(|(_, veil)| *veil == char) {
        Some((plain, _)) => *plain,
        None => char,
    };
    text.chars().map(plain).collect()
}
