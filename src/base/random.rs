use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime},
};

/// The splitmix64 generator: small, seeded, and the same on every platform.
///
/// It serves jitter and ids. Its numbers can be predicted, so it must never make secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Creates a generator. The same seed gives the same numbers.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a duration from zero to `most`, inclusive. A duration above `u64::MAX` ns counts as
    /// that.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        // The high half of a product instead of a remainder: no division, and hardly any bias.
        // In 128 bits `most + 1` cannot overflow, and the high half is at most `most`.
        let drawn = (u128::from(self.next()) * (u128::from(most) + 1)) >> 64;
        Duration::from_nanos(drawn as u64)
    }
}

/// Returns a seed that no other process and no earlier run is likely to have.
pub(crate) fn fresh_seed() -> u64 {
    // The standard library keys its hashers with the operating system's random numbers. Using them
    // saves a dependency.
    RandomState::new().hash_one(SystemTime::now())
}
