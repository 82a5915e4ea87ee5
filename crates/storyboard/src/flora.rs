//! What grows: trees in groups, grass at our feet, trunks that frame the picture.

use super::seed::Dice;
use super::svg::{Painter, Path, Point, SHORT_SIDE};
use super::terrain::height_at;

/// Round trees in small groups on a line.
pub(super) fn copse(painter: &mut Painter, line: &[Point], depth: f64, dice: &mut Dice) {
    let mut crowns = Path::default();
    for _ in 0..5 {
        let x = dice.unit() * painter.width;
        for _ in 0..3 {
            let radius = SHORT_SIDE * dice.between(0.008, 0.02);
            let at = x + SHORT_SIDE * dice.between(-0.03, 0.03);
            let y = height_at(line, at) - radius * 0.2;
            crowns.draw(
                "M{} {}a{} {} 0 1 1 {} 0z",
                &[at - radius, y, radius, radius, radius * 2.0],
            );
        }
    }
    let color = painter.palette.shade(depth);
    painter.shape(&crowns, color, 1.0);
}

/// Blades along the nearest line.
pub(super) fn grass(painter: &mut Painter, line: &[Point], dice: &mut Dice) {
    let mut blades = Path::default();
    for _ in 0..28 {
        let x = dice.unit() * painter.width;
        let (tall, lean) = (
            SHORT_SIDE * dice.between(0.02, 0.055),
            SHORT_SIDE * dice.between(-0.015, 0.015),
        );
        blades.draw(
            "M{} {}q1 {} {} {}q{} {} {} {}z",
            &[
                x,
                height_at(line, x) + SHORT_SIDE * 0.02,
                -tall * 0.6,
                lean,
                -tall,
                -lean * 0.3,
                tall * 0.5,
                5.0 - lean,
                tall,
            ],
        );
    }
    let color = painter.palette.shade(0.93);
    painter.shape(&blades, color, 1.0);
}

/// A trunk with bare branches that frames the picture.
pub(super) fn trunk(painter: &mut Painter, (x, bottom): Point, lean: f64, thick: f64) {
    let top = -20.0;
    let tall = bottom - top;
    let mut path = Path::start((x - thick * 0.8, bottom));
    path.draw(
        "Q{} {} {} {}h{}Q{} {} {} {}z",
        &[
            x - thick * 0.3,
            bottom - tall * 0.3,
            x - thick * 0.4 + lean,
            top,
            thick * 0.8,
            x + thick * 0.35,
            bottom - tall * 0.3,
            x + thick * 0.9,
            bottom,
        ],
    );
    for (up, side) in [(0.6, 1.0), (0.7, -1.0), (0.8, 1.0)] {
        let y = bottom - tall * up;
        path.draw(
            "M{} {}q{} {} {} {}q{} {} {} {}z",
            &[
                x + lean * up,
                y,
                side * thick,
                -thick * 0.6,
                side * thick * 3.2,
                -thick * 1.5,
                -side * thick * 2.2,
                thick * 1.2,
                -side * thick * 3.2,
                thick * 2.0,
            ],
        );
    }
    let color = painter.palette.shade(1.0);
    painter.shape(&path, color, 1.0);
}
