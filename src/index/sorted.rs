use std::{cmp::Ordering, ops::Range, sync::Arc};

use super::{
    dense::DenseValues,
    entry::RowClass,
    rows::{clone_with_room, insert_tight, split_off_tight},
};

/// The ids of classes, those of each sorted by their bounds, so that what holds of it comes first.
#[derive(Clone, Debug)]
pub(super) struct SortedIds<Id> {
    /// By class, then by bound and id. No chunk is empty.
    chunks: Vec<Chunk<Id>>,
}

/// A part of the ids of a class, and its least and greatest bound, which mostly tell what of it
/// holds.
#[derive(Clone, Debug)]
struct Chunk<Id> {
    class: RowClass,
    first: f64,
    last: f64,
    data: Arc<ChunkData<Id>>,
}

#[derive(Debug)]
struct ChunkData<Id> {
    ids: Vec<Id>,
    /// Empty where the class has none.
    bounds: Vec<f64>,
}

impl<Id: Copy + Ord> SortedIds<Id> {
    pub(super) fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    pub(super) fn has(&self, class: &RowClass) -> bool {
        self.chunks.binary_search_by(|chunk| chunk.class.cmp(class)).is_ok()
    }

    /// How many classes there are.
    pub(super) fn classes(&self) -> usize {
        self.chunks.chunk_by(|a, b| a.class == b.class).count()
    }

    /// Adds an id with its bound; minus infinity where the class has none.
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

    /// Removes an id with its bound.
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

    /// Appends the ids of the classes that hold, of which the number reaches the bound.
    pub(super) fn matches_into(&self, dense: &DenseValues<'_>, matched: &mut Vec<Id>) {
        for Chunk { class, first, last, data } in &self.chunks {
            let number = class.bounded.map_or(f64::INFINITY, |attribute| dense.number(attribute));
            if class.mask & dense.word == 0 && *first <= number {
                let len = if *last <= number { data.ids.len() } else { data.count_reached(number) };
                matched.extend_from_slice(&data.ids[..len]);
            }
        }
    }

    /// Where the chunks of a class are.
    fn chunks_of(&self, class: &RowClass) -> Range<usize> {
        let start = self.chunks.partition_point(|chunk| chunk.class < *class);
        start..start + self.chunks[start..].partition_point(|chunk| chunk.class == *class)
    }

    /// The first of these chunks that does not end before an id with this bound.
    fn position(&self, chunks: Range<usize>, bound: f64, id: Id) -> usize {
        let before = |chunk: &Chunk<Id>| chunk.data.is_before(bound, id);
        chunks.start + self.chunks[chunks].partition_point(before)
    }
}

/// The asserts of invariant 10.
impl<Id: Copy + Ord> SortedIds<Id> {
    pub(super) fn debug_check(&self) {
        (0..self.chunks.len()).for_each(|at| self.debug_check_at(at));
        self.chunks.iter().for_each(|chunk| chunk.data.debug_check());
    }

    /// Checks a chunk and that it comes before the next.
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

    /// How many ids there are.
    pub(super) fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.data.ids.len()).sum()
    }

    pub(super) fn has_id(&self, class: &RowClass, bound: f64, id: Id) -> bool {
        let all = self.chunks_of(class);
        let at = self.position(all.clone(), bound, id);
        self.chunks[at..all.end].first().is_some_and(|chunk| chunk.data.find(bound, id).is_ok())
    }
}

impl<Id: Copy + Ord> Chunk<Id> {
    /// Whether it comes before `next`: it is of a lower class, or has lower bounds and ids.
    fn is_before(&self, next: &Self) -> bool {
        let (bound, id) = (next.first, next.data.ids[0]);
        self.class < next.class || self.class == next.class && self.data.is_before(bound, id)
    }

    fn new(class: RowClass, data: ChunkData<Id>) -> Self {
        let (first, last) = data.bound_range();
        Self { class, first, last, data: Arc::new(data) }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut ChunkData<Id>) -> R) -> R {
        let data = Arc::make_mut(&mut self.data);
        let result = change(data);
        (self.first, self.last) = data.bound_range();
        result
    }
}

impl<Id: Copy + Ord> ChunkData<Id> {
    /// How many stand together at most: an insertion moves no more, and a change while a snapshot
    /// is read copies no more.
    const MAX_LEN: usize = 1024;

    /// The least and the greatest bound.
    fn bound_range(&self) -> (f64, f64) {
        let none = f64::NEG_INFINITY;
        let (first, last) = (self.bounds.first(), self.bounds.last());
        (first.copied().unwrap_or(none), last.copied().unwrap_or(none))
    }

    /// Whether all stand before an id with this bound.
    fn is_before(&self, bound: f64, id: Id) -> bool {
        let last = self.ids.len().checked_sub(1);
        last.is_none_or(|last| self.order(last, bound, id) == Ordering::Less)
    }

    fn insert(&mut self, bound: f64, id: Id) {
        let found = self.find(bound, id);
        debug_assert!(found.is_err(), "10: an id is inserted twice");
        let at = found.unwrap_or_else(|at| at);
        if let Some(bound) = Self::stored_bound(bound) {
            insert_tight(&mut self.bounds, at, bound);
        }
        insert_tight(&mut self.ids, at, id);
    }

    fn remove(&mut self, bound: f64, id: Id) {
        let Ok(at) = self.find(bound, id) else {
            unreachable!("2: an id that is removed is there")
        };
        if !self.bounds.is_empty() {
            self.bounds.remove(at);
        }
        self.ids.remove(at);
    }

    fn stored_bound(bound: f64) -> Option<f64> {
        (bound > f64::NEG_INFINITY).then_some(bound)
    }

    /// Takes the upper half away.
    fn split(&mut self) -> Self {
        let at = self.ids.len() / 2;
        Self {
            ids: split_off_tight(&mut self.ids, at),
            bounds: split_off_tight(&mut self.bounds, at),
        }
    }

    /// How many of the first have a bound that `number` reaches.
    fn count_reached(&self, number: f64) -> usize {
        self.bounds.partition_point(|bound| *bound <= number)
    }

    fn find(&self, bound: f64, id: Id) -> Result<usize, usize> {
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

    fn debug_check(&self) {
        let mut rest = self.ids.iter().enumerate().skip(1);
        let is_before = |at: usize, id: Id| {
            let bound = self.bounds.get(at).copied().unwrap_or(f64::NEG_INFINITY);
            self.order(at - 1, bound, id) == Ordering::Less
        };
        debug_assert!(rest.all(|(at, id)| is_before(at, *id)), "10: order in a chunk");
    }

    /// How the id at a place stands to one with this bound.
    fn order(&self, at: usize, bound: f64, id: Id) -> Ordering {
        let here = self.bounds.get(at).copied().unwrap_or(bound);
        here.total_cmp(&bound).then(self.ids[at].cmp(&id))
    }
}

/// A copy is made to be changed.
impl<Id: Copy> Clone for ChunkData<Id> {
    fn clone(&self) -> Self {
        Self { ids: clone_with_room(&self.ids), bounds: clone_with_room(&self.bounds) }
    }
}
