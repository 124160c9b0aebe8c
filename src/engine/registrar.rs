use std::{sync::Arc, time::SystemTime};

use super::Engine;
use crate::{
    base::{Limits, Moment, WebhookId},
    dispatch::Stats,
    webhook::{Registrar, RegistryError, Webhook},
};

/// A [`Registrar`] that changes an [`Engine`] at a fixed moment. It is returned by
/// [`Engine::registrar`].
///
/// The registrar borrows the engine, so nothing else can use the engine in the meantime. Therefore
/// [`modify`](Registrar::modify) calls its closure only once.
///
/// ```
/// use recohook::{Engine, Filter, Moment, Webhook, findface::security::FILTERS};
/// use recohook::{Registrar, RegistryError};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
///
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// registrar.insert("front", webhook)?;
/// let renamed = registrar.modify("front", |webhook| {
///     Ok::<_, RegistryError>(webhook.clone().with_name("front gate"))
/// })?;
/// assert_eq!(renamed.name(), "front gate");
/// assert_eq!(registrar.list().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EngineRegistrar<'a> {
    engine: &'a mut Engine,
    now: Moment,
    wall: SystemTime,
}

impl<'a> EngineRegistrar<'a> {
    pub(super) fn new(engine: &'a mut Engine, now: Moment, wall: SystemTime) -> Self {
        Self { engine, now, wall }
    }
}

impl Registrar for EngineRegistrar<'_> {
    fn insert(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        self.engine.insert(id, webhook, self.now)
    }

    fn update(&mut self, id: impl Into<WebhookId>, webhook: Webhook) -> Result<(), RegistryError> {
        self.engine.update(id, webhook, self.now)
    }

    fn modify<E: From<RegistryError>>(
        &mut self,
        id: impl Into<WebhookId>,
        mut change: impl FnMut(&Webhook) -> Result<Webhook, E>,
    ) -> Result<Arc<Webhook>, E> {
        let id = id.into();
        let Some(webhook) = self.get(id.clone()) else {
            return Err(RegistryError::Unknown { id }.into());
        };
        // Unlike in a notifier, no loop is needed, because nobody else can change a borrowed
        // engine.
        let webhook = Arc::new(change(&webhook)?);
        self.engine.change_registry(self.now, |registry| registry.update(id, &webhook))?;
        Ok(webhook)
    }

    fn remove(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        self.engine.remove(id, self.now)
    }

    fn pause(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        self.engine.pause(id, self.now)
    }

    fn resume(&mut self, id: impl Into<WebhookId>) -> Result<(), RegistryError> {
        self.engine.resume(id, self.now)
    }

    fn get(&self, id: impl Into<WebhookId>) -> Option<Arc<Webhook>> {
        self.engine.webhook(id)
    }

    fn list(&self) -> Vec<(WebhookId, Arc<Webhook>)> {
        let webhooks = self.engine.webhooks();
        // The list is cloned so that the caller can change webhooks while iterating over it.
        webhooks.map(|(id, webhook)| (id.clone(), Arc::clone(webhook))).collect()
    }

    fn stats(&self, id: impl Into<WebhookId>) -> Option<Stats> {
        self.engine.stats(id)
    }

    fn limits(&self) -> &Limits {
        &self.engine.core.config.limits
    }

    fn now(&self) -> SystemTime {
        self.wall
    }
}
