//! Places that are no landscape: a city, space, the deep.

use super::color::Color;
use super::composition::{Composition, Hour, Prop, Weather};
use super::props;
use super::seed::Dice;
use super::site::{Site, mist};
use super::sky::stars;
use super::style::Style;
use super::svg::{N, Painter, Path, Percent, SHORT_SIDE};
use super::terrain::{Ridge, below, below_smooth, cloud};

/// Towers one behind the other, a street with lamps, and the light of both.
pub(super) fn city(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, unit) = (painter.width, SHORT_SIDE);
    let depth = painter.height - site.horizon;
    let lit = !matches!(composition.hour, Hour::Day);
    for (tall, wide, shade, windows) in [
        (0.42, 0.07, 0.2, false),
        (0.36, 0.1, 0.42, lit),
        (0.3, 0.14, 0.66, true),
    ] {
        let row = Row {
            ground: site.horizon + depth * 0.36,
            tall: unit * tall + unit * 0.12,
            wide: unit * wide,
        };
        let (towers, panes) = skyline(row, width, dice);
        painter.layer(&towers, shade);
        if windows {
            let color = if lit {
                painter.palette.accent
            } else {
                painter.palette.sky[2]
            };
            let opacity = if lit { 0.25 + shade * 0.8 } else { 0.28 };
            painter.push(format_args!(
                r#"<path stroke="{color}" stroke-width="7" stroke-dasharray="9 13 9 34 9 13 9 58" opacity="{}" d="{}"/>"#,
                Percent(opacity),
                panes.data()
            ));
        }
        mist(painter, site.horizon + depth * 0.3, unit * 0.3, 0.4);
    }
    street(painter, composition, site, dice);
    props::stand(
        painter,
        composition,
        (site.focus, site.horizon + depth * 0.46),
        unit * 0.0034,
        dice,
    );
}

/// One row of towers.
#[derive(Clone, Copy, Debug)]
struct Row {
    ground: f64,
    tall: f64,
    wide: f64,
}

/// Houses of a row, and one line down each column of windows.
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

fn street(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, bottom, unit) = (painter.width, painter.height + 20.0, SHORT_SIDE);
    let top = site.horizon + (painter.height - site.horizon) * 0.34;
    let ground = Path::polygon(&[
        (-20.0, top),
        (width + 20.0, top),
        (width + 20.0, bottom),
        (-20.0, bottom),
    ]);
    painter.layer(&ground, 0.86);
    let lines = if painter.style == Style::Neon {
        painter.palette.accent
    } else {
        painter.palette.light
    };
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
    painter.shape(&marks, lines, 0.14);
    let wet = matches!(composition.weather, Weather::Rain | Weather::Storm);
    let accent = painter.palette.accent;
    for (share, scale) in [(0.1, 1.25), (0.36, 0.8), (0.93, 1.05)] {
        let (x, tall) = (
            width * share + dice.between(-12.0, 12.0),
            unit * 0.3 * scale,
        );
        let foot = top + unit * 0.09 * scale;
        if wet || painter.style == Style::Neon {
            let fill = painter.gradient(&[(accent, 0.5), (accent, 0.0)]);
            painter.push(format_args!(
                r#"<path fill="url(#{fill})" d="M{} {}h16l10 {}h-36z"/>"#,
                N(x - 8.0),
                N(foot),
                N(unit * 0.28)
            ));
        }
        painter.glow((x, foot - tall), unit * 0.17 * scale, 0.9);
        let dark = painter.palette.shade(1.0);
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
}

/// A planet with a ring, nebulas, and the ground of a small moon.
pub(super) fn space(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, height, unit) = (painter.width, painter.height, SHORT_SIDE);
    let id = painter.prefix.clone();
    let night = painter.palette.near;
    painter.push(format_args!(
        r#"<rect width="100%" height="100%" fill="{night}" opacity=".62"/>"#
    ));
    for color in [
        painter.palette.sky[1],
        painter.palette.spot,
        painter.palette.sky[2],
    ] {
        let shape = cloud(
            (
                dice.between(-0.1, 0.6) * width,
                dice.between(0.3, 0.7) * height,
            ),
            unit * dice.between(0.7, 1.1),
            dice,
        );
        painter.push(format_args!(
            r#"<path fill="{color}" opacity=".3" filter="url(#{id}haze)" d="{}"/>"#,
            shape.data()
        ));
    }
    stars(painter, height, dice);
    let (x, y, radius) = (
        site.focus,
        site.horizon * 0.62,
        unit * dice.between(0.17, 0.23),
    );
    let body = painter.gradient(&[
        (painter.palette.light, 1.0),
        (painter.palette.sky[2], 1.0),
        (painter.palette.spot, 1.0),
    ]);
    let ring = painter.palette.light;
    painter.glow((x, y), radius * 1.9, 0.35);
    painter.push(format_args!(
        r#"<g transform="translate({x} {y}) rotate(-18)"><path fill="none" stroke="{ring}" stroke-width="9" opacity=".5" d="M-{w} 0a{w} {f} 0 0 1 {d} 0"/><circle r="{r}" fill="url(#{body})"/><path fill="{night}" opacity=".45" d="M{half} -{tall}a{r} {r} 0 0 1 -{d2} {up}a{big} {big} 0 0 0 {d2} -{up}z"/><path fill="{ring}" opacity=".16" d="M-{band} -{b1}q{band} 26 {bd} 0l6 20q-{band} 28 -{bd2} 0z"/><path fill="none" stroke="{ring}" stroke-width="12" opacity=".85" d="M-{w} 0a{w} {f} 0 0 0 {d} 0"/></g>"#,
        x = N(x), y = N(y), r = N(radius), w = N(radius * 1.75), d = N(radius * 3.5), f = N(radius * 0.42),
        half = N(radius * 0.6), tall = N(radius * 0.8), d2 = N(radius * 1.2), up = N(radius * 1.6), big = N(radius * 1.5),
        band = N(radius * 0.93), b1 = N(radius * 0.36), bd = N(radius * 1.86), bd2 = N(radius * 1.9)
    ));
    let base = site.horizon + (height - site.horizon) * 0.42;
    let ground = Ridge {
        base,
        swing: unit * 0.03,
        step: unit * 0.4,
    }
    .rolling(dice, width);
    painter.layer(&below_smooth(&ground, height + 20.0), 0.7);
    craters(painter, base, dice);
    let x = if composition.shows(Prop::Rocket) {
        site.light.at.0
    } else {
        site.focus - unit * 0.3
    };
    props::stand(painter, composition, (x, base), unit * 0.0024, dice);
}

/// Shallow holes in the ground.
fn craters(painter: &mut Painter, base: f64, dice: &mut Dice) {
    let (unit, night) = (SHORT_SIDE, painter.palette.near);
    for _ in 0..6 {
        let (cx, cy, size) = (
            dice.unit() * painter.width,
            base + unit * dice.between(0.08, 0.34),
            unit * dice.between(0.03, 0.08),
        );
        painter.push(format_args!(
            r#"<ellipse cx="{}" cy="{}" rx="{}" ry="{}" fill="{night}" opacity=".5"/>"#,
            N(cx),
            N(cy),
            N(size),
            N(size * 0.28)
        ));
    }
}

/// Light from above, rocks, weeds, and whoever swims there.
pub(super) fn underwater(
    painter: &mut Painter,
    composition: &Composition,
    site: Site,
    dice: &mut Dice,
) {
    let (width, height, unit) = (painter.width, painter.height, SHORT_SIDE);
    let (light, deep) = (painter.palette.light, painter.palette.near);
    let blue = if painter.style.is_colourful() {
        Color::hex(0x1f_8fb0)
    } else {
        painter.palette.sky[1]
    };
    let fill = painter.gradient(&[
        (blue.mix(light, 0.45), 1.0),
        (blue, 1.0),
        (blue.mix(deep, 0.6), 1.0),
    ]);
    let rays = painter.gradient(&[(light, 0.5), (light, 0.0)]);
    painter.push(format_args!(
        r#"<rect width="100%" height="100%" fill="url(#{fill})"/>"#
    ));
    let mut beams = Path::default();
    for _ in 0..6 {
        let (x, wide) = (dice.unit() * width, unit * dice.between(0.03, 0.1));
        beams.draw(
            "M{} -20h{}l{} {}h{}z",
            &[x, wide, unit * 0.2 + wide, height * 0.8, -wide * 3.0],
        );
    }
    painter.push(format_args!(
        r#"<path fill="url(#{rays})" opacity=".5" d="{}"/>"#,
        beams.data()
    ));
    for (share, swing, shade) in [(-0.1, 0.12, 0.35), (0.22, 0.1, 0.6)] {
        let base = site.horizon + (height - site.horizon) * share;
        let rocks = Ridge {
            base,
            swing: unit * swing,
            step: 60.0,
        }
        .jagged(dice, width);
        let color = blue.mix(deep, shade);
        painter.tinted_layer(&below(&rocks, height + 20.0), color, shade);
    }
    let swimmer = if composition.shows(Prop::Whale) {
        Prop::Whale
    } else {
        Prop::Fish
    };
    props::one(
        painter,
        swimmer,
        (site.focus, site.horizon * 0.8),
        unit * 0.0036,
    );
    props::one(
        painter,
        Prop::Fish,
        (site.light.at.0, site.horizon * 1.1),
        unit * 0.0018,
    );
    let floor = Ridge {
        base: site.horizon + (height - site.horizon) * 0.72,
        swing: unit * 0.03,
        step: unit * 0.4,
    }
    .rolling(dice, width);
    painter.layer(&below_smooth(&floor, height + 20.0), 0.92);
    weeds(painter, dice);
    bubbles(painter, dice);
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
    let deep = painter.palette.near;
    painter.shape(&weeds, deep, 0.85);
}

fn bubbles(painter: &mut Painter, dice: &mut Dice) {
    let (width, height, unit) = (painter.width, painter.height, SHORT_SIDE);
    let light = painter.palette.light;
    for _ in 0..14 {
        painter.push(format_args!(
            r#"<circle cx="{}" cy="{}" r="{}" fill="none" stroke="{light}" stroke-width="2" opacity=".5"/>"#,
            N(dice.unit() * width), N(dice.unit() * height * 0.8), N(unit * dice.between(0.004, 0.013))
        ));
    }
}
