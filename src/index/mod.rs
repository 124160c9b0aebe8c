//! Finds which of many filters match a notification.
//!
//! Testing the filters one by one takes time in proportion to their number. The index files each
//! filter under the values that one of its tests asks for, such as the cameras of `camera_in` (the
//! *access predicate* of Fabret et al. 2001). A search reads only what is filed under the values of
//! the notification. So its cost follows the number of matches, not the number of filters.
//!
//! # The structure
//!
//! A filter has a [`Program`](crate::filter::Program) for each topic that it covers: the tests that
//! a notification of this topic must pass. The index stores programs:
//!
//! ```text
//! FilterIndex
//!   filters            id -> filter and accesses; only changes read it
//!   FilterSnapshot     the part that searches read, and that clones share
//!     TopicIndex       one for each schema
//!       common         the bucket of the programs that no value can find
//!       ValueBuckets   one for each attribute
//!         Trie         value -> bucket
//!           Bucket     the programs that this value finds
//!             Few      one Rows
//!             Many     SortedIds (the classes), then a list of Rows
//! ```
//!
//! - The *access* of a program is the test whose values find it. These values are its *access
//!   keys*. A program has the access `Common` and no keys if, for example, it tests only booleans,
//!   choices, bounds, prefixes or exclusions. If several tests could be the access, insertion takes
//!   the one whose values have the fewest rows so far: the fewest searches should find it in vain.
//! - A *bucket* holds the programs under one access key. The *common bucket* of a topic holds the
//!   programs without keys, and each search of the topic reads it.
//! - A *row* is the part of a program that is tested first, and decides most often: an id and three
//!   tests of fixed size, which need no branch. Rows lie one after the other in memory.
//! - The *code* of a row is the tests that do not fit into the row, packed as words. Its *slow
//!   tests* are those of texts, alternatives and negations, behind a pointer. Most rows have
//!   neither. A row with its code and its slow tests is an *entry*.
//! - A *class* is all entries of a bucket with the same mask and no other test, except that each
//!   may have its own lower bound of one number. A large class is not stored as rows but as a list
//!   of ids in the order of their bounds, so that one comparison decides for many.
//! - The *trie* is a hash map whose copies share memory: a fork has 16 children, by the next 4 bits
//!   of the hash, and a leaf is a short sorted list.
//!
//! # The bits of a row
//!
//! A row tests three things, each against a part of [`DenseValues`](dense::DenseValues), which is
//! computed once for each search:
//!
//! - `mask`: the bits that must not be set in the notification's *word*. The word has a bit for
//!   each thing that a boolean or choice can be, and a bit for each attribute that is missing. So
//!   one AND tests all booleans, all choices and all required attributes.
//! - `value_bits`: 64 bits for the values of one test. The notification must have one of these
//!   values. It has such bits for the values of each attribute, and the two must have a bit in
//!   common. If all values of the test are from 0 to 63, each has its own bit, and the result is
//!   exact. Otherwise the bits are a Bloom filter, and the code repeats the test.
//! - `bound`: the lower bound of one number.
//!
//! For example, `{"events": {"camera_in": [3, 4], "matched": true, "confidence_gte": 0.7}}` has one
//! program, and its access is `camera_in`. It has a row in the bucket of camera 3 and one in the
//! bucket of camera 4. Both rows are alike. The mask refuses an event without a camera, without a
//! confidence, or with `matched` missing or false. The bound is 0.7. The bucket already implies the
//! camera. Nothing is left to test, so the entry has no code, and the row alone decides.
//!
//! # A search
//!
//! 1. `FilterSnapshot::matches_into` finds the topic by the schema.
//! 2. `DenseValues::of` lays the notification out: its word, and arrays of numbers and value bits,
//!    where each row finds its operands without asking for kinds or presence.
//! 3. The search looks up each value of each attribute that is present, and collects the buckets,
//!    first of all the common one. It looks up 8 before it reads the first, so that the processor
//!    waits for the memory of several at a time.
//! 4. In a bucket with classes, it compares each class with the word. If the class passes, the ids
//!    whose bounds the number reaches are copied as a slice.
//! 5. It reads the rows in blocks of 64, and notes for each row in one bit whether it passes. If
//!    nothing is left to test, the id is a match. Otherwise the code decides, and then the slow
//!    tests.
//! 6. If several keys may have found one id, it sorts and deduplicates the ids.
//!
//! # What it costs
//!
//! - A search takes time for each attribute of the schema, for each value of the notification, and
//!   for each row in the buckets that it finds. It allocates only if the answer must grow.
//! - A program in the common bucket is read at each search of its topic, unless it is in a class.
//! - A program has an entry for each access key: at most 512 if the access is a test, and the sum
//!   over the alternatives if it is alternatives. Each takes memory, and time to insert and remove.
//! - A change moves at most 320 rows or 1,024 ids in each bucket. Now and then an insertion sorts
//!   all rows of its bucket to find classes. That happens only after the rows that could be in a
//!   class have doubled, so its cost is spread over many insertions. What a snapshot shares is
//!   copied before it is changed: for each key the path through the trie, and a part of the bucket.
//!
//! # Invariants
//!
//! Debug builds assert them, and each message begins with the number. Each part checks its own
//! state at each change, and a topic checks that the rows of the changed program are all there, or
//! all gone. `invariants.rs` checks the whole state at some sizes, and compares each answer of a
//! small index with the answers of the filters one by one.
//!
//! Where rows are:
//!
//! 1. `filters` has each filter once, with one access for each of its programs, in the same order.
//!    No two programs of a filter are for one schema, so a topic has at most one of each id.
//! 2. A program has one access. If that is `Common`, it has one row, in the common bucket of its
//!    topic. Otherwise it has one row under each of its access keys, which are distinct, and no
//!    other row. Removal leaves nothing behind: it computes keys and rows from the program, the
//!    access and the layout. These never change, so it finds the rows that insertion made.
//! 3. There is one topic for each schema that has rows, and no bucket under a value is empty: the
//!    change that removes the last row also removes the bucket or the topic.
//!    `ValueBuckets::entries` is the number of rows under all values.
//!
//! What is found, and what a row decides:
//!
//! 4. A notification that a program matches has one of its access keys. The access is a test for
//!    one of some values of an attribute, which must be present; or it is alternatives, each of
//!    which has such a test. So a search of the common bucket and of the buckets under the
//!    notification's values misses nothing.
//! 5. If [`may_hold`](entry::Row::may_hold) is false, the program does not match. `mask` has only
//!    bits that the program refuses, `bound` is its lower bound of a number, and `value_bits` has
//!    the bit of each value of a test for one of some values. [`bloom_bits`](dense::bloom_bits) is
//!    a Bloom filter: lists without a common bit share no value. [`exact_bits`](dense::exact_bits)
//!    are exact: lists with a common bit also share a value, so the code need not have the test.
//! 6. An entry and its key together have the whole program: the code and the slow tests have
//!    everything that `mask`, `bound`, exact bits and the key do not.
//!    [`Remaining`](entry::Remaining) is `Nothing` only if the entry has neither code nor slow
//!    tests. It is `Preceding` or `AnyPreceding` only if one question is left: whether a preceding
//!    member of the list is also one of the keys.
//! 7. An answer has each id once, though several keys may find it. A bucket has an id at most once
//!    (2), and a single value leads to one bucket. In a list, only the first member that is a key
//!    counts: the entry compares the preceding members with its keys. For alternatives, and for a
//!    list that is too long for this, the search notes that ids may repeat, and deduplicates them.
//!
//! How rows are stored:
//!
//! 8. `Rows` are sorted by id, each id once. The code of a row ends where the code of the next one
//!    begins, and the last ends with the code. `slow` is empty, or as long as `rows`. There are at
//!    most `Rows::MAX_LEN` rows: with one more they are split.
//! 9. In `ClassifiedRows`, an entry is in `classes` if its class is there, and in `rows` otherwise.
//!    The class follows from the entry alone. A class is only created by moving all its rows. No
//!    part of `rows` is empty, and each comes wholly before the next. `len` counts both, and
//!    `classifiable` counts the entries in `rows` that could be in a class. It is at most
//!    `max_classifiable`.
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
//! 12. A snapshot never changes. Everything in it is behind an `Arc` and has no interior
//!     mutability. A change goes through `Arc::make_mut`, which copies what a snapshot still refers
//!     to.
//! 13. The order of an answer depends only on the changes. The seed of the hashes is random, but
//!     the hashes only serve to find a bucket: nothing iterates over a trie in their order.

mod access;
mod bucket;
mod code;
mod dense;
mod entry;
mod invariants;
mod rows;
mod snapshot;
mod sorted;
mod topic_index;
mod trie;
mod value_buckets;

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{attribute::Values, filter::Filter};
use access::Access;
pub use snapshot::FilterSnapshot;
use topic_index::TopicIndex;

/// A set of filters, each under an id, that finds the filters that match a notification.
///
/// A [`Notifier`](crate::Notifier) and an [`Engine`](crate::Engine) keep an index of their own. Use
/// one to match without delivering.
///
/// A filter is filed under each value of one of its tests of ids, numbers or texts. A search reads
/// only what is filed under the values of the notification, so its cost follows the number of
/// matches, not the number of filters. A filter that asks for no such value, but only for a
/// boolean, a bound or an exclusion, is looked at in each search of its topic.
///
/// Cloning an index copies the map of its filters. For readers, clone its
/// [`snapshot`](Self::snapshot), which costs much less.
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

/// A filter and the accesses of its programs.
#[derive(Clone, Debug)]
struct IndexedFilter {
    filter: Filter,
    // Kept because the choice depended on the rows at insertion, so removal could not repeat it.
    accesses: Accesses,
}

/// The accesses of a filter, one for each program.
///
/// Most filters have one program. They own no memory for this.
#[derive(Clone, Debug)]
enum Accesses {
    One(Access),
    Each(Box<[Access]>),
}

impl<Id: Copy + Ord> FilterIndex<Id> {
    /// Creates an index without filters. It allocates nothing yet.
    ///
    /// ```
    /// use recohook::{FilterIndex, attribute::Values, findface::security};
    ///
    /// let index = FilterIndex::<u32>::new();
    /// assert!(index.is_empty());
    ///
    /// let (mut values, mut matched) = (Values::new(), Vec::new());
    /// values.reset(&security::EVENTS);
    /// index.matches_into(&values, &mut matched);
    /// assert!(matched.is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `filter` under `id`. If there is a filter under `id` already, it is replaced.
    ///
    /// It takes time and memory for each value under which the filter is filed. For each section,
    /// these are the values of one list, at most 512, or of one list of each alternative of an
    /// `any`. The index keeps a clone of `filter`, which shares its memory.
    ///
    /// ```
    /// use recohook::{Filter, FilterIndex, attribute::Values, findface::security};
    ///
    /// let mut index = FilterIndex::new();
    /// for filter in [r#"{"events": {"camera_in": [3]}}"#, r#"{"events": {"camera_in": [4]}}"#] {
    ///     index.insert("gate", &Filter::parse(filter, &security::FILTERS)?);
    /// }
    /// assert_eq!(index.len(), 1);
    ///
    /// let (mut values, mut matched) = (Values::new(), Vec::new());
    /// values.reset(&security::EVENTS);
    /// values.int(security::EVENTS.expect("camera"), 3);
    /// index.matches_into(&values, &mut matched);
    /// assert!(matched.is_empty(), "the first filter was replaced");
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn insert(&mut self, id: Id, filter: &Filter) {
        // First, since old and new rows may meet in a bucket, which has an id at most once.
        self.take(&id);
        let accesses = filter.programs().map(|(schema, program)| {
            let at = self.snapshot.find(*schema).unwrap_or_else(|| {
                let mut sections = filter.table().sections().iter();
                let section = sections.find(|section| section.schema().id() == *schema);
                let schema = section.expect("a program is of a section of its table").schema();
                self.snapshot.topics.push((schema.id(), Arc::new(TopicIndex::new(schema))));
                self.snapshot.topics.len() - 1
            });
            // If a snapshot shares the topic, this copies it. The rows in it stay shared.
            Arc::make_mut(&mut self.snapshot.topics[at].1).insert(id, program)
        });
        let accesses = Accesses::from(Vec::from_iter(accesses));
        self.filters.insert(id, IndexedFilter { filter: filter.clone(), accesses });
        self.debug_check();
    }

    /// Removes the filter under `id`. Returns whether there was one.
    ///
    /// Snapshots that were cloned before still have it.
    ///
    /// ```
    /// use recohook::{Filter, FilterIndex, findface::security};
    ///
    /// let mut index = FilterIndex::new();
    /// index.insert(7, &Filter::everything(&security::FILTERS));
    /// assert!(index.remove(&7));
    /// assert!(!index.remove(&7), "it is gone");
    /// ```
    pub fn remove(&mut self, id: &Id) -> bool {
        let is_removed = self.take(id);
        if is_removed {
            self.debug_check();
        }
        is_removed
    }

    /// Returns the number of filters, including those that match nothing.
    ///
    /// ```
    /// use recohook::{Filter, FilterIndex, findface::security};
    ///
    /// let mut index = FilterIndex::new();
    /// index.insert(1, &Filter::everything(&security::FILTERS));
    /// index.insert(2, &Filter::parse(r#"{"events": {"camera_in": []}}"#, &security::FILTERS)?);
    /// assert_eq!(index.len(), 2);
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn len(&self) -> usize {
        self.filters.len()
    }

    /// Returns whether there are no filters.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Appends the ids of the filters that match to `matched`, each once.
    ///
    /// It keeps what is in `matched` already. It appends nothing if `values` has no schema, or one
    /// that no filter covers. The order of the ids is not specified, but the same insertions and
    /// removals give the same order. It allocates only if `matched` must grow.
    ///
    /// ```
    /// use recohook::{Filter, FilterIndex, attribute::Values, findface::security};
    ///
    /// let mut index = FilterIndex::new();
    /// for camera in 0..1000 {
    ///     let filter = format!(r#"{{"events": {{"camera_in": [{camera}, {}]}}}}"#, camera + 1);
    ///     index.insert(camera, &Filter::parse(filter, &security::FILTERS)?);
    /// }
    /// let (mut values, mut matched) = (Values::new(), Vec::new());
    /// values.reset(&security::EVENTS);
    /// values.int(security::EVENTS.expect("camera"), 7);
    /// index.matches_into(&values, &mut matched);
    /// matched.sort();
    /// assert_eq!(matched, [6, 7]);
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn matches_into(&self, values: &Values, matched: &mut Vec<Id>) {
        let before = matched.len();
        self.snapshot.matches_into(values, matched);
        self.debug_check_matches(values, &matched[before..]);
    }

    /// Returns the current filters, to be cloned for readers on other threads.
    ///
    /// ```
    /// use recohook::{Filter, FilterIndex, attribute::Values, findface::security};
    /// use std::thread;
    ///
    /// let mut index = FilterIndex::new();
    /// index.insert(1, &Filter::everything(&security::FILTERS));
    /// let snapshot = index.snapshot().clone();
    /// let reader = thread::spawn(move || {
    ///     let (mut values, mut matched) = (Values::new(), Vec::new());
    ///     values.reset(&security::EVENTS);
    ///     snapshot.matches_into(&values, &mut matched);
    ///     matched
    /// });
    /// index.insert(2, &Filter::everything(&security::FILTERS));
    /// assert_eq!(reader.join().unwrap(), [1]);
    /// ```
    pub fn snapshot(&self) -> &FilterSnapshot<Id> {
        &self.snapshot
    }

    /// Removes the filter under `id`, without checking the whole state, because `insert` calls it
    /// midway. Returns whether there was a filter.
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
                // The order of topics means nothing: each is found by its schema.
                topics.swap_remove(at);
            }
        }
        true
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
        // A filter that matches nothing has no program. An empty box allocates nothing either.
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

// Only the size: an index can have a million filters.
impl<Id> fmt::Debug for FilterIndex<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterIndex").field("len", &self.filters.len()).finish_non_exhaustive()
    }
}
