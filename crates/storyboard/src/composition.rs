//! Composition: what a scene shows, read from its words; where they say nothing, from their seed.

use super::seed::Dice;
use super::style::Style;
use crate::story::Scene;

/// Where it happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Setting {
    /// Rolling meadows.
    Hills,
    /// Peaks and valleys.
    Mountains,
    /// Open water with a near shore.
    Sea,
    /// Rows of trees.
    Forest,
    /// A skyline and a street.
    City,
    /// Dunes and mesas.
    Desert,
    /// Indoors, with a window.
    Room,
    /// Among planets.
    Space,
    /// Below the surface.
    Underwater,
}

/// When it happens; the number is the row of a palette.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hour {
    /// The sun rises.
    Dawn,
    /// The sun is up.
    Day,
    /// The sun sets.
    Dusk,
    /// The moon is up.
    Night,
}

/// What comes from above.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Weather {
    /// Nothing.
    Clear,
    /// Clouds.
    Cloudy,
    /// Rain.
    Rain,
    /// Snow.
    Snow,
    /// Fog.
    Fog,
    /// Rain and lightning.
    Storm,
}

/// A thing that can be seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Prop {
    Lighthouse,
    House,
    Boat,
    Person,
    Dog,
    Tree,
    Castle,
    Windmill,
    Campfire,
    Train,
    Balloon,
    Birds,
    Rocket,
    Whale,
    Fish,
    Aurora,
}

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

const SETTINGS: [(Setting, &str); 9] = [
    (
        Setting::Underwater,
        "underwater reef coral seabed submarine mermaid",
    ),
    (
        Setting::Space,
        "space planet galaxy orbit asteroid spaceship spacecraft astronaut cosmos rocket mars",
    ),
    (
        Setting::Sea,
        "sea ocean coast shore beach wave harbor harbour bay island sail ship boat lighthouse pier cliff tide lake river gull fisherman",
    ),
    (
        Setting::Room,
        "room kitchen bedroom library office desk indoors window study attic parlor parlour cafe classroom shop bookshop fireplace bed armchair laboratory",
    ),
    (
        Setting::City,
        "city street skyline downtown tower traffic neon alley rooftop apartment subway taxi metropolis town skyscraper market detective station",
    ),
    (
        Setting::Forest,
        "forest wood woods jungle tree pine grove deer wolf fox fern mushroom owl bear",
    ),
    (
        Setting::Desert,
        "desert dune sand oasis camel cactus canyon mesa caravan pyramid",
    ),
    (
        Setting::Mountains,
        "mountain peak summit alpine glacier ridge climb valley dragon castle highland volcano",
    ),
    (
        Setting::Hills,
        "hill meadow field farm village countryside garden grass pasture barn windmill road path",
    ),
];
const HOURS: [(Hour, &str); 4] = [
    (
        Hour::Night,
        "night midnight moon moonlight moonlit star starry stars dark darkness lantern asleep aurora firefly fireflies campfire",
    ),
    (
        Hour::Dusk,
        "dusk sunset evening twilight golden autumn ember glow orange",
    ),
    (
        Hour::Dawn,
        "dawn sunrise morning early awake wake mist breakfast",
    ),
    (
        Hour::Day,
        "day noon midday afternoon sunny bright sun blue summer spring daylight",
    ),
];
const WEATHERS: [(Weather, &str); 5] = [
    (
        Weather::Storm,
        "storm thunder lightning tempest gale hurricane",
    ),
    (
        Weather::Snow,
        "snow snowy winter blizzard frost ice snowflake frozen christmas",
    ),
    (
        Weather::Rain,
        "rain rainy drizzle umbrella wet downpour puddle",
    ),
    (Weather::Fog, "fog mist misty foggy haze hazy"),
    (Weather::Cloudy, "cloud cloudy overcast grey gray"),
];
const PROPS: [(Prop, &str); 16] = [
    (Prop::Lighthouse, "lighthouse beacon keeper"),
    (
        Prop::Castle,
        "castle palace fortress king queen princess knight kingdom",
    ),
    (Prop::Windmill, "windmill mill"),
    (
        Prop::House,
        "house cottage cabin hut village farm barn inn grandmother",
    ),
    (
        Prop::Boat,
        "boat sail sailboat ship vessel captain sailor fisherman harbor harbour yacht",
    ),
    (Prop::Train, "train railway locomotive wagon"),
    (Prop::Rocket, "rocket spaceship spacecraft launch"),
    (Prop::Whale, "whale"),
    (Prop::Fish, "fish shoal dolphin shark"),
    (Prop::Campfire, "campfire camp tent bonfire"),
    (
        Prop::Person,
        "she he woman man girl boy child traveler traveller hero stranger figure person detective wanderer keeper astronaut hiker mother father someone nobody",
    ),
    (Prop::Dog, "dog puppy fox wolf cat"),
    (Prop::Tree, "tree oak apple willow orchard"),
    (Prop::Balloon, "balloon airship zeppelin"),
    (
        Prop::Birds,
        "bird gull seagull crow raven swallow geese flock dove fly eagle",
    ),
    (
        Prop::Aurora,
        "aurora northern magic magical enchanted spell wizard",
    ),
];

impl Setting {
    /// The colour of its ground, and how much of it shows.
    pub(super) const fn tint(self) -> Option<(u32, f64)> {
        match self {
            Self::Hills => Some((0x2f_5d3a, 0.30)),
            Self::Forest => Some((0x12_4034, 0.35)),
            Self::Desert => Some((0x8a_3b22, 0.50)),
            Self::Sea | Self::Underwater => Some((0x0c_3c52, 0.35)),
            Self::Mountains | Self::City | Self::Room | Self::Space => None,
        }
    }
}

impl Weather {
    /// How much colour it takes out of the picture.
    pub(super) const fn dulls(self) -> f64 {
        match self {
            Self::Clear => 0.0,
            Self::Cloudy | Self::Snow => 0.2,
            Self::Fog => 0.15,
            Self::Rain => 0.35,
            Self::Storm => 0.55,
        }
    }
}

impl Composition {
    /// What the scene at `index` shows.
    pub(super) fn of(scenes: &[Scene], index: usize, style: Style, style_words: &str) -> Self {
        let Some(scene) = scenes.get(index) else {
            return Self::of_words("", "", &[], style, style_words);
        };
        let earlier: Vec<Vec<String>> = scenes[..index]
            .iter()
            .rev()
            .take(SCENES_REMEMBERED)
            .map(|scene| {
                words_of(
                    scene.image_prompt.as_deref().unwrap_or_default(),
                    &scene.narration,
                )
            })
            .collect();
        let prompt = scene.image_prompt.as_deref().unwrap_or_default();
        Self {
            titled: index == 0,
            ..Self::of_words(prompt, &scene.narration, &earlier, style, style_words)
        }
    }

    fn of_words(
        prompt: &str,
        narration: &str,
        earlier: &[Vec<String>],
        style: Style,
        style_words: &str,
    ) -> Self {
        let words = words_of(prompt, narration);
        let mut dice = Dice::of(&[prompt, narration, style_words]);
        let remembered = |find: &dyn Fn(&[String]) -> Option<usize>| {
            find(&words).or_else(|| earlier.iter().find_map(|words| find(words)))
        };
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
        let setting = remembered(&|words| most_named(&SETTINGS, words))
            .map_or(any_setting, |at| SETTINGS[at].0);
        let hour = if style == Style::Neon || setting == Setting::Space {
            Hour::Night
        } else {
            remembered(&|words| most_named(&HOURS, words)).map_or(any_hour, |at| HOURS[at].0)
        };
        let any_weather = dice.pick(
            Weather::Clear,
            &[Weather::Clear, Weather::Cloudy, Weather::Cloudy],
        );
        let weather = most_named(&WEATHERS, &words).map_or(any_weather, |at| WEATHERS[at].0);
        let mut props: Vec<Prop> = PROPS
            .iter()
            .filter(|(_, names)| count(names, &words) > 0)
            .map(|(prop, _)| *prop)
            .collect();
        props.truncate(PROPS_MAX);
        if props.is_empty() {
            props.push(dice.pick(Prop::Birds, &[Prop::Person, Prop::House, Prop::Tree]));
        }
        Self {
            setting,
            hour,
            weather,
            props,
            titled: false,
            dice,
        }
    }

    /// Whether the picture has that thing.
    pub(super) fn shows(&self, prop: Prop) -> bool {
        self.props.contains(&prop)
    }
}

/// The words of a scene in lower case; the prompt describes the picture, so it counts twice.
fn words_of(prompt: &str, narration: &str) -> Vec<String> {
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

/// The row whose names occur most; the earlier row when two do so equally often.
fn most_named<T>(rows: &[(T, &str)], words: &[String]) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (at, (_, names)) in rows.iter().enumerate() {
        let found = count(names, words);
        if found > best.map_or(0, |(_, most)| most) {
            best = Some((at, found));
        }
    }
    best.map(|(at, _)| at)
}

fn count(names: &str, words: &[String]) -> usize {
    let found = |name: &str| words.iter().filter(|word| is_form_of(word, name)).count();
    names.split(' ').map(found).sum()
}

/// Whether a word is a name or one of its simple endings.
fn is_form_of(word: &str, name: &str) -> bool {
    word.strip_prefix(name)
        .is_some_and(|ending| matches!(ending, "" | "s" | "es" | "ed" | "ing" | "y"))
}

#[cfg(test)]
mod tests {
    use super::{Composition, Hour, Prop, Setting, Weather};
    use crate::style::Style;

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
        let scenes: Vec<crate::story::Scene> = serde_json::from_str(
            r#"[{"narration":"At sea by night"},{"narration":"And then silence"}]"#,
        )
        .unwrap();

        let composition = Composition::of(&scenes, 1, Style::Cinematic, "");

        assert_eq!(
            (composition.setting, composition.hour),
            (Setting::Sea, Hour::Night)
        );
    }

    fn seen(text: &str) -> Composition {
        Composition::of_words("", text, &[], Style::Cinematic, "")
    }
}
