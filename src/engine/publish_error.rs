use crate::{attribute::AttributeError, notification::EncodeError};

/// An error returned when a notification cannot be published. Nothing was queued.
///
/// The message states what happened, and the [sources](std::error::Error::source) explain why.
/// Print the whole chain, as error reporters do, or format it as a single line with
/// [`ErrorText::of`](crate::failure::ErrorText::of).
///
/// ```
/// use recohook::findface::security::Event;
/// use recohook::{Engine, Moment, PublishError};
///
/// let mut engine = Engine::new();
/// engine.close();
/// match engine.publish(&Event::new("42"), Moment::ZERO) {
///     Ok(receipt) => println!("{} webhooks accepted it", receipt.queued),
///     Err(PublishError::Full { rejected }) => println!("{rejected} queues are full: try later"),
///     Err(error) => assert_eq!(error.kind(), "closed"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The engine or notifier was closed or shut down. It will never accept notifications again.
    #[error("nothing can be published: the engine or notifier is closed")]
    Closed,
    /// Webhooks match the notification, but none of their queues has room for it.
    ///
    /// Publish the notification again later, raise the [`Limits`](crate::Limits) or use
    /// [`Overflow::DropOldest`](crate::policy::Overflow::DropOldest). A notification that is larger
    /// than a byte limit is rejected every time.
    #[error("no queue has room for the notification; webhooks that rejected it: {rejected}")]
    Full {
        /// The number of webhooks that rejected the notification, at least 1.
        rejected: usize,
    },
    /// The notification set an attribute that does not fit its schema. This is a bug in the
    /// implementation of [`Notification`](crate::Notification).
    #[error("the notification's attributes do not fit its schema")]
    Attributes(#[from] AttributeError),
    /// The notification could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl PublishError {
    /// Returns a short name for the error, for use in metrics and logs. The name stays the same
    /// between releases.
    ///
    /// ```
    /// use recohook::PublishError;
    ///
    /// assert_eq!(PublishError::Closed.kind(), "closed");
    /// assert_eq!(PublishError::Full { rejected: 2 }.kind(), "full");
    /// ```
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Full { .. } => "full",
            Self::Attributes(_) => "attributes",
            Self::Encode(_) => "encode",
        }
    }
}
