use crate::{
    filter::FilterError,
    webhook::{RegistryError, WebhookError},
};

/// A registration object of a system is invalid, or the registry refuses it.
///
/// All systems share it. Each variant names the field as the system's API does.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The name is too short or too long.
    #[error("`name` must have 2 to 100 characters, not {chars}")]
    Name {
        /// How many it has.
        chars: usize,
    },
    /// The URL is too long.
    #[error("the URL must have at most 300 characters, not {chars}")]
    UrlTooLong {
        /// How many it has.
        chars: usize,
    },
    /// The URL is not `https`, and the host allows no other.
    #[error("`url` must be https; http is for receivers that the host allows it for")]
    HttpsRequired,
    /// The URL is not one that requests can be sent to.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// A batch would hold nothing.
    #[error("`batch_size` must be 1 or more")]
    BatchSize,
    /// The filters cannot be read. Places are within them.
    #[error("in `filters`: {0}")]
    Filters(FilterError),
    /// No event type is named, so nothing would ever be sent.
    #[error("`event_types` must name at least one type")]
    NoEventTypes,
    /// There are more event types, or longer ones, than the limits of filters allow.
    #[error("in `event_types`: {0}")]
    EventTypes(FilterError),
    /// A webhook is restored without its id.
    #[error("`id` is missing: a webhook is restored under the id that it had")]
    NoId,
    /// A webhook is restored under an id that no answer can have told.
    #[error("`id` must be 1 or more, not {id}")]
    Id {
        /// The id.
        id: i64,
    },
    /// The largest id that there can be was given to a webhook, and ids are counted up.
    #[error(
        "no id is left: a webhook had the id {}, the largest there can be; restore it under a \
         smaller one when the host starts again",
        i64::MAX
    )]
    NoIdLeft,
    /// The registry refuses the change, for example because no webhook has this id.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl RegistrationError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Name { .. } => "name",
            Self::UrlTooLong { .. } => "url_too_long",
            Self::HttpsRequired => "https_required",
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
