use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{LOCATION, RETRY_AFTER},
};

use super::{
    Config,
    reports::{ReaderWakers, ReportRing, UnknownNotification},
    request::response_outcome,
    router::Routes,
};
use crate::{
    base::{Moment, budget::Budget, random::fresh_seed, sync},
    dispatch::{AttemptId, Dispatcher, Effects, Outcome, Remark},
    failure::{ErrorText, FailureKind, ReasonPhrase, TransportError},
    notification::Notification,
    webhook::Webhook,
};

/// The parts that engines and notifiers have in common. An engine owns them. A notifier shares them
/// between threads.
///
/// The router and the dispatcher are not included, because a notifier protects each of them with a
/// lock.
#[derive(Debug)]
pub(crate) struct EngineCore {
    pub(crate) config: Config,
    /// The budget that counts the bytes of all payloads, wherever they are held.
    pub(crate) budget: Budget,
    pub(crate) ring: Arc<ReportRing>,
    /// The number of notifications whose topic no registered webhook knows.
    unknown: AtomicU64,
}

/// Access to the parts of an engine or a notifier, for the code that both of them run.
///
/// An engine owns its dispatcher and its routes. A notifier protects the dispatcher with a lock,
/// and each of its threads caches the routes that it last read.
pub(crate) trait EngineAccess {
    fn core(&self) -> &EngineCore;

    /// Returns the current moment. A notifier reads its clock on every call, and the clock is the
    /// host's code.
    fn now(&self) -> Moment;

    /// Returns whether publishing is refused.
    ///
    /// The result is only a hint, because a notifier may return `false` for a short time after it
    /// was closed. The dispatcher makes the final decision.
    fn is_closed(&self) -> bool;

    /// Calls `read` with the current routes. `read` must not run the host's code, because a
    /// notifier holds a lock during the call.
    fn routes<R>(&mut self, read: impl FnOnce(Routes<'_>) -> R) -> R;

    /// Changes the dispatcher and then applies the effects of the change.
    fn change<R>(&mut self, change: impl FnOnce(&mut Dispatcher<Webhook>) -> R) -> R;
}

/// The result of an attempt: either its outcome with remarks, or the kind and
/// the error text of its failure.
pub(crate) type AttemptResult = Result<Answer, (FailureKind, Option<ErrorText>)>;

/// The outcome of an attempt, with what reports say about its response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    /// The reason phrase, if it is not the usual one.
    phrase: Option<ErrorText>,
    remarks: Vec<Remark>,
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, phrase: None, remarks: Vec::new() }
    }
}

/// The effects of a dispatcher change that are applied after the dispatcher is unlocked.
///
/// Waking readers, calling the dead-letter handler and dropping webhooks all run the host's code.
/// Payloads are also freed after unlocking, because freeing them takes time.
pub(crate) struct DeferredEffects {
    /// The readers to wake, or `None` if there are no reports, which is the common case.
    readers: Option<ReaderWakers>,
    effects: Effects<Webhook>,
}

impl EngineCore {
    pub(crate) fn new(config: Config) -> Self {
        let ring = ReportRing::new(config.max_reports);
        Self { config, budget: Budget::default(), ring, unknown: AtomicU64::new(0) }
    }

    /// Returns the number of notifications whose topic no registered webhook knows.
    pub(crate) fn unknown_notifications(&self) -> u64 {
        self.unknown.load(Ordering::Relaxed)
    }

    /// Counts a notification whose topic no registered webhook knows, and reports it if the count
    /// is a power of two.
    #[cold]
    pub(crate) fn count_unknown(&self, notification: &dyn Notification) {
        // Callers need only a count, and no other memory depends on it.
        let count = self.unknown.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_power_of_two() && self.ring.has_subscriptions() {
            let topic = notification.schema().topic();
            let kind = notification.kind().into();
            self.ring.push(UnknownNotification { topic, kind, count }).wake();
        }
    }

    /// Creates a dispatcher with the configured limits and seed.
    pub(crate) fn dispatcher(&self) -> Dispatcher<Webhook> {
        let seed = self.config.seed.unwrap_or_else(fresh_seed);
        let mut dispatcher = Dispatcher::new(self.config.limits.clone(), seed);
        // This is set only once, because the handler never changes. Reports are switched on and off
        // in `prepare`.
        dispatcher.record_dead_letters(self.config.dead_letter_handler.is_some());
        dispatcher
    }

    /// Returns the result of a failed attempt. The error text is included only if a report or a
    /// dead letter may show it.
    pub(crate) fn describe_failure(&self, error: &TransportError) -> AttemptResult {
        Err((error.kind(), if self.shows_texts() { error.error_text() } else { None }))
    }

    /// Returns the outcome of an attempt that received a response, with the reason phrase if a
    /// report or a dead letter may show it.
    pub(crate) fn describe_response(
        &self,
        response: &http::response::Parts,
        wall: impl FnOnce() -> SystemTime,
    ) -> Answer {
        let mut answer = self.describe_head(response.status, &response.headers, wall);
        let phrase = response.extensions.get::<ReasonPhrase>().filter(|_| self.shows_texts());
        answer.phrase = phrase.map(|phrase| phrase.text().clone());
        answer
    }

    /// Returns the outcome of an attempt that received a response, with remarks on its headers if a
    /// report or a dead letter may show them.
    pub(crate) fn describe_head(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        wall: impl FnOnce() -> SystemTime,
    ) -> Answer {
        let outcome = response_outcome(status, headers, wall);
        let mut answer = Answer::from(outcome);
        if status.is_success() || !self.shows_texts() {
            return answer;
        }
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        if let Outcome::Response { retry_after: None, .. } = outcome
            && let Some(value) = headers.get(RETRY_AFTER)
        {
            let value = ErrorText::new(&text(value));
            answer.remarks.push(Remark::RetryAfterIgnored { value });
        }
        if status.is_redirection()
            && let Some(value) = headers.get(LOCATION)
        {
            answer.remarks.push(Remark::location(&text(value)));
        }
        answer
    }

    /// Adds to an answer that its body did not arrive, if a report or a dead letter may show it.
    pub(crate) fn remark_on_body(&self, answer: &mut Answer, error: &TransportError) {
        if self.shows_texts() {
            let (kind, error_text) = (error.kind(), error.error_text());
            answer.remarks.push(Remark::BodyFailed { kind, error_text });
        }
    }

    /// Returns whether a report or a dead letter may show the text of a failure.
    fn shows_texts(&self) -> bool {
        self.ring.has_subscriptions() || self.config.dead_letter_handler.is_some()
    }

    /// Changes a dispatcher that no other thread uses and applies the effects of the change. If
    /// `last` is `true`, the reports end after this change.
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

    /// Prepares the dispatcher for a change, so that it records reports only if a subscription
    /// exists.
    #[inline]
    pub(crate) fn prepare(&self, dispatcher: &mut Dispatcher<Webhook>) {
        dispatcher.record_reports(self.ring.has_subscriptions());
    }

    /// Takes the effects of a change out of the dispatcher and adds the reports to the ring.
    ///
    /// A notifier calls this method before it unlocks the dispatcher, so that reports enter the
    /// ring in the order of their events. If `last` is `true`, the reports end after this change.
    #[inline]
    pub(crate) fn collect(
        &self,
        dispatcher: &mut Dispatcher<Webhook>,
        last: bool,
    ) -> DeferredEffects {
        let mut effects = dispatcher.take_effects();
        let reports = effects.take_reports();
        let readers = (last || !reports.is_empty()).then(|| self.ring.extend(reports, last));
        DeferredEffects { readers, effects }
    }

    /// Applies the effects of a change. Wakes the readers of reports, then passes the dead letters
    /// to the handler and finally frees the rest.
    #[inline]
    pub(crate) fn apply(&self, deferred: DeferredEffects) {
        sync::assert_unlocked();
        let DeferredEffects { readers, mut effects } = deferred;
        // The readers are woken first, so that a slow dead-letter handler does not delay them.
        if let Some(readers) = readers {
            readers.wake();
        }
        if let Some(handler) = &self.config.dead_letter_handler {
            for dead_letter in effects.take_dead_letters() {
                handler.handle(dead_letter);
            }
        }
    }
}

/// Records the result of an attempt. Does nothing if the attempt already has an outcome.
#[inline]
pub(crate) fn record_result(
    dispatcher: &mut Dispatcher<Webhook>,
    id: AttemptId,
    result: AttemptResult,
    now: Moment,
) {
    match result {
        Ok(Answer { outcome, phrase, remarks }) => {
            dispatcher.handle_outcome_with_remarks(id, outcome, phrase, remarks, now);
        }
        Err((kind, error_text)) => dispatcher.handle_failure(id, kind, error_text, now),
    }
}
