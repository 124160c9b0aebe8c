use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime},
};

/// splitmix64: small, seeded, the same everywhere. For jitter and ids, never for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any duration from zero to `most`, that included.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        let drawn = (u128::from(self.next()) * (u128::from(most) + 1)) >> 64;
        Duration::from_nanos(drawn as u64)
    }
}

/// A seed that no other process and no earlier run has had.
pub(crate) fn fresh_seed() -> u64 {
    RandomState::new().hash_one(SystemTime::now())
}
