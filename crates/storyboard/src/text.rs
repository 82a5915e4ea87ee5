//! Text of any script: what belongs together, how wide it is at most, and where lines may end.

use super::number::real;
use super::svg::is_printable;

/// Characters of one text that are looked at; no panel shows more, whatever the text.
const CHARS_MAX: usize = 6_000;
/// Marks kept on one character; more are drawn far above and below the line.
const MARKS_MAX: usize = 6;

/// What never must be torn apart: a character with its marks, or a joined emoji.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cluster {
    /// The characters.
    pub(super) text: String,
    /// Upper bound of its width in em, for any common typeface.
    pub(super) em: f64,
    breaks: Break,
}

/// Whether a line may end before a cluster.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Break {
    /// Only if the word alone is too long for a line.
    Within,
    /// After a space, which is then left out.
    Space,
    /// Between ideographs.
    Anywhere,
}

/// How to measure a cluster.
pub(super) type Measure = fn(&Cluster) -> f64;

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
            Some(last) if is_ideograph(char) || last.text.starts_with(is_ideograph) => {
                Break::Anywhere
            }
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

/// Width in em: an upper bound over the common typefaces, so that what fits here fits anywhere.
pub(super) fn in_em(cluster: &Cluster) -> f64 {
    cluster.em
}

/// Width in columns of a terminal or a subtitle: wide characters take two.
pub(super) fn in_columns(cluster: &Cluster) -> f64 {
    if cluster.text.starts_with(is_ideograph) || cluster.em > 1.2 {
        2.0
    } else {
        1.0
    }
}

/// The lines of a text, none wider than `width`.
pub(super) fn wrap(clusters: &[Cluster], width: f64, measure: Measure) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    for word in words(clusters) {
        let long: f64 = word.iter().map(measure).sum();
        let gap = if word[0].breaks == Break::Space && !line.text.is_empty() {
            1.0
        } else {
            0.0
        };
        let gap = gap
            * measure(&Cluster {
                text: " ".into(),
                em: em(' '),
                breaks: Break::Space,
            });
        if line.used + gap + long <= width {
            line.add(if gap > 0.0 { " " } else { "" }, gap);
            for cluster in word {
                line.add(&cluster.text, measure(cluster));
            }
            continue;
        }
        line.flush(&mut lines);
        for cluster in word {
            if line.used + measure(cluster) > width {
                line.flush(&mut lines);
            }
            line.add(&cluster.text, measure(cluster));
        }
    }
    line.flush(&mut lines);
    lines
}

/// The first lines of a text; the last of them ends with an ellipsis when something is missing.
pub(super) fn cut(mut lines: Vec<String>, lines_max: usize, width: f64) -> Vec<String> {
    if lines.len() <= lines_max {
        return lines;
    }
    lines.truncate(lines_max);
    if let Some(last) = lines.last_mut() {
        let mut kept = clusters(last);
        let room = width - em('…');
        while kept
            .iter()
            .map(|cluster| cluster.em + space_before(cluster))
            .sum::<f64>()
            > room
        {
            if kept.pop().is_none() {
                break;
            }
        }
        let text = wrap(&kept, f64::INFINITY, in_em).concat();
        *last = format!("{}…", text.trim_end_matches([',', ';', ':', '.', '-', ' ']));
    }
    lines
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
pub(super) fn spoken_words(text: &str) -> f64 {
    let ideographs = text.chars().filter(|&char| is_ideograph(char)).count();
    let words = text.split_whitespace().filter(|word| {
        word.chars()
            .any(|char| (char.is_ascii_alphanumeric() || char >= '\u{c0}') && !is_ideograph(char))
    });
    real(ideographs) / 2.0 + real(words.count())
}

#[derive(Debug, Default)]
struct Line {
    text: String,
    used: f64,
}

impl Line {
    fn add(&mut self, text: &str, width: f64) {
        self.text.push_str(text);
        self.used += width;
    }

    fn flush(&mut self, lines: &mut Vec<String>) {
        if !self.text.is_empty() {
            lines.push(std::mem::take(&mut self.text));
        }
        self.used = 0.0;
    }
}

/// Splits wherever a line may end.
fn words(clusters: &[Cluster]) -> impl Iterator<Item = &[Cluster]> {
    clusters.chunk_by(|_, next| next.breaks == Break::Within)
}

fn space_before(cluster: &Cluster) -> f64 {
    if cluster.breaks == Break::Space {
        em(' ')
    } else {
        0.0
    }
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

/// Widest advance among Arial, Georgia and `DejaVu`, in em; what they lack counts as wide.
fn em(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.4,
        't' | 'f' => 0.45,
        'r' | '(' | ')' | '[' | ']' | '-' | '"' | '/' | '\\' | '`' | '’' | '‘' | '“' | '”' => {
            0.5
        }
        'm' | 'M' | 'W' | '@' | '%' | '—' | '…' => 1.05,
        'w' | '&' | 'Q' | 'O' | 'G' | 'D' | 'H' | 'N' | 'U' => 0.9,
        'a' | 'c' | 'e' | 'k' | 'o' | 's' | 'v' | 'x' | 'y' | 'z' => 0.61,
        'a'..='z' | '0'..='9' => 0.66,
        '\u{20}'..='\u{7f}' => 0.85,
        '\u{80}'..='\u{24f}' => 0.95,
        '\u{2e80}'..='\u{ffff}' => 1.0,
        '\u{1f000}'..='\u{1faff}' => 1.4,
        _ => 1.1,
    }
}

fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// Signs that must not begin a line.
fn is_closing(char: char) -> bool {
    matches!(
        char,
        '、' | '。'
            | '，'
            | '．'
            | '！'
            | '？'
            | '：'
            | '；'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | 'ー'
            | 'っ'
            | 'ゃ'
            | 'ゅ'
            | 'ょ'
            | '!'
            | '?'
            | ','
            | '.'
            | ')'
            | '…'
    )
}

/// Signs that must not end a line.
fn is_opening(char: char) -> bool {
    matches!(char, '「' | '『' | '（' | '【' | '《' | '(' | '“' | '‘')
}

/// Combining marks, joiners, variation selectors and skin tones of the scripts in common use.
fn is_mark(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6ed}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{962}'..='\u{963}' | '\u{981}'..='\u{983}'
        | '\u{9bc}'..='\u{9d7}' | '\u{a01}'..='\u{a03}' | '\u{a3c}'..='\u{a51}' | '\u{abc}'..='\u{acd}'
        | '\u{b3c}'..='\u{b57}' | '\u{bbe}'..='\u{bd7}' | '\u{c3e}'..='\u{c56}' | '\u{cbc}'..='\u{cd6}'
        | '\u{d3b}'..='\u{d57}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{200c}'..='\u{200f}' | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{clusters, cut, in_columns, in_em, runs_right_to_left, spoken_words, wrap};

    const NASTY: [&str; 8] = [
        "The quick brown fox jumps over the lazy dog, twice.",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "昔々、あるところにおじいさんとおばあさんが住んでいました。「行こう」と言った。",
        "👩‍👩‍👧‍👦🇩🇪🇫🇷👍🏽 family 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "في يوم من الأيام كان هناك مَلِكٌ عظيم",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW MMMMMMMMMMMMMMMMMM",
        "",
    ];

    #[test]
    fn no_line_is_wider_than_it_may_be_and_nothing_is_lost() {
        for text in NASTY {
            for width in [1.5, 4.0, 11.0, 42.0] {
                let lines = wrap(&clusters(text), width, in_em);
                for line in &lines {
                    let used: f64 = clusters(line)
                        .iter()
                        .map(|cluster| cluster.em + super::space_before(cluster))
                        .sum();
                    assert!(used <= width + 0.001, "{line:?} is {used} of {width}");
                }
                let bare = |text: &str| {
                    clusters(text)
                        .iter()
                        .map(|cluster| cluster.text.clone())
                        .collect::<String>()
                };
                assert_eq!(bare(&lines.concat()), bare(text));
            }
        }
    }

    #[test]
    fn a_width_that_fits_nothing_still_ends() {
        assert_eq!(wrap(&clusters("abc"), 0.0, in_em), ["a", "b", "c"]);
    }

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
    fn closing_signs_do_not_begin_a_line() {
        let lines = wrap(&clusters("あいう。えお"), 3.0, in_em);

        assert!(
            lines.iter().all(|line| !line.starts_with('。')),
            "{lines:?}"
        );
    }

    #[test]
    fn cut_text_ends_with_an_ellipsis() {
        let lines = wrap(&clusters("one two three four five six"), 6.0, in_em);
        let short = cut(lines.clone(), 2, 6.0);

        assert_eq!(short.len(), 2);
        assert!(short[1].ends_with('…'));
        assert_eq!(cut(lines.clone(), 99, 6.0), lines);
    }

    #[test]
    fn direction_is_that_of_the_first_letter() {
        assert!(runs_right_to_left("«שלום» world"));
        assert!(!runs_right_to_left("Hello שלום"));
        assert!(!runs_right_to_left("123"));
    }

    #[test]
    fn ideographs_are_two_columns_and_half_a_word() {
        assert!((in_columns(&clusters("日")[0]) - 2.0).abs() < 0.01);
        assert!((spoken_words("日本 is far") - 3.0).abs() < 0.01);
    }
}
