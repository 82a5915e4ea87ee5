//! Indoors: a wall, a window with the world behind it, and the light of a lamp.

use crate::color::Color;
use crate::number::N;
use crate::painter::{Painter, SHORT_SIDE};
use crate::path::{Path, Point};
use crate::props;
use crate::scenery::{Hour, Prop};
use crate::terrain::{below, below_smooth};
use crate::view::View;

/// A wall, a window with the world behind it, a lamp, and a table.
pub(super) fn paint(view: &mut View) {
    let unit = SHORT_SIDE;
    let night = matches!(view.composition.hour, Hour::Night | Hour::Dusk);
    world(view);
    wall(view, night);
    let floor = view.down(0.5);
    floorboards(view.painter, floor);
    furniture(view, floor, night);
    for (prop, left, down, scale) in [
        (Prop::Person, 0.3, 0.07, 0.0046),
        (Prop::Dog, 0.48, 0.1, 0.003),
    ] {
        if view.composition.shows(prop) {
            let at = (view.focus - unit * left, floor + unit * down);
            props::one(view.painter, prop, at, unit * scale);
        }
    }
}

/// What is seen through the window.
fn world(view: &mut View) {
    let (unit, horizon) = (SHORT_SIDE, view.horizon);
    let sill = horizon + unit * 0.3;
    let far = view.jagged(horizon - unit * 0.06, unit * 0.08, 60.0);
    view.painter.layer(&below(&far, sill), 0.3);
    let near = view.rolling(horizon, unit * 0.04, unit * 0.3);
    view.painter.layer(&below_smooth(&near, sill), 0.5);
}

/// The wall, and the window in it.
fn wall(view: &mut View, night: bool) {
    let (unit, painter) = (SHORT_SIDE, &mut *view.painter);
    let (x, y) = (view.light.at.0 - unit * 0.3, painter.height * 0.1);
    let (wide, tall) = (
        unit * 0.62,
        (view.horizon + unit * 0.04 - y).max(unit * 0.3),
    );
    let mut plaster = Path::start((-20.0, -20.0));
    let (right, bottom) = (painter.width + 20.0, painter.bottom());
    plaster.draw(
        "H{}V{}H-20zM{} {}v{}h{}v{}z",
        &[right, bottom, x, y, tall, wide, -tall],
    );
    let warmth = if night { 0.16 } else { 0.1 };
    let color = painter.palette.shade(0.84);
    let color = color.mix(painter.palette.accent, warmth);
    painter.tinted_layer(&plaster, color, 0.9);
    window(painter, (x, y), (wide, tall));
}

fn floorboards(painter: &mut Painter, top: f64) {
    let edge = [(-20.0, top), (painter.width + 20.0, top)];
    let boards = below(&edge, painter.bottom());
    let brown = if painter.style.is_colourful() {
        0.35
    } else {
        0.0
    };
    let wood = painter.palette.near.mix(Color::hex(0x6b_3f24), brown);
    painter.tinted_layer(&boards, wood, 1.0);
}

/// Frame, panes and curtains of a window.
fn window(painter: &mut Painter, (x, y): Point, (wide, tall): Point) {
    let unit = SHORT_SIDE;
    let (frame, bright) = (painter.palette.shade(0.97), painter.palette.light);
    painter.push(format_args!(
        r#"<path fill="none" stroke="{frame}" stroke-width="14" d="M{x} {y}h{w}v{t}h-{w}zM{mx} {y}v{t}M{x} {my}h{w}"/><path fill="{bright}" opacity=".08" d="M{x} {y}h{half}l-{half} {t}z"/>"#,
        x = N(x),
        y = N(y),
        w = N(wide),
        t = N(tall),
        mx = N(x + wide / 2.0),
        my = N(y + tall * 0.4),
        half = N(wide * 0.4)
    ));
    let cloth = painter.palette.spot.mix(painter.palette.near, 0.35);
    for (left, side) in [(x - 40.0, 1.0), (x + wide + 40.0, -1.0)] {
        let mut curtain = Path::start((left, y - 14.0));
        curtain.draw(
            "h{}q{} {} {} {}q{}-{} 0-{}z",
            &[
                side * unit * 0.13,
                side * -8.0,
                tall * 0.7,
                side * unit * -0.11,
                tall + 60.0,
                side * 26.0,
                tall * 0.5,
                tall + 60.0,
            ],
        );
        painter.path(&curtain, format_args!(r#"fill="{cloth}""#));
    }
    let mut rod = Path::start((x - 56.0, y - 12.0));
    rod.draw("h{}v-9h-{}z", &[wide + 112.0, wide + 112.0]);
    painter.path(&rod, format_args!(r#"fill="{frame}""#));
}

/// A table with a lamp, books and a cup; a plant by day, or when the words name a tree.
fn furniture(view: &mut View, floor: f64, night: bool) {
    let (unit, x, painter) = (SHORT_SIDE, view.focus, &mut *view.painter);
    let palette = painter.palette;
    let (dark, warm, spot, light) = (
        palette.shade(1.0),
        palette.accent,
        palette.spot,
        palette.light,
    );
    let (left, top) = (x - unit * 0.12, floor - unit * 0.16);
    let opacity = if night { 1.0 } else { 0.5 };
    painter.glow((x + unit * 0.14, top - unit * 0.17), unit * 0.52, opacity);
    painter.push(format_args!(
        r#"<g transform="translate({} {})"><path fill="{dark}" d="M0 0h330v14h-18v150h-16v-150h-262v150h-16v-150h-18z"/><path fill="{dark}" d="M168 0h48v-6h-20v-96h-8v96h-20z"/><path fill="{warm}" d="M150-90l18-64h48l18 64z"/><path fill="{spot}" d="M30 0v-12h74v12zM38-12v-11h62v11z"/><path fill="{light}" opacity=".85" d="M34-3v-6h70v6zM42-15v-5h58v5z"/><path fill="{light}" d="M268 0q-8 0-8-26h32q0 26-8 26zM292-22q14 0 12 10-2 8-14 7v-4q9 0 9-5t-8-4z"/><path fill="none" stroke="{light}" stroke-width="3" stroke-linecap="round" opacity=".4" d="M270-34q-6-10 2-18t0-16M282-34q-6-8 2-16t0-14"/></g>"#,
        N(left),
        N(top)
    ));
    if view.composition.shows(Prop::Tree) || !night {
        let green = if painter.style.is_colourful() {
            0.6
        } else {
            0.1
        };
        let leaf = palette.near.mix(Color::hex(0x4f_8a5b), green);
        painter.push(format_args!(
            r#"<g transform="translate({} {})"><path fill="{leaf}" d="M0-40q-50-30-56-96 46 22 56 80-8-80 14-124 26 50-4 124 20-56 66-66-10 60-66 82z"/><path fill="{spot}" d="M-34-44h68l-10 64h-48z"/></g>"#,
            N(left - unit * 0.1),
            N(floor + unit * 0.03)
        ));
    }
}
