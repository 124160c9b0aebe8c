use crate::{attribute::AttributeError, notification::EncodeError};

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
    Attributes(#[from] AttributeError),
    /// The notification could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
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
