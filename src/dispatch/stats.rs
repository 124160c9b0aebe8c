use std::{fmt, iter::Sum, ops::AddAssign};

/// What became of a webhook's notifications, counted one by one.
///
/// Always exact: `matched = accepted + rejected`, and
/// `accepted = delivered + dead + dropped + pending`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Notifications that its filter wanted.
    pub matched: u64,
    /// Of these, put into its queue.
    pub accepted: u64,
    /// Of these, refused: at a full queue, after the end, or as
    /// [`Receipt::rejected`](crate::Receipt::rejected) says.
    pub rejected: u64,
    /// Accepted and delivered: the receiver answered with success.
    pub delivered: u64,
    /// Accepted and given up, after the last attempt or a failure that is not tried again.
    pub dead: u64,
    /// Accepted and dropped.
    pub dropped: DropStats,
    /// Attempts that were judged, batches and not notifications.
    pub attempts: u64,
    /// Of these, failed ones.
    pub failures: u64,
}

/// Dropped notifications by reason.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct DropStats {
    /// To make room for newer ones.
    pub overflow: u64,
    /// Because the webhook was removed.
    pub removed: u64,
    /// Because the end came first.
    pub shutdown: u64,
}

/// Why an accepted notification was dropped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DropReason {
    /// To make room for a newer one.
    Overflow,
    /// The webhook was removed.
    Removed,
    /// The end came first.
    Shutdown,
}

impl Stats {
    /// Returns the number of accepted notifications that are not settled: queued, in flight, or
    /// waiting for a retry.
    pub fn pending(&self) -> u64 {
        self.accepted - self.delivered - self.dead - self.dropped.total()
    }
}

impl DropStats {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.overflow + self.removed + self.shutdown
    }

    pub(super) fn add(&mut self, reason: DropReason, count: u64) {
        *match reason {
            DropReason::Overflow => &mut self.overflow,
            DropReason::Removed => &mut self.removed,
            DropReason::Shutdown => &mut self.shutdown,
        } += count;
    }
}

impl DropReason {
    /// A short name that stays the same between releases: for metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::Removed => "removed",
            Self::Shutdown => "shutdown",
        }
    }
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.matched += other.matched;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.delivered += other.delivered;
        self.dead += other.dead;
        self.dropped.overflow += other.dropped.overflow;
        self.dropped.removed += other.dropped.removed;
        self.dropped.shutdown += other.dropped.shutdown;
        self.attempts += other.attempts;
        self.failures += other.failures;
    }
}

impl Sum for Stats {
    fn sum<I: Iterator<Item = Self>>(stats: I) -> Self {
        stats.fold(Self::default(), |mut total, stats| {
            total += stats;
            total
        })
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "matched {} = accepted {} + rejected {}; accepted = delivered {} + dead {} + dropped {} \
             + pending {}; attempts {}, failed {}",
            self.matched,
            self.accepted,
            self.rejected,
            self.delivered,
            self.dead,
            self.dropped.total(),
            self.pending(),
            self.attempts,
            self.failures,
        )
    }
}
