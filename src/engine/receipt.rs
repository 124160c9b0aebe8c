use crate::{attribute::RecordError, notification::EncodeError};

/// How many webhooks wanted a published notification, and how many accepted it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Receipt {
    /// How many webhooks want it: those that accepted it and those that rejected it.
    pub matched: usize,
    /// How many webhooks accepted it.
    pub queued: usize,
    /// How many webhooks rejected it, because a queue was full. A webhook that is registered while
    /// the notification is published rejects it, too, if the notification cannot be encoded in the
    /// rendering that the webhook wants.
    pub rejected: usize,
}

/// A notification could not be published. Nothing was queued.
///
/// The text says what happened, and the sources say why. Print them all, as error reporters do, or
/// in one line with [`ErrorText::of`](crate::failure::ErrorText::of).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The engine or notifier was closed or shut down.
    #[error("publishing has ended: the engine or notifier is closed")]
    Closed,
    /// All webhooks that want the notification have full queues. Publish it again later, or set a
    /// larger bound or an overflow policy that drops the oldest. A notification that is larger than
    /// a bound on bytes is rejected each time.
    #[error("all {rejected} webhooks that want the notification refused it: their queues are full")]
    Full {
        /// How many webhooks rejected it.
        rejected: usize,
    },
    /// The notification's attributes do not fit its schema. This is a fault of its implementation.
    #[error("the notification contradicts its schema")]
    Attributes(#[from] RecordError),
    /// The notification could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Receipt {
    /// Adds what the dispatcher has queued and rejected.
    pub(crate) fn add(&mut self, queued: crate::dispatch::Queued) {
        self.queued += queued.queued;
        self.rejected += queued.rejected;
        self.matched += queued.queued + queued.rejected;
    }

    /// Returns an error only if webhooks wanted it and none accepted it.
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
