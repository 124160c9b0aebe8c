use crate::{attribute::AttributeError, notification::EncodeError};

/// An error of publishing a notification. Nothing was queued.
///
/// The text states what happened, and the [sources](std::error::Error::source) state why. Print the
/// whole chain, as error reporters do, or write it in one line with
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
    /// The engine or notifier was closed or shut down. It never accepts notifications again.
    #[error("nothing can be published: the engine or notifier is closed")]
    Closed,
    /// Webhooks match the notification, but no queue has room for it.
    ///
    /// Publish it again later, or set larger [`Limits`](crate::Limits) or
    /// [`Overflow::DropOldest`](crate::policy::Overflow::DropOldest). A notification that is larger
    /// than a bound on bytes is rejected each time.
    #[error("no queue has room for the notification; webhooks that rejected it: {rejected}")]
    Full {
        /// The number of webhooks that rejected it, at least 1.
        rejected: usize,
    },
    /// The notification set an attribute that does not fit its schema: a fault in its
    /// implementation of [`Notification`](crate::Notification).
    #[error("the notification's attributes do not fit its schema")]
    Attributes(#[from] AttributeError),
    /// The notification could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl PublishError {
    /// Returns a short name of the error, for metrics and logs. It stays the same between releases.
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
