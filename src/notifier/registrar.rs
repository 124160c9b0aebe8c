use std::{sync::Arc, time::SystemTime};

use super::Notifier;
use crate::{
    base::{Limits, WebhookId},
    dispatch::Stats,
    webhook::{Registrar, RegistryError, Webhook},
};

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
