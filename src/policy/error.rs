use std::time::Duration;

/// An error that occurs when a policy is created with an invalid value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A batch of 0 notifications would never be sent.
    #[error("a batch must hold at least 1 notification, not 0")]
    ZeroBatch,
    /// A batch of 0 bytes would never be sent.
    #[error("a batch must hold at least 1 byte, not 0")]
    ZeroBatchBytes,
    /// A delivery without attempts would never be sent.
    #[error(
        "a delivery must have at least 1 attempt, not 0; for no limit, use Attempts::Unlimited"
    )]
    ZeroAttempts,
    /// An attempt with a timeout of zero would always fail.
    #[error("the timeout of an attempt must be longer than 0 s")]
    ZeroTimeout,
    /// A lane that may have no batch in delivery would never send anything.
    #[error("a lane must have at least 1 batch under way, not 0")]
    ZeroInFlightBatches,
    /// A shorter delay would flood the receiver with retries.
    #[error("the first delay of a backoff must be at least 1 ms, not {0:?}")]
    DelayTooShort(Duration),
    /// The first delay is longer than the cap.
    #[error("the first delay of a backoff is {first:?}, which is above its cap of {cap:?}")]
    DelayOverCap {
        /// The first delay.
        first: Duration,
        /// The cap.
        cap: Duration,
    },
    /// With a factor below 1, the delays would shrink. An infinite factor or NaN is also refused.
    #[error("the factor of a backoff must be a finite number from 1, not {0}")]
    Factor(f64),
    /// Without a status, every delivery would count as failed and be retried although it arrived.
    #[error("a success rule must name at least 1 status")]
    NoStatus,
}

impl PolicyError {
    /// Returns a short name for metrics and logs, such as `zero_batch`. The name does not change
    /// between releases.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ZeroBatch => "zero_batch",
            Self::ZeroBatchBytes => "zero_batch_bytes",
            Self::ZeroAttempts => "zero_attempts",
            Self::ZeroTimeout => "zero_timeout",
            Self::ZeroInFlightBatches => "zero_in_flight_batches",
            Self::DelayTooShort(_) => "delay_too_short",
            Self::DelayOverCap { .. } => "delay_over_cap",
            Self::Factor(_) => "factor",
            Self::NoStatus => "no_status",
        }
    }
}
