//! Which of many filters match a notification.
//!
//! Each filter is filed under the values of one of its keys, the one that the fewest notifications
//! will find in vain (the idea of an *access predicate*, Fabret et al. 2001). A notification then
//! looks only where its own values lead; so what it costs follows what it matches, not how many
//! filters there are.
//!
//! A filter that asks for no value (a bound, a prefix, an exclusion alone) is looked at each time;
//! of those that differ in their bounds alone, only the ones that pass are.
//!
//! # Invariants
//!
//! The words: a filter has a *program* for each topic that it asks for. The *access* of a program is
//! the test whose values find it, and these values are its *keys*. A *bucket* holds the programs
//! under one key; the common bucket holds those without keys. A *row* is what a bucket stores of a
//! program.
//!
//! Debug builds assert the invariants. Each part checks its own at each change, and a topic that
//! all rows of the changed program are there, or gone. `invariants.rs` checks the whole state at some
//! sizes, and compares each answer of a small index with testing the filters one by one.
//!
//! Where rows are:
//!
//! 1. `filters` has each filter once, with one access for each of its programs, in their order. No
//!    two programs of a filter are for one schema, so a topic has at most one of each id.
//! 2. A program has one access. If that is `Common`, it has one row, in the common bucket of its
//!    topic. Otherwise it has one row under each of its keys, which are distinct, and no other row.
//!    Removal leaves nothing behind: keys and rows are computed from the program, the access and the
//!    layout, which never change, so removal finds those that insertion made.
//! 3. There is one topic for each schema that has rows, and no bucket under a value is empty: the
//!    change that removes the last row removes the bucket or the topic. `ValueBuckets::entries` is
//!    the number of rows under all values.
//!
//! What is found, and what a row decides:
//!
//! 4. A notification that a program matches has one of its keys. The access is a test that asks for
//!    one of some values of an attribute that must be present; or it is alternatives, each of which
//!    has such a test. So a search of the common bucket and under the values of the notification
//!    misses nothing.
//! 5. If [`may_hold`](entry::Row::may_hold) is false, the program does not match. `mask` has only
//!    bits that the program refuses, `bound` is its lower bound of a number, and `value_bits` has
//!    the bit of each value of a "one of" test. [`bloom_bits`](dense::bloom_bits) is a Bloom
//!    filter: lists without a common bit share no value. [`exact_bits`](dense::exact_bits) are
//!    exact: lists with a common bit also share a value, so the code need not have the test.
//! 6. A row and its key say the whole program: its code or its slow tests have what `mask`,
//!    `bound`, exact bits and the key do not say. [`Remaining`](entry::Remaining) is `Nothing` only
//!    if the row has neither. It is `Preceding` or `AnyPreceding` only if all that is left to test
//!    is whether a preceding member of the list is one of the keys.
//! 7. An answer has each id once, though several keys may find it. A bucket has an id at most once
//!    (2), and a single value leads to one bucket. In a list, only the first member that is a key
//!    counts: the row compares the preceding members with its keys. For alternatives, and for a
//!    list that is too long for this, the search notes that ids may repeat, and sorts and
//!    deduplicates them at the end.
//!
//! How rows are stored:
//!
//! 8. `Rows` are sorted by id, each id once. The code of a row ends where that of the next one
//!    begins, and the last ends with the code. `slow` is empty or has a place for each row. There
//!    are at most `Rows::MAX_LEN` rows: with one more they are split.
//! 9. In `ClassifiedRows`, an entry is in `classes` if its class is there, and in `rows` otherwise.
//!    The class follows from the entry alone, and is only created by moving all its rows. No part
//!    of `rows` is empty, and each comes wholly before the next. `len` counts both, `classifiable`
//!    the rows that could be in a class; `classifiable` is at most `max_classifiable`.
//! 10. The ids in `SortedIds` are ordered by class, bound and id, within a chunk and from chunk to
//!     chunk. No chunk is empty or longer than `ChunkData::MAX_LEN`. If its class is bounded, a
//!     chunk has a bound for each id, and `first` and `last` are the least and the greatest. So the
//!     ids whose bounds a number reaches are the first of a chunk.
//! 11. The slots of a leaf of a `Trie` are sorted by hash, and the first bits of the hash lead to
//!     the leaf. No leaf is empty. None is longer than `MAX_SLOTS` while there are bits left to
//!     fork by.
//!
//! What readers rely on:
//!
//! 12. A snapshot never changes. Everything in it is behind an `Arc` and has no interior mutability;
//!     a change goes through `Arc::make_mut`, which copies what a snapshot still refers to.
//! 13. The order of an answer depends on the changes alone. The seed of the hashes is random, but a
//!     trie is only searched: nothing reads it in the order of its hashes.

mod access;
mod bucket;
mod code;
mod dense;
mod entry;
mod invariants;
mod rows;
mod sorted;
mod topic_index;
mod trie;
mod value_buckets;

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    attribute::{SchemaId, Values},
    filter::Filter,
};
use access::Access;
use topic_index::TopicIndex;

/// A set of filters, each under an id, that answers for one notification which of them match.
///
/// ```
/// use recohook::{Filter, FilterIndex, attribute::Values, findface::security};
///
/// let mut index = FilterIndex::new();
/// index.insert(1, &Filter::parse(r#"{"counters": {"faces_gte": 3}}"#, &security::FILTERS)?);
/// index.insert(2, &Filter::everything(&security::FILTERS));
///
/// let mut values = Values::new();
/// values.reset(&security::COUNTERS);
/// values.number(security::COUNTERS.expect("faces_count"), 2.0);
/// let mut matched = Vec::new();
/// index.matches_into(&values, &mut matched);
/// assert_eq!(matched, [2]);
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone)]
pub struct FilterIndex<Id> {
    snapshot: FilterSnapshot<Id>,
    filters: BTreeMap<Id, IndexedFilter>,
}

/// The filters that a [`FilterIndex`] has at one time: for readers on other threads, while the
/// index itself is changed.
///
/// A clone costs next to nothing and never changes. It shares with the index what is the same in
/// both; a change of the index then copies the few small parts that it changes.
///
/// ```
/// use recohook::{Filter, FilterIndex, attribute::Values, findface::security};
///
/// let mut index = FilterIndex::new();
/// index.insert(1, &Filter::everything(&security::FILTERS));
/// let snapshot = index.snapshot().clone();
/// index.remove(&1);
///
/// let mut values = Values::new();
/// values.reset(&security::EVENTS);
/// let mut matched = Vec::new();
/// snapshot.matches_into(&values, &mut matched);
/// index.matches_into(&values, &mut matched);
/// assert_eq!(matched, [1]);
/// ```
#[derive(Clone)]
pub struct FilterSnapshot<Id> {
    topics: Vec<(SchemaId, Arc<TopicIndex<Id>>)>,
}

/// A filter, and by what it is found: for each of its programs.
#[derive(Clone, Debug)]
struct IndexedFilter {
    filter: Filter,
    accesses: Accesses,
}

/// Most filters have one program, and own no memory for it.
#[derive(Clone, Debug)]
enum Accesses {
    One(Access),
    Each(Box<[Access]>),
}

impl<Id: Copy + Ord> FilterIndex<Id> {
    /// An index of no filters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `filter` under `id`, in place of the one that stood there.
    pub fn insert(&mut self, id: Id, filter: &Filter) {
        self.take(&id);
        let accesses = filter.programs().map(|(schema, program)| {
            let at = self.snapshot.find(*schema).unwrap_or_else(|| {
                let mut sections = filter.table().sections().iter();
                let section = sections.find(|section| section.schema().id() == *schema);
                let schema = section.expect("a program is of a section of its table").schema();
                self.snapshot.topics.push((schema.id(), Arc::new(TopicIndex::new(schema))));
                self.snapshot.topics.len() - 1
            });
            Arc::make_mut(&mut self.snapshot.topics[at].1).insert(id, program)
        });
        let accesses = Accesses::from(Vec::from_iter(accesses));
        self.filters.insert(id, IndexedFilter { filter: filter.clone(), accesses });
        self.debug_check();
    }

    /// Removes the filter under `id` and says whether there was one.
    pub fn remove(&mut self, id: &Id) -> bool {
        let is_removed = self.take(id);
        if is_removed {
            self.debug_check();
        }
        is_removed
    }

    /// How many filters there are, those that match nothing included.
    pub fn len(&self) -> usize {
        self.filters.len()
    }

    /// Whether there are no filters.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Appends the ids of the filters that match to `matched`, each once. Their order is not
    /// specified, but the same insertions and removals give the same one. It allocates only where
    /// `matched` must grow.
    pub fn matches_into(&self, values: &Values, matched: &mut Vec<Id>) {
        let before = matched.len();
        self.snapshot.matches_into(values, matched);
        self.debug_check_matches(values, &matched[before..]);
    }

    /// What it answers now, to be cloned for readers on other threads.
    pub fn snapshot(&self) -> &FilterSnapshot<Id> {
        &self.snapshot
    }

    /// Removes the filter under `id`, and says whether there was one.
    fn take(&mut self, id: &Id) -> bool {
        let Some(IndexedFilter { filter, accesses }) = self.filters.remove(id) else {
            return false;
        };
        for ((schema, program), &access) in filter.programs().zip(accesses.as_slice()) {
            let at = self.snapshot.find(*schema).expect("3: there is a topic while it has rows");
            let topics = &mut self.snapshot.topics;
            let topic = Arc::make_mut(&mut topics[at].1);
            topic.remove(*id, program, access);
            if topic.is_empty() {
                topics.swap_remove(at);
            }
        }
        true
    }
}

impl<Id: Copy + Ord> FilterSnapshot<Id> {
    /// Appends the ids of the filters that match to `matched`, as
    /// [`FilterIndex::matches_into`] does.
    pub fn matches_into(&self, values: &Values, matched: &mut Vec<Id>) {
        let Some(schema) = values.schema_id() else {
            return;
        };
        if let Some((_, topic)) = self.topics.iter().find(|(known, _)| *known == schema) {
            topic.matches_into(values, matched);
        }
    }

    /// Where the topic of a schema is.
    fn find(&self, schema: SchemaId) -> Option<usize> {
        self.topics.iter().position(|(known, _)| *known == schema)
    }
}

impl Accesses {
    fn as_slice(&self) -> &[Access] {
        match self {
            Self::One(access) => std::slice::from_ref(access),
            Self::Each(accesses) => accesses,
        }
    }
}

impl From<Vec<Access>> for Accesses {
    fn from(accesses: Vec<Access>) -> Self {
        match accesses[..] {
            [access] => Self::One(access),
            _ => Self::Each(accesses.into()),
        }
    }
}

impl<Id> Default for FilterIndex<Id> {
    fn default() -> Self {
        Self { snapshot: FilterSnapshot::default(), filters: BTreeMap::new() }
    }
}

impl<Id> Default for FilterSnapshot<Id> {
    fn default() -> Self {
        Self { topics: Vec::new() }
    }
}

impl<Id> fmt::Debug for FilterIndex<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterIndex").field("len", &self.filters.len()).finish_non_exhaustive()
    }
}

impl<Id> fmt::Debug for FilterSnapshot<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let topics = self.topics.iter().map(|(_, topic)| topic.name());
        f.debug_struct("FilterSnapshot").field("topics", &Vec::from_iter(topics)).finish()
    }
}
