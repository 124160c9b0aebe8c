//! The list of the lanes that have pending notifications.

use super::{
    arena::{Arena, LaneKey},
    lane::Lane,
};

/// A list of the lanes that are not idle.
///
/// `start_flush` and `abort` visit these lanes. Without the list, they would also have to visit the
/// idle lanes of every registered webhook.
// The list is a vector, and each lane stores its index in it. A lane can therefore be added and
// removed in constant time and without hashing. Since a removal moves the last lane, the order has
// no meaning, but the same calls always produce the same order.
#[derive(Debug, Default)]
pub(super) struct PendingLanes(Vec<LaneKey>);

impl PendingLanes {
    /// Adds a lane that is not idle. Does nothing if the lane is already in the list.
    pub(super) fn join(&mut self, key: LaneKey, lane: &mut Lane) {
        if lane.pending_at.is_none() {
            // A `u32` is large enough, since an arena never holds 2^32 lanes.
            lane.pending_at = Some(self.0.len() as u32);
            self.0.push(key);
        }
    }

    /// Removes a lane that has become idle. The last lane in the list moves to the index of the
    /// removed one.
    ///
    /// # Panics
    /// Panics if the lane is not in the list.
    pub(super) fn leave(&mut self, key: LaneKey, lanes: &mut Arena<Lane>) {
        let at = lanes[key.0].pending_at.take().expect("a lane that becomes idle is listed");
        let left = self.0.swap_remove(at as usize);
        debug_assert_eq!(left, key, "the lane was at the index of another lane");
        // There is no lane to move if the removed lane was the last one.
        if let Some(moved) = self.0.get(at as usize) {
            lanes[moved.0].pending_at = Some(at);
        }
    }

    /// Returns a copy of the list, for use in loops that change the lanes that they visit.
    pub(super) fn keys(&self) -> Vec<LaneKey> {
        self.0.clone()
    }

    /// Returns an iterator over the lanes, for use in loops that do not change them.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = LaneKey> {
        self.0.iter().copied()
    }
}
