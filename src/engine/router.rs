use crate::base::sync::{Guarded, LockOrder};
use crate::{
    dispatch::WebhookKey,
    index::{FilterIndex, FilterSnapshot},
    notification::Rendering,
    webhook::Webhook,
};

/// An index of the active webhooks by their filters, for each rendering that they use.
///
/// All webhooks that a search finds in one index can share one encoded payload.
#[derive(Debug, Default)]
pub(crate) struct Router {
    /// Indexed by `Rendering as usize`. A key is in one index at most.
    indexes: [FilterIndex<WebhookKey>; RENDERINGS],
    /// The number of changes so far, so that a notifier sees whether there are new routes.
    version: u64,
}

/// The state of a router at one moment: a snapshot for each rendering.
pub(crate) type Routes<'a> = [&'a FilterSnapshot<WebhookKey>; RENDERINGS];

/// [`Routes`] that other threads may keep. Later changes of the router do not reach them.
#[derive(Debug, Default)]
pub(crate) struct SharedRoutes([FilterSnapshot<WebhookKey>; RENDERINGS]);

pub(super) const RENDERINGS: usize = Rendering::ALL.len();

impl Guarded for Router {
    const ORDER: LockOrder = LockOrder::Router;
}

impl Router {
    /// Adds a webhook, or replaces the one with its key. An inactive webhook is only removed.
    pub(crate) fn insert(&mut self, key: WebhookKey, webhook: &Webhook) {
        // From all indexes: the rendering may have changed.
        self.remove(key);
        if webhook.is_active() {
            self.indexes[webhook.rendering() as usize].insert(key, webhook.filter());
        }
    }

    /// Removes a webhook. Does nothing but count a change if it is not in an index.
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
