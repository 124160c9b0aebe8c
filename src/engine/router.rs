use crate::base::sync::{Guarded, LockOrder};
use crate::{
    dispatch::WebhookKey,
    index::{FilterIndex, FilterSnapshot},
    notification::Rendering,
    webhook::Webhook,
};

/// A set of indexes that find active webhooks by their filters, with one index for each rendering.
///
/// All webhooks that a search finds in the same index can share one encoded payload.
#[derive(Debug, Default)]
pub(crate) struct Router {
    /// The indexes, in the order of `Rendering as usize`. A key is in at most one of them.
    indexes: [FilterIndex<WebhookKey>; RENDERINGS],
    /// The number of changes so far. A notifier uses it to find out whether there are new routes.
    version: u64,
}

/// The state of a router at one moment, with a snapshot for each rendering.
pub(crate) type Routes<'a> = [&'a FilterSnapshot<WebhookKey>; RENDERINGS];

/// [`Routes`] that other threads may keep. Later changes to the router do not affect them.
#[derive(Debug, Default)]
pub(crate) struct SharedRoutes([FilterSnapshot<WebhookKey>; RENDERINGS]);

pub(super) const RENDERINGS: usize = Rendering::ALL.len();

impl Guarded for Router {
    const ORDER: LockOrder = LockOrder::Router;
}

impl Router {
    /// Adds a webhook or replaces the webhook with the same key. If the new webhook is inactive,
    /// the existing webhook is removed and none is added.
    pub(crate) fn insert(&mut self, key: WebhookKey, webhook: &Webhook) {
        // The webhook is removed from all indexes, because its rendering may have changed.
        self.remove(key);
        if webhook.is_active() {
            self.indexes[webhook.rendering() as usize].insert(key, webhook.filter());
        }
    }

    /// Removes a webhook. If the webhook is not in any index, the call still counts as a change.
    pub(crate) fn remove(&mut self, key: WebhookKey) {
        self.version += 1;
        for index in &mut self.indexes {
            index.remove(&key);
        }
    }

    pub(crate) fn routes(&self) -> Routes<'_> {
        self.indexes.each_ref().map(FilterIndex::snapshot)
    }

    /// Returns the routes, or `None` if the router has not changed since `version`.
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
