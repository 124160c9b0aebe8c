use std::sync::Arc;

use super::rows::put;

/// A map from values of attributes, of which copies share what is the same in both: a change while
/// a copy is read copies the way to one value.
#[derive(Clone, Debug)]
pub(super) struct Trie<T> {
    /// By the upper bits of the hash.
    branches: Vec<Option<Arc<Branch<T>>>>,
}

#[derive(Clone, Debug)]
struct Branch<T> {
    /// By the next bits of the hash.
    leaves: [Option<Arc<Leaf<T>>>; FANOUT],
}

#[derive(Clone, Debug)]
struct Leaf<T> {
    /// Sorted. They stand apart, so that few lines of memory are searched.
    hashes: Vec<u64>,
    slots: Vec<(Key, T)>,
}

/// A value of an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Key {
    attribute: u8,
    value: Value,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Value {
    Int(i64),
    Text(Arc<str>),
}

/// A key that is looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Sought<'a> {
    Int(u8, i64),
    Text(u8, &'a str),
}

const FANOUT: usize = 64;

impl<T: Clone + Default> Trie<T> {
    #[inline]
    pub(super) fn get(&self, sought: Sought<'_>) -> Option<&T> {
        let hash = sought.hash();
        let branch = self.branches.get(upper(hash))?.as_ref()?;
        let leaf = branch.leaves.get(lower(hash))?.as_ref()?;
        leaf.find(hash, sought).ok().map(|at| &leaf.slots[at].1)
    }

    /// Changes the value under a key, which begins as the default one.
    pub(super) fn change(&mut self, sought: Sought<'_>, change: impl FnOnce(&mut T)) {
        let hash = sought.hash();
        let leaf = self.leaf(hash);
        let at = leaf.find(hash, sought).unwrap_or_else(|at| {
            put(&mut leaf.hashes, at, hash);
            put(&mut leaf.slots, at, (sought.to_key(), T::default()));
            at
        });
        change(&mut leaf.slots[at].1);
    }

    pub(super) fn remove(&mut self, sought: Sought<'_>) {
        let hash = sought.hash();
        let leaf = self.leaf(hash);
        if let Ok(at) = leaf.find(hash, sought) {
            leaf.hashes.remove(at);
            leaf.slots.remove(at);
        }
    }

    fn leaf(&mut self, hash: u64) -> &mut Leaf<T> {
        if self.branches.is_empty() {
            self.branches = vec![None; FANOUT];
        }
        let new = || Arc::new(Branch { leaves: [const { None }; FANOUT] });
        let branch = Arc::make_mut(self.branches[upper(hash)].get_or_insert_with(new));
        let new = || Arc::new(Leaf { hashes: Vec::new(), slots: Vec::new() });
        Arc::make_mut(branch.leaves[lower(hash)].get_or_insert_with(new))
    }
}

impl<T> Leaf<T> {
    fn find(&self, hash: u64, sought: Sought<'_>) -> Result<usize, usize> {
        let mut at = self.hashes.partition_point(|one| *one < hash);
        while self.hashes.get(at) == Some(&hash) {
            if sought.is(&self.slots[at].0) {
                return Ok(at);
            }
            at += 1;
        }
        Err(at)
    }
}

impl<T> Default for Trie<T> {
    fn default() -> Self {
        Self { branches: Vec::new() }
    }
}

impl Sought<'_> {
    /// The place of its attribute.
    pub(super) fn attribute(self) -> usize {
        let (Self::Int(attribute, _) | Self::Text(attribute, _)) = self;
        attribute.into()
    }

    /// Equal integers of two attributes differ, and texts are as unequal as FNV makes them. What
    /// collides is found all the same.
    fn hash(self) -> u64 {
        let (attribute, value) = match self {
            Self::Int(attribute, int) => (attribute, int.cast_unsigned()),
            Self::Text(attribute, text) => (attribute, fnv(text)),
        };
        let mixed = (value ^ u64::from(attribute) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93)
    }

    fn is(self, key: &Key) -> bool {
        match (self, &key.value) {
            (Self::Int(attribute, int), Value::Int(other)) => {
                (attribute, int) == (key.attribute, *other)
            }
            (Self::Text(attribute, text), Value::Text(other)) => {
                (attribute, text) == (key.attribute, &**other)
            }
            _ => false,
        }
    }

    fn to_key(self) -> Key {
        match self {
            Self::Int(attribute, int) => Key { attribute, value: Value::Int(int) },
            Self::Text(attribute, text) => Key { attribute, value: Value::Text(text.into()) },
        }
    }
}

fn upper(hash: u64) -> usize {
    (hash >> 58) as usize
}

fn lower(hash: u64) -> usize {
    (hash >> 52) as usize % FANOUT
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
