use std::sync::Arc;

use super::{Batch, DeadLetter, Report};

/// The work that a dispatcher leaves to its caller: reports to pass on, dead letters to handle and
/// values to drop.
///
/// A caller that keeps its dispatcher behind a lock takes the effects with
/// [`Dispatcher::take_effects`](super::Dispatcher::take_effects) while holding the lock, and drops
/// them after releasing it.
// The dispatcher itself never drops a payload or an endpoint. Freeing a large payload takes time,
// and dropping an endpoint may run the host's code. Both would happen while the caller holds its
// lock.
#[derive(Debug)]
pub struct Effects<E> {
    /// The reports, in the order in which the events happened.
    pub(super) reports: Vec<Report>,
    /// The dead letters, in the order in which the events happened.
    pub(super) dead_letters: Vec<DeadLetter>,
    /// The batches that were resolved. They are kept here only to be dropped with this value.
    pub(super) freed: Vec<Arc<Batch>>,
    /// The endpoints that were replaced or removed. They are kept here only to be dropped with this
    /// value.
    pub(super) retired: Vec<Arc<E>>,
}

/// Which optional effects are recorded. The others are not created at all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RecordedEffects {
    pub(super) reports: bool,
    pub(super) dead_letters: bool,
}

impl<E> Effects<E> {
    /// Returns whether there is nothing to pass on and nothing to drop.
    ///
    /// Every resolution leaves a payload to drop, even if neither reports nor dead letters are
    /// recorded.
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty()
            && self.dead_letters.is_empty()
            && self.freed.is_empty()
            && self.retired.is_empty()
    }

    /// Removes and returns the reports, in the order in which the events happened. A second call
    /// returns an empty vector.
    ///
    /// Reports are recorded only while [`record_reports`](super::Dispatcher::record_reports) is on.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::{Dispatcher, Outcome};
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.record_reports(true);
    /// dispatcher.publish(&[key], &item, Moment::ZERO);
    /// assert!(!dispatcher.has_effects(), "accepting a notification is not reported");
    /// let delivery = dispatcher.poll_delivery(Moment::ZERO).expect("it is due");
    /// dispatcher.handle_outcome(delivery.attempt_id(), Outcome::Abandoned, Moment::ZERO);
    /// assert_eq!(dispatcher.take_effects().take_reports().len(), 1);
    /// ```
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// Removes and returns the dead letters, in the order in which the events happened. A second
    /// call returns an empty vector.
    ///
    /// Dead letters are recorded only while
    /// [`record_dead_letters`](super::Dispatcher::record_dead_letters) is on.
    ///
    /// ```
    /// # use recohook::{Encoded, Limits, Moment, attribute::Schema, policy::Policy};
    /// # use recohook::unstable::Dispatcher;
    /// # use std::sync::Arc;
    /// static PASSAGES: Schema = Schema::new("passages", &[]);
    /// let item = Arc::new(Encoded::new(&PASSAGES, "1", "passed", "{}"));
    /// let mut dispatcher = Dispatcher::new(Limits::default(), 7);
    /// let key = dispatcher.insert("gate".into(), Arc::new(()), Policy::default());
    /// dispatcher.record_dead_letters(true);
    /// dispatcher.publish(&[key], &item, Moment::ZERO);
    /// dispatcher.remove(key);
    /// let dead_letters = dispatcher.take_effects().take_dead_letters();
    /// assert_eq!(dead_letters[0].batch().items()[0].id(), "1");
    /// ```
    pub fn take_dead_letters(&mut self) -> Vec<DeadLetter> {
        std::mem::take(&mut self.dead_letters)
    }
}

// A derived implementation would require `E: Default`.
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
