//! A city: towers one behind the other, a street with lamps, and the light of both.

use crate::number::{N, Percent};
use crate::painter::{Painter, SHORT_SIDE};
use crate::path::{Path, Point};
use crate::scenery::{Hour, Weather};
use crate::seed::Dice;
use crate::style::Style;
use crate::view::View;

/// Three rows of towers, and a street in front of them.
pub(super) fn paint(view: &mut View) {
    let unit = SHORT_SIDE;
    let lit = view.composition.hour != Hour::Day;
    for (tall, wide, shade, windows) in [
        (0.42, 0.07, 0.2, false),
        (0.36, 0.1, 0.42, lit),
        (0.3, 0.14, 0.66, true),
    ] {
        let row = Row {
            ground: view.down(0.36),
            tall: unit * tall + unit * 0.12,
            wide: unit * wide,
        };
        let (towers, panes) = skyline(row, view.painter.width, view.dice);
        view.painter.layer(&towers, shade);
        if windows {
            let palette = view.painter.palette;
            let (color, opacity) = if lit {
                (palette.accent, Percent(0.25 + shade * 0.8))
            } else {
                (palette.sky[2], Percent(0.28))
            };
            let look = format_args!(
                r#"stroke="{color}" stroke-width="7" stroke-dasharray="9 13 9 34 9 13 9 58" opacity="{opacity}""#
            );
            view.painter.path(&panes, look);
        }
        view.mist(view.down(0.3), unit * 0.3, 0.4);
    }
    street(view);
    view.stand((view.focus, view.down(0.46)), unit * 0.0034);
}

/// One row of towers.
#[derive(Clone, Copy, Debug)]
struct Row {
    ground: f64,
    tall: f64,
    wide: f64,
}

/// The towers of a row, and one line down each column of windows.
fn skyline(row: Row, width: f64, dice: &mut Dice) -> (Path, Path) {
    let (mut towers, mut panes) = (Path::start((-20.0, row.ground + 40.0)), Path::default());
    let wide = row.wide.max(width / 40.0);
    let mut x = -20.0 - dice.unit() * wide;
    while x < width + 20.0 {
        let (step, tall) = (
            wide * dice.between(0.7, 1.3),
            row.tall * dice.between(0.35, 1.0),
        );
        let top = row.ground - tall;
        match dice.pick(0, &[0, 1, 2, 3]) {
            1 => towers.draw(
                "L{} {}h{}v{}h{}V{}",
                &[x, top, step * 0.3, -tall * 0.12, step * 0.4, top],
            ),
            2 => towers.draw(
                "L{} {}L{} {}L{} {}",
                &[x, top, x + step * 0.5, top - step * 0.35, x + step, top],
            ),
            3 => towers.draw(
                "L{} {}h{}v{}h3v{}",
                &[x, top, step * 0.5, -tall * 0.25, tall * 0.25],
            ),
            _ => towers.draw("L{} {}", &[x, top]),
        }
        towers.draw("L{} {}V{}", &[x + step, top, row.ground]);
        let mut column = x + 14.0;
        while column < x + step - 10.0 && step < 400.0 {
            if dice.chance(0.75) {
                panes.draw(
                    "M{} {}V{}",
                    &[
                        column,
                        top + 16.0 + 22.0 * dice.pick(0.0, &[1.0, 2.0]),
                        row.ground,
                    ],
                );
            }
            column += 16.0;
        }
        x += step;
    }
    towers.draw("L{} {}z", &[x, row.ground + 40.0]);
    (towers, panes)
}

/// The ground between the towers and us, with its marks and three lamps.
fn street(view: &mut View) {
    let (width, bottom, unit) = (view.painter.width, view.painter.bottom(), SHORT_SIDE);
    let top = view.down(0.34);
    view.rock(&[(-20.0, top), (width + 20.0, top)], 0.86);
    let mut marks = Path::default();
    let middle = width * 0.46;
    for (left, right) in [(-0.9, -0.84), (-0.02, 0.02), (0.84, 0.9)] {
        marks.draw(
            "M{} {}L{} {}H{}z",
            &[
                middle + left * 30.0,
                top,
                middle + left * unit,
                bottom,
                middle + right * unit,
            ],
        );
    }
    let (palette, neon) = (view.painter.palette, view.painter.style == Style::Neon);
    let lines = if neon { palette.accent } else { palette.light };
    view.painter.shape(&marks, lines, 0.14);
    let wet = matches!(view.composition.weather, Weather::Rain | Weather::Storm);
    for (share, scale) in [(0.1, 1.25), (0.36, 0.8), (0.93, 1.05)] {
        let x = width * share + view.dice.between(-12.0, 12.0);
        let foot = (x, top + unit * 0.09 * scale);
        if wet || neon {
            reflection(view.painter, foot);
        }
        lamp(view.painter, foot, scale);
    }
}

/// The light of a lamp on the wet street before it.
fn reflection(painter: &mut Painter, (x, foot): Point) {
    let accent = painter.palette.accent;
    let fill = painter.gradient(&[(accent, 0.5), (accent, 0.0)]);
    let mut strip = Path::start((x - 8.0, foot));
    strip.draw("h16l10 {}h-36z", &[SHORT_SIDE * 0.28]);
    painter.path(&strip, format_args!(r#"fill="{fill}""#));
}

fn lamp(painter: &mut Painter, (x, foot): Point, scale: f64) {
    let tall = SHORT_SIDE * 0.3 * scale;
    painter.glow((x, foot - tall), SHORT_SIDE * 0.17 * scale, 0.9);
    let (dark, accent) = (painter.palette.shade(1.0), painter.palette.accent);
    painter.push(format_args!(
        r#"<path fill="{dark}" d="M{} {}l2 {}h-7l3-13h12l3 13h-7l2 {}z"/><path fill="{accent}" d="M{} {}l2-8h8l2 8z"/>"#,
        N(x - 4.0),
        N(foot),
        N(-tall),
        N(tall),
        N(x - 5.0),
        N(foot - tall - 1.0)
    ));
}
