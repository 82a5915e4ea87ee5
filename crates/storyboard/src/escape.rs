//! Text in markup: what must be written differently, and what must not be written at all.

use super::characters::is_printable;

/// Text that may stand between tags and in attributes, in XML and in HTML.
///
/// Drops what XML 1.0 forbids, and the characters that reorder text beyond their own element.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            _ if is_printable(char) => out.push(char),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn text_never_becomes_markup() {
        assert_eq!(
            escape(r#"]]></svg><script>"'&"#),
            "]]&gt;&lt;/svg&gt;&lt;script&gt;&quot;&#39;&amp;"
        );
    }

    #[test]
    fn characters_that_xml_forbids_are_dropped() {
        assert_eq!(
            escape("a\0b\u{8}c\u{b}d\u{7f}e\u{fffe}f\u{85}g\u{202e}h\ni"),
            "abcdefgh i"
        );
    }
}
