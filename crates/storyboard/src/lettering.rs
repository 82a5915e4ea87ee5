//! Words in the picture: title, caption panel, and number, each in a box it cannot leave.

use super::color::Color;
use super::escape::escape;
use super::layout::{Canvas, Fitted, LINE_HEIGHT, Rect, fit};
use super::number::{N, real};
use super::painter::{Painter, SHORT_SIDE};
use super::style::Style;
use super::text::{clusters, runs_right_to_left};

/// How much wider bold letters are.
const BOLD: f64 = 1.13;

/// The title, across the sky.
pub(super) fn title(painter: &mut Painter, canvas: Canvas, title: &str) {
    let text = clusters(title);
    if text.is_empty() {
        return;
    }
    let margin = canvas.margin() * 1.3;
    let width = (canvas.width - 2.0 * margin).min(SHORT_SIDE * 1.65);
    let room = (canvas.height * 0.26).min(SHORT_SIDE * 0.42);
    let largest = (SHORT_SIDE * 0.09).min(canvas.width * 0.11);
    let fitted = fit(&text, (width / BOLD, room), (largest, canvas.font_floor));
    let light = painter.palette.sky[0].brightness() > 150.0;
    let (ink, edge) = if light {
        (
            painter.palette.near.mix(Color::hex(0), 0.35),
            painter.palette.light,
        )
    } else {
        (Color::hex(0xff_ffff), painter.palette.near)
    };
    // A veil would be seen on the blank border of a printed style.
    let veil = if painter.style.has_border() { 0.0 } else { 0.5 };
    let shade = painter.gradient(&[(edge, veil), (edge, 0.0)]);
    // Where lines could meet the number in the corner, they begin below it.
    let top = if canvas.width < SHORT_SIDE * 1.5 {
        margin + canvas.font_floor * 1.4
    } else {
        margin
    };
    let area = Rect {
        x: (canvas.width - width) / 2.0,
        y: top,
        width,
        height: room,
    };
    let bottom = top + fitted.height() + fitted.size * 0.9;
    painter.push(format_args!(
        r#"<g class="title"><rect width="100%" height="{}" fill="{shade}"/>"#,
        N(bottom * 1.25)
    ));
    lines(
        painter,
        &fitted,
        area,
        Typesetting {
            part: "tc",
            ink,
            anchor: Anchor::Middle,
            weight: 700,
            halo: Some(edge),
        },
    );
    let middle = canvas.width / 2.0;
    painter.push(format_args!(
        r#"<path stroke="{ink}" stroke-width="3" opacity=".75" d="M{} {}h{}"/></g>"#,
        N(middle - fitted.size * 0.8),
        N(bottom - fitted.size * 0.45),
        N(fitted.size * 1.6)
    ));
}

/// The narration, in a panel below the picture, or beside it in a ribbon.
pub(super) fn caption(painter: &mut Painter, canvas: Canvas, narration: &str) {
    let text = clusters(narration);
    if text.is_empty() {
        return;
    }
    let bounds = canvas.panel();
    let padding = canvas.font_floor * 0.8;
    let room = (bounds.width - 2.4 * padding, bounds.height - 2.0 * padding);
    let largest = canvas.font_floor.max(SHORT_SIDE * 0.046);
    let fitted = fit(&text, room, (largest, canvas.font_floor));
    let width = fitted.width + 2.4 * padding;
    let height = fitted.height() + 2.0 * padding;
    let height = height.min(bounds.height);
    let anchor = if runs_right_to_left(narration) {
        Anchor::Right
    } else {
        Anchor::Left
    };
    let area = Rect {
        x: match anchor {
            Anchor::Right => bounds.x + bounds.width - width,
            Anchor::Left | Anchor::Middle => bounds.x,
        },
        y: if canvas.is_ribbon() {
            bounds.y + (bounds.height - height) / 2.0
        } else {
            bounds.y + bounds.height - height
        },
        width,
        height,
    };
    panel(painter, area, padding, anchor);
    let inside = Rect {
        x: area.x + 1.2 * padding,
        y: area.y + padding,
        width: fitted.width,
        height: height - 2.0 * padding,
    };
    let (_, ink) = panel_colors(painter);
    lines(
        painter,
        &fitted,
        inside,
        Typesetting {
            part: "pc",
            ink,
            anchor,
            weight: 400,
            halo: None,
        },
    );
    painter.out.push_str("</g>");
}

/// The panel itself, with a rule at the side where lines begin.
fn panel(painter: &mut Painter, area: Rect, padding: f64, anchor: Anchor) {
    let (paper, ink) = panel_colors(painter);
    let (rule, radius) = (
        painter.palette.spot,
        match painter.style {
            Style::Pastel => 26.0,
            Style::Cinematic | Style::Papercut | Style::Neon => 14.0,
            Style::Watercolor | Style::Noir | Style::Retro | Style::Ink | Style::Comic => 3.0,
        },
    );
    let outline = match painter.style {
        Style::Ink | Style::Comic | Style::Neon => format!(
            r#" stroke="{}" stroke-width="3""#,
            if painter.style == Style::Neon {
                rule
            } else {
                ink
            }
        ),
        Style::Cinematic
        | Style::Watercolor
        | Style::Noir
        | Style::Papercut
        | Style::Retro
        | Style::Pastel => String::new(),
    };
    let bar = match anchor {
        Anchor::Right => area.x + area.width - padding * 0.8,
        Anchor::Left | Anchor::Middle => area.x + padding * 0.5,
    };
    painter.push(format_args!(
        r#"<g class="panel"><rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{paper}" fill-opacity="{}"{outline}/><rect x="{}" y="{}" width="{}" height="{}" rx="2" fill="{rule}"/>"#,
        N(area.x),
        N(area.y),
        N(area.width),
        N(area.height),
        N(radius),
        if painter.style.has_light_panel() { ".93" } else { ".74" },
        N(bar),
        N(area.y + padding * 0.9),
        N(padding * 0.2),
        N(area.height - padding * 1.8)
    ));
}

/// Paper and ink of the caption panel; one is always near white, the other near black.
fn panel_colors(painter: &Painter) -> (Color, Color) {
    let (near, light) = (painter.palette.near, painter.palette.light);
    if painter.style.has_light_panel() {
        return (
            Color::hex(0xff_fdf8).mix(light, 0.3),
            near.mix(Color::hex(0), 0.55),
        );
    }
    (
        near.mix(Color::hex(0), 0.5),
        Color::hex(0xff_ffff).mix(light, 0.2),
    )
}

/// Where lines begin.
#[derive(Clone, Copy, Debug)]
enum Anchor {
    Left,
    Middle,
    Right,
}

/// How lines are set.
#[derive(Clone, Copy, Debug)]
struct Typesetting {
    part: &'static str,
    ink: Color,
    anchor: Anchor,
    weight: u32,
    halo: Option<Color>,
}

/// Sets lines into a box; whatever the typeface, nothing is drawn outside of it.
fn lines(painter: &mut Painter, fitted: &Fitted, area: Rect, setting: Typesetting) {
    let clip = format!("{}{}", painter.prefix, setting.part);
    let slack = fitted.size * 0.3;
    painter.push(format_args!(
        r#"<clipPath id="{clip}"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath><g clip-path="url(#{clip})" font-family="{}" font-size="{}" font-weight="{}" fill="{}""#,
        N(area.x - slack),
        N(area.y - slack),
        N(area.width + 2.0 * slack),
        N(area.height + 2.0 * slack),
        painter.style.typeface(),
        N(fitted.size),
        setting.weight,
        setting.ink
    ));
    let x = match setting.anchor {
        Anchor::Left => area.x,
        Anchor::Middle => area.x + area.width / 2.0,
        Anchor::Right => area.x + area.width,
    };
    painter.out.push_str(match setting.anchor {
        Anchor::Left => "",
        Anchor::Middle => r#" text-anchor="middle""#,
        Anchor::Right => r#" direction="rtl""#,
    });
    if let Some(halo) = setting.halo {
        painter.push(format_args!(
            r#" stroke="{halo}" stroke-opacity=".75" stroke-width="{}" stroke-linejoin="round" paint-order="stroke""#,
            N(fitted.size * 0.16)
        ));
    }
    painter.out.push('>');
    for (row, line) in fitted.lines.iter().enumerate() {
        let y = area.y + (real(row) * LINE_HEIGHT + 1.02) * fitted.size;
        painter.push(format_args!(
            r#"<text x="{}" y="{}">{}</text>"#,
            N(x),
            N(y),
            escape(line)
        ));
    }
    painter.out.push_str("</g>");
}

/// The number of the scene, in the corner.
pub(super) fn count(painter: &mut Painter, canvas: Canvas, number: usize, total: usize) {
    let size = canvas.font_floor * 0.8;
    let label = format!("{number} / {total}");
    let width = size * (real(label.len()) * 0.58 + 1.2);
    let (x, y) = (canvas.width - canvas.margin() - width, canvas.margin());
    let (paper, ink) = panel_colors(painter);
    painter.push(format_args!(
        r#"<g class="count" opacity=".8"><rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{paper}" fill-opacity=".6"/><text x="{}" y="{}" text-anchor="middle" font-family="sans-serif" font-size="{}" fill="{ink}">{label}</text></g>"#,
        N(x),
        N(y),
        N(width),
        N(size * 1.7),
        N(size * 0.85),
        N(x + width / 2.0),
        N(y + size * 1.2),
        N(size)
    ));
}
