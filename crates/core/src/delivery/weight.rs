//! How much of an isolate's memory its jobs take, and how much is left.

use crate::domain::{Timestamp, source::SOURCE_MAX_BYTES};
use std::{collections::BTreeMap, time::Duration};

/// Most memory that the jobs of one isolate may take together, in bytes, as [`weight`] estimates it. An
/// isolate has 128 MB; the payloads of a batch that starts take up to 26 MB of it, and the Worker itself some.
pub const WEIGHT_MAX: u32 = 48 * 1024 * 1024;

/// No invocation lasts longer (Queues limits: 15 minutes), so what one held that was ended from outside is free then.
const INVOCATION_MAX: Duration = Duration::from_mins(16);

/// About what a story takes while it is made, in bytes: its payload parsed (an estimate: the worst JSON, a list of
/// one-digit numbers, grows about 16-fold), the text beside it, and its artifacts (24 KB a scene: the player of
/// 200 scenes of the longest narrations has 22 KB a scene).
#[must_use]
pub fn weight(payload_bytes: usize, scenes: usize) -> u32 {
    let bytes = payload_bytes
        .saturating_mul(17)
        .saturating_add(scenes.saturating_mul(24 * 1024));
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// About what an episode takes while it is made, in bytes: eight times its source, because a character may be escaped in the
/// page and in the captions, and both are copied on their way to the bucket. An estimate, not measured. Sources are read one
/// at a time, so reading is not counted here: [`WEIGHT_MAX`] leaves room for it.
#[must_use]
pub fn weight_of_source(bytes: usize) -> u32 {
    let made = bytes.saturating_mul(8).saturating_add(1024 * 1024);
    u32::try_from(made).unwrap_or(u32::MAX)
}

/// The same of a page that is yet to be fetched: most of it is not text.
#[must_use]
pub fn weight_of_page() -> u32 {
    weight_of_source(SOURCE_MAX_BYTES / 8)
}

/// What the deliveries of one isolate hold, by name.
#[derive(Clone, Debug, Default)]
pub struct Loads(BTreeMap<String, (u32, Timestamp)>);

impl Loads {
    /// What that delivery holds from now on.
    pub fn set(&mut self, delivery: &str, weight: u32, now: Timestamp) {
        self.0
            .retain(|_, (_, seen)| now <= seen.after(INVOCATION_MAX));
        if weight == 0 {
            self.0.remove(delivery);
        } else {
            self.0.insert(delivery.to_owned(), (weight, now));
        }
    }

    /// What all others hold together.
    #[must_use]
    pub fn others(&self, delivery: &str) -> u32 {
        let others = self.0.iter().filter(|(name, _)| *name != delivery);
        others.fold(0, |sum, (_, (weight, _))| sum.saturating_add(*weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_weighs_its_parsed_payload_and_the_artifacts_of_each_scene() {
        assert_eq!(weight(0, 0), 0);
        assert_eq!(weight(5, 0), 5 * 17);
        assert_eq!(weight(17, 3), 17 * 17 + 3 * 24_576);
        assert_eq!(weight(usize::MAX, usize::MAX), u32::MAX);
    }

    #[test]
    fn ordinary_stories_are_light_enough_to_fill_every_place() {
        assert!(weight(2_000, 12) * 100 <= WEIGHT_MAX);
        assert!(weight(256 * 1024, 1) <= WEIGHT_MAX / 10);
    }

    #[test]
    fn an_isolate_counts_all_its_deliveries_except_those_that_were_killed() {
        let mut loads = Loads::default();
        let start = Timestamp::from_millis(1_700_000_000_000);
        loads.set("one", 5, start);
        loads.set("two", 7, start.after(Duration::from_mins(1)));
        assert_eq!((loads.others("one"), loads.others("three")), (7, 12));
        loads.set("two", 0, start.after(Duration::from_mins(2)));
        assert_eq!(loads.others("three"), 5);
        loads.set("three", 1, start.after(Duration::from_mins(17)));
        assert_eq!(loads.others("two"), 1, "nobody runs for so long");
    }
}
