//! Text of any script: what belongs together, which way it runs, and how long it takes to say.

use super::characters::{em, is_closing, is_ideograph, is_mark, is_opening, is_printable};
use super::number::real;

/// Characters of one text that are looked at; no panel shows more, whatever the text.
pub(super) const CHARS_MAX: usize = 6_000;
/// Marks kept on one character; more are drawn far above and below the line.
const MARKS_MAX: usize = 6;

/// What never must be torn apart: a character with its marks, or a joined emoji.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cluster {
    /// The characters.
    pub(super) text: String,
    /// Upper bound of its width in em, for any common typeface.
    pub(super) em: f64,
    /// Whether a line may end before it.
    pub(super) breaks: Break,
}

/// Whether a line may end before a cluster.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Break {
    /// Only if the word alone is too long for a line.
    Within,
    /// After a space, which is then left out.
    Space,
    /// Beside an ideograph.
    Anywhere,
}

impl Cluster {
    /// A space between two words.
    pub(super) fn space() -> Self {
        Self {
            text: " ".into(),
            em: em(' '),
            breaks: Break::Space,
        }
    }

    /// Whether it begins with a sign as wide as it is tall.
    pub(super) fn is_ideograph(&self) -> bool {
        self.text.starts_with(is_ideograph)
    }
}

/// The text as clusters, white space collapsed.
pub(super) fn clusters(text: &str) -> Vec<Cluster> {
    let mut out: Vec<Cluster> = Vec::new();
    let (mut marks, mut joins, mut space) = (0, false, false);
    for char in text.chars().take(CHARS_MAX) {
        if char.is_whitespace() || char == '\u{200b}' {
            space = true;
            joins = false;
            continue;
        }
        if !is_printable(char) || char == '\u{feff}' {
            continue;
        }
        let mark = is_mark(char);
        if let Some(last) = out.last_mut().filter(|_| !space && (mark || joins)) {
            marks += 1;
            if marks <= MARKS_MAX {
                last.text.push(char);
            }
            joins = char == '\u{200d}';
            continue;
        }
        let breaks = match out.last() {
            Some(_) if space => Break::Space,
            Some(last) if is_closing(char) || last.text.starts_with(is_opening) => Break::Within,
            Some(last) if is_ideograph(char) || last.is_ideograph() => Break::Anywhere,
            Some(_) | None => Break::Within,
        };
        out.push(Cluster {
            text: char.to_string(),
            em: em(char),
            breaks,
        });
        (marks, joins, space) = (0, false, false);
    }
    pair_flags(out)
}

/// Whether the first letter that has a direction runs from right to left.
pub(super) fn runs_right_to_left(text: &str) -> bool {
    let letter = text
        .chars()
        .take(CHARS_MAX)
        .find(|char| char.is_ascii_alphabetic() || *char >= '\u{c0}');
    letter.is_some_and(|char| {
        matches!(char, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

/// Words a speaker needs time for; two ideographs count as one.
#[must_use]
pub fn spoken_words(text: &str) -> f64 {
    let ideographs = text.chars().filter(|&char| is_ideograph(char)).count();
    let words = text.split_whitespace().filter(|word| {
        word.chars()
            .any(|char| (char.is_ascii_alphanumeric() || char >= '\u{c0}') && !is_ideograph(char))
    });
    real(ideographs) / 2.0 + real(words.count())
}

/// Joins two regional letters to one flag.
fn pair_flags(clusters: Vec<Cluster>) -> Vec<Cluster> {
    let is_half = |text: &str| {
        text.chars().count() == 1
            && text.starts_with(|char| matches!(char, '\u{1f1e6}'..='\u{1f1ff}'))
    };
    let mut out: Vec<Cluster> = Vec::with_capacity(clusters.len());
    for cluster in clusters {
        match out.last_mut() {
            Some(last)
                if cluster.breaks != Break::Space
                    && is_half(&last.text)
                    && is_half(&cluster.text) =>
            {
                last.text.push_str(&cluster.text);
            }
            Some(_) | None => out.push(cluster),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{clusters, runs_right_to_left, spoken_words};

    #[test]
    fn what_belongs_together_stays_together() {
        assert_eq!(clusters("👩‍👩‍👧‍👦").len(), 1);
        assert_eq!(clusters("🇩🇪🇫🇷").len(), 2);
        assert_eq!(clusters("e\u{301}a").len(), 2);
    }

    #[test]
    fn marks_do_not_pile_up() {
        let tower = format!("a{}", "\u{301}".repeat(500));

        assert!(clusters(&tower)[0].text.chars().count() < 10);
    }

    #[test]
    fn direction_is_that_of_the_first_letter() {
        assert!(runs_right_to_left("«שלום» world"));
        assert!(!runs_right_to_left("Hello שלום"));
        assert!(!runs_right_to_left("123"));
    }

    #[test]
    fn ideographs_are_half_a_word() {
        assert!((spoken_words("日本 is far") - 3.0).abs() < 0.01);
    }
}
