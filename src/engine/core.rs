use std::sync::Arc;

use super::{
    Config,
    reports::{Called, Ring},
    router::Routes,
};
use crate::{
    base::{Moment, budget::Budget, random::fresh_seed, sync},
    dispatch::{AttemptId, Dispatcher, Effects, Outcome},
    failure::{ErrorText, FailureKind, TransportError},
    webhook::Webhook,
};

/// What an engine owns and a notifier shares, apart from the router and the dispatcher.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) budget: Budget,
    pub(crate) ring: Arc<Ring>,
}

/// How a host lends its parts to the code that engines and notifiers have in common.
///
/// An engine owns its dispatcher and its routes. A notifier puts a lock around the dispatcher, and
/// each of its threads keeps the routes that it read last.
pub(crate) trait Host {
    fn core(&self) -> &Core;

    fn now(&self) -> Moment;

    /// Returns whether publishing ended. A notifier may learn of it late.
    fn is_closed(&self) -> bool;

    /// Reads the routes as they are now. `read` runs none of the host's code.
    fn routes<R>(&mut self, read: impl FnOnce(Routes<'_>) -> R) -> R;

    /// Changes the dispatcher, then does what the change leaves to be done.
    fn change<R>(&mut self, change: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R;
}

/// What came of an attempt: an outcome, or a failure with its text.
pub(crate) type Sent = Result<Outcome, (FailureKind, Option<ErrorText>)>;

/// What a change of the dispatcher leaves to be done. All of it runs the host's code, so no lock
/// may be held.
pub(crate) struct Aftermath {
    /// None if there are no reports.
    subscribers: Option<Called>,
    effects: Effects<Webhook>,
}

impl Core {
    pub(crate) fn new(config: Config) -> Self {
        let ring = Ring::new(config.max_reports);
        Self { config, budget: Budget::default(), ring }
    }

    /// Makes the dispatcher that the options describe.
    pub(crate) fn dispatcher(&self) -> Dispatcher<Webhook> {
        let seed = self.config.seed.unwrap_or_else(fresh_seed);
        let mut dispatcher = Dispatcher::new(self.config.limits.clone(), seed);
        dispatcher.record_dead_letters(self.config.dead_letter_handler.is_some());
        dispatcher
    }

    /// Describes a failed attempt. The error's text is read only if somebody will see it.
    pub(crate) fn failed(&self, error: &TransportError) -> Sent {
        let seen = self.ring.has_subscriptions() || self.config.dead_letter_handler.is_some();
        Err((error.kind(), if seen { error.error_text() } else { None }))
    }

    /// Changes a dispatcher that nobody else uses, and does what the change leaves to be done. No
    /// report follows those of the `last` change.
    #[inline]
    pub(crate) fn change<R>(
        &self,
        dispatcher: &mut Dispatcher<Webhook>,
        last: bool,
        change: impl FnOnce(&mut Dispatcher<Webhook>) -> R,
    ) -> R {
        self.prepare(dispatcher);
        let result = change(dispatcher);
        if last || dispatcher.has_effects() {
            let aftermath = self.collect(dispatcher, last);
            self.finish(aftermath);
        }
        result
    }

    /// Prepares the dispatcher for a change: it makes reports only if somebody reads them.
    #[inline]
    pub(crate) fn prepare(&self, dispatcher: &mut Dispatcher<Webhook>) {
        dispatcher.record_reports(self.ring.has_subscriptions());
    }

    /// Collects what a change leaves to be done. No report follows the `last` ones.
    #[inline]
    pub(crate) fn collect(&self, dispatcher: &mut Dispatcher<Webhook>, last: bool) -> Aftermath {
        let mut effects = dispatcher.take_effects();
        let reports = effects.take_reports();
        let subscribers = (last || !reports.is_empty()).then(|| self.ring.extend(reports, last));
        Aftermath { subscribers, effects }
    }

    /// Wakes subscribers first: what the host's dead-letter handler does keeps nobody asleep.
    #[inline]
    pub(crate) fn finish(&self, aftermath: Aftermath) {
        sync::assert_unlocked();
        let Aftermath { subscribers, mut effects } = aftermath;
        if let Some(subscribers) = subscribers {
            subscribers.wake();
        }
        if let Some(handler) = &self.config.dead_letter_handler {
            effects
                .take_dead_letters()
                .into_iter()
                .for_each(|dead_letter| handler.handle(dead_letter));
        }
    }
}

/// Records what came of an attempt.
#[inline]
pub(crate) fn settle(dispatcher: &mut Dispatcher<Webhook>, id: AttemptId, sent: Sent, now: Moment) {
    match sent {
        Ok(outcome) => dispatcher.handle_outcome(id, outcome, now),
        Err((kind, error_text)) => dispatcher.handle_failure(id, kind, error_text, now),
    }
}
