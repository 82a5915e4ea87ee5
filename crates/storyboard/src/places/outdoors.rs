//! What places in the open share: trees in groups, grass at our feet, trunks that frame the picture, a footpath.

use crate::painter::{Painter, SHORT_SIDE};
use crate::path::{Path, Point};
use crate::terrain::height_at;
use crate::view::View;

/// Round trees in small groups on a line.
pub(super) fn copse(view: &mut View, line: &[Point], depth: f64) {
    let mut crowns = Path::default();
    for _ in 0..5 {
        let x = view.dice.unit() * view.painter.width;
        for _ in 0..3 {
            let radius = SHORT_SIDE * view.dice.between(0.008, 0.02);
            let at = x + SHORT_SIDE * view.dice.between(-0.03, 0.03);
            let y = height_at(line, at) - radius * 0.2;
            crowns.draw(
                "M{} {}a{} {} 0 1 1 {} 0z",
                &[at - radius, y, radius, radius, radius * 2.0],
            );
        }
    }
    let color = view.painter.palette.shade(depth);
    view.painter.shape(&crowns, color, 1.0);
}

/// Blades along the nearest line.
pub(super) fn grass(view: &mut View, line: &[Point]) {
    let mut blades = Path::default();
    for _ in 0..28 {
        let x = view.dice.unit() * view.painter.width;
        let (tall, lean) = (
            SHORT_SIDE * view.dice.between(0.02, 0.055),
            SHORT_SIDE * view.dice.between(-0.015, 0.015),
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
    let color = view.painter.palette.shade(0.93);
    view.painter.shape(&blades, color, 1.0);
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
    painter.shape(&path, painter.palette.shade(1.0), 1.0);
}

/// A way that leads from our feet to the thing to look at.
pub(super) fn footpath(view: &mut View, (x, y): Point) {
    let (bottom, unit) = (view.painter.bottom(), SHORT_SIDE);
    let foot = x - unit * view.dice.between(0.2, 0.4);
    let mut way = Path::start((x - 5.0, y));
    way.draw(
        "C{} {} {} {} {} {}",
        &[
            x + unit * 0.14,
            y + unit * 0.1,
            foot - unit * 0.1,
            y + unit * 0.14,
            foot,
            bottom,
        ],
    );
    way.draw(
        "h{}C{} {} {} {} {} {}z",
        &[
            unit * 0.2,
            foot + unit * 0.12,
            y + unit * 0.16,
            x + unit * 0.22,
            y + unit * 0.1,
            x + 5.0,
            y,
        ],
    );
    let palette = view.painter.palette;
    let color = palette.light.mix(palette.haze(), 0.4);
    view.painter.shape(&way, color, 0.32);
}
