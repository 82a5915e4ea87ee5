//! Weather: what falls, drifts or flashes in front of the place.

use super::number::whole;
use super::painter::{Painter, SHORT_SIDE};
use super::path::Path;
use super::scenery::Weather;
use super::seed::Dice;
use super::terrain::cloud;

/// Paints the weather.
pub(super) fn paint(painter: &mut Painter, weather: Weather, dice: &mut Dice) {
    match weather {
        Weather::Clear | Weather::Cloudy => {}
        Weather::Rain => rain(painter, 70.0, dice),
        Weather::Storm => {
            lightning(painter, dice);
            rain(painter, 110.0, dice);
        }
        Weather::Snow => snow(painter, dice),
        Weather::Fog => fog(painter, dice),
    }
}

fn rain(painter: &mut Painter, amount: f64, dice: &mut Dice) {
    let light = painter.palette.light.mix(painter.palette.sky[1], 0.3);
    for (share, thick, opacity) in [(0.65, 1.6, 0.32), (0.35, 2.8, 0.42)] {
        let mut drops = Path::default();
        for _ in 0..whole(amount * share) {
            let long = SHORT_SIDE * dice.between(0.04, 0.1);
            drops.move_to((
                dice.unit() * painter.width * 1.05,
                dice.between(-0.05, 1.0) * painter.height,
            ));
            drops.draw("l{} {}", &[-long * 0.22, long]);
        }
        painter.strokes(&drops, light, thick, opacity);
    }
}

fn snow(painter: &mut Painter, dice: &mut Dice) {
    for (amount, size, opacity) in [(70, 4.0, 0.7), (34, 7.5, 0.85), (10, 15.0, 0.4)] {
        let mut flakes = Path::default();
        for _ in 0..amount {
            flakes.add_dot((dice.unit() * painter.width, dice.unit() * painter.height));
        }
        painter.strokes(&flakes, painter.palette.light, size, opacity);
    }
}

fn fog(painter: &mut Painter, dice: &mut Dice) {
    let color = painter.palette.haze().mix(painter.palette.light, 0.35);
    let haze = painter.url("haze");
    for share in [0.42, 0.55, 0.7, 0.82] {
        let at = (
            dice.between(-0.3, 0.3) * painter.width,
            painter.height * share,
        );
        let shape = cloud(at, painter.width * dice.between(0.7, 1.1), dice);
        let look = format_args!(r#"fill="{color}" opacity=".26" filter="{haze}""#);
        painter.path(&shape, look);
    }
}

fn lightning(painter: &mut Painter, dice: &mut Dice) {
    let (mut x, mut y) = (painter.width * dice.between(0.3, 0.6), -10.0);
    let mut bolt = vec![(x, y)];
    let mut back = Vec::new();
    while y < painter.height * 0.5 {
        (x, y) = (
            x + SHORT_SIDE * dice.between(-0.07, 0.07),
            y + painter.height * dice.between(0.05, 0.1),
        );
        bolt.push((x, y));
        back.push((x + 7.0 * (1.0 - y / painter.height), y - 4.0));
    }
    bolt.extend(back.into_iter().rev());
    painter.glow((x, painter.height * 0.25), SHORT_SIDE * 0.5, 0.35);
    painter.shape(&Path::polygon(&bolt), painter.palette.light, 0.95);
}
