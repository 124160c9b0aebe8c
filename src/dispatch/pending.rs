//! The lanes that hold something.

use super::{
    arena::{Arena, LaneKey},
    lane::Lane,
};

/// A list of the lanes that are not idle.
///
/// A flush and an abort visit these lanes. Without the list, they would visit the idle lanes of
/// every registered webhook as well.
// A vector, and each lane remembers its index in it. So a lane is added and removed in constant
// time and without hashing. Since a removal moves the last lane, the order has no meaning, but the
// same calls always lead to the same order.
#[derive(Debug, Default)]
pub(super) struct PendingLanes(Vec<LaneKey>);

impl PendingLanes {
    /// Adds a lane that holds something. Does nothing if the list has it already.
    pub(super) fn join(&mut self, key: LaneKey, lane: &mut Lane) {
        if lane.pending_at.is_none() {
            // A `u32` is enough: an arena has fewer lanes than that.
            lane.pending_at = Some(self.0.len() as u32);
            self.0.push(key);
        }
    }

    /// Removes a lane that has become idle. The last lane of the list moves to its index.
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

    /// Returns a copy of the list, for loops that change the lanes that they visit.
    pub(super) fn keys(&self) -> Vec<LaneKey> {
        self.0.clone()
    }

    /// Returns the lanes, for loops that only read.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = LaneKey> {
        self.0.iter().copied()
    }
}
