use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future;
use http::StatusCode;

use super::reply::{Reply, ReplyAction};
use crate::{
    base::Moment,
    clock::Clock,
    transport::{Body, Context, Transport, TransportError},
};

/// A transport that replies from a script and records the requests.
///
/// Each request receives the next [`Reply`] of the script, in the order in which the replies were
/// [pushed](Self::push). After the end of the script, requests receive the default reply. It is
/// status 200 unless [`set_default_reply`](Self::set_default_reply) changes it. Clones share the
/// script and the records.
///
/// ```
/// use futures::executor::block_on;
/// use recohook::http::{Request, StatusCode};
/// use recohook::testing::{ManualClock, Reply, ScriptedTransport};
/// use recohook::transport::{Context, Transport};
/// use recohook::{DeliveryId, FailureKind, bytes::Bytes};
/// use std::time::Duration;
///
/// let transport = ScriptedTransport::new(ManualClock::new());
/// transport.push(Reply::failure(FailureKind::Connect));
/// transport.push(Reply::status(StatusCode::SERVICE_UNAVAILABLE));
///
/// let send = |attempt| {
///     let request = Request::post("http://receiver/").body(Bytes::from("[]")).unwrap();
///     let timeout = Duration::from_secs(10);
///     let context = Context::new("front", DeliveryId::new(1, 1), attempt, timeout);
///     block_on(transport.send(request, &context))
/// };
/// assert_eq!(send(1).unwrap_err().kind(), FailureKind::Connect);
/// assert_eq!(send(2).unwrap().status(), 503);
/// assert_eq!(send(3).unwrap().status(), 200); // the default reply
/// assert_eq!(transport.requests().len(), 3);
/// ```
#[derive(Clone)]
pub struct ScriptedTransport {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<ScriptedTransportState>>,
}

struct ScriptedTransportState {
    script: VecDeque<Reply>,
    default: Reply,
    requests: Vec<RecordedRequest>,
}

impl ScriptedTransport {
    /// Creates a transport with an empty script.
    ///
    /// `clock` measures the delays of replies and the times of requests. Pass a clone of the
    /// notifier's clock.
    pub fn new(clock: impl Clock + 'static) -> Self {
        let state = ScriptedTransportState {
            script: VecDeque::new(),
            default: Reply::status(StatusCode::OK),
            requests: Vec::new(),
        };
        Self { clock: Arc::new(clock), state: Arc::new(Mutex::new(state)) }
    }

    /// Adds a reply at the end of the script.
    ///
    /// It may be called at any time, even while requests are in flight.
    pub fn push(&self, reply: Reply) {
        self.lock().script.push_back(reply);
    }

    /// Sets the reply for requests after the end of the script. Default: status 200.
    ///
    /// ```
    /// use futures::{FutureExt, executor::block_on};
    /// use recohook::testing::{ManualClock, Reply, ScriptedTransport};
    /// use recohook::transport::{Context, Transport};
    /// use recohook::{DeliveryId, bytes::Bytes, http::Request};
    /// use std::time::Duration;
    ///
    /// let transport = ScriptedTransport::new(ManualClock::new());
    /// transport.set_default_reply(Reply::hang());
    /// let request = Request::new(Bytes::new());
    /// let context = Context::new("front", DeliveryId::new(1, 1), 1, Duration::from_secs(10));
    /// assert!(transport.send(request, &context).now_or_never().is_none());
    /// ```
    pub fn set_default_reply(&self, reply: Reply) {
        self.lock().default = reply;
    }

    /// Returns all requests so far, in the order in which they arrived, whatever their replies.
    ///
    /// A request is recorded at the first poll of `send`, before its reply. This method copies the
    /// list but not the bodies.
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use recohook::testing::{ManualClock, ScriptedTransport};
    /// use recohook::transport::{Context, Transport};
    /// use recohook::{DeliveryId, bytes::Bytes, http::Request};
    /// use std::time::Duration;
    ///
    /// let transport = ScriptedTransport::new(ManualClock::new());
    /// let request = Request::post("http://receiver/").body(Bytes::from("[]"))?;
    /// let context = Context::new("front", DeliveryId::new(1, 1), 1, Duration::from_secs(10));
    /// block_on(transport.send(request, &context))?;
    /// let requests = transport.requests();
    /// assert_eq!(requests[0].request().body(), "[]");
    /// assert_eq!(requests[0].context().webhook(), "front");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().requests.clone()
    }

    /// Records a request and returns its reply.
    fn take(&self, recorded: RecordedRequest) -> Reply {
        // Both steps happen under one lock, so that requests and replies are in the same order.
        let mut state = self.lock();
        state.requests.push(recorded);
        state.script.pop_front().unwrap_or_else(|| state.default.clone())
    }

    fn lock(&self) -> MutexGuard<'_, ScriptedTransportState> {
        // A scripted panic happens outside the lock, so the state is never half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        context: &Context,
    ) -> Result<http::Response<Body>, TransportError> {
        let at = self.clock.now();
        let reply = self.take(RecordedRequest { request, context: context.clone(), at });
        if reply.delay > Duration::ZERO {
            self.clock.sleep_until(at + reply.delay).await;
        }
        match reply.action {
            ReplyAction::Respond(response) => Ok(response.map(Body::from)),
            ReplyAction::Fail(kind) => Err(kind.into()),
            ReplyAction::Panic => panic!("scripted panic"),
            ReplyAction::Hang => future::pending().await,
        }
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("ScriptedTransport")
            .field("script", &state.script)
            .field("requests", &state.requests.len())
            .finish_non_exhaustive()
    }
}

/// A request that a [`ScriptedTransport`] received.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    request: http::Request<Bytes>,
    context: Context,
    at: Moment,
}

impl RecordedRequest {
    /// Returns the request as it would be sent, with its method, URL, headers and body.
    pub fn request(&self) -> &http::Request<Bytes> {
        &self.request
    }

    /// Returns the context, which contains the webhook, the delivery, the attempt's number and the
    /// timeout.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns the moment at which the request arrived, according to the transport's clock.
    pub fn at(&self) -> Moment {
        self.at
    }
}
