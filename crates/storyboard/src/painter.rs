//! The painter: a frame as it grows, and shapes drawn with the brush of its style.

use super::color::Color;
use super::number::{N, Percent, real};
use super::palette::Palette;
use super::path::{Path, Point};
use super::style::{Brush, Style};
use std::fmt::{Arguments, Display, Write as _};

/// Units along the shorter side of a frame, whatever its pixels.
pub(super) const SHORT_SIDE: f64 = 720.0;

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

    /// Where what reaches the lower side ends: a little below it, so that no outline shows.
    pub(super) fn bottom(&self) -> f64 {
        self.height + 20.0
    }

    /// Adds markup.
    pub(super) fn push(&mut self, markup: Arguments<'_>) {
        self.out.write_fmt(markup).expect("a String takes any text");
    }

    /// How an attribute refers to a definition of this frame.
    pub(super) fn url(&self, name: &str) -> String {
        format!("url(#{}{name})", self.prefix)
    }

    /// Adds a gradient from top to bottom, each stop a colour and how much of it, and returns the fill.
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
        format!("url(#{id})")
    }

    /// A layer of land or water at a depth between 0 (horizon) and 1 (at our feet).
    pub(super) fn layer(&mut self, path: &Path, depth: f64) {
        self.tinted_layer(path, self.palette.shade(depth), depth);
    }

    /// A layer in a colour of its own.
    pub(super) fn tinted_layer(&mut self, path: &Path, color: Color, depth: f64) {
        let (near, light, haze) = (self.palette.near, self.palette.light, self.palette.haze());
        match self.style.brush() {
            Brush::Air => {
                let far = color.mix(haze, 0.34 * (1.0 - depth * 0.7));
                let fill = self.gradient(&[(color, 1.0), (far, 1.0)]);
                self.path(path, format_args!(r#"fill="{fill}""#));
            }
            Brush::Wash => {
                let fill = self.gradient(&[(color, 0.94), (color.mix(light, 0.3), 0.8)]);
                let edge = color.mix(near, 0.5);
                let look = format_args!(
                    r#"fill="{fill}" stroke="{edge}" stroke-opacity=".3" stroke-width="3""#
                );
                self.path(path, look);
            }
            Brush::Paper => {
                let cut = self.url("cut");
                self.path(path, format_args!(r#"fill="{color}" filter="{cut}""#));
            }
            Brush::Flat => self.path(path, format_args!(r#"fill="{color}""#)),
            Brush::Pen { width } => {
                let fill = self.style.pen_fill(color, light);
                self.outlined(path, fill, width * (0.4 + 0.6 * depth));
            }
            Brush::Glow => {
                let (rim, dark) = (self.palette.accent, color.mix(near, 0.55));
                let fill = self.gradient(&[(dark.mix(rim, 0.12), 1.0), (near, 1.0)]);
                let opacity = Percent(0.35 + 0.5 * depth);
                let look = format_args!(
                    r#"fill="{fill}" stroke="{rim}" stroke-opacity="{opacity}" stroke-width="2.5""#
                );
                self.path(path, look);
            }
        }
    }

    /// A shape that looks as its attributes say.
    pub(super) fn path(&mut self, path: &Path, look: Arguments<'_>) {
        self.push(format_args!(r#"<path {look} d="{}"/>"#, path.data()));
    }

    /// A plain shape.
    pub(super) fn shape(&mut self, path: &Path, fill: impl Display, opacity: f64) {
        let opacity = Percent(opacity);
        self.path(path, format_args!(r#"fill="{fill}" opacity="{opacity}""#));
    }

    /// A shape with a dark outline.
    pub(super) fn outlined(&mut self, path: &Path, fill: Color, width: f64) {
        let (near, width) = (self.palette.near, N(width));
        let look = format_args!(
            r#"fill="{fill}" stroke="{near}" stroke-width="{width}" stroke-linejoin="round""#
        );
        self.path(path, look);
    }

    /// Lines or dots of a round brush.
    pub(super) fn strokes(&mut self, path: &Path, color: Color, width: f64, opacity: f64) {
        let (width, opacity) = (N(width), Percent(opacity));
        let look = format_args!(
            r#"stroke="{color}" stroke-width="{width}" stroke-linecap="round" opacity="{opacity}""#
        );
        self.path(path, look);
    }

    /// A plain circle.
    pub(super) fn disc(&mut self, at: Point, radius: f64, fill: impl Display, opacity: f64) {
        let opacity = Percent(opacity);
        let look = format_args!(r#"fill="{fill}" opacity="{opacity}""#);
        self.circle(at, radius, look);
    }

    /// A circle that looks as its attributes say.
    pub(super) fn circle(&mut self, (x, y): Point, radius: f64, look: Arguments<'_>) {
        let (x, y, r) = (N(x), N(y), N(radius));
        self.push(format_args!(
            r#"<circle cx="{x}" cy="{y}" r="{r}" {look}/>"#
        ));
    }

    /// A soft light around a point.
    pub(super) fn glow(&mut self, at: Point, radius: f64, opacity: f64) {
        self.disc(at, radius, self.url("glow"), opacity);
    }

    /// Covers the whole frame with what its attributes say.
    pub(super) fn cover(&mut self, look: Arguments<'_>) {
        self.push(format_args!(r#"<rect width="100%" height="100%" {look}/>"#));
    }
}
