//! Layout: the units of a frame, the boxes for its words, and the size at which words fit them.

use super::lines::{Cursor, cut, in_em, wrap};
use super::number::real;
use super::painter::SHORT_SIDE;
use super::path::Point;
use super::text::Cluster;
use crate::story::VideoConfig;

/// Smallest and largest side of a frame in pixels; validated requests stay well inside.
const SIDE_PX: (u32, u32) = (16, 8_192);
/// Text smaller than this cannot be read on a small frame.
const FONT_MIN_PX: f64 = 9.0;
/// Bounds, in units, of the smallest size of text: of a large frame, and of a tiny one.
const FONT_FLOOR: (f64, f64) = (SHORT_SIDE * 0.028, SHORT_SIDE * 0.1);
/// Baseline to baseline, in font sizes; enough for marks above and below.
pub(super) const LINE_HEIGHT: f64 = 1.36;

/// The size of a frame in pixels and in units, and what follows from it for text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    /// Width and height in pixels.
    pub(super) pixels: (u32, u32),
    /// Width in units.
    pub(super) width: f64,
    /// Height in units.
    pub(super) height: f64,
    /// The smallest size of text, in units.
    pub(super) font_floor: f64,
}

impl Canvas {
    /// The size that was asked for, brought into bounds.
    pub(super) fn of(config: &VideoConfig) -> Self {
        let side = |pixels: u32| pixels.clamp(SIDE_PX.0, SIDE_PX.1);
        let pixels = (side(config.width), side(config.height));
        let (width, height) = (f64::from(pixels.0), f64::from(pixels.1));
        let scale = SHORT_SIDE / width.min(height);
        Self {
            pixels,
            width: width * scale,
            height: height * scale,
            font_floor: (FONT_MIN_PX * scale).clamp(FONT_FLOOR.0, FONT_FLOOR.1),
        }
    }

    /// Wide as a ribbon: words stand beside the picture, not below it.
    pub(super) fn is_ribbon(self) -> bool {
        self.width > self.height * 3.0
    }

    /// What stays free along the sides.
    pub(super) fn margin(self) -> f64 {
        if self.font_floor > SHORT_SIDE * 0.06 {
            SHORT_SIDE * 0.04
        } else {
            SHORT_SIDE * 0.055
        }
    }

    /// The box the caption panel must stay in.
    pub(super) fn panel(self) -> Rect {
        let margin = self.margin();
        if self.is_ribbon() {
            let width = (self.width * 0.4).min(SHORT_SIDE * 4.0);
            return Rect {
                x: margin,
                y: margin,
                width,
                height: self.height - 2.0 * margin,
            };
        }
        let share = if self.font_floor > SHORT_SIDE * 0.045 {
            0.46
        } else {
            0.3
        };
        let height = (self.height * share).min(SHORT_SIDE * 0.9);
        let width = (self.width - 2.0 * margin).min(SHORT_SIDE * 1.62);
        Rect {
            x: (self.width - width) / 2.0,
            y: self.height - margin - height,
            width,
            height,
        }
    }
}

/// A box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rect {
    /// Its left side.
    pub(super) x: f64,
    /// Its upper side.
    pub(super) y: f64,
    /// Width in units.
    pub(super) width: f64,
    /// Height in units.
    pub(super) height: f64,
}

/// Lines that fit a box, and the size at which they do.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    /// The lines.
    pub(super) lines: Vec<String>,
    /// The size of the text.
    pub(super) size: f64,
    /// What the lines take at most of the width they may take.
    pub(super) width: f64,
}

impl Fitted {
    /// What the lines take of the height.
    pub(super) fn height(&self) -> f64 {
        real(self.lines.len()) * self.size * LINE_HEIGHT
    }
}

/// Shrinks a text from the first size to the second until it fits; then cuts it.
pub(super) fn fit(
    text: &[Cluster],
    (width, height): Point,
    (largest, floor): (f64, f64),
) -> Fitted {
    let floor = floor.min(height / LINE_HEIGHT).max(1.0);
    let mut size = largest.max(floor);
    loop {
        let rows = rows(text, width / size);
        if real(rows) * size * LINE_HEIGHT <= height {
            let width = balanced(text, size, width, rows);
            let lines = wrap(text, width / size, in_em);
            return Fitted { lines, size, width };
        }
        if size <= floor {
            let mut rows = 1;
            while real(rows + 1) * size * LINE_HEIGHT <= height {
                rows += 1;
            }
            return Fitted {
                lines: cut(wrap(text, width / size, in_em), rows, width / size),
                size,
                width,
            };
        }
        size = (size * 0.93).max(floor);
    }
}

/// The width at which the same number of lines are of about the same length: halves the interval in which it lies.
fn balanced(text: &[Cluster], size: f64, mut width: f64, mut rows_max: usize) -> f64 {
    let mut narrow = width * 0.3;
    for _ in 0..6 {
        let middle = f64::midpoint(narrow, width);
        let rows = rows(text, middle / size);
        if rows > rows_max {
            narrow = middle;
        } else {
            (width, rows_max) = (middle, rows);
        }
    }
    width
}

fn rows(text: &[Cluster], width: f64) -> usize {
    Cursor::default().set(text, width, in_em, |_, _| ()).lines()
}

#[cfg(test)]
mod tests {
    use super::fit;
    use crate::text::clusters;

    #[test]
    fn text_shrinks_before_it_is_cut() {
        let text = clusters("one two three four five six seven eight");
        let (roomy, tight, tiny) = (
            fit(&text, (400.0, 90.0), (30.0, 20.0)),
            fit(&text, (300.0, 60.0), (30.0, 20.0)),
            fit(&text, (100.0, 30.0), (30.0, 20.0)),
        );

        assert!(roomy.size >= 30.0);
        assert!(tight.size < 30.0 && !tight.lines.concat().contains('…'));
        assert!(tiny.size <= 20.0 && tiny.lines.concat().ends_with('…'));
    }

    #[test]
    fn lines_are_of_about_the_same_length() {
        let fitted = fit(
            &clusters("He wrote until the tea went cold and the lamp began to hum."),
            (950.0, 200.0),
            (33.0, 20.0),
        );
        let longest = fitted.lines.iter().map(String::len).max();

        assert!(
            fitted
                .lines
                .iter()
                .all(|line| line.len() * 3 > longest.unwrap() * 2),
            "{:?}",
            fitted.lines
        );
    }
}
