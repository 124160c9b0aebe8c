use std::sync::Arc;

use super::{
    access::Probe,
    chunk::{Chunk, Class, Shape},
    entry::{Entry, Masks},
};
use crate::attribute::Record;

/// The entries under one access key.
///
/// Few of them stand in one class, with all that they ask for as code. Many are told apart by what
/// they share, so that one look decides for a class, and by their bounds, so that what passes is a
/// prefix.
#[derive(Clone, Debug)]
pub(super) struct Bucket<Id> {
    /// Sorted by class.
    classes: Vec<(Class, Chunks<Id>)>,
    len: usize,
    is_split: bool,
}

/// The chunks of a class, one after the other in the order of their entries.
type Chunks<Id> = Vec<Arc<Chunk<Id>>>;

impl<Id: Copy + Ord> Bucket<Id> {
    /// With more entries, they are told apart by class.
    const SMALL: usize = 96;
    /// With more classes, what would need another is written as code.
    const CLASSES: usize = 64;

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry. `bits` are the attributes that are booleans or choices.
    pub(super) fn insert(&mut self, entry: Entry<Id>, bits: u64) {
        self.len += 1;
        if !self.is_split && self.len > Self::SMALL {
            self.split(bits);
        }
        let class = Self::class(&entry, bits);
        match self.find(&class) {
            Ok(at) => self.add(at, entry),
            Err(at) if self.is_split && self.classes.len() < Self::CLASSES => {
                self.classes.insert(at, (class, Vec::new()));
                self.add(at, entry);
            }
            Err(_) => {
                let entry = entry.into_coded();
                let class = Self::unsorted(&entry);
                let at = self.find(&class).unwrap_or_else(|at| {
                    self.classes.insert(at, (class, Vec::new()));
                    at
                });
                self.add(at, entry);
            }
        }
    }

    /// Removes an entry that was inserted.
    pub(super) fn remove(&mut self, entry: Entry<Id>, bits: u64) {
        let (id, bound) = (entry.id, entry.least.map_or(0.0, |(_, least)| least));
        let removed = match self.find(&Self::class(&entry, bits)) {
            Ok(at) => self.take(at, bound, id),
            Err(_) => false,
        };
        let unsorted = Self::unsorted(&entry.into_coded());
        if removed || self.find(&unsorted).is_ok_and(|at| self.take(at, 0.0, id)) {
            self.len -= 1;
        }
    }

    /// Appends the ids of the entries that hold.
    #[inline]
    pub(super) fn matches_into(
        &self,
        record: &Record,
        probe: &mut Probe<'_>,
        wanted: &mut Vec<Id>,
    ) {
        for (class, chunks) in &self.classes {
            if !class.masks.hold(record) {
                continue;
            }
            let number = class.bounded.map_or(0.0, |attribute| record.number_at(attribute));
            for chunk in chunks {
                if !chunk.matches_into(class, number, record, probe, wanted) {
                    break;
                }
            }
        }
    }

    fn class(entry: &Entry<Id>, bits: u64) -> Class {
        let masks = entry.common_masks(bits);
        let shape = match &entry.slow {
            Some(_) => Shape::Slow,
            None if entry.is_pure(masks) => Shape::Pure,
            None => Shape::Coded,
        };
        Class { masks, bounded: entry.least.map(|(attribute, _)| attribute), shape }
    }

    /// The class of what is not told apart.
    fn unsorted(entry: &Entry<Id>) -> Class {
        let shape = if entry.slow.is_some() { Shape::Slow } else { Shape::Coded };
        Class { masks: Masks::default(), bounded: None, shape }
    }

    fn find(&self, class: &Class) -> Result<usize, usize> {
        self.classes.binary_search_by(|(one, _)| one.cmp(class))
    }

    fn add(&mut self, at: usize, entry: Entry<Id>) {
        let (class, chunks) = &mut self.classes[at];
        let bound = entry.least.map_or(0.0, |(_, least)| least);
        let last = chunks.len().saturating_sub(1);
        let to = chunks.partition_point(|chunk| chunk.is_before(bound, entry.id)).min(last);
        if chunks.is_empty() {
            chunks.push(Arc::new(Chunk::new()));
        }
        let chunk = Arc::make_mut(&mut chunks[to]);
        chunk.insert(class, entry);
        if chunk.len() > Chunk::<Id>::MOST {
            let upper = chunk.split();
            chunks.insert(to + 1, Arc::new(upper));
        }
    }

    fn take(&mut self, at: usize, bound: f64, id: Id) -> bool {
        let (_, chunks) = &mut self.classes[at];
        let from = chunks.partition_point(|chunk| chunk.is_before(bound, id));
        let Some(chunk) = chunks.get_mut(from) else {
            return false;
        };
        let chunk = Arc::make_mut(chunk);
        let removed = chunk.remove(bound, id);
        if chunk.len() == 0 {
            chunks.remove(from);
        }
        if chunks.is_empty() {
            self.classes.remove(at);
        }
        removed
    }

    /// Tells the entries apart from now on.
    fn split(&mut self, bits: u64) {
        self.is_split = true;
        let len = self.len;
        for (class, chunks) in std::mem::take(&mut self.classes) {
            for entry in chunks.iter().flat_map(|chunk| chunk.entries(&class)) {
                self.insert(entry.from_coded(), bits);
            }
        }
        self.len = len;
    }
}

impl<Id> Default for Bucket<Id> {
    fn default() -> Self {
        Self { classes: Vec::new(), len: 0, is_split: false }
    }
}
