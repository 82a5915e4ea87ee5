//! The one source of chance: everything a seed draws comes from here, in one order.

/// A seeded generator of random numbers.
pub struct Dice(fastrand::Rng);

impl Dice {
    /// The generator of that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds must not begin alike.
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15);
        let seed = rng.u64(..);
        Self(fastrand::Rng::with_seed(seed))
    }

    /// True with that probability; draws nothing when it is zero.
    pub fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.0.f64() < probability
    }

    /// Evenly from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// Evenly below `count`, which is not zero.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.usize(..count)
    }

    /// Evenly from 0 to 1.
    pub fn fraction(&mut self) -> f64 {
        self.0.f64()
    }

    /// Evenly over all.
    pub fn word(&mut self) -> u32 {
        self.0.u32(..)
    }

    /// Ten bytes for a job's id.
    pub fn bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.0.fill(&mut bytes);
        bytes
    }

    /// In any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}
