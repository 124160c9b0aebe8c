use super::{
    arena::{Arena, LaneKey},
    lane::Lane,
};

/// The lanes with something pending, so that nobody who wants these looks at all the others.
#[derive(Debug, Default)]
pub(super) struct PendingLanes(Vec<LaneKey>);

impl PendingLanes {
    /// A lane has something pending, and may have had before.
    pub(super) fn join(&mut self, key: LaneKey, lane: &mut Lane) {
        if lane.pending_at.is_none() {
            lane.pending_at = Some(self.0.len() as u32);
            self.0.push(key);
        }
    }

    /// A lane has nothing pending any more. The last one takes its place.
    pub(super) fn leave(&mut self, key: LaneKey, lanes: &mut Arena<Lane>) {
        let Some(at) = lanes.get_mut(key.0).and_then(|lane| lane.pending_at.take()) else { return };
        self.0.swap_remove(at as usize);
        if let Some(moved) = self.0.get(at as usize).and_then(|moved| lanes.get_mut(moved.0)) {
            moved.pending_at = Some(at);
        }
    }

    /// The lanes as they are now, in a repeatable order.
    pub(super) fn keys(&self) -> Vec<LaneKey> {
        self.0.clone()
    }
}
