use std::sync::Arc;

use super::{access::Probe, dense::DenseValues, entry::IndexEntry, rows::Rows, sorted::SortedIds};

/// The entries under one access key, or the common entries of a topic.
///
/// A bucket never goes back from `Many` to `Few`, so that a bucket at the limit is not converted
/// repeatedly.
#[derive(Clone, Debug)]
pub(super) enum Bucket<Id> {
    /// At most [`Rows::MAX_LEN`] entries, which a search reads one after the other.
    Few(Arc<Rows<Id>>),
    /// The entries of a bucket that has, or once had, more than [`Rows::MAX_LEN`] entries.
    Many(Arc<ClassifiedRows<Id>>),
}

/// The entries of a large bucket. If a [class](super::entry::RowClass) is large, its entries are
/// stored only as ids, sorted by bound. A search compares the mask once for the whole class, and
/// the ids that match come first. All other entries are stored as rows.
#[derive(Clone, Debug)]
pub(super) struct ClassifiedRows<Id> {
    classes: SortedIds<Id>,
    /// The other entries, ordered by id and divided into parts that a change can copy quickly.
    rows: Vec<Arc<Rows<Id>>>,
    /// The total number of entries.
    len: usize,
    /// The number of entries in `rows` that could be in a class.
    classifiable: usize,
    /// If `classifiable` exceeds this number, an insertion looks for new classes.
    max_classifiable: usize,
}

impl<Id: Copy + Ord> Bucket<Id> {
    /// Returns the number of entries.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(rows) => rows.len(),
            Self::Many(classes) => classes.len,
        }
    }

    /// Adds an entry, whose id must not be in the bucket yet.
    pub(super) fn insert(&mut self, entry: &IndexEntry<Id>) {
        match self {
            Self::Few(rows) if rows.len() < Rows::<Id>::MAX_LEN => {
                Arc::make_mut(rows).insert(entry)
            }
            Self::Few(rows) => {
                let mut classes = ClassifiedRows::of(rows);
                classes.insert(entry);
                *self = Self::Many(Arc::new(classes));
            }
            Self::Many(classes) => Arc::make_mut(classes).insert(entry),
        }
    }

    /// Removes an entry, which must be in the bucket.
    pub(super) fn remove(&mut self, entry: &IndexEntry<Id>) {
        match self {
            Self::Few(rows) => Arc::make_mut(rows).remove(entry.row.id),
            Self::Many(classes) => Arc::make_mut(classes).remove(entry),
        }
    }

    /// Appends the ids of the entries that match the notification to `matched`.
    #[inline]
    pub(super) fn matches_into(
        &self,
        dense: &DenseValues<'_>,
        probe: &mut Probe<'_>,
        matched: &mut Vec<Id>,
    ) {
        match self {
            Self::Few(rows) => rows.matches_into(dense, probe, matched),
            Self::Many(classes) => classes.matches_into(dense, probe, matched),
        }
    }
}

/// Assertions for invariants 2 and 9.
impl<Id: Copy + Ord> Bucket<Id> {
    /// Checks all entries.
    pub(super) fn debug_check(&self) {
        match self {
            Self::Few(rows) => rows.debug_check(),
            Self::Many(classes) => classes.debug_check(),
        }
    }

    /// Returns whether the bucket contains `entry` exactly once and unchanged.
    pub(super) fn has(&self, entry: &IndexEntry<Id>) -> bool {
        let is_row = |rows: &Rows<Id>| rows.get(entry.row.id).is_some_and(|one| one == *entry);
        match self {
            Self::Few(rows) => is_row(rows),
            Self::Many(many) => {
                let class = entry.class().filter(|class| many.classes.has(class));
                let rows = many.rows.iter().filter(|rows| is_row(rows)).count();
                let (bound, id) = (entry.row.bound, entry.row.id);
                class.map_or(rows == 1, |class| rows == 0 && many.classes.has_id(&class, bound, id))
            }
        }
    }
}

impl<Id> Default for Bucket<Id> {
    fn default() -> Self {
        Self::Few(Arc::default())
    }
}

impl<Id: Copy + Ord> ClassifiedRows<Id> {
    /// The minimum number of entries for which a class is created. Fetching the memory of a smaller
    /// class would cost more than reading its rows.
    const MIN_CLASS_LEN: usize = 32;
    /// The maximum number of classes in a bucket. Every search compares all of them, so many small
    /// classes would cost more than they save.
    const MAX_CLASSES: usize = 64;

    /// Creates classified rows from the rows of a full bucket. The rows are shared rather than
    /// copied. If enough of the rows could be in a class, the next insertion looks for classes.
    fn of(rows: &Arc<Rows<Id>>) -> Self {
        let classifiable = rows.entries().filter(|entry| entry.class().is_some()).count();
        let (classes, rows, len) = (SortedIds::new(), vec![Arc::clone(rows)], rows.len());
        Self { classes, rows, len, classifiable, max_classifiable: Self::MIN_CLASS_LEN }
    }

    /// Adds an entry to its class, or to the rows if no such class exists.
    fn insert(&mut self, entry: &IndexEntry<Id>) {
        self.len += 1;
        if let Some(class) = entry.class() {
            // Once created, a class stays until it is empty, even if it has fewer ids than
            // MIN_CLASS_LEN. Therefore this check determines where the entry belongs, both here and
            // in `remove` (invariant 9).
            if self.classes.has(&class) {
                self.classes.insert(class, entry.row.bound, entry.row.id);
                return;
            }
            self.classifiable += 1;
        }
        self.add(entry);
        if self.classifiable > self.max_classifiable {
            self.classify();
        }
    }

    /// Removes an entry from its class or from the rows.
    fn remove(&mut self, entry: &IndexEntry<Id>) {
        self.len -= 1;
        if let Some(class) = entry.class() {
            if self.classes.has(&class) {
                self.classes.remove(&class, entry.row.bound, entry.row.id);
                return;
            }
            self.classifiable -= 1;
        }
        let from = self.rows.partition_point(|rows| rows.is_before(entry.row.id));
        let rows = &mut self.rows[from];
        Arc::make_mut(rows).remove(entry.row.id);
        // Parts that shrink are not merged, because a search reads the same rows either way.
        if rows.len() == 0 {
            self.rows.remove(from);
        }
    }

    /// Appends the ids of the entries that match the notification to `matched`.
    fn matches_into(&self, dense: &DenseValues<'_>, probe: &mut Probe<'_>, matched: &mut Vec<Id>) {
        self.classes.matches_into(dense, matched);
        for rows in &self.rows {
            rows.matches_into(dense, probe, matched);
        }
    }

    /// Creates the classes for which there are enough rows and moves these rows into them.
    ///
    /// This method unpacks all rows and sorts them by class. It then sets `max_classifiable` to
    /// twice the number of rows that could still be in a class. As a result, it is rarely called,
    /// and the average cost of an insertion stays small.
    fn classify(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let entries = rows.iter().flat_map(|rows| rows.entries());
        let mut entries: Vec<_> = entries.map(|entry| (entry.class(), entry)).collect();
        entries.sort_by_key(|(class, _)| *class);
        self.classifiable = 0;
        let mut rest = Vec::new();
        for group in entries.chunk_by(|(a, _), (b, _)| a == b) {
            let is_many =
                group.len() >= Self::MIN_CLASS_LEN && self.classes.classes() < Self::MAX_CLASSES;
            match group[0].0 {
                Some(class) if is_many => {
                    for (_, IndexEntry { row, .. }) in group {
                        self.classes.insert(class, row.bound, row.id);
                    }
                }
                // The rows have no class, their class is too small, or there are already too many
                // classes.
                class => {
                    self.classifiable += if class.is_some() { group.len() } else { 0 };
                    rest.extend(group.iter().map(|(_, entry)| entry));
                }
            }
        }
        // The rows are added in id order, so each goes to the end of the last part and all other
        // parts are full.
        rest.sort_by_key(|entry| entry.row.id);
        rest.into_iter().for_each(|entry| self.add(entry));
        self.max_classifiable = (2 * self.classifiable).max(Self::MIN_CLASS_LEN);
    }

    /// Asserts invariant 9 and the invariants of the parts.
    fn debug_check(&self) {
        self.classes.debug_check();
        self.rows.iter().for_each(|rows| rows.debug_check());
        debug_assert!(self.rows.iter().all(|rows| rows.len() > 0), "9: an empty part");
        debug_assert!(self.rows.is_sorted_by(|a, b| a.is_all_before(b)), "9: order of the parts");
        let rows: usize = self.rows.iter().map(|rows| rows.len()).sum();
        debug_assert_eq!(self.len, self.classes.len() + rows, "9: length");
        let classes =
            self.rows.iter().flat_map(|rows| rows.entries()).filter_map(|one| one.class());
        let classes = Vec::from_iter(classes);
        debug_assert!(!classes.iter().any(|class| self.classes.has(class)), "9: a row of a class");
        debug_assert_eq!(self.classifiable, classes.len(), "9: rows that could be in a class");
        debug_assert!(
            self.classifiable <= self.max_classifiable,
            "9: classes are looked for in time"
        );
    }

    /// Adds a row to the parts.
    ///
    /// A row whose id is greater than all existing ids goes into the last part, or into a new part
    /// if the last one is full.
    /// Therefore, if entries are added in ascending order of their ids, parts are filled and never
    /// split.
    fn add(&mut self, entry: &IndexEntry<Id>) {
        let before = self.rows.partition_point(|rows| rows.is_before(entry.row.id));
        let to = match self.rows.len().checked_sub(1) {
            Some(last) if before <= last || self.rows[last].len() < Rows::<Id>::MAX_LEN => {
                before.min(last)
            }
            _ => {
                self.rows.push(Arc::default());
                before
            }
        };
        let rows = Arc::make_mut(&mut self.rows[to]);
        rows.insert(entry);
        if rows.len() > Rows::<Id>::MAX_LEN {
            let upper = rows.split();
            self.rows.insert(to + 1, Arc::new(upper));
        }
    }
}
