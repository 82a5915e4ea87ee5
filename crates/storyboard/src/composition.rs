//! Composition: what a scene shows, read from its words; where they say nothing, from their seed.

use super::scenery::{Hour, Prop, Setting, Weather};
use super::seed::Dice;
use super::style::Style;
use super::vocabulary;
use crate::story::Scene;

/// Everything a frame shows.
#[derive(Clone, Debug)]
pub(super) struct Composition {
    /// Where.
    pub(super) setting: Setting,
    /// When.
    pub(super) hour: Hour,
    /// What comes from above.
    pub(super) weather: Weather,
    /// What can be seen, the most important first.
    pub(super) props: Vec<Prop>,
    /// Whether the title is written across its sky.
    pub(super) titled: bool,
    /// The chance of everything that is left open.
    pub(super) dice: Dice,
}

/// How many things fit into one picture without crowding it.
const PROPS_MAX: usize = 4;
/// How many earlier scenes may say where and when we are.
const SCENES_REMEMBERED: usize = 3;
/// Words read per text: enough to know a scene by, and a bound on the work.
const WORDS_MAX: usize = 250;

impl Composition {
    /// What the scene at `index` shows.
    pub(super) fn of(scenes: &[Scene], index: usize, style: Style, style_words: &str) -> Self {
        let told = scenes.get(..=index).unwrap_or_default();
        let (prompt, narration) = told.last().map_or(("", ""), texts);
        let mut dice = Dice::of(&[prompt, narration, style_words]);
        let heard: Vec<Vec<String>> = told
            .iter()
            .rev()
            .take(1 + SCENES_REMEMBERED)
            .map(words_of)
            .collect();
        let now = heard.first().map_or(&[][..], Vec::as_slice);
        let any_setting = dice.pick(
            Setting::Hills,
            &[
                Setting::Mountains,
                Setting::Sea,
                Setting::Forest,
                Setting::Hills,
            ],
        );
        let any_hour = dice.pick(
            Hour::Dusk,
            &[Hour::Dawn, Hour::Day, Hour::Dusk, Hour::Night],
        );
        let any_weather = dice.pick(
            Weather::Clear,
            &[Weather::Clear, Weather::Cloudy, Weather::Cloudy],
        );
        let setting = last_named(&heard, vocabulary::setting).unwrap_or(any_setting);
        let hour = if style == Style::Neon || setting == Setting::Space {
            Hour::Night
        } else {
            last_named(&heard, vocabulary::hour).unwrap_or(any_hour)
        };
        let mut props: Vec<Prop> = vocabulary::props(now).take(PROPS_MAX).collect();
        if props.is_empty() {
            props.push(dice.pick(Prop::Birds, &[Prop::Person, Prop::House, Prop::Tree]));
        }
        Self {
            setting,
            hour,
            weather: vocabulary::weather(now).unwrap_or(any_weather),
            props,
            titled: index == 0 && !told.is_empty(),
            dice,
        }
    }

    /// Whether the picture has that thing.
    pub(super) fn shows(&self, prop: Prop) -> bool {
        self.props.contains(&prop)
    }
}

/// What the latest scene that says so names; `heard` begins with the scene itself.
fn last_named<T>(heard: &[Vec<String>], find: fn(&[String]) -> Option<T>) -> Option<T> {
    heard.iter().find_map(|words| find(words))
}

/// The prompt, which may be missing, and the narration.
fn texts(scene: &Scene) -> (&str, &str) {
    let prompt = scene.image_prompt.as_deref().unwrap_or_default();
    (prompt, &scene.narration)
}

/// The words of a scene in lower case; the prompt describes the picture, so it counts twice.
fn words_of(scene: &Scene) -> Vec<String> {
    let (prompt, narration) = texts(scene);
    [prompt, prompt, narration]
        .iter()
        .flat_map(|text| {
            text.split(|char: char| !char.is_ascii_alphabetic())
                .filter(|word| !word.is_empty())
                .take(WORDS_MAX)
        })
        .map(str::to_ascii_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Composition, Hour, Prop, Scene, Setting, Style, Weather};

    #[test]
    fn the_words_decide_what_is_seen() {
        let cases = [
            (
                "A lighthouse on a cliff at midnight, waves",
                Setting::Sea,
                Hour::Night,
            ),
            ("Sunrise over the pine forest", Setting::Forest, Hour::Dawn),
            (
                "A rainy street in the city at night",
                Setting::City,
                Hour::Night,
            ),
            (
                "The caravan crossed the dunes at noon",
                Setting::Desert,
                Hour::Day,
            ),
            (
                "Sunset behind the mountains",
                Setting::Mountains,
                Hour::Dusk,
            ),
        ];
        for (text, setting, hour) in cases {
            let composition = seen(text);
            assert_eq!(
                (composition.setting, composition.hour),
                (setting, hour),
                "{text}"
            );
        }
    }

    #[test]
    fn weather_and_things_are_named_too() {
        let composition = seen("Snow fell on the old castle while birds flew home");

        assert_eq!(composition.weather, Weather::Snow);
        assert!(composition.shows(Prop::Castle) && composition.shows(Prop::Birds));
    }

    #[test]
    fn words_without_a_picture_still_give_one() {
        assert!(!seen("").props.is_empty());
        assert!(!seen("だれもいない").props.is_empty());
    }

    #[test]
    fn a_scene_without_a_place_stays_where_the_last_one_was() {
        let composition = last_of(&["At sea by night", "And then silence"]);

        assert_eq!(
            (composition.setting, composition.hour),
            (Setting::Sea, Hour::Night)
        );
    }

    fn seen(text: &str) -> Composition {
        last_of(&[text])
    }

    fn last_of(narrations: &[&str]) -> Composition {
        let scene = |text| serde_json::json!({"narration": text});
        let scenes = narrations.iter().map(scene).collect();
        let scenes: Vec<Scene> = serde_json::from_value(scenes).unwrap();
        Composition::of(&scenes, scenes.len() - 1, Style::Cinematic, "")
    }
}
