use std::collections::{BTreeMap, VecDeque};

use super::arena::LaneKey;

/// Lanes that can send now, first come, first served.
///
/// They stand in a row, in the order of their tickets. One that goes from the middle leaves a gap,
/// so that to join, to go and to be first cost the same however many there are.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The first one is no gap.
    row: VecDeque<(Ticket, Option<LaneKey>)>,
    gaps: usize,
    /// Those that came from another row with a ticket no newer than the last one's here, which may
    /// be the gap that they left.
    older: BTreeMap<Ticket, LaneKey>,
}

/// When a lane became ready, by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Ticket(pub(super) u64);

/// So many places an empty row keeps.
const KEPT: usize = 1024;

impl Turns {
    /// Lets a lane wait. No other has its ticket.
    pub(super) fn join(&mut self, ticket: Ticket, lane: LaneKey) {
        if self.row.back().is_some_and(|(last, _)| *last >= ticket) {
            self.older.insert(ticket, lane);
        } else {
            self.row.push_back((ticket, Some(lane)));
        }
    }

    /// Takes a lane out by its ticket.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        if self.row.front().is_some_and(|(first, _)| *first == ticket) {
            self.row.pop_front();
            self.close_up();
        } else if let Ok(at) = self.row.binary_search_by_key(&ticket, |(ticket, _)| *ticket)
            && self.row[at].1.take().is_some()
        {
            self.gaps += 1;
            if self.gaps > self.row.len() / 2 {
                self.row.retain(|(_, lane)| lane.is_some());
                self.gaps = 0;
            }
        } else {
            self.older.remove(&ticket);
        }
    }

    /// Whose turn it is.
    pub(super) fn first(&self) -> Option<(Ticket, LaneKey)> {
        let first = self.row.front().and_then(|(ticket, lane)| Some((*ticket, (*lane)?)));
        let older = self.older.first_key_value().map(|(ticket, lane)| (*ticket, *lane));
        match (first, older) {
            (Some(first), Some(older)) => Some(first.min(older)),
            (first, older) => first.or(older),
        }
    }

    /// How many lanes wait.
    pub(super) fn len(&self) -> usize {
        self.row.len() - self.gaps + self.older.len()
    }

    /// Whether a lane waits with this ticket.
    pub(super) fn holds(&self, ticket: Ticket, lane: LaneKey) -> bool {
        let in_row = self.row.binary_search_by_key(&ticket, |(ticket, _)| *ticket);
        in_row.is_ok_and(|at| self.row[at].1 == Some(lane))
            || self.older.get(&ticket) == Some(&lane)
    }

    /// Moves the row up to one that is no gap.
    fn close_up(&mut self) {
        while let Some((_, None)) = self.row.front() {
            self.row.pop_front();
            self.gaps -= 1;
        }
        if self.row.is_empty() {
            self.row.shrink_to(KEPT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::random::Random, dispatch::arena::Arena};

    #[test]
    fn a_row_with_gaps_does_what_a_map_does() {
        let (mut arena, mut random) = (Arena::default(), Random::new(5));
        let (mut turns, mut model) = (Turns::default(), BTreeMap::new());
        let mut elsewhere = Vec::new();
        for number in 1..20_000 {
            let (ticket, lane) = (Ticket(number), LaneKey(arena.insert(number)));
            match random.next() % 8 {
                // It comes later, with the old ticket.
                0 => elsewhere.push((ticket, lane)),
                1 => {
                    for (ticket, lane) in elsewhere.drain(..) {
                        turns.join(ticket, lane);
                        model.insert(ticket, lane);
                    }
                }
                2 | 3 => {
                    turns.join(ticket, lane);
                    model.insert(ticket, lane);
                }
                4 | 5 => {
                    if let Some((first, _)) = model.pop_first() {
                        turns.leave(first);
                    }
                }
                6 => {
                    let any = Ticket(random.next() % number);
                    turns.leave(any);
                    elsewhere.extend(model.remove_entry(&any));
                }
                _ => {
                    // The last one goes to another row and mostly comes back before the next.
                    if let Some((last, lane)) = model.pop_last() {
                        turns.leave(last);
                        if random.next() % 8 > 0 {
                            turns.join(last, lane);
                            model.insert(last, lane);
                        }
                    }
                }
            }
            let first = model.first_key_value().map(|(ticket, lane)| (*ticket, *lane));
            assert_eq!(turns.first(), first);
            let gaps = turns.row.iter().filter(|(_, lane)| lane.is_none()).count();
            assert_eq!(
                (turns.gaps, turns.row.len() - gaps + turns.older.len()),
                (gaps, model.len())
            );
            assert!(gaps <= turns.row.len() / 2 + 1);
        }
    }
}
