use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::SystemTime,
};

use http::{HeaderMap, StatusCode};

use super::{
    AttemptResult, Engine, EngineAccess, EngineAt, Outgoing, build_request, record_result,
    response_outcome,
};
use crate::{
    base::Moment,
    dispatch::{AttemptId, Outcome},
    failure::{FailureKind, TransportError},
};

impl Engine {
    /// Returns the next request that is due, or `None` if none is.
    ///
    /// Call it until it returns `None`: after each call that changes something, and at
    /// [`poll_timeout`](Self::poll_timeout). Each request is one attempt. Its webhook's next batch
    /// of the same topic waits until the delivery is settled: delivered, dead or dropped. If the
    /// attempt fails and is retried, the next batch waits for the retries, too. A policy can allow
    /// more than one batch [in flight](crate::policy::Policy::max_in_flight_batches).
    ///
    /// If as many requests are in flight as
    /// [`Limits::max_in_flight`](crate::Limits::max_in_flight) allows, the method returns `None`
    /// until an outcome is reported. The requests of one webhook have
    /// [a bound of their own](crate::Limits::max_webhook_in_flight).
    ///
    /// The request of an [`Outgoing`] that is dropped without an outcome is handed out again, but
    /// only after the method has returned `None`, and not while a `Retry-After` or a pause stops its
    /// webhook or the bounds are reached. So a loop ends even if it drops everything. In a
    /// host that is never idle, more than `max_in_flight` polls without a `None` have the same
    /// effect.
    ///
    /// If no request can be built for a delivery, the delivery ends with
    /// [`FailureKind::InvalidRequest`] and is not retried, and the method goes on with the next
    /// one. This happens, for example, if a signer fails or the notification's kind is not a valid
    /// header value.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("1"), now)?;
    /// engine.publish(&Event::new("2"), now)?;
    ///
    /// let first = engine.poll_request(now, wall).expect("a request is due at once");
    /// assert_eq!(first.request().method(), "POST");
    /// // The order is kept: "2" waits until "1" is settled.
    /// assert!(engine.poll_request(now, wall).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// Panics if a [`Signer`](crate::signature::Signer) panics. The attempt then counts as failed,
    /// with [`FailureKind::Panic`], and the engine can still be used.
    #[must_use = "a request that is dropped is handed out again"]
    pub fn poll_request(&mut self, now: Moment, wall: SystemTime) -> Option<Outgoing> {
        // A drain is a sequence of polls that ends with `None`. Dropped requests are taken back
        // when a drain begins, so it ends even if the host drops everything that it gets. They are
        // also taken back if a drain has more polls than there may be requests in flight: otherwise
        // a host that is never idle would never get them again.
        if self.polls == 0 || self.polls > self.core.config.limits.max_in_flight() {
            self.take_abandoned(now);
            self.polls = 0;
        }
        self.polls += 1;
        while let Some(delivery) = self.dispatcher.poll_delivery(now) {
            let attempt_id = delivery.attempt_id();
            // The error is described here, too: its text can be the host's code.
            let build = || {
                build_request(&delivery, &self.core.config.limits, || wall)
                    .map_err(|error| self.core.describe_failure(&error))
            };
            // The signers are the host's code. If a panic left the attempt without an outcome, its
            // lane would wait for ever.
            let built = catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|panic| {
                self.handle_failure(attempt_id, FailureKind::Panic, now);
                resume_unwind(panic)
            });
            match built {
                Ok(request) => return Some(Outgoing::new(&delivery, request, &self.abandoned)),
                Err(result) => self.record_result(attempt_id, result, now),
            }
        }
        self.polls = 0;
        None
    }

    /// Returns the moment to poll again if nothing else happens, or `None` if time alone makes no
    /// request due.
    ///
    /// Call it after [`poll_request`](Self::poll_request) has returned `None`: it does not consider
    /// requests that are due already. The moment may change with each call that changes something.
    /// If an [`Outgoing`] was dropped without an outcome, it is [`Moment::ZERO`]: poll now.
    ///
    /// ```
    /// # use recohook::{Engine, FailureKind, Filter, Moment, Webhook};
    /// # use recohook::findface::security::{self, Event, FILTERS};
    /// # use std::time::{Duration, SystemTime};
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook.with_policy(security::policy()), now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// assert_eq!(engine.poll_timeout(), None); // only the outcome matters now
    ///
    /// engine.handle_failure(outgoing.attempt_id(), FailureKind::Connect, now);
    /// assert!(engine.poll_request(now, wall).is_none());
    /// let retry = engine.poll_timeout().expect("a retry waits for its time");
    /// assert_eq!(retry - now, Duration::from_millis(270));
    /// assert!(engine.poll_request(retry, wall).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "without the timeout nobody knows when to poll again"]
    pub fn poll_timeout(&self) -> Option<Moment> {
        // The list may contain attempts that have an outcome. They need no poll.
        if self.abandoned.any(|id| self.dispatcher.is_in_flight(id)) {
            return Some(Moment::ZERO);
        }
        self.dispatcher.poll_timeout()
    }

    /// Records the response to an attempt.
    ///
    /// The policy of the webhook decides by `status` whether the delivery is complete, is retried
    /// or is given up. Only the headers `Retry-After` and `Date` are read.
    ///
    /// The engine does not see the body. To match a [`Notifier`](crate::Notifier), read the body
    /// before this call, until it ends or is longer than
    /// [`Limits::max_response_bytes`](crate::Limits::max_response_bytes), within the
    /// [timeout](crate::Outgoing::timeout). If it breaks off before that, report the attempt with
    /// [`handle_failure`](Self::handle_failure), whatever the status: the receiver may have failed
    /// in the middle of its work. Reading the body also lets the connection serve the next request.
    ///
    /// Does nothing if the attempt already has an outcome, or if its notifications were dropped
    /// meanwhile.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use recohook::http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER};
    /// # use std::time::{Duration, SystemTime};
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// let (status, mut headers) = (StatusCode::SERVICE_UNAVAILABLE, HeaderMap::new());
    /// headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
    /// engine.handle_response(outgoing.attempt_id(), status, &headers, now, wall);
    ///
    /// let state = engine.status("front", now).expect("it is registered");
    /// assert_eq!((state.failures, state.blocked_for), (1, Duration::from_secs(60)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_response(
        &mut self,
        id: AttemptId,
        status: StatusCode,
        headers: &HeaderMap,
        now: Moment,
        wall: SystemTime,
    ) {
        self.record_result(id, Ok(response_outcome(status, headers, || wall)), now);
    }

    /// Records that an attempt got no complete response: none came, or its body broke off.
    ///
    /// `error` is a [`FailureKind`] alone, or a [`TransportError`], whose sources then appear in
    /// reports and dead letters. A failure is retried as the webhook's policy allows, except
    /// [`FailureKind::InvalidRequest`], which ends the delivery.
    ///
    /// Does nothing if the attempt already has an outcome, or if its notifications were dropped
    /// meanwhile.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use recohook::transport::TransportError;
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due at once");
    /// let error = TransportError::connect("connection refused");
    /// engine.handle_failure(outgoing.attempt_id(), error, now);
    ///
    /// let stats = engine.total();
    /// assert_eq!((stats.failures, stats.pending()), (1, 1)); // it waits for a retry
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_failure(&mut self, id: AttemptId, error: impl Into<TransportError>, now: Moment) {
        let result = self.core.describe_failure(&error.into());
        self.record_result(id, result, now);
    }

    /// Abandons an attempt: its request becomes due again at once, and the attempt does not count.
    ///
    /// Due does not mean handed out: a `Retry-After` that blocks the webhook, a
    /// [pause](Self::pause) and the bounds on requests in flight hold it back like any other
    /// attempt.
    ///
    /// Use it for attempts that were not made, or whose outcome is unknown. In the second case the
    /// receiver may get the delivery twice. If the webhook was removed meanwhile, the notifications
    /// are dropped instead. Does nothing if the attempt already has an outcome.
    ///
    /// Dropping an [`Outgoing`] does the same with a delay; see
    /// [`poll_request`](Self::poll_request).
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Webhook, findface::security::{Event, FILTERS}};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let first = engine.poll_request(now, wall).expect("a request is due at once");
    /// engine.abandon(first.attempt_id(), now);
    ///
    /// let again = engine.poll_request(now, wall).expect("it is due again");
    /// assert_eq!(again.attempt(), 1);
    /// assert_ne!(again.attempt_id(), first.attempt_id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn abandon(&mut self, id: AttemptId, now: Moment) {
        self.record_result(id, Ok(Outcome::Abandoned), now);
    }

    fn record_result(&mut self, id: AttemptId, result: AttemptResult, now: Moment) {
        EngineAt { engine: self, now }
            .change(|dispatcher| record_result(dispatcher, id, result, now));
    }

    /// Abandons the attempts of dropped [`Outgoing`]s. Skips attempts that have an outcome.
    fn take_abandoned(&mut self, now: Moment) {
        if self.abandoned.is_empty() {
            return;
        }
        // Taken out of `self`, since the change below borrows all of it.
        let mut ids = std::mem::take(&mut self.abandoned_ids);
        self.abandoned.take(&mut ids);
        EngineAt { engine: self, now }.change(|dispatcher| {
            for id in ids.drain(..) {
                // Hosts drop requests after their outcome, too, so most ids are settled.
                if dispatcher.is_in_flight(id) {
                    record_result(dispatcher, id, Ok(Outcome::Abandoned), now);
                }
            }
        });
        self.abandoned_ids = ids;
    }
}
