use std::sync::Arc;

use super::{
    access::Probe,
    chunk::{Chunk, Class},
    entry::Entry,
};
use crate::attribute::Record;

/// The entries under one access key.
#[derive(Clone, Debug)]
pub(super) enum Bucket<Id> {
    /// In one class, each with all that it asks for: they are read one after the other.
    Few(Arc<Chunk<Id>>),
    /// Those that share much, told apart by it, so that one look decides for a class, and sorted by
    /// their bounds, so that what passes is a prefix. The rest as few are.
    Many(Arc<Classes<Id>>),
}

#[derive(Clone, Debug)]
pub(super) struct Classes<Id> {
    /// Sorted by class. The default one comes first and has those that are not told apart.
    classes: Vec<(Class, Vec<Piece<Id>>)>,
    len: usize,
    /// How many of them are not told apart, and with how many to look for classes among them.
    mixed: usize,
    mixed_most: usize,
}

/// A chunk, and its least and greatest bound, which mostly tell what of it passes.
#[derive(Clone, Debug)]
struct Piece<Id> {
    first: f64,
    last: f64,
    chunk: Arc<Chunk<Id>>,
}

impl<Id: Copy + Ord> Bucket<Id> {
    /// With more entries, classes are looked for.
    const FEW: usize = 96;

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(chunk) => chunk.len(),
            Self::Many(classes) => classes.len,
        }
    }

    /// Adds an entry. `bits` are the attributes that are booleans or choices.
    pub(super) fn insert(&mut self, entry: Entry<Id>, bits: u64) {
        match self {
            Self::Few(chunk) if chunk.len() < Self::FEW => {
                Arc::make_mut(chunk).insert(&Class::default(), entry.into_coded());
            }
            Self::Few(chunk) => {
                let mut classes = Classes {
                    classes: vec![(Class::default(), vec![Piece::of(Arc::clone(chunk))])],
                    len: chunk.len(),
                    mixed: chunk.len(),
                    mixed_most: Self::FEW,
                };
                classes.insert(entry, bits);
                *self = Self::Many(Arc::new(classes));
            }
            Self::Many(classes) => Arc::make_mut(classes).insert(entry, bits),
        }
    }

    /// Removes an entry that was inserted.
    pub(super) fn remove(&mut self, entry: Entry<Id>, bits: u64) {
        match self {
            Self::Few(chunk) => {
                let entry = entry.into_coded();
                Arc::make_mut(chunk).remove(entry.bound(), entry.id);
            }
            Self::Many(classes) => Arc::make_mut(classes).remove(entry, bits),
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
        match self {
            Self::Few(chunk) => chunk.matches_into(chunk.len(), record, probe, wanted),
            Self::Many(classes) => classes.matches_into(record, probe, wanted),
        }
    }
}

impl<Id> Default for Bucket<Id> {
    fn default() -> Self {
        Self::Few(Arc::default())
    }
}

impl<Id: Copy + Ord> Classes<Id> {
    /// Fewer entries make no class of their own: to go to them would cost more than to read them.
    const CLASS: usize = 48;
    /// There are no more classes, since each is looked at.
    const MOST: usize = 64;

    fn insert(&mut self, entry: Entry<Id>, bits: u64) {
        self.len += 1;
        match self.find(&Self::class(&entry, bits)) {
            Ok(at) if at > 0 => return self.add(at, entry),
            _ => {}
        }
        self.mixed += 1;
        self.add(0, entry.into_coded());
        if self.mixed > self.mixed_most {
            self.look_for_classes(bits);
        }
    }

    /// Tells the mixed entries apart by the classes that many of them are of.
    fn look_for_classes(&mut self, bits: u64) {
        let (all, mixed) = (Class::default(), std::mem::take(&mut self.classes[0].1));
        let mut entries: Vec<_> = mixed
            .iter()
            .flat_map(|piece| piece.chunk.entries(&all))
            .map(|entry| {
                let entry = entry.told_apart();
                (Self::class(&entry, bits), entry)
            })
            .collect();
        entries.sort_by_key(|(class, _)| *class);
        self.mixed = 0;
        let mut entries = entries.into_iter().peekable();
        let mut group = Vec::new();
        while let Some((class, entry)) = entries.next() {
            group.push(entry);
            if entries.peek().is_some_and(|(next, _)| *next == class) {
                continue;
            }
            let to = match self.find(&class) {
                Err(at) if group.len() >= Self::CLASS && self.classes.len() < Self::MOST => {
                    self.classes.insert(at, (class, Vec::new()));
                    at
                }
                _ => 0,
            };
            for entry in group.drain(..) {
                if to == 0 {
                    self.mixed += 1;
                    self.add(0, entry.into_coded());
                } else {
                    self.add(to, entry);
                }
            }
        }
        self.mixed_most = (2 * self.mixed).max(Bucket::<Id>::FEW);
    }

    fn remove(&mut self, entry: Entry<Id>, bits: u64) {
        let (id, bound) = (entry.id, entry.bound());
        let class = self.find(&Self::class(&entry, bits));
        if class.is_ok_and(|at| at > 0 && self.take(at, bound, id)) {
            self.len -= 1;
        } else if self.take(0, entry.into_coded().bound(), id) {
            self.len -= 1;
            self.mixed -= 1;
        }
    }

    fn matches_into(&self, record: &Record, probe: &mut Probe<'_>, wanted: &mut Vec<Id>) {
        for (class, pieces) in &self.classes {
            if !class.masks.hold(record) {
                continue;
            }
            let number = class.bounded.map_or(0.0, |attribute| record.number_at(attribute));
            for Piece { first, last, chunk } in pieces {
                if *first > number {
                    break;
                }
                let len = if *last <= number { chunk.len() } else { chunk.reached(number) };
                chunk.matches_into(len, record, probe, wanted);
            }
        }
    }

    fn class(entry: &Entry<Id>, bits: u64) -> Class {
        let masks = entry.common_masks(bits);
        let bounded = entry.least.map(|(attribute, _)| attribute);
        Class { masks, bounded, is_pure: entry.is_pure(masks) }
    }

    fn find(&self, class: &Class) -> Result<usize, usize> {
        self.classes.binary_search_by(|(one, _)| one.cmp(class))
    }

    fn add(&mut self, at: usize, entry: Entry<Id>) {
        let (class, pieces) = &mut self.classes[at];
        let bound = entry.bound();
        let last = pieces.len().saturating_sub(1);
        let to = pieces.partition_point(|piece| piece.chunk.is_before(bound, entry.id)).min(last);
        if pieces.is_empty() {
            pieces.push(Piece::new(Chunk::default()));
        }
        let upper = pieces[to].change(|chunk| {
            chunk.insert(class, entry);
            (chunk.len() > Chunk::<Id>::MOST).then(|| chunk.split())
        });
        if let Some(upper) = upper {
            pieces.insert(to + 1, Piece::new(upper));
        }
    }

    fn take(&mut self, at: usize, bound: f64, id: Id) -> bool {
        let (_, pieces) = &mut self.classes[at];
        let from = pieces.partition_point(|piece| piece.chunk.is_before(bound, id));
        let Some(piece) = pieces.get_mut(from) else {
            return false;
        };
        let removed = piece.change(|chunk| chunk.remove(bound, id));
        if piece.chunk.len() == 0 {
            pieces.remove(from);
        }
        if pieces.is_empty() && at > 0 {
            self.classes.remove(at);
        }
        removed
    }
}

impl<Id: Copy + Ord> Piece<Id> {
    fn new(chunk: Chunk<Id>) -> Self {
        Self::of(Arc::new(chunk))
    }

    fn of(chunk: Arc<Chunk<Id>>) -> Self {
        let (first, last) = chunk.span();
        Self { first, last, chunk }
    }

    fn change<R>(&mut self, change: impl FnOnce(&mut Chunk<Id>) -> R) -> R {
        let chunk = Arc::make_mut(&mut self.chunk);
        let result = change(chunk);
        (self.first, self.last) = chunk.span();
        result
    }
}
