//! A transport whose responses come at once, later from a thread of its own, or never.

use std::{
    future::pending,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures::{
    StreamExt,
    channel::{mpsc, oneshot},
};
use recohook::{
    FailureKind, Moment, Transport, async_trait,
    bytes::Bytes,
    http::{Request, Response, StatusCode},
    serde_json,
    transport::{Body, Context, TransportError},
};

use crate::{time::TestClock, world::one_of};

/// The requests that receivers got. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Network(Arc<Mutex<Vec<Arrival>>>);

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) webhook: String,
    /// The ids of its notifications.
    pub(crate) ids: Vec<u64>,
    pub(crate) attempt: u32,
    pub(crate) at: Moment,
    /// Whether it was answered with success and the sender got the response.
    pub(crate) is_done: bool,
}

/// How a receiver answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    Now(u16),
    /// The response comes from the network thread.
    Later(u16),
    Never,
}

/// The transport of the notifier. The network thread ends when it is dropped.
pub(crate) struct Sender {
    network: Network,
    clock: TestClock,
    reply: fn(&Arrival) -> Reply,
    later: mpsc::UnboundedSender<Open>,
}

/// A request that is not answered yet.
struct Open {
    answer: oneshot::Sender<u16>,
    status: u16,
}

impl Reply {
    /// Returns a success that comes at once or later.
    pub(crate) fn success(_: &Arrival) -> Self {
        one_of([Self::Now(200), Self::Later(200)])
    }
}

impl Network {
    /// Returns a transport, and the future that runs its network.
    pub(crate) fn open(
        &self,
        clock: &TestClock,
        reply: fn(&Arrival) -> Reply,
    ) -> (Sender, impl Future<Output = ()> + Send + 'static) {
        let (later, mut open) = mpsc::unbounded();
        let run = async move {
            while let Some(Open { answer, status }) = open.next().await {
                // Lets other threads run first.
                shuttle::thread::sleep(Duration::ZERO);
                // This fails if the attempt was given up meanwhile.
                let _ = answer.send(status);
            }
        };
        (Sender { network: self.clone(), clock: clock.clone(), reply, later }, run)
    }

    /// Returns all requests in the order of arrival.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.state().clone()
    }

    /// Returns the ids of the notifications that were answered with success, in the order of
    /// arrival.
    pub(crate) fn done(&self) -> Vec<u64> {
        self.state().iter().filter(|one| one.is_done).flat_map(|one| one.ids.clone()).collect()
    }

    fn state(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.0.lock().unwrap()
    }
}

#[async_trait]
impl Transport for Sender {
    async fn send(
        &self,
        request: Request<Bytes>,
        context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        let arrival = Arrival {
            webhook: context.webhook().to_owned(),
            ids: serde_json::from_slice(request.body()).unwrap(),
            attempt: context.attempt(),
            at: self.clock.now(),
            is_done: false,
        };
        let reply = (self.reply)(&arrival);
        let number = {
            let mut arrivals = self.network.state();
            arrivals.push(arrival);
            arrivals.len() - 1
        };
        let status = match reply {
            Reply::Now(status) => status,
            Reply::Later(status) => {
                let (answer, answered) = oneshot::channel();
                self.later.unbounded_send(Open { answer, status }).unwrap();
                answered.await.map_err(|_| TransportError::from(FailureKind::Other))?
            }
            Reply::Never => pending().await,
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        self.network.state()[number].is_done = response.status().is_success();
        Ok(response)
    }
}
