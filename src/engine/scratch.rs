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

/// The buffers of one publish. Each thread keeps its own between publishes, so that a warm publish
/// allocates nothing until something matches.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    values: Values,
    found: [Vec<WebhookKey>; RENDERINGS],
    /// The webhooks that later searches for the same notification leave out, in order.
    excluded: Vec<WebhookKey>,
    body: Vec<u8>,
}

/// A notification, encoded once for each rendering that is wanted.
#[derive(Debug, Default)]
pub(super) struct Payloads([Option<Payload>; RENDERINGS]);

/// A notification, encoded in one rendering.
#[derive(Debug)]
enum Payload {
    /// To be queued.
    Ready(Arc<Encoded>),
    /// To be refused: it exceeds the bound on the bytes of all payloads.
    Rejected(Arc<Encoded>),
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// The most bytes of a thread's buffers that outlive a publish.
const KEPT_BYTES: usize = 2 * 1024 * 1024;

impl Scratch {
    /// Runs `f` with this thread's scratch.
    ///
    /// Uses a new one if this thread's is in use (a notification may publish another while it is
    /// encoded) or already destroyed (at thread exit).
    pub(super) fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
        let result = f(&mut scratch);
        // One huge notification must not make every thread keep as much for ever.
        if scratch.bytes() > KEPT_BYTES {
            *scratch = Self::default();
        }
        // An ending thread keeps nothing.
        let _ = SCRATCH.try_with(|kept| kept.set(Some(scratch)));
        result
    }

    /// Reads the attributes of a notification.
    pub(super) fn fill(&mut self, notification: &dyn Notification) -> Result<(), AttributeError> {
        sync::assert_unlocked();
        self.excluded.clear();
        self.values.reset(notification.schema());
        notification.attributes(&mut self.values);
        self.values.error().cloned().map_or(Ok(()), Err)
    }

    /// Finds the webhooks that want the notification.
    pub(super) fn search(&mut self, routes: Routes<'_>) {
        for (snapshot, found) in routes.into_iter().zip(&mut self.found) {
            found.clear();
            snapshot.matches_into(&self.values, found);
            if !self.excluded.is_empty() {
                found.retain(|key| self.excluded.binary_search(key).is_err());
            }
        }
    }

    /// Leaves the webhooks found out of later searches for the same notification.
    pub(super) fn exclude_found(&mut self) {
        self.excluded.extend(self.found.iter().flatten());
        self.excluded.sort_unstable();
    }

    /// Returns whether the last search found any webhook.
    pub(super) fn has_matches(&self) -> bool {
        self.found.iter().any(|keys| !keys.is_empty())
    }

    /// Returns the webhooks that the last search found, by the rendering that they want.
    pub(super) fn found(&self) -> impl Iterator<Item = (Rendering, &[WebhookKey])> {
        let found = Rendering::ALL.into_iter().zip(self.found.iter().map(Vec::as_slice));
        found.filter(|(_, keys)| !keys.is_empty())
    }

    /// Encodes the notification in each rendering that is wanted and not in `payloads` yet.
    pub(super) fn encode(
        &mut self,
        notification: &dyn Notification,
        core: &EngineCore,
        Payloads(payloads): &mut Payloads,
    ) -> Result<(), EncodeError> {
        sync::assert_unlocked();
        let Self { found, body, values, .. } = self;
        // The schema that it was matched by, even if it names another one by now.
        let schema = values.schema().unwrap_or_else(|| notification.schema());
        for (rendering, payload) in Rendering::ALL.into_iter().zip(payloads) {
            if found[rendering as usize].is_empty() || payload.is_some() {
                continue;
            }
            body.clear();
            notification.encode(rendering, body)?;
            if body.is_empty() {
                return Err(EncodeError::new("it wrote nothing"));
            }
            let share = core.budget.take(body.len(), core.config.limits.max_queue_bytes());
            let fits = share.is_some();
            // Copied, so that what waits in queues owns no spare capacity.
            let text = Bytes::copy_from_slice(body);
            let (id, kind) = (notification.id(), notification.kind());
            let item = Arc::new(Encoded::shared(schema, &id, kind, text, share));
            *payload = Some(if fits { Payload::Ready(item) } else { Payload::Rejected(item) });
        }
        Ok(())
    }

    /// Returns how much memory the buffers own.
    fn bytes(&self) -> usize {
        let keys = self.found.iter().map(Vec::capacity).sum::<usize>() + self.excluded.capacity();
        self.body.capacity() + self.values.bytes() + keys * size_of::<WebhookKey>()
    }
}

impl Payloads {
    /// Queues the notification for `keys`, which want it in `rendering`. They refuse it if there
    /// is no room for it, or if it could only be encoded in another rendering.
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
            None => payloads.iter().flatten().next().map_or(Receipt::default(), |other| {
                let (Payload::Ready(item) | Payload::Rejected(item)) = other;
                dispatcher.reject(keys, item, now)
            }),
        }
    }
}
