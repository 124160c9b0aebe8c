use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

/// A point in time on a monotonic clock, in nanoseconds since an origin that the clock chooses.
///
/// The core never reads a clock. Instead, every call that depends on the time has a `Moment`
/// argument. A host that drives an [`Engine`](crate::Engine) creates moments from its own clock. A
/// [`Notifier`](crate::Notifier) gets them from its [`Clock`](crate::Clock).
///
/// Arithmetic saturates and never panics. The range is 2^64 ns, or about 584 years.
///
/// ```
/// use recohook::Moment;
/// use std::time::{Duration, Instant};
///
/// // A clock for an `Engine`: the origin is the start of the program.
/// let origin = Instant::now();
/// let now = || Moment::ZERO + origin.elapsed();
///
/// let earlier = now();
/// let later = earlier + Duration::from_millis(270);
/// assert_eq!(later - earlier, Duration::from_millis(270));
/// assert_eq!(earlier - later, Duration::ZERO, "a difference is never negative");
/// assert_eq!(later + Duration::MAX, Moment::MAX);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(u64);

impl Moment {
    /// The origin of the clock.
    pub const ZERO: Self = Self(0);
    /// The latest moment. It is about 584 years after the origin, so a timer that is set to it
    /// never fires.
    pub const MAX: Self = Self(u64::MAX);

    /// Returns the moment that is `nanos` nanoseconds after the origin.
    ///
    /// ```
    /// use recohook::Moment;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Moment::from_nanos(1_500_000), Moment::ZERO + Duration::from_micros(1_500));
    /// ```
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the number of nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    /// Returns the moment that is `rhs` later, or [`Moment::MAX`] if the result would exceed it.
    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(rhs.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Moment {
    type Output = Duration;

    /// Returns the time from `rhs` to `self`, or zero if `rhs` is later.
    fn sub(self, rhs: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(rhs.0))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({:?})", Duration::from_nanos(self.0))
    }
}
