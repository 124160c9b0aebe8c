use std::{fmt, sync::Arc};

use super::topic_index::TopicIndex;
use crate::attribute::{SchemaId, Values};

/// The filters of a [`FilterIndex`](super::FilterIndex) at one point in time. Other threads can
/// read a snapshot while the index changes.
///
/// A snapshot never changes. Cloning it allocates one short list, with an entry for each topic, and
/// shares the rest with the index. While a snapshot exists, a change to the index copies the small
/// parts that it modifies.
///
/// ```
/// use recohook::{Filter, FilterIndex, attribute::Values, findface::security};
///
/// let mut index = FilterIndex::new();
/// index.insert(1, &Filter::everything(&security::FILTERS));
/// let snapshot = index.snapshot().clone();
/// index.remove(&1);
///
/// let mut values = Values::new();
/// values.reset(&security::EVENTS);
/// let mut matched = Vec::new();
/// snapshot.matches_into(&values, &mut matched);
/// index.matches_into(&values, &mut matched);
/// assert_eq!(matched, [1]);
/// ```
#[derive(Clone)]
pub struct FilterSnapshot<Id> {
    // This is a list, because a host has few topics and a linear search is faster than hashing.
    pub(super) topics: Vec<(SchemaId, Arc<TopicIndex<Id>>)>,
}

impl<Id: Copy + Ord> FilterSnapshot<Id> {
    /// Appends the ids of all matching filters to `matched`, without duplicates.
    ///
    /// This does the same as [`FilterIndex::matches_into`](super::FilterIndex::matches_into), but
    /// for the filters of this snapshot. Several threads can search one snapshot at the same time,
    /// without a lock.
    ///
    /// ```
    /// use recohook::{Filter, FilterIndex, attribute::Values, findface::security};
    ///
    /// let mut index = FilterIndex::new();
    /// index.insert(1, &Filter::parse(r#"{"events": {"matched": true}}"#, &security::FILTERS)?);
    ///
    /// let (mut values, mut matched) = (Values::new(), Vec::new());
    /// values.reset(&security::EVENTS);
    /// index.snapshot().matches_into(&values, &mut matched);
    /// assert!(matched.is_empty(), "a missing attribute matches no key");
    ///
    /// values.bool(security::EVENTS.expect("matched"), true);
    /// index.snapshot().matches_into(&values, &mut matched);
    /// assert_eq!(matched, [1]);
    /// # Ok::<(), recohook::filter::FilterError>(())
    /// ```
    pub fn matches_into(&self, values: &Values, matched: &mut Vec<Id>) {
        self.search(values, matched);
    }

    /// Does the same as [`matches_into`](Self::matches_into). Returns whether any filter applies to
    /// the topic.
    pub(crate) fn search(&self, values: &Values, matched: &mut Vec<Id>) -> bool {
        let Some(schema) = values.schema_id() else {
            return false;
        };
        let topic = self.topics.iter().find(|(known, _)| *known == schema);
        if let Some((_, topic)) = topic {
            topic.matches_into(values, matched);
        }
        topic.is_some()
    }

    /// Returns the position of the topic for a schema.
    pub(super) fn find(&self, schema: SchemaId) -> Option<usize> {
        self.topics.iter().position(|(known, _)| *known == schema)
    }
}

impl<Id> Default for FilterSnapshot<Id> {
    fn default() -> Self {
        Self { topics: Vec::new() }
    }
}

impl<Id> fmt::Debug for FilterSnapshot<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let topics = self.topics.iter().map(|(_, topic)| topic.name());
        f.debug_struct("FilterSnapshot").field("topics", &Vec::from_iter(topics)).finish()
    }
}
