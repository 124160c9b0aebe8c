//! A queue of ready lanes that allows removal from the middle.

use std::collections::{BTreeMap, VecDeque};

use super::arena::LaneKey;

/// A queue of lanes that can send now, in the order of their [`Seq`].
// A map keyed by `Seq` would also work. However, nearly every lane joins at the back and leaves
// from the front, and a ring buffer handles that more cheaply than a tree.
//
// A lane may also leave from the middle, for example because its webhook is paused. It is then
// found by binary search and leaves a gap, so that no other entry moves. If more than half of the
// entries are gaps, all gaps are removed at once. The amortized cost of a removal is therefore
// O(log n).
//
// When a webhook starts or stops failing, its ready lanes move to the other queue and keep their
// `Seq`. In the other queue, a lane may belong before the last entry, where a ring buffer cannot
// insert it cheaply. The map `older` holds these few lanes.
#[derive(Debug, Default)]
pub(super) struct ReadyQueue {
    /// The lanes in ascending order of their `Seq`. `None` marks a gap. The first entry is never a
    /// gap, so that the first lane is found immediately.
    entries: VecDeque<(Seq, Option<LaneKey>)>,
    /// The number of gaps in `entries`.
    gaps: usize,
    /// The lanes that joined when `entries` already ended with an equal or higher `Seq`.
    // The `Seq` is equal if the last entry is a gap that the same lane has left behind.
    older: BTreeMap<Seq, LaneKey>,
}

/// A number that records the order in which lanes became ready. The schedule assigns the numbers in
/// ascending order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Seq(pub(super) u64);

/// The maximum capacity that an empty queue keeps, in entries.
// Queues become empty all the time, so they keep some memory to avoid allocating it again. However,
// a queue must not keep the memory for a single large burst forever.
const KEPT_CAPACITY: usize = 1024;

impl ReadyQueue {
    /// Adds a lane at the position that its `Seq` determines. No other lane may have the same
    /// `Seq`.
    pub(super) fn join(&mut self, seq: Seq, lane: LaneKey) {
        if self.entries.back().is_some_and(|(last, _)| *last >= seq) {
            self.older.insert(seq, lane);
        } else {
            self.entries.push_back((seq, Some(lane)));
        }
    }

    /// Removes the lane with this `Seq`. Does nothing if there is no lane with this `Seq`.
    pub(super) fn leave(&mut self, seq: Seq) {
        if self.entries.front().is_some_and(|(first, _)| *first == seq) {
            self.entries.pop_front();
            self.skip_gaps();
        } else if let Ok(at) = self.entries.binary_search_by_key(&seq, |(seq, _)| *seq)
            // If the entry is a gap, the lane may have come back. It is then in `older`.
            && self.entries[at].1.take().is_some()
        {
            self.gaps += 1;
            if self.gaps > self.entries.len() / 2 {
                self.entries.retain(|(_, lane)| lane.is_some());
                self.gaps = 0;
            }
        } else {
            self.older.remove(&seq);
        }
    }

    /// Returns the lane with the lowest `Seq`.
    pub(super) fn first(&self) -> Option<(Seq, LaneKey)> {
        let first = self.entries.front().and_then(|(seq, lane)| Some((*seq, (*lane)?)));
        let older = self.older.first_key_value().map(|(seq, lane)| (*seq, *lane));
        match (first, older) {
            (Some(first), Some(older)) => Some(first.min(older)),
            (first, older) => first.or(older),
        }
    }

    /// Returns the number of lanes.
    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.gaps + self.older.len()
    }

    /// Returns whether this lane is in the queue with this `Seq`.
    pub(super) fn holds(&self, seq: Seq, lane: LaneKey) -> bool {
        let in_entries = self.entries.binary_search_by_key(&seq, |(seq, _)| *seq);
        in_entries.is_ok_and(|at| self.entries[at].1 == Some(lane))
            || self.older.get(&seq) == Some(&lane)
    }

    /// Removes the gaps at the front after the first entry has left.
    fn skip_gaps(&mut self) {
        while let Some((_, None)) = self.entries.front() {
            self.entries.pop_front();
            self.gaps -= 1;
        }
        if self.entries.is_empty() {
            self.entries.shrink_to(KEPT_CAPACITY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::random::Random, dispatch::arena::Arena};

    #[test]
    fn a_queue_with_gaps_does_what_a_map_does() {
        let (mut arena, mut random) = (Arena::default(), Random::new(5));
        let (mut queue, mut model) = (ReadyQueue::default(), BTreeMap::new());
        let mut elsewhere = Vec::new();
        for number in 1..20_000 {
            let (seq, lane) = (Seq(number), LaneKey(arena.insert(number)));
            match random.next() % 8 {
                // The lane joins later with this old `Seq`.
                0 => elsewhere.push((seq, lane)),
                1 => {
                    for (seq, lane) in elsewhere.drain(..) {
                        queue.join(seq, lane);
                        model.insert(seq, lane);
                    }
                }
                2 | 3 => {
                    queue.join(seq, lane);
                    model.insert(seq, lane);
                }
                4 | 5 => {
                    if let Some((first, _)) = model.pop_first() {
                        queue.leave(first);
                    }
                }
                6 => {
                    let any = Seq(random.next() % number);
                    queue.leave(any);
                    elsewhere.extend(model.remove_entry(&any));
                }
                _ => {
                    // The last lane moves to another queue and usually returns before the next one
                    // joins.
                    if let Some((last, lane)) = model.pop_last() {
                        queue.leave(last);
                        if random.next() % 8 > 0 {
                            queue.join(last, lane);
                            model.insert(last, lane);
                        }
                    }
                }
            }
            let first = model.first_key_value().map(|(seq, lane)| (*seq, *lane));
            assert_eq!(queue.first(), first);
            let gaps = queue.entries.iter().filter(|(_, lane)| lane.is_none()).count();
            assert_eq!(
                (queue.gaps, queue.entries.len() - gaps + queue.older.len()),
                (gaps, model.len())
            );
            assert!(gaps <= queue.entries.len() / 2 + 1);
        }
    }
}
