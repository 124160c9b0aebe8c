use std::{slice, sync::Arc};

use crate::notification::Encoded;

/// The members of a delivery, in the order in which they were published.
#[derive(Debug)]
pub struct Batch {
    items: Items,
    bytes: usize,
}

/// Mostly there is one: it needs no list.
#[derive(Debug)]
enum Items {
    One(Arc<Encoded>),
    Many(Vec<Arc<Encoded>>),
}

impl Batch {
    pub(super) fn one(item: Arc<Encoded>) -> Self {
        Self { bytes: item.body().len(), items: Items::One(item) }
    }

    pub(super) fn new(items: Vec<Arc<Encoded>>) -> Self {
        let bytes = items.iter().map(|item| item.body().len()).sum();
        Self { items: Items::Many(items), bytes }
    }

    /// The members, one at least.
    pub fn items(&self) -> &[Arc<Encoded>] {
        match &self.items {
            Items::One(item) => slice::from_ref(item),
            Items::Many(items) => items,
        }
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.items().len()
    }

    /// Whether there are none, which no delivery's batch is.
    pub fn is_empty(&self) -> bool {
        self.items().is_empty()
    }

    /// The bytes of the members' JSON texts.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The members' ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.items().iter().map(|item| item.id())
    }
}
