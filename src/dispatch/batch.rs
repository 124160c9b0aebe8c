use std::{slice, sync::Arc};

use crate::notification::Encoded;

/// Notifications of one webhook and topic, in the order in which they were published: the members
/// of a delivery, or notifications that were dropped together.
///
/// A batch never changes, and has at least one member. A delivery keeps the same batch in all of
/// its attempts.
///
/// ```
/// use recohook::findface::security::{Event, FILTERS};
/// use recohook::policy::{Batching, Policy};
/// use recohook::{Engine, Filter, Moment, Reported, Webhook, report::ReportEvent};
/// use std::time::SystemTime;
///
/// let (mut engine, now) = (Engine::new(), Moment::ZERO);
/// let policy = Policy::default().with_batch(Batching::at_most(2)?);
/// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
/// engine.insert("front", webhook.with_policy(policy), now)?;
/// let mut reports = engine.reports();
/// for id in ["1", "2", "3"] {
///     engine.publish(&Event::new(id), now)?;
/// }
/// let outgoing = engine.poll_request(now, SystemTime::now()).expect("a request is due");
/// engine.abandon(outgoing.attempt_id(), now);
///
/// let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
/// let ReportEvent::Abandoned { batch, .. } = report.event() else { panic!("another event") };
/// assert_eq!(batch.ids().collect::<Vec<_>>(), ["1", "2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// Deliveries, reports and dead letters share a batch in an `Arc`. So its notifications are moved
// once, when it is cut, and a report or a further attempt costs one reference.
#[derive(Debug)]
pub struct Batch {
    items: Items,
    /// The sum of the members' body bytes. It is kept, so that nothing visits the members again
    /// while a caller may hold a lock.
    bytes: usize,
}

/// The members of a batch.
// By default a batch has one member, which needs no allocation of a list.
#[derive(Debug)]
enum Items {
    One(Arc<Encoded>),
    Many(Vec<Arc<Encoded>>),
}

impl Batch {
    /// Creates a batch of one notification, without allocating a list.
    pub(super) fn one(item: Arc<Encoded>) -> Self {
        Self { bytes: item.body().len(), items: Items::One(item) }
    }

    /// Creates a batch. `items` must not be empty.
    pub(super) fn new(items: Vec<Arc<Encoded>>) -> Self {
        let bytes = items.iter().map(|item| item.body().len()).sum();
        Self { items: Items::Many(items), bytes }
    }

    /// Returns the members, at least one.
    ///
    /// They are shared with all webhooks that accepted the same notification in the same rendering.
    /// Their bodies are separate JSON texts. The webhook's framing joins them for a request.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Config, Engine, Filter, Moment, Webhook, report::DeadLetter};
    /// use std::sync::{Arc, mpsc};
    ///
    /// let (sender, dead_letters) = mpsc::channel();
    /// let handler = move |dead: DeadLetter| drop(sender.send(dead));
    /// let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(handler));
    /// for id in ["front", "back"] {
    ///     let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    ///     engine.insert(id, webhook, Moment::ZERO)?;
    /// }
    /// engine.publish(&Event::new("42"), Moment::ZERO)?;
    /// engine.shutdown();
    ///
    /// let (one, other) = (dead_letters.recv()?, dead_letters.recv()?);
    /// assert_eq!(one.batch().items()[0].id(), "42");
    /// assert!(Arc::ptr_eq(&one.batch().items()[0], &other.batch().items()[0]), "no copy");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn items(&self) -> &[Arc<Encoded>] {
        match &self.items {
            Items::One(item) => slice::from_ref(item),
            Items::Many(items) => items,
        }
    }

    /// Returns the number of members, at least 1.
    ///
    /// The batch of a delivery has at most as many members as the webhook's policy allowed when it
    /// was cut. A batch of dropped notifications may have more.
    pub fn len(&self) -> usize {
        self.items().len()
    }

    /// Returns whether there are no members: always `false`, since every batch has at least one.
    pub fn is_empty(&self) -> bool {
        self.items().is_empty()
    }

    /// Returns the sum of the bytes of the members' JSON texts.
    ///
    /// The bounds on queues and batches compare this figure. The body of a request may be larger,
    /// since the webhook's framing adds brackets and commas, for example.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the ids of the members, in their order.
    ///
    /// An id appears as the host published it: unescaped, and twice if it was published twice.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.items().iter().map(|item| item.id())
    }
}
