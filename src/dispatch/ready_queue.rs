use std::collections::{BTreeMap, VecDeque};

use super::arena::LaneKey;

/// Lanes that can send now, first come, first served.
///
/// They are kept in the order of their [`Seq`]. A removal from the middle leaves a gap, so that
/// each operation costs the same however many there are.
#[derive(Debug, Default)]
pub(super) struct ReadyQueue {
    /// The first one is no gap.
    entries: VecDeque<(Seq, Option<LaneKey>)>,
    gaps: usize,
    /// Those that came from another queue with a `Seq` no newer than the last one's here, which may
    /// be the gap that they left.
    older: BTreeMap<Seq, LaneKey>,
}

/// When a lane became ready, by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Seq(pub(super) u64);

/// The capacity that an empty queue keeps.
const KEPT_CAPACITY: usize = 1024;

impl ReadyQueue {
    /// Adds a lane. No other has its `Seq`.
    pub(super) fn join(&mut self, seq: Seq, lane: LaneKey) {
        if self.entries.back().is_some_and(|(last, _)| *last >= seq) {
            self.older.insert(seq, lane);
        } else {
            self.entries.push_back((seq, Some(lane)));
        }
    }

    /// Removes a lane by its `Seq`.
    pub(super) fn leave(&mut self, seq: Seq) {
        if self.entries.front().is_some_and(|(first, _)| *first == seq) {
            self.entries.pop_front();
            self.skip_gaps();
        } else if let Ok(at) = self.entries.binary_search_by_key(&seq, |(seq, _)| *seq)
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

    /// Returns the first lane.
    pub(super) fn first(&self) -> Option<(Seq, LaneKey)> {
        let first = self.entries.front().and_then(|(seq, lane)| Some((*seq, (*lane)?)));
        let older = self.older.first_key_value().map(|(seq, lane)| (*seq, *lane));
        match (first, older) {
            (Some(first), Some(older)) => Some(first.min(older)),
            (first, older) => first.or(older),
        }
    }

    /// How many lanes wait.
    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.gaps + self.older.len()
    }

    /// Returns whether a lane waits with this `Seq`.
    pub(super) fn holds(&self, seq: Seq, lane: LaneKey) -> bool {
        let in_entries = self.entries.binary_search_by_key(&seq, |(seq, _)| *seq);
        in_entries.is_ok_and(|at| self.entries[at].1 == Some(lane))
            || self.older.get(&seq) == Some(&lane)
    }

    /// Removes gaps from the front.
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
                // It comes later, with the old `Seq`.
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
                    // The last one goes to another queue and mostly comes back before the next.
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
