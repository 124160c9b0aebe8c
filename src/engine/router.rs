use std::sync::Arc;

use crate::{
    attribute::SchemaId,
    base::sync::{Guarded, LockOrder},
    dispatch::WebhookKey,
    filter::Table,
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
    /// The active webhooks that want notifications of topics that their tables do not contain.
    /// Usually empty.
    unknown_takers: Arc<Vec<UnknownTaker>>,
    /// The topics in the tables of all webhooks that were registered so far. There are few, because
    /// webhooks share tables.
    known_topics: Arc<Vec<SchemaId>>,
    /// The number of changes so far. A notifier uses it to find out whether there are new routes.
    version: u64,
}

/// A webhook that wants notifications of topics that its table does not contain.
#[derive(Clone, Copy, Debug)]
struct UnknownTaker {
    key: WebhookKey,
    rendering: Rendering,
    table: &'static Table,
}

/// The state of a router at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Routes<'a> {
    /// A snapshot for each rendering.
    pub(super) snapshots: [&'a FilterSnapshot<WebhookKey>; RENDERINGS],
    unknown_takers: &'a [UnknownTaker],
    known_topics: &'a [SchemaId],
}

/// [`Routes`] that other threads may keep. Later changes to the router do not affect them.
#[derive(Debug, Default)]
pub(crate) struct SharedRoutes {
    snapshots: [FilterSnapshot<WebhookKey>; RENDERINGS],
    unknown_takers: Arc<Vec<UnknownTaker>>,
    known_topics: Arc<Vec<SchemaId>>,
}

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
        let (table, rendering) = (webhook.filter().table(), webhook.rendering());
        for id in table.sections().iter().map(|section| section.schema().id()) {
            if !self.known_topics.contains(&id) {
                Arc::make_mut(&mut self.known_topics).push(id);
            }
        }
        if webhook.is_active() {
            self.indexes[rendering as usize].insert(key, webhook.filter());
            if webhook.has_unknown_topics() {
                let taker = UnknownTaker { key, rendering, table };
                Arc::make_mut(&mut self.unknown_takers).push(taker);
            }
        }
    }

    /// Removes a webhook. If the webhook is not in any index, the call still counts as a change.
    pub(crate) fn remove(&mut self, key: WebhookKey) {
        self.version += 1;
        for index in &mut self.indexes {
            index.remove(&key);
        }
        if self.unknown_takers.iter().any(|taker| taker.key == key) {
            Arc::make_mut(&mut self.unknown_takers).retain(|taker| taker.key != key);
        }
    }

    pub(crate) fn routes(&self) -> Routes<'_> {
        Routes {
            snapshots: self.indexes.each_ref().map(FilterIndex::snapshot),
            unknown_takers: &self.unknown_takers,
            known_topics: &self.known_topics,
        }
    }

    /// Returns the routes, or `None` if the router has not changed since `version`.
    pub(crate) fn changed_since(&self, version: u64) -> Option<SharedRoutes> {
        (self.version != version).then(|| SharedRoutes {
            snapshots: self.routes().snapshots.map(FilterSnapshot::clone),
            unknown_takers: Arc::clone(&self.unknown_takers),
            known_topics: Arc::clone(&self.known_topics),
        })
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

impl SharedRoutes {
    pub(crate) fn routes(&self) -> Routes<'_> {
        Routes {
            snapshots: self.snapshots.each_ref(),
            unknown_takers: &self.unknown_takers,
            known_topics: &self.known_topics,
        }
    }
}

impl Routes<'_> {
    /// Returns whether any webhook wants notifications of topics that its table does not contain.
    pub(super) fn has_unknown_takers(&self) -> bool {
        !self.unknown_takers.is_empty()
    }

    /// Returns the webhooks that want a notification of this topic although their tables do not
    /// contain it, each with its rendering.
    pub(super) fn takers_of(
        &self,
        topic: SchemaId,
    ) -> impl Iterator<Item = (Rendering, WebhookKey)> {
        let takers = self.unknown_takers.iter();
        takers
            .filter(move |taker| !taker.table.has_topic(topic))
            .map(|one| (one.rendering, one.key))
    }

    /// Returns whether webhooks have been registered, but none with a table that contains the
    /// topic.
    pub(super) fn is_unknown(&self, topic: SchemaId) -> bool {
        !self.known_topics.is_empty() && !self.known_topics.contains(&topic)
    }
}
