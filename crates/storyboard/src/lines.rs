//! Lines: a text broken where it may be, none wider than it may be.

use super::characters::em;
use super::text::{Break, Cluster, clusters};

/// How to measure a cluster.
type Measure = fn(&Cluster) -> f64;

/// Width in em: an upper bound over the common typefaces, so that what fits here fits anywhere.
pub(super) fn in_em(cluster: &Cluster) -> f64 {
    cluster.em
}

/// Width in columns of a terminal or a subtitle: wide characters take two.
pub(super) fn in_columns(cluster: &Cluster) -> f64 {
    if cluster.is_ideograph() || cluster.em > 1.2 {
        2.0
    } else {
        1.0
    }
}

/// How far a text has been set: the row, what is used of its width, and whether anything stands in it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    row: usize,
    used: f64,
    written: bool,
}

impl Cursor {
    /// How many lines have text.
    pub(super) fn lines(self) -> usize {
        self.row + usize::from(self.written)
    }

    /// Sets more text, none of it wider than `width`, and tells `write` which text is added to which row.
    ///
    /// Each cluster is looked at twice, however much was set before.
    pub(super) fn set<'c>(
        mut self,
        clusters: &'c [Cluster],
        width: f64,
        measure: Measure,
        mut write: impl FnMut(usize, &'c str),
    ) -> Self {
        let space = measure(&Cluster::space());
        for word in clusters.chunk_by(|_, next| next.breaks == Break::Within) {
            let long: f64 = word.iter().map(measure).sum();
            let spaced = word[0].breaks == Break::Space && self.written;
            let gap = if spaced { space } else { 0.0 };
            let fits = self.used + gap + long <= width;
            if !fits {
                self.end_line();
            } else if spaced {
                write(self.row, " ");
                self.used += gap;
            }
            for cluster in word {
                if !fits && self.used + measure(cluster) > width {
                    self.end_line();
                }
                write(self.row, &cluster.text);
                self.used += measure(cluster);
                self.written = true;
            }
        }
        self
    }

    fn end_line(&mut self) {
        self.row = self.lines();
        self.used = 0.0;
        self.written = false;
    }
}

/// The lines of a text, none wider than `width`.
pub(super) fn wrap(clusters: &[Cluster], width: f64, measure: Measure) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    Cursor::default().set(clusters, width, measure, |row, text| {
        lines.resize_with(row + 1, String::new);
        lines[row].push_str(text);
    });
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

fn space_before(cluster: &Cluster) -> f64 {
    if cluster.breaks == Break::Space {
        em(' ')
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, in_columns, in_em, space_before, wrap};
    use crate::text::clusters;

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
                        .map(|cluster| cluster.em + space_before(cluster))
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
    fn ideographs_are_two_columns() {
        assert!((in_columns(&clusters("日")[0]) - 2.0).abs() < 0.01);
    }
}
