use std::sync::Arc;

/// A map from hashed keys, of which copies share what is the same in both: a change while a copy is
/// read copies the way to one key.
///
/// Where no two keys have the same hash, the hash says it all, and `K` is nothing.
#[derive(Clone, Debug)]
pub(super) struct Trie<K, T> {
    /// By the upper bits of the hash.
    branches: Vec<Option<Arc<Branch<K, T>>>>,
}

#[derive(Clone, Debug)]
struct Branch<K, T> {
    /// By the next bits of the hash. Sorted by hash, and in one piece, since a search that finds
    /// nothing in the cache waits for each step.
    leaves: [Option<Arc<[Slot<K, T>]>>; FANOUT],
}

#[derive(Clone, Debug)]
struct Slot<K, T> {
    hash: u64,
    key: K,
    value: T,
}

const FANOUT: usize = 64;

impl<K: Clone, T: Clone + Default> Trie<K, T> {
    #[inline]
    pub(super) fn get(&self, hash: u64, is: impl Fn(&K) -> bool) -> Option<&T> {
        let branch = self.branches.get(upper(hash))?.as_ref()?;
        let leaf = branch.leaves[lower(hash)].as_deref()?;
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
        if self.branches.is_empty() {
            self.branches = vec![None; FANOUT];
        }
        let new = || Arc::new(Branch { leaves: [const { None }; FANOUT] });
        let branch = self.branches[upper(hash)].get_or_insert_with(new);
        &mut Arc::make_mut(branch).leaves[lower(hash)]
    }
}

impl<K, T> Default for Trie<K, T> {
    fn default() -> Self {
        Self { branches: Vec::new() }
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

fn upper(hash: u64) -> usize {
    (hash >> 58) as usize
}

fn lower(hash: u64) -> usize {
    (hash >> 52) as usize % FANOUT
}
