//! Open water: swell, the way of the light on it, ships and whales, and a cliff for what stands ashore.

use super::composition::{Composition, Prop, Weather};
use super::props;
use super::seed::Dice;
use super::site::Site;
use super::sky::Light;
use super::svg::{Painter, Path, SHORT_SIDE};
use super::terrain::{Ridge, below, waves};

/// A far coast, the sea, and a near shore when something stands there.
pub(super) fn sea(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, bottom, unit) = (painter.width, painter.height + 20.0, SHORT_SIDE);
    let depth = painter.height - site.horizon;
    let at = |share: f64| site.horizon + depth * share;
    let coast = Ridge {
        base: at(0.0) - unit * 0.01,
        swing: unit * 0.05,
        step: 70.0,
    }
    .jagged(dice, width);
    painter.layer(&below(&coast, at(0.0) + 4.0), 0.28);
    let water = Path::polygon(&[
        (0.0, at(0.0)),
        (width, at(0.0)),
        (width, bottom),
        (0.0, bottom),
    ]);
    let surface = painter
        .palette
        .shade(0.24)
        .mix(painter.palette.sky[1], 0.35);
    painter.tinted_layer(&water, surface, 0.0);
    glitter(painter, site.light, at(0.0), depth, dice);
    let ashore = composition.props.iter().any(|prop| {
        !matches!(
            prop,
            Prop::Boat | Prop::Birds | Prop::Whale | Prop::Fish | Prop::Aurora
        )
    });
    let length = unit
        * if composition.weather == Weather::Storm {
            1.8
        } else {
            1.0
        };
    swell(painter, at(0.1), length * 0.07, 0.4, dice);
    swell(painter, at(0.22), length * 0.11, 0.5, dice);
    if composition.shows(Prop::Boat) {
        let offset = if ashore { -0.66 } else { -0.1 };
        let x = (site.focus + offset * unit).max(unit * 0.16);
        props::one(painter, Prop::Boat, (x, at(0.25)), unit * 0.0022);
    }
    swell(painter, at(0.3), length * 0.16, 0.62, dice);
    glitter(painter, site.light, at(0.3), depth * 0.25, dice);
    if composition.shows(Prop::Whale) {
        props::spouting_whale(painter, (site.focus - unit * 0.2, at(0.36)), unit * 0.003);
    }
    if ashore {
        cliff(painter, site.focus, at(0.24));
        props::stand(
            painter,
            composition,
            (site.focus + unit * 0.03, at(0.24) + unit * 0.012),
            unit * 0.0027,
            dice,
        );
    }
    swell(painter, at(0.6), length * 0.22, 0.8, dice);
    swell(painter, at(0.8), length * 0.3, 0.94, dice);
}

/// A row of waves and the water below it.
fn swell(painter: &mut Painter, y: f64, length: f64, shade: f64, dice: &mut Dice) {
    let row = waves(y, (painter.width, painter.height + 20.0), length, dice);
    painter.layer(&row, shade);
}

/// High ground that reaches from where the second thing stands to the side of the frame.
fn cliff(painter: &mut Painter, focus: f64, base: f64) {
    let (unit, right, bottom) = (SHORT_SIDE, painter.width + 40.0, painter.height + 20.0);
    let edge = [
        (focus - unit * 0.42, base + unit * 0.2),
        (focus - unit * 0.36, base + unit * 0.12),
        (focus - unit * 0.31, base + unit * 0.05),
        (focus - unit * 0.25, base),
    ];
    let mut rock = Path::start((focus - unit * 0.5, bottom));
    for point in edge {
        rock.line_to(point);
    }
    rock.line_to((focus + unit * 0.12, base - unit * 0.01));
    rock.line_to((focus + unit * 0.3, base + unit * 0.03));
    rock.line_to((right, base - unit * 0.02));
    rock.line_to((right, bottom));
    rock.close();
    painter.layer(&rock, 0.86);
    let mut lit = edge.to_vec();
    lit.push((edge[3].0 + unit * 0.02, base + unit * 0.1));
    lit.push((edge[2].0 + unit * 0.03, base + unit * 0.2));
    lit.push((edge[0].0 + unit * 0.1, base + unit * 0.34));
    let light = painter.palette.light;
    painter.shape(&Path::polygon(&lit), light, 0.1);
}

/// The way of the light on the water, broken into strips.
fn glitter(painter: &mut Painter, light: Light, top: f64, depth: f64, dice: &mut Dice) {
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
    let color = painter.palette.light;
    painter.shape(&strips, color, 0.6);
}
