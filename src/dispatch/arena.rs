//! Stores webhooks and lanes under small keys that become stale when their values are removed.

use std::ops::{Index, IndexMut};

/// A collection of values that are looked up by key. A key becomes stale when its value is removed.
///
/// The dispatcher keeps its webhooks and lanes in arenas because they refer to each other. Keys are
/// small and can be copied, and looking up a key requires no hashing.
///
/// A key that is passed by a caller may be stale. It is looked up with [`get`](Self::get), which
/// returns `None` for a stale key. According to the invariants of the [module](super), a key that
/// is stored in the dispatcher's state is never stale, so it is used to index the arena.
// The values are stored in chunks of limited size, so that an insertion never moves a value that is
// in a full chunk. Moving all values would take a long time while the caller may be holding a lock
// that publishers are waiting for. Only the last chunk and the list of chunks are reallocated when
// they grow, and the list is `CHUNK` times shorter than a list of all values.
//
// Removing a value leaves a free slot, which the next insertion reuses. Therefore, an arena never
// has more slots than the largest number of values that it has held at once. It does not shrink.
#[derive(Debug)]
pub(super) struct Arena<T> {
    /// The slots, in chunks. Every chunk except the last one is full.
    chunks: Vec<Vec<ArenaSlot<T>>>,
    /// The indexes of the slots that hold no value.
    free: Vec<u32>,
}

/// A slot, which holds at most one value at a time.
#[derive(Debug)]
struct ArenaSlot<T> {
    /// The number of values that have been removed from this slot.
    // It distinguishes the key of the current value from the keys of former values. It wraps
    // around. A stale key is therefore mistaken for the current one if the number of values removed
    // from the slot since the key was created is a multiple of 2^32.
    generation: u32,
    value: Option<T>,
}

/// The key of a value in an [`Arena`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct ArenaKey {
    index: u32,
    generation: u32,
}

/// The key of a lane.
// This is a separate type, so that it cannot be confused with the key of a webhook.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct LaneKey(pub(super) ArenaKey);

/// The reason why indexing does not fail, according to invariant 3 of the [module](super).
const LIVE: &str = "a key in the dispatcher's state is never stale";

/// The number of slots in a chunk.
// A vector doubles its capacity when it grows. Since this number is a power of two, a full chunk
// has no spare capacity.
const CHUNK: usize = 128;

impl<T> Arena<T> {
    /// Adds a value and returns its key. Reuses a free slot if there is one.
    pub(super) fn insert(&mut self, value: T) -> ArenaKey {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.chunks[index as usize / CHUNK][index as usize % CHUNK];
            debug_assert!(slot.value.is_none(), "a free slot holds a value");
            slot.value = Some(value);
            return ArenaKey { index, generation: slot.generation };
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::new());
        }
        let chunk = self.chunks.len() - 1;
        let last = &mut self.chunks[chunk];
        last.push(ArenaSlot { generation: 0, value: Some(value) });
        // The cast cannot overflow in practice, since 2^32 webhooks or lanes would take up hundreds
        // of gigabytes.
        ArenaKey { index: (chunk * CHUNK + last.len() - 1) as u32, generation: 0 }
    }

    /// Removes a value and returns it. Its key becomes stale.
    ///
    /// # Panics
    /// Panics if there is no value in the key's slot. In debug builds, also panics if the key is
    /// stale.
    pub(super) fn remove(&mut self, key: ArenaKey) -> T {
        let slot = &mut self.chunks[key.index as usize / CHUNK][key.index as usize % CHUNK];
        debug_assert_eq!(slot.generation, key.generation, "{LIVE}");
        let value = slot.value.take().expect(LIVE);
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(key.index);
        value
    }

    /// Returns the number of values.
    pub(super) fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, Vec::len);
        self.chunks.len().saturating_sub(1) * CHUNK + last - self.free.len()
    }

    /// Returns a reference to the value of a key, or `None` if the key is stale.
    pub(super) fn get(&self, key: ArenaKey) -> Option<&T> {
        let index = key.index as usize;
        let slot = self.chunks.get(index / CHUNK)?.get(index % CHUNK)?;
        slot.value.as_ref().filter(|_| slot.generation == key.generation)
    }

    /// Returns a mutable reference to the value of a key, or `None` if the key is stale.
    pub(super) fn get_mut(&mut self, key: ArenaKey) -> Option<&mut T> {
        let index = key.index as usize;
        let slot = self.chunks.get_mut(index / CHUNK)?.get_mut(index % CHUNK)?;
        slot.value.as_mut().filter(|_| slot.generation == key.generation)
    }

    /// Returns an iterator over all values, in the order of their slots.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        (0..self.chunks.len()).filter_map(|at| self.chunk(at)).flatten()
    }

    /// Returns an iterator over the values of chunk `at`, or `None` after the last chunk. A value
    /// never moves to another chunk. Therefore, a caller can visit the chunks one by one and make
    /// other calls in between. Each value that is present the whole time is still visited exactly
    /// once.
    pub(super) fn chunk(&self, at: usize) -> Option<impl Iterator<Item = &T>> {
        Some(self.chunks.get(at)?.iter().filter_map(|slot| slot.value.as_ref()))
    }
}

/// Indexes the arena by a key that is stored in the dispatcher's state. Panics if the key is stale.
impl<T> Index<ArenaKey> for Arena<T> {
    type Output = T;

    fn index(&self, key: ArenaKey) -> &T {
        self.get(key).expect(LIVE)
    }
}

impl<T> IndexMut<ArenaKey> for Arena<T> {
    fn index_mut(&mut self, key: ArenaKey) -> &mut T {
        self.get_mut(key).expect(LIVE)
    }
}

// A derived implementation would require `T: Default`.
impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::base::random::Random;

    #[test]
    fn a_key_is_stale_once_its_value_is_removed() {
        let mut arena = Arena::default();
        let old = arena.insert("old");
        assert_eq!(arena.remove(old), "old");
        let new = arena.insert("new");
        assert_eq!(new.index, old.index, "the slot is used again");
        assert_eq!(arena.get(old), None);
        assert_eq!(arena.get_mut(old), None);
        assert_eq!(arena.get(new), Some(&"new"));
    }

    #[test]
    fn an_arena_does_what_a_map_does_and_is_no_larger_than_it_has_been() {
        let (mut random, mut arena, mut model) =
            (Random::new(5), Arena::default(), BTreeMap::new());
        let (mut stale, mut most) = (Vec::new(), 0);
        for number in 0..20_000 {
            if random.next() % 2 == 0 {
                let key = arena.insert(number);
                assert_eq!(model.insert(key, number), None, "a key names two values");
            } else if let Some(key) = stale.pop().filter(|_| random.next() % 8 == 0) {
                assert_eq!(arena.get(key), None);
            } else if let Some(key) = model.keys().nth(random.next() as usize % (model.len() + 1)) {
                let key = *key;
                assert_eq!(Some(arena.remove(key)), model.remove(&key));
                stale.push(key);
            }
            most = most.max(model.len());
            let slots: usize = arena.chunks.iter().map(Vec::len).sum();
            assert_eq!((slots, arena.len()), (most, model.len()));
        }
        assert!(most > CHUNK, "more than one chunk is tested");
        for (key, number) in &model {
            assert_eq!(arena.get(*key), Some(number));
            assert_eq!(arena.get_mut(*key).copied(), Some(*number));
        }
        let mut values: Vec<_> = arena.values().copied().collect();
        values.sort_unstable();
        let mut numbers: Vec<_> = model.into_values().collect();
        numbers.sort_unstable();
        assert_eq!(values, numbers);
    }
}
