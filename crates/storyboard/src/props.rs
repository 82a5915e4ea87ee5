//! Things: small drawings with the ground at 0 and a height of about 100, coloured by the palette.

use super::composition::Composition;
use super::number::{Hundredths, N};
use super::painter::Painter;
use super::path::Point;
use super::scenery::{Hour, Prop};
use super::seed::Dice;

// `$d` dark, `$m` the same in the light, `$l` light, `$g` glow, `$s` the colour that stands out, `$i` starts ids.
const LIGHTHOUSE: &str = r#"<path fill="$d" d="M-44 2q8-16 26-17h34q20 2 30 17z"/><path fill="$m" d="M14-14h34v-20l-17-13-17 13z"/><path fill="$s" d="M11-33l20-15 20 15h-6l-14-10-14 10z"/><path fill="$g" d="M27-29h8v9h-8z"/><path fill="$l" d="M-14-13l5-84h14l5 84z"/><path fill="$s" d="M-12.6-36l1.2-19h18.8l1.2 19zM-10.4-72l1-17h14.8l1 17z"/><path fill="$d" opacity=".3" d="M1-13v-84h4l5 84z"/><path fill="$d" d="M-13-97h22v-4h-22zM-9-114q7-12 14 0zM-3-120h2v-8h-2z"/><path fill="$g" d="M-7-101h10v-13h-10z"/><circle cx="-2" cy="-108" r="40" fill="url(#$iglow)"/>"#;
const BEAM: &str = r#"<path fill="url(#$ibeam)" d="M-2-108L-330-170v84z"/><path fill="url(#$ibeamr)" d="M-2-108L300-150v74z" opacity=".7"/>"#;
const HOUSE: &str = r#"<circle cx="4" cy="-18" r="80" fill="url(#$iglow)" opacity=".6"/><path fill="$m" d="M26-52h10v-26h-10z"/><path fill="$d" d="M-18 0v-40h74v40z"/><path fill="$s" d="M-22-38L-4-66h52l14 28z"/><path fill="$d" opacity=".35" d="M-22-38L-4-66h52l14 28z"/><path fill="$m" d="M-52 0v-38l26-32 26 32v38z"/><path fill="$s" d="M-58-36l32-40 32 40-6 3-26-32-26 32z"/><path fill="$g" d="M-44-32h14v15h-14zM16-28h12v14h-12zM36-28h12v14h-12zM-29-56h6v8h-6z"/><path fill="$d" d="M-20 0v-26h13v26z"/><path stroke="$d" stroke-width="1.4" d="M-37-32v15M-44-25h14M22-28v14M42-28v14"/><path fill="none" stroke="$l" stroke-width="5" stroke-linecap="round" opacity=".35" d="M31-82q-8-10 2-18t2-20q-4-8 6-16"/>"#;
const BOAT: &str = r#"<path fill="$l" opacity=".22" d="M-46 6h92l-14 5h-60zM-26 15h56l-10 4h-38z"/><path fill="$d" d="M-50-12h100q-8 18-20 20h-58q-16-4-22-20z"/><path fill="$s" d="M-50-12h100l-1.6 4h-96.4z"/><path fill="$d" d="M-1.6-112h3v102h-3z"/><path fill="$l" d="M4-108q42 44 42 88h-42z"/><path fill="$d" opacity=".16" d="M4-108q22 46 22 88h-22z"/><path fill="$l" opacity=".85" d="M-4-98q-6 50-38 78h38z"/><path fill="$s" d="M1-112l16-5-16-6z"/>"#;
const PERSON: &str = r#"<ellipse cx="6" cy="1" rx="24" ry="3" fill="$d" opacity=".35"/><path fill="$d" d="M-6-22l-3 22h7l3-18 4 18h7l-3-24z"/><path fill="$d" d="M-12-12q2-34 9-40h9q8 6 10 40-14 5-28 0z"/><path fill="$m" opacity=".7" d="M-12-12q2-34 9-40h3q-4 16-4 42-5 0-8-2z"/><circle cx="2" cy="-60" r="7.4" fill="$d"/><path fill="$d" d="M-7-63q1-9 9-9t9 9l3 2h-23z"/><path fill="$s" d="M-6-53q8 5 15 0l2 4q-9 5-18 1zM9-50q12 0 17 8l-5 2q-5-6-13-6z"/>"#;
const DOG: &str = r#"<path fill="$d" d="M-18 0l2-14q-6-4-8-12l4 1q2 6 8 6h16q3-6 8-9l1-5 4 4q6 0 8 4l-1 4-7 1-1 4q2 8 1 16h-3l-2-11q-8 3-16 1l-4 10h-4l2-11-4 11z"/>"#;
const TREE: &str = r#"<path fill="$d" d="M-9 2q5-30 3-52l-16-18 4-3 15 14 2-20h5l1 24 14-15 4 4-17 20q0 24 6 46z"/><path fill="$d" d="M-52-66q-8-22 14-28 4-22 28-20 16-14 32 2 24-2 24 20 18 12 2 28-6 14-24 8-12 12-28 2-16 10-28-2-16 2-20-10z"/><path fill="$m" d="M-46-72q-4-16 13-19 5-18 24-15 12-10 24 1-22 2-26 16-20 0-22 14-8-2-13 3z"/>"#;
const CASTLE: &str = r#"<path fill="$d" d="M-70 4v-40h140v40z"/><path fill="$m" d="M-62-30v-44h22v44zM40-30v-38h20v38zM-18-30v-74h30v74z"/><path fill="$d" d="M-30 0v-58h8v5h7v-5h8v5h7v-5h8v5h7v-5h8v5h7v-5h6v58zM-2-104h14v74h-14zM-51-74h11v44h-11zM50-68h10v38h-10z"/><path fill="$s" d="M-66-74l15-34 15 34zM36-68l14-30 14 30zM-23-104l20-44 20 44z"/><path fill="$g" d="M-54-62h6v10h-6zM-7-92h7v12h-7zM47-58h6v9h-6zM-18-40h6v9h-6zM18-40h6v9h-6z"/><path fill="$d" d="M-9 4v-18q9-13 18 0v18z"/><path fill="$g" opacity=".8" d="M-6 4v-16q6-9 12 0v16z"/><path fill="$s" d="M-3-148v-14h1.6v2l14 4-14 5v3zM-51-108v-10l10 3.5-9 3v3z"/>"#;
const WINDMILL: &str = r#"<path fill="$d" d="M-22 2l8-66h28l8 66z"/><path fill="$m" d="M-22 2l8-66h10l-4 66z"/><path fill="$s" d="M-18-62q18-32 36 0z"/><path fill="$g" d="M-4-46h8v10h-8z"/><path fill="$d" d="M-5 2v-16q5-6 10 0v16z"/><g fill="$l" stroke="$d" stroke-width="1.6" transform="translate(0 -70) rotate(18)"><path d="M0 0v-52h11v40zM0 0h52v11h-40zM0 0v52h-11v-40zM0 0h-52v-11h40z"/><circle r="3.5" fill="$d"/></g>"#;
const CAMPFIRE: &str = r#"<circle cy="-16" r="90" fill="url(#$iglow)"/><path fill="$d" d="M34 2l34-54 36 54z"/><path fill="$s" d="M60 2l8-54 36 54zM34 2l34-54-22 54z"/><path fill="$g" opacity=".7" d="M58 2l10-40 10 40z"/><path fill="$d" d="M-22 2l38-9 3 5-38 9zM20 3l-36-11-3 5 36 11z"/><path fill="$s" d="M-14-4q-8-20 8-34 0 10 6 14 6-8 2-20 20 16 12 40z"/><path fill="$g" d="M-8-4q-5-12 6-22 0 8 5 10 4-4 3-9 9 11 4 21z"/>"#;
const TRAIN: &str = r#"<circle cx="86" cy="-16" r="46" fill="url(#$iglow)"/><path fill="$d" d="M-190 2h290v-4h-290z"/><path fill="$m" d="M-186-6v-34h74v34zM-106-6v-34h74v34z"/><path fill="$s" d="M-188-40h78v-5h-78zM-108-40h78v-5h-78zM-28-46h40v-5h-40z"/><path fill="$d" d="M-26-6v-42h36v12h54q14 2 18 18v12z"/><path fill="$g" d="M-178-33h12v12h-12zM-160-33h12v12h-12zM-142-33h12v12h-12zM-98-33h12v12h-12zM-80-33h12v12h-12zM-62-33h12v12h-12zM-18-40h18v12h-18zM78-22h6v6h-6z"/><path fill="$d" d="M44-36v-18h-4v-5h16v5h-4v18zM-170-5a7 7 0 1 0 14 0zM-140-5a7 7 0 1 0 14 0zM-94-5a7 7 0 1 0 14 0zM-64-5a7 7 0 1 0 14 0zM-14-5a8 8 0 1 0 16 0zM16-5a8 8 0 1 0 16 0zM46-5a8 8 0 1 0 16 0z"/><path fill="$l" opacity=".45" d="M48-64q-6-18-26-16-10-18-34-8-16-12-34 4-22-6-32 14 20-8 34 2 16-12 32 0 14-10 26 0 18-10 34 4z"/>"#;
const BALLOON: &str = r#"<path fill="$s" d="M0-100c-34 0-46 26-40 46q6 20 30 40h20q24-20 30-40c6-20-6-46-40-46z"/><path fill="$l" opacity=".8" d="M0-100c-16 0-22 26-19 46q4 20 12 40h14q8-20 12-40c3-20-3-46-19-46z"/><path fill="$s" d="M0-100c-6 0-9 26-8 46q2 20 5 40h6q3-20 5-40c1-20-2-46-8-46z"/><path fill="$d" opacity=".2" d="M0-100c34 0 46 26 40 46q-6 20-30 40h-4q22-40 18-56-6-26-24-30z"/><path fill="$d" d="M-8-4h16l-2 12h-12z"/><path stroke="$d" d="M-9-14l2 10M9-14l-2 10"/>"#;
const ROCKET: &str = r#"<circle cy="4" r="70" fill="url(#$iglow)"/><path fill="$g" d="M-10-16q-6 24 10 50 16-26 10-50z"/><path fill="$l" d="M-5-14q-2 14 5 28 7-14 5-28z"/><path fill="$l" d="M0-130q26 36 20 82l-6 34h-28l-6-34q-6-46 20-82z"/><path fill="$d" opacity=".2" d="M0-130q26 36 20 82l-6 34h-10q10-70-4-116z"/><path fill="$s" d="M0-130q10 14 15 30h-30q5-16 15-30zM-19-50l-18 36 2 12 22-14zM19-50l18 36-2 12-22-14z"/><circle cy="-76" r="8" fill="$d"/><circle cy="-76" r="5.5" fill="$g"/>"#;
const WHALE: &str = r#"<path fill="$d" d="M-80 4q8-46 62-46 46 0 62 30 12 2 22-14-12-2-16-14 14 2 20 10 4-10 18-12-2 14-12 18-6 24-24 28z"/><path fill="$m" d="M-80 4q8-46 62-46 24 0 40 9-64-8-82 37z"/><circle cx="-50" cy="-16" r="2.5" fill="$l"/>"#;
const SPOUT: &str = r#"<path fill="none" stroke="$l" stroke-width="4" stroke-linecap="round" opacity=".7" d="M-34-48q-2-16-14-20M-30-48q2-18 16-20"/>"#;
const FISH: &str = r#"<path fill="$s" d="M-20-30q16-14 34 0l12-8v16l-12-8q-18 14-34 0z"/><path fill="$m" d="M30-64q12-10 24 0l9-6v12l-9-6q-12 10-24 0zM50-10q10-8 20 0l8-5v10l-8-5q-10 8-20 0zM-66-56q12-10 24 0l9-6v12l-9-6q-12 10-24 0z"/><path fill="$d" d="M-60-6q8-6 16 0l6-4v8l-6-4q-8 6-16 0zM2-86q8-6 16 0l6-4v8l-6-4q-8 6-16 0z"/>"#;

/// Puts everything that stands on the ground at a place, the most important in the middle.
pub(super) fn stand(
    painter: &mut Painter,
    composition: &Composition,
    at: Point,
    scale: f64,
    dice: &mut Dice,
) {
    let mut offsets = [0.0, -82.0, 96.0, -120.0].into_iter();
    let mut building = false;
    for &prop in &composition.props {
        let (size, lift) = match prop {
            Prop::Balloon => {
                let left = scale * dice.between(120.0, 170.0);
                let place = (at.0 - left, at.1 - scale * 130.0);
                one(painter, prop, place, scale * 0.7);
                continue;
            }
            Prop::Boat | Prop::Birds | Prop::Aurora | Prop::Whale | Prop::Fish => continue,
            Prop::Lighthouse | Prop::House | Prop::Castle | Prop::Windmill | Prop::Train => {
                if building {
                    continue;
                }
                building = true;
                (1.0, 0.0)
            }
            Prop::Person | Prop::Dog if building => (0.42, 8.0),
            Prop::Person | Prop::Rocket => (0.95, 4.0),
            Prop::Dog => (0.7, 8.0),
            Prop::Tree => (0.9, 2.0),
            Prop::Campfire => (0.6, 14.0),
        };
        let x = at.0 + offsets.next().unwrap_or_default() * scale;
        let place = (x, at.1 + lift * scale);
        if prop == Prop::Lighthouse && matches!(composition.hour, Hour::Night | Hour::Dusk) {
            fragment(painter, BEAM, place, scale);
        }
        one(painter, prop, place, scale * size);
    }
}

/// Puts one thing at a place.
pub(super) fn one(painter: &mut Painter, prop: Prop, at: Point, scale: f64) {
    let drawing = match prop {
        Prop::Lighthouse => LIGHTHOUSE,
        Prop::House => HOUSE,
        Prop::Boat => BOAT,
        Prop::Person => PERSON,
        Prop::Dog => DOG,
        Prop::Tree => TREE,
        Prop::Castle => CASTLE,
        Prop::Windmill => WINDMILL,
        Prop::Campfire => CAMPFIRE,
        Prop::Train => TRAIN,
        Prop::Balloon => BALLOON,
        Prop::Rocket => ROCKET,
        Prop::Whale => WHALE,
        Prop::Fish => FISH,
        Prop::Birds | Prop::Aurora => return,
    };
    fragment(painter, drawing, at, scale);
}

/// A whale that has come up for air.
pub(super) fn spouting_whale(painter: &mut Painter, at: Point, scale: f64) {
    fragment(painter, SPOUT, at, scale);
    fragment(painter, WHALE, at, scale);
}

/// Writes a drawing, each mark replaced by what it stands for.
fn fragment(painter: &mut Painter, drawing: &str, (x, y): Point, scale: f64) {
    let palette = painter.palette;
    painter.push(format_args!(
        r#"<g transform="translate({} {}) scale({})">"#,
        N(x),
        N(y),
        Hundredths(scale)
    ));
    let mut parts = drawing.split('$');
    painter.out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let mut rest = part.chars();
        let meaning = match rest.next() {
            Some('d') => palette.near.mix(palette.haze(), 0.06).to_string(),
            Some('m') => palette.near.mix(palette.haze(), 0.3).to_string(),
            Some('l') => palette.light.to_string(),
            Some('g') => palette.accent.to_string(),
            Some('s') => palette.spot.to_string(),
            _ => painter.prefix.clone(),
        };
        painter.out.push_str(&meaning);
        painter.out.push_str(rest.as_str());
    }
    painter.out.push_str("</g>");
}
