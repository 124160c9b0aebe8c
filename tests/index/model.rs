//! A model of the index: a map from ids to filters, and the matches of each filter by itself.

use std::{collections::BTreeMap, sync::Arc};

use recohook::{Filter, FilterIndex, attribute::Values};

/// Filters and notifications, and which filter matches which notification, computed without an
/// index.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) filters: Vec<Filter>,
    pub(crate) samples: Vec<Values>,
    /// First by filter, then by notification.
    matches: Vec<Vec<bool>>,
}

/// An index of filters from a pool, and a plain map with the same ids.
#[derive(Clone)]
pub(crate) struct Indexed {
    pub(crate) pool: Arc<Pool>,
    pub(crate) index: FilterIndex<i64>,
    /// The position of each id's filter in the pool.
    pub(crate) places: BTreeMap<i64, usize>,
}

impl Pool {
    pub(crate) fn new(filters: Vec<Filter>, samples: Vec<Values>) -> Self {
        let matches =
            |filter: &Filter| samples.iter().map(|values| filter.matches(values)).collect();
        let matches = filters.iter().map(matches).collect();
        Self { filters, samples, matches }
    }
}

impl Indexed {
    pub(crate) fn new(pool: &Arc<Pool>) -> Self {
        Self { pool: Arc::clone(pool), index: FilterIndex::new(), places: BTreeMap::new() }
    }

    pub(crate) fn insert(&mut self, id: i64, place: usize) {
        let place = place % self.pool.filters.len();
        self.index.insert(id, &self.pool.filters[place]);
        self.places.insert(id, place);
    }

    pub(crate) fn remove(&mut self, id: i64) {
        assert_eq!(self.index.remove(&id), self.places.remove(&id).is_some(), "removing {id}");
    }

    /// Returns the ids that match one notification, in the order of the index. Asserts that they
    /// are the expected ids, each once, and that they are appended to the ids already in the list.
    pub(crate) fn matches(&self, at: usize) -> Vec<i64> {
        let at = at % self.pool.samples.len();
        let mut found = vec![i64::MIN, i64::MIN];
        self.index.matches_into(&self.pool.samples[at], &mut found);
        let found = found.split_off(2);
        let mut sorted = found.clone();
        sorted.sort_unstable();
        let wanted = self.places.iter().filter(|(_, place)| self.pool.matches[**place][at]);
        let wanted = Vec::from_iter(wanted.map(|(id, _)| *id));
        if sorted != wanted {
            self.fail(at, &sorted, &wanted);
        }
        found
    }

    pub(crate) fn check_all(&self) {
        assert_eq!(self.index.len(), self.places.len());
        assert_eq!(self.index.is_empty(), self.places.is_empty());
        (0..self.pool.samples.len()).for_each(|at| drop(self.matches(at)));
    }

    /// Panics, and names the first filter that was found too often or not often enough.
    fn fail(&self, at: usize, found: &[i64], wanted: &[i64]) -> ! {
        let count = |ids: &[i64], id: i64| ids.iter().filter(|one| **one == id).count();
        let wrong = self.places.iter().find(|(id, _)| count(found, **id) != count(wanted, **id));
        let values = &self.pool.samples[at];
        let Some((id, place)) = wrong else {
            panic!("{found:?} has ids that are not in the index, found by {values:?}");
        };
        panic!(
            "of {} filters, {} was found {} times instead of {} by {values:?}: {}",
            self.places.len(),
            id,
            count(found, *id),
            count(wanted, *id),
            self.pool.filters[*place],
        );
    }
}
