use std::sync::Arc;

use crate::base::sync::{
    self,
    atomic::{AtomicUsize, Ordering},
};

/// The bytes of all payloads that are held anywhere, each counted once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget(Arc<AtomicUsize>);

/// A payload's part of the budget, given back on drop.
#[derive(Debug)]
pub(crate) struct Share {
    bytes: usize,
    of: Budget,
}

impl Budget {
    /// A share of so many bytes, if the budget allows as many.
    pub(crate) fn take(&self, bytes: usize, limit: usize) -> Option<Share> {
        let fits = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= limit);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Share { bytes, of: self.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // Memory is freed outside of the locks, too: that takes its time.
        sync::assert_unlocked();
        self.of.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
