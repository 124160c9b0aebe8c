//! The state of a webhook in the model.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use recohook::{
    AttemptId,
    report::{Batch, FailureCause},
    unstable::WebhookKey,
};

use crate::plan::Plan;

/// A webhook in the model.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) name: String,
    pub(crate) key: WebhookKey,
    pub(crate) plan: Plan,
    pub(crate) endpoint: u64,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) lanes: [Lane; 3],
    pub(crate) failures: u32,
    pub(crate) blocked_until: u64,
    pub(crate) counts: Counts,
    /// The number of its removal among all removals, or 0.
    pub(crate) removal: u64,
    /// Whether its policies never allowed more than one batch in flight.
    pub(crate) strict: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lifecycle {
    Active,
    Paused,
    Removing,
    Gone,
}

#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) queue: VecDeque<Piece>,
    pub(crate) under_way: Vec<Sent>,
    /// The serial number of the last delivered piece.
    pub(crate) last: u64,
    /// How often each other lane was served while this one could have been served.
    pub(crate) passed: BTreeMap<(usize, usize), u32>,
    /// How often each lane of the same webhook was served while this one had work that was due.
    pub(crate) passed_by_sibling: BTreeMap<usize, u32>,
}

/// An accepted notification in the queue of one webhook.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) serial: u64,
    /// The number of the notification, in the order of publishing.
    pub(crate) number: u64,
    pub(crate) at: u64,
    pub(crate) bytes: usize,
    /// Whether a flush has ended its linger.
    pub(crate) hurried: bool,
}

/// A delivery that is not settled.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) delivery: u64,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) batch: Arc<Batch>,
    /// The number of attempts that count, including the one in flight.
    pub(crate) attempts: u32,
    pub(crate) cause: Option<FailureCause>,
    /// Whether an attempt with this number was repeated because of a stale connection.
    pub(crate) is_repeated: bool,
    pub(crate) flight: Option<AttemptId>,
    pub(crate) due: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) matched: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) delivered: u64,
    pub(crate) dead: u64,
    pub(crate) overflow: u64,
    pub(crate) removed: u64,
    pub(crate) shutdown: u64,
    pub(crate) attempts: u64,
    pub(crate) failures: u64,
}

impl Hook {
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.lifecycle, Lifecycle::Active | Lifecycle::Paused)
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.lanes
            .iter()
            .flat_map(|lane| lane.under_way.iter().flat_map(|sent| &sent.pieces).chain(&lane.queue))
    }

    /// Returns the serial numbers of everything that is pending.
    pub(crate) fn serials(&self) -> impl Iterator<Item = u64> {
        self.pieces().map(|piece| piece.serial)
    }

    /// Returns the bytes of everything that is pending.
    pub(crate) fn bytes(&self) -> usize {
        self.pieces().map(|piece| piece.bytes).sum()
    }

    pub(crate) fn in_flight(&self) -> usize {
        let under_way = self.lanes.iter().flat_map(|lane| &lane.under_way);
        under_way.filter(|sent| sent.flight.is_some()).count()
    }
}

impl Counts {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            matched: self.matched + other.matched,
            accepted: self.accepted + other.accepted,
            rejected: self.rejected + other.rejected,
            delivered: self.delivered + other.delivered,
            dead: self.dead + other.dead,
            overflow: self.overflow + other.overflow,
            removed: self.removed + other.removed,
            shutdown: self.shutdown + other.shutdown,
            attempts: self.attempts + other.attempts,
            failures: self.failures + other.failures,
        }
    }
}
