//! Rows of trees, and light that falls between them.

use super::outdoors::{footpath, grass, trunk};
use crate::painter::SHORT_SIDE;
use crate::path::Path;
use crate::scenery::Hour;
use crate::style::Style;
use crate::terrain::firs;
use crate::view::View;

/// Three rows of firs, a clearing, and trunks that frame it.
pub(super) fn paint(view: &mut View) {
    let unit = SHORT_SIDE;
    let (width, bottom) = (view.painter.width, view.painter.bottom());
    let far = view.jagged(view.horizon - unit * 0.1, unit * 0.08, 60.0);
    view.rock(&far, 0.14);
    for (share, tall, shade) in [(-0.05, 0.15, 0.3), (0.06, 0.24, 0.48), (0.18, 0.34, 0.64)] {
        let base = view.down(share);
        let line = view.rolling(base, unit * 0.025, unit * 0.3);
        let trees = firs(&line, (width, bottom), unit * tall, view.dice);
        view.painter.layer(&trees, shade);
        view.mist(base + unit * 0.05, unit * 0.2, 0.5);
    }
    if !matches!(view.painter.style, Style::Ink | Style::Comic) {
        shafts(view);
    }
    let (focus, base) = (view.focus, view.down(0.42));
    let floor = view.rolling(base, unit * 0.02, unit * 0.5);
    view.ground(&floor, 0.82);
    footpath(view, (focus - unit * 0.06, base + unit * 0.01));
    view.stand((focus, base + unit * 0.03), unit * 0.0024);
    let near = view.rolling(view.down(0.82), unit * 0.04, unit * 0.5);
    view.ground(&near, 0.95);
    grass(view, &near);
    for (x, lean, thick) in [
        (0.02, 0.012, 0.045),
        (0.115, -0.01, 0.024),
        (0.97, -0.015, 0.05),
    ] {
        let foot = (width * x, bottom);
        trunk(view.painter, foot, unit * lean, unit * thick);
    }
}

/// Beams of light between the trees.
fn shafts(view: &mut View) {
    let (unit, (light_x, light_y)) = (SHORT_SIDE, view.light.at);
    let color = view.painter.palette.light;
    let fill = view.painter.gradient(&[(color, 0.55), (color, 0.0)]);
    let mut beams = Path::default();
    for _ in 0..4 {
        let (x, wide) = (
            light_x + unit * view.dice.between(-0.3, 0.5),
            unit * view.dice.between(0.02, 0.06),
        );
        let slide = unit * view.dice.between(0.16, 0.3);
        beams.draw(
            "M{} {}h{}l{} {}h{}z",
            &[
                x,
                light_y * 0.6,
                wide,
                slide + wide,
                unit * 0.6,
                -wide * 2.6,
            ],
        );
    }
    let night = view.composition.hour == Hour::Night;
    view.painter
        .shape(&beams, fill, if night { 0.22 } else { 0.5 });
}
