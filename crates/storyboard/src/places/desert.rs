//! Dunes, and mesas behind them.

use crate::painter::SHORT_SIDE;
use crate::path::{Path, Point};
use crate::terrain::height_at;
use crate::view::View;

/// Mesas on the horizon, and four rows of dunes.
pub(super) fn paint(view: &mut View) {
    let unit = SHORT_SIDE;
    mesas(view);
    for (share, shade, peopled) in [
        (0.0, 0.34, false),
        (0.14, 0.46, false),
        (0.34, 0.6, true),
        (0.62, 0.78, false),
    ] {
        let base = view.down(share);
        let line = view.rolling(base, unit * 0.05, unit * 0.55);
        view.ground(&line, shade);
        for peak in line.iter().filter(|point| point.1 < base && point.0 > 0.0) {
            lee(view, *peak);
        }
        if peopled {
            let y = height_at(&line, view.focus) + unit * 0.04;
            view.stand((view.focus, y), unit * 0.0024);
        }
    }
}

fn mesas(view: &mut View) {
    let (unit, foot) = (SHORT_SIDE, view.horizon + 6.0);
    let mut mesas = Path::default();
    for _ in 0..3 {
        let (x, wide, tall) = (
            view.dice.unit() * view.painter.width,
            unit * view.dice.between(0.14, 0.34),
            unit * view.dice.between(0.07, 0.18),
        );
        mesas.draw(
            "M{} {}l{} {}h{}l{} {}z",
            &[
                x - wide,
                foot,
                wide * 0.22,
                -tall,
                wide * 1.3,
                wide * 0.28,
                tall,
            ],
        );
    }
    view.painter.layer(&mesas, 0.26);
}

/// The side of a dune that lies in the shadow.
fn lee(view: &mut View, (x, y): Point) {
    let mut shadow = Path::start((x, y + SHORT_SIDE * 0.026));
    let sides = [
        0.05, 0.05, 0.26, 0.09, 0.1, 0.06, 0.12, 0.16, -0.3, -0.06, -0.38, -0.25,
    ];
    shadow.draw(
        "q{} {} {} {}q{} {} {} {}q{} {} {} {}z",
        &sides.map(|share| SHORT_SIDE * share),
    );
    view.painter.shape(&shadow, view.painter.palette.near, 0.16);
}
