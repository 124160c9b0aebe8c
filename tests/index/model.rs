//! An index beside what it should be: the filters by id, and what each filter matches alone.

use std::{collections::BTreeMap, sync::Arc};

use recohook::{Filter, FilterIndex, attribute::Values};

/// Filters and notifications, and which filter matches which notification, found without an index.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) filters: Vec<Filter>,
    pub(crate) samples: Vec<Values>,
    /// By filter, then by notification.
    matches: Vec<Vec<bool>>,
}

/// An index with ids from a pool's filters, and the same as a plain map.
#[derive(Clone)]
pub(crate) struct Indexed {
    pub(crate) pool: Arc<Pool>,
    pub(crate) index: FilterIndex<i64>,
    /// The place of each id's filter in the pool.
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
        assert_eq!(self.index.remove(&id), self.places.remove(&id).is_some(), "of {id}");
    }

    /// The ids of one notification in the order of the index, once they are known to be the right
    /// ones, each once, behind what was there.
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

    /// Tells of the first filter that is missing, too many or there twice.
    fn fail(&self, at: usize, found: &[i64], wanted: &[i64]) -> ! {
        let count = |ids: &[i64], id: i64| ids.iter().filter(|one| **one == id).count();
        let wrong = self.places.iter().find(|(id, _)| count(found, **id) != count(wanted, **id));
        let values = &self.pool.samples[at];
        let Some((id, place)) = wrong else {
            panic!("ids that are not there were found in {found:?} by {values:?}");
        };
        panic!(
            "of {} filters, {} was found {} and not {} times by {values:?}: {}",
            self.places.len(),
            id,
            count(found, *id),
            count(wanted, *id),
            self.pool.filters[*place],
        );
    }
}
