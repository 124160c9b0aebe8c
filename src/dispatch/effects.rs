use std::sync::Arc;

use super::{Batch, DeadLetter, Report};

/// What calls of a dispatcher leave to be done outside of any lock: reports to pass on, dead
/// letters to keep, payloads to free.
#[derive(Debug)]
pub struct Effects<E> {
    pub(super) reports: Vec<Report>,
    pub(super) dead_letters: Vec<DeadLetter>,
    /// Kept only to be dropped with this value.
    pub(super) freed: Vec<Arc<Batch>>,
    /// Endpoints that were replaced or removed: their drop is the host's code.
    pub(super) retired: Vec<Arc<E>>,
}

/// The effects that are recorded. Others cost nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RecordedEffects {
    pub(super) reports: bool,
    pub(super) dead_letters: bool,
}

impl<E> Effects<E> {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty()
            && self.dead_letters.is_empty()
            && self.freed.is_empty()
            && self.retired.is_empty()
    }

    /// Takes the reports out, in the order in which things happened.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// Takes the dead letters out, in the order in which things happened.
    pub fn take_dead_letters(&mut self) -> Vec<DeadLetter> {
        std::mem::take(&mut self.dead_letters)
    }
}

// Derived, it would ask for `E: Default`.
impl<E> Default for Effects<E> {
    fn default() -> Self {
        Self {
            reports: Vec::new(),
            dead_letters: Vec::new(),
            freed: Vec::new(),
            retired: Vec::new(),
        }
    }
}
