use std::{cmp::Ordering, ops::Range, sync::Arc};

use super::{
    dense::DenseValues,
    entry::RowClass,
    rows::{clone_with_room, insert_tight, split_off_tight},
};

/// The ids in the classes of a bucket. Within a class, ids are sorted by bound, so that those whose
/// bounds do not exceed a number come first.
///
/// Only the id and the bound of each row are stored.
#[derive(Clone, Debug)]
pub(super) struct SortedIds<Id> {
    /// The chunks, ordered by class, then by bound and id. A class has one or more chunks, and no
    /// chunk is empty.
    chunks: Vec<Chunk<Id>>,
}

/// Some of the ids in a class.
///
/// For most chunks, a search can decide from these fields alone that no id matches, or that all ids
/// match and can be copied.
#[derive(Clone, Debug)]
struct Chunk<Id> {
    class: RowClass,
    /// The smallest bound, or minus infinity if the class is not bounded.
    first: f64,
    /// The largest bound, or minus infinity if the class is not bounded.
    last: f64,
    data: Arc<ChunkData<Id>>,
}

/// The ids of a chunk, ordered by bound and id.
#[derive(Debug)]
struct ChunkData<Id> {
    ids: Vec<Id>,
    /// The bound of each id. The list is empty if the class is not bounded.
    // The bounds are a separate list, so that matching ids form one slice.
    bounds: Vec<f64>,
}

impl<Id: Copy + Ord> SortedIds<Id> {
    pub(super) fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// Returns whether there are any ids in `class`.
    pub(super) fn has(&self, class: &RowClass) -> bool {
        self.chunks.binary_search_by(|chunk| chunk.class.cmp(class)).is_ok()
    }

    /// Returns the number of classes.
    pub(super) fn classes(&self) -> usize {
        self.chunks.chunk_by(|a, b| a.class == b.class).count()
    }

    /// Adds an id to a class, creating the class if it is missing. `bound` is minus infinity if the
    /// class is not bounded.
    pub(super) fn insert(&mut self, class: RowClass, bound: f64, id: Id) {
        let all = self.chunks_of(&class);
        debug_assert_eq!(
            class.bounded.is_some(),
            ChunkData::<Id>::stored_bound(bound).is_some(),
            "10: bound"
        );
        if all.is_empty() {
            let data = ChunkData {
                ids: vec![id],
                bounds: Vec::from_iter(ChunkData::<Id>::stored_bound(bound)),
            };
            self.chunks.insert(all.start, Chunk::new(class, data));
            return;
        }
        // If the id comes after all others of its class, it goes to the last chunk.
        let to = self.position(all.clone(), bound, id).min(all.end - 1);
        let upper = self.chunks[to].change(|data| {
            data.insert(bound, id);
            (data.ids.len() > ChunkData::<Id>::MAX_LEN).then(|| data.split())
        });
        if let Some(upper) = upper {
            self.chunks.insert(to + 1, Chunk::new(class, upper));
        }
        self.debug_check_at(to);
    }

    /// Removes an id from a class. The id must be present with this bound.
    pub(super) fn remove(&mut self, class: &RowClass, bound: f64, id: Id) {
        let all = self.chunks_of(class);
        let from = self.position(all.clone(), bound, id);
        debug_assert!(from < all.end, "2: an id that is removed is there");
        self.chunks[from].change(|data| data.remove(bound, id));
        if self.chunks[from].data.ids.is_empty() {
            self.chunks.remove(from);
        }
        self.debug_check_at(from);
    }

    /// Appends the matching ids to `matched`. An id matches if the mask of its class passes and its
    /// bound does not exceed the number.
    pub(super) fn matches_into(&self, dense: &DenseValues<'_>, matched: &mut Vec<Id>) {
        for Chunk { class, first, last, data } in &self.chunks {
            // If there is no bound, `first` and `last` are minus infinity, so all ids pass. A
            // missing number reads as 0, but in that case the mask rejects the class. If the mask
            // had no room for the attribute, the entry would have code and could not be in a class.
            let number = class.bounded.map_or(f64::INFINITY, |attribute| dense.number(attribute));
            if class.mask & dense.word == 0 && *first <= number {
                let len = if *last <= number { data.ids.len() } else { data.count_reached(number) };
                matched.extend_from_slice(&data.ids[..len]);
            }
        }
    }

    /// Returns the range of the chunks that belong to a class.
    fn chunks_of(&self, class: &RowClass) -> Range<usize> {
        let start = self.chunks.partition_point(|chunk| chunk.class < *class);
        start..start + self.chunks[start..].partition_point(|chunk| chunk.class == *class)
    }

    /// Returns the index of the first chunk in `chunks` whose last entry is at or after (`bound`,
    /// `id`), or the end of `chunks` if there is none. If the id is present, it is in this chunk.
    fn position(&self, chunks: Range<usize>, bound: f64, id: Id) -> usize {
        let before = |chunk: &Chunk<Id>| chunk.data.is_before(bound, id);
        chunks.start + self.chunks[chunks].partition_point(before)
    }
}

/// Assertions for invariant 10.
impl<Id: Copy + Ord> SortedIds<Id> {
    pub(super) fn debug_check(&self) {
        (0..self.chunks.len()).for_each(|at| self.debug_check_at(at));
        self.chunks.iter().for_each(|chunk| chunk.data.debug_check());
    }

    /// Checks a chunk, and checks that it comes before the next one.
    fn debug_check_at(&self, at: usize) {
        let Some(chunk) = self.chunks.get(at).filter(|_| cfg!(debug_assertions)) else {
            return;
        };
        let Chunk { class, first, last, data } = chunk;
        debug_assert!(
            (1..=ChunkData::<Id>::MAX_LEN).contains(&data.ids.len()),
            "10: length of a chunk"
        );
        let bounds = if class.bounded.is_some() { data.ids.len() } else { 0 };
        debug_assert_eq!(data.bounds.len(), bounds, "10: a bound for each id");
        debug_assert_eq!((*first, *last), data.bound_range(), "10: bounds of a chunk");
        debug_assert!(
            self.chunks.get(at + 1).is_none_or(|next| chunk.is_before(next)),
            "10: order"
        );
    }

    /// Returns the total number of ids in all classes.
    pub(super) fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.data.ids.len()).sum()
    }

    /// Returns whether a class contains an id with this bound.
    pub(super) fn has_id(&self, class: &RowClass, bound: f64, id: Id) -> bool {
        let all = self.chunks_of(class);
        let at = self.position(all.clone(), bound, id);
        self.chunks[at..all.end].first().is_some_and(|chunk| chunk.data.find(bound, id).is_ok())
    }
}

impl<Id: Copy + Ord> Chunk<Id> {
    /// Returns whether the chunk comes before `next`: either its class is lower, or both have the
    /// same class and all its ids come before the ids of `next`.
    fn is_before(&self, next: &Self) -> bool {
        let (bound, id) = (next.first, next.data.ids[0]);
        self.class < next.class || self.class == next.class && self.data.is_before(bound, id)
    }

    fn new(class: RowClass, data: ChunkData<Id>) -> Self {
        let (first, last) = data.bound_range();
        Self { class, first, last, data: Arc::new(data) }
    }

    /// Changes the data and then updates `first` and `last`.
    fn change<R>(&mut self, change: impl FnOnce(&mut ChunkData<Id>) -> R) -> R {
        let data = Arc::make_mut(&mut self.data);
        let result = change(data);
        (self.first, self.last) = data.bound_range();
        result
    }
}

impl<Id: Copy + Ord> ChunkData<Id> {
    /// The maximum number of ids. It limits how much an insertion moves and how much a change
    /// copies if a snapshot shares the data. A lower limit would result in more chunks, and every
    /// search compares all chunks.
    const MAX_LEN: usize = 1024;

    /// Returns the smallest and the largest bound.
    fn bound_range(&self) -> (f64, f64) {
        let none = f64::NEG_INFINITY;
        let (first, last) = (self.bounds.first(), self.bounds.last());
        (first.copied().unwrap_or(none), last.copied().unwrap_or(none))
    }

    /// Returns whether all entries come before (`bound`, `id`).
    fn is_before(&self, bound: f64, id: Id) -> bool {
        let last = self.ids.len().checked_sub(1);
        last.is_none_or(|last| self.order(last, bound, id) == Ordering::Less)
    }

    /// Adds an id, which must not be present yet.
    fn insert(&mut self, bound: f64, id: Id) {
        let found = self.find(bound, id);
        debug_assert!(found.is_err(), "10: an id is inserted twice");
        let at = found.unwrap_or_else(|at| at);
        if let Some(bound) = Self::stored_bound(bound) {
            insert_tight(&mut self.bounds, at, bound);
        }
        insert_tight(&mut self.ids, at, id);
    }

    /// Removes an id, which must be present with this bound.
    fn remove(&mut self, bound: f64, id: Id) {
        let Ok(at) = self.find(bound, id) else {
            unreachable!("2: an id that is removed is there")
        };
        if !self.bounds.is_empty() {
            self.bounds.remove(at);
        }
        self.ids.remove(at);
    }

    /// Returns the bound to store, or `None` if the bound is minus infinity.
    fn stored_bound(bound: f64) -> Option<f64> {
        (bound > f64::NEG_INFINITY).then_some(bound)
    }

    /// Removes the upper half and returns it.
    fn split(&mut self) -> Self {
        let at = self.ids.len() / 2;
        Self {
            ids: split_off_tight(&mut self.ids, at),
            bounds: split_off_tight(&mut self.bounds, at),
        }
    }

    /// Returns the number of ids whose bounds do not exceed `number`. These ids come first.
    fn count_reached(&self, number: f64) -> usize {
        self.bounds.partition_point(|bound| *bound <= number)
    }

    /// Returns `Ok` with the position of an id, or `Err` with the position at which the id would be
    /// inserted.
    fn find(&self, bound: f64, id: Id) -> Result<usize, usize> {
        // This search is written by hand, because the key is in two lists and `binary_search_by`
        // does not pass the position to its closure.
        let (mut low, mut high) = (0, self.ids.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.order(middle, bound, id) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    /// Asserts the order of the ids.
    fn debug_check(&self) {
        let mut rest = self.ids.iter().enumerate().skip(1);
        let is_before = |at: usize, id: Id| {
            let bound = self.bounds.get(at).copied().unwrap_or(f64::NEG_INFINITY);
            self.order(at - 1, bound, id) == Ordering::Less
        };
        debug_assert!(rest.all(|(at, id)| is_before(at, *id)), "10: order in a chunk");
    }

    /// Compares the entry at position `at` with (`bound`, `id`).
    fn order(&self, at: usize, bound: f64, id: Id) -> Ordering {
        // If there are no bounds, only the ids are compared. A sort key needs a total order, which
        // puts -0 before 0. Searches treat the two as equal. They still find the right ids, because
        // no other bound lies between -0 and 0.
        let here = self.bounds.get(at).copied().unwrap_or(bound);
        here.total_cmp(&bound).then(self.ids[at].cmp(&id))
    }
}

// `Arc::make_mut` copies the data in order to change it, so the copy needs spare room, as in
// `Rows`.
impl<Id: Copy> Clone for ChunkData<Id> {
    fn clone(&self) -> Self {
        Self { ids: clone_with_room(&self.ids), bounds: clone_with_room(&self.bounds) }
    }
}
