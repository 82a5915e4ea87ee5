//! Peaks and valleys, and woods below them.

use crate::painter::SHORT_SIDE;
use crate::scenery::Weather;
use crate::terrain::{firs, slopes};
use crate::view::View;

/// Three ranges, a wood, and a rise in front of it.
pub(super) fn paint(view: &mut View) {
    let unit = SHORT_SIDE;
    let (width, bottom) = (view.painter.width, view.painter.bottom());
    let snowy = view.composition.weather == Weather::Snow;
    for (lift, swing, shade) in [(0.14, 0.2, 0.18), (0.02, 0.15, 0.36), (-0.06, 0.1, 0.54)] {
        let base = view.horizon - unit * lift;
        let line = view.jagged(base, unit * swing, 42.0);
        view.rock(&line, shade);
        let (shadow, snow) = slopes(&line, unit * swing, view.dice);
        let palette = view.painter.palette;
        view.painter.shape(&shadow, palette.near, 0.2);
        if snowy || shade < 0.4 {
            let opacity = if snowy { 0.8 } else { 0.5 };
            view.painter.shape(&snow, palette.light, opacity);
        }
        view.mist(base + unit * 0.16, unit * 0.22, 0.55);
    }
    let wood = view.rolling(view.down(0.22), unit * 0.05, unit * 0.3);
    let trees = firs(&wood, (width, bottom), unit * 0.1, view.dice);
    view.painter.layer(&trees, 0.72);
    let (focus, base) = (view.focus, view.down(0.44));
    let rise = [
        (-40.0, base + unit * 0.12),
        (focus - unit * 0.34, base + unit * 0.04),
        (focus, base),
        (focus + unit * 0.4, base + unit * 0.06),
        (width + 60.0, base - unit * 0.04),
    ];
    view.ground(&rise, 0.84);
    view.stand((focus, base + unit * 0.02), unit * 0.0025);
    let near = view.rolling(view.down(0.78), unit * 0.05, unit * 0.4);
    let trees = firs(&near, (width, bottom), unit * 0.2, view.dice);
    view.painter.layer(&trees, 0.97);
}
