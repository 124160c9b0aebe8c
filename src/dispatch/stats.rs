use std::{fmt, iter::Sum, ops::AddAssign};

/// The statistics of a single webhook, or the total for all webhooks.
///
/// A webhook's statistics start with its registration. An update does not reset them.
///
/// The counts are exact and always add up:
///
/// - matched = accepted + rejected
/// - accepted = delivered + dead + dropped + [pending](Self::pending)
///
/// All fields count notifications, except for `attempts` and `failures`, which count requests. The
/// statistics of several webhooks can be added together. `Display` writes one line with all counts.
///
/// ```
/// use recohook::report::Stats;
///
/// let mut stats = Stats::default();
/// (stats.matched, stats.accepted, stats.rejected) = (5, 4, 1);
/// (stats.delivered, stats.attempts) = (2, 1);
/// assert_eq!(
///     stats.to_string(),
///     "matched 5 = accepted 4 + rejected 1; accepted = delivered 2 + dead 0 + dropped 0 \
///      + pending 2; attempts 1, failed 0"
/// );
/// ```
// There is no field for pending notifications. Their number is computed from the other fields, so
// the second equation always holds. Invariant 4 of the module compares this number with the lanes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// The number of notifications that matched the webhook's filter.
    pub matched: u64,
    /// The number of matched notifications that the webhook accepted into its queue.
    pub accepted: u64,
    /// The number of matched notifications that the webhook did not accept. See
    /// [`Receipt::rejected`](crate::Receipt::rejected).
    pub rejected: u64,
    /// The number of accepted notifications that were delivered: the receiver sent a successful
    /// response.
    pub delivered: u64,
    /// The number of accepted notifications that are dead, either because the last allowed attempt
    /// failed or because an attempt failed for a reason that does not allow a retry.
    pub dead: u64,
    /// The numbers of accepted notifications that were dropped, by reason.
    pub dropped: DropStats,
    /// The number of attempts whose outcome was recorded. Each attempt is one request. Attempts that
    /// were abandoned or [repeated](crate::report::ReportEvent::Repeated) do not count.
    pub attempts: u64,
    /// The number of attempts that failed. They are included in `attempts`.
    pub failures: u64,
}

/// The numbers of dropped notifications, by [`DropReason`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct DropStats {
    /// The number of notifications that were dropped to make room for newer ones.
    pub overflow: u64,
    /// The number of notifications that were dropped because the webhook was removed.
    pub removed: u64,
    /// The number of notifications that were dropped by a shutdown.
    pub shutdown: u64,
}

/// The reason why an accepted notification was dropped. Later releases may add reasons.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full, and the policy is
    /// [`Overflow::DropOldest`](crate::policy::Overflow::DropOldest).
    Overflow,
    /// The webhook was removed before the notification was delivered.
    Removed,
    /// The shutdown happened before the notification was delivered.
    Shutdown,
}

impl Stats {
    /// Returns the number of accepted notifications that are not settled yet, because they are
    /// queued, in flight or waiting for a retry.
    ///
    /// # Panics
    /// Panics in builds with overflow checks if the fields have been changed so that more
    /// notifications are settled than accepted.
    ///
    /// ```
    /// use recohook::report::Stats;
    ///
    /// let mut stats = Stats::default();
    /// (stats.accepted, stats.delivered, stats.dead) = (10, 6, 1);
    /// assert_eq!(stats.pending(), 3);
    /// ```
    pub fn pending(&self) -> u64 {
        self.accepted - self.delivered - self.dead - self.dropped.total()
    }
}

impl DropStats {
    /// Returns the total number of dropped notifications, regardless of the reason.
    ///
    /// ```
    /// use recohook::report::Stats;
    ///
    /// let mut stats = Stats::default();
    /// (stats.dropped.overflow, stats.dropped.shutdown) = (3, 4);
    /// assert_eq!(stats.dropped.total(), 7);
    /// ```
    pub fn total(&self) -> u64 {
        self.overflow + self.removed + self.shutdown
    }

    /// Adds `count` notifications that were dropped for `reason`.
    pub(super) fn add(&mut self, reason: DropReason, count: u64) {
        *match reason {
            DropReason::Overflow => &mut self.overflow,
            DropReason::Removed => &mut self.removed,
            DropReason::Shutdown => &mut self.shutdown,
        } += count;
    }
}

impl DropReason {
    /// Returns a short name for metrics and logs. The names do not change between releases.
    ///
    /// ```
    /// use recohook::report::DropReason;
    ///
    /// assert_eq!(DropReason::Overflow.as_str(), "overflow");
    /// ```
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
