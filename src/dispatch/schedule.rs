use std::collections::BTreeSet;

use super::{
    arena::LaneKey,
    ready_queue::{ReadyQueue, Seq},
};
use crate::base::Moment;

/// Which lanes can send now, in order, and when time alone will make others ready.
///
/// A lane has one position at most, so that work follows what is due and never the number of
/// webhooks.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    timers: BTreeSet<(Moment, LaneKey)>,
    healthy: ReadyQueue,
    failing: ReadyQueue,
    last: u64,
}

/// The position of a lane in the schedule. The lane keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    Unscheduled,
    Timer(Moment),
    Ready(Health, Seq),
}

/// Lanes of failing webhooks queue apart, so that they can be held to their share.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Health {
    Healthy,
    Failing,
}

/// When a lane can send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Readiness {
    Idle,
    At(Moment),
    Now(Health),
}

impl Position {
    pub(super) fn is_ready(self) -> bool {
        matches!(self, Self::Ready(..))
    }

    pub(super) fn is_scheduled(self) -> bool {
        self != Self::Unscheduled
    }

    /// Returns whether this is the right position for a lane with this readiness.
    pub(super) fn matches(self, readiness: Readiness) -> bool {
        match (self, readiness) {
            (Self::Unscheduled, Readiness::Idle) => true,
            (Self::Timer(at), Readiness::At(due)) => at == due,
            (Self::Ready(health, _), Readiness::Now(expected)) => health == expected,
            _ => false,
        }
    }
}

impl Schedule {
    /// Moves a lane from its `position` to where its readiness puts it. A lane that was ready and
    /// stays so keeps its `Seq`.
    pub(super) fn set(&mut self, key: LaneKey, position: &mut Position, readiness: Readiness) {
        if position.matches(readiness) {
            return;
        }
        match *position {
            Position::Unscheduled => {}
            Position::Timer(at) => {
                let left = self.timers.remove(&(at, key));
                debug_assert!(left, "the lane has no timer where it says");
            }
            Position::Ready(health, seq) => {
                let queue = self.queue(health);
                debug_assert!(queue.holds(seq, key), "the lane is not in the queue where it says");
                queue.leave(seq);
            }
        }
        *position = match readiness {
            Readiness::Idle => Position::Unscheduled,
            Readiness::At(due) => {
                self.timers.insert((due, key));
                Position::Timer(due)
            }
            Readiness::Now(health) => {
                let seq = match *position {
                    Position::Ready(_, seq) => seq,
                    Position::Unscheduled | Position::Timer(_) => {
                        self.last += 1;
                        Seq(self.last)
                    }
                };
                self.queue(health).join(seq, key);
                Position::Ready(health, seq)
            }
        };
    }

    /// Returns the next lane to send. It keeps its position until it is set anew.
    pub(super) fn next(&self, failing_allowed: bool) -> Option<LaneKey> {
        let healthy = self.healthy.first();
        let failing = if failing_allowed { self.failing.first() } else { None };
        healthy.into_iter().chain(failing).min().map(|(_, key)| key)
    }

    /// Returns a lane whose timer has run out by `now`. It keeps its position until it is set anew.
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
    pub(super) fn holds(&self, key: LaneKey, position: Position) -> bool {
        match position {
            Position::Unscheduled => true,
            Position::Timer(at) => self.timers.contains(&(at, key)),
            Position::Ready(_, Seq(seq)) if seq > self.last => false,
            Position::Ready(Health::Healthy, seq) => self.healthy.holds(seq, key),
            Position::Ready(Health::Failing, seq) => self.failing.holds(seq, key),
        }
    }

    fn queue(&mut self, health: Health) -> &mut ReadyQueue {
        match health {
            Health::Healthy => &mut self.healthy,
            Health::Failing => &mut self.failing,
        }
    }
}
