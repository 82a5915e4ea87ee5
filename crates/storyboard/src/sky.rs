//! The sky: its gradient, what shines in it, clouds, and what flies.

use super::color::Color;
use super::composition::Composition;
use super::number::N;
use super::painter::{Painter, SHORT_SIDE};
use super::path::Path;
use super::scenery::{Hour, Prop, Setting, Weather};
use super::seed::Dice;
use super::style::Style;
use super::sun::{self, Light};
use super::terrain::cloud;

/// Paints everything above `horizon` and says where the light is.
pub(super) fn paint(
    painter: &mut Painter,
    composition: &Composition,
    horizon: f64,
    dice: &mut Dice,
) -> Light {
    let [top, middle, low] = painter.palette.sky;
    let fill = painter.gradient(&[(top, 1.0), (middle, 1.0), (low, 1.0)]);
    painter.push(format_args!(
        r#"<rect width="{}" height="{}" fill="{fill}"/><rect y="{}" width="100%" height="100%" fill="{low}"/>"#,
        N(painter.width),
        N(horizon + 2.0),
        N(horizon)
    ));
    let dark = composition.hour == Hour::Night || composition.setting == Setting::Space;
    if dark
        && matches!(
            composition.weather,
            Weather::Clear | Weather::Cloudy | Weather::Snow
        )
    {
        stars(painter, horizon, dice);
    }
    if composition.shows(Prop::Aurora) && dark {
        aurora(painter, horizon, dice);
    }
    let light = sun::place(painter, composition, horizon, dice);
    if composition.setting != Setting::Space && composition.weather != Weather::Storm {
        sun::paint(painter, composition.hour, light, horizon);
    }
    clouds(painter, composition, horizon, dice);
    if composition.shows(Prop::Birds) {
        birds(painter, light, dice);
    }
    light
}

/// Stars of two sizes.
pub(super) fn stars(painter: &mut Painter, horizon: f64, dice: &mut Dice) {
    for (amount, size, opacity) in [(46, 2.2, 0.75), (14, 4.2, 0.95)] {
        let mut dots = Path::default();
        for _ in 0..amount {
            let height = dice.unit();
            dots.add_dot((
                dice.unit() * painter.width,
                height * height.max(0.35) * horizon,
            ));
        }
        painter.strokes(&dots, painter.palette.light, size, opacity);
    }
}

fn clouds(painter: &mut Painter, composition: &Composition, horizon: f64, dice: &mut Dice) {
    let (amount, opacity) = match composition.weather {
        Weather::Clear => (2, 0.3),
        Weather::Cloudy => (5, 0.5),
        Weather::Snow | Weather::Fog => (3, 0.35),
        Weather::Rain => (6, 0.45),
        Weather::Storm => (8, 0.6),
    };
    if composition.setting == Setting::Space
        || (painter.style == Style::Neon && composition.weather == Weather::Clear)
    {
        return;
    }
    let heavy = matches!(composition.weather, Weather::Rain | Weather::Storm);
    let palette = painter.palette;
    let (body, lowest) = if heavy {
        (palette.sky[0].mix(palette.near, 0.35), 0.45)
    } else {
        (palette.light, 0.6)
    };
    for _ in 0..amount {
        let size = SHORT_SIDE * dice.between(0.2, 0.46);
        let at = (
            dice.between(-0.1, 0.95) * painter.width,
            dice.between(0.14, lowest) * horizon,
        );
        paint_cloud(painter, &cloud(at, size, dice), body, opacity);
    }
}

fn paint_cloud(painter: &mut Painter, shape: &Path, body: Color, opacity: f64) {
    let [_, middle, low] = painter.palette.sky;
    match painter.style {
        Style::Papercut => {
            let (color, cut) = (body.mix(middle, 0.25), painter.url("cut"));
            painter.path(shape, format_args!(r#"fill="{color}" filter="{cut}""#));
        }
        Style::Ink | Style::Comic => painter.outlined(shape, body.mix(low, 0.3), 3.0),
        Style::Retro => painter.shape(shape, body.mix(low, 0.4), opacity + 0.25),
        Style::Cinematic | Style::Watercolor | Style::Noir | Style::Pastel | Style::Neon => {
            let fill = painter.gradient(&[(body, 1.0), (body, 0.12)]);
            painter.shape(shape, fill, opacity);
        }
    }
}

fn birds(painter: &mut Painter, light: Light, dice: &mut Dice) {
    let mut wings = Path::default();
    for _ in 0..7 {
        let span = SHORT_SIDE * dice.between(0.012, 0.026);
        let (x, y) = (
            light.at.0 + SHORT_SIDE * dice.between(-0.1, 0.55),
            light.at.1 + SHORT_SIDE * dice.between(-0.12, 0.1),
        );
        let (up, thin) = (-span * 0.75, -span * 0.45);
        wings.move_to((x - span, y));
        wings.draw(
            "q{} {} {} 0q{} {} {} 0",
            &[span * 0.6, up, span, span * 0.4, up, span],
        );
        wings.draw("q{} {} {} {}", &[-span * 0.4, thin, -span, span * 0.12]);
        wings.draw(
            "q{} {} {} {}z",
            &[-span * 0.6, -span * 0.5, -span, -span * 0.12],
        );
    }
    painter.shape(&wings, painter.palette.shade(0.9), 0.85);
}

fn aurora(painter: &mut Painter, horizon: f64, dice: &mut Dice) {
    let (first, second) = (painter.palette.sky[2], painter.palette.accent);
    let green = Color::hex(0x6c_f5c2);
    let (soft, width) = (painter.url("soft"), painter.width);
    for color in [green, first.mix(green, 0.3), second.mix(green, 0.6)] {
        let fill = painter.gradient(&[(color, 0.0), (color, 0.75), (color, 0.0)]);
        let (y, tall) = (
            horizon * dice.between(0.5, 0.85),
            horizon * dice.between(0.4, 0.6),
        );
        let bend = dice.between(-0.25, 0.25) * horizon;
        let mut curtain = Path::start((-20.0, y));
        curtain.draw(
            "C{} {} {} {} {} {}",
            &[
                width * 0.3,
                y - bend,
                width * 0.6,
                y + bend,
                width + 20.0,
                y - bend * 0.5,
            ],
        );
        curtain.draw(
            "V{}C{} {} {} {} -20 {}z",
            &[
                y - tall,
                width * 0.6,
                y + bend * 1.3 - tall,
                width * 0.3,
                y - bend - tall,
                y - tall,
            ],
        );
        let look = format_args!(r#"fill="{fill}" opacity=".7" filter="{soft}""#);
        painter.path(&curtain, look);
    }
}
