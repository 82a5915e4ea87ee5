//! The surface a style is printed on, in front of the picture and behind the words.

use super::color::Color;
use super::definitions::filter;
use super::number::{N, Percent};
use super::painter::{Painter, SHORT_SIDE};
use super::path::Path;
use super::seed::Dice;
use super::style::Style;

/// Paints the surface.
pub(super) fn paint(painter: &mut Painter, dice: &mut Dice) {
    let (near, light) = (painter.palette.near, painter.palette.light);
    match painter.style {
        Style::Cinematic => darken_edge(painter, 0.75),
        Style::Pastel => bokeh(painter, dice),
        Style::Watercolor => {
            border(painter, Color::hex(0xfb_f7ee), 30.0);
            splashes(painter, dice);
        }
        Style::Noir => {
            slats(painter);
            darken_edge(painter, 1.0);
            darken_edge(painter, 0.6);
        }
        Style::Papercut => {
            let pale = painter.palette.sky[2].mix(light, 0.35);
            cutout(painter, near.mix(light, 0.08), 44.0, dice);
            cutout(painter, pale, 24.0, dice);
        }
        Style::Retro => {
            dots(painter, ".3");
            border(painter, Color::hex(0xf7_eedb), 24.0);
        }
        Style::Ink => {
            let hatch = painter.url("hatch");
            painter.cover(format_args!(r#"fill="{hatch}" opacity=".09""#));
            border(painter, Color::hex(0xf8_f4ea), 18.0);
        }
        Style::Neon => {
            scan_lines(painter);
            darken_edge(painter, 0.8);
        }
        Style::Comic => {
            dots(painter, ".2");
            border(painter, Color::hex(0xff_fdf6), 16.0);
            let (width, height) = (N(painter.width - 32.0), N(painter.height - 32.0));
            painter.push(format_args!(
                r#"<rect x="16" y="16" width="{width}" height="{height}" fill="none" stroke="{near}" stroke-width="6"/>"#
            ));
        }
    }
    if painter.style.has_grain() {
        let grain = painter.url("grain");
        painter.cover(format_args!(r#"filter="{grain}" opacity=".13""#));
    }
}

fn darken_edge(painter: &mut Painter, opacity: f64) {
    let (edge, opacity) = (painter.url("edge"), Percent(opacity));
    painter.cover(format_args!(r#"fill="{edge}" opacity="{opacity}""#));
}

/// Printed dots, denser towards the lower side.
fn dots(painter: &mut Painter, opacity: &str) {
    let (mask, dots) = (painter.url("mask"), painter.url("dots"));
    painter.push(format_args!(r#"<g mask="{mask}" opacity="{opacity}">"#));
    painter.cover(format_args!(r#"fill="{dots}""#));
    painter.out.push_str("</g>");
}

/// The lines of an old screen.
fn scan_lines(painter: &mut Painter) {
    let mut lines = Path::default();
    for row in 0..48 {
        lines.draw(
            "M0 {}h{}",
            &[painter.height * f64::from(row) / 48.0, painter.width],
        );
    }
    let look = format_args!(r##"stroke="#000" stroke-width="3" opacity=".13""##);
    painter.path(&lines, look);
}

/// Light that falls through a blind.
fn slats(painter: &mut Painter) {
    let mut bands = Path::default();
    for slat in 0..7 {
        let y = painter.height * 0.1 + f64::from(slat) * 62.0;
        bands.draw(
            "M-20 {}L{} {}v26L-20 {}z",
            &[y + 120.0, painter.width * 0.62, y, y + 146.0],
        );
    }
    painter.shape(&bands, painter.palette.light, 0.06);
}

fn bokeh(painter: &mut Painter, dice: &mut Dice) {
    let light = painter.palette.light;
    for _ in 0..12 {
        let at = (dice.unit() * painter.width, dice.unit() * painter.height);
        let radius = SHORT_SIDE * dice.between(0.006, 0.05);
        painter.disc(at, radius, light, dice.between(0.08, 0.24));
    }
}

/// Paper that was left blank around the picture.
fn border(painter: &mut Painter, paper: Color, thick: f64) {
    let filter = filter(painter);
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
    let (width, height) = (painter.width, painter.height);
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
    let cut = painter.url("cut");
    let look = format_args!(r#"fill="{paper}" fill-rule="evenodd" filter="{cut}""#);
    painter.path(&path, look);
}

fn splashes(painter: &mut Painter, dice: &mut Dice) {
    let palette = painter.palette;
    let colors = [palette.sky[0], palette.spot, palette.near];
    for color in colors.into_iter().cycle().take(14) {
        let at = (dice.unit() * painter.width, dice.unit() * painter.height);
        let radius = dice.between(1.5, 7.0);
        painter.disc(at, radius, color, dice.between(0.12, 0.34));
    }
}
