use crate::{attribute::RecordError, notification::EncodeError};

/// What became of a published notification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Receipt {
    /// Webhooks that want it: those that took it and those that refused it.
    pub matched: usize,
    /// Webhooks that took it.
    pub queued: usize,
    /// Webhooks that refused it, at a full queue; or that were registered while it was published,
    /// where it could not be encoded in the rendering that they want.
    pub rejected: usize,
}

/// Nothing was queued.
///
/// Its text says what happened, and its sources why: print them all, as error reporters do, or
/// with [`Detail::of`](crate::failure::Detail::of) in one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// After the end.
    #[error("the notifier is shut down")]
    Closed,
    /// All webhooks that want it have full queues: publish it again later, or give them a larger
    /// bound or an overflow policy that drops the oldest. One that is larger than a bound on bytes
    /// is refused each time.
    #[error("all {rejected} webhooks that want the notification refused it: their queues are full")]
    Full {
        /// How many.
        rejected: usize,
    },
    /// The notification's attributes do not fit its schema. Its implementation is at fault.
    #[error("the notification contradicts its schema")]
    Attributes(#[from] RecordError),
    /// The notification could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Receipt {
    /// Adds what the dispatcher said.
    pub(crate) fn add(&mut self, queued: crate::dispatch::Queued) {
        self.queued += queued.queued;
        self.rejected += queued.rejected;
        self.matched += queued.queued + queued.rejected;
    }

    /// An error only if it was wanted and nothing was queued.
    pub(crate) fn check(self) -> Result<Self, PublishError> {
        match self {
            Self { queued: 0, rejected: 1.., .. } => {
                Err(PublishError::Full { rejected: self.rejected })
            }
            _ => Ok(self),
        }
    }
}

impl PublishError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Full { .. } => "full",
            Self::Attributes(_) => "attributes",
            Self::Encode(_) => "encode",
        }
    }
}
