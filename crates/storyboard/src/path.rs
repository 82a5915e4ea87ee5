//! The outlines of shapes, as path data.

use super::number::N;
use std::fmt::Write as _;

/// A point in units of the frame.
pub(super) type Point = (f64, f64);

/// The outline of a shape, written as it grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Path(String);

impl Path {
    /// Begins a shape.
    pub(super) fn start(point: Point) -> Self {
        let mut path = Self::default();
        path.move_to(point);
        path
    }

    /// A shape with straight sides.
    pub(super) fn polygon(corners: &[Point]) -> Self {
        let mut path = Self::default();
        path.add_polygon(corners);
        path
    }

    /// Another part of the same shape, with straight sides.
    pub(super) fn add_polygon(&mut self, corners: &[Point]) {
        for (index, &corner) in corners.iter().enumerate() {
            if index == 0 {
                self.move_to(corner);
            } else {
                self.line_to(corner);
            }
        }
        self.close();
    }

    /// Another dot, which shows when a round brush strokes it.
    pub(super) fn add_dot(&mut self, at: Point) {
        self.move_to(at);
        self.0.push_str("h.1");
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
                write!(self.0, "{}", N(number)).expect("a String takes any text");
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
