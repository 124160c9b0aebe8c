use std::sync::Arc;

use super::{
    access::Probe,
    code::code_holds,
    dense::DenseValues,
    entry::{IndexEntry, Row, SlowTests},
};

/// Entries ordered by id.
///
/// The rows, the code and the slow tests are separate lists. A search reads all rows, but the code
/// of only a few and the slow tests of even fewer, so it reads as little memory as possible.
#[derive(Debug)]
pub(super) struct Rows<Id> {
    rows: Vec<Row<Id>>,
    /// The code of all entries, in the same order.
    code: Vec<i64>,
    /// The slow tests of each entry. The list is empty if no entry has any.
    slow: Vec<Option<Arc<SlowTests>>>,
}

// `Row::end` has 16 bits, and just before a split there is one more row than MAX_LEN.
const _: () = assert!((Rows::<u8>::MAX_LEN + 1) * IndexEntry::<u8>::MAX_CODE <= u16::MAX as usize);

impl<Id: Copy + Ord> Rows<Id> {
    /// The maximum number of entries, equal to five of the blocks in which a search reads rows.
    /// This maximum limits how much an insertion moves and how much a change copies if a snapshot
    /// shares the rows.
    pub(super) const MAX_LEN: usize = 320;

    /// Returns the number of entries.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether all ids are less than `id`.
    pub(super) fn is_before(&self, id: Id) -> bool {
        self.rows.last().is_none_or(|last| last.id < id)
    }

    /// Adds an entry, whose id must not be present yet. If there are more than
    /// [`MAX_LEN`](Self::MAX_LEN) rows afterwards, the caller must split them.
    pub(super) fn insert(&mut self, entry: &IndexEntry<Id>) {
        let found = self.find(entry.row.id);
        debug_assert!(found.is_err(), "8: an id is inserted twice");
        let at = found.unwrap_or_else(|at| at);
        let (start, len) = (self.start(at), entry.code.len());
        // Like `insert_tight`, this reserves only a little more memory than it needs, but for
        // several words at once. `splice` alone might double the memory.
        if self.code.capacity() - self.code.len() < len {
            self.code.reserve_exact(len + self.code.len() / 8);
        }
        self.code.splice(start..start, entry.code.iter().copied());
        // The code of the following rows has moved. The casts here cannot truncate, because the
        // assertion at the top of this file limits the length of all code.
        self.rows[at..].iter_mut().for_each(|row| row.end += len as u16);
        let mut row = entry.row;
        row.end = (start + len) as u16;
        insert_tight(&mut self.rows, at, row);
        // The first entry with slow tests adds an empty slot for each existing entry.
        if entry.slow.is_some() && self.slow.is_empty() {
            self.slow = vec![None; self.rows.len() - 1];
        }
        if entry.slow.is_some() || !self.slow.is_empty() {
            insert_tight(&mut self.slow, at, entry.slow.clone());
        }
        self.debug_check_at(at);
    }

    /// Removes the entry with the given id, which must be present.
    pub(super) fn remove(&mut self, id: Id) {
        let Ok(at) = self.find(id) else { unreachable!("2: a row that is removed is there") };
        if !self.slow.is_empty() {
            self.slow.remove(at);
        }
        let start = self.start(at);
        let Row { end, .. } = self.rows.remove(at);
        self.code.drain(start..end.into());
        self.rows[at..].iter_mut().for_each(|row| row.end -= end - start as u16);
        self.debug_check_at(at);
    }

    /// Removes the upper half and returns it.
    pub(super) fn split(&mut self) -> Self {
        let at = self.len() / 2;
        let start = self.start(at);
        let mut rows = split_off_tight(&mut self.rows, at);
        rows.iter_mut().for_each(|row| row.end -= start as u16);
        Self {
            rows,
            code: split_off_tight(&mut self.code, start),
            slow: split_off_tight(&mut self.slow, at),
        }
    }

    /// Returns copies of the entries in the form in which they were inserted.
    pub(super) fn entries(&self) -> impl Iterator<Item = IndexEntry<Id>> {
        (0..self.rows.len()).map(|at| self.entry(at))
    }

    fn entry(&self, at: usize) -> IndexEntry<Id> {
        let row = self.rows[at];
        let code = self.code[self.start(at)..row.end.into()].to_vec();
        IndexEntry { row, code, slow: self.slow.get(at).cloned().flatten() }
    }

    /// Appends the ids of the entries that match the notification to `matched`.
    ///
    /// This is the inner loop of every search. The processor cannot predict which rows pass, so a
    /// branch for each row would often be mispredicted. Instead, a bit is set for each passing row
    /// of a block, and only these rows are visited again.
    #[inline]
    pub(super) fn matches_into(
        &self,
        dense: &DenseValues<'_>,
        probe: &mut Probe<'_>,
        matched: &mut Vec<Id>,
    ) {
        // The number of rows in a block: one for each bit of a `u64`.
        const BLOCK: usize = u64::BITS as usize;
        let masks = Row::<Id>::definite_masks(probe);
        for (block, rows) in self.rows.chunks(BLOCK).enumerate() {
            let (mut definite, mut uncertain) = (0_u64, 0_u64);
            for (at, row) in rows.iter().enumerate() {
                let passing = u64::from(row.may_hold(dense)) << at;
                let is_definite = u64::from(row.is_definite(&masks)) << at;
                definite |= passing & is_definite;
                uncertain |= passing & !is_definite;
            }
            // Most rows that pass are definite. The number of ids is known here, so `extend`
            // reserves memory once and does not branch for each id.
            matched.extend((0..definite.count_ones()).map(|_| rows[next(&mut definite)].id));
            while uncertain != 0 {
                let within = next(&mut uncertain);
                if self.holds(block * BLOCK + within, &rows[within], dense, probe) {
                    matched.push(rows[within].id);
                }
            }
        }
    }

    /// Returns whether the code and the slow tests of an entry hold. If they do and other keys may
    /// also find the entry, this is recorded in the probe.
    #[inline]
    fn holds(
        &self,
        at: usize,
        row: &Row<Id>,
        dense: &DenseValues<'_>,
        probe: &mut Probe<'_>,
    ) -> bool {
        let code = &self.code[self.start(at)..row.end.into()];
        code_holds(code, dense.values, probe.preceding)
            && self.slow.get(at).and_then(Option::as_ref).is_none_or(|slow| {
                let holds = slow.holds(dense.values, probe);
                probe.may_repeat |= holds && slow.may_repeat;
                holds
            })
    }

    /// Returns `Ok` with the position of an id, or `Err` with the position at which the id would be
    /// inserted.
    fn find(&self, id: Id) -> Result<usize, usize> {
        // Hosts often assign ascending ids, in which case no search is needed.
        if self.is_before(id) {
            return Err(self.rows.len());
        }
        self.rows.binary_search_by_key(&id, |row| row.id)
    }

    /// Returns the start of an entry's code: the position at which the preceding entry's code ends.
    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.rows[before].end.into())
    }
}

/// Assertions for invariant 8.
impl<Id: Copy + Ord> Rows<Id> {
    pub(super) fn debug_check(&self) {
        debug_assert!(self.rows.is_sorted_by(|a, b| a.id < b.id && a.end <= b.end), "8: order");
        debug_assert!(self.rows.len() <= Self::MAX_LEN, "8: too many rows");
        self.debug_check_at(0);
    }

    /// Checks a row and its neighbours, and the lengths of the lists.
    fn debug_check_at(&self, at: usize) {
        // In a release build, computing this would be wasted work.
        if !cfg!(debug_assertions) {
            return;
        }
        let near = &self.rows[at.saturating_sub(1)..self.rows.len().min(at + 2)];
        debug_assert!(near.is_sorted_by(|a, b| a.id < b.id && a.end <= b.end), "8: order");
        debug_assert_eq!(self.code.len(), self.start(self.rows.len()), "8: code of no row");
        debug_assert!([0, self.rows.len()].contains(&self.slow.len()), "8: slow tests");
    }

    /// Returns the entry with the given id, if it is present.
    pub(super) fn get(&self, id: Id) -> Option<IndexEntry<Id>> {
        self.find(id).ok().map(|at| self.entry(at))
    }

    /// Returns whether all ids are less than all ids of `next`.
    pub(super) fn is_all_before(&self, next: &Self) -> bool {
        next.rows.first().is_none_or(|first| self.is_before(first.id))
    }
}

// `Arc::make_mut` copies rows in order to change them. `Vec::clone` leaves no spare room, so an
// insertion would have to copy everything again.
impl<Id: Copy> Clone for Rows<Id> {
    fn clone(&self) -> Self {
        let Self { rows, code, slow } = self;
        Self {
            rows: clone_with_room(rows),
            code: clone_with_room(code),
            slow: clone_with_room(slow),
        }
    }
}

impl<Id> Default for Rows<Id> {
    fn default() -> Self {
        Self { rows: Vec::new(), code: Vec::new(), slow: Vec::new() }
    }
}

/// Clears the lowest set bit and returns its position.
#[inline]
fn next(bits: &mut u64) -> usize {
    let at = bits.trailing_zeros();
    *bits &= bits.wrapping_sub(1);
    at as usize
}

/// Inserts an item. If the list must grow, it grows by an eighth instead of doubling, because an
/// index contains a great many small lists.
pub(super) fn insert_tight<T>(list: &mut Vec<T>, at: usize, value: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(1 + list.len() / 8);
    }
    list.insert(at, value);
}

/// Returns a copy with room for an insertion.
pub(super) fn clone_with_room<T: Clone>(list: &[T]) -> Vec<T> {
    // Most lists of slow tests are empty and stay empty. They should not allocate.
    if list.is_empty() {
        return Vec::new();
    }
    let mut copy = Vec::with_capacity(list.len() + 1 + list.len() / 16);
    copy.extend_from_slice(list);
    copy
}

/// Splits a list in two at `at` and frees the memory that the lower part no longer needs. Returns
/// the upper part, which is empty if the list is not longer than `at`.
pub(super) fn split_off_tight<T>(list: &mut Vec<T>, at: usize) -> Vec<T> {
    let upper = list.split_off(at.min(list.len()));
    list.shrink_to_fit();
    upper
}
