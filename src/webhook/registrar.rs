use std::{sync::Arc, time::SystemTime};

use http::HeaderName;

use super::Webhook;
use crate::{
    base::{Limits, WebhookId},
    dispatch::Stats,
};

/// Where webhooks are registered: a [`Notifier`](crate::Notifier) or an
/// [`Engine`](crate::Engine).
///
/// Code that registers webhooks, such as the REST registries of the systems, takes a
/// `&mut impl Registrar` in each call and so serves both hosts. A host may implement it, too: to
/// store each change, or to check it first.
///
/// `&Notifier` implements it: pass `&mut &notifier` to change something and `&&notifier` to read.
/// [`Engine::registrar`](crate::Engine::registrar) returns one for an engine.
///
/// ```
/// use recohook::findface::security;
/// use recohook::{Engine, Filter, Moment, Registrar, RegistryError, Webhook, WebhookError};
/// use std::time::SystemTime;
///
/// /// Pauses all webhooks whose name begins with `name`, and returns how many.
/// fn pause_all(registrar: &mut impl Registrar, name: &str) -> Result<usize, RegistryError> {
///     let mut paused = 0;
///     for (id, webhook) in registrar.list() {
///         if webhook.name().starts_with(name) {
///             registrar.pause(id)?;
///             paused += 1;
///         }
///     }
///     Ok(paused)
/// }
///
/// let mut engine = Engine::new();
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&security::FILTERS))?;
/// registrar.insert(1, webhook.with_name("front gate"))?;
/// assert_eq!(pause_all(&mut registrar, "front")?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Registrar {
    /// Registers a webhook.
    ///
    /// # Errors
    /// Returns [`RegistryError::Taken`] if the id is in use, and
    /// [`HeadersTooLarge`](RegistryError::HeadersTooLarge),
    /// [`DuplicateHeader`](RegistryError::DuplicateHeader) or
    /// [`BatchTooLarge`](RegistryError::BatchTooLarge) if the webhook's parts do not fit together.
    fn insert(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError>;

    /// Replaces a webhook's settings in place. Its queue and its statistics stay.
    ///
    /// The filter applies from the next notification, the batch policy from the next batch, and
    /// URL, headers, framing and signers from the next attempt. A batch of several that was cut
    /// before stays an array, whatever the new framing.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id, and fails as
    /// [`insert`](Self::insert) does if the webhook's parts do not fit together.
    fn update(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError>;

    /// Replaces a webhook's settings with the result of `change`, and returns them.
    ///
    /// The update is atomic: if another caller updates the webhook meanwhile, `change` runs again on
    /// the newer settings. No lock is held while it runs. It must not update the same webhook itself
    /// each time, or the call never returns.
    ///
    /// # Errors
    /// Returns the error of `change`, and fails as [`update`](Self::update) does.
    fn modify<E: From<RegistryError>>(
        &mut self,
        id: impl Into<WebhookId>,
        change: impl FnMut(&Webhook) -> Result<Webhook, E>,
    ) -> Result<Arc<Webhook>, E>;

    /// Removes a webhook. What it has queued is dropped; what is in flight ends with its first
    /// outcome and is not retried.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    fn remove(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError>;

    /// Stops sending to a webhook. It keeps queueing.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    fn pause(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError>;

    /// Ends a pause.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    fn resume(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError>;

    /// Returns the webhook with this id.
    fn get(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>>;

    /// Returns all registered webhooks, in no particular order.
    fn list(&self) -> Vec<(WebhookId, Arc<Webhook>)>;

    /// Returns the statistics of a webhook; of a removed one until nothing of it is pending.
    fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats>;

    /// Returns the bounds of the host. Filters that clients send are read within them.
    fn limits(&self) -> &Limits;

    /// Returns the wall clock's time, for the dates that registrations carry.
    fn now(&self) -> SystemTime;
}

/// A webhook could not be registered, changed or removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// There is one of this id: update it instead.
    #[error("there is a webhook with the id {id} already")]
    Taken {
        /// The id.
        id: WebhookId,
    },
    /// There is none of this id.
    #[error("there is no webhook with the id {id}")]
    Unknown {
        /// The id.
        id: WebhookId,
    },
    /// A list names an id twice.
    #[error("the list names the webhook {id} twice")]
    DuplicateId {
        /// The id.
        id: WebhookId,
    },
    /// The webhook's own headers are larger than [`Limits::max_header_bytes`] allows.
    #[error("the headers of the webhook {id} take {bytes} bytes; at most {limit} are allowed")]
    HeadersTooLarge {
        /// The id.
        id: WebhookId,
        /// Their size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Two of the webhook's headers have one name: a header of its own, or those of the delivery's
    /// id, the notification's kind and the notification's id.
    #[error("the webhook {id} sets the header {name} twice; give each its own name")]
    DuplicateHeader {
        /// The id.
        id: WebhookId,
        /// The name.
        name: HeaderName,
    },
    /// The webhook sends one notification in each request, by [`Framing::Object`] or by a header
    /// of its kind or id, and its policy makes larger batches.
    ///
    /// [`Framing::Object`]: super::Framing::Object
    #[error(
        "the webhook {id} sends one notification in each request, by its framing or by headers \
         of the notification's kind or id, but makes batches of up to {items}; \
         set batches of one, or an array without these headers"
    )]
    BatchTooLarge {
        /// The id.
        id: WebhookId,
        /// The most notifications of a batch.
        items: usize,
    },
}

/// What replacing all webhooks has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Replaced {
    /// New webhooks.
    pub inserted: usize,
    /// Webhooks that were there and are in the list.
    pub updated: usize,
    /// Webhooks that were there and are not in the list.
    pub removed: usize,
}

impl RegistryError {
    /// A short name that stays the same between releases: for metrics and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "taken",
            Self::Unknown { .. } => "unknown",
            Self::DuplicateId { .. } => "duplicate_id",
            Self::HeadersTooLarge { .. } => "headers_too_large",
            Self::DuplicateHeader { .. } => "duplicate_header",
            Self::BatchTooLarge { .. } => "batch_too_large",
        }
    }
}
