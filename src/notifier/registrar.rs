use std::{sync::Arc, time::SystemTime};

use super::Notifier;
use crate::{
    base::{Limits, WebhookId},
    dispatch::Stats,
    webhook::{Registrar, RegistryError, Replaced, Webhook},
};

/// The methods that read and change the registry of webhooks.
impl Notifier {
    /// Registers a webhook under a new id.
    ///
    /// The webhook is included in every call to [`publish`](Self::publish) that begins after this
    /// method returns. See [`Registrar::insert`].
    ///
    /// # Errors
    /// Returns [`RegistryError::Taken`] if the id is in use, and
    /// [`HeadersTooLarge`](RegistryError::HeadersTooLarge),
    /// [`DuplicateHeader`](RegistryError::DuplicateHeader) or
    /// [`BatchTooLarge`](RegistryError::BatchTooLarge) if the webhook's settings are inconsistent
    /// or too large.
    ///
    /// ```
    /// use recohook::{Notifier, RegistryError, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert(7, webhook())?;
    /// // The number 7 and the string "7" are the same id.
    /// let again = notifier.insert("7", webhook());
    /// assert!(matches!(again, Err(RegistryError::Taken { .. })));
    /// # Ok::<(), RegistryError>(())
    /// ```
    pub fn insert(&self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        // A refused webhook is dropped here, after unlocking, because its signers are the host's
        // code.
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.inner.change_registry(|registry| registry.insert(id, &webhook))
    }

    /// Replaces the settings of a webhook. Its queue and its statistics are kept.
    ///
    /// The new filter applies to every call to [`publish`](Self::publish) that begins after this
    /// method returns. The new URL, headers and signers apply from the next attempt. See
    /// [`Registrar::update`] for details, and [`Registrar::modify`] for a change that depends on
    /// the current settings.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id. If the webhook's settings are
    /// inconsistent or too large, returns the same errors as [`insert`](Self::insert).
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.publish(&Event::new("42"))?;
    ///
    /// // The receiver has moved. Event 42 is sent to its new address.
    /// notifier.update("front", webhook().with_url("http://127.0.0.1:9999/")?)?;
    /// assert_eq!(notifier.stats("front").map(|stats| stats.pending()), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update(&self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.inner.change_registry(|registry| registry.update(id, &webhook))
    }

    /// Removes a webhook and drops its queued notifications.
    ///
    /// Requests in flight continue, but are not retried. Dropped notifications are counted in
    /// [`DropStats::removed`](crate::report::DropStats::removed) and passed to the
    /// [`DeadLetterHandler`](crate::DeadLetterHandler). The id can be reused at once.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.publish(&Event::new("42"))?;
    ///
    /// notifier.remove("front")?;
    /// assert_eq!(notifier.total().dropped.removed, 1);
    /// assert!(notifier.remove("front").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove(&self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        let id = id.into();
        self.inner.change_registry(|registry| registry.remove(&id))
    }

    /// Replaces all webhooks. It inserts, updates and removes webhooks so that exactly those in the
    /// list are registered.
    ///
    /// If any webhook is invalid, nothing changes. A concurrent call to [`publish`](Self::publish)
    /// uses either the old filters or the new ones, and does not wait for the change. Other changes
    /// to the registry do wait for it.
    ///
    /// # Errors
    /// Returns [`RegistryError::DuplicateId`] if the list contains an id twice. If a webhook's
    /// settings are inconsistent or too large, returns the same errors as [`insert`](Self::insert).
    ///
    /// ```
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.insert("yard", webhook())?;
    ///
    /// let list = [("front".into(), webhook()), ("gate".into(), webhook())];
    /// let replaced = notifier.replace_all(list)?;
    /// assert_eq!((replaced.inserted, replaced.updated, replaced.removed), (1, 1, 1));
    /// assert!(notifier.webhook("yard").is_none());
    /// # Ok::<(), recohook::RegistryError>(())
    /// ```
    pub fn replace_all(
        &self,
        webhooks: impl IntoIterator<Item = (WebhookId, Webhook)>,
    ) -> Result<Replaced, RegistryError> {
        // The webhooks are collected before the lock is taken, because the iterator is the host's
        // code.
        let webhooks: Vec<_> =
            webhooks.into_iter().map(|(id, webhook)| (id, Arc::new(webhook))).collect();
        self.inner.change_registry(|registry| registry.replace_all(&webhooks))
    }

    /// Pauses a webhook. Nothing is sent to it, but notifications are still queued.
    ///
    /// Requests in flight continue. If one fails or is abandoned, its next attempt also waits for
    /// the end of the pause. Retry delays and `Retry-After` periods continue to run. The queue
    /// limits still apply, so notifications may be rejected or dropped during a long pause.
    /// [`flush`](Self::flush) and [`shutdown`](Self::shutdown) do not wait for a paused webhook.
    /// Pausing a paused webhook does nothing.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    ///
    /// ```
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.pause("front")?;
    /// assert_eq!(notifier.publish(&Event::new("42"))?.queued, 1);
    /// assert!(notifier.status("front").is_some_and(|status| status.paused));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pause(&self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        let id = id.into();
        self.inner.change_registry(|registry| registry.pause(&id))
    }

    /// Resumes a paused webhook.
    ///
    /// Its queued notifications are sent in order. Does nothing if the webhook is not paused.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    ///
    /// ```
    /// use futures::{executor::block_on, future::join};
    /// use recohook::findface::security::Event;
    /// use recohook::{Notifier, clock::ThreadClock};
    /// use std::time::Duration;
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// notifier.pause("front")?;
    /// notifier.publish(&Event::new("42"))?;
    ///
    /// notifier.resume("front")?;
    /// let shutdown = notifier.shutdown(Duration::from_secs(5));
    /// assert_eq!(block_on(join(notifier.driver(), shutdown)).1.delivered, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resume(&self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        let id = id.into();
        self.inner.change_registry(|registry| registry.resume(&id))
    }

    /// Returns all registered webhooks with their ids, in no particular order.
    ///
    /// The list is consistent, because it is never created in the middle of a change. This method
    /// takes O(n) time and waits for any registry change in progress.
    ///
    /// ```
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook().with_name("Front gate"))?;
    /// for (id, webhook) in notifier.webhooks() {
    ///     assert_eq!((id.as_str(), webhook.name()), ("front", "Front gate"));
    /// }
    /// # Ok::<(), recohook::RegistryError>(())
    /// ```
    pub fn webhooks(&self) -> Vec<(WebhookId, Arc<Webhook>)> {
        self.inner.webhooks()
    }

    /// Returns the webhook with this id, or `None` if it is not registered.
    ///
    /// ```
    /// use recohook::{Notifier, clock::ThreadClock};
    ///
    #[doc = include_str!("example_accept.txt")]
    /// let notifier = Notifier::new(Accept, ThreadClock::new());
    /// notifier.insert("front", webhook())?;
    /// let webhook = notifier.webhook("front").expect("it is registered");
    /// assert_eq!(webhook.url(), "http://127.0.0.1:8888/");
    /// assert!(notifier.webhook("back").is_none());
    /// # Ok::<(), recohook::RegistryError>(())
    /// ```
    pub fn webhook(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>> {
        let id = id.into();
        self.inner.read(|dispatcher| dispatcher.endpoint(&id).cloned())
    }
}

impl Registrar for &Notifier {
    fn insert(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        Notifier::insert(self, id, webhook)
    }

    fn update(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        Notifier::update(self, id, webhook)
    }

    fn modify<E: From<RegistryError>>(
        &mut self,
        id: impl Into<WebhookId>,
        mut change: impl FnMut(&Webhook) -> Result<Webhook, E>,
    ) -> Result<Arc<Webhook>, E> {
        let id = id.into();
        // `change` is the host's code, so it runs without a lock. Another thread may update the
        // webhook in the meantime. In that case, `change` runs again on the newer settings.
        loop {
            let Some(present) = self.webhook(id.clone()) else {
                return Err(RegistryError::Unknown { id }.into());
            };
            let webhook = Arc::new(change(&present)?);
            if self.inner.change_registry(|registry| registry.swap(&id, &present, &webhook))? {
                return Ok(webhook);
            }
        }
    }

    fn remove(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        Notifier::remove(self, id)
    }

    fn pause(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        Notifier::pause(self, id)
    }

    fn resume(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        Notifier::resume(self, id)
    }

    fn get(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>> {
        self.webhook(id)
    }

    fn list(&self) -> Vec<(WebhookId, Arc<Webhook>)> {
        self.webhooks()
    }

    fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats> {
        Notifier::stats(self, id)
    }

    fn limits(&self) -> &Limits {
        self.inner.limits()
    }

    fn now(&self) -> SystemTime {
        self.inner.clock.wall()
    }
}
