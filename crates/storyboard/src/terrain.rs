//! Shapes of nature that every place is made of: ridges, waves, trees, clouds.

use super::number::real;
use super::path::{Path, Point};
use super::seed::Dice;

/// A line across the frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ridge {
    /// About how far it lies below the upper side of the frame, in units.
    pub(super) base: f64,
    /// How far it rises and falls.
    pub(super) swing: f64,
    /// Units between two of its points.
    pub(super) step: f64,
}

/// Points along a line, however wide the frame.
const POINTS_MAX: f64 = 96.0;

impl Ridge {
    /// A jagged line: midpoint displacement.
    pub(super) fn jagged(self, dice: &mut Dice, width: f64) -> Vec<Point> {
        let spans = (width / self.step).clamp(8.0, POINTS_MAX);
        let mut levels = 3;
        while f64::from(1_u32 << levels) < spans && levels < 6 {
            levels += 1;
        }
        let mut heights = vec![
            dice.between(-0.5, 0.5),
            dice.between(-1.0, -0.2),
            dice.between(-0.5, 0.6),
        ];
        let mut swing = 0.75;
        for _ in 1..levels {
            let mut finer = Vec::with_capacity(heights.len() * 2);
            for pair in heights.windows(2) {
                finer.push(pair[0]);
                finer.push(f64::midpoint(pair[0], pair[1]) + dice.between(-swing, swing));
            }
            finer.extend(heights.last());
            heights = finer;
            swing *= 0.52;
        }
        let step = (width + 40.0) / real(heights.len() - 1);
        let (lowest, highest) = heights
            .iter()
            .fold((0.5_f64, -0.5_f64), |(low, high), &height| {
                (low.min(height), high.max(height))
            });
        let spread = 2.0 / (highest - lowest).max(0.1);
        heights
            .iter()
            .enumerate()
            .map(|(at, height)| {
                (
                    real(at) * step - 20.0,
                    self.base + ((height - lowest) * spread - 1.2) * self.swing,
                )
            })
            .collect()
    }

    /// A rolling line.
    pub(super) fn rolling(self, dice: &mut Dice, width: f64) -> Vec<Point> {
        let spans = (width / self.step).clamp(3.0, POINTS_MAX).ceil();
        let step = (width + 80.0) / spans;
        let mut side = dice.pick(1.0, &[-1.0]);
        let mut points = Vec::new();
        let mut x = -40.0;
        while x <= width + 41.0 {
            points.push((x, self.base + side * dice.between(0.35, 1.0) * self.swing));
            side = -side;
            x += step;
        }
        points
    }
}

/// The area under a line of straight pieces.
pub(super) fn below(points: &[Point], bottom: f64) -> Path {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Path::default();
    };
    let mut corners = points.to_vec();
    corners.extend([(last.0, bottom), (first.0, bottom)]);
    Path::polygon(&corners)
}

/// The area under a line that bends through the middle of each piece.
pub(super) fn below_smooth(points: &[Point], bottom: f64) -> Path {
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else {
        return Path::default();
    };
    let mut path = Path::start((first.0, bottom));
    path.line_to(first);
    for pair in points.windows(2) {
        let middle = (
            f64::midpoint(pair[0].0, pair[1].0),
            f64::midpoint(pair[0].1, pair[1].1),
        );
        path.bend_to(pair[0], middle);
    }
    path.line_to(last);
    path.line_to((last.0, bottom));
    path.close();
    path
}

/// The height of a line at a place.
pub(super) fn height_at(points: &[Point], x: f64) -> f64 {
    let next = points
        .iter()
        .position(|point| point.0 > x)
        .unwrap_or(points.len().saturating_sub(1))
        .max(1);
    let (Some(left), Some(right)) = (points.get(next - 1), points.get(next)) else {
        return points.first().map_or(0.0, |point| point.1);
    };
    let share = ((x - left.0) / (right.0 - left.0).max(0.1)).clamp(0.0, 1.0);
    left.1 + (right.1 - left.1) * share
}

/// Of every peak that stands out: the side in the shadow, and the cap of snow.
pub(super) fn slopes(points: &[Point], swing: f64, dice: &mut Dice) -> (Path, Path) {
    let (mut shadow, mut snow) = (Path::default(), Path::default());
    for at in 1..points.len().saturating_sub(1) {
        let (left, peak, right) = (points[at - 1], points[at], points[at + 1]);
        if peak.1 >= left.1 || peak.1 >= right.1 {
            continue;
        }
        let foot = points[at + 1..]
            .windows(2)
            .position(|pair| pair[1].1 < pair[0].1);
        let end = foot.map_or(points.len() - 1, |steps| at + 1 + steps);
        let drop = points[end].1 - peak.1;
        if drop < swing * 0.22 {
            continue;
        }
        let reach = points[end].0 - peak.0;
        let (low, high) = (
            peak.1 + drop * 1.15,
            peak.1 + drop * dice.between(0.5, 0.75),
        );
        let mut side = points[at..=end].to_vec();
        side.extend([
            (peak.0 + reach * 0.35, low),
            (peak.0 + reach * dice.between(0.25, 0.45), high),
            (
                peak.0 + reach * dice.between(-0.05, 0.1),
                peak.1 + drop * 0.35,
            ),
        ]);
        shadow.add_polygon(&side);
        // On the straight pieces beside the peak; further down the cap would hang in the air.
        let cap = (drop * 0.5).min(left.1 - peak.1).min(right.1 - peak.1);
        if cap < swing * 0.1 {
            continue;
        }
        let (down_left, down_right) = (
            cap * (peak.0 - left.0) / (left.1 - peak.1),
            cap * (right.0 - peak.0) / (right.1 - peak.1),
        );
        snow.add_polygon(&[
            peak,
            (peak.0 + down_right, peak.1 + cap),
            (peak.0 + down_right * 0.4, peak.1 + cap * 0.72),
            (peak.0, peak.1 + cap * 1.15),
            (peak.0 - down_left * 0.45, peak.1 + cap * 0.7),
            (peak.0 - down_left, peak.1 + cap),
        ]);
    }
    (shadow, snow)
}

/// Firs that stand on a line, merged into the area below it.
pub(super) fn firs(line: &[Point], (width, bottom): Point, height: f64, dice: &mut Dice) -> Path {
    let mut path = below(line, bottom);
    let gap = (height * 0.36).max((width + 80.0) / 36.0);
    let mut x = -20.0 + dice.unit() * gap;
    while x < width + 20.0 {
        let tall = height * dice.between(0.6, 1.1);
        fir(&mut path, (x, height_at(line, x) + height * 0.08), tall);
        x += gap * dice.between(0.6, 1.5);
    }
    path
}

/// A fir as part of a path: tiers drawn up one side and down the other, the fewer the smaller it is.
fn fir(path: &mut Path, (x, y): Point, tall: f64) {
    const FAR: [(f64, f64); 3] = [(0.1, 0.45), (-0.05, 0.0), (0.13, 0.55)];
    const NEAR: [(f64, f64); 5] = [
        (0.1, 0.28),
        (-0.07, -0.02),
        (0.1, 0.26),
        (-0.06, -0.02),
        (0.13, 0.5),
    ];
    let tiers: &[(f64, f64)] = if tall < 120.0 { &FAR } else { &NEAR };
    path.draw("M{} {}l", &[x - tall * 0.2, y]);
    for (along, up) in tiers {
        path.draw("{} {} ", &[(tall * along).round(), (-tall * up).round()]);
    }
    for (along, up) in tiers.iter().rev() {
        path.draw("{} {} ", &[(tall * along).round(), (tall * up).round()]);
    }
    path.close();
}

/// A cloud: arcs that rise to the middle, on a flat bottom.
pub(super) fn cloud((x, y): Point, width: f64, dice: &mut Dice) -> Path {
    const BUMPS: [(f64, f64); 6] = [
        (0.14, -0.10),
        (0.18, -0.12),
        (0.2, -0.06),
        (0.2, 0.06),
        (0.16, 0.12),
        (0.12, 0.10),
    ];
    let mut path = Path::start((x, y));
    for (along, up) in BUMPS {
        let (step, rise) = (width * along, width * up * dice.between(0.7, 1.1));
        let radius = step * dice.between(0.56, 0.72);
        path.draw("a{} {} 0 0 1 {} {}", &[radius, radius, step, rise]);
    }
    path.draw("L{} {}", &[x + width, y]);
    path.close();
    path
}

/// A water line: crests one beside the other.
pub(super) fn waves(y: f64, (width, bottom): Point, length: f64, dice: &mut Dice) -> Path {
    let length = length.max(width / 60.0);
    let mut x = -length * dice.between(0.3, 1.0);
    let mut path = Path::start((x, y));
    while x < width {
        let (step, rise) = (
            length * dice.between(0.8, 1.2),
            length * dice.between(0.08, 0.14),
        );
        path.draw("q{} {} {} 0", &[step / 2.0, rise * 2.0, step]);
        x += step;
    }
    path.draw("V{}H{}", &[bottom, -length]);
    path.close();
    path
}

#[cfg(test)]
mod tests {
    use super::{Ridge, below_smooth, height_at, slopes};
    use crate::seed::Dice;

    #[test]
    fn lines_span_the_frame_with_a_bounded_number_of_points() {
        for width in [720.0, 1280.0, 46_080.0, 400_000.0] {
            let ridge = Ridge {
                base: 300.0,
                swing: 80.0,
                step: 60.0,
            };
            for points in [
                ridge.jagged(&mut Dice::of(&["a"]), width),
                ridge.rolling(&mut Dice::of(&["a"]), width),
            ] {
                assert!(points[0].0 <= 0.0 && points[points.len() - 1].0 >= width);
                assert!(points.len() <= 100, "{}", points.len());
            }
        }
    }

    #[test]
    fn height_between_two_points_lies_between_theirs() {
        let line = [(0.0, 10.0), (10.0, 20.0)];

        assert!((height_at(&line, 5.0) - 15.0).abs() < 0.01);
        assert!((height_at(&line, 99.0) - 20.0).abs() < 0.01);
        assert!((height_at(&[], 1.0)).abs() < 0.01);
    }

    #[test]
    fn shapes_of_nothing_are_nothing() {
        assert_eq!(below_smooth(&[], 1.0).data(), "");
        assert_eq!(slopes(&[], 1.0, &mut Dice::of(&[])).0.data(), "");
    }
}
