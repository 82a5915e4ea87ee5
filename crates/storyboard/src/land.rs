//! Places in the open: layers from the horizon to our feet, and what stands among them.

use super::composition::{Composition, Hour, Setting, Weather};
use super::flora::{copse, grass, trunk};
use super::places;
use super::props;
use super::room;
use super::seed::Dice;
use super::shore;
use super::site::{Site, mist};
use super::sky::Light;
use super::style::Style;
use super::svg::{Painter, Path, Percent, Point, SHORT_SIDE};
use super::terrain::{Ridge, below, below_smooth, firs, height_at, slopes};

/// Paints everything below the sky.
pub(super) fn paint(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    match composition.setting {
        Setting::Hills => hills(painter, composition, site, dice),
        Setting::Mountains => mountains(painter, composition, site, dice),
        Setting::Sea => shore::sea(painter, composition, site, dice),
        Setting::Forest => forest(painter, composition, site, dice),
        Setting::Desert => desert(painter, composition, site, dice),
        Setting::City => places::city(painter, composition, site, dice),
        Setting::Room => room::room(painter, composition, site, dice),
        Setting::Space => places::space(painter, composition, site, dice),
        Setting::Underwater => places::underwater(painter, composition, site, dice),
    }
}

fn hills(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, bottom, unit) = (painter.width, painter.height + 20.0, SHORT_SIDE);
    let depth = painter.height - site.horizon;
    let far = Ridge {
        base: site.horizon - unit * 0.03,
        swing: unit * 0.09,
        step: 60.0,
    }
    .jagged(dice, width);
    painter.layer(&below(&far, bottom), 0.2);
    mist(painter, site.horizon, unit * 0.16, 0.5);
    for (share, shade, swing) in [(0.05, 0.36, 0.045), (0.2, 0.52, 0.05)] {
        let ridge = Ridge {
            base: site.horizon + depth * share,
            swing: unit * swing,
            step: unit * 0.42,
        };
        let line = ridge.rolling(dice, width);
        painter.layer(&below_smooth(&line, bottom), shade);
        copse(painter, &line, shade + 0.12, dice);
    }
    let base = site.horizon + depth * 0.34;
    let swell = [
        (-40.0, base + unit * 0.1),
        (site.focus - unit * 0.3, base + unit * 0.06),
        (site.focus, base - unit * 0.02),
        (site.focus + unit * 0.4, base + unit * 0.03),
        (width + 60.0, base + unit * 0.12),
    ];
    painter.layer(&below_smooth(&swell, bottom), 0.68);
    path_to(
        painter,
        (site.focus + unit * 0.04, base + unit * 0.02),
        dice,
    );
    props::stand(
        painter,
        composition,
        (site.focus, base + unit * 0.02),
        unit * 0.0026,
        dice,
    );
    let near = Ridge {
        base: site.horizon + depth * 0.68,
        swing: unit * 0.06,
        step: unit * 0.6,
    }
    .rolling(dice, width);
    painter.layer(&below_smooth(&near, bottom), 0.9);
    grass(painter, &near, dice);
}

fn mountains(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, bottom, unit) = (painter.width, painter.height + 20.0, SHORT_SIDE);
    let depth = painter.height - site.horizon;
    for (lift, swing, shade) in [(0.14, 0.2, 0.18), (0.02, 0.15, 0.36), (-0.06, 0.1, 0.54)] {
        let base = site.horizon - unit * lift;
        let line = Ridge {
            base,
            swing: unit * swing,
            step: 42.0,
        }
        .jagged(dice, width);
        painter.layer(&below(&line, bottom), shade);
        let (shadow, snow) = slopes(&line, unit * swing, dice);
        let (dark, light) = (painter.palette.near, painter.palette.light);
        painter.shape(&shadow, dark, 0.2);
        if composition.weather == Weather::Snow || shade < 0.4 {
            painter.shape(
                &snow,
                light,
                if composition.weather == Weather::Snow {
                    0.8
                } else {
                    0.5
                },
            );
        }
        mist(painter, base + unit * 0.16, unit * 0.22, 0.55);
    }
    let wood = Ridge {
        base: site.horizon + depth * 0.22,
        swing: unit * 0.05,
        step: unit * 0.3,
    }
    .rolling(dice, width);
    let trees = firs(&wood, (width, bottom), unit * 0.1, dice);
    painter.layer(&trees, 0.72);
    let base = site.horizon + depth * 0.44;
    let rise = [
        (-40.0, base + unit * 0.12),
        (site.focus - unit * 0.34, base + unit * 0.04),
        (site.focus, base),
        (site.focus + unit * 0.4, base + unit * 0.06),
        (width + 60.0, base - unit * 0.04),
    ];
    painter.layer(&below_smooth(&rise, bottom), 0.84);
    props::stand(
        painter,
        composition,
        (site.focus, base + unit * 0.02),
        unit * 0.0025,
        dice,
    );
    let near = Ridge {
        base: site.horizon + depth * 0.78,
        swing: unit * 0.05,
        step: unit * 0.4,
    }
    .rolling(dice, width);
    painter.layer(&firs(&near, (width, bottom), unit * 0.2, dice), 0.97);
}

fn forest(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, bottom, unit) = (painter.width, painter.height + 20.0, SHORT_SIDE);
    let depth = painter.height - site.horizon;
    let far = Ridge {
        base: site.horizon - unit * 0.1,
        swing: unit * 0.08,
        step: 60.0,
    }
    .jagged(dice, width);
    painter.layer(&below(&far, bottom), 0.14);
    for (share, tall, shade) in [(-0.05, 0.15, 0.3), (0.06, 0.24, 0.48), (0.18, 0.34, 0.64)] {
        let base = site.horizon + depth * share;
        let line = Ridge {
            base,
            swing: unit * 0.025,
            step: unit * 0.3,
        }
        .rolling(dice, width);
        let trees = firs(&line, (width, bottom), unit * tall, dice);
        painter.layer(&trees, shade);
        mist(painter, base + unit * 0.05, unit * 0.2, 0.5);
    }
    shafts(painter, composition.hour, site.light, dice);
    let base = site.horizon + depth * 0.42;
    let floor = Ridge {
        base,
        swing: unit * 0.02,
        step: unit * 0.5,
    }
    .rolling(dice, width);
    painter.layer(&below_smooth(&floor, bottom), 0.82);
    path_to(
        painter,
        (site.focus - unit * 0.06, base + unit * 0.01),
        dice,
    );
    props::stand(
        painter,
        composition,
        (site.focus, base + unit * 0.03),
        unit * 0.0024,
        dice,
    );
    let near = Ridge {
        base: site.horizon + depth * 0.82,
        swing: unit * 0.04,
        step: unit * 0.5,
    }
    .rolling(dice, width);
    painter.layer(&below_smooth(&near, bottom), 0.95);
    grass(painter, &near, dice);
    for (x, lean, thick) in [
        (0.02, 0.012, 0.045),
        (0.115, -0.01, 0.024),
        (0.97, -0.015, 0.05),
    ] {
        trunk(painter, (width * x, bottom), unit * lean, unit * thick);
    }
}

fn desert(painter: &mut Painter, composition: &Composition, site: Site, dice: &mut Dice) {
    let (width, bottom, unit) = (painter.width, painter.height + 20.0, SHORT_SIDE);
    let depth = painter.height - site.horizon;
    let mut mesas = Path::default();
    for _ in 0..3 {
        let (x, wide, tall) = (
            dice.unit() * width,
            unit * dice.between(0.14, 0.34),
            unit * dice.between(0.07, 0.18),
        );
        mesas.draw(
            "M{} {}l{} {}h{}l{} {}z",
            &[
                x - wide,
                site.horizon + 6.0,
                wide * 0.22,
                -tall,
                wide * 1.3,
                wide * 0.28,
                tall,
            ],
        );
    }
    painter.layer(&mesas, 0.26);
    for (at, (share, shade)) in [(0.0, 0.34), (0.14, 0.46), (0.34, 0.6), (0.62, 0.78)]
        .into_iter()
        .enumerate()
    {
        let base = site.horizon + depth * share;
        let line = Ridge {
            base,
            swing: unit * 0.05,
            step: unit * 0.55,
        }
        .rolling(dice, width);
        painter.layer(&below_smooth(&line, bottom), shade);
        let dark = painter.palette.near;
        for peak in line.iter().filter(|point| point.1 < base && point.0 > 0.0) {
            let (x, y) = (peak.0, peak.1 + unit * 0.026);
            let mut shadow = Path::start((x, y));
            shadow.draw(
                "q{} {} {} {}q{} {} {} {}q{} {} {} {}z",
                &[
                    unit * 0.05,
                    unit * 0.05,
                    unit * 0.26,
                    unit * 0.09,
                    unit * 0.1,
                    unit * 0.06,
                    unit * 0.12,
                    unit * 0.16,
                    -unit * 0.3,
                    -unit * 0.06,
                    -unit * 0.38,
                    -unit * 0.25,
                ],
            );
            painter.shape(&shadow, dark, 0.16);
        }
        if at == 2 {
            props::stand(
                painter,
                composition,
                (site.focus, height_at(&line, site.focus) + unit * 0.04),
                unit * 0.0024,
                dice,
            );
        }
    }
}

/// Sunbeams between the trees.
fn shafts(painter: &mut Painter, hour: Hour, light: Light, dice: &mut Dice) {
    if painter.style == Style::Ink || painter.style == Style::Comic {
        return;
    }
    let color = painter.palette.light;
    let fill = painter.gradient(&[(color, 0.55), (color, 0.0)]);
    let mut beams = Path::default();
    for _ in 0..4 {
        let (x, wide) = (
            light.at.0 + SHORT_SIDE * dice.between(-0.3, 0.5),
            SHORT_SIDE * dice.between(0.02, 0.06),
        );
        let slide = SHORT_SIDE * dice.between(0.16, 0.3);
        beams.draw(
            "M{} {}h{}l{} {}h{}z",
            &[
                x,
                light.at.1 * 0.6,
                wide,
                slide + wide,
                SHORT_SIDE * 0.6,
                -wide * 2.6,
            ],
        );
    }
    let opacity = if hour == Hour::Night { 0.22 } else { 0.5 };
    painter.push(format_args!(
        r#"<path fill="url(#{fill})" opacity="{}" d="{}"/>"#,
        Percent(opacity),
        beams.data()
    ));
}

/// A way that leads from our feet to the thing to look at.
fn path_to(painter: &mut Painter, (x, y): Point, dice: &mut Dice) {
    let (bottom, unit) = (painter.height + 20.0, SHORT_SIDE);
    let foot = x - unit * dice.between(0.2, 0.4);
    let mut way = Path::start((x - 5.0, y));
    way.draw(
        "C{} {} {} {} {} {}",
        &[
            x + unit * 0.14,
            y + unit * 0.1,
            foot - unit * 0.1,
            y + unit * 0.14,
            foot,
            bottom,
        ],
    );
    way.draw(
        "h{}C{} {} {} {} {} {}z",
        &[
            unit * 0.2,
            foot + unit * 0.12,
            y + unit * 0.16,
            x + unit * 0.22,
            y + unit * 0.1,
            x + 5.0,
            y,
        ],
    );
    let color = painter.palette.light.mix(painter.palette.haze(), 0.4);
    painter.shape(&way, color, 0.32);
}
