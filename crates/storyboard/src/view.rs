//! The view of a place: what it is painted with, where in the frame it lies, and layers of ground.

use super::composition::Composition;
use super::number::N;
use super::painter::Painter;
use super::path::Point;
use super::props;
use super::seed::Dice;
use super::sun::Light;
use super::terrain::{Ridge, below, below_smooth};

/// What everything below the sky is painted with.
pub(super) struct View<'a> {
    /// Paints it.
    pub(super) painter: &'a mut Painter,
    /// What it shows.
    pub(super) composition: &'a Composition,
    /// The chance of what is left open.
    pub(super) dice: &'a mut Dice,
    /// Where sky and ground meet.
    pub(super) horizon: f64,
    /// Where the thing to look at stands.
    pub(super) focus: f64,
    /// Where the light comes from.
    pub(super) light: Light,
}

impl View<'_> {
    /// The height that lies a share of the way down from the horizon to the lower side of the frame.
    pub(super) fn down(&self, share: f64) -> f64 {
        self.horizon + (self.painter.height - self.horizon) * share
    }

    /// A jagged line across the frame; see [`Ridge`].
    pub(super) fn jagged(&mut self, base: f64, swing: f64, step: f64) -> Vec<Point> {
        Ridge { base, swing, step }.jagged(self.dice, self.painter.width)
    }

    /// A rolling line across the frame; see [`Ridge`].
    pub(super) fn rolling(&mut self, base: f64, swing: f64, step: f64) -> Vec<Point> {
        Ridge { base, swing, step }.rolling(self.dice, self.painter.width)
    }

    /// Paints all that lies below a line of straight pieces.
    pub(super) fn rock(&mut self, line: &[Point], depth: f64) {
        let area = below(line, self.painter.bottom());
        self.painter.layer(&area, depth);
    }

    /// Paints all that lies below a line, and bends the line.
    pub(super) fn ground(&mut self, line: &[Point], depth: f64) {
        let area = below_smooth(line, self.painter.bottom());
        self.painter.layer(&area, depth);
    }

    /// A veil of haze, densest at a height.
    pub(super) fn mist(&mut self, y: f64, tall: f64, opacity: f64) {
        let palette = self.painter.palette;
        let haze = palette.haze().mix(palette.light, 0.2);
        let fill = self
            .painter
            .gradient(&[(haze, 0.0), (haze, opacity), (haze, 0.0)]);
        let (y, width, tall) = (N(y - tall / 2.0), N(self.painter.width), N(tall));
        self.painter.push(format_args!(
            r#"<rect y="{y}" width="{width}" height="{tall}" fill="{fill}"/>"#
        ));
    }

    /// Puts everything that stands on the ground at a place, the most important in the middle.
    pub(super) fn stand(&mut self, at: Point, scale: f64) {
        props::stand(self.painter, self.composition, at, scale, self.dice);
    }
}
