use std::collections::BTreeMap;

use super::arena::LaneKey;

/// The flushes that somebody waits for, and what each still waits for.
#[derive(Debug, Default)]
pub(super) struct Flushes {
    last: u64,
    active: BTreeMap<FlushId, BTreeMap<LaneKey, u64>>,
}

/// Names a flush.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FlushId(u64);

impl Flushes {
    /// Starts a flush that waits until each lane has settled all up to its number.
    pub(super) fn start(&mut self, lanes: BTreeMap<LaneKey, u64>) -> FlushId {
        self.last += 1;
        let id = FlushId(self.last);
        self.active.insert(id, lanes);
        id
    }

    pub(super) fn end(&mut self, id: FlushId) {
        self.active.remove(&id);
    }

    /// Whether the flush has nothing left to wait for. One that has ended has not.
    pub(super) fn is_done(&self, id: FlushId) -> bool {
        self.active.get(&id).is_none_or(BTreeMap::is_empty)
    }

    /// The lanes that flushes wait for, and up to which number each must settle.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (LaneKey, u64)> {
        self.active.values().flatten().map(|(lane, number)| (*lane, *number))
    }

    /// The lane has settled all up to this number.
    pub(super) fn progress(&mut self, lane: LaneKey, settled: u64) {
        for lanes in self.active.values_mut() {
            if lanes.get(&lane).is_some_and(|number| settled >= *number) {
                lanes.remove(&lane);
            }
        }
    }

    /// The lane is paused: nobody waits for it.
    pub(super) fn forget(&mut self, lane: LaneKey) {
        self.progress(lane, u64::MAX);
    }
}
