//! Which of many filters want a notification.
//!
//! Each filter is filed under the values of one of its keys, the one that the fewest notifications
//! will find in vain (the idea of an *access predicate*, Fabret et al. 2001). A notification then
//! looks only where its own values lead; so what it costs follows what it matches, not how many
//! filters there are.
//!
//! A filter that asks for no value (a bound, a prefix, an exclusion alone) is looked at each time;
//! of those that differ in their bounds alone, only the ones that pass are.

mod access;
mod bucket;
mod code;
mod entry;
mod facts;
mod rows;
mod sorted;
mod topic;
mod trie;
mod values;

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    Filter,
    attribute::{Record, SchemaId},
};
use access::Access;
use topic::Topic;

/// A set of filters, each under an id, that answers for one record which of them match.
///
/// ```
/// use recohook::{Filter, FilterIndex, attribute::Record, findface::security};
///
/// let mut index = FilterIndex::new();
/// index.insert(1, &Filter::parse(r#"{"counters": {"faces_gte": 3}}"#, &security::FILTERS)?);
/// index.insert(2, &Filter::everything(&security::FILTERS));
///
/// let mut record = Record::new();
/// record.reset(&security::COUNTERS);
/// record.number(security::COUNTERS.expect("faces_count"), 2.0);
/// let mut wanted = Vec::new();
/// index.matches_into(&record, &mut wanted);
/// assert_eq!(wanted, [2]);
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
#[derive(Clone)]
pub struct FilterIndex<Id> {
    snapshot: FilterSnapshot<Id>,
    places: BTreeMap<Id, Place>,
}

/// What a [`FilterIndex`] has found to be wanted so far: for readers on other threads, while the
/// index itself is changed.
///
/// A clone costs next to nothing and never changes. It shares with the index what is the same in
/// both; a change of the index then copies the few small parts that it changes.
///
/// ```
/// use recohook::{Filter, FilterIndex, attribute::Record, findface::security};
///
/// let mut index = FilterIndex::new();
/// index.insert(1, &Filter::everything(&security::FILTERS));
/// let snapshot = index.snapshot().clone();
/// index.remove(&1);
///
/// let mut record = Record::new();
/// record.reset(&security::EVENTS);
/// let mut wanted = Vec::new();
/// snapshot.matches_into(&record, &mut wanted);
/// index.matches_into(&record, &mut wanted);
/// assert_eq!(wanted, [1]);
/// ```
#[derive(Clone)]
pub struct FilterSnapshot<Id> {
    topics: Vec<(SchemaId, Arc<Topic<Id>>)>,
}

/// A filter, and by what it is found: for each of its programs.
#[derive(Clone, Debug)]
struct Place {
    filter: Filter,
    accesses: Accesses,
}

/// Most filters have one program, and own no memory for it.
#[derive(Clone, Debug)]
enum Accesses {
    One(Access),
    Each(Box<[Access]>),
}

impl<Id: Copy + Ord> FilterIndex<Id> {
    /// An index of no filters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `filter` under `id`, in place of the one that stood there.
    pub fn insert(&mut self, id: Id, filter: &Filter) {
        self.remove(&id);
        let accesses = filter.programs().map(|(schema, program)| {
            let topics = &mut self.snapshot.topics;
            let at = topics.iter().position(|(known, _)| known == schema);
            let at = at.or_else(|| {
                let mut sections = filter.table().sections().iter();
                let schema = sections.find(|section| section.schema().id() == *schema)?.schema();
                topics.push((schema.id(), Arc::new(Topic::new(schema))));
                Some(topics.len() - 1)
            });
            at.map_or(Access::Common, |at| Arc::make_mut(&mut topics[at].1).insert(id, program))
        });
        let accesses = Accesses::from(Vec::from_iter(accesses));
        self.places.insert(id, Place { filter: filter.clone(), accesses });
    }

    /// Removes the filter under `id` and says whether there was one.
    pub fn remove(&mut self, id: &Id) -> bool {
        let Some(Place { filter, accesses }) = self.places.remove(id) else {
            return false;
        };
        let topics = &mut self.snapshot.topics;
        for ((schema, program), &access) in filter.programs().zip(accesses.as_slice()) {
            if let Some(at) = topics.iter().position(|(known, _)| known == schema) {
                let topic = Arc::make_mut(&mut topics[at].1);
                topic.remove(*id, program, access);
                if topic.is_empty() {
                    topics.swap_remove(at);
                }
            }
        }
        true
    }

    /// How many filters there are, those that match nothing included.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are no filters.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Appends the ids of the filters that match to `wanted`, each once. Their order is not
    /// specified, but the same insertions and removals give the same one. It allocates only where
    /// `wanted` must grow.
    pub fn matches_into(&self, record: &Record, wanted: &mut Vec<Id>) {
        self.snapshot.matches_into(record, wanted);
    }

    /// What it answers now, to be cloned for readers on other threads.
    pub fn snapshot(&self) -> &FilterSnapshot<Id> {
        &self.snapshot
    }
}

impl<Id: Copy + Ord> FilterSnapshot<Id> {
    /// Appends the ids of the filters that match to `wanted`, as
    /// [`FilterIndex::matches_into`] does.
    pub fn matches_into(&self, record: &Record, wanted: &mut Vec<Id>) {
        let Some(schema) = record.schema_id() else {
            return;
        };
        if let Some((_, topic)) = self.topics.iter().find(|(known, _)| *known == schema) {
            topic.matches_into(record, wanted);
        }
    }
}

impl Accesses {
    fn as_slice(&self) -> &[Access] {
        match self {
            Self::One(access) => std::slice::from_ref(access),
            Self::Each(accesses) => accesses,
        }
    }
}

impl From<Vec<Access>> for Accesses {
    fn from(accesses: Vec<Access>) -> Self {
        match accesses[..] {
            [access] => Self::One(access),
            _ => Self::Each(accesses.into()),
        }
    }
}

impl<Id> Default for FilterIndex<Id> {
    fn default() -> Self {
        Self { snapshot: FilterSnapshot::default(), places: BTreeMap::new() }
    }
}

impl<Id> Default for FilterSnapshot<Id> {
    fn default() -> Self {
        Self { topics: Vec::new() }
    }
}

impl<Id> fmt::Debug for FilterIndex<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterIndex").field("len", &self.places.len()).finish_non_exhaustive()
    }
}

impl<Id> fmt::Debug for FilterSnapshot<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let topics = self.topics.iter().map(|(_, topic)| topic.name());
        f.debug_struct("FilterSnapshot").field("topics", &Vec::from_iter(topics)).finish()
    }
}
