use std::{slice, sync::Arc};

use crate::notification::Encoded;

/// A group of notifications of one webhook and topic, in the order in which they were published.
/// They are either the members of a delivery or notifications that were dropped together.
///
/// A batch never changes and has at least one member. All attempts of a delivery send the same
/// batch.
///
/// ```
/// # use recohook::{Encoded, Limits, Moment, attribute::Schema, unstable::Dispatcher};
/// # use recohook::policy::{Batching, Policy, PolicyError};
/// # use std::sync::Arc;
/// # static PASSAGES: Schema = Schema::new("passages", &[]);
/// # let mut dispatcher = Dispatcher::new(Limits::default(), 7);
/// let policy = Policy::default().with_batch(Batching::at_most(2)?);
/// let key = dispatcher.insert("gate".into(), Arc::new(()), policy);
/// for id in ["1", "2", "3"] {
///     let item = Arc::new(Encoded::new(&PASSAGES, id, "passed", r#"{"door":7}"#));
///     dispatcher.publish(&[key], &item, Moment::ZERO);
/// }
/// let delivery = dispatcher.poll_delivery(Moment::ZERO).expect("it is due");
/// assert_eq!(delivery.batch().ids().collect::<Vec<_>>(), ["1", "2"]);
/// # Ok::<(), PolicyError>(())
/// ```
// Deliveries, reports and dead letters share a batch in an `Arc`. Its notifications are therefore
// moved only once, when the batch is cut, and each report or further attempt only clones the `Arc`.
#[derive(Debug)]
pub struct Batch {
    items: Items,
    /// The total number of bytes in the members' bodies. It is stored so that the members need not
    /// be visited again while a caller may be holding a lock.
    bytes: usize,
}

/// The members of a batch.
// By default, a batch has one member, so no list needs to be allocated.
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
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// # static PASSAGES: Schema = Schema::new("passages", &[]);
    /// # let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// # let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// # let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.publish(&[key], &item, Moment::ZERO);
    /// let delivery = dispatcher.poll_delivery(Moment::ZERO).expect("it is due");
    /// assert!(Arc::ptr_eq(&delivery.batch().items()[0], &item), "the payload is not copied");
    /// ```
    pub fn items(&self) -> &[Arc<Encoded>] {
        match &self.items {
            Items::One(item) => slice::from_ref(item),
            Items::Many(items) => items,
        }
    }

    /// Returns the number of members, which is at least 1.
    ///
    /// A delivery's batch has at most as many members as the webhook's policy allowed when the
    /// batch was cut. A batch of dropped notifications may have more.
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
