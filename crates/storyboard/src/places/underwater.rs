//! Under water: light from above, rocks, weeds, and whoever swims there.

use crate::color::Color;
use crate::painter::{Painter, SHORT_SIDE};
use crate::path::Path;
use crate::props;
use crate::scenery::Prop;
use crate::seed::Dice;
use crate::terrain::below;
use crate::view::View;

/// The water, and all that is in it, the farthest first.
pub(super) fn paint(view: &mut View) {
    let (unit, palette) = (SHORT_SIDE, view.painter.palette);
    let blue = if view.painter.style.is_colourful() {
        Color::hex(0x1f_8fb0)
    } else {
        palette.sky[1]
    };
    let fill = view.painter.gradient(&[
        (blue.mix(palette.light, 0.45), 1.0),
        (blue, 1.0),
        (blue.mix(palette.near, 0.6), 1.0),
    ]);
    let rays = view
        .painter
        .gradient(&[(palette.light, 0.5), (palette.light, 0.0)]);
    view.painter.cover(format_args!(r#"fill="{fill}""#));
    beams(view.painter, &rays, view.dice);
    for (share, swing, shade) in [(-0.1, 0.12, 0.35), (0.22, 0.1, 0.6)] {
        let rocks = view.jagged(view.down(share), unit * swing, 60.0);
        let area = below(&rocks, view.painter.bottom());
        view.painter
            .tinted_layer(&area, blue.mix(palette.near, shade), shade);
    }
    let swimmer = if view.composition.shows(Prop::Whale) {
        Prop::Whale
    } else {
        Prop::Fish
    };
    let (near, far) = (
        (view.focus, view.horizon * 0.8),
        (view.light.at.0, view.horizon * 1.1),
    );
    props::one(view.painter, swimmer, near, unit * 0.0036);
    props::one(view.painter, Prop::Fish, far, unit * 0.0018);
    let floor = view.rolling(view.down(0.72), unit * 0.03, unit * 0.4);
    view.ground(&floor, 0.92);
    weeds(view.painter, view.dice);
    bubbles(view.painter, view.dice);
}

/// Light that falls through the surface.
fn beams(painter: &mut Painter, fill: &str, dice: &mut Dice) {
    let (width, height, unit) = (painter.width, painter.height, SHORT_SIDE);
    let mut beams = Path::default();
    for _ in 0..6 {
        let (x, wide) = (dice.unit() * width, unit * dice.between(0.03, 0.1));
        beams.draw(
            "M{} -20h{}l{} {}h{}z",
            &[x, wide, unit * 0.2 + wide, height * 0.8, -wide * 3.0],
        );
    }
    painter.path(&beams, format_args!(r#"fill="{fill}" opacity=".5""#));
}

/// Long leaves that sway from the ground.
fn weeds(painter: &mut Painter, dice: &mut Dice) {
    let (width, height, unit) = (painter.width, painter.height, SHORT_SIDE);
    let mut weeds = Path::default();
    for _ in 0..16 {
        let (x, tall, sway) = (
            dice.unit() * width,
            unit * dice.between(0.12, 0.36),
            unit * dice.between(-0.05, 0.05),
        );
        weeds.draw(
            "M{} {}q{} {} {} {}q{} {} {} {}z",
            &[
                x,
                height + 10.0,
                sway * 2.0,
                -tall * 0.5,
                sway * 0.4,
                -tall,
                sway * 2.4,
                tall * 0.5,
                16.0 - sway * 0.4,
                tall,
            ],
        );
    }
    painter.shape(&weeds, painter.palette.near, 0.85);
}

fn bubbles(painter: &mut Painter, dice: &mut Dice) {
    let (width, height, unit) = (painter.width, painter.height, SHORT_SIDE);
    let light = painter.palette.light;
    for _ in 0..14 {
        let at = (dice.unit() * width, dice.unit() * height * 0.8);
        let look = format_args!(r#"fill="none" stroke="{light}" stroke-width="2" opacity=".5""#);
        painter.circle(at, unit * dice.between(0.004, 0.013), look);
    }
}
