use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use super::{access::KeyValue, bucket::Bucket, trie::Trie};

/// The buckets of one attribute, each stored under the value that finds it. No bucket is empty.
#[derive(Clone, Debug)]
pub(super) struct ValueBuckets<Id> {
    /// The buckets under integers, numbers and booleans. No two of these values have the same hash.
    ints: Trie<(), Bucket<Id>>,
    texts: Trie<Arc<str>, Bucket<Id>>,
    /// The random seed for hashing strings. It prevents anyone from choosing strings that collide.
    seed: RandomState,
    /// The total number of entries under all values.
    entries: usize,
}

impl<Id: Copy + Ord> ValueBuckets<Id> {
    pub(super) fn new() -> Self {
        let (ints, texts) = Default::default();
        Self { ints, texts, seed: RandomState::new(), entries: 0 }
    }

    /// Returns the total number of entries under all values. An entry under two values counts
    /// twice.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// Returns the bucket under a value, if there is one.
    #[inline]
    pub(super) fn get(&self, value: KeyValue<'_>) -> Option<&Bucket<Id>> {
        match value {
            KeyValue::Int(int) => self.ints.get(hash_int(int), |()| true),
            KeyValue::Text(text) => self.texts.get(self.hash(text), |key| **key == *text),
        }
    }

    /// Changes the bucket under a value. A missing bucket is created, and a bucket that is empty
    /// afterwards is removed.
    pub(super) fn change(&mut self, value: KeyValue<'_>, change: impl FnOnce(&mut Bucket<Id>)) {
        // `Trie::change` returns nothing, so the closure records the lengths.
        let (mut before, mut after) = (0, 0);
        let change = |bucket: &mut Bucket<Id>| {
            before = bucket.len();
            change(bucket);
            after = bucket.len();
        };
        match value {
            KeyValue::Int(int) => self.ints.change(hash_int(int), |()| true, || (), change),
            KeyValue::Text(text) => {
                let hash = self.hash(text);
                self.texts.change(hash, |key| **key == *text, || text.into(), change);
            }
        }
        // The addition comes first, because after a removal `after - before` would be negative.
        self.entries = self.entries + after - before;
        match value {
            _ if after > 0 => {}
            KeyValue::Int(int) => self.ints.remove(hash_int(int), |()| true),
            KeyValue::Text(text) => self.texts.remove(self.hash(text), |key| **key == *text),
        }
    }

    /// Asserts invariants 3 and 11.
    pub(super) fn debug_check(&self) {
        let mut entries = 0;
        let mut each = |bucket: &Bucket<Id>| {
            debug_assert!(bucket.len() > 0, "3: an empty bucket");
            bucket.debug_check();
            entries += bucket.len();
        };
        self.ints.debug_check(&mut each);
        self.texts.debug_check(&mut each);
        debug_assert_eq!(entries, self.entries, "3: how many entries there are");
    }

    /// Returns the hash of a string.
    fn hash(&self, text: &str) -> u64 {
        self.seed.hash_one(text)
    }
}

/// Returns the hash of an integer.
///
/// Ids are often consecutive, and the bits of numbers often differ only at the top. The trie forks
/// by the first bits of the hash, so every bit of the integer has to affect those bits.
fn hash_int(int: i64) -> u64 {
    // Each step is reversible: it is either a multiplication by an odd factor or an XOR with a
    // shift by half the width. Therefore no two integers have the same hash, and the trie does not
    // have to store them. A seed is not needed either: the worst that deliberately chosen integers
    // can do is to make the trie as deep as the bits of the hash allow.
    let mixed = int.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93)
}
