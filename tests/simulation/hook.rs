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

/// One registered webhook, as the model sees it.
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
    /// When it was removed, as the count of removals.
    pub(crate) removal: u64,
    /// Its window was never more than 1.
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
    /// The serial of the last piece delivered.
    pub(crate) last: u64,
    /// How often other lanes were served while this one could have been.
    pub(crate) passed: BTreeMap<(usize, usize), u32>,
    /// How often lanes of the same webhook were served while this one had work that was due.
    pub(crate) passed_by_sister: BTreeMap<usize, u32>,
}

/// One accepted notification at one webhook.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) serial: u64,
    /// The notification's number, as published.
    pub(crate) number: u64,
    pub(crate) at: u64,
    pub(crate) bytes: usize,
    /// A flush lets it linger no more.
    pub(crate) hurried: bool,
}

/// A delivery under way.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) delivery: u64,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) batch: Arc<Batch>,
    /// Those that count, the present one included.
    pub(crate) attempts: u32,
    pub(crate) cause: Option<FailureCause>,
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

    /// All that is pending.
    pub(crate) fn serials(&self) -> impl Iterator<Item = u64> {
        self.pieces().map(|piece| piece.serial)
    }

    /// The bytes of all that is pending.
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
