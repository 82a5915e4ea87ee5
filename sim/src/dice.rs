//! The one source of chance: everything a seed draws comes from here, in one order.

/// A seeded generator of random numbers.
pub(crate) struct Dice(fastrand::Rng);

impl Dice {
    /// The generator of that seed.
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not begin alike.
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15);
        let seed = rng.u64(..);
        Self(fastrand::Rng::with_seed(seed))
    }

    /// True with that probability; draws nothing when it is zero.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.0.f64() < probability
    }

    /// Evenly from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// Evenly below `count`, which is not zero.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0.usize(..count)
    }

    /// Evenly from 0 to 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        self.0.f64()
    }

    /// Evenly over all.
    pub(crate) fn word(&mut self) -> u32 {
        self.0.u32(..)
    }

    /// Ten bytes for a job's id.
    pub(crate) fn bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.0.fill(&mut bytes);
        bytes
    }

    /// In any order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}
