use std::sync::Arc;

use super::{Batch, DeadLetter, Report};

/// What calls of a dispatcher leave to be done outside of any lock: reports to pass on, dead
/// letters to keep, payloads to free.
#[derive(Debug, Default)]
pub struct Effects {
    pub(super) reports: Vec<Report>,
    pub(super) letters: Vec<DeadLetter>,
    /// Kept only to be dropped with this value.
    pub(super) freed: Vec<Arc<Batch>>,
}

/// Which effects anybody wants. What nobody wants is not made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    pub(super) reports: bool,
    pub(super) letters: bool,
}

impl Effects {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty() && self.letters.is_empty() && self.freed.is_empty()
    }

    /// Takes the reports out, in the order in which things happened.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// Takes the dead letters out, in the order in which things happened.
    pub fn take_letters(&mut self) -> Vec<DeadLetter> {
        std::mem::take(&mut self.letters)
    }
}
