//! A transport whose answers come at once, or later from a thread of its own.

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

/// What the receivers have got. Clones are handles to the same.
#[derive(Clone, Default)]
pub(crate) struct Network(Arc<Mutex<Vec<Arrival>>>);

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) webhook: String,
    /// The notifications in it.
    pub(crate) ids: Vec<u64>,
    pub(crate) attempt: u32,
    pub(crate) at: Moment,
    /// It was answered with success, and its sender has got the answer.
    pub(crate) is_done: bool,
}

/// How a receiver answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    Now(u16),
    /// By the thread of the network.
    Later(u16),
    Never,
}

/// The side of the notifier. The network ends when it is dropped.
pub(crate) struct Sender {
    network: Network,
    clock: TestClock,
    reply: fn(&Arrival) -> Reply,
    later: mpsc::UnboundedSender<Open>,
}

/// A request without an answer.
struct Open {
    answer: oneshot::Sender<u16>,
    status: u16,
}

impl Reply {
    /// A success, whenever it comes.
    pub(crate) fn success(_: &Arrival) -> Self {
        one_of([Self::Now(200), Self::Later(200)])
    }
}

impl Network {
    /// A transport, and what runs its network.
    pub(crate) fn open(
        &self,
        clock: &TestClock,
        reply: fn(&Arrival) -> Reply,
    ) -> (Sender, impl Future<Output = ()> + Send + 'static) {
        let (later, mut open) = mpsc::unbounded();
        let run = async move {
            while let Some(Open { answer, status }) = open.next().await {
                // Others may go first.
                shuttle::thread::sleep(Duration::ZERO);
                // Its attempt may have been given up.
                let _ = answer.send(status);
            }
        };
        (Sender { network: self.clone(), clock: clock.clone(), reply, later }, run)
    }

    /// All that has arrived, in order.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.state().clone()
    }

    /// The notifications that have arrived and were answered with success, in order.
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
