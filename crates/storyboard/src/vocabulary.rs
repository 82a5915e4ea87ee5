//! The words by which settings, hours, weathers and things are known.

use super::scenery::{Hour, Prop, Setting, Weather};

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

/// The setting that the words name most often.
pub(super) fn setting(words: &[String]) -> Option<Setting> {
    most_named(&SETTINGS, words)
}

/// The hour that they name most often.
pub(super) fn hour(words: &[String]) -> Option<Hour> {
    most_named(&HOURS, words)
}

/// The weather that they name most often.
pub(super) fn weather(words: &[String]) -> Option<Weather> {
    most_named(&WEATHERS, words)
}

/// All things that they name, the most important first.
pub(super) fn props(words: &[String]) -> impl Iterator<Item = Prop> {
    PROPS
        .iter()
        .filter(|(_, names)| count(names, words) > 0)
        .map(|(prop, _)| *prop)
}

/// What the names occur most of; the earlier row when two do so equally often.
fn most_named<T: Copy>(rows: &[(T, &str)], words: &[String]) -> Option<T> {
    let mut best = (None, 0);
    for &(value, names) in rows {
        let found = count(names, words);
        if found > best.1 {
            best = (Some(value), found);
        }
    }
    best.0
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
