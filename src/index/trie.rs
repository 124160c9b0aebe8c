use std::sync::Arc;

/// A hash map whose copies share memory. A change to one copy duplicates only the nodes on the path
/// to the changed key.
///
/// A standard map would be copied as a whole whenever the index changes while a snapshot is being
/// read.
///
/// `K` is the stored form of a key. It distinguishes keys that have the same hash. If no two keys
/// have the same hash, `K` is `()`.
#[derive(Clone, Debug)]
pub(super) struct Trie<K, T> {
    root: Node<K, T>,
}

#[derive(Clone, Debug)]
enum Node<K, T> {
    Empty,
    /// Some keys with their values, sorted by hash. They are in one block of memory, because every
    /// access to memory that is not in a cache delays a search.
    Leaf(Arc<[TrieEntry<K, T>]>),
    /// The child for each value of the next bits of the hash. There are only 16 children, because
    /// copying a fork changes the reference count of each child, and each count is in a separate
    /// block of memory.
    Fork(Arc<[Node<K, T>; FANOUT]>),
}

/// A slot in a leaf.
#[derive(Clone, Debug)]
struct TrieEntry<K, T> {
    // The whole hash is stored, because a leaf that forks needs the next bits of each hash.
    hash: u64,
    key: K,
    value: T,
}

/// The number of bits of the hash that select a child of a fork.
const BITS: u32 = 4;
const FANOUT: usize = 1 << BITS;
/// The maximum number of slots in a leaf. A leaf with more slots forks, unless all bits of the hash
/// are used up.
const MAX_SLOTS: usize = 24;
/// The maximum number of forks on the path to a leaf. Together they use all bits of the hash.
const LEVELS: u32 = u64::BITS / BITS;

impl<K: Clone, T: Clone + Default> Trie<K, T> {
    /// Returns the value of the key that has this hash and that `is` accepts.
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

    /// Changes the value of a key. If the key is missing, it is first created by `new` and inserted
    /// with the default value.
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
        // If a snapshot shares the leaf, this copies its slots, but the buckets in them stay
        // shared.
        let slots = node.slots_mut();
        change(&mut Arc::make_mut(slots)[at].value);
        if slots.len() > MAX_SLOTS && level < LEVELS {
            *node = Node::fork(slots, level);
        }
    }

    /// Removes a key, which must be present.
    ///
    /// A fork stays a fork, even if all its children are empty.
    pub(super) fn remove(&mut self, hash: u64, is: impl Fn(&K) -> bool) {
        let (node, _) = self.leaf(hash);
        let slots = node.slots();
        let Ok(at) = find(slots, hash, is) else {
            unreachable!("3: a key that is removed is there")
        };
        let left = slots[..at].iter().chain(&slots[at + 1..]).cloned();
        *node = if slots.len() > 1 { Node::Leaf(left.collect()) } else { Node::Empty };
    }

    /// Returns the leaf or empty node to which a hash leads, and its level. The level of the root
    /// is 0.
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
    /// Returns the slots of a node that is not a fork.
    fn slots(&self) -> &[TrieEntry<K, T>] {
        match self {
            Self::Leaf(slots) => slots,
            Self::Empty => &[],
            Self::Fork(_) => unreachable!("the way to a key does not end at a fork"),
        }
    }

    /// Returns the slots of a leaf, so that one of them can be changed.
    fn slots_mut(&mut self) -> &mut Arc<[TrieEntry<K, T>]> {
        match self {
            Self::Leaf(slots) => slots,
            Self::Empty | Self::Fork(_) => unreachable!("a slot was found or added"),
        }
    }

    /// Creates a fork from the slots of a leaf that is too long. A child that is still too long
    /// forks again.
    fn fork(slots: &[TrieEntry<K, T>], level: u32) -> Self {
        let mut children = [const { Self::Empty }; FANOUT];
        let child_index = |slot: &TrieEntry<K, T>| child_index(slot.hash, level);
        // The slots are sorted by hash, so the slots of each child are contiguous.
        for slots in slots.chunk_by(|a, b| child_index(a) == child_index(b)) {
            let is_full = slots.len() > MAX_SLOTS && level + 1 < LEVELS;
            children[child_index(&slots[0])] =
                if is_full { Self::fork(slots, level + 1) } else { Self::Leaf(slots.into()) };
        }
        Self::Fork(Arc::new(children))
    }
}

/// Assertions for invariant 11.
impl<K, T> Trie<K, T> {
    /// Checks the order of the slots and calls `each` with every value.
    pub(super) fn debug_check(&self, each: &mut impl FnMut(&T)) {
        self.root.debug_check(0, 0, each);
    }
}

impl<K, T> Node<K, T> {
    /// Checks a node at a level. `before` contains the bits of the hash that lead to the node.
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
                debug_assert!(level < LEVELS, "11: a fork without bits to fork by");
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

/// Returns `Ok` with the position of a key, or `Err` with the position at which the key would be
/// inserted.
fn find<K, T>(
    leaf: &[TrieEntry<K, T>],
    hash: u64,
    is: impl Fn(&K) -> bool,
) -> Result<usize, usize> {
    // Several keys may have the same hash. They are adjacent, in any order.
    let mut at = leaf.partition_point(|slot| slot.hash < hash);
    while let Some(slot) = leaf.get(at).filter(|slot| slot.hash == hash) {
        if is(&slot.key) {
            return Ok(at);
        }
        at += 1;
    }
    Err(at)
}

/// Returns the index of the child to which a hash leads from a fork at `level`.
fn child_index(hash: u64, level: u32) -> usize {
    // The bits are taken from the top, so that sorting by hash also sorts by child.
    (hash >> (u64::BITS - BITS * (level + 1))) as usize % FANOUT
}
