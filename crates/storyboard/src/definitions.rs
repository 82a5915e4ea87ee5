//! Definitions: what the ids stand for that every part of a frame may refer to.

use super::number::N;
use super::painter::Painter;
use super::style::Style;

/// Adds lights, shadows, blurs, and the surface of the style.
pub(super) fn define(painter: &mut Painter) {
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

/// The filter that picture and border go through, as an attribute.
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
