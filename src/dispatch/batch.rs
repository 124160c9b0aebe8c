use std::{slice, sync::Arc};

use crate::notification::Encoded;

/// Notifications of one webhook and topic, in the order in which they were published: the members
/// of a delivery, or notifications that were dropped together.
///
/// A batch never changes, and has at least one member. A delivery keeps the same batch in all of
/// its attempts.
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
