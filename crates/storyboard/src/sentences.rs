//! The sentences of a text, which captions keep together: all of it, in parts that are never too long to be set.

use super::text::CHARS_MAX;

/// Marks that end a sentence before white space, with what may close it.
const ENDS: &str = ".!?";
const CLOSES: &str = "\"'”’»)";
/// Marks that end one in any case.
const WIDE_ENDS: &str = "。！？";

/// The sentences, in order, each with the white space before it; white space alone is none.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    pieces(text, end_of_first)
        .flat_map(|sentence| pieces(sentence, end_of_part))
        .filter(|part| !part.trim().is_empty())
}

fn pieces(text: &str, end: fn(&str) -> usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(end(rest));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn end_of_first(text: &str) -> usize {
    let (mut begun, mut ended) = (false, false);
    for (at, char) in text.char_indices() {
        if begun && (char == '\n' || ended && char.is_whitespace()) {
            return at;
        }
        if WIDE_ENDS.contains(char) {
            return at + char.len_utf8();
        }
        begun |= !char.is_whitespace();
        ended = ENDS.contains(char) || ended && CLOSES.contains(char);
    }
    text.len()
}

/// Before a space, or anywhere in a word that is longer than what is looked at.
fn end_of_part(sentence: &str) -> usize {
    let longest = sentence.char_indices().nth(CHARS_MAX);
    longest.map_or(sentence.len(), |(end, _)| {
        let space = sentence[..end].rfind(char::is_whitespace);
        space.filter(|at| *at > 0).unwrap_or(end)
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
        let words = ["x".repeat(CHARS_MAX - 2), "y".repeat(40)];

        assert_eq!(
            sentences(&words.join(" ")).collect::<Vec<_>>().join("|"),
            words.join("| ")
        );
    }

    #[test]
    fn a_sentence_ends_before_white_space_or_behind_a_wide_mark() {
        for text in [
            "Pi is 3.14.| “More?”| he said.| \"No!\"| example.com",
            "A line|\nanother...|\n\nthe last one",
            "行く。|海！|と",
        ] {
            let whole = text.replace('|', "");

            assert_eq!(sentences(&whole).collect::<Vec<_>>().join("|"), text);
        }
        assert_eq!(sentences(" \n. \n").count(), 1);
    }
}
