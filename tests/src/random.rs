//! Numbers that look random and come again with their seed.

use std::{
    hash::{BuildHasher as _, RandomState},
    ops::RangeInclusive,
};

/// A generator of numbers (`SplitMix64`): the same seed, the same numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed that no one knows before, short enough to be typed.
    pub fn any_seed() -> u64 {
        // What the standard library's hash tables are keyed with is the operating system's randomness.
        RandomState::new().hash_one(0) % 1_000_000_000
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number of the range. The few that come a little more often do not matter to a test.
    pub fn of(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.number() % (range.end() - range.start() + 1)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.of(0..=99) < percent
    }

    /// One of `choices`, of which there is at least one.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = self.number() % choices.len() as u64;
        choices[usize::try_from(index).expect("it is below a length")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_its_numbers_and_they_are_in_their_ranges() {
        let (mut one, mut again) = (Random::new(7), Random::new(7));
        for _ in 0..1000 {
            let number = one.of(3..=5);
            assert_eq!(number, again.of(3..=5));
            assert!((3..=5).contains(&number));
        }
        assert_ne!(Random::new(7).number(), Random::new(8).number());
        assert!(!one.chance(0) && one.chance(100));
        assert_eq!(one.pick(&["only"]), "only");
    }
}
