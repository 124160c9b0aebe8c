use std::ops::{Index, IndexMut};

/// Values by key. A key goes stale when its value is removed.
///
/// A key from outside may be stale: [`get`](Self::get) says so. A key that the dispatcher's state
/// holds is not, by the invariants of the [module](super), and indexes the arena.
///
/// Values are kept in chunks, so that an insertion never moves all the others: that would happen
/// under a lock that publishers wait for.
#[derive(Debug)]
pub(super) struct Arena<T> {
    /// All but the last one are full.
    chunks: Vec<Vec<ArenaSlot<T>>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct ArenaSlot<T> {
    generation: u32,
    value: Option<T>,
}

/// Names a value in an [`Arena`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct ArenaKey {
    index: u32,
    generation: u32,
}

/// Names a lane in its arena.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct LaneKey(pub(super) ArenaKey);

/// Why indexing does not fail.
const LIVE: &str = "the dispatcher's state holds no key whose value is removed";

/// The number of slots in a chunk: a power of two, which a vector grows to without spare room.
const CHUNK: usize = 128;

impl<T> Arena<T> {
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
        ArenaKey { index: (chunk * CHUNK + last.len() - 1) as u32, generation: 0 }
    }

    /// Takes a value out, which must be there. Its key is stale from now on.
    pub(super) fn remove(&mut self, key: ArenaKey) -> T {
        let slot = &mut self.chunks[key.index as usize / CHUNK][key.index as usize % CHUNK];
        debug_assert_eq!(slot.generation, key.generation, "{LIVE}");
        let value = slot.value.take().expect(LIVE);
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(key.index);
        value
    }

    /// The number of values.
    pub(super) fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, Vec::len);
        self.chunks.len().saturating_sub(1) * CHUNK + last - self.free.len()
    }

    pub(super) fn get(&self, key: ArenaKey) -> Option<&T> {
        let index = key.index as usize;
        let slot = self.chunks.get(index / CHUNK)?.get(index % CHUNK)?;
        slot.value.as_ref().filter(|_| slot.generation == key.generation)
    }

    pub(super) fn get_mut(&mut self, key: ArenaKey) -> Option<&mut T> {
        let index = key.index as usize;
        let slot = self.chunks.get_mut(index / CHUNK)?.get_mut(index % CHUNK)?;
        slot.value.as_mut().filter(|_| slot.generation == key.generation)
    }

    /// Returns the values, in the order of their slots.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        (0..self.chunks.len()).filter_map(|at| self.chunk(at)).flatten()
    }

    /// Returns the values of one chunk, or `None` after the last chunk. A value stays in its chunk.
    pub(super) fn chunk(&self, at: usize) -> Option<impl Iterator<Item = &T>> {
        Some(self.chunks.get(at)?.iter().filter_map(|slot| slot.value.as_ref()))
    }
}

/// A value whose key the state holds.
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
        assert!(most > CHUNK, "one chunk shows little");
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
