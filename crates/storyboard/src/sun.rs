//! The sun or the moon: where it stands, how large it is, and how a style draws it.

use super::composition::Composition;
use super::number::Percent;
use super::painter::{Painter, SHORT_SIDE};
use super::path::{Path, Point};
use super::scenery::Hour;
use super::seed::Dice;
use super::style::Style;

/// Where the light comes from, and how large it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Light {
    /// Its middle.
    pub(super) at: Point,
    /// Its radius.
    pub(super) radius: f64,
}

/// Chooses its place and its size.
pub(super) fn place(
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

/// Paints the sun or the moon as the style draws it.
pub(super) fn paint(painter: &mut Painter, hour: Hour, light: Light, horizon: f64) {
    let Light { at, radius } = light;
    let (light, near, low) = (
        painter.palette.light,
        painter.palette.near,
        painter.palette.sky[2],
    );
    match painter.style {
        Style::Cinematic | Style::Noir | Style::Pastel | Style::Watercolor => {
            let halo = if hour == Hour::Night { 0.5 } else { 0.85 };
            painter.disc(at, radius * 6.0, painter.url("halo"), halo);
            orb(painter, hour, at, radius);
        }
        Style::Papercut => {
            let cut = painter.url("cut");
            for (scale, opacity) in [(2.3, 0.22), (1.6, 0.35)] {
                let opacity = Percent(opacity);
                let look = format_args!(r#"fill="{light}" opacity="{opacity}" filter="{cut}""#);
                painter.circle(at, radius * scale, look);
            }
            orb(painter, hour, at, radius);
        }
        Style::Retro => {
            for (scale, share) in [(2.2, 0.8), (1.75, 0.55), (1.35, 0.3), (1.0, 0.0)] {
                painter.disc(at, radius * scale, light.mix(low, share), 1.0 - share * 0.7);
            }
        }
        Style::Neon => striped(painter, at, radius, horizon),
        Style::Ink => {
            let night = hour == Hour::Night;
            let color = if night { light } else { painter.palette.spot };
            painter.disc(at, radius, color, 0.92);
        }
        Style::Comic => {
            let look = format_args!(r#"fill="{light}" opacity=".3""#);
            painter.circle(at, radius * 1.7, look);
            let look = format_args!(r#"fill="{light}" stroke="{near}" stroke-width="5""#);
            painter.circle(at, radius, look);
        }
    }
}

/// A sun, or a moon with its seas.
fn orb(painter: &mut Painter, hour: Hour, (x, y): Point, radius: f64) {
    let (light, shade) = (painter.palette.light, painter.palette.sky[1]);
    painter.circle((x, y), radius, format_args!(r#"fill="{light}""#));
    if hour != Hour::Night {
        return;
    }
    for (right, down, size) in [
        (-0.3, -0.25, 0.24),
        (0.28, 0.1, 0.3),
        (-0.12, 0.45, 0.16),
        (0.3, -0.48, 0.13),
    ] {
        let at = (x + right * radius, y + down * radius);
        painter.disc(at, size * radius, shade, 0.16);
    }
}

/// The setting sun of a synthesizer record: bands that grow thinner downwards.
fn striped(painter: &mut Painter, (x, y): Point, radius: f64, horizon: f64) {
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
        r#"<clipPath id="{id}sun"><path d="{}"/></clipPath>"#,
        bands.data()
    ));
    let look = format_args!(r#"fill="{fill}" clip-path="url(#{id}sun)""#);
    painter.circle((x, y), radius, look);
}
