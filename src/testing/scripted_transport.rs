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

/// A transport that answers from a script and remembers what it was given. Clones are handles to
/// the same script and the same memory.
///
/// Replies are taken in the order of [`push`](Self::push), one for each request; after the last
/// one comes the default reply, 200 unless [`set_default_reply`](Self::set_default_reply) says
/// another.
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
    /// An empty script. `clock` times the delays and the requests.
    pub fn new(clock: impl Clock + 'static) -> Self {
        let state = ScriptedTransportState {
            script: VecDeque::new(),
            default: Reply::status(StatusCode::OK),
            requests: Vec::new(),
        };
        Self { clock: Arc::new(clock), state: Arc::new(Mutex::new(state)) }
    }

    /// Adds a reply to the end of the script.
    pub fn push(&self, reply: Reply) {
        self.lock().script.push_back(reply);
    }

    /// Sets the reply for requests beyond the script.
    pub fn set_default_reply(&self, reply: Reply) {
        self.lock().default = reply;
    }

    /// Every request so far, in order, whatever its reply.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().requests.clone()
    }

    fn take(&self, recorded: RecordedRequest) -> Reply {
        let mut state = self.lock();
        state.requests.push(recorded);
        state.script.pop_front().unwrap_or_else(|| state.default.clone())
    }

    fn lock(&self) -> MutexGuard<'_, ScriptedTransportState> {
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
            ReplyAction::Panic => panic!("the script says panic"),
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

/// A request as the transport got it.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    request: http::Request<Bytes>,
    context: Context,
    at: Moment,
}

impl RecordedRequest {
    /// The request: method, URI, headers and body.
    pub fn request(&self) -> &http::Request<Bytes> {
        &self.request
    }

    /// The webhook, the delivery, the number of the attempt, the time left.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// When it came, by the transport's clock.
    pub fn at(&self) -> Moment {
        self.at
    }
}
