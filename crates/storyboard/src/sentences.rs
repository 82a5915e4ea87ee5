//! The sentences of a text, which captions keep together: all of it, in parts that are never too long to be set.

use super::text::CHARS_MAX;

/// The sentences, in order; white space alone is none.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '。', '！', '？', '\n'])
        .flat_map(parts)
        .filter(|sentence| !sentence.trim().is_empty())
}

/// A sentence in parts that are looked at as a whole: cut after a space, or anywhere in a word that is longer.
fn parts(sentence: &str) -> impl Iterator<Item = &str> {
    let mut rest = sentence;
    std::iter::from_fn(move || {
        let longest = rest.char_indices().nth(CHARS_MAX);
        let end = longest.map_or(rest.len(), |(end, _)| {
            let space = rest[..end]
                .char_indices()
                .rfind(|(_, char)| char.is_whitespace());
            space.map_or(end, |(at, space)| at + space.len_utf8())
        });
        let (part, after) = rest.split_at(end);
        rest = after;
        (!part.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::{CHARS_MAX, sentences};
    use crate::text::clusters;

    #[test]
    fn a_text_without_an_end_of_a_sentence_is_kept_to_its_end() {
        for text in [
            "word ".repeat(3_000),
            "長".repeat(13_000),
            format!("{} end", "x".repeat(6_500)),
        ] {
            let parts: Vec<_> = sentences(&text).collect();
            let set: usize = parts.iter().map(|part| clusters(part).len()).sum();

            assert_eq!(parts.concat(), text);
            assert_eq!(set, text.replace(' ', "").chars().count());
        }
    }

    #[test]
    fn words_are_not_cut_where_there_is_a_space() {
        let text = format!("{} {}", "x".repeat(CHARS_MAX - 2), "y".repeat(40));

        assert_eq!(
            sentences(&text).nth(1),
            Some(text.split_at(CHARS_MAX - 1).1)
        );
    }
}
