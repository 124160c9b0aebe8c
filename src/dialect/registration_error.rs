use std::borrow::Cow;

use crate::{
    filter::{Excerpt, FilterError, Hint},
    signature::EmptySecret,
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
    /// The text of the object is not JSON. The line and the column are those in the whole text.
    #[error(
        "line {line} column {column}: not valid JSON: {reason}{}",
        remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default()
    )]
    Syntax {
        /// The line of the error, counted from 1.
        line: usize,
        /// The column of the error, counted in bytes from 1.
        column: usize,
        /// The message of the JSON parser.
        reason: String,
        /// What to write instead, if the text at the error is a common mistake.
        remedy: Option<&'static str>,
    },
    /// A required field is missing.
    #[error("at {pointer}: this field is required")]
    Missing {
        /// The JSON Pointer to the field.
        pointer: String,
    },
    /// A field appears twice.
    #[error("at {}: this field appears twice; remove one of them", Excerpt(pointer))]
    Duplicate {
        /// The JSON Pointer to the field.
        pointer: String,
    },
    /// The system has no such field, and the registry refuses unknown fields.
    #[error("at {}: unknown field{hint}", Excerpt(pointer))]
    UnknownField {
        /// The JSON Pointer to the field.
        pointer: String,
        /// The suggested correction.
        hint: Hint,
    },
    /// A field has a value of the wrong type, or a number outside its range.
    #[error("at {}: expected {expected}, found {found}", if pointer.is_empty() { "the top level" } else { pointer })]
    WrongType {
        /// The JSON Pointer to the field. It is empty for the whole text.
        pointer: String,
        /// The type or range that the field requires.
        expected: &'static str,
        /// The value, or the type of the value.
        found: String,
    },
    /// A parameter of a query has an invalid value.
    #[error("in the parameter `{name}`: expected {expected}, found \"{}\"", Excerpt(found))]
    Parameter {
        /// The name of the parameter.
        name: &'static str,
        /// The type or range that the parameter requires.
        expected: &'static str,
        /// The value.
        found: String,
    },
    /// A query has an unknown parameter.
    #[error("unknown parameter \"{}\"{hint}", Excerpt(name))]
    UnknownParameter {
        /// The name of the parameter.
        name: String,
        /// The suggested correction.
        hint: Hint,
    },
    /// The system has no events of this type, so the webhook would never get one.
    #[error("{place}: unknown event type \"{}\"{hint}", Excerpt(found))]
    UnknownEventType {
        /// Where the type is, such as `at /event_types/0`.
        place: String,
        /// The type.
        found: String,
        /// The suggested correction.
        hint: Hint,
    },
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
    /// The filters are invalid. The pointer is relative to the filters. The line and the column
    /// are those in the whole text if the registry read it, and relative to the filters otherwise.
    #[error("in `filters`: {0}")]
    Filters(FilterError),
    /// The secret cannot be used as a key.
    #[error("at /secret: {0}")]
    Secret(EmptySecret),
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
    /// Returns the position of the error in the registration object as a JSON Pointer (RFC 6901), so
    /// that a user interface can show the message next to the field.
    ///
    /// Returns `None` if the error is not about a single field. It also returns `None` for a URL
    /// that [`Webhook::new`](crate::Webhook::new) refuses, because the field is called `url` or
    /// `target` depending on the system.
    ///
    /// ```
    /// use recohook::findface::security;
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhooks = security::webhooks();
    /// let body = br#"{"name": "gate", "url": "http://127.0.0.1/", "filters": {"events": {"mached": 1}}}"#;
    /// let error = webhooks.read(body).and_then(|object| webhooks.create(&mut registrar, &object));
    /// assert_eq!(error.unwrap_err().pointer().as_deref(), Some("/filters/events/mached"));
    /// ```
    pub fn pointer(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Missing { pointer }
            | Self::Duplicate { pointer }
            | Self::UnknownField { pointer, .. }
            | Self::WrongType { pointer, .. } => pointer.into(),
            Self::UnknownEventType { place, .. } => place.strip_prefix("at ")?.into(),
            Self::Name { .. } => "/name".into(),
            Self::UrlTooLong { .. } | Self::HttpsRequired => "/url".into(),
            Self::BatchSize => "/batch_size".into(),
            Self::Filters(error) => format!("/filters{}", error.pointer().unwrap_or("")).into(),
            Self::Secret(_) => "/secret".into(),
            Self::NoEventTypes | Self::EventTypes(_) => "/event_types".into(),
            Self::NoId | Self::Id { .. } => "/id".into(),
            Self::Syntax { .. }
            | Self::Parameter { .. }
            | Self::UnknownParameter { .. }
            | Self::Webhook(_)
            | Self::NoIdLeft
            | Self::Registry(_) => return None,
        })
    }

    /// Returns a short name for the error that stays the same between releases, for metrics and
    /// logs. An error from another part of the crate keeps the name that it has there.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "syntax",
            Self::Missing { .. } => "missing_field",
            Self::Duplicate { .. } => "duplicate",
            Self::UnknownField { .. } => "unknown_field",
            Self::WrongType { .. } => "wrong_type",
            Self::Parameter { .. } => "parameter",
            Self::UnknownParameter { .. } => "unknown_parameter",
            Self::UnknownEventType { .. } => "unknown_event_type",
            Self::Name { .. } => "name",
            Self::UrlTooLong { .. } => "url_too_long",
            Self::HttpsRequired => "https_required",
            // The name is not `webhook`, because a dashboard should show the name of the actual
            // error.
            Self::Webhook(error) => error.kind(),
            Self::BatchSize => "batch_size",
            Self::Filters(error) | Self::EventTypes(error) => error.kind(),
            Self::Secret(_) => "secret",
            Self::NoEventTypes => "no_event_types",
            Self::NoId => "no_id",
            Self::Id { .. } => "id",
            Self::NoIdLeft => "no_id_left",
            Self::Registry(error) => error.kind(),
        }
    }
}
