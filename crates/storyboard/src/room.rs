//! Indoors: a wall, a window with the world behind it, and the light of a lamp.

use super::color::Color;
use super::composition::{Composition, Hour, Prop};
use super::props;
use super::seed::Dice;
use super::site::Site;
use super::svg::{N, Painter, Path, Point, SHORT_SIDE};
use super::terrain::{Ridge, below, below_smooth};

/// A wall, a window with the world behind it, a lamp, and a table.
pub(super) fn room(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, height, unit) = (painter.width, painter.height, SHORT_SIDE);
    let far = Ridge {
        base: site.horizon - unit * 0.06,
        swing: unit * 0.08,
        step: 60.0,
    }
    .jagged(dice, width);
    painter.layer(&below(&far, site.horizon + unit * 0.3), 0.3);
    let line = Ridge {
        base: site.horizon,
        swing: unit * 0.04,
        step: unit * 0.3,
    }
    .rolling(dice, width);
    painter.layer(&below_smooth(&line, site.horizon + unit * 0.3), 0.5);
    let warm = painter.palette.accent;
    let night = matches!(composition.hour, Hour::Night | Hour::Dusk);
    let wall = painter
        .palette
        .shade(0.84)
        .mix(warm, if night { 0.16 } else { 0.1 });
    let (x, y) = (site.light.at.0 - unit * 0.3, height * 0.1);
    let (wide, tall) = (
        unit * 0.62,
        (site.horizon + unit * 0.04 - y).max(unit * 0.3),
    );
    let mut plaster = Path::start((-20.0, -20.0));
    plaster.draw(
        "H{}V{}H-20zM{} {}v{}h{}v{}z",
        &[width + 20.0, height + 20.0, x, y, tall, wide, -tall],
    );
    painter.tinted_layer(&plaster, wall, 0.9);
    window(painter, (x, y), (wide, tall));
    let floor = site.horizon + (height - site.horizon) * 0.5;
    let boards = Path::polygon(&[
        (-20.0, floor),
        (width + 20.0, floor),
        (width + 20.0, height + 20.0),
        (-20.0, height + 20.0),
    ]);
    let wood = painter.palette.near.mix(
        Color::hex(0x6b_3f24),
        if painter.style.is_colourful() {
            0.35
        } else {
            0.0
        },
    );
    painter.tinted_layer(&boards, wood, 1.0);
    furniture(painter, composition, (site.focus, floor), night);
    if composition.shows(Prop::Person) {
        props::one(
            painter,
            Prop::Person,
            (site.focus - unit * 0.3, floor + unit * 0.07),
            unit * 0.0046,
        );
    }
    if composition.shows(Prop::Dog) {
        props::one(
            painter,
            Prop::Dog,
            (site.focus - unit * 0.48, floor + unit * 0.1),
            unit * 0.003,
        );
    }
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
    painter.push(format_args!(
        r#"<path fill="{cloth}" d="M{} {}h{}q-8 {} -{} {}q26-{} 0-{}z"/><path fill="{cloth}" d="M{} {}h-{}q8 {} {} {}q-26-{} 0-{}z"/><path fill="{frame}" d="M{} {}h{}v-9h-{}z"/>"#,
        N(x - 40.0), N(y - 14.0), N(unit * 0.13), N(tall * 0.7), N(unit * 0.11), N(tall + 60.0), N(tall * 0.5), N(tall + 60.0),
        N(x + wide + 40.0), N(y - 14.0), N(unit * 0.13), N(tall * 0.7), N(unit * 0.11), N(tall + 60.0), N(tall * 0.5), N(tall + 60.0),
        N(x - 56.0), N(y - 12.0), N(wide + 112.0), N(wide + 112.0)
    ));
}

/// A table with a lamp, books and a cup; a plant by day.
fn furniture(painter: &mut Painter, composition: &Composition, (x, floor): Point, night: bool) {
    let unit = SHORT_SIDE;
    let (dark, warm, spot, light) = (
        painter.palette.shade(1.0),
        painter.palette.accent,
        painter.palette.spot,
        painter.palette.light,
    );
    let (left, top) = (x - unit * 0.12, floor - unit * 0.16);
    let opacity = if night { 1.0 } else { 0.5 };
    painter.glow((x + unit * 0.14, top - unit * 0.17), unit * 0.52, opacity);
    painter.push(format_args!(
        r#"<g transform="translate({} {})"><path fill="{dark}" d="M0 0h330v14h-18v150h-16v-150h-262v150h-16v-150h-18z"/><path fill="{dark}" d="M168 0h48v-6h-20v-96h-8v96h-20z"/><path fill="{warm}" d="M150-90l18-64h48l18 64z"/><path fill="{spot}" d="M30 0v-12h74v12zM38-12v-11h62v11z"/><path fill="{light}" opacity=".85" d="M34-3v-6h70v6zM42-15v-5h58v5z"/><path fill="{light}" d="M268 0q-8 0-8-26h32q0 26-8 26zM292-22q14 0 12 10-2 8-14 7v-4q9 0 9-5t-8-4z"/><path fill="none" stroke="{light}" stroke-width="3" stroke-linecap="round" opacity=".4" d="M270-34q-6-10 2-18t0-16M282-34q-6-8 2-16t0-14"/></g>"#,
        N(left),
        N(top)
    ));
    if composition.shows(Prop::Tree) || !night {
        let leaf = painter.palette.near.mix(
            Color::hex(0x4f_8a5b),
            if painter.style.is_colourful() {
                0.6
            } else {
                0.1
            },
        );
        painter.push(format_args!(
            r#"<g transform="translate({} {})"><path fill="{leaf}" d="M0-40q-50-30-56-96 46 22 56 80-8-80 14-124 26 50-4 124 20-56 66-66-10 60-66 82z"/><path fill="{spot}" d="M-34-44h68l-10 64h-48z"/></g>"#,
            N(left - unit * 0.1),
            N(floor + unit * 0.03)
        ));
    }
}
