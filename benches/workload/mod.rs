//! The workload of the benches, drawn from fixed seeds. Each filter has each of five keys with the
//! probability 1/2. Events come from 4,096 cameras in 64 groups, with 0 to 3 of 200 lists.

#![allow(dead_code, reason = "not every bench uses all of it")]

pub(crate) mod hard_wired;

use recohook::{attribute::Values, findface::security::EVENTS};
use serde_json::{Map, Value, json};

/// The seed of the filters.
pub(crate) const FILTERS: u64 = 0x5EED_F117;
/// The seed of the events.
pub(crate) const EVENTS_SEED: u64 = 0x5EED_E7E7;

/// An event as a plain struct.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) overall: Option<bool>,
    pub(crate) camera_group: Option<i64>,
    pub(crate) camera: Option<i64>,
    pub(crate) lists: Vec<i64>,
    pub(crate) dossier: Option<i64>,
    pub(crate) matched: Option<bool>,
    pub(crate) confidence: Option<f64>,
}

impl Event {
    pub(crate) fn values(&self) -> Values {
        let mut values = Values::new();
        values.reset(&EVENTS);
        let names = self.overall.map(|overall| if overall { "overall" } else { "realtime" });
        values.choice(EVENTS.expect("bs_type"), names);
        values.int(EVENTS.expect("camera_group"), self.camera_group);
        values.int(EVENTS.expect("camera"), self.camera);
        values.ints(EVENTS.expect("matched_lists"), self.lists.iter().copied());
        values.int(EVENTS.expect("matched_dossier"), self.dossier);
        values.bool(EVENTS.expect("matched"), self.matched);
        values.number(EVENTS.expect("confidence"), self.confidence);
        values
    }
}

/// Random numbers from splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    /// Returns 1 to `most` ids below `bound`.
    fn ids(&mut self, most: u64, bound: u64) -> Value {
        let len = 1 + self.below(most);
        Value::from_iter((0..len).map(|_| self.below(bound)))
    }

    /// Returns a number from 0.5 to 1 in whole millionths, because some engines compare only
    /// integers.
    fn confidence(&mut self) -> f64 {
        (500_000 + self.below(500_001)) as f64 / 1e6
    }

    /// Returns a filter of the workload *spec*.
    pub(crate) fn filter(&mut self) -> Value {
        let mut keys = Map::new();
        while keys.is_empty() {
            for (key, most, bound) in
                [("camera_group_in", 3, 64), ("camera_in", 8, 4096), ("matched_lists_in", 3, 200)]
            {
                if self.coin() {
                    keys.insert(key.to_owned(), self.ids(most, bound));
                }
            }
            if self.coin() {
                keys.insert("matched".to_owned(), self.coin().into());
            }
            if self.coin() {
                keys.insert("confidence_gte".to_owned(), self.confidence().into());
            }
        }
        json!({ "events": keys })
    }

    /// Returns a filter of the workload *selective*: few events pass one of its lists.
    pub(crate) fn selective(&mut self) -> Value {
        loop {
            let mut filter = self.filter();
            let keys = &mut filter["events"];
            if self.below(4) == 0 {
                keys["matched_dossier_in"] = self.ids(4, 50_000);
            }
            if self.below(4) == 0 {
                let names = [vec!["overall"], vec!["realtime"], vec!["overall", "realtime"]];
                keys["allowed_bs_types"] = names[self.below(3) as usize].clone().into();
            }
            let lists = ["camera_in", "matched_lists_in", "matched_dossier_in"];
            if lists.iter().any(|key| keys.get(key).is_some()) {
                return filter;
            }
        }
    }

    /// Returns a filter of the workload *tenants*: a selective one with the ids of a random tenant.
    pub(crate) fn tenants_filter(&mut self, tenants: u64) -> Value {
        let first = self.tenant(tenants);
        let mut filter = self.selective();
        for (key, value) in filter["events"].as_object_mut().expect("the filter has keys") {
            if let Some(ids) = value.as_array_mut().filter(|_| key.ends_with("_in")) {
                ids.iter_mut()
                    .for_each(|id| *id = (id.as_i64().expect("the list has ids") + first).into());
            }
        }
        filter
    }

    /// Returns an event of a random tenant.
    pub(crate) fn tenants_event(&mut self, tenants: u64) -> Event {
        let first = self.tenant(tenants);
        let event = self.event();
        let of_tenant = |id: Option<i64>| id.map(|id| id + first);
        Event {
            camera_group: of_tenant(event.camera_group),
            camera: of_tenant(event.camera),
            lists: event.lists.iter().map(|id| id + first).collect(),
            dossier: of_tenant(event.dossier),
            ..event
        }
    }

    /// Returns the first id of a random tenant.
    fn tenant(&mut self, tenants: u64) -> i64 {
        self.below(tenants) as i64 * 1_000_000
    }

    pub(crate) fn event(&mut self) -> Event {
        let camera = self.below(4096) as i64;
        let lists = Vec::from_iter((0..self.below(4)).map(|_| self.below(200) as i64));
        let matched = !lists.is_empty();
        Event {
            overall: Some(self.coin()),
            camera_group: Some(camera / 64),
            camera: (self.below(64) != 0).then_some(camera),
            dossier: matched.then(|| self.below(50_000) as i64),
            confidence: matched.then(|| self.confidence()),
            matched: Some(matched),
            lists,
        }
    }
}
