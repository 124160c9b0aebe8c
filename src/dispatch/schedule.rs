use std::collections::BTreeSet;

use super::{
    arena::LaneKey,
    turns::{Ticket, Turns},
};
use crate::base::Moment;

/// Which lanes can send now, in turns, and when time alone will make others ready.
///
/// A lane stands in one place at most, so that work follows what is due and never the number of
/// webhooks.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    timers: BTreeSet<(Moment, LaneKey)>,
    healthy: Turns,
    failing: Turns,
    last: u64,
}

/// Where a lane stands in the schedule. The lane keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Nowhere,
    Timer(Moment),
    Ready(Class, Ticket),
}

/// Lanes of failing webhooks queue apart, so that they can be held to their share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    Healthy,
    Failing,
}

/// What a lane wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    Nothing,
    At(Moment),
    Now(Class),
}

impl Place {
    pub(super) fn is_ready(self) -> bool {
        matches!(self, Self::Ready(..))
    }

    pub(super) fn is_scheduled(self) -> bool {
        self != Self::Nowhere
    }

    /// Whether a lane that wants this is at the right place.
    pub(super) fn suits(self, wish: Wish) -> bool {
        match (self, wish) {
            (Self::Nowhere, Wish::Nothing) => true,
            (Self::Timer(at), Wish::At(due)) => at == due,
            (Self::Ready(class, _), Wish::Now(wanted)) => class == wanted,
            _ => false,
        }
    }
}

impl Schedule {
    /// Moves a lane from its `place` to where it wishes to be. A lane that was ready and stays so
    /// keeps its turn.
    pub(super) fn set(&mut self, key: LaneKey, place: &mut Place, wish: Wish) {
        if place.suits(wish) {
            return;
        }
        match *place {
            Place::Nowhere => {}
            Place::Timer(at) => {
                let left = self.timers.remove(&(at, key));
                debug_assert!(left, "the lane has no timer where it says");
            }
            Place::Ready(class, ticket) => {
                let turns = self.turns(class);
                debug_assert!(turns.holds(ticket, key), "the lane has no turn where it says");
                turns.leave(ticket);
            }
        }
        *place = match wish {
            Wish::Nothing => Place::Nowhere,
            Wish::At(due) => {
                self.timers.insert((due, key));
                Place::Timer(due)
            }
            Wish::Now(class) => {
                let ticket = match *place {
                    Place::Ready(_, ticket) => ticket,
                    Place::Nowhere | Place::Timer(_) => {
                        self.last += 1;
                        Ticket(self.last)
                    }
                };
                self.turns(class).join(ticket, key);
                Place::Ready(class, ticket)
            }
        };
    }

    /// The lane whose turn it is. It keeps its place until set anew.
    pub(super) fn next(&self, failing_allowed: bool) -> Option<LaneKey> {
        let healthy = self.healthy.first();
        let failing = if failing_allowed { self.failing.first() } else { None };
        healthy.into_iter().chain(failing).min().map(|(_, key)| key)
    }

    /// A lane whose timer has run out by `now`. It keeps its place until set anew.
    pub(super) fn due(&self, now: Moment) -> Option<LaneKey> {
        self.timers.first().filter(|(at, _)| *at <= now).map(|(_, key)| *key)
    }

    /// When the first timer runs out.
    pub(super) fn next_timer(&self) -> Option<Moment> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// How many lanes are scheduled.
    pub(super) fn len(&self) -> usize {
        self.timers.len() + self.healthy.len() + self.failing.len()
    }

    /// Returns whether a lane is where it says.
    pub(super) fn holds(&self, key: LaneKey, place: Place) -> bool {
        match place {
            Place::Nowhere => true,
            Place::Timer(at) => self.timers.contains(&(at, key)),
            Place::Ready(_, Ticket(ticket)) if ticket > self.last => false,
            Place::Ready(Class::Healthy, ticket) => self.healthy.holds(ticket, key),
            Place::Ready(Class::Failing, ticket) => self.failing.holds(ticket, key),
        }
    }

    fn turns(&mut self, class: Class) -> &mut Turns {
        match class {
            Class::Healthy => &mut self.healthy,
            Class::Failing => &mut self.failing,
        }
    }
}
