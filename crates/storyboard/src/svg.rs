//! Writing SVG: numbers, escaped text, paths, and the painter that knows the style's brush.

use super::color::Color;
use super::number::{real, whole};
use super::palette::Palette;
use super::style::{Brush, Style};
use std::fmt;

/// A point in units of the frame.
pub(super) type Point = (f64, f64);

/// The outline of a shape, written as it grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Path(String);

/// The frame so far, and everything a shape needs to fit in.
pub(super) struct Painter {
    /// The markup so far.
    pub(super) out: String,
    /// Starts every id, so that frames can share one page.
    pub(super) prefix: String,
    /// Width in units; the shorter side of a frame is always [`SHORT_SIDE`].
    pub(super) width: f64,
    /// Height in units.
    pub(super) height: f64,
    /// How shapes are drawn.
    pub(super) style: Style,
    /// What they are drawn with.
    pub(super) palette: Palette,
    ids: u32,
}

/// Units along the shorter side of a frame, whatever its pixels.
pub(super) const SHORT_SIDE: f64 = 720.0;

/// Number for the markup: small ones, which shape details, with one decimal; large ones, which place them, whole.
#[derive(Clone, Copy)]
pub(super) struct N(pub(super) f64);

impl fmt::Display for N {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.abs() >= 100.0 {
            return write!(formatter, "{}", whole(self.0));
        }
        let tenths = whole(self.0 * 10.0);
        let sign = if tenths < 0 { "-" } else { "" };
        let (units, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        if rest == 0 {
            write!(formatter, "{sign}{units}")
        } else {
            write!(formatter, "{sign}{units}.{rest}")
        }
    }
}

/// Text that may stand between tags and in attributes, in XML and in HTML.
///
/// Drops what XML 1.0 forbids, and the characters that reorder text beyond their own element.
pub(super) fn escape(text: &str) -> String {
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

/// Whether a character may be shown at all.
pub(super) fn is_printable(char: char) -> bool {
    let reorders = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let noncharacter =
        matches!(char, '\u{fdd0}'..='\u{fdef}') || u32::from(char) & 0xfffe == 0xfffe;
    !(char.is_control() || reorders || noncharacter)
}

impl Path {
    /// Begins a shape.
    pub(super) fn start(point: Point) -> Self {
        let mut path = Self::default();
        path.move_to(point);
        path
    }

    /// A shape with straight sides.
    pub(super) fn polygon(points: &[Point]) -> Self {
        let mut path = Self::default();
        for (index, &point) in points.iter().enumerate() {
            if index == 0 {
                path.move_to(point);
            } else {
                path.line_to(point);
            }
        }
        path.close();
        path
    }

    /// Begins another part of the same shape.
    pub(super) fn move_to(&mut self, (x, y): Point) {
        self.draw("M{} {}", &[x, y]);
    }

    /// A straight side.
    pub(super) fn line_to(&mut self, (x, y): Point) {
        self.draw("L{} {}", &[x, y]);
    }

    /// A side that bends towards a point.
    pub(super) fn bend_to(&mut self, (bend_x, bend_y): Point, (x, y): Point) {
        self.draw("Q{} {} {} {}", &[bend_x, bend_y, x, y]);
    }

    /// Whatever path syntax says best, each `{}` a number.
    ///
    /// Not `format_args!`: hundreds of curves that way were half of the module's size.
    pub(super) fn draw(&mut self, commands: &str, numbers: &[f64]) {
        let mut numbers = numbers.iter();
        let mut parts = commands.split("{}");
        self.0.push_str(parts.next().unwrap_or_default());
        for part in parts {
            if let Some(&number) = numbers.next() {
                append(&mut self.0, format_args!("{}", N(number)));
            }
            self.0.push_str(part);
        }
        debug_assert!(
            numbers.next().is_none(),
            "a number without a place in {commands}"
        );
    }

    /// Ends a shape.
    pub(super) fn close(&mut self) {
        self.0.push('z');
    }

    /// The path data.
    pub(super) fn data(&self) -> &str {
        &self.0
    }
}

impl Painter {
    /// An empty frame.
    pub(super) fn new(
        prefix: String,
        (width, height): Point,
        style: Style,
        palette: Palette,
    ) -> Self {
        Self {
            out: String::with_capacity(12_000),
            prefix,
            width,
            height,
            style,
            palette,
            ids: 0,
        }
    }

    /// Adds markup.
    pub(super) fn push(&mut self, markup: fmt::Arguments<'_>) {
        append(&mut self.out, markup);
    }

    /// Adds a gradient from top to bottom, each stop a colour and how much of it, and returns its id.
    pub(super) fn gradient(&mut self, stops: &[(Color, f64)]) -> String {
        self.ids += 1;
        let id = format!("{}g{}", self.prefix, self.ids);
        self.push(format_args!(r#"<linearGradient id="{id}" x2="0" y2="1">"#));
        let last = real(stops.len().saturating_sub(1)).max(1.0);
        for (index, &(color, opacity)) in stops.iter().enumerate() {
            let offset = Percent(real(index) / last);
            self.push(format_args!(
                r#"<stop offset="{offset}" stop-color="{color}""#
            ));
            if opacity < 1.0 {
                self.push(format_args!(r#" stop-opacity="{}""#, Percent(opacity)));
            }
            self.out.push_str("/>");
        }
        self.out.push_str("</linearGradient>");
        id
    }

    /// A layer of land or water at a depth between 0 (horizon) and 1 (at our feet).
    pub(super) fn layer(&mut self, path: &Path, depth: f64) {
        let color = self.palette.shade(depth);
        self.tinted_layer(path, color, depth);
    }

    /// A layer in a colour of its own.
    pub(super) fn tinted_layer(&mut self, path: &Path, color: Color, depth: f64) {
        let (near, light, haze) = (self.palette.near, self.palette.light, self.palette.haze());
        let id = self.prefix.clone();
        match self.style.brush() {
            Brush::Air => {
                let fill = self.gradient(&[
                    (color, 1.0),
                    (color.mix(haze, 0.34 * (1.0 - depth * 0.7)), 1.0),
                ]);
                self.push(format_args!(
                    r#"<path fill="url(#{fill})" d="{}"/>"#,
                    path.data()
                ));
            }
            Brush::Wash => {
                let fill = self.gradient(&[(color, 0.94), (color.mix(light, 0.3), 0.8)]);
                let edge = color.mix(near, 0.5);
                self.push(format_args!(
                    r#"<path fill="url(#{fill})" stroke="{edge}" stroke-opacity=".3" stroke-width="3" d="{}"/>"#,
                    path.data()
                ));
            }
            Brush::Paper => self.push(format_args!(
                r#"<path fill="{color}" filter="url(#{id}cut)" d="{}"/>"#,
                path.data()
            )),
            Brush::Flat => self.push(format_args!(
                r#"<path fill="{color}" d="{}"/>"#,
                path.data()
            )),
            Brush::Pen { width } => {
                let fill = self.style.pen_fill(color, light);
                self.push(format_args!(
                    r#"<path fill="{fill}" stroke="{near}" stroke-width="{}" stroke-linejoin="round" d="{}"/>"#,
                    N(width * (0.4 + 0.6 * depth)),
                    path.data()
                ));
            }
            Brush::Glow => {
                let (rim, dark) = (self.palette.accent, color.mix(near, 0.55));
                let fill = self.gradient(&[(dark.mix(rim, 0.12), 1.0), (near, 1.0)]);
                self.push(format_args!(
                    r#"<path fill="url(#{fill})" stroke="{rim}" stroke-opacity="{}" stroke-width="2.5" d="{}"/>"#,
                    Percent(0.35 + 0.5 * depth),
                    path.data()
                ));
            }
        }
    }

    /// A plain shape.
    pub(super) fn shape(&mut self, path: &Path, color: Color, opacity: f64) {
        self.push(format_args!(
            r#"<path fill="{color}" opacity="{}" d="{}"/>"#,
            Percent(opacity),
            path.data()
        ));
    }

    /// A soft light around a point.
    pub(super) fn glow(&mut self, (x, y): Point, radius: f64, opacity: f64) {
        let id = self.prefix.clone();
        self.push(format_args!(
            r#"<circle cx="{}" cy="{}" r="{}" fill="url(#{id}glow)" opacity="{}"/>"#,
            N(x),
            N(y),
            N(radius),
            Percent(opacity)
        ));
    }
}

/// A share, with two decimals.
#[derive(Clone, Copy)]
pub(super) struct Percent(pub(super) f64);

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = whole(self.0.clamp(0.0, 1.0) * 100.0);
        if hundredths == 100 {
            return formatter.write_str("1");
        }
        write!(formatter, ".{hundredths:02}")
    }
}

/// A scale, with two decimals.
#[derive(Clone, Copy)]
pub(super) struct Hundredths(pub(super) f64);

impl fmt::Display for Hundredths {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = whole(self.0 * 100.0).unsigned_abs();
        write!(formatter, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

fn append(out: &mut String, markup: fmt::Arguments<'_>) {
    fmt::Write::write_fmt(out, markup).expect("a String takes any text");
}

#[cfg(test)]
mod tests {
    use super::{N, Percent, escape};

    #[test]
    fn small_numbers_keep_one_decimal_and_large_ones_none() {
        let cases = [
            (0.0, "0"),
            (-0.04, "0"),
            (1.25, "1.3"),
            (-0.5, "-0.5"),
            (12.0, "12"),
            (-7.96, "-8"),
            (1234.56, "1235"),
        ];
        for (value, text) in cases {
            assert_eq!(N(value).to_string(), text);
        }
    }

    #[test]
    fn shares_keep_two_decimals() {
        assert_eq!(Percent(0.05).to_string(), ".05");
        assert_eq!(Percent(1.7).to_string(), "1");
    }

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
