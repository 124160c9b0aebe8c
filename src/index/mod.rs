//! Finds which of many filters match a notification.
//!
//! Testing the filters one by one takes time proportional to their number. The index files each
//! filter under the values that one of its tests requires, such as the cameras in `camera_in` (the
//! *access predicate* of Fabret et al. 2001). A search reads only what is filed under the values of
//! the notification. Therefore its cost depends on the number of matches rather than on the number
//! of filters.
//!
//! # The structure
//!
//! For each topic that it covers, a filter has a [`Program`](crate::filter::Program): the tests
//! that a notification of this topic must pass. The index stores these programs:
//!
//! ```text
//! FilterIndex
//!   filters            id -> filter and accesses, used only by changes
//!   FilterSnapshot     used by searches and shared by clones
//!     TopicIndex       one for each schema
//!       common         the bucket of the programs without access keys
//!       ValueBuckets   one for each attribute
//!         Trie         value -> bucket
//!           Bucket     the programs filed under this value
//!             Few      one Rows
//!             Many     SortedIds (the classes), then a list of Rows
//! ```
//!
//! - The *access* of a program is the test under whose values the program is filed. These values
//!   are its *access keys*, and a search that looks up one of them finds the program. A program has
//!   the access `Common` and no keys if, for example, it tests only booleans, choices, bounds,
//!   prefixes or exclusions. If several tests could be the access, insertion chooses the one whose
//!   values have the fewest rows so far. As a result, few searches find the program if it does not
//!   match.
//! - A *bucket* contains the programs under one access key. The *common bucket* of a topic contains
//!   the programs without keys, and every search of the topic reads it.
//! - A *row* is the part of a program that is tested first and usually decides. It consists of an
//!   id and three tests of fixed size that need no branch. Rows are contiguous in memory.
//! - The *code* of a row consists of the tests that do not fit into the row, packed as words. Its
//!   *slow tests* are its text tests, alternatives and negations, stored behind a pointer. Most
//!   rows have neither. A row together with its code and its slow tests is an *entry*.
//! - A *class* consists of all entries of a bucket that have the same mask and no other test except
//!   a lower bound. Either no entry of a class has a bound, or all have bounds on the same number.
//!   The bounds themselves may differ. A large class is stored as a list of ids ordered by their
//!   bounds rather than as rows, so that one comparison decides for many entries.
//! - The *trie* is a hash map whose copies share memory. A fork has 16 children, selected by the
//!   next 4 bits of the hash, and a leaf is a short sorted list.
//!
//! # The bits of a row
//!
//! A row performs three tests. Each test reads a part of [`DenseValues`](dense::DenseValues), a
//! form of the notification that is computed once for each search:
//!
//! - `mask`: the bits that must not be set in the notification's *word*. The word has a bit for
//!   each possible value of a boolean or choice, and a bit for each attribute that is missing.
//!   Therefore a single AND tests all booleans, all choices and all required attributes.
//! - `value_bits`: 64 bits for the values of one test. The notification must have one of these
//!   values. `DenseValues` contains bits of the same form for the values of each attribute. The row
//!   passes if at least one bit is set in both. If all values of the test are from 0 to 63, each
//!   value has its own bit and the result is exact. Otherwise the bits are a Bloom filter, and the
//!   code repeats the test.
//! - `bound`: the lower bound on one number.
//!
//! For example, `{"events": {"camera_in": [3, 4], "matched": true, "confidence_gte":
//! 0.7}}` has one program, whose access is `camera_in`. The program has one row in the bucket of
//! camera 3 and one in the bucket of camera 4. Both rows are identical. The mask rejects an event
//! without a camera, without a confidence, or with `matched` missing or false. The bound is 0.7.
//! The bucket already implies the camera. Nothing is left to test, so the entry has no code and the
//! row alone decides.
//!
//! # A search
//!
//! 1. `FilterSnapshot::matches_into` finds the topic by the schema.
//! 2. `DenseValues::of` lays out the notification as a word and arrays of numbers and value bits.
//!    Each row finds its operands there without checking for kinds or presence.
//! 3. The search collects the common bucket first. Then it looks up each value of each attribute
//!    that is present and collects the buckets that it finds. It collects 8 buckets before it reads
//!    the first one, so that the processor can load the memory of several buckets at the same time.
//! 4. In a bucket with classes, it compares the mask of each class with the word. If the class
//!    passes, the ids whose bounds do not exceed the notification's number are copied as a slice.
//! 5. It reads the rows in blocks of 64 and sets one bit for each row that passes. If a passing row
//!    has nothing left to test, its id is a match. Otherwise, the code and then the slow tests
//!    decide.
//! 6. If several keys may have found the same id, it sorts and deduplicates the ids.
//!
//! # What it costs
//!
//! - The cost of a search grows with the number of attributes in the schema, of values in the
//!   notification, and of rows in the buckets that the search finds. It allocates only if the list
//!   of matches must grow.
//! - A program in the common bucket is read in every search of its topic, unless it is in a class.
//! - A program has one entry for each access key. If the access is a test, there are at most 512
//!   keys. If it is a list of alternatives, there are at most 512 keys for each alternative. Each
//!   entry takes memory, and time to insert and remove.
//! - A change moves at most 320 rows or 1,024 ids in each bucket. Occasionally, an insertion sorts
//!   all rows of its bucket to find classes. That happens only after the number of rows that could
//!   be in a class has doubled, so the cost is spread over many insertions. Memory that a snapshot
//!   shares is copied before it is changed. For each key, this means the path through the trie and
//!   a part of the bucket.
//!
//! # Invariants
//!
//! Debug builds assert these invariants, and each message begins with the number of the invariant.
//! Each part checks its own state on every change, and a topic checks that the rows of the changed
//! program are either all present or all gone. `invariants.rs` checks the whole state whenever the
//! index reaches certain sizes. It also compares every result of a small index with the results of
//! testing the filters one by one.
//!
//! Where rows are stored:
//!
//! 1. `filters` contains each filter once, along with one access for each of its programs, in the
//!    order of the programs. No two programs of a filter are for the same schema, so a topic has at
//!    most one program for each id.
//! 2. A program has one access. If the access is `Common`, the program has one row, in the common
//!    bucket of its topic. Otherwise the program has exactly one row under each of its distinct
//!    access keys, and no other row. Removal leaves nothing behind. It computes the keys and rows
//!    from the program, the access and the layout. None of the three ever changes, so removal finds
//!    the rows that insertion created.
//! 3. There is one topic for each schema that has rows, and no bucket under a value is empty. The
//!    change that removes the last row also removes the bucket or the topic.
//!    `ValueBuckets::entries` is the number of rows under all values.
//!
//! What a search finds and what a row decides:
//!
//! 4. A notification that a program matches has at least one of the program's access keys. The
//!    access is either a test or a list of alternatives, each of which contains a test. The test
//!    requires an attribute to be present and to have one of a set of values. Therefore a search of
//!    the common bucket and of the buckets under the notification's values misses nothing.
//! 5. If [`may_hold`](entry::Row::may_hold) is false, the program does not match. `mask` contains
//!    only bits that the program rejects, and `bound` is the program's lower bound on a number.
//!    `value_bits` covers one test that requires one of a set of values, and contains the bit of
//!    each value in that set. [`bloom_bits`](dense::bloom_bits) is a Bloom filter: if two lists
//!    have no bit in common, they share no value. [`exact_bits`](dense::exact_bits) are exact: if
//!    two lists have a bit in common, they also share a value, so the code does not have to repeat
//!    the test.
//! 6. An entry and its key together cover the whole program: the code and the slow tests cover
//!    everything that `mask`, `bound`, exact bits and the key do not.
//!    [`Remaining`](entry::Remaining) is `Nothing` only if the entry has neither code nor slow
//!    tests. It is `Preceding` or `AnyPreceding` only if a single question remains: whether a list
//!    member before the one that found the entry is also a key.
//! 7. A result contains no duplicates, although several keys may find the same id. A bucket
//!    contains an id at most once (2), and a single value leads to one bucket. In a list, only the
//!    first member that is a key counts: the entry compares the preceding members with its keys.
//!    For alternatives, and for a list that is too long for this comparison, the search records
//!    that ids may repeat and deduplicates them.
//!
//! How rows are stored:
//!
//! 8. `Rows` are sorted by id and contain no duplicates. The code of each row ends where the code
//!    of the next row begins, and the code of the last row ends at the end of `code`. `slow` is
//!    either empty or as long as `rows`. There are at most `Rows::MAX_LEN` rows. If one more is
//!    added, they are split.
//! 9. In `ClassifiedRows`, an entry is in `classes` if its class exists there, and in `rows`
//!    otherwise. The entry alone determines its class. When a class is created, all rows that
//!    belong to it are moved there. No part of `rows` is empty, and all ids in a part are less than
//!    the ids in the next part. `len` is the total number of entries in `classes` and `rows`, and
//!    `classifiable` is the number of entries in `rows` that could be in a class. `classifiable` is
//!    at most `max_classifiable`.
//! 10. The ids in `SortedIds` are ordered by class, bound and id, both within a chunk and from
//!     chunk to chunk. No chunk is empty or longer than `ChunkData::MAX_LEN`. A chunk of a bounded
//!     class has a bound for each id. Its `first` and `last` are the smallest and the largest of
//!     these bounds. Because of the order, the ids whose bounds do not exceed a given number come
//!     first in a chunk.
//! 11. The slots in a leaf of a `Trie` are sorted by hash, and the first bits of the hash lead to
//!     the leaf. No leaf is empty. No leaf is longer than `MAX_SLOTS` unless all bits of the hash
//!     are used up.
//!
//! What readers can rely on:
//!
//! 12. A snapshot never changes. Everything in it is behind an `Arc` and has no interior
//!     mutability. A change goes through `Arc::make_mut`, which copies the memory that a snapshot
//!     still refers to.
//! 13. The order of the ids in a result depends only on the changes. The seed of the hashes is
//!     random, but the hashes are used only to find a bucket. Nothing iterates over a trie in hash
//!     order.

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

/// A searchable set of filters, each stored under an id. A search finds the filters that match a
/// notification.
///
/// A [`Notifier`](crate::Notifier) and an [`Engine`](crate::Engine) each keep an index of their
/// own. Use a separate index to match notifications without delivering them.
///
/// The index chooses one of a filter's tests of ids, numbers or strings, and files the filter under
/// each value of that test. A search reads only what is filed under the values of the notification,
/// so its cost depends on the number of matches rather than on the number of filters. A filter that
/// requires no such value, for example because it tests only booleans, bounds or exclusions, is
/// examined in every search of its topic.
///
/// Cloning an index copies the map of its filters. For readers, clone the index's
/// [`snapshot`](Self::snapshot) instead, which costs much less.
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
    // The accesses are stored because their choice depended on the rows at the time of insertion,
    // so removal could not repeat the choice.
    accesses: Accesses,
}

/// The accesses of a filter, one for each program.
///
/// Most filters have a single program, whose access is stored without an allocation.
#[derive(Clone, Debug)]
enum Accesses {
    One(Access),
    Each(Box<[Access]>),
}

impl<Id: Copy + Ord> FilterIndex<Id> {
    /// Creates an empty index. It does not allocate until a filter is inserted.
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

    /// Adds `filter` under `id`, replacing any filter that is already there.
    ///
    /// Insertion takes time and memory for each value under which the filter is filed. For each
    /// section, these are the values of one list of at most 512 values, or of one such list in each
    /// alternative of an `any`. The index keeps a clone of `filter`, which shares memory with the
    /// original.
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
        // The old filter is removed first, because old and new rows may belong in the same bucket,
        // which can contain an id only once.
        self.take(&id);
        let accesses = filter.programs().map(|(schema, program)| {
            let at = self.snapshot.find(*schema).unwrap_or_else(|| {
                let mut sections = filter.table().sections().iter();
                let section = sections.find(|section| section.schema().id() == *schema);
                let schema = section.expect("a program is of a section of its table").schema();
                self.snapshot.topics.push((schema.id(), Arc::new(TopicIndex::new(schema))));
                self.snapshot.topics.len() - 1
            });
            // If a snapshot shares the topic, this copies the topic, but the rows in it stay
            // shared.
            Arc::make_mut(&mut self.snapshot.topics[at].1).insert(id, program)
        });
        let accesses = Accesses::from(Vec::from_iter(accesses));
        self.filters.insert(id, IndexedFilter { filter: filter.clone(), accesses });
        self.debug_check();
    }

    /// Removes the filter under `id` and returns whether there was one.
    ///
    /// Snapshots that were cloned earlier still contain the filter.
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

    /// Returns whether the index contains no filters.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Appends the ids of all matching filters to `matched`, without duplicates.
    ///
    /// The existing contents of `matched` are kept. Nothing is appended if `values` has no schema
    /// or if no filter covers its schema. The order of the ids is not specified, but the same
    /// insertions and removals result in the same order. This method allocates only if `matched`
    /// must grow.
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

    /// Returns a snapshot of the current filters, which can be cloned for readers on other threads.
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

    /// Removes the filter under `id` and returns whether there was one. This method does not check
    /// the whole state, because `insert` calls this method in the middle of its own change.
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
                // The order of topics does not matter, because each topic is found by its schema.
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
        // A filter that matches nothing has no program. Its box is empty, so it does not allocate.
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

// Only the number of filters is written, because an index can contain a million of them.
impl<Id> fmt::Debug for FilterIndex<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterIndex").field("len", &self.filters.len()).finish_non_exhaustive()
    }
}
