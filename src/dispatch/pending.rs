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

    /// A lane that had something pending has nothing any more. The last lane moves to its index.
    pub(super) fn leave(&mut self, key: LaneKey, lanes: &mut Arena<Lane>) {
        let at = lanes[key.0].pending_at.take().expect("the lane had something pending");
        let left = self.0.swap_remove(at as usize);
        debug_assert_eq!(left, key, "the lane was at the index of another");
        if let Some(moved) = self.0.get(at as usize) {
            lanes[moved.0].pending_at = Some(at);
        }
    }

    /// The lanes as they are now, in a repeatable order.
    pub(super) fn keys(&self) -> Vec<LaneKey> {
        self.0.clone()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = LaneKey> {
        self.0.iter().copied()
    }
}
