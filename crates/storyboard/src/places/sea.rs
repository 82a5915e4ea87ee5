//! Open water: swell, the way of the light on it, ships and whales, and a cliff for what stands ashore.

use crate::painter::SHORT_SIDE;
use crate::path::Path;
use crate::props;
use crate::scenery::{Prop, Weather};
use crate::terrain::{below, waves};
use crate::view::View;

/// A far coast, the sea, and a near shore when something stands there.
pub(super) fn paint(view: &mut View) {
    let (unit, focus) = (SHORT_SIDE, view.focus);
    let ashore = view.composition.props.iter().any(|prop| {
        !matches!(
            prop,
            Prop::Boat | Prop::Birds | Prop::Whale | Prop::Fish | Prop::Aurora
        )
    });
    let stormy = view.composition.weather == Weather::Storm;
    let length = unit * if stormy { 1.8 } else { 1.0 };
    water(view);
    swell(view, 0.1, length * 0.07, 0.4);
    swell(view, 0.22, length * 0.11, 0.5);
    if view.composition.shows(Prop::Boat) {
        let offset = if ashore { -0.66 } else { -0.1 };
        let at = ((focus + offset * unit).max(unit * 0.16), view.down(0.25));
        props::one(view.painter, Prop::Boat, at, unit * 0.0022);
    }
    swell(view, 0.3, length * 0.16, 0.62);
    glitter(view, 0.3, 0.25);
    if view.composition.shows(Prop::Whale) {
        let at = (focus - unit * 0.2, view.down(0.36));
        props::spouting_whale(view.painter, at, unit * 0.003);
    }
    if ashore {
        let base = view.down(0.24);
        cliff(view, base);
        view.stand((focus + unit * 0.03, base + unit * 0.012), unit * 0.0027);
    }
    swell(view, 0.6, length * 0.22, 0.8);
    swell(view, 0.8, length * 0.3, 0.94);
}

/// The coast on the horizon, and the surface with the light on it.
fn water(view: &mut View) {
    let (unit, top) = (SHORT_SIDE, view.horizon);
    let coast = view.jagged(top - unit * 0.01, unit * 0.05, 70.0);
    view.painter.layer(&below(&coast, top + 4.0), 0.28);
    let edge = [(0.0, top), (view.painter.width, top)];
    let water = below(&edge, view.painter.bottom());
    let palette = view.painter.palette;
    let surface = palette.shade(0.24).mix(palette.sky[1], 0.35);
    view.painter.tinted_layer(&water, surface, 0.0);
    glitter(view, 0.0, 1.0);
}

/// A row of waves and the water below it.
fn swell(view: &mut View, down: f64, length: f64, shade: f64) {
    let corner = (view.painter.width, view.painter.bottom());
    let row = waves(view.down(down), corner, length, view.dice);
    view.painter.layer(&row, shade);
}

/// High ground that carries the thing to look at, up to the right side of the frame.
fn cliff(view: &mut View, base: f64) {
    let (unit, focus, painter) = (SHORT_SIDE, view.focus, &mut *view.painter);
    let (right, bottom) = (painter.width + 40.0, painter.bottom());
    let edge = [
        (focus - unit * 0.42, base + unit * 0.2),
        (focus - unit * 0.36, base + unit * 0.12),
        (focus - unit * 0.31, base + unit * 0.05),
        (focus - unit * 0.25, base),
    ];
    let mut rock = vec![(focus - unit * 0.5, bottom)];
    rock.extend(edge);
    rock.extend([
        (focus + unit * 0.12, base - unit * 0.01),
        (focus + unit * 0.3, base + unit * 0.03),
        (right, base - unit * 0.02),
        (right, bottom),
    ]);
    painter.layer(&Path::polygon(&rock), 0.86);
    let mut lit = edge.to_vec();
    lit.extend([
        (edge[3].0 + unit * 0.02, base + unit * 0.1),
        (edge[2].0 + unit * 0.03, base + unit * 0.2),
        (edge[0].0 + unit * 0.1, base + unit * 0.34),
    ]);
    painter.shape(&Path::polygon(&lit), painter.palette.light, 0.1);
}

/// The way of the light on the water, broken into strips.
fn glitter(view: &mut View, share: f64, deep: f64) {
    let top = view.down(share);
    let depth = (view.painter.height - view.horizon) * deep;
    let (light, dice) = (view.light, &mut *view.dice);
    let mut strips = Path::default();
    for row in 0..14 {
        let share = f64::from(row) / 14.0;
        let wide = light.radius * (0.5 + share * 2.2) * dice.between(0.5, 1.1);
        let x =
            light.at.0 + light.radius * dice.between(-0.5, 0.5) * (0.4 + share * 1.6) - wide / 2.0;
        let y = top + depth * (0.02 + share * share * 0.9);
        let tall = 1.5 + share * 4.0;
        strips.draw(
            "M{} {}q{} -{} {} 0q-{} {} -{} 0z",
            &[x, y, wide / 2.0, tall, wide, wide / 2.0, tall, wide],
        );
    }
    view.painter.shape(&strips, view.painter.palette.light, 0.6);
}
