use std::{sync::Arc, time::SystemTime};

use super::{Engine, EngineRegistrar, Registry};
use crate::{
    base::{Moment, WebhookId},
    dispatch::Dispatcher,
    webhook::{RegistryError, Replaced, Webhook},
};

impl Engine {
    /// Registers a webhook under an id that is not in use.
    ///
    /// The webhook receives the notifications that are published from now on. The id of a removed
    /// webhook can be reused immediately.
    ///
    /// ```
    /// use recohook::{Engine, Filter, Moment, Webhook, findface::security::FILTERS};
    /// use recohook::RegistryError;
    ///
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    ///
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front gate", webhook.clone(), now)?;
    /// let again = engine.insert("front gate", webhook, now);
    /// assert!(matches!(again, Err(RegistryError::Taken { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns one of these errors and changes nothing:
    /// - [`RegistryError::Taken`] if the id is in use,
    /// - [`RegistryError::HeadersTooLarge`] if the webhook's own headers exceed
    ///   [`Limits::max_header_bytes`](crate::Limits::max_header_bytes),
    /// - [`RegistryError::DuplicateHeader`] if two of the webhook's headers have the same name,
    /// - [`RegistryError::BatchTooLarge`] if the webhook sends one notification per request but its
    ///   policy allows larger batches.
    pub fn insert(
        &mut self,
        id: impl Into<WebhookId>,
        webhook: Webhook,
        now: Moment,
    ) -> Result<(), RegistryError> {
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.change_registry(now, |registry| registry.insert(id, &webhook))
    }

    /// Replaces a webhook's settings. Its queue and its statistics are kept.
    ///
    /// The filter and the rendering take effect with the next notification, the batch policy with
    /// the next batch, and the URL, headers, framing and signers with the next attempt. If the new
    /// policy allows fewer attempts, deliveries that have already used them up are given up
    /// immediately.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook.clone(), now)?;
    /// engine.publish(&Event::new("42"), now)?;
    ///
    /// engine.update("front", webhook.with_url("http://127.0.0.1:9999/")?, now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("the queue stays");
    /// assert_eq!(outgoing.request().uri(), "http://127.0.0.1:9999/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id. Fails like
    /// [`insert`](Self::insert) if the webhook's parts do not fit together. In either case, nothing
    /// changes.
    pub fn update(
        &mut self,
        id: impl Into<WebhookId>,
        webhook: Webhook,
        now: Moment,
    ) -> Result<(), RegistryError> {
        let (id, webhook) = (id.into(), Arc::new(webhook));
        self.change_registry(now, |registry| registry.update(id, &webhook))
    }

    /// Removes a webhook and drops its notifications that are queued or waiting for a retry.
    ///
    /// Requests in flight can still succeed. If one fails or is abandoned, it is not retried.
    /// Everything that is not delivered is passed to the dead-letter handler.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// engine.remove("front", now)?;
    /// assert_eq!(engine.total().dropped.removed, 1);
    /// assert!(engine.webhook("front").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn remove(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        let id = id.into();
        self.change_registry(now, |registry| registry.remove(&id))
    }

    /// Replaces all webhooks. Those in the list are inserted or updated, and all others are
    /// removed.
    ///
    /// Use it in a host that reads its webhooks from a configuration file. A listed webhook that is
    /// already registered keeps its queue and its statistics. If any webhook is invalid, nothing
    /// changes. An empty list removes all webhooks.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::FILTERS};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook.clone(), now)?;
    /// engine.insert("back", webhook.clone(), now)?;
    ///
    /// let list = [("front".into(), webhook.clone()), ("roof".into(), webhook)];
    /// let replaced = engine.replace_all(list, now)?;
    /// assert_eq!((replaced.inserted, replaced.updated, replaced.removed), (1, 1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::DuplicateId`] if an id appears in the list more than once. Fails
    /// like [`insert`](Self::insert) if a webhook's parts do not fit together.
    pub fn replace_all(
        &mut self,
        webhooks: impl IntoIterator<Item = (WebhookId, Webhook)>,
        now: Moment,
    ) -> Result<Replaced, RegistryError> {
        let webhooks: Vec<_> =
            webhooks.into_iter().map(|(id, webhook)| (id, Arc::new(webhook))).collect();
        self.change_registry(now, |registry| registry.replace_all(&webhooks))
    }

    /// Stops sending to a webhook until [`resume`](Self::resume) is called.
    ///
    /// The webhook still accepts notifications as long as its queue has room. Requests in flight
    /// continue. If one fails or is abandoned, its next attempt also waits for the end of the
    /// pause. Delays and `Retry-After` periods keep running during the pause. Flushes do not wait
    /// for a paused webhook. Does nothing if the webhook is already paused.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.pause("front", now)?;
    /// assert_eq!(engine.publish(&Event::new("42"), now)?.queued, 1);
    /// assert!(engine.poll_request(now, wall).is_none());
    ///
    /// engine.resume("front", now)?;
    /// assert!(engine.poll_request(now, wall).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn pause(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        let id = id.into();
        self.change_registry(now, |registry| registry.pause(&id))
    }

    /// Ends a pause, so that queued notifications and retries can be sent again. Retries whose
    /// delay ended during the pause are due immediately. Does nothing if the webhook is not paused.
    ///
    /// A flush that began during the pause does not wait for the webhook. See
    /// [`pause`](Self::pause) for an example.
    ///
    /// # Errors
    /// Returns [`RegistryError::Unknown`] if no webhook has this id.
    pub fn resume(&mut self, id: impl Into<WebhookId>, now: Moment) -> Result<(), RegistryError> {
        let id = id.into();
        self.change_registry(now, |registry| registry.resume(&id))
    }

    /// Returns a [`Registrar`](crate::Registrar) that registers webhooks on this engine.
    ///
    /// Use it for code that works with both engines and notifiers, such as the REST registries of
    /// the supported systems. Changes made through the registrar take effect at `now`, and the
    /// registrations that it creates are given the date `wall`.
    ///
    /// ```
    /// use recohook::findface::security;
    /// use recohook::{Engine, Moment};
    /// use std::time::SystemTime;
    ///
    /// let mut engine = Engine::new();
    /// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
    /// let body = r#"{"name": "front gate", "url": "http://127.0.0.1:8888/", "filters": {}}"#;
    /// let webhooks = security::webhooks();
    /// let answer = webhooks.create(&mut registrar, &webhooks.read(body.as_bytes())?)?;
    /// assert!(engine.webhook(answer.id.expect("the registry gives out ids")).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn registrar(&mut self, now: Moment, wall: SystemTime) -> EngineRegistrar<'_> {
        EngineRegistrar::new(self, now, wall)
    }

    /// Returns the registered webhooks with their ids, including paused and inactive webhooks.
    ///
    /// The order is unspecified, but the same sequence of calls always produces the same order.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::FILTERS};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert(7, webhook.with_active(false), now)?;
    /// let ids: Vec<_> = engine.webhooks().map(|(id, _)| id.as_str()).collect();
    /// assert_eq!(ids, ["7"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn webhooks(&self) -> impl Iterator<Item = (&WebhookId, &Arc<Webhook>)> {
        self.dispatcher.webhooks()
    }

    /// Returns the webhook with this id, or `None` if the id is unknown.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::FILTERS};
    /// let (mut engine, now) = (Engine::new(), Moment::ZERO);
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert(7, webhook.with_name("front gate"), now)?;
    /// assert_eq!(engine.webhook("7").expect("a number is its digits").name(), "front gate");
    /// assert!(engine.webhook(8).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn webhook(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>> {
        self.dispatcher.endpoint(&id.into()).cloned()
    }

    /// Changes the router and the dispatcher together and then applies the effects of the change.
    pub(super) fn change_registry<R>(
        &mut self,
        now: Moment,
        change: impl FnOnce(&mut Registry<'_, &mut Dispatcher<Webhook>>) -> R,
    ) -> R {
        let Self { router, dispatcher, core, .. } = self;
        core.change(dispatcher, false, |dispatcher| {
            let mut registry = Registry::new(router, dispatcher, &core.config, now);
            let result = change(&mut registry);
            // Nothing can be published while the engine is borrowed, so no publisher still uses old
            // routes.
            registry.finish();
            result
        })
    }
}
