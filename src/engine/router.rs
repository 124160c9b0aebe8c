use crate::base::sync::{Guarded, LockOrder};
use crate::{
    dispatch::WebhookKey,
    index::{FilterIndex, FilterSnapshot},
    notification::Rendering,
    webhook::Webhook,
};

/// Which webhooks want a notification, by the rendering that they want it in.
#[derive(Debug, Default)]
pub(crate) struct Router {
    indexes: [FilterIndex<WebhookKey>; RENDERINGS],
    /// Counts the changes.
    version: u64,
}

/// What a router answers at one moment: one snapshot for each rendering.
pub(crate) type Routes<'a> = [&'a FilterSnapshot<WebhookKey>; RENDERINGS];

/// [`Routes`] that other threads may keep.
#[derive(Debug, Default)]
pub(crate) struct SharedRoutes([FilterSnapshot<WebhookKey>; RENDERINGS]);

pub(super) const RENDERINGS: usize = Rendering::ALL.len();

impl Guarded for Router {
    const ORDER: LockOrder = LockOrder::Router;
}

impl Router {
    /// Files a webhook, in place of the one with its key.
    pub(crate) fn insert(&mut self, key: WebhookKey, webhook: &Webhook) {
        self.remove(key);
        if webhook.is_active() {
            self.indexes[webhook.rendering() as usize].insert(key, webhook.filter());
        }
    }

    pub(crate) fn remove(&mut self, key: WebhookKey) {
        self.version += 1;
        for index in &mut self.indexes {
            index.remove(&key);
        }
    }

    pub(crate) fn routes(&self) -> Routes<'_> {
        self.indexes.each_ref().map(FilterIndex::snapshot)
    }

    /// Returns the routes, if they differ from those of an earlier version.
    pub(crate) fn changed_since(&self, version: u64) -> Option<SharedRoutes> {
        let snapshots = || self.routes().map(FilterSnapshot::clone);
        (self.version != version).then(|| SharedRoutes(snapshots()))
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

impl SharedRoutes {
    pub(crate) fn routes(&self) -> Routes<'_> {
        self.0.each_ref()
    }
}
