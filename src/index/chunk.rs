use std::sync::Arc;

use super::{
    access::Probe,
    entry::{Entry, Masks, Slow, code_holds},
};
use crate::attribute::{AttributeId, Record};

/// Entries of one class, sorted by their bound and then their id, each field in one piece of
/// memory. Of fields that the class does not have, none is kept.
#[derive(Clone, Debug)]
pub(super) struct Chunk<Id> {
    ids: Vec<Id>,
    bounds: Vec<f64>,
    needs: Vec<u64>,
    /// Where the code of each ends.
    ends: Vec<u32>,
    code: Vec<i64>,
    slow: Vec<Option<Arc<Slow>>>,
}

/// What the entries of a class share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Class {
    pub(super) masks: Masks,
    /// The number that has a lower bound.
    pub(super) bounded: Option<AttributeId>,
    pub(super) shape: Shape,
}

/// What entries of a class have besides their ids and bounds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Shape {
    /// Nothing: masks and bound decide.
    Pure,
    /// More to need, and code.
    Coded,
    /// And tests of other kinds.
    Slow,
}

impl<Id: Copy + Ord> Chunk<Id> {
    /// How many entries a chunk has at most: an insertion moves no more, and a change while a
    /// snapshot is read copies no more.
    pub(super) const MOST: usize = 256;

    pub(super) fn new() -> Self {
        Self {
            ids: Vec::new(),
            bounds: Vec::new(),
            needs: Vec::new(),
            ends: Vec::new(),
            code: Vec::new(),
            slow: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether all its entries stand before one with this bound and id.
    pub(super) fn is_before(&self, bound: f64, id: Id) -> bool {
        self.ids.last().is_none_or(|last| {
            let last_bound = self.bounds.last().copied().unwrap_or(0.0);
            last_bound < bound || last_bound == bound && *last < id
        })
    }

    pub(super) fn insert(&mut self, class: &Class, entry: Entry<Id>) {
        let bound = entry.least.map_or(0.0, |(_, least)| least);
        let (Ok(at) | Err(at)) = self.position(bound, entry.id);
        put(&mut self.ids, at, entry.id);
        if class.bounded.is_some() {
            put(&mut self.bounds, at, bound);
        }
        if class.shape == Shape::Pure {
            return;
        }
        put(&mut self.needs, at, entry.masks.need & !class.masks.need);
        let start = self.start(at);
        if self.code.capacity() - self.code.len() < entry.code.len() {
            self.code.reserve_exact(entry.code.len() + self.code.len() / 8);
        }
        self.code.splice(start..start, entry.code.iter().copied());
        put(&mut self.ends, at, start as u32);
        self.ends[at..].iter_mut().for_each(|end| *end += entry.code.len() as u32);
        if class.shape == Shape::Slow {
            put(&mut self.slow, at, entry.slow);
        }
    }

    /// Removes the entry, and says whether there was one.
    pub(super) fn remove(&mut self, bound: f64, id: Id) -> bool {
        let Ok(at) = self.position(bound, id) else {
            return false;
        };
        self.ids.remove(at);
        if !self.bounds.is_empty() {
            self.bounds.remove(at);
        }
        if !self.needs.is_empty() {
            self.needs.remove(at);
            let (start, end) = (self.start(at), self.ends[at] as usize);
            self.code.drain(start..end);
            self.ends.remove(at);
            self.ends[at..].iter_mut().for_each(|later| *later -= (end - start) as u32);
        }
        if !self.slow.is_empty() {
            self.slow.remove(at);
        }
        true
    }

    /// Takes the upper half away.
    pub(super) fn split(&mut self) -> Self {
        fn half<T>(list: &mut Vec<T>, at: usize) -> Vec<T> {
            let upper = list.split_off(at.min(list.len()));
            list.shrink_to_fit();
            upper
        }
        let at = self.len() / 2;
        let start = self.start(at);
        let mut ends = half(&mut self.ends, at);
        ends.iter_mut().for_each(|end| *end -= start as u32);
        Self {
            ids: half(&mut self.ids, at),
            bounds: half(&mut self.bounds, at),
            needs: half(&mut self.needs, at),
            ends,
            code: half(&mut self.code, start),
            slow: half(&mut self.slow, at),
        }
    }

    /// The entries, as they were inserted into `class`.
    pub(super) fn entries(&self, class: &Class) -> impl Iterator<Item = Entry<Id>> {
        (0..self.len()).map(|at| {
            let need = self.needs.get(at).copied().unwrap_or_default() | class.masks.need;
            let code =
                self.ends.get(at).map_or(&[][..], |end| &self.code[self.start(at)..*end as usize]);
            Entry {
                id: self.ids[at],
                masks: Masks { need, ..class.masks },
                least: class.bounded.map(|attribute| (attribute, self.bounds[at])),
                code: code.to_vec(),
                slow: self.slow.get(at).cloned().flatten(),
            }
        })
    }

    /// Appends the ids of those that hold, for a record that has passed the class's masks. Says
    /// whether later chunks can have any.
    #[inline]
    pub(super) fn matches_into(
        &self,
        class: &Class,
        number: f64,
        record: &Record,
        probe: &mut Probe<'_>,
        wanted: &mut Vec<Id>,
    ) -> bool {
        let len = match self.bounds.last() {
            Some(last) if *last > number => self.bounds.partition_point(|bound| *bound <= number),
            _ => self.len(),
        };
        if class.shape == Shape::Pure {
            wanted.extend_from_slice(&self.ids[..len]);
            return len == self.len();
        }
        let mut start = 0;
        let rows = self.ids[..len].iter().zip(&self.needs).zip(&self.ends).enumerate();
        for (at, ((id, need), end)) in rows {
            let end = *end as usize;
            if record.present() & need == *need
                && code_holds(&self.code[start..end], record, probe)
                && self.slow.get(at).and_then(Option::as_ref).is_none_or(|slow| {
                    let holds = slow.holds(record, probe);
                    probe.repeats |= holds && slow.repeats;
                    holds
                })
            {
                wanted.push(*id);
            }
            start = end;
        }
        len == self.len()
    }

    fn position(&self, bound: f64, id: Id) -> Result<usize, usize> {
        let first = self.bounds.partition_point(|one| *one < bound);
        let same = if self.bounds.is_empty() {
            &self.ids[..]
        } else {
            let len = self.bounds[first..].partition_point(|one| *one <= bound);
            &self.ids[first..first + len]
        };
        same.binary_search(&id).map(|at| first + at).map_err(|at| first + at)
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.ends.get(before).map_or(0, |end| *end as usize))
    }
}

/// Inserts with little to spare: there are very many small lists.
fn put<T>(list: &mut Vec<T>, at: usize, value: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(1 + list.len() / 8);
    }
    list.insert(at, value);
}
