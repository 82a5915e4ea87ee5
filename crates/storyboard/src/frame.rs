//! One frame: the illustration of a scene, and its words in a box they cannot leave.

use super::Artifact;
use super::composition::Composition;
use super::definitions::{define, filter};
use super::escape::escape;
use super::layout::Canvas;
use super::number::N;
use super::painter::Painter;
use super::palette::Palette;
use super::seed::Dice;
use super::style::Style;
use super::view::View;
use super::{lettering, places, sky, surface, weather};
use crate::{render::Render, story::Story};

/// Characters of the description that readers of a screen hear.
const DESCRIPTION_MAX: usize = 300;

/// The frames of a story, one for each scene.
#[derive(Debug, Default)]
pub struct Frames(Vec<Artifact>);

impl Render for Frames {
    fn scene(&mut self, story: &Story, scene: usize) -> usize {
        let frame = frame(story, scene);
        let bytes = frame.bytes.len();
        self.0.push(frame);
        bytes
    }

    fn finish(self, _story: &Story) -> Vec<Artifact> {
        self.0
    }
}

/// Renders the frame of one scene; one that does not exist gives a picture without narration.
#[must_use]
pub fn frame(story: &Story, scene_index: usize) -> Artifact {
    Artifact {
        name: format!("frames/{:03}.svg", scene_index.saturating_add(1)),
        content_type: "image/svg+xml",
        bytes: markup(story, scene_index, Words::Inside).into_bytes(),
    }
}

/// Where the narration is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Words {
    /// In a panel of the frame.
    Inside,
    /// By whoever shows the frame.
    Outside,
}

/// The SVG element of one scene.
pub(super) fn markup(story: &Story, index: usize, words: Words) -> String {
    let scenes = &story.script.scenes;
    let style_words = story.video_config.style.as_deref().unwrap_or_default();
    let (style, known) = Style::from_words(style_words);
    let own_words = (!known).then_some(style_words);
    let composition = Composition::of(scenes, index, style, style_words);
    let mut dice = composition.dice.clone();
    let palette = Palette::of(style, own_words, composition.hour, &mut dice).seen(
        style,
        composition.setting,
        composition.weather,
    );
    let canvas = Canvas::of(&story.video_config);
    let number = index.saturating_add(1);
    let mut painter = Painter::new(
        format!("s{number}-"),
        (canvas.width, canvas.height),
        style,
        palette,
    );
    let narration = scenes
        .get(index)
        .map_or("", |scene| scene.narration.as_str());
    open(&mut painter, canvas, (number, scenes.len()), narration);
    define(&mut painter);
    illustrate(&mut painter, canvas, &composition, &mut dice);
    if index == 0 {
        lettering::title(&mut painter, canvas, &story.script.title);
    }
    if words == Words::Inside {
        lettering::caption(&mut painter, canvas, narration);
        lettering::count(&mut painter, canvas, number, scenes.len());
    }
    painter.out.push_str("</svg>");
    painter.out
}

fn open(painter: &mut Painter, canvas: Canvas, (number, total): (usize, usize), narration: &str) {
    let id = painter.prefix.clone();
    let about: String = narration.chars().take(DESCRIPTION_MAX).collect();
    painter.push(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-labelledby="{id}t {id}d"><title id="{id}t">Scene {number} of {total}</title><desc id="{id}d">{}</desc>"#,
        canvas.pixels.0,
        canvas.pixels.1,
        N(canvas.width),
        N(canvas.height),
        escape(&about)
    ));
}

fn illustrate(painter: &mut Painter, canvas: Canvas, composition: &Composition, dice: &mut Dice) {
    let horizon = canvas.height * dice.between(0.5, 0.57);
    let filter = filter(painter);
    painter.push(format_args!(r#"<g class="art"><g{filter}>"#));
    let light = sky::paint(painter, composition, horizon, dice);
    let focus = if canvas.is_ribbon() {
        0.72
    } else {
        dice.between(0.6, 0.68)
    };
    places::paint(&mut View {
        painter,
        composition,
        dice,
        horizon,
        focus: canvas.width * focus,
        light,
    });
    weather::paint(painter, composition.weather, dice);
    painter.out.push_str("</g>");
    surface::paint(painter, dice);
    painter.out.push_str("</g>");
}

#[cfg(test)]
mod tests {
    use super::frame;
    use crate::story::Story;

    const SIZES: [(u32, u32); 9] = [
        (64, 64),
        (320, 180),
        (512, 512),
        (1280, 720),
        (1080, 1920),
        (64, 4096),
        (4096, 64),
        (4096, 4096),
        (0, u32::MAX),
    ];
    const TEXTS: [&str; 8] = [
        "",
        "A short line.",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "昔々、あるところにおじいさんとおばあさんが住んでいました。",
        "👩‍👩‍👧‍👦🇩🇪👍🏽🦊",
        "في يوم من الأيام كان هناك مَلِكٌ عظيم",
        "]]></svg><script>alert('&\"')</script>\u{0}\u{1b}\u{fffe}",
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    ];

    #[test]
    fn every_line_of_text_lies_inside_its_frame() {
        for (width, height) in SIZES {
            for text in TEXTS.map(|text| text.repeat(20)) {
                let markup = markup_of(&story(&text, width, height, "noir"));
                let size = box_of(&markup);
                let marks = texts_of(&markup);
                assert!(
                    marks.iter().all(|&(x, y, font)| {
                        x >= 0.0
                            && x <= size.0
                            && y - font * 0.8 >= 0.0
                            && y + font * 0.2 <= size.1
                            && font >= 1.0
                    }),
                    "{width}x{height} {text:?}"
                );
            }
        }
    }

    #[test]
    fn the_same_story_gives_the_same_bytes() {
        let story = story("A ship in the storm", 640, 360, "velvet volcano");

        assert_eq!(frame(&story, 0), frame(&story.clone(), 0));
    }

    #[test]
    fn words_and_style_change_the_picture() {
        let drawn = |words, style| markup_of(&story(words, 640, 360, style));
        let base = drawn("A ship in the storm", "ink");

        assert_ne!(base, drawn("A ship in the harbour", "ink"));
        assert_ne!(base, drawn("A ship in the storm", "neon"));
    }

    #[test]
    fn markup_stays_well_formed_whatever_the_words() {
        for text in TEXTS {
            let markup = markup_of(&story(text, 640, 360, text));
            assert!(is_balanced(&markup), "{text:?}");
            assert!(!markup.contains("<script") && markup.matches("</svg>").count() == 1);
            assert!(!markup.contains(|char: char| char.is_control()));
            assert!(!markup.contains("NaN") && !markup.contains("inf"));
        }
    }

    #[test]
    fn every_place_in_every_style_stays_small_and_well_formed() {
        let places = "meadow|mountain snow|sea storm|forest fog|desert|city rain|room|space rocket|underwater";
        let styles = "|watercolor|noir|papercut|retro|ink|pastel|neon|comic|own words";
        for place in places.split('|') {
            let words = format!("{place} castle tree balloon");
            for style in styles.split('|') {
                let markup = markup_of(&story(&words, 1280, 720, style));
                assert!(is_balanced(&markup), "{place} {style}");
                assert!(markup.len() < 18_000, "{place} {style}: {}", markup.len());
            }
        }
    }

    #[test]
    fn long_words_are_cut_with_an_ellipsis() {
        assert!(markup_of(&story(&"word ".repeat(1000), 1280, 720, "")).contains("…</text>"));
    }

    #[test]
    fn a_scene_that_does_not_exist_is_a_picture_without_narration() {
        let artifact = frame(&story("x", 64, 64, ""), usize::MAX);

        assert!(is_balanced(std::str::from_utf8(&artifact.bytes).unwrap()));
    }

    #[test]
    fn frames_are_named_by_their_number() {
        assert_eq!(frame(&story("x", 64, 64, ""), 0).name, "frames/001.svg");
    }

    fn story(text: &str, width: u32, height: u32, style: &str) -> Story {
        let payload = serde_json::json!({
            "script": {"title": text, "scenes": [{"narration": text, "imagePrompt": text}]},
            "videoConfig": {"width": width, "height": height, "style": style},
        });
        Story::from_json(&payload.to_string()).unwrap()
    }

    fn markup_of(story: &Story) -> String {
        String::from_utf8(frame(story, 0).bytes).unwrap()
    }

    fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
        tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
    }

    fn box_of(markup: &str) -> (f64, f64) {
        let sides = attribute(markup, "viewBox").unwrap();
        let sides: Vec<f64> = sides.split(' ').map(|side| side.parse().unwrap()).collect();
        (sides[2], sides[3])
    }

    /// Place and size of every line of text.
    fn texts_of(markup: &str) -> Vec<(f64, f64, f64)> {
        let (mut font, mut found) = (0.0, Vec::new());
        for tag in markup.split('<') {
            if let Some(size) = attribute(tag, "font-size") {
                font = size.parse().unwrap();
            }
            if tag.starts_with("text ") {
                let at = |name| attribute(tag, name).unwrap().parse::<f64>().unwrap();
                found.push((at("x"), at("y"), font));
            }
        }
        found
    }

    /// Whether every element that begins also ends, in order.
    fn is_balanced(markup: &str) -> bool {
        let mut open: Vec<&str> = Vec::new();
        for tag in markup.split('<').skip(1) {
            let Some((tag, _)) = tag.split_once('>') else {
                return false;
            };
            let name = tag
                .trim_start_matches('/')
                .split([' ', '/'])
                .next()
                .unwrap();
            if tag.starts_with('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        open.is_empty()
    }
}
