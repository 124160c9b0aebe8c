use std::{cmp::Ordering, sync::Arc};

use super::{
    access::Probe,
    entry::{Entry, Masks, Slow},
};
use crate::{
    attribute::{AttributeId, Record},
    filter::tests_hold,
};

/// Entries of one class, sorted by their bound and then their id. Each field stands in one piece of
/// memory; of fields that the class does not have, none is kept.
#[derive(Clone, Debug)]
pub(super) struct Chunk<Id> {
    /// Of a pure class: all that there is.
    ids: Vec<Id>,
    /// Of any other.
    rows: Vec<Row<Id>>,
    bounds: Vec<f64>,
    code: Vec<i64>,
    /// Empty where no entry has any.
    slow: Vec<Option<Arc<Slow>>>,
}

/// An entry that has more to be tested than its class.
#[derive(Clone, Copy, Debug)]
struct Row<Id> {
    need: u64,
    forbidden: u64,
    id: Id,
    /// Where its code ends.
    end: u32,
}

/// What the entries of a class share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Class {
    pub(super) masks: Masks,
    /// The number that has a lower bound.
    pub(super) bounded: Option<AttributeId>,
    /// Whether masks and bound are all there is to test.
    pub(super) is_pure: bool,
}

impl<Id: Copy + Ord> Chunk<Id> {
    /// How many entries a chunk has at most: an insertion moves no more, and a change while a
    /// snapshot is read copies no more.
    pub(super) const MOST: usize = 512;

    pub(super) fn len(&self) -> usize {
        self.ids.len() + self.rows.len()
    }

    /// The least and the greatest bound; the same number where there is none.
    pub(super) fn span(&self) -> (f64, f64) {
        let first = self.bounds.first().copied().unwrap_or(f64::NEG_INFINITY);
        (first, self.bounds.last().copied().unwrap_or(f64::NEG_INFINITY))
    }

    /// Whether all its entries stand before one with this bound and id.
    pub(super) fn is_before(&self, bound: f64, id: Id) -> bool {
        let last = self.len().checked_sub(1);
        last.is_none_or(|last| self.order(last, bound, id) == Ordering::Less)
    }

    pub(super) fn insert(&mut self, class: &Class, entry: Entry<Id>) {
        let bound = entry.bound();
        let at = self.find(bound, entry.id).unwrap_or_else(|at| at);
        if class.bounded.is_some() {
            put(&mut self.bounds, at, bound);
        }
        if class.is_pure {
            put(&mut self.ids, at, entry.id);
            return;
        }
        let (start, len) = (self.start(at), entry.code.len());
        if self.code.capacity() - self.code.len() < len {
            self.code.reserve_exact(len + self.code.len() / 8);
        }
        self.code.splice(start..start, entry.code.iter().copied());
        self.rows[at..].iter_mut().for_each(|row| row.end += len as u32);
        let need = entry.masks.need & !class.masks.need;
        let forbidden = entry.masks.forbidden & !class.masks.forbidden;
        let row = Row { need, forbidden, id: entry.id, end: (start + len) as u32 };
        put(&mut self.rows, at, row);
        if entry.slow.is_some() && self.slow.is_empty() {
            self.slow = vec![None; self.rows.len() - 1];
        }
        if entry.slow.is_some() || !self.slow.is_empty() {
            put(&mut self.slow, at, entry.slow);
        }
    }

    /// Removes the entry, and says whether there was one.
    pub(super) fn remove(&mut self, bound: f64, id: Id) -> bool {
        let Ok(at) = self.find(bound, id) else {
            return false;
        };
        if !self.bounds.is_empty() {
            self.bounds.remove(at);
        }
        if !self.slow.is_empty() {
            self.slow.remove(at);
        }
        if self.rows.is_empty() {
            self.ids.remove(at);
            return true;
        }
        let start = self.start(at);
        let Row { end, .. } = self.rows.remove(at);
        self.code.drain(start..end as usize);
        self.rows[at..].iter_mut().for_each(|row| row.end -= end - start as u32);
        true
    }

    /// Takes the upper half away.
    pub(super) fn split(&mut self) -> Self {
        let at = self.len() / 2;
        let start = self.start(at);
        let mut rows = half(&mut self.rows, at);
        rows.iter_mut().for_each(|row| row.end -= start as u32);
        Self {
            ids: half(&mut self.ids, at),
            rows,
            bounds: half(&mut self.bounds, at),
            code: half(&mut self.code, start),
            slow: half(&mut self.slow, at),
        }
    }

    /// The entries of a chunk that is not pure, as they were inserted into `class`.
    pub(super) fn entries(&self, class: &Class) -> impl Iterator<Item = Entry<Id>> {
        self.rows.iter().enumerate().map(|(at, row)| Entry {
            id: row.id,
            masks: Masks {
                need: row.need | class.masks.need,
                forbidden: row.forbidden | class.masks.forbidden,
                ..class.masks
            },
            least: class.bounded.map(|attribute| (attribute, self.bounds[at])),
            code: self.code[self.start(at)..row.end as usize].to_vec(),
            slow: self.slow.get(at).cloned().flatten(),
        })
    }

    /// How many of the first entries have a bound that `number` reaches.
    pub(super) fn reached(&self, number: f64) -> usize {
        self.bounds.partition_point(|bound| *bound <= number)
    }

    /// Appends the ids of those of the first `len` that hold, for a record that has passed the
    /// class's masks.
    #[inline]
    pub(super) fn matches_into(
        &self,
        len: usize,
        record: &Record,
        probe: &mut Probe<'_>,
        wanted: &mut Vec<Id>,
    ) {
        if !self.ids.is_empty() {
            wanted.extend_from_slice(&self.ids[..len]);
            return;
        }
        let mut start = 0;
        for (at, row) in self.rows[..len].iter().enumerate() {
            let end = row.end as usize;
            // One branch for both: which way it goes cannot be guessed.
            let missing = row.need & !record.present();
            if missing | record.bits() & row.forbidden == 0
                && tests_hold(&self.code[start..end], record, probe.earlier)
                && self.slow_holds(at, record, probe)
            {
                wanted.push(row.id);
            }
            start = end;
        }
    }

    #[inline]
    fn slow_holds(&self, at: usize, record: &Record, probe: &mut Probe<'_>) -> bool {
        self.slow.get(at).and_then(Option::as_ref).is_none_or(|slow| {
            let holds = slow.holds(record, probe);
            probe.repeats |= holds && slow.repeats;
            holds
        })
    }

    fn find(&self, bound: f64, id: Id) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
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

    /// How the entry at a place stands to one with this bound and id.
    fn order(&self, at: usize, bound: f64, id: Id) -> Ordering {
        let here = self.bounds.get(at).copied().unwrap_or(bound);
        let found = self.rows.get(at).map(|row| row.id).or_else(|| self.ids.get(at).copied());
        here.total_cmp(&bound).then(found.cmp(&Some(id)))
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).and_then(|at| self.rows.get(at)).map_or(0, |row| row.end as usize)
    }
}

impl<Id> Default for Chunk<Id> {
    fn default() -> Self {
        let (ids, rows, bounds, code, slow) = Default::default();
        Self { ids, rows, bounds, code, slow }
    }
}

/// Inserts with little to spare: there are very many small lists.
fn put<T>(list: &mut Vec<T>, at: usize, value: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(1 + list.len() / 8);
    }
    list.insert(at, value);
}

fn half<T>(list: &mut Vec<T>, at: usize) -> Vec<T> {
    let upper = list.split_off(at.min(list.len()));
    list.shrink_to_fit();
    upper
}
