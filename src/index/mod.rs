//! Which of many filters want a notification.

use std::collections::BTreeMap;

use crate::{
    Filter,
    attribute::{Record, SchemaId},
    filter::Program,
};

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
#[derive(Clone, Debug)]
pub struct FilterIndex<Id> {
    topics: Vec<Topic<Id>>,
    places: BTreeMap<Id, Vec<Place>>,
}

/// The programs that look at one kind of notification, in one piece of memory.
#[derive(Clone, Debug)]
struct Topic<Id> {
    schema: SchemaId,
    entries: Vec<(Program, Id)>,
}

/// Where a program of a filter stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    topic: usize,
    entry: usize,
}

impl<Id: Copy + Ord> FilterIndex<Id> {
    /// An index of no filters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `filter` under `id`, in place of the one that stood there.
    pub fn insert(&mut self, id: Id, filter: &Filter) {
        self.remove(&id);
        let places = filter.programs().iter().map(|(schema, program)| {
            let topic = self.topics.iter().position(|topic| topic.schema == *schema);
            let topic = topic.unwrap_or_else(|| {
                self.topics.push(Topic { schema: *schema, entries: Vec::new() });
                self.topics.len() - 1
            });
            let entries = &mut self.topics[topic].entries;
            entries.push((program.clone(), id));
            Place { topic, entry: entries.len() - 1 }
        });
        let places = places.collect();
        self.places.insert(id, places);
    }

    /// Removes the filter under `id` and says whether there was one.
    pub fn remove(&mut self, id: &Id) -> bool {
        let Some(places) = self.places.remove(id) else {
            return false;
        };
        for Place { topic, entry } in places {
            let entries = &mut self.topics[topic].entries;
            entries.swap_remove(entry);
            if let Some((_, moved)) = entries.get(entry)
                && let Some(places) = self.places.get_mut(moved)
                && let Some(place) = places.iter_mut().find(|place| place.topic == topic)
            {
                place.entry = entry;
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
        let Some(schema) = record.schema_id() else {
            return;
        };
        let Some(topic) = self.topics.iter().find(|topic| topic.schema == schema) else {
            return;
        };
        let matching = topic.entries.iter().filter(|(program, _)| program.matches(record));
        wanted.extend(matching.map(|(_, id)| *id));
    }
}

impl<Id> Default for FilterIndex<Id> {
    fn default() -> Self {
        Self { topics: Vec::new(), places: BTreeMap::new() }
    }
}
