use std::{slice, sync::Arc};

use crate::notification::Encoded;

/// A group of notifications for one webhook and topic, in the order in which they were published.
/// They are either the members of a delivery or notifications that were dropped together.
///
/// A batch never changes and has at least one member. All attempts of a delivery send the same
/// batch.
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
// Deliveries, reports and dead letters share a batch in an `Arc`. Its notifications are therefore
// moved only once, when the batch is cut, and each report or further attempt only clones the `Arc`.
#[derive(Debug)]
pub struct Batch {
    items: Items,
    /// The total number of bytes in the members' bodies. It is stored so that the members are not
    /// visited again later, when the caller may be holding a lock.
    bytes: usize,
}

/// The members of a batch.
// By default, a batch has only one member. `One` stores it without allocating a list.
#[derive(Debug)]
enum Items {
    One(Arc<Encoded>),
    Many(Vec<Arc<Encoded>>),
}

impl Batch {
    /// Creates a batch of one notification without allocating a list.
    pub(super) fn one(item: Arc<Encoded>) -> Self {
        Self { bytes: item.body().len(), items: Items::One(item) }
    }

    /// Creates a batch. `items` must not be empty.
    pub(super) fn new(items: Vec<Arc<Encoded>>) -> Self {
        let bytes = items.iter().map(|item| item.body().len()).sum();
        Self { items: Items::Many(items), bytes }
    }

    /// Returns the members. There is always at least one.
    ///
    /// Each member is shared with all webhooks that accepted the same notification in the same
    /// rendering. The body of each member is a separate JSON document. The webhook's framing joins
    /// the bodies for a request.
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

    /// Returns the number of members, which is at least 1.
    ///
    /// A delivery's batch has no more members than the webhook's policy allowed when the batch was
    /// cut. A batch of dropped notifications may have more.
    pub fn len(&self) -> usize {
        self.items().len()
    }

    /// Returns `false`, since every batch has at least one member.
    pub fn is_empty(&self) -> bool {
        self.items().is_empty()
    }

    /// Returns the total size of the members' JSON bodies, in bytes.
    ///
    /// The limits on queues and batches apply to this size. The body of a request may be larger,
    /// since the webhook's framing adds, for example, brackets and commas.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns an iterator over the ids of the members, in order.
    ///
    /// The ids are returned exactly as the host published them, without escaping. An id that was
    /// published twice appears twice.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.items().iter().map(|item| item.id())
    }
}
