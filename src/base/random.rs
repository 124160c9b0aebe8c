use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime},
};

/// The splitmix64 random number generator. It is small, seeded, and produces the same numbers on
/// every platform.
///
/// It is used for jitter and ids. Its numbers can be predicted, so it must never be used for
/// secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Creates a generator. The same seed produces the same numbers.
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

    /// Returns a random duration from zero to `most`, inclusive. If `most` exceeds `u64::MAX` ns,
    /// it is treated as `u64::MAX` ns.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        // Taking the high half of a product instead of a remainder avoids a division and has hardly
        // any bias. In 128 bits, `most + 1` cannot overflow, and the high half is at most `most`.
        let drawn = (u128::from(self.next()) * (u128::from(most) + 1)) >> 64;
        Duration::from_nanos(drawn as u64)
    }
}

/// Returns a seed that is unlikely to occur in any other process or earlier run.
pub(crate) fn fresh_seed() -> u64 {
    // The standard library seeds its hashers with random numbers from the operating system. Using
    // these saves a dependency.
    RandomState::new().hash_one(SystemTime::now())
}
