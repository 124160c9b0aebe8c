use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use super::{access::KeyValue, bucket::Bucket, trie::Trie};

/// The buckets of one attribute, each under the value that finds it.
#[derive(Clone, Debug)]
pub(super) struct ValueBuckets<Id> {
    ints: Trie<(), Bucket<Id>>,
    texts: Trie<Arc<str>, Bucket<Id>>,
    /// So that nobody can choose texts that collide.
    seed: RandomState,
    entries: usize,
}

impl<Id: Copy + Ord> ValueBuckets<Id> {
    pub(super) fn new() -> Self {
        let (ints, texts) = Default::default();
        Self { ints, texts, seed: RandomState::new(), entries: 0 }
    }

    /// How many entries there are under all values.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    #[inline]
    pub(super) fn get(&self, value: KeyValue<'_>) -> Option<&Bucket<Id>> {
        match value {
            KeyValue::Int(int) => self.ints.get(hash_int(int), |()| true),
            KeyValue::Text(text) => self.texts.get(self.hash(text), |key| **key == *text),
        }
    }

    /// Changes the bucket under a value, which is empty at first and goes when it is empty again.
    pub(super) fn change(&mut self, value: KeyValue<'_>, change: impl FnOnce(&mut Bucket<Id>)) {
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
        self.entries = self.entries + after - before;
        match value {
            _ if after > 0 => {}
            KeyValue::Int(int) => self.ints.remove(hash_int(int), |()| true),
            KeyValue::Text(text) => self.texts.remove(self.hash(text), |key| **key == *text),
        }
    }

    /// The asserts of invariants 3 and 11.
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

    fn hash(&self, text: &str) -> u64 {
        self.seed.hash_one(text)
    }
}

/// Numbers that lie close together lie far apart, and no two become one.
fn hash_int(int: i64) -> u64 {
    let mixed = int.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93)
}
