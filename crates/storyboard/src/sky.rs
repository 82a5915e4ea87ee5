//! The sky: its gradient, what shines in it, clouds, and what flies.

use super::composition::{Composition, Hour, Prop, Setting, Weather};
use super::seed::Dice;
use super::style::Style;
use super::svg::{N, Painter, Path, Percent, Point, SHORT_SIDE};
use super::terrain::cloud;

/// Where the light comes from, and how large it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Light {
    /// Its middle.
    pub(super) at: Point,
    /// Its radius.
    pub(super) radius: f64,
}

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
        r#"<rect width="{}" height="{}" fill="url(#{fill})"/><rect y="{}" width="100%" height="100%" fill="{low}"/>"#,
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
    let light = light_source(painter, composition, horizon, dice);
    if composition.setting != Setting::Space && composition.weather != Weather::Storm {
        shine(painter, composition.hour, light, horizon);
    }
    clouds(painter, composition, horizon, dice);
    if composition.shows(Prop::Birds) {
        birds(painter, light, dice);
    }
    light
}

/// Stars of two sizes, as dots of round-capped lines without length.
pub(super) fn stars(painter: &mut Painter, horizon: f64, dice: &mut Dice) {
    let (width, light) = (painter.width, painter.palette.light);
    for (amount, size, opacity) in [(46, 2.2, 0.75), (14, 4.2, 0.95)] {
        let mut dots = Path::default();
        for _ in 0..amount {
            let height = dice.unit();
            dots.move_to((dice.unit() * width, height * height.max(0.35) * horizon));
            dots.draw("h.1", &[]);
        }
        painter.push(format_args!(
            r#"<path stroke="{light}" stroke-width="{}" stroke-linecap="round" opacity="{}" d="{}"/>"#,
            N(size),
            Percent(opacity),
            dots.data()
        ));
    }
}

fn light_source(
    painter: &Painter,
    composition: &Composition,
    horizon: f64,
    dice: &mut Dice,
) -> Light {
    let height = match composition.hour {
        _ if composition.titled => dice.between(0.7, 0.82),
        Hour::Dawn | Hour::Dusk => dice.between(0.62, 0.84),
        Hour::Day => dice.between(0.28, 0.42),
        Hour::Night => dice.between(0.3, 0.5),
    };
    let size = match (painter.style, composition.hour) {
        (Style::Retro | Style::Neon, Hour::Dawn | Hour::Dusk) | (Style::Neon, _) => 0.2,
        (Style::Papercut | Style::Ink | Style::Retro, _) => 0.13,
        (_, Hour::Dawn | Hour::Dusk) => 0.105,
        (_, Hour::Day | Hour::Night) => 0.082,
    };
    // The thing to look at stands on the other third; see `frame`.
    let x = painter.width * dice.between(0.24, 0.4);
    Light {
        at: (x, horizon * height),
        radius: SHORT_SIDE * size,
    }
}

fn shine(painter: &mut Painter, hour: Hour, Light { at, radius }: Light, horizon: f64) {
    let (id, light, near) = (
        painter.prefix.clone(),
        painter.palette.light,
        painter.palette.near,
    );
    let spot = painter.palette.spot;
    let (x, y, r) = (N(at.0), N(at.1), N(radius));
    let halo = if hour == Hour::Night { 0.5 } else { 0.85 };
    match painter.style {
        Style::Cinematic | Style::Noir | Style::Pastel | Style::Watercolor => {
            painter.push(format_args!(
                r#"<circle cx="{x}" cy="{y}" r="{}" fill="url(#{id}halo)" opacity="{}"/>"#,
                N(radius * 6.0),
                Percent(halo)
            ));
            disc(painter, hour, at, radius);
        }
        Style::Papercut => {
            for (scale, opacity) in [(2.3, 0.22), (1.6, 0.35)] {
                painter.push(format_args!(
                    r#"<circle cx="{x}" cy="{y}" r="{}" fill="{light}" opacity="{}" filter="url(#{id}cut)"/>"#,
                    N(radius * scale),
                    Percent(opacity)
                ));
            }
            disc(painter, hour, at, radius);
        }
        Style::Retro => {
            let low = painter.palette.sky[2];
            for (scale, share) in [(2.2, 0.8), (1.75, 0.55), (1.35, 0.3), (1.0, 0.0)] {
                painter.push(format_args!(
                    r#"<circle cx="{x}" cy="{y}" r="{}" fill="{}" opacity="{}"/>"#,
                    N(radius * scale),
                    light.mix(low, share),
                    Percent(1.0 - share * 0.7)
                ));
            }
        }
        Style::Neon => striped_sun(painter, at, radius, horizon),
        Style::Ink => painter.push(format_args!(
            r#"<circle cx="{x}" cy="{y}" r="{r}" fill="{}" opacity=".92"/>"#,
            if hour == Hour::Night { light } else { spot }
        )),
        Style::Comic => {
            painter.push(format_args!(
                r#"<circle cx="{x}" cy="{y}" r="{}" fill="{light}" opacity=".3"/>"#,
                N(radius * 1.7)
            ));
            painter.push(format_args!(
                r#"<circle cx="{x}" cy="{y}" r="{r}" fill="{light}" stroke="{near}" stroke-width="5"/>"#
            ));
        }
    }
}

/// A sun, or a moon with its seas.
fn disc(painter: &mut Painter, hour: Hour, (x, y): Point, radius: f64) {
    let (light, shade) = (painter.palette.light, painter.palette.sky[1]);
    painter.push(format_args!(
        r#"<circle cx="{}" cy="{}" r="{}" fill="{light}"/>"#,
        N(x),
        N(y),
        N(radius)
    ));
    if hour != Hour::Night {
        return;
    }
    for (right, down, size) in [
        (-0.3, -0.25, 0.24),
        (0.28, 0.1, 0.3),
        (-0.12, 0.45, 0.16),
        (0.3, -0.48, 0.13),
    ] {
        painter.push(format_args!(
            r#"<circle cx="{}" cy="{}" r="{}" fill="{shade}" opacity=".16"/>"#,
            N(x + right * radius),
            N(y + down * radius),
            N(size * radius)
        ));
    }
}

/// The setting sun of a synthesizer record: bands that grow thinner downwards.
fn striped_sun(painter: &mut Painter, (x, y): Point, radius: f64, horizon: f64) {
    let (id, top, low) = (
        painter.prefix.clone(),
        painter.palette.light,
        painter.palette.sky[2],
    );
    let y = y.max(horizon - radius * 0.9);
    let fill = painter.gradient(&[(top, 1.0), (low, 1.0)]);
    let mut bands = Path::default();
    for (from, to) in [
        (-1.0, 0.0),
        (0.06, 0.22),
        (0.3, 0.42),
        (0.52, 0.61),
        (0.73, 0.79),
        (0.91, 0.95),
    ] {
        bands.draw(
            "M{} {}h{}V{}h-{}z",
            &[
                x - radius,
                y + from * radius,
                2.0 * radius,
                y + to * radius,
                2.0 * radius,
            ],
        );
    }
    painter.glow((x, y), radius * 2.4, 0.35);
    painter.push(format_args!(
        r#"<clipPath id="{id}sun"><path d="{}"/></clipPath><circle cx="{}" cy="{}" r="{}" fill="url(#{fill})" clip-path="url(#{id}sun)"/>"#,
        bands.data(),
        N(x),
        N(y),
        N(radius)
    ));
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
    let body = if heavy {
        painter.palette.sky[0].mix(painter.palette.near, 0.35)
    } else {
        painter.palette.light
    };
    let id = painter.prefix.clone();
    let (near, [_, middle, low]) = (painter.palette.near, painter.palette.sky);
    for _ in 0..amount {
        let size = SHORT_SIDE * dice.between(0.2, 0.46);
        let spread = if heavy { 0.45 } else { 0.6 };
        let at = (
            dice.between(-0.1, 0.95) * painter.width,
            dice.between(0.14, spread) * horizon,
        );
        let shape = cloud(at, size, dice);
        match painter.style {
            Style::Papercut => painter.push(format_args!(
                r#"<path fill="{}" filter="url(#{id}cut)" d="{}"/>"#,
                body.mix(middle, 0.25),
                shape.data()
            )),
            Style::Ink | Style::Comic => painter.push(format_args!(
                r#"<path fill="{}" stroke="{}" stroke-width="3" stroke-linejoin="round" d="{}"/>"#,
                body.mix(low, 0.3),
                near,
                shape.data()
            )),
            Style::Retro => painter.shape(&shape, body.mix(low, 0.4), opacity + 0.25),
            Style::Cinematic | Style::Watercolor | Style::Noir | Style::Pastel | Style::Neon => {
                let fill = painter.gradient(&[(body, 1.0), (body, 0.12)]);
                painter.push(format_args!(
                    r#"<path fill="url(#{fill})" opacity="{}" d="{}"/>"#,
                    Percent(opacity),
                    shape.data()
                ));
            }
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
    let color = painter.palette.shade(0.9);
    painter.shape(&wings, color, 0.85);
}

fn aurora(painter: &mut Painter, horizon: f64, dice: &mut Dice) {
    let (first, second) = (painter.palette.sky[2], painter.palette.accent);
    let green = super::color::Color::hex(0x6c_f5c2);
    let id = painter.prefix.clone();
    for color in [green, first.mix(green, 0.3), second.mix(green, 0.6)] {
        let fill = painter.gradient(&[(color, 0.0), (color, 0.75), (color, 0.0)]);
        let (y, tall, width) = (
            horizon * dice.between(0.5, 0.85),
            horizon * dice.between(0.4, 0.6),
            painter.width,
        );
        let bend = dice.between(-0.25, 0.25) * horizon;
        painter.push(format_args!(
            r#"<path fill="url(#{fill})" opacity=".7" filter="url(#{id}soft)" d="M-20 {}C{} {} {} {} {} {}V{}C{} {} {} {} -20 {}z"/>"#,
            N(y),
            N(width * 0.3),
            N(y - bend),
            N(width * 0.6),
            N(y + bend),
            N(width + 20.0),
            N(y - bend * 0.5),
            N(y - tall),
            N(width * 0.6),
            N(y + bend * 1.3 - tall),
            N(width * 0.3),
            N(y - bend - tall),
            N(y - tall)
        ));
    }
}
