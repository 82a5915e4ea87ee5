//! The last coats: weather, the surface a style is printed on, and what the shared ids stand for.

use super::color::Color;
use super::composition::Weather;
use super::seed::Dice;
use super::style::Style;
use super::svg::{N, Painter, Path, Percent, SHORT_SIDE};
use super::terrain::cloud;

/// Definitions that every frame may refer to: lights, shadows, blurs.
pub(super) fn definitions(painter: &mut Painter) {
    let id = painter.prefix.clone();
    let (light, accent, near) = (
        painter.palette.light,
        painter.palette.accent,
        painter.palette.near,
    );
    painter.push(format_args!(
        concat!(
            r#"<defs><radialGradient id="{id}glow"><stop stop-color="{accent}" stop-opacity=".75"/><stop offset=".4" stop-color="{accent}" stop-opacity=".26"/><stop offset="1" stop-color="{accent}" stop-opacity="0"/></radialGradient>"#,
            r#"<radialGradient id="{id}halo"><stop offset=".1" stop-color="{light}" stop-opacity=".8"/><stop offset=".3" stop-color="{light}" stop-opacity=".32"/><stop offset="1" stop-color="{light}" stop-opacity="0"/></radialGradient>"#,
            r#"<linearGradient id="{id}beam" x1="1" x2="0"><stop stop-color="{accent}" stop-opacity=".7"/><stop offset="1" stop-color="{accent}" stop-opacity="0"/></linearGradient>"#,
            r#"<linearGradient id="{id}beamr"><stop stop-color="{accent}" stop-opacity=".7"/><stop offset="1" stop-color="{accent}" stop-opacity="0"/></linearGradient>"#,
            r#"<filter id="{id}soft"><feGaussianBlur stdDeviation="9"/></filter><filter id="{id}haze" x="-.3" y="-1" width="1.6" height="3"><feGaussianBlur stdDeviation="48"/></filter>"#
        ),
        id = id,
        accent = accent,
        light = light
    ));
    let (width, height) = (N(painter.width), N(painter.height));
    let all =
        format!(r#"filterUnits="userSpaceOnUse" x="0" y="0" width="{width}" height="{height}""#);
    match painter.style {
        Style::Watercolor => painter.push(format_args!(
            r#"<filter id="{id}wet" {all}><feTurbulence type="fractalNoise" baseFrequency=".018" numOctaves="3" seed="4" result="n"/><feDisplacementMap in="SourceGraphic" in2="n" scale="26" xChannelSelector="R" yChannelSelector="G"/></filter>"#
        )),
        Style::Ink => painter.push(format_args!(
            r#"<filter id="{id}wet" {all}><feTurbulence type="fractalNoise" baseFrequency=".03" numOctaves="2" seed="9" result="n"/><feDisplacementMap in="SourceGraphic" in2="n" scale="7"/></filter><pattern id="{id}hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(38)"><path stroke="{near}" stroke-width="1.3" d="M0 2h9"/></pattern>"#
        )),
        Style::Papercut => painter.push(format_args!(
            r##"<filter id="{id}cut" {all}><feDropShadow dx="0" dy="-5" stdDeviation="9" flood-color="#1a0d12" flood-opacity=".42"/></filter>"##
        )),
        Style::Retro | Style::Comic => painter.push(format_args!(
            r#"<pattern id="{id}dots" width="11" height="11" patternUnits="userSpaceOnUse" patternTransform="rotate(30)"><circle cx="5" cy="5" r="2.6" fill="{near}"/></pattern><linearGradient id="{id}fade" x2="0" y2="1"><stop offset=".35" stop-color="black"/><stop offset="1" stop-color="white"/></linearGradient><mask id="{id}mask"><rect width="{width}" height="{height}" fill="url(#{id}fade)"/></mask>"#
        )),
        Style::Cinematic | Style::Noir | Style::Pastel | Style::Neon => {}
    }
    if painter.style.has_grain() {
        painter.push(format_args!(
            r#"<filter id="{id}grain" {all}><feTurbulence type="fractalNoise" baseFrequency=".8" numOctaves="2" seed="7"/><feColorMatrix values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1.4 -.55"/></filter>"#
        ));
    }
    painter.push(format_args!(
        r#"<radialGradient id="{id}edge" r=".75"><stop offset=".55" stop-opacity="0"/><stop offset="1" stop-opacity=".55"/></radialGradient></defs>"#
    ));
}

/// The filter the whole illustration goes through, as an attribute.
pub(super) fn filter(painter: &Painter) -> String {
    match painter.style {
        Style::Watercolor | Style::Ink => format!(r#" filter="url(#{}wet)""#, painter.prefix),
        Style::Cinematic
        | Style::Noir
        | Style::Papercut
        | Style::Retro
        | Style::Pastel
        | Style::Neon
        | Style::Comic => String::new(),
    }
}

/// What falls, drifts or flashes in front of everything.
pub(super) fn weather(painter: &mut Painter, weather: Weather, dice: &mut Dice) {
    match weather {
        Weather::Clear | Weather::Cloudy => {}
        Weather::Rain => rain(painter, 70, dice),
        Weather::Storm => {
            lightning(painter, dice);
            rain(painter, 110, dice);
        }
        Weather::Snow => snow(painter, dice),
        Weather::Fog => {
            for share in [0.42, 0.55, 0.7, 0.82] {
                let at = (
                    dice.between(-0.3, 0.3) * painter.width,
                    painter.height * share,
                );
                let shape = cloud(at, painter.width * dice.between(0.7, 1.1), dice);
                let (color, id) = (
                    painter.palette.haze().mix(painter.palette.light, 0.35),
                    painter.prefix.clone(),
                );
                painter.push(format_args!(
                    r#"<path fill="{color}" opacity=".26" filter="url(#{id}haze)" d="{}"/>"#,
                    shape.data()
                ));
            }
        }
    }
}

/// The surface of the style, in front of the picture and behind the words.
pub(super) fn surface(painter: &mut Painter, dice: &mut Dice) {
    let (id, near, light) = (
        painter.prefix.clone(),
        painter.palette.near,
        painter.palette.light,
    );
    match painter.style {
        Style::Cinematic => whole_frame(painter, "edge", 0.75),
        Style::Pastel => bokeh(painter, dice),
        Style::Watercolor => {
            let paper = Color::hex(0xfb_f7ee);
            border(painter, paper, 30.0, "wet");
            splashes(painter, dice);
        }
        Style::Noir => {
            slats(painter);
            whole_frame(painter, "edge", 1.0);
            whole_frame(painter, "edge", 0.6);
        }
        Style::Papercut => {
            let (deep, pale) = (
                near.mix(light, 0.08),
                painter.palette.sky[2].mix(light, 0.35),
            );
            cutout(painter, deep, 44.0, dice);
            cutout(painter, pale, 24.0, dice);
        }
        Style::Retro => {
            painter.push(format_args!(r#"<g mask="url(#{id}mask)" opacity=".3"><rect width="100%" height="100%" fill="url(#{id}dots)"/></g>"#));
            border(painter, Color::hex(0xf7_eedb), 24.0, "");
        }
        Style::Ink => {
            painter.push(format_args!(
                r#"<rect width="100%" height="100%" fill="url(#{id}hatch)" opacity=".09"/>"#
            ));
            border(painter, Color::hex(0xf8_f4ea), 18.0, "wet");
        }
        Style::Neon => {
            let mut lines = Path::default();
            for row in 0..48 {
                lines.draw(
                    "M0 {}h{}",
                    &[painter.height * f64::from(row) / 48.0, painter.width],
                );
            }
            painter.push(format_args!(
                r##"<path stroke="#000" stroke-width="3" opacity=".13" d="{}"/>"##,
                lines.data()
            ));
            whole_frame(painter, "edge", 0.8);
        }
        Style::Comic => {
            painter.push(format_args!(r#"<g mask="url(#{id}mask)" opacity=".2"><rect width="100%" height="100%" fill="url(#{id}dots)"/></g>"#));
            border(painter, Color::hex(0xff_fdf6), 16.0, "");
            painter.push(format_args!(
                r#"<rect x="16" y="16" width="{}" height="{}" fill="none" stroke="{near}" stroke-width="6"/>"#,
                N(painter.width - 32.0),
                N(painter.height - 32.0)
            ));
        }
    }
    if painter.style.has_grain() {
        painter.push(format_args!(
            r#"<rect width="100%" height="100%" filter="url(#{id}grain)" opacity=".13"/>"#
        ));
    }
}

fn whole_frame(painter: &mut Painter, fill: &str, opacity: f64) {
    let id = painter.prefix.clone();
    painter.push(format_args!(
        r#"<rect width="100%" height="100%" fill="url(#{id}{fill})" opacity="{}"/>"#,
        Percent(opacity)
    ));
}

/// Light that falls through a blind.
fn slats(painter: &mut Painter) {
    let light = painter.palette.light;
    let mut bands = Path::default();
    for slat in 0..7 {
        let y = painter.height * 0.1 + f64::from(slat) * 62.0;
        bands.draw(
            "M-20 {}L{} {}v26L-20 {}z",
            &[y + 120.0, painter.width * 0.62, y, y + 146.0],
        );
    }
    painter.shape(&bands, light, 0.06);
}

fn rain(painter: &mut Painter, amount: u32, dice: &mut Dice) {
    let light = painter.palette.light.mix(painter.palette.sky[1], 0.3);
    for (share, thick, opacity) in [(0.65, 1.6, 0.32), (0.35, 2.8, 0.42)] {
        let mut drops = Path::default();
        for _ in 0..super::number::whole(f64::from(amount) * share) {
            let long = SHORT_SIDE * dice.between(0.04, 0.1);
            drops.draw(
                "M{} {}l{} {}",
                &[
                    dice.unit() * painter.width * 1.05,
                    dice.between(-0.05, 1.0) * painter.height,
                    -long * 0.22,
                    long,
                ],
            );
        }
        painter.push(format_args!(
            r#"<path stroke="{light}" stroke-width="{}" stroke-linecap="round" opacity="{}" d="{}"/>"#,
            N(thick),
            Percent(opacity),
            drops.data()
        ));
    }
}

fn snow(painter: &mut Painter, dice: &mut Dice) {
    let light = painter.palette.light;
    for (amount, size, opacity) in [(70, 4.0, 0.7), (34, 7.5, 0.85), (10, 15.0, 0.4)] {
        let mut flakes = Path::default();
        for _ in 0..amount {
            flakes.move_to((dice.unit() * painter.width, dice.unit() * painter.height));
            flakes.draw("h.1", &[]);
        }
        painter.push(format_args!(
            r#"<path stroke="{light}" stroke-width="{}" stroke-linecap="round" opacity="{}" d="{}"/>"#,
            N(size),
            Percent(opacity),
            flakes.data()
        ));
    }
}

fn lightning(painter: &mut Painter, dice: &mut Dice) {
    let (mut x, mut y) = (painter.width * dice.between(0.3, 0.6), -10.0);
    let mut bolt = Path::start((x, y));
    let mut back = Vec::new();
    while y < painter.height * 0.5 {
        (x, y) = (
            x + SHORT_SIDE * dice.between(-0.07, 0.07),
            y + painter.height * dice.between(0.05, 0.1),
        );
        bolt.line_to((x, y));
        back.push((x + 7.0 * (1.0 - y / painter.height), y - 4.0));
    }
    back.into_iter().rev().for_each(|point| bolt.line_to(point));
    bolt.close();
    painter.glow((x, painter.height * 0.25), SHORT_SIDE * 0.5, 0.35);
    let light = painter.palette.light;
    painter.shape(&bolt, light, 0.95);
}

fn bokeh(painter: &mut Painter, dice: &mut Dice) {
    let light = painter.palette.light;
    for _ in 0..12 {
        painter.push(format_args!(
            r#"<circle cx="{}" cy="{}" r="{}" fill="{light}" opacity="{}"/>"#,
            N(dice.unit() * painter.width),
            N(dice.unit() * painter.height),
            N(SHORT_SIDE * dice.between(0.006, 0.05)),
            Percent(dice.between(0.08, 0.24))
        ));
    }
}

/// Paper that was left blank around the picture.
fn border(painter: &mut Painter, paper: Color, thick: f64, filter: &str) {
    let id = painter.prefix.clone();
    let filter = if filter.is_empty() {
        String::new()
    } else {
        format!(r#" filter="url(#{id}{filter})""#)
    };
    painter.push(format_args!(
        r#"<path fill="{paper}" fill-rule="evenodd"{filter} d="M-60-60H{}V{}H-60zM{t} {t}V{}H{}V{t}z"/>"#,
        N(painter.width + 60.0),
        N(painter.height + 60.0),
        N(painter.height - thick),
        N(painter.width - thick),
        t = N(thick)
    ));
}

/// A sheet with a torn hole, its shadow on the picture.
fn cutout(painter: &mut Painter, paper: Color, thick: f64, dice: &mut Dice) {
    let (id, width, height) = (painter.prefix.clone(), painter.width, painter.height);
    let mut path = Path::default();
    path.draw("M-40-40H{}V{}H-40z", &[width + 40.0, height + 40.0]);
    let mut edge = |from: f64| from + dice.between(-0.3, 0.3) * thick;
    path.draw(
        "M{} {}C{} {} {} {} {} {}S{} {} {} {}S{} {} {} {}S{} {} {} {}z",
        &[
            edge(thick),
            edge(thick * 1.6),
            edge(thick),
            height * 0.3,
            edge(thick * 1.5),
            height * 0.7,
            edge(thick),
            height - edge(thick),
            width * 0.7,
            height - edge(thick * 1.3),
            width - edge(thick),
            height - edge(thick),
            width - edge(thick * 1.4),
            height * 0.4,
            width - edge(thick),
            edge(thick),
            width * 0.3,
            edge(thick * 1.4),
            edge(thick),
            edge(thick * 1.6),
        ],
    );
    painter.push(format_args!(
        r#"<path fill="{paper}" fill-rule="evenodd" filter="url(#{id}cut)" d="{}"/>"#,
        path.data()
    ));
}

fn splashes(painter: &mut Painter, dice: &mut Dice) {
    let colors = [
        painter.palette.sky[0],
        painter.palette.spot,
        painter.palette.near,
    ];
    for at in 0..14 {
        painter.push(format_args!(
            r#"<circle cx="{}" cy="{}" r="{}" fill="{}" opacity="{}"/>"#,
            N(dice.unit() * painter.width),
            N(dice.unit() * painter.height),
            N(dice.between(1.5, 7.0)),
            colors[at % colors.len()],
            Percent(dice.between(0.12, 0.34))
        ));
    }
}
