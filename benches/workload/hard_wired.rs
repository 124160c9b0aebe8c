//! Filters as a server would write them by hand. They show the least cost of testing filters one by
//! one, and their matches are the oracle for every engine.

use serde_json::Value;

use super::Event;

/// A filter as a plain struct. Its lists are sorted.
pub(crate) struct HardWired {
    pub(crate) types: Option<Vec<bool>>,
    pub(crate) camera_groups: Option<Vec<i64>>,
    pub(crate) cameras: Option<Vec<i64>>,
    pub(crate) lists: Option<Vec<i64>>,
    pub(crate) dossiers: Option<Vec<i64>>,
    pub(crate) matched: Option<bool>,
    pub(crate) confidence: Option<f64>,
}

impl HardWired {
    pub(crate) fn new(filter: &Value) -> Self {
        let keys = &filter["events"];
        let ids = |key: &str| {
            let mut ids = Vec::from_iter(keys[key].as_array()?.iter().filter_map(Value::as_i64));
            ids.sort_unstable();
            Some(ids)
        };
        let types = keys["allowed_bs_types"].as_array();
        Self {
            types: types.map(|names| names.iter().map(|name| name == "overall").collect()),
            camera_groups: ids("camera_group_in"),
            cameras: ids("camera_in"),
            lists: ids("matched_lists_in"),
            dossiers: ids("matched_dossier_in"),
            matched: keys["matched"].as_bool(),
            confidence: keys["confidence_gte"].as_f64(),
        }
    }

    pub(crate) fn matches(&self, event: &Event) -> bool {
        self.passes(event, |set, id| set.contains(id))
    }

    pub(crate) fn searches(&self, event: &Event) -> bool {
        self.passes(event, |set, id| set.binary_search(id).is_ok())
    }

    #[inline]
    fn passes(&self, event: &Event, has: impl Fn(&[i64], &i64) -> bool) -> bool {
        let one_of = |set: &Option<Vec<i64>>, id: &Option<i64>| {
            set.as_ref().is_none_or(|set| id.as_ref().is_some_and(|id| has(set, id)))
        };
        self.matched.is_none_or(|matched| event.matched == Some(matched))
            && self.confidence.is_none_or(|least| event.confidence.is_some_and(|c| c >= least))
            && self.types.as_ref().is_none_or(|t| event.overall.is_some_and(|o| t.contains(&o)))
            && one_of(&self.camera_groups, &event.camera_group)
            && one_of(&self.cameras, &event.camera)
            && one_of(&self.dossiers, &event.dossier)
            && self.lists.as_ref().is_none_or(|set| event.lists.iter().any(|id| has(set, id)))
    }
}
