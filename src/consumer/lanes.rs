//! Lanes: how many admitted jobs of each tier one delivery runs side by side, and how much of them.

use crate::domain::{Tier, Tiers};

/// Most memory that the jobs of one delivery may take together, in bytes, as [`weight`] estimates it. An
/// isolate has 128 MB; a full batch's payloads take up to 26 MB of it, and the Worker itself some.
pub const WEIGHT_MAX: usize = 48 * 1024 * 1024;

/// About what a job takes while it runs, in bytes: its payload parsed (an estimate: the worst JSON, a list of
/// one-digit numbers, grows about 16-fold), the text beside it, and its artifacts (24 KB a scene: the player of
/// 200 scenes of the longest narrations has 22 KB a scene).
#[must_use]
pub fn weight(payload: &str) -> usize {
    payload.len() * 17 + payload.matches("\"narration\"").count() * 24 * 1024
}

/// The free places in each tier's lane; a lane is as wide as the tier's batch size.
///
/// A place that frees is taken by the next job at once: with a barrier between chunks, the leases of a
/// chunk would idle until its slowest job ended.
#[derive(Clone, Copy, Debug)]
pub struct Lanes {
    places: [u32; Tier::ALL.len()],
    running: usize,
    weight: usize,
    weight_max: usize,
}

impl Lanes {
    /// All places free, for jobs that together weigh at most so much.
    #[must_use]
    pub fn new(tiers: &Tiers, weight_max: usize) -> Self {
        Self {
            places: Tier::ALL.map(|tier| tiers.of(tier).max_batch_size),
            running: 0,
            weight: 0,
            weight_max,
        }
    }

    /// Removes from `waiting`, which is in rank order, every job that has a place now, best first; a job
    /// too heavy for any company runs alone.
    pub fn start<T>(
        &mut self,
        waiting: &mut Vec<T>,
        tier_and_weight: impl Fn(&T) -> (Tier, usize),
    ) -> Vec<T> {
        let (starting, kept) = std::mem::take(waiting).into_iter().partition(|job| {
            let (tier, weight) = tier_and_weight(job);
            let fits = self.running == 0 || self.weight + weight <= self.weight_max;
            let starts = fits && self.places[tier as usize] > 0;
            if starts {
                self.places[tier as usize] -= 1;
                self.running += 1;
                self.weight += weight;
            }
            starts
        });
        *waiting = kept;
        starting
    }

    /// How many places of the tier's lane are free.
    #[must_use]
    pub const fn free(&self, tier: Tier) -> usize {
        self.places[tier as usize] as usize
    }

    /// A job of that tier and weight has ended.
    pub fn end(&mut self, (tier, weight): (Tier, usize)) {
        self.places[tier as usize] += 1;
        self.running -= 1;
        self.weight -= weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_is_as_wide_as_the_batch_size_of_its_tier() {
        for (tier, size) in Tier::ALL.into_iter().zip([3, 5, 10, 15]) {
            let mut lanes = Lanes::new(&Tiers::DEFAULT, WEIGHT_MAX);
            let mut waiting: Vec<usize> = (0..100).collect();
            assert_eq!(
                lanes.start(&mut waiting, |_| (tier, 1)).len(),
                size,
                "{tier}"
            );
            assert!(lanes.start(&mut waiting, |_| (tier, 1)).is_empty());
            lanes.end((tier, 1));
            assert_eq!(lanes.start(&mut waiting, |_| (tier, 1)), [size]);
            assert_eq!(waiting.len(), 100 - size - 1);
        }
    }

    #[test]
    fn a_full_lane_holds_up_no_other() {
        let mut lanes = Lanes::new(&Tiers::DEFAULT, WEIGHT_MAX);
        let mut waiting: Vec<Tier> = [Tier::Tier1; 4].into();
        waiting.push(Tier::Tier4);
        let started = lanes.start(&mut waiting, |tier| (*tier, 1));
        assert_eq!(
            started,
            [Tier::Tier1, Tier::Tier1, Tier::Tier1, Tier::Tier4]
        );
        assert_eq!(waiting, [Tier::Tier1]);
    }

    #[test]
    fn heavy_jobs_run_in_less_company_and_the_heaviest_alone() {
        let tier = Tier::Tier4;
        let mut lanes = Lanes::new(&Tiers::DEFAULT, WEIGHT_MAX);
        let mut waiting = vec![WEIGHT_MAX * 2, WEIGHT_MAX / 2, WEIGHT_MAX / 2, 1];
        let take = |weight: &usize| (tier, *weight);
        assert_eq!(lanes.start(&mut waiting, take), [WEIGHT_MAX * 2]);
        assert_eq!(lanes.start(&mut waiting, take), [0; 0]);
        lanes.end((tier, WEIGHT_MAX * 2));
        assert_eq!(
            lanes.start(&mut waiting, take),
            [WEIGHT_MAX / 2, WEIGHT_MAX / 2]
        );
        lanes.end((tier, WEIGHT_MAX / 2));
        assert_eq!(lanes.start(&mut waiting, take), [1]);
    }

    #[test]
    fn a_job_too_heavy_for_company_starts_when_all_others_have_ended() {
        let (light, heavy) = ((Tier::Tier4, 1), (Tier::Tier4, WEIGHT_MAX + 1));
        let mut lanes = Lanes::new(&Tiers::DEFAULT, WEIGHT_MAX);
        let mut waiting = vec![light, light, heavy];
        assert_eq!(lanes.start(&mut waiting, |job| *job), [light, light]);
        lanes.end(light);
        assert!(lanes.start(&mut waiting, |job| *job).is_empty());
        lanes.end(light);
        assert_eq!(lanes.start(&mut waiting, |job| *job), [heavy]);
    }

    #[test]
    fn a_job_weighs_its_parsed_payload_and_the_artifacts_of_each_scene() {
        assert_eq!(weight(""), 0);
        assert_eq!(weight("[1,2]"), 5 * 17);
        let scene = r#"{"narration":"N"}"#;
        assert_eq!(weight(scene), 17 * 17 + 24_576);
        assert_eq!(weight(&scene.repeat(3)), 3 * weight(scene));
    }

    #[test]
    fn ordinary_stories_are_light_enough_to_fill_every_lane() {
        let payload = format!(
            r#"{{"script":{{"scenes":[{}]}}}}"#,
            r#"{"narration":"N"},"#.repeat(12)
        );
        assert!(weight(&payload) * 33 <= WEIGHT_MAX, "{}", weight(&payload));
        assert!(weight(&"x".repeat(256 * 1024)) <= WEIGHT_MAX / 10);
    }
}
