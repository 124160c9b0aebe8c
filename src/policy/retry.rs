use std::{num::NonZeroU32, time::Duration};

use http::StatusCode;

use super::{Backoff, PolicyError};

/// How often to try, what to try again, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    attempts: Attempts,
    on: RetryOn,
    backoff: Backoff,
    max_retry_after: Duration,
}

/// How many attempts a delivery gets. This enum is exhaustive by design.
///
/// ```
/// use recohook::policy::{Attempts, PolicyError};
///
/// let attempts = Attempts::at_most(3)?;
/// assert!(attempts.allows(3) && !attempts.allows(4));
/// assert!(Attempts::Unlimited.allows(1_000_000));
/// assert_eq!(Attempts::at_most(0), Err(PolicyError::ZeroAttempts));
/// # Ok::<(), PolicyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Attempts {
    /// At most this many.
    Limited(NonZeroU32),
    /// As many as it takes.
    Unlimited,
}

/// Which failures are tried again. Other rules may come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum RetryOn {
    /// Those that another attempt may cure: no response, one of 408, 425 and 429, or any status
    /// that is no 4xx. Any other 4xx says that the request itself is refused.
    #[default]
    Transient,
    /// Everything that is no success.
    AnyFailure,
}

impl Retry {
    /// A retry policy of so many attempts, apart by `backoff`.
    pub fn new(attempts: Attempts, backoff: Backoff) -> Self {
        Self {
            attempts,
            backoff,
            on: RetryOn::default(),
            max_retry_after: Duration::from_secs(3600),
        }
    }

    /// Sets how many attempts a delivery gets.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Attempts) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the delays between attempts.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Sets which failures are tried again. Default: [`RetryOn::Transient`].
    #[must_use]
    pub fn with_retry_on(mut self, on: RetryOn) -> Self {
        self.on = on;
        self
    }

    /// Sets the longest `Retry-After` of a receiver that is honoured; a longer one is cut to it,
    /// and zero ignores the header. Default 1 h.
    ///
    /// `Retry-After` holds back the whole webhook, all its lanes.
    #[must_use]
    pub fn with_max_retry_after(mut self, longest: Duration) -> Self {
        self.max_retry_after = longest;
        self
    }

    /// How many attempts a delivery gets.
    pub fn attempts(&self) -> Attempts {
        self.attempts
    }

    /// Which failures are tried again.
    pub fn retry_on(&self) -> RetryOn {
        self.on
    }

    /// The delays between attempts.
    pub fn backoff(&self) -> &Backoff {
        &self.backoff
    }

    /// The longest `Retry-After` that is honoured.
    pub fn max_retry_after(&self) -> Duration {
        self.max_retry_after
    }
}

impl Default for Retry {
    /// 10 attempts with the default [`Backoff`].
    fn default() -> Self {
        const TEN: NonZeroU32 = NonZeroU32::new(10).expect("10 is not zero");
        Self::new(Attempts::Limited(TEN), Backoff::default())
    }
}

impl Attempts {
    /// Allows at most `attempts`, counting the first one.
    ///
    /// # Errors
    /// Returns [`PolicyError::ZeroAttempts`] for 0.
    pub fn at_most(attempts: u32) -> Result<Self, PolicyError> {
        NonZeroU32::new(attempts).map(Self::Limited).ok_or(PolicyError::ZeroAttempts)
    }

    /// Whether attempt number `attempt`, counted from 1, is allowed.
    pub fn allows(self, attempt: u32) -> bool {
        match self {
            Self::Limited(most) => attempt <= most.get(),
            Self::Unlimited => true,
        }
    }
}

impl RetryOn {
    /// Whether a response with this status, which is no success, is tried again.
    pub fn retries(self, status: StatusCode) -> bool {
        match self {
            Self::AnyFailure => true,
            Self::Transient => {
                !status.is_client_error()
                    || matches!(
                        status,
                        StatusCode::REQUEST_TIMEOUT
                            | StatusCode::TOO_EARLY
                            | StatusCode::TOO_MANY_REQUESTS
                    )
            }
        }
    }
}
