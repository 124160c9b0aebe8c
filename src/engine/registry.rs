use std::{collections::HashSet, sync::Arc};

use super::{
    Config,
    router::{Router, SharedRoutes},
};
use crate::{
    base::{Moment, WebhookId, header},
    dispatch::{Dispatcher, WebhookKey},
    webhook::{RegistryError, Replaced, Webhook},
};

/// A change to the registry. The registry consists of the router and the dispatcher, and both
/// change together.
///
/// The order of the steps matters. A removed webhook leaves the router immediately, but it leaves
/// the dispatcher only in [`finish`](Self::finish), when all publishers use the new routes.
///
/// Webhooks are passed by reference. Dropping a webhook runs the host's code, so the caller drops
/// it after unlocking.
pub(crate) struct Registry<'a, D> {
    router: &'a mut Router,
    dispatcher: D,
    config: &'a Config,
    /// The moment of the change.
    now: Moment,
    /// The removed webhooks, which stay in the dispatcher until the change is finished.
    removed: Vec<WebhookKey>,
}

/// Access to a dispatcher for one short step at a time.
///
/// A notifier locks its dispatcher for each step rather than for the whole change. Changing many
/// webhooks takes a long time, and publishers and drivers need the dispatcher in the meantime.
pub(crate) trait DispatcherAccess {
    /// Calls `step` with the dispatcher. `step` must not run the host's code.
    fn access<R>(&mut self, step: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R;
}

impl DispatcherAccess for &mut Dispatcher<Webhook> {
    fn access<R>(&mut self, step: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R {
        step(self)
    }
}

impl<'a, D: DispatcherAccess> Registry<'a, D> {
    /// Begins a change at `now`.
    pub(crate) fn new(
        router: &'a mut Router,
        dispatcher: D,
        config: &'a Config,
        now: Moment,
    ) -> Self {
        Self { router, dispatcher, config, now, removed: Vec::new() }
    }

    /// Registers a webhook under an id that is not in use.
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

    /// Replaces a webhook's settings.
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

    /// Replaces a webhook's settings if they are still `expected`. Returns whether they were
    /// replaced.
    pub(crate) fn swap(
        &mut self,
        id: &WebhookId,
        expected: &Arc<Webhook>,
        webhook: &Arc<Webhook>,
    ) -> Result<bool, RegistryError> {
        self.check(id, webhook)?;
        let key = self.key(id)?;
        // The pointers are compared rather than the settings, because filters and signers cannot be
        // compared. Nobody else changes the registry between this comparison and the replacement,
        // because a notifier locks the router during a change.
        let is_expected = self.dispatcher.access(|dispatcher| {
            dispatcher.endpoint(id).is_some_and(|present| Arc::ptr_eq(present, expected))
        });
        if is_expected {
            self.change(key, webhook);
        }
        Ok(is_expected)
    }

    /// Removes a webhook from the routes immediately and from the dispatcher when the change is
    /// finished.
    pub(crate) fn remove(&mut self, id: &WebhookId) -> Result<(), RegistryError> {
        let key = self.key(id)?;
        self.router.remove(key);
        self.removed.push(key);
        Ok(())
    }

    /// Replaces all webhooks with those in the list. If any is invalid, nothing changes.
    pub(crate) fn replace_all(
        &mut self,
        webhooks: &[(WebhookId, Arc<Webhook>)],
    ) -> Result<Replaced, RegistryError> {
        // All webhooks are checked before the first change.
        let mut listed = HashSet::with_capacity(webhooks.len());
        for (id, webhook) in webhooks {
            self.check(id, webhook)?;
            if !listed.insert(id.clone()) {
                return Err(RegistryError::DuplicateId { id: id.clone() });
            }
        }
        let mut replaced = Replaced::default();
        // Only the ids are collected. A list of webhooks might hold the last reference to one of
        // them, and dropping the list here would run the host's code while the router is locked.
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

    /// Finishes the change by taking the removed webhooks out of the dispatcher.
    ///
    /// Before calling this method, the caller makes the new routes known to all publishers. A
    /// publisher whose old routes lead to a removed webhook then finds the webhook's replacement in
    /// the new routes. If the webhook left the dispatcher while old routes were still in use, the
    /// publisher would find neither of the two.
    pub(crate) fn finish(mut self) {
        // Each webhook has a step of its own, because dropping its queued notifications takes time.
        for key in self.removed {
            self.dispatcher.access(|dispatcher| dispatcher.remove(key));
        }
    }

    /// Returns the routes, or `None` if the router has not changed since `version`.
    pub(crate) fn routes_since(&self, version: u64) -> Option<SharedRoutes> {
        self.router.changed_since(version)
    }

    /// Stops sending to a webhook.
    pub(crate) fn pause(&mut self, id: &WebhookId) -> Result<(), RegistryError> {
        let key = self.key(id)?;
        self.dispatcher.access(|dispatcher| dispatcher.pause(key));
        Ok(())
    }

    /// Ends a pause.
    pub(crate) fn resume(&mut self, id: &WebhookId) -> Result<(), RegistryError> {
        let key = self.key(id)?;
        let now = self.now;
        self.dispatcher.access(|dispatcher| dispatcher.resume(key, now));
        Ok(())
    }

    /// Returns an error if the webhook exceeds a limit or if its parts do not fit together.
    ///
    /// The webhook's setters cannot check this, because they may be called in any order and do not
    /// have access to the limits.
    fn check(&self, id: &WebhookId, webhook: &Webhook) -> Result<(), RegistryError> {
        let (bytes, limit) =
            (header::bytes(webhook.headers()), self.config.limits.max_header_bytes());
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
        if let Err(error) = self.config.target_policy.check_url(webhook.url()) {
            return Err(RegistryError::Target { id: id.clone(), error });
        }
        Ok(())
    }

    /// Returns the key of the webhook with this id, or an error if the id is unknown.
    fn key(&mut self, id: &WebhookId) -> Result<WebhookKey, RegistryError> {
        self.find(id).ok_or_else(|| RegistryError::Unknown { id: id.clone() })
    }

    /// Returns the key of the webhook with this id, or `None` if the id is unknown. A webhook that
    /// this change removes keeps its key until the change is finished.
    fn find(&mut self, id: &WebhookId) -> Option<WebhookKey> {
        self.dispatcher.access(|dispatcher| dispatcher.webhook_key(id))
    }

    fn add(&mut self, id: WebhookId, webhook: &Arc<Webhook>) {
        let policy = Arc::clone(webhook.profile().shared_policy());
        let endpoint = Arc::clone(webhook);
        let key = self.dispatcher.access(|dispatcher| dispatcher.insert(id, endpoint, policy));
        // The router comes last, because it needs the key. Until then, no publisher finds the
        // webhook.
        self.router.insert(key, webhook);
    }

    fn change(&mut self, key: WebhookKey, webhook: &Arc<Webhook>) {
        self.router.insert(key, webhook);
        let policy = Arc::clone(webhook.profile().shared_policy());
        let (endpoint, now) = (Arc::clone(webhook), self.now);
        self.dispatcher.access(|dispatcher| dispatcher.update(key, endpoint, policy, now));
    }
}

/// Calls `map` with every registered webhook and returns the results. The registry must not change
/// during the call.
///
/// The dispatcher is accessed in chunks, so publishers and drivers never wait for the whole list.
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
