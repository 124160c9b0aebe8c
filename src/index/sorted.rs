use std::{cmp::Ordering, sync::Arc};

use super::{
    facts::Facts,
    rows::{put, upper},
};
use crate::attribute::AttributeId;

/// The ids of one class, sorted by their bounds, so that those that hold are the first ones.
#[derive(Clone, Debug)]
pub(super) struct Sorted<Id> {
    pieces: Vec<Piece<Id>>,
}

/// A part of the ids, and its least and greatest bound, which mostly tell what of it holds.
#[derive(Clone, Debug)]
struct Piece<Id> {
    first: f64,
    last: f64,
    part: Arc<Part<Id>>,
}

#[derive(Clone, Debug)]
struct Part<Id> {
    ids: Vec<Id>,
    /// Empty where the class has none.
    bounds: Vec<f64>,
}

impl<Id: Copy + Ord> Sorted<Id> {
    /// Makes it of ids that have a bound each, or none of them.
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds an id with its bound; minus infinity where the class has none.
    pub(super) fn insert(&mut self, bound: f64, id: Id) {
        let last = self.pieces.len().saturating_sub(1);
        let to = self.pieces.partition_point(|piece| piece.part.is_before(bound, id)).min(last);
        if self.pieces.is_empty() {
            self.pieces.push(Piece::new(Part { ids: Vec::new(), bounds: Vec::new() }));
        }
        let upper = self.pieces[to].change(|part| {
            part.insert(bound, id);
            (part.ids.len() > Part::<Id>::MOST).then(|| part.split())
        });
        if let Some(upper) = upper {
            self.pieces.insert(to + 1, Piece::new(upper));
        }
    }

    /// Removes an id with its bound, and says whether it was there.
    pub(super) fn remove(&mut self, bound: f64, id: Id) -> bool {
        let from = self.pieces.partition_point(|piece| piece.part.is_before(bound, id));
        let Some(piece) = self.pieces.get_mut(from) else {
            return false;
        };
        let removed = piece.change(|part| part.remove(bound, id));
        if piece.part.ids.is_empty() {
            self.pieces.remove(from);
        }
        removed
    }

    /// Appends the ids of which the bound is reached by the number `bounded`, or all where there
    /// is none.
    pub(super) fn matches_into(
        &self,
        bounded: Option<AttributeId>,
        facts: &Facts<'_>,
        wanted: &mut Vec<Id>,
    ) {
        let number = bounded.map_or(f64::INFINITY, |attribute| facts.number(attribute));
        for Piece { first, last, part } in &self.pieces {
            if *first > number {
                break;
            }
            let len = if *last <= number { part.ids.len() } else { part.reached(number) };
            wanted.extend_from_slice(&part.ids[..len]);
        }
    }
}

impl<Id: Copy + Ord> Piece<Id> {
    fn new(part: Part<Id>) -> Self {
        let (first, last) = part.span();
        Self { first, last, part: Arc::new(part) }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut Part<Id>) -> R) -> R {
        let part = Arc::make_mut(&mut self.part);
        let result = change(part);
        (self.first, self.last) = part.span();
        result
    }
}

impl<Id: Copy + Ord> Part<Id> {
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
        let at = self.find(bound, id).unwrap_or_else(|at| at);
        if bound > f64::NEG_INFINITY {
            put(&mut self.bounds, at, bound);
        }
        put(&mut self.ids, at, id);
    }

    fn remove(&mut self, bound: f64, id: Id) -> bool {
        let Ok(at) = self.find(bound, id) else {
            return false;
        };
        if !self.bounds.is_empty() {
            self.bounds.remove(at);
        }
        self.ids.remove(at);
        true
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

    /// How the id at a place stands to one with this bound.
    fn order(&self, at: usize, bound: f64, id: Id) -> Ordering {
        let here = self.bounds.get(at).copied().unwrap_or(bound);
        here.total_cmp(&bound).then(self.ids[at].cmp(&id))
    }
}
