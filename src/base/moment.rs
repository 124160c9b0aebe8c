use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

/// A reading of a monotonic clock, in nanoseconds from an origin that the clock chooses.
///
/// The core never reads a clock: every call that depends on time takes the moment. Arithmetic
/// saturates, so that no duration a host can write overflows: 2^64 ns are 584 years.
///
/// ```
/// use recohook::Moment;
/// use std::time::Duration;
///
/// let start = Moment::ZERO + Duration::from_secs(1);
/// assert_eq!(start + Duration::from_millis(270) - start, Duration::from_millis(270));
/// assert_eq!(start - (start + Duration::from_secs(9)), Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(u64);

impl Moment {
    /// The clock's origin.
    pub const ZERO: Self = Self(0);
    /// The last moment there is; nothing that is due then ever falls due in practice.
    pub const MAX: Self = Self(u64::MAX);

    /// The moment `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Moment {
    type Output = Duration;

    /// The time from `rhs` to `self`; zero where `rhs` is later.
    fn sub(self, rhs: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(rhs.0))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({:?})", Duration::from_nanos(self.0))
    }
}
