use crate::{
    filter::FilterError,
    webhook::{RegistryError, WebhookError},
};

/// An error in a system's registration object, or a refusal by the registry.
///
/// All systems share this type. The messages use the field names of the systems' APIs.
///
/// ```
/// use recohook::findface::{Filters, Registration, security};
///
/// let registration = Registration::new("g", "http://127.0.0.1:8888/", Filters::default());
/// let error = registration.to_webhook(&security::FILTERS, security::profile()).unwrap_err();
/// assert_eq!(error.to_string(), "`name` must have 2 to 100 characters, not 1");
/// assert_eq!(error.kind(), "name");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The name is too short or too long.
    #[error("`name` must have 2 to 100 characters, not {chars}")]
    Name {
        /// The number of characters.
        chars: usize,
    },
    /// The URL is too long.
    #[error("the URL must have at most 300 characters, not {chars}")]
    UrlTooLong {
        /// The number of characters.
        chars: usize,
    },
    /// The URL is not `https`, and the host does not allow any other scheme.
    #[error("`url` must be https, unless the host allows http")]
    HttpsRequired,
    /// The URL cannot be used, for example because it has no host.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// The batch size is 0.
    #[error("`batch_size` must be 1 or more")]
    BatchSize,
    /// The filters are invalid. The position in the error is relative to the filters.
    #[error("in `filters`: {0}")]
    Filters(FilterError),
    /// The list of event types is empty, so the webhook would never get a notification.
    #[error("`event_types` must name at least one type")]
    NoEventTypes,
    /// There are more event types than the limits for filters allow, or one of the types is too
    /// long.
    #[error("in `event_types`: {0}")]
    EventTypes(FilterError),
    /// The object from which a webhook is to be restored has no id.
    #[error("`id` is missing; a webhook is restored under the id that it had before")]
    NoId,
    /// The object from which a webhook is to be restored has an id below 1. The registry never
    /// assigns such ids.
    #[error("`id` must be 1 or more, not {id}")]
    Id {
        /// The id.
        id: i64,
    },
    /// The largest possible id is or was in use, so there is no next id.
    #[error(
        "no id is left after {}, the largest possible id; restore that webhook under a smaller id \
         when the host starts again",
        i64::MAX
    )]
    NoIdLeft,
    /// The registry refuses the change, for example because no webhook has this id.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl RegistrationError {
    /// Returns a short name for the error that stays the same between releases, for metrics and
    /// logs. An error from another part of the crate keeps the name that it has there.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Name { .. } => "name",
            Self::UrlTooLong { .. } => "url_too_long",
            Self::HttpsRequired => "https_required",
            // The name is not `webhook`, because a dashboard should show the name of the actual
            // error.
            Self::Webhook(error) => error.kind(),
            Self::BatchSize => "batch_size",
            Self::Filters(error) | Self::EventTypes(error) => error.kind(),
            Self::NoEventTypes => "no_event_types",
            Self::NoId => "no_id",
            Self::Id { .. } => "id",
            Self::NoIdLeft => "no_id_left",
            Self::Registry(error) => error.kind(),
        }
    }
}
