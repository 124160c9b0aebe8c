use std::{collections::HashSet, sync::Arc};

use super::router::{Router, SharedRoutes};
use crate::{
    base::{Limits, Moment, WebhookId, header},
    dispatch::{Dispatcher, WebhookKey},
    webhook::{RegistryError, Replaced, Webhook},
};

/// Router and dispatcher, which change together, one change after the other.
///
/// Webhooks are passed by reference: dropping one runs the host's code, so the caller does it after
/// unlocking.
pub(crate) struct Registry<'a, D> {
    router: &'a mut Router,
    dispatcher: D,
    limits: &'a Limits,
    now: Moment,
    /// Removed webhooks that the dispatcher still has.
    removed: Vec<WebhookKey>,
}

/// Access to a dispatcher for one short step at a time: others need it meanwhile.
pub(crate) trait DispatcherAccess {
    fn access<R>(&mut self, step: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R;
}

impl DispatcherAccess for &mut Dispatcher<Webhook> {
    fn access<R>(&mut self, step: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R {
        step(self)
    }
}

impl<'a, D: DispatcherAccess> Registry<'a, D> {
    /// `now` is when the change happens.
    pub(crate) fn new(
        router: &'a mut Router,
        dispatcher: D,
        limits: &'a Limits,
        now: Moment,
    ) -> Self {
        Self { router, dispatcher, limits, now, removed: Vec::new() }
    }

    pub(crate) fn insert(
        &mut self,
        id: WebhookId,
        webhook: &Arc<Webhook>,
    ) -> Result<(), RegistryError> {
        self.check(&id, webhook)?;
        if self.find(&id).is_some() {
            return Err(RegistryError::Taken { id });
        }
        self.add(id, webhook);
        Ok(())
    }

    pub(crate) fn update(
        &mut self,
        id: WebhookId,
        webhook: &Arc<Webhook>,
    ) -> Result<(), RegistryError> {
        self.check(&id, webhook)?;
        let key = self.key(&id)?;
        self.change(key, webhook);
        Ok(())
    }

    /// As [`update`](Self::update), but only if the webhook is still `expected`. Returns whether it
    /// was.
    pub(crate) fn swap(
        &mut self,
        id: &WebhookId,
        expected: &Arc<Webhook>,
        webhook: &Arc<Webhook>,
    ) -> Result<bool, RegistryError> {
        self.check(id, webhook)?;
        let key = self.key(id)?;
        let is_expected = self.dispatcher.access(|dispatcher| {
            dispatcher.endpoint(id).is_some_and(|present| Arc::ptr_eq(present, expected))
        });
        if is_expected {
            self.change(key, webhook);
        }
        Ok(is_expected)
    }

    pub(crate) fn remove(&mut self, id: &WebhookId) -> Result<(), RegistryError> {
        let key = self.key(id)?;
        self.router.remove(key);
        self.removed.push(key);
        Ok(())
    }

    /// Makes the list the whole registry. If any is invalid, nothing changes.
    pub(crate) fn replace_all(
        &mut self,
        webhooks: &[(WebhookId, Arc<Webhook>)],
    ) -> Result<Replaced, RegistryError> {
        let mut listed = HashSet::with_capacity(webhooks.len());
        for (id, webhook) in webhooks {
            self.check(id, webhook)?;
            if !listed.insert(id.clone()) {
                return Err(RegistryError::DuplicateId { id: id.clone() });
            }
        }
        let mut replaced = Replaced::default();
        // The ids alone: whoever holds a webhook last drops it, which is the host's code.
        let present = map_webhooks(&mut self.dispatcher, |id, _| id.clone());
        for id in present.iter().filter(|id| !listed.contains(*id)) {
            self.remove(id)?;
            replaced.removed += 1;
        }
        for (id, webhook) in webhooks {
            match self.find(id) {
                Some(key) => {
                    self.change(key, webhook);
                    replaced.updated += 1;
                }
                None => {
                    self.add(id.clone(), webhook);
                    replaced.inserted += 1;
                }
            }
        }
        Ok(replaced)
    }

    /// Ends a change, once all who publish know the routes that it has made: until then, what a
    /// removed webhook wanted is queued for it, and not lost to the one that takes its place.
    pub(crate) fn finish(mut self) {
        for key in self.removed {
            self.dispatcher.access(|dispatcher| dispatcher.remove(key));
        }
    }

    /// The routes, where they are others than those of an earlier version.
    pub(crate) fn routes_since(&self, version: u64) -> Option<SharedRoutes> {
        self.router.changed_since(version)
    }

    pub(crate) fn pause(&mut self, id: &WebhookId) -> Result<(), RegistryError> {
        let key = self.key(id)?;
        self.dispatcher.access(|dispatcher| dispatcher.pause(key));
        Ok(())
    }

    pub(crate) fn resume(&mut self, id: &WebhookId) -> Result<(), RegistryError> {
        let key = self.key(id)?;
        let now = self.now;
        self.dispatcher.access(|dispatcher| dispatcher.resume(key, now));
        Ok(())
    }

    fn check(&self, id: &WebhookId, webhook: &Webhook) -> Result<(), RegistryError> {
        let (bytes, limit) = (header::bytes(webhook.headers()), self.limits.max_header_bytes());
        if bytes > limit {
            return Err(RegistryError::HeadersTooLarge { id: id.clone(), bytes, limit });
        }
        if let Some(name) = webhook.duplicate_header() {
            return Err(RegistryError::DuplicateHeader { id: id.clone(), name: name.clone() });
        }
        let items = webhook.policy().batch().max_items();
        if webhook.profile().is_single() && items > 1 {
            return Err(RegistryError::BatchTooLarge { id: id.clone(), items });
        }
        Ok(())
    }

    fn key(&mut self, id: &WebhookId) -> Result<WebhookKey, RegistryError> {
        self.find(id).ok_or_else(|| RegistryError::Unknown { id: id.clone() })
    }

    fn find(&mut self, id: &WebhookId) -> Option<WebhookKey> {
        self.dispatcher.access(|dispatcher| dispatcher.webhook_key(id))
    }

    fn add(&mut self, id: WebhookId, webhook: &Arc<Webhook>) {
        let policy = Arc::clone(webhook.profile().shared_policy());
        let endpoint = Arc::clone(webhook);
        let key = self.dispatcher.access(|dispatcher| dispatcher.insert(id, endpoint, policy));
        self.router.insert(key, webhook);
    }

    fn change(&mut self, key: WebhookKey, webhook: &Arc<Webhook>) {
        self.router.insert(key, webhook);
        let policy = Arc::clone(webhook.profile().shared_policy());
        let (endpoint, now) = (Arc::clone(webhook), self.now);
        self.dispatcher.access(|dispatcher| dispatcher.update(key, endpoint, policy, now));
    }
}

/// Maps every registered webhook. The registry must not change meanwhile.
pub(crate) fn map_webhooks<T>(
    dispatcher: &mut impl DispatcherAccess,
    map: impl Fn(&WebhookId, &Arc<Webhook>) -> T,
) -> Vec<T> {
    let mut all = Vec::new();
    let take = |at| {
        dispatcher.access(|dispatcher| {
            let chunk = dispatcher.chunk(at)?;
            all.extend(chunk.map(|(id, webhook)| map(id, webhook)));
            Some(())
        })
    };
    (0..).map_while(take).for_each(|()| {});
    all
}
