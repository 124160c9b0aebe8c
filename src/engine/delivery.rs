use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::SystemTime,
};

use http::{HeaderMap, StatusCode};

use super::{
    AttemptResult, Engine, EngineAccess, EngineAt, Outgoing, build_request, record_result,
};
use crate::{
    base::Moment,
    dispatch::{AttemptId, Outcome},
    failure::{FailureKind, TransportError},
};

impl Engine {
    /// Returns the next request that is due, or `None` if no request is due.
    ///
    /// After every call that changes something, and when [`poll_timeout`](Self::poll_timeout) is
    /// due, call this method repeatedly until it returns `None`. Each request is one attempt of a
    /// delivery. The webhook's next batch of the same topic waits until the delivery is settled,
    /// that is, delivered, dead or dropped. If the attempt fails and is retried, the next batch
    /// also waits for the retries. A policy can allow more than one batch [in
    /// flight](crate::policy::Policy::max_in_flight_batches).
    ///
    /// If [`Limits::max_in_flight`](crate::Limits::max_in_flight) requests are in flight, the
    /// method returns `None` until an outcome is reported. The requests of a single webhook have
    /// [their own limit](crate::Limits::max_webhook_in_flight).
    ///
    /// If an [`Outgoing`] is dropped without an outcome, its request is handed out again, but only
    /// after the method has returned `None`. The request is not handed out while a `Retry-After` or
    /// a pause holds back its webhook, or while a limit on requests in flight is reached. Therefore
    /// a polling loop ends even if it drops every request. After more than `max_in_flight` polls
    /// without a `None`, dropped requests are handed out again as well, because a host that is
    /// never idle never sees a `None`.
    ///
    /// If no request can be built for a delivery, the delivery ends with
    /// [`FailureKind::InvalidRequest`] and is not retried. The method then continues with the next
    /// delivery. A request cannot be built if, for example, a signer fails or the notification's
    /// kind is not a valid header value.
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
    /// Panics if a [`Signer`](crate::signature::Signer) or the message of its error panics. The
    /// attempt then counts as failed with [`FailureKind::Panic`], and the engine remains usable.
    #[must_use = "a request that is dropped is handed out again"]
    pub fn poll_request(&mut self, now: Moment, wall: SystemTime) -> Option<Outgoing> {
        // A drain is a sequence of polls that ends with `None`. Dropped requests are taken back
        // when a drain begins, so a drain ends even if the host drops every request. They are also
        // taken back after more than `max_in_flight` polls in one drain. Otherwise, a host that is
        // never idle would never get them back.
        if self.polls == 0 || self.polls > self.core.config.limits.max_in_flight() {
            self.take_abandoned(now);
            self.polls = 0;
        }
        self.polls += 1;
        while let Some(delivery) = self.dispatcher.poll_delivery(now) {
            let attempt_id = delivery.attempt_id();
            // The error is also described inside this closure, because writing its text can run the
            // host's code.
            let build = || {
                build_request(&delivery, &self.core.config.limits, || wall)
                    .map_err(|error| self.core.describe_failure(&error))
            };
            // The signers are the host's code. If a panic left the attempt without an outcome, its
            // lane would wait forever.
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

    /// Returns the moment at which to poll again if nothing else happens, or `None` if no request
    /// will become due by itself.
    ///
    /// Call this method after [`poll_request`](Self::poll_request) has returned `None`, because
    /// `poll_timeout` does not consider requests that are already due. The moment may change with
    /// every call that changes something. If an [`Outgoing`] was dropped without an outcome, the
    /// method returns [`Moment::ZERO`], which means that the host should poll now.
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
    #[must_use = "without the timeout, the host does not know when to poll again"]
    pub fn poll_timeout(&self) -> Option<Moment> {
        // The list may contain attempts that already have an outcome. These attempts do not require
        // a poll.
        if self.abandoned.any(|id| self.dispatcher.is_in_flight(id)) {
            return Some(Moment::ZERO);
        }
        self.dispatcher.poll_timeout()
    }

    /// Records the response to an attempt.
    ///
    /// Based on `status`, the webhook's policy decides whether the delivery is complete, retried or
    /// given up. Only the `Retry-After` and `Date` headers are read.
    ///
    /// The engine does not see the body. The status and the headers decide, whatever happens to the
    /// body. Read the body so that the connection can be reused for the next request, but only
    /// until it exceeds [`Limits::max_response_bytes`](crate::Limits::max_response_bytes) or the
    /// [timeout](crate::Outgoing::timeout) has passed.
    ///
    /// Does nothing if the attempt already has an outcome or if its notifications have been
    /// dropped.
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
        let result = self.core.describe_head(status, headers, || wall);
        self.record_result(id, Ok(result), now);
    }

    /// Records the response to an attempt, as [`handle_response`](Self::handle_response) does.
    ///
    /// The response may also contain a [`ReasonPhrase`](crate::transport::ReasonPhrase), which
    /// reports then show.
    ///
    /// ```
    /// # use recohook::{Engine, Filter, Moment, Reported, Webhook};
    /// # use recohook::findface::security::{Event, FILTERS};
    /// # use recohook::{http::Response, transport::ReasonPhrase};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// let mut reports = engine.reports();
    /// engine.publish(&Event::new("42"), now)?;
    /// let id = engine.poll_request(now, wall).expect("it is due").attempt_id();
    ///
    /// let phrase = ReasonPhrase::new(b"Not Allowed");
    /// let (response, ()) = Response::builder().status(405).extension(phrase).body(())?.into_parts();
    /// engine.handle_response_parts(id, &response, now, wall);
    /// let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
    /// assert!(report.to_string().contains("405, message='Not Allowed'. Attempt 1 out of 10."));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_response_parts(
        &mut self,
        id: AttemptId,
        response: &http::response::Parts,
        now: Moment,
        wall: SystemTime,
    ) {
        let result = self.core.describe_response(response, || wall);
        self.record_result(id, Ok(result), now);
    }

    /// Records that an attempt did not receive a response.
    ///
    /// `error` is either a bare [`FailureKind`] or a [`TransportError`]. The sources of a
    /// `TransportError` appear in reports and dead letters. The attempt is retried if the webhook's
    /// policy allows it. A [`FailureKind::InvalidRequest`] is never retried and ends the delivery.
    ///
    /// Does nothing if the attempt already has an outcome or if its notifications have been
    /// dropped.
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
    ///
    /// # Panics
    /// Panics if the message of the error panics. The attempt then counts as failed without a
    /// message.
    pub fn handle_failure(&mut self, id: AttemptId, error: impl Into<TransportError>, now: Moment) {
        let error = error.into();
        // Writing the message can run the host's code, as it can for a signer's error.
        let describe = || self.core.describe_failure(&error);
        let result = catch_unwind(AssertUnwindSafe(describe)).unwrap_or_else(|panic| {
            self.record_result(id, Err((error.kind(), None)), now);
            resume_unwind(panic)
        });
        self.record_result(id, result, now);
    }

    /// Abandons an attempt. The request becomes due again immediately, and the attempt does not
    /// count.
    ///
    /// A request that is due is not necessarily handed out. As with any other attempt, the request
    /// is held back by a `Retry-After` that blocks the webhook, by a [pause](Self::pause) and by
    /// the limits on requests in flight.
    ///
    /// Use this method for attempts that were not made or whose outcome is unknown. In the latter
    /// case, the receiver may get the delivery twice. If the webhook has been removed, the
    /// request does not become due again, and its notifications are dropped. Does nothing if the
    /// attempt already has an outcome.
    ///
    /// Dropping an [`Outgoing`] has the same effect, but with a delay. See
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
        self.record_result(id, Ok(Outcome::Abandoned.into()), now);
    }

    fn record_result(&mut self, id: AttemptId, result: AttemptResult, now: Moment) {
        EngineAt { engine: self, now }
            .change(|dispatcher| record_result(dispatcher, id, result, now));
    }

    /// Abandons the attempts of dropped [`Outgoing`]s. Skips attempts that already have an outcome.
    fn take_abandoned(&mut self, now: Moment) {
        if self.abandoned.is_empty() {
            return;
        }
        // The list is taken out of `self`, because the change below borrows all of `self`.
        let mut ids = std::mem::take(&mut self.abandoned_ids);
        self.abandoned.take(&mut ids);
        EngineAt { engine: self, now }.change(|dispatcher| {
            for id in ids.drain(..) {
                // Hosts also drop requests after reporting their outcome, so most of these attempts
                // already have an outcome.
                if dispatcher.is_in_flight(id) {
                    record_result(dispatcher, id, Ok(Outcome::Abandoned.into()), now);
                }
            }
        });
        self.abandoned_ids = ids;
    }
}
