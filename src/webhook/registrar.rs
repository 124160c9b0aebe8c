use std::{sync::Arc, time::SystemTime};

use http::HeaderName;

use super::Webhook;
use crate::{
    base::{Limits, WebhookId},
    dispatch::Stats,
    target::TargetError,
};

/// A registry of webhooks, such as a [`Notifier`](crate::Notifier) or an [`Engine`](crate::Engine).
///
/// Code that registers webhooks can take a `&mut impl Registrar`, so that it works with both. The
/// REST registries of the systems do so. A host can implement the trait itself, for example to
/// store each change or to check it first.
///
/// `&Notifier` implements it. Pass `&mut &notifier` to make changes and `&&notifier` to read. For
/// an engine, [`Engine::registrar`](crate::Engine::registrar) returns a registrar.
///
/// ```
/// use recohook::findface::security;
/// use recohook::{Engine, Filter, Moment, Registrar, RegistryError, Webhook};
/// use std::time::SystemTime;
///
/// /// Pauses all webhooks whose name begins with `name`, and returns their number.
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
// The trait is not dyn-compatible. Ids are generic, so that hosts can pass numbers and strings, and
// the error of `modify` is also generic. Callers take `&mut impl Registrar`.
pub trait Registrar {
    /// Registers a webhook under an id that is not in use.
    ///
    /// ```
    /// use recohook::findface::security::FILTERS;
    /// use recohook::{Engine, Filter, Moment, Registrar, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// registrar.insert(1, webhook.clone())?;
    /// assert_eq!(registrar.insert(1, webhook).unwrap_err().kind(), "taken");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::Taken`] if the id is in use, and
    /// [`HeadersTooLarge`](RegistryError::HeadersTooLarge),
    /// [`DuplicateHeader`](RegistryError::DuplicateHeader) or
    /// [`BatchTooLarge`](RegistryError::BatchTooLarge) if the webhook's settings are inconsistent
    /// or too large. Returns [`Target`](RegistryError::Target) if the host's policy does not allow
    /// the URL.
    fn insert(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError>;

    /// Replaces a webhook's settings. Its queue and its statistics are kept.
    ///
    /// The new filter applies from the next notification, the new batch policy from the next batch,
    /// and the new URL, headers, framing and signers from the next attempt. A batch of several
    /// notifications that is already being delivered is still sent as an array, even if the new
    /// framing is [`Framing::Object`](crate::Framing::Object).
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Registrar, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert(1, webhook.clone(), now)?;
    /// engine.publish(&Event::new("42"), now)?;
    ///
    /// let mut registrar = engine.registrar(now, SystemTime::now());
    /// registrar.update(1, webhook.with_url("http://127.0.0.1:9999/")?)?;
    /// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
    /// assert_eq!(outgoing.request().uri(), "http://127.0.0.1:9999/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id. If the webhook's settings are
    /// inconsistent or too large, returns the same errors as [`insert`](Self::insert).
    fn update(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError>;

    /// Replaces a webhook's settings with the result of `change`, and returns them.
    ///
    /// The update is atomic. If another thread updates the webhook in the meantime, `change` runs
    /// again on the newer settings. No lock is held while it runs. If `change` itself updates the
    /// same webhook every time it runs, this call never returns.
    ///
    /// ```
    /// use recohook::findface::security::FILTERS;
    /// use recohook::{Engine, Filter, Moment, Registrar, RegistryError, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// registrar.insert(1, webhook)?;
    /// let changed = registrar.modify(1, |webhook| {
    ///     Ok::<_, RegistryError>(webhook.clone().with_name("front gate"))
    /// })?;
    /// assert_eq!(changed.name(), "front gate");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns the error of `change`, or the same errors as [`update`](Self::update).
    fn modify<E: From<RegistryError>>(
        &mut self,
        id: impl Into<WebhookId>,
        change: impl FnMut(&Webhook) -> Result<Webhook, E>,
    ) -> Result<Arc<Webhook>, E>;

    /// Removes a webhook. Queued notifications and batches that wait for a retry are dropped.
    ///
    /// Requests in flight continue. If one fails, its batch is not retried.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Registrar, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert(1, webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// engine.registrar(now, SystemTime::now()).remove(1)?;
    /// assert_eq!(engine.total().dropped.removed, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    fn remove(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError>;

    /// Pauses a webhook. Nothing is sent to it, but notifications are still queued.
    ///
    /// Requests in flight continue. If one fails or is abandoned, its next attempt also waits for
    /// the end of the pause. Pausing a paused webhook does nothing.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Engine, Filter, Moment, Registrar, Webhook};
    /// use std::time::SystemTime;
    ///
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert(1, webhook, now)?;
    /// engine.registrar(now, wall).pause(1)?;
    /// assert_eq!(engine.publish(&Event::new("42"), now)?.queued, 1);
    /// assert!(engine.poll_request(now, wall).is_none());
    ///
    /// engine.registrar(now, wall).resume(1)?;
    /// assert!(engine.poll_request(now, wall).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    fn pause(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError>;

    /// Ends a pause. Does nothing if the webhook is not paused.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    fn resume(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError>;

    /// Returns the webhook with this id, or `None` if there is none.
    fn get(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>>;

    /// Returns a copy of the list of all registered webhooks, in no particular order.
    fn list(&self) -> Vec<(WebhookId, Arc<Webhook>)>;

    /// Returns the statistics of a webhook, or `None` if no webhook has this id.
    ///
    /// The statistics of a removed webhook remain available as long as any of its notifications is
    /// pending.
    fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats>;

    /// Returns the limits of the host. Filters that clients send should be parsed with these
    /// limits.
    fn limits(&self) -> &Limits;

    /// Returns the current wall-clock time. It is used as the creation date of registrations.
    fn now(&self) -> SystemTime;
}

/// An error that occurs when a webhook cannot be registered, changed or removed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A webhook with this id is already registered.
    #[error("a webhook with the id \"{id}\" is registered already; update it instead")]
    Taken {
        /// The id.
        id: WebhookId,
    },
    /// No webhook has this id.
    #[error("no webhook has the id \"{id}\"")]
    Unknown {
        /// The id.
        id: WebhookId,
    },
    /// A list of webhooks contains an id twice.
    #[error("the list contains the id \"{id}\" more than once")]
    DuplicateId {
        /// The id.
        id: WebhookId,
    },
    /// The webhook's own headers are larger than [`Limits::max_header_bytes`] allows.
    #[error("the headers of the webhook \"{id}\" take {bytes} bytes; at most {limit} are allowed")]
    HeadersTooLarge {
        /// The id.
        id: WebhookId,
        /// The length of all names and values, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Two headers of the webhook have the same name. Each of them is either a header set on the
    /// webhook or one of the headers that contain the delivery's id, the notification's kind or the
    /// notification's id.
    #[error("the webhook \"{id}\" sets the header {name} twice; use another name for one of them")]
    DuplicateHeader {
        /// The id.
        id: WebhookId,
        /// The name of the header.
        name: HeaderName,
    },
    /// The webhook's policy allows batches of several notifications, but each request can contain
    /// only one. The reason is [`Framing::Object`] or a header that contains the notification's
    /// kind or id.
    ///
    /// [`Framing::Object`]: super::Framing::Object
    #[error(
        "the webhook \"{id}\" sends one notification in each request, because of its framing or a \
         header with the notification's kind or id, but its policy allows batches of {items}; \
         allow batches of 1, or use an array without these headers"
    )]
    BatchTooLarge {
        /// The id.
        id: WebhookId,
        /// The maximum number of notifications in a batch.
        items: usize,
    },
    /// The [target policy](crate::Config::with_target_policy) does not allow the webhook's URL.
    #[error("the webhook \"{id}\" cannot be registered: {error}")]
    Target {
        /// The id.
        id: WebhookId,
        /// What the policy refuses.
        error: TargetError,
    },
}

/// The numbers of webhooks that were inserted, updated and removed by replacing all webhooks.
///
/// ```
/// use recohook::findface::security::FILTERS;
/// use recohook::{Engine, Filter, Moment, Webhook, WebhookId};
///
/// let (mut engine, now) = (Engine::new(), Moment::ZERO);
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
/// engine.insert(1, webhook.clone(), now)?;
/// engine.insert(2, webhook.clone(), now)?;
///
/// let list = [2, 3].map(|id| (WebhookId::from(id), webhook.clone()));
/// let replaced = engine.replace_all(list, now)?;
/// assert_eq!((replaced.inserted, replaced.updated, replaced.removed), (1, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Replaced {
    /// The number of new webhooks.
    pub inserted: usize,
    /// The number of webhooks that were registered before and are in the new list.
    pub updated: usize,
    /// The number of webhooks that were registered before and are not in the new list.
    pub removed: usize,
}

impl RegistryError {
    /// Returns a short name for metrics and logs, such as `taken`. The name does not change between
    /// releases.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "taken",
            Self::Unknown { .. } => "unknown",
            Self::DuplicateId { .. } => "duplicate_id",
            Self::HeadersTooLarge { .. } => "headers_too_large",
            Self::DuplicateHeader { .. } => "duplicate_header",
            Self::BatchTooLarge { .. } => "batch_too_large",
            Self::Target { error, .. } => error.kind(),
        }
    }
}
