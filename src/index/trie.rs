use std::sync::Arc;

/// A map from hashed keys, of which copies share what is the same in both: a change while a copy is
/// read copies the way to one key.
///
/// Where no two keys have the same hash, the hash says it all, and `K` is nothing.
#[derive(Clone, Debug)]
pub(super) struct Trie<K, T> {
    /// By the upper bits of the hash. Empty, or as many as a fork has.
    root: Vec<Option<Arc<Branch<K, T>>>>,
}

/// By the next bits of the hash.
type Branch<K, T> = Fork<Fork<[Slot<K, T>]>>;

/// There are few ways from each fork, since a copy of it counts them all anew, each in memory of
/// its own.
#[derive(Debug)]
struct Fork<T: ?Sized>([Option<Arc<T>>; FANOUT]);

/// Those of one leaf are sorted by hash, and in one piece, since a search that finds nothing in the
/// cache waits for each step.
#[derive(Clone, Debug)]
struct Slot<K, T> {
    hash: u64,
    key: K,
    value: T,
}

const BITS: u32 = 4;
const FANOUT: usize = 1 << BITS;

impl<K: Clone, T: Clone + Default> Trie<K, T> {
    #[inline]
    pub(super) fn get(&self, hash: u64, is: impl Fn(&K) -> bool) -> Option<&T> {
        let branch = self.root.get(way(hash, 0))?.as_ref()?;
        let leaf = branch.0[way(hash, 1)].as_ref()?.0[way(hash, 2)].as_deref()?;
        find(leaf, hash, is).ok().map(|at| &leaf[at].value)
    }

    /// Changes the value under a key, which begins as the default one; `new` is the key.
    pub(super) fn change(
        &mut self,
        hash: u64,
        is: impl Fn(&K) -> bool,
        new: impl FnOnce() -> K,
        change: impl FnOnce(&mut T),
    ) {
        let leaf = self.leaf(hash);
        let slots = leaf.as_deref().unwrap_or_default();
        let at = match find(slots, hash, is) {
            Ok(at) => at,
            Err(at) => {
                let slot = Slot { hash, key: new(), value: T::default() };
                let (before, behind) = (slots[..at].iter().cloned(), slots[at..].iter().cloned());
                *leaf = Some(before.chain([slot]).chain(behind).collect());
                at
            }
        };
        if let Some(leaf) = leaf {
            change(&mut Arc::make_mut(leaf)[at].value);
        }
    }

    pub(super) fn remove(&mut self, hash: u64, is: impl Fn(&K) -> bool) {
        let leaf = self.leaf(hash);
        let slots = leaf.as_deref().unwrap_or_default();
        if let Ok(at) = find(slots, hash, is) {
            let (before, behind) = (&slots[..at], &slots[at + 1..]);
            let left = before.iter().chain(behind).cloned();
            *leaf = (slots.len() > 1).then(|| left.collect());
        }
    }

    fn leaf(&mut self, hash: u64) -> &mut Option<Arc<[Slot<K, T>]>> {
        if self.root.is_empty() {
            self.root = vec![None; FANOUT];
        }
        let branch = self.root[way(hash, 0)].get_or_insert_default();
        let fork = Arc::make_mut(branch).0[way(hash, 1)].get_or_insert_default();
        &mut Arc::make_mut(fork).0[way(hash, 2)]
    }
}

impl<K, T> Default for Trie<K, T> {
    fn default() -> Self {
        Self { root: Vec::new() }
    }
}

// Derived, the two would ask for the same of `T`.
impl<T: ?Sized> Clone for Fork<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ?Sized> Default for Fork<T> {
    fn default() -> Self {
        Self([const { None }; FANOUT])
    }
}

fn find<K, T>(leaf: &[Slot<K, T>], hash: u64, is: impl Fn(&K) -> bool) -> Result<usize, usize> {
    let mut at = leaf.partition_point(|slot| slot.hash < hash);
    while let Some(slot) = leaf.get(at).filter(|slot| slot.hash == hash) {
        if is(&slot.key) {
            return Ok(at);
        }
        at += 1;
    }
    Err(at)
}

/// Which way to go at a fork of a level, the root's being 0.
fn way(hash: u64, level: u32) -> usize {
    (hash >> (u64::BITS - BITS * (level + 1))) as usize % FANOUT
}
