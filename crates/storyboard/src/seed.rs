//! Chance that is none: a stream of numbers that depends on words alone.

/// A stream of numbers; the same words give the same stream on every machine.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Seeds a stream with FNV-1a over the parts; a byte that UTF-8 never holds keeps them apart.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for part in parts {
            for byte in part.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Self(hash)
    }

    /// A number from 0 up to, but not including, 1.
    pub(super) fn unit(&mut self) -> f64 {
        f64::from(self.next()) / 4_294_967_296.0
    }

    /// A number between the two.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True in that share of all cases.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of the choices.
    pub(super) fn pick<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let index = usize::try_from(self.next()).unwrap_or(0) % (others.len() + 1);
        index
            .checked_sub(1)
            .and_then(|at| others.get(at))
            .copied()
            .unwrap_or(first)
    }

    /// The upper half of one step of splitmix64.
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_same_words_give_the_same_stream() {
        let (mut one, mut two) = (Dice::of(&["sea", "noir"]), Dice::of(&["sea", "noir"]));

        assert!((0..100).all(|_| one.next() == two.next()));
    }

    #[test]
    fn where_one_part_ends_matters() {
        assert_ne!(Dice::of(&["ab", "c"]).next(), Dice::of(&["a", "bc"]).next());
    }

    #[test]
    fn numbers_stay_in_their_range_and_spread() {
        let mut dice = Dice::of(&["spread"]);
        let numbers: Vec<f64> = (0..1000).map(|_| dice.between(-1.0, 3.0)).collect();
        let mean = numbers.iter().sum::<f64>() / 1000.0;

        assert!(numbers.iter().all(|number| (-1.0..3.0).contains(number)));
        assert!((mean - 1.0).abs() < 0.2);
    }

    #[test]
    fn every_choice_is_picked_sooner_or_later() {
        let mut dice = Dice::of(&["choices"]);
        let picked: Vec<u8> = (0..100).map(|_| dice.pick(0, &[1, 2])).collect();

        assert!([0, 1, 2].iter().all(|choice| picked.contains(choice)));
    }
}
