use std::sync::Arc;

use super::{
    Config,
    reports::{ReaderWakers, ReportRing},
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
pub(crate) struct EngineCore {
    pub(crate) config: Config,
    pub(crate) budget: Budget,
    pub(crate) ring: Arc<ReportRing>,
}

/// How the code that engines and notifiers have in common reaches their parts.
///
/// An engine owns its dispatcher and its routes. A notifier puts a lock around the dispatcher, and
/// each of its threads keeps the routes that it read last.
pub(crate) trait EngineAccess {
    fn core(&self) -> &EngineCore;

    fn now(&self) -> Moment;

    /// Returns whether publishing ended. A notifier may learn of it late.
    fn is_closed(&self) -> bool;

    /// Reads the routes as they are now. `read` runs none of the host's code.
    fn routes<R>(&mut self, read: impl FnOnce(Routes<'_>) -> R) -> R;

    /// Changes the dispatcher, then applies the effects of the change.
    fn change<R>(&mut self, change: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R;
}

/// The result of an attempt: an outcome, or a failure with its text.
pub(crate) type AttemptResult = Result<Outcome, (FailureKind, Option<ErrorText>)>;

/// The effects of a change of the dispatcher, to be applied after unlocking: all of it runs the
/// host's code.
pub(crate) struct DeferredEffects {
    /// None if there are no reports.
    subscribers: Option<ReaderWakers>,
    effects: Effects<Webhook>,
}

impl EngineCore {
    pub(crate) fn new(config: Config) -> Self {
        let ring = ReportRing::new(config.max_reports);
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
    pub(crate) fn describe_failure(&self, error: &TransportError) -> AttemptResult {
        let is_read = self.ring.has_subscriptions() || self.config.dead_letter_handler.is_some();
        Err((error.kind(), if is_read { error.error_text() } else { None }))
    }

    /// Changes a dispatcher that nobody else uses, and applies the effects of the change. No report
    /// follows those of the `last` change.
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
            let deferred = self.collect(dispatcher, last);
            self.apply(deferred);
        }
        result
    }

    /// Prepares the dispatcher for a change: it makes reports only if somebody reads them.
    #[inline]
    pub(crate) fn prepare(&self, dispatcher: &mut Dispatcher<Webhook>) {
        dispatcher.record_reports(self.ring.has_subscriptions());
    }

    /// Collects the effects of a change. No report follows the `last` ones.
    #[inline]
    pub(crate) fn collect(
        &self,
        dispatcher: &mut Dispatcher<Webhook>,
        last: bool,
    ) -> DeferredEffects {
        let mut effects = dispatcher.take_effects();
        let reports = effects.take_reports();
        let subscribers = (last || !reports.is_empty()).then(|| self.ring.extend(reports, last));
        DeferredEffects { subscribers, effects }
    }

    /// Applies the effects of a change. Subscribers are woken first, so that a slow dead-letter
    /// handler does not delay them.
    #[inline]
    pub(crate) fn apply(&self, deferred: DeferredEffects) {
        sync::assert_unlocked();
        let DeferredEffects { subscribers, mut effects } = deferred;
        if let Some(subscribers) = subscribers {
            subscribers.wake();
        }
        if let Some(handler) = &self.config.dead_letter_handler {
            for dead_letter in effects.take_dead_letters() {
                handler.handle(dead_letter);
            }
        }
    }
}

/// Records the result of an attempt.
#[inline]
pub(crate) fn record_result(
    dispatcher: &mut Dispatcher<Webhook>,
    id: AttemptId,
    result: AttemptResult,
    now: Moment,
) {
    match result {
        Ok(outcome) => dispatcher.handle_outcome(id, outcome, now),
        Err((kind, error_text)) => dispatcher.handle_failure(id, kind, error_text, now),
    }
}
