use std::time::Duration;

/// A policy value that would not work.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A batch must hold something.
    #[error("a batch holds at least 1 notification, not 0")]
    ZeroBatch,
    /// A batch must hold something.
    #[error("a batch holds at least 1 byte, not 0")]
    ZeroBatchBytes,
    /// A delivery needs an attempt.
    #[error("a delivery gets at least 1 attempt, not 0; for no limit, set Attempts::Unlimited")]
    ZeroAttempts,
    /// An attempt needs time.
    #[error("the timeout of an attempt must be longer than 0 s")]
    ZeroTimeout,
    /// A lane must be able to send.
    #[error("a lane has at least 1 batch under way, not 0")]
    ZeroWindow,
    /// Retrying at once, over and over, would be an attack on the receiver.
    #[error("the first delay of a backoff must be at least 1 ms, not {0:?}")]
    DelayTooShort(Duration),
    /// The first delay is already over the cap.
    #[error("the first delay, {first:?}, is longer than the longest, {cap:?}")]
    DelayOverCap {
        /// The first delay.
        first: Duration,
        /// The longest delay.
        cap: Duration,
    },
    /// A backoff never shrinks.
    #[error("the factor of a backoff must be a number from 1, not {0}")]
    Factor(f64),
    /// A rule that no status satisfies would retry what was delivered.
    #[error("a success rule names at least one status")]
    NoStatus,
}

impl PolicyError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ZeroBatch => "zero_batch",
            Self::ZeroBatchBytes => "zero_batch_bytes",
            Self::ZeroAttempts => "zero_attempts",
            Self::ZeroTimeout => "zero_timeout",
            Self::ZeroWindow => "zero_window",
            Self::DelayTooShort(_) => "delay_too_short",
            Self::DelayOverCap { .. } => "delay_over_cap",
            Self::Factor(_) => "factor",
            Self::NoStatus => "no_status",
        }
    }
}
