//! Space: a planet with a ring, nebulas, and the ground of a small moon.

use crate::number::N;
use crate::painter::{Painter, SHORT_SIDE};
use crate::path::Point;
use crate::scenery::Prop;
use crate::sky::stars;
use crate::terrain::cloud;
use crate::view::View;

/// Darkness, what shines in it, and the ground.
pub(super) fn paint(view: &mut View) {
    let (unit, night) = (SHORT_SIDE, view.painter.palette.near);
    view.painter
        .cover(format_args!(r#"fill="{night}" opacity=".62""#));
    nebulas(view);
    let height = view.painter.height;
    stars(view.painter, height, view.dice);
    let radius = unit * view.dice.between(0.17, 0.23);
    planet(view.painter, (view.focus, view.horizon * 0.62), radius);
    let base = view.down(0.42);
    let ground = view.rolling(base, unit * 0.03, unit * 0.4);
    view.ground(&ground, 0.7);
    craters(view, base);
    let x = if view.composition.shows(Prop::Rocket) {
        view.light.at.0
    } else {
        view.focus - unit * 0.3
    };
    view.stand((x, base), unit * 0.0024);
}

/// Clouds of three colours, far away.
fn nebulas(view: &mut View) {
    let (painter, dice) = (&mut *view.painter, &mut *view.dice);
    let palette = painter.palette;
    let haze = painter.url("haze");
    for color in [palette.sky[1], palette.spot, palette.sky[2]] {
        let at = (
            dice.between(-0.1, 0.6) * painter.width,
            dice.between(0.3, 0.7) * painter.height,
        );
        let shape = cloud(at, SHORT_SIDE * dice.between(0.7, 1.1), dice);
        let look = format_args!(r#"fill="{color}" opacity=".3" filter="{haze}""#);
        painter.path(&shape, look);
    }
}

fn planet(painter: &mut Painter, (x, y): Point, radius: f64) {
    let palette = painter.palette;
    let (night, ring) = (palette.near, palette.light);
    let body = painter.gradient(&[
        (palette.light, 1.0),
        (palette.sky[2], 1.0),
        (palette.spot, 1.0),
    ]);
    painter.glow((x, y), radius * 1.9, 0.35);
    painter.push(format_args!(
        r#"<g transform="translate({x} {y}) rotate(-18)"><path fill="none" stroke="{ring}" stroke-width="9" opacity=".5" d="M-{w} 0a{w} {f} 0 0 1 {d} 0"/><circle r="{r}" fill="{body}"/><path fill="{night}" opacity=".45" d="M{half} -{tall}a{r} {r} 0 0 1 -{d2} {up}a{big} {big} 0 0 0 {d2} -{up}z"/><path fill="{ring}" opacity=".16" d="M-{band} -{b1}q{band} 26 {bd} 0l6 20q-{band} 28 -{bd2} 0z"/><path fill="none" stroke="{ring}" stroke-width="12" opacity=".85" d="M-{w} 0a{w} {f} 0 0 0 {d} 0"/></g>"#,
        x = N(x), y = N(y), r = N(radius), w = N(radius * 1.75), d = N(radius * 3.5), f = N(radius * 0.42),
        half = N(radius * 0.6), tall = N(radius * 0.8), d2 = N(radius * 1.2), up = N(radius * 1.6), big = N(radius * 1.5),
        band = N(radius * 0.93), b1 = N(radius * 0.36), bd = N(radius * 1.86), bd2 = N(radius * 1.9)
    ));
}

/// Shallow holes in the ground.
fn craters(view: &mut View, base: f64) {
    let (unit, night) = (SHORT_SIDE, view.painter.palette.near);
    for _ in 0..6 {
        let (x, y, size) = (
            view.dice.unit() * view.painter.width,
            base + unit * view.dice.between(0.08, 0.34),
            unit * view.dice.between(0.03, 0.08),
        );
        let (x, y, wide, tall) = (N(x), N(y), N(size), N(size * 0.28));
        view.painter.push(format_args!(
            r#"<ellipse cx="{x}" cy="{y}" rx="{wide}" ry="{tall}" fill="{night}" opacity=".5"/>"#
        ));
    }
}
