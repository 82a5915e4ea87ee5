//! Rolling meadows, with a path to the thing to look at.

use super::outdoors::{copse, footpath, grass};
use crate::painter::SHORT_SIDE;
use crate::view::View;

/// Far mountains, meadows with groups of trees, and grass at our feet.
pub(super) fn paint(view: &mut View) {
    let unit = SHORT_SIDE;
    let far = view.jagged(view.horizon - unit * 0.03, unit * 0.09, 60.0);
    view.rock(&far, 0.2);
    view.mist(view.horizon, unit * 0.16, 0.5);
    for (share, shade, swing) in [(0.05, 0.36, 0.045), (0.2, 0.52, 0.05)] {
        let line = view.rolling(view.down(share), unit * swing, unit * 0.42);
        view.ground(&line, shade);
        copse(view, &line, shade + 0.12);
    }
    let (focus, base) = (view.focus, view.down(0.34));
    let swell = [
        (-40.0, base + unit * 0.1),
        (focus - unit * 0.3, base + unit * 0.06),
        (focus, base - unit * 0.02),
        (focus + unit * 0.4, base + unit * 0.03),
        (view.painter.width + 60.0, base + unit * 0.12),
    ];
    view.ground(&swell, 0.68);
    footpath(view, (focus + unit * 0.04, base + unit * 0.02));
    view.stand((focus, base + unit * 0.02), unit * 0.0026);
    let near = view.rolling(view.down(0.68), unit * 0.06, unit * 0.6);
    view.ground(&near, 0.9);
    grass(view, &near);
}
