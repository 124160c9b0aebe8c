use std::{cell::Cell, sync::Arc};

use bytes::Bytes;

use super::{
    EngineCore,
    router::{RENDERINGS, Routes},
};
use crate::{
    attribute::{AttributeError, Values},
    base::{
        Moment,
        sync::{self, thread_local},
    },
    dispatch::{Dispatcher, Receipt, WebhookKey},
    notification::{EncodeError, Encoded, Notification, Rendering},
    webhook::Webhook,
};

/// The buffers for one call to `publish`.
///
/// Each thread keeps its own buffers between calls. Once the buffers have grown, a call
/// allocates only if a webhook matches.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The attributes of the notification.
    values: Values,
    /// The webhooks that the last search found, for each rendering.
    found: [Vec<WebhookKey>; RENDERINGS],
    /// Whether the last search found filters for the notification's topic.
    is_indexed: bool,
    /// The sorted keys of the webhooks that later searches for the same notification skip.
    excluded: Vec<WebhookKey>,
    /// The notification, encoded in one rendering.
    body: Vec<u8>,
}

/// A notification, encoded once for each rendering that matching webhooks use.
#[derive(Debug, Default)]
pub(super) struct Payloads([Option<Payload>; RENDERINGS]);

/// A notification, encoded in one rendering.
#[derive(Debug)]
enum Payload {
    /// The payload can be queued.
    Ready(Arc<Encoded>),
    /// The payload exceeds the limit on the total size of all payloads, so all webhooks reject it.
    Rejected(Arc<Encoded>),
}

// The cell is empty while its thread publishes. A `RefCell` would still be borrowed when a
// notification's code publishes another notification. The box makes it cheap to take the scratch
// out and put it back.
thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// The maximum size of the buffers that a thread keeps after a call to `publish`, in bytes (2 MiB).
const KEPT_BYTES: usize = 2 * 1024 * 1024;

impl Scratch {
    /// Calls `f` with this thread's scratch and returns the result of `f`.
    ///
    /// Uses a new scratch if this thread's scratch is in use or was already destroyed at the end of
    /// the thread. The scratch is in use if this call is made by a notification that is being
    /// published on the same thread. If `f` panics, the scratch is freed and the next call to
    /// `publish` starts with a new one.
    pub(super) fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let result = f(&mut scratch);
        // Without this check, each thread would keep the memory for a single huge notification
        // forever.
        if scratch.bytes() > KEPT_BYTES {
            *scratch = Self::default();
        }
        // This fails only at the end of the thread, when nothing needs to be kept.
        let _ = SCRATCH.try_with(|kept| kept.set(Some(scratch)));
        result
    }

    /// Reads the attributes of a notification. They replace the attributes of the previous
    /// notification. Returns an error if an attribute does not fit the schema.
    pub(super) fn fill(&mut self, notification: &dyn Notification) -> Result<(), AttributeError> {
        // The calls below run the host's code.
        sync::assert_unlocked();
        self.excluded.clear();
        self.values.reset(notification.schema());
        notification.attributes(&mut self.values);
        self.values.error().cloned().map_or(Ok(()), Err)
    }

    /// Finds the webhooks that match the notification. They replace the results of the previous
    /// search.
    pub(super) fn search(&mut self, routes: Routes<'_>) {
        self.is_indexed = false;
        for (snapshot, found) in routes.snapshots.into_iter().zip(&mut self.found) {
            found.clear();
            self.is_indexed |= snapshot.search(&self.values, found);
        }
        if routes.has_unknown_takers()
            && let Some(topic) = self.values.schema_id()
        {
            for (rendering, key) in routes.takers_of(topic) {
                self.found[rendering as usize].push(key);
            }
        }
        if !self.excluded.is_empty() {
            for found in &mut self.found {
                found.retain(|key| self.excluded.binary_search(key).is_err());
            }
        }
    }

    /// Returns whether no table of a registered webhook contains the notification's topic.
    pub(super) fn is_unknown(&self, routes: Routes<'_>) -> bool {
        // Mostly, the search has found the topic, so the list of all topics is not searched.
        !self.is_indexed && self.values.schema_id().is_some_and(|topic| routes.is_unknown(topic))
    }

    /// Excludes the found webhooks from later searches for the same notification. Each of them was
    /// either offered the notification or removed.
    pub(super) fn exclude_found(&mut self) {
        self.excluded.extend(self.found.iter().flatten());
        // `search` looks up keys with a binary search.
        self.excluded.sort_unstable();
    }

    /// Returns whether the last search found any webhook.
    pub(super) fn has_matches(&self) -> bool {
        self.found.iter().any(|keys| !keys.is_empty())
    }

    /// Returns the webhooks that the last search found, grouped by the rendering that they use.
    /// Renderings without webhooks are skipped.
    pub(super) fn found(&self) -> impl Iterator<Item = (Rendering, &[WebhookKey])> {
        let found = Rendering::ALL.into_iter().zip(self.found.iter().map(Vec::as_slice));
        found.filter(|(_, keys)| !keys.is_empty())
    }

    /// Encodes the notification in every rendering that is used by a webhook from the last search
    /// and is not yet in `payloads`.
    ///
    /// If encoding fails, `payloads` may already contain other renderings.
    pub(super) fn encode(
        &mut self,
        notification: &dyn Notification,
        core: &EngineCore,
        Payloads(payloads): &mut Payloads,
    ) -> Result<(), EncodeError> {
        // The calls below run the host's code.
        sync::assert_unlocked();
        let Self { found, body, values, .. } = self;
        // This is the schema that the search used, even if the notification now returns a different
        // schema.
        let schema = values.schema().unwrap_or_else(|| notification.schema());
        for (rendering, payload) in Rendering::ALL.into_iter().zip(payloads) {
            if found[rendering as usize].is_empty() || payload.is_some() {
                continue;
            }
            body.clear();
            notification.encode(rendering, body)?;
            if body.is_empty() {
                return Err(EncodeError::new("`Notification::encode` wrote nothing"));
            }
            // From here on, the bytes count as held until the last queue or report drops them.
            let share = core.budget.take(body.len(), core.config.limits.max_queue_bytes());
            let fits = share.is_some();
            // The body is copied so that queued payloads have no spare capacity.
            let text = Bytes::copy_from_slice(body);
            let (id, kind) = (notification.id(), notification.kind());
            let item = Arc::new(Encoded::shared(schema, &id, kind, text, share));
            *payload = Some(if fits { Payload::Ready(item) } else { Payload::Rejected(item) });
        }
        Ok(())
    }

    /// Returns the size of the memory that the buffers own, in bytes.
    fn bytes(&self) -> usize {
        let keys = self.found.iter().map(Vec::capacity).sum::<usize>() + self.excluded.capacity();
        self.body.capacity() + self.values.bytes() + keys * size_of::<WebhookKey>()
    }
}

impl Payloads {
    /// Offers the notification to the webhooks with the given `keys`, all of which use `rendering`.
    ///
    /// Each webhook accepts the notification if its queue has room. All webhooks reject it if the
    /// payload exceeds the limit on the total size of all payloads or if the notification could not
    /// be encoded in `rendering`.
    pub(super) fn offer(
        &self,
        rendering: Rendering,
        dispatcher: &mut Dispatcher<Webhook>,
        keys: &[WebhookKey],
        now: Moment,
    ) -> Receipt {
        let Self(payloads) = self;
        match &payloads[rendering as usize] {
            Some(Payload::Ready(item)) => dispatcher.publish(keys, item, now),
            Some(Payload::Rejected(item)) => dispatcher.reject(keys, item, now),
            // The notification could not be encoded in this rendering. A rejection is reported with
            // a payload, so the payload of another rendering is used instead.
            None => payloads.iter().flatten().next().map_or(Receipt::default(), |other| {
                let (Payload::Ready(item) | Payload::Rejected(item)) = other;
                dispatcher.reject(keys, item, now)
            }),
        }
    }
}
