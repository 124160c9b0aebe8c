use std::sync::Arc;

/// A map from hashed keys, of which copies share what is the same in both: a change while a copy is
/// read copies the way to one key.
///
/// Where no two keys have the same hash, the hash says it all, and `K` is nothing.
#[derive(Clone, Debug)]
pub(super) struct Trie<K, T> {
    root: Node<K, T>,
}

#[derive(Clone, Debug)]
enum Node<K, T> {
    Empty,
    /// Sorted by hash, and in one piece, since a search that finds nothing in the cache waits for
    /// each step.
    Leaf(Arc<[TrieEntry<K, T>]>),
    /// By the next bits of the hash. There are few children, since a copy counts them all anew,
    /// each in memory of its own.
    Fork(Arc<[Node<K, T>; FANOUT]>),
}

#[derive(Clone, Debug)]
struct TrieEntry<K, T> {
    hash: u64,
    key: K,
    value: T,
}

const BITS: u32 = 4;
const FANOUT: usize = 1 << BITS;
/// A leaf with more forks, as long as the hash has bits left.
const MAX_SLOTS: usize = 24;
/// There are no forks at this level or below.
const LEVELS: u32 = u64::BITS / BITS;

impl<K: Clone, T: Clone + Default> Trie<K, T> {
    #[inline]
    pub(super) fn get(&self, hash: u64, is: impl Fn(&K) -> bool) -> Option<&T> {
        let (mut node, mut level) = (&self.root, 0);
        loop {
            match node {
                Node::Empty => return None,
                Node::Leaf(slots) => {
                    return find(slots, hash, is).ok().map(|at| &slots[at].value);
                }
                Node::Fork(children) => node = &children[child_index(hash, level)],
            }
            level += 1;
        }
    }

    /// Changes the value under a key, which begins as the default one; `new` is the key.
    pub(super) fn change(
        &mut self,
        hash: u64,
        is: impl Fn(&K) -> bool,
        new: impl FnOnce() -> K,
        change: impl FnOnce(&mut T),
    ) {
        let (node, level) = self.leaf(hash);
        let slots = node.slots();
        let at = match find(slots, hash, is) {
            Ok(at) => at,
            Err(at) => {
                let slot = TrieEntry { hash, key: new(), value: T::default() };
                let (before, behind) = (slots[..at].iter().cloned(), slots[at..].iter().cloned());
                *node = Node::Leaf(before.chain([slot]).chain(behind).collect());
                at
            }
        };
        let slots = node.slots_mut();
        change(&mut Arc::make_mut(slots)[at].value);
        if slots.len() > MAX_SLOTS && level < LEVELS {
            *node = Node::fork(slots, level);
        }
    }

    /// Removes a key that is there.
    pub(super) fn remove(&mut self, hash: u64, is: impl Fn(&K) -> bool) {
        let (node, _) = self.leaf(hash);
        let slots = node.slots();
        let Ok(at) = find(slots, hash, is) else {
            unreachable!("3: a key that is removed is there")
        };
        let left = slots[..at].iter().chain(&slots[at + 1..]).cloned();
        *node = if slots.len() > 1 { Node::Leaf(left.collect()) } else { Node::Empty };
    }

    /// Where a key stands or would stand, at which level, the root's being 0.
    fn leaf(&mut self, hash: u64) -> (&mut Node<K, T>, u32) {
        let (mut node, mut level) = (&mut self.root, 0);
        loop {
            match node {
                Node::Fork(children) => {
                    node = &mut Arc::make_mut(children)[child_index(hash, level)]
                }
                leaf => return (leaf, level),
            }
            level += 1;
        }
    }
}

impl<K: Clone, T: Clone> Node<K, T> {
    fn slots(&self) -> &[TrieEntry<K, T>] {
        match self {
            Self::Leaf(slots) => slots,
            Self::Empty => &[],
            Self::Fork(_) => unreachable!("the child_index to a key does not end at a fork"),
        }
    }

    /// The slots of a leaf that has some.
    fn slots_mut(&mut self) -> &mut Arc<[TrieEntry<K, T>]> {
        match self {
            Self::Leaf(slots) => slots,
            Self::Empty | Self::Fork(_) => unreachable!("a slot was found or added"),
        }
    }

    /// The slots of a leaf that is too long, by the next bits of their hashes. All may have the same
    /// ones: then it forks again.
    fn fork(slots: &[TrieEntry<K, T>], level: u32) -> Self {
        let mut children = [const { Self::Empty }; FANOUT];
        let child_index = |slot: &TrieEntry<K, T>| child_index(slot.hash, level);
        for slots in slots.chunk_by(|a, b| child_index(a) == child_index(b)) {
            let is_full = slots.len() > MAX_SLOTS && level + 1 < LEVELS;
            children[child_index(&slots[0])] =
                if is_full { Self::fork(slots, level + 1) } else { Self::Leaf(slots.into()) };
        }
        Self::Fork(Arc::new(children))
    }
}

/// The asserts of invariant 11.
impl<K, T> Trie<K, T> {
    /// Checks the order of the slots, and shows each value to `each`.
    pub(super) fn debug_check(&self, each: &mut impl FnMut(&T)) {
        self.root.debug_check(0, 0, each);
    }
}

impl<K, T> Node<K, T> {
    /// `before` are the bits of the hash that lead here.
    fn debug_check(&self, level: u32, before: u64, each: &mut impl FnMut(&T)) {
        let bits = BITS * level;
        match self {
            Self::Empty => {}
            Self::Leaf(slots) => {
                let is_full = slots.len() > MAX_SLOTS && level < LEVELS;
                debug_assert!(!slots.is_empty() && !is_full, "11: length of a leaf");
                debug_assert!(slots.is_sorted_by_key(|slot| slot.hash), "11: order of a leaf");
                let leads_here = |slot: &TrieEntry<K, T>| {
                    slot.hash.checked_shr(u64::BITS - bits).unwrap_or_default() == before
                };
                debug_assert!(slots.iter().all(leads_here), "11: a slot in another leaf");
                slots.iter().for_each(|slot| each(&slot.value));
            }
            Self::Fork(children) => {
                debug_assert!(level < LEVELS, "11: a fork excluding bits");
                for (child_index, node) in (0..).zip(children.iter()) {
                    node.debug_check(level + 1, before << BITS | child_index, each);
                }
            }
        }
    }
}

impl<K, T> Default for Trie<K, T> {
    fn default() -> Self {
        Self { root: Node::Empty }
    }
}

fn find<K, T>(
    leaf: &[TrieEntry<K, T>],
    hash: u64,
    is: impl Fn(&K) -> bool,
) -> Result<usize, usize> {
    let mut at = leaf.partition_point(|slot| slot.hash < hash);
    while let Some(slot) = leaf.get(at).filter(|slot| slot.hash == hash) {
        if is(&slot.key) {
            return Ok(at);
        }
        at += 1;
    }
    Err(at)
}

/// Which way to go at a fork of a level.
fn child_index(hash: u64, level: u32) -> usize {
    (hash >> (u64::BITS - BITS * (level + 1))) as usize % FANOUT
}
