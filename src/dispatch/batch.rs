use std::sync::Arc;

use crate::Encoded;

/// The members of a delivery, in the order in which they were published.
#[derive(Debug)]
pub struct Batch {
    items: Vec<Arc<Encoded>>,
    bytes: usize,
}

impl Batch {
    pub(super) fn new(items: Vec<Arc<Encoded>>) -> Self {
        let bytes = items.iter().map(|item| item.body().len()).sum();
        Self { items, bytes }
    }

    /// The members, one at least.
    pub fn items(&self) -> &[Arc<Encoded>] {
        &self.items
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none, which no delivery's batch is.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The bytes of the members' JSON texts.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The members' ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.id())
    }
}
