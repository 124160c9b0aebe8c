use std::{cmp::Ordering, ops::Range, sync::Arc};

use super::{
    dense::DenseValues,
    entry::RowClass,
    rows::{put, upper, with_room},
};

/// The ids of classes, those of each sorted by their bounds, so that what holds of it comes first.
#[derive(Clone, Debug)]
pub(super) struct SortedIds<Id> {
    /// By class, then by bound and id. No piece is empty.
    pieces: Vec<Chunk<Id>>,
}

/// A part of the ids of a class, and its least and greatest bound, which mostly tell what of it
/// holds.
#[derive(Clone, Debug)]
struct Chunk<Id> {
    class: RowClass,
    first: f64,
    last: f64,
    part: Arc<ChunkIds<Id>>,
}

#[derive(Debug)]
struct ChunkIds<Id> {
    ids: Vec<Id>,
    /// Empty where the class has none.
    bounds: Vec<f64>,
}

impl<Id: Copy + Ord> SortedIds<Id> {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    pub(super) fn has(&self, class: &RowClass) -> bool {
        self.pieces.binary_search_by(|piece| piece.class.cmp(class)).is_ok()
    }

    /// How many classes there are.
    pub(super) fn classes(&self) -> usize {
        self.pieces.chunk_by(|a, b| a.class == b.class).count()
    }

    /// Adds an id with its bound; minus infinity where the class has none.
    pub(super) fn insert(&mut self, class: RowClass, bound: f64, id: Id) {
        let all = self.of(&class);
        debug_assert_eq!(
            class.bounded.is_some(),
            ChunkIds::<Id>::kept(bound).is_some(),
            "10: bound"
        );
        if all.is_empty() {
            let part =
                ChunkIds { ids: vec![id], bounds: Vec::from_iter(ChunkIds::<Id>::kept(bound)) };
            self.pieces.insert(all.start, Chunk::new(class, part));
            return;
        }
        let to = self.place(all.clone(), bound, id).min(all.end - 1);
        let upper = self.pieces[to].change(|part| {
            part.insert(bound, id);
            (part.ids.len() > ChunkIds::<Id>::MOST).then(|| part.split())
        });
        if let Some(upper) = upper {
            self.pieces.insert(to + 1, Chunk::new(class, upper));
        }
        self.debug_check_at(to);
    }

    /// Removes an id with its bound.
    pub(super) fn remove(&mut self, class: &RowClass, bound: f64, id: Id) {
        let all = self.of(class);
        let from = self.place(all.clone(), bound, id);
        debug_assert!(from < all.end, "2: an id that is removed is there");
        self.pieces[from].change(|part| part.remove(bound, id));
        if self.pieces[from].part.ids.is_empty() {
            self.pieces.remove(from);
        }
        self.debug_check_at(from);
    }

    /// Appends the ids of the classes that hold, of which the number reaches the bound.
    pub(super) fn matches_into(&self, dense: &DenseValues<'_>, wanted: &mut Vec<Id>) {
        for Chunk { class, first, last, part } in &self.pieces {
            let number = class.bounded.map_or(f64::INFINITY, |attribute| dense.number(attribute));
            if class.mask & dense.word == 0 && *first <= number {
                let len = if *last <= number { part.ids.len() } else { part.reached(number) };
                wanted.extend_from_slice(&part.ids[..len]);
            }
        }
    }

    /// Where the pieces of a class are.
    fn of(&self, class: &RowClass) -> Range<usize> {
        let start = self.pieces.partition_point(|piece| piece.class < *class);
        start..start + self.pieces[start..].partition_point(|piece| piece.class == *class)
    }

    /// The first of these pieces that does not end before an id with this bound.
    fn place(&self, of: Range<usize>, bound: f64, id: Id) -> usize {
        let before = |piece: &Chunk<Id>| piece.part.is_before(bound, id);
        of.start + self.pieces[of].partition_point(before)
    }
}

/// The asserts of invariant 10.
impl<Id: Copy + Ord> SortedIds<Id> {
    pub(super) fn debug_check(&self) {
        (0..self.pieces.len()).for_each(|at| self.debug_check_at(at));
        self.pieces.iter().for_each(|piece| piece.part.debug_check());
    }

    /// Checks a piece and that it comes before the next.
    fn debug_check_at(&self, at: usize) {
        let Some(piece) = self.pieces.get(at).filter(|_| cfg!(debug_assertions)) else {
            return;
        };
        let Chunk { class, first, last, part } = piece;
        debug_assert!(
            (1..=ChunkIds::<Id>::MOST).contains(&part.ids.len()),
            "10: length of a piece"
        );
        let bounds = if class.bounded.is_some() { part.ids.len() } else { 0 };
        debug_assert_eq!(part.bounds.len(), bounds, "10: a bound for each id");
        debug_assert_eq!((*first, *last), part.span(), "10: span of a piece");
        debug_assert!(
            self.pieces.get(at + 1).is_none_or(|next| piece.is_before(next)),
            "10: order"
        );
    }

    /// How many ids there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.part.ids.len()).sum()
    }

    pub(super) fn has_id(&self, class: &RowClass, bound: f64, id: Id) -> bool {
        let all = self.of(class);
        let at = self.place(all.clone(), bound, id);
        self.pieces[at..all.end].first().is_some_and(|piece| piece.part.find(bound, id).is_ok())
    }
}

impl<Id: Copy + Ord> Chunk<Id> {
    /// Whether it comes before `next`: it is of a lower class, or has lower bounds and ids.
    fn is_before(&self, next: &Self) -> bool {
        let (bound, id) = (next.first, next.part.ids[0]);
        self.class < next.class || self.class == next.class && self.part.is_before(bound, id)
    }

    fn new(class: RowClass, part: ChunkIds<Id>) -> Self {
        let (first, last) = part.span();
        Self { class, first, last, part: Arc::new(part) }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut ChunkIds<Id>) -> R) -> R {
        let part = Arc::make_mut(&mut self.part);
        let result = change(part);
        (self.first, self.last) = part.span();
        result
    }
}

impl<Id: Copy + Ord> ChunkIds<Id> {
    /// How many stand together at most: an insertion moves no more, and a change while a snapshot
    /// is read copies no more.
    const MOST: usize = 1024;

    /// The least and the greatest bound.
    fn span(&self) -> (f64, f64) {
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
        if let Some(bound) = Self::kept(bound) {
            put(&mut self.bounds, at, bound);
        }
        put(&mut self.ids, at, id);
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

    fn kept(bound: f64) -> Option<f64> {
        (bound > f64::NEG_INFINITY).then_some(bound)
    }

    /// Takes the upper half away.
    fn split(&mut self) -> Self {
        let at = self.ids.len() / 2;
        Self { ids: upper(&mut self.ids, at), bounds: upper(&mut self.bounds, at) }
    }

    /// How many of the first have a bound that `number` reaches.
    fn reached(&self, number: f64) -> usize {
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
        debug_assert!(rest.all(|(at, id)| is_before(at, *id)), "10: order in a piece");
    }

    /// How the id at a place stands to one with this bound.
    fn order(&self, at: usize, bound: f64, id: Id) -> Ordering {
        let here = self.bounds.get(at).copied().unwrap_or(bound);
        here.total_cmp(&bound).then(self.ids[at].cmp(&id))
    }
}

/// A copy is made to be changed.
impl<Id: Copy> Clone for ChunkIds<Id> {
    fn clone(&self) -> Self {
        Self { ids: with_room(&self.ids), bounds: with_room(&self.bounds) }
    }
}
