//! Determines which lane is served next and when the next timer expires.

use std::collections::BTreeSet;

use super::{
    arena::LaneKey,
    ready_queue::{ReadyQueue, Seq},
};
use crate::base::Moment;

/// The lanes that can send now, in order, and the lanes that will become ready with the passage of
/// time alone.
///
/// Each lane is in one of the two queues, has exactly one timer, or is not scheduled.
/// [`readiness`](super::ready::readiness) determines the lane's position, and [`set`](Self::set)
/// moves the lane there. Lanes without work are not in the schedule. Therefore, the cost of a call
/// depends on the lanes that are due rather than on the number of webhooks.
// The schedule does not store the reason for a timer. A timer may mark the end of a linger, a retry
// delay or a `Retry-After` period. When the timer expires, `readiness` checks the lane again.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// The timers, earliest first. The lane's key distinguishes timers that expire at the same
    /// moment.
    // A heap cannot remove a timer from the middle, and many timers are moved before they expire,
    // for example because a batch fills up before its linger ends.
    timers: BTreeSet<(Moment, LaneKey)>,
    /// The ready lanes of healthy webhooks.
    healthy: ReadyQueue,
    /// The ready lanes of failing webhooks.
    // They have a separate queue so that other lanes need not wait behind them when the share of
    // failing webhooks is used up.
    failing: ReadyQueue,
    /// The last `Seq` that was assigned. Both queues share these numbers, so their heads can be
    /// compared.
    last: u64,
}

/// The position of a lane in the schedule. It is stored in the lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    /// The lane is not in the schedule.
    Unscheduled,
    /// The lane has a timer that expires at this moment.
    Timer(Moment),
    /// The lane is in the queue for webhooks with this health.
    Ready(Health, Seq),
}

/// The health of a webhook. A webhook is failing if an attempt has failed since the last success.
///
/// Lanes of failing webhooks have a separate queue, so that they can be limited to their share of
/// the requests in flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Health {
    Healthy,
    Failing,
}

/// When a lane can send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Readiness {
    /// The lane cannot send until a call changes something, because it has nothing to send or its
    /// webhook may not send now.
    Idle,
    /// The lane can send at this moment if nothing changes until then. The moment is in the future.
    At(Moment),
    /// The lane can send now.
    Now(Health),
}

impl Position {
    /// Returns whether the lane can send now.
    pub(super) fn is_ready(self) -> bool {
        matches!(self, Self::Ready(..))
    }

    /// Returns whether the lane is in the schedule at all.
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
    /// Moves a lane from `position` to the position for `readiness` and updates `position`.
    ///
    /// A lane that is ready and stays ready keeps its `Seq`, even if it moves to the other queue.
    /// This ensures that a webhook whose attempts alternately succeed and fail is not passed over
    /// again and again.
    pub(super) fn set(&mut self, key: LaneKey, position: &mut Position, readiness: Readiness) {
        // A change to a webhook reschedules all of its lanes, and most of them keep their position.
        if position.matches(readiness) {
            return;
        }
        match *position {
            Position::Unscheduled => {}
            Position::Timer(at) => {
                let left = self.timers.remove(&(at, key));
                debug_assert!(left, "the lane has no timer at its position");
            }
            Position::Ready(health, seq) => {
                let queue = self.queue(health);
                debug_assert!(
                    queue.holds(seq, key),
                    "the lane is not in the queue at its position"
                );
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

    /// Returns the lane that has been ready for the longest time. If `failing_allowed` is `false`,
    /// lanes of failing webhooks are skipped.
    ///
    /// The lane keeps its position.
    pub(super) fn next(&self, failing_allowed: bool) -> Option<LaneKey> {
        let healthy = self.healthy.first();
        let failing = if failing_allowed { self.failing.first() } else { None };
        healthy.into_iter().chain(failing).min().map(|(_, key)| key)
    }

    /// Returns the lane whose timer expires first, if that timer has expired by `now`.
    ///
    /// The lane keeps its position. The caller must move the lane before calling this method again.
    pub(super) fn due(&self, now: Moment) -> Option<LaneKey> {
        self.timers.first().filter(|(at, _)| *at <= now).map(|(_, key)| *key)
    }

    /// Returns the moment at which the first timer expires.
    pub(super) fn next_timer(&self) -> Option<Moment> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Returns the number of lanes in the schedule.
    pub(super) fn len(&self) -> usize {
        self.timers.len() + self.healthy.len() + self.failing.len()
    }

    /// Returns whether a lane is in the schedule at `position`.
    pub(super) fn holds(&self, key: LaneKey, position: Position) -> bool {
        match position {
            Position::Unscheduled => true,
            Position::Timer(at) => self.timers.contains(&(at, key)),
            // This number has never been assigned.
            Position::Ready(_, Seq(seq)) if seq > self.last => false,
            Position::Ready(Health::Healthy, seq) => self.healthy.holds(seq, key),
            Position::Ready(Health::Failing, seq) => self.failing.holds(seq, key),
        }
    }

    /// Returns the queue for webhooks with this health.
    fn queue(&mut self, health: Health) -> &mut ReadyQueue {
        match health {
            Health::Healthy => &mut self.healthy,
            Health::Failing => &mut self.failing,
        }
    }
}
