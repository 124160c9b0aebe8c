//! Shared helpers: runtimes, webhooks, and transports and notifications made of closures.

use std::{
    borrow::Cow,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use futures::future::BoxFuture;
use recohook::{
    Clock, Config, EncodeError, FailureKind, Filter, Notification, Notifier, Rendering, Transport,
    Webhook, async_trait,
    attribute::{Schema, Values},
    bytes::Bytes,
    clock::ThreadClock,
    findface::security::{self, Event},
    http::{Request, Response, StatusCode},
    policy::{Attempts, Backoff, Policy, Retry, RetryOn},
    transport::{Body, Context, TransportError},
};

/// Longer than any test takes on the slowest machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A runtime, and how many drivers a test spawns on it.
pub(crate) struct World {
    runtime: Runtime,
    drivers: usize,
}

enum Runtime {
    /// `futures::executor::block_on`, with a thread for each driver.
    Threads,
    #[cfg(feature = "tokio")]
    Tokio { handle: tokio::runtime::Handle, _stop: tokio::sync::oneshot::Sender<()> },
}

/// Spawned drivers. Each sends a message when it ends.
pub(crate) struct Running(Vec<mpsc::Receiver<()>>);

/// Runs a test on each runtime with 1, 2 and 4 drivers.
pub(crate) fn everywhere(test: impl Fn(&World)) {
    for drivers in [1, 2, 4] {
        for runtime in Runtime::all() {
            test(&World { runtime, drivers });
        }
    }
}

impl World {
    /// Returns the world without a runtime.
    pub(crate) fn threads(drivers: usize) -> Self {
        Self { runtime: Runtime::Threads, drivers }
    }

    pub(crate) fn clock(&self) -> Box<dyn Clock> {
        match &self.runtime {
            Runtime::Threads => Box::new(ThreadClock::new()),
            #[cfg(feature = "tokio")]
            Runtime::Tokio { handle, .. } => {
                let _inside = handle.enter();
                Box::new(recohook::clock::TokioClock::new())
            }
        }
    }

    /// Creates a notifier and spawns its drivers.
    pub(crate) fn start(
        &self,
        transport: impl Transport + 'static,
        config: Config,
    ) -> (Notifier, Running) {
        let notifier = Notifier::with_config(transport, self.clock(), config);
        let running = self.drive(&notifier);
        (notifier, running)
    }

    pub(crate) fn drive(&self, notifier: &Notifier) -> Running {
        Running((0..self.drivers).map(|_| self.spawn(notifier.driver())).collect())
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        match &self.runtime {
            Runtime::Threads => futures::executor::block_on(future),
            #[cfg(feature = "tokio")]
            Runtime::Tokio { handle, .. } => handle.block_on(future),
        }
    }

    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> mpsc::Receiver<()> {
        let (done, ended) = mpsc::channel();
        let task = async move {
            future.await;
            done.send(()).unwrap();
        };
        match &self.runtime {
            Runtime::Threads => drop(thread::spawn(|| futures::executor::block_on(task))),
            #[cfg(feature = "tokio")]
            Runtime::Tokio { handle, .. } => drop(handle.spawn(task)),
        }
        ended
    }
}

impl Runtime {
    fn all() -> Vec<Self> {
        vec![
            Self::Threads,
            #[cfg(feature = "tokio")]
            Self::tokio(tokio::runtime::Builder::new_current_thread()),
            #[cfg(feature = "tokio")]
            Self::tokio(tokio::runtime::Builder::new_multi_thread().worker_threads(2)),
        ]
    }

    /// Starts a tokio runtime on a thread of its own. It ends when the result is dropped.
    #[cfg(feature = "tokio")]
    fn tokio(mut builder: impl std::borrow::BorrowMut<tokio::runtime::Builder>) -> Self {
        let runtime = builder.borrow_mut().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        thread::spawn(move || drop(runtime.block_on(stopped)));
        Self::Tokio { handle, _stop: stop }
    }
}

impl Running {
    /// Waits until all drivers have ended.
    pub(crate) fn join(self) {
        for ended in self.0 {
            ended.recv_timeout(LONG).expect("a driver ends without a panic");
        }
    }
}

/// Runs code that hangs if it is wrong. Panics if it takes too long.
pub(crate) fn in_time<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    let thread = thread::spawn(move || drop(done.send(act())));
    match result.recv_timeout(LONG) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the code hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => unreachable!("the thread sends a result before it ends"),
        },
    }
}

pub(crate) fn filter(text: &str) -> Filter {
    Filter::parse(text, &security::FILTERS).unwrap()
}

/// Returns a webhook that matches everything and retries all failures after a millisecond.
pub(crate) fn webhook() -> Webhook {
    Webhook::new("http://127.0.0.1:9/", filter("{}")).unwrap().with_policy(eager(0))
}

/// Returns a policy with at most `attempts` attempts, a millisecond apart. 0 is unlimited.
pub(crate) fn eager(attempts: u32) -> Policy {
    let backoff = Backoff::constant(Duration::from_millis(1)).unwrap();
    let retry = Retry::new(Attempts::at_most(attempts).unwrap_or(Attempts::Unlimited), backoff)
        .with_retry_on(RetryOn::AnyFailure);
    Policy::default().with_retry(retry).with_timeout(LONG).unwrap()
}

pub(crate) fn event(id: impl ToString) -> Event {
    Event::new(id.to_string())
}

/// Returns the ids of the events in a request.
pub(crate) fn ids(request: &Request<Bytes>) -> Vec<String> {
    let events: Vec<Event> = serde_json::from_slice(request.body()).unwrap();
    events.into_iter().map(|event| event.id).collect()
}

pub(crate) type Answer = Result<Response<Body>, TransportError>;

pub(crate) fn status(code: u16) -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    Ok(response)
}

pub(crate) fn failure(kind: FailureKind) -> Answer {
    Err(kind.into())
}

/// Returns a transport that responds at once.
pub(crate) fn instant(
    answer: impl Fn(Request<Bytes>, Context) -> Answer + Send + Sync + 'static,
) -> impl Transport + 'static {
    slow(move |request, context| {
        let answer = answer(request, context);
        Box::pin(async { answer })
    })
}

/// Returns a transport that responds when a future is ready.
pub(crate) fn slow(
    answer: impl Fn(Request<Bytes>, Context) -> BoxFuture<'static, Answer> + Send + Sync + 'static,
) -> impl Transport + 'static {
    Closure(answer)
}

struct Closure<F>(F);

#[async_trait]
impl<F> Transport for Closure<F>
where
    F: Fn(Request<Bytes>, Context) -> BoxFuture<'static, Answer> + Send + Sync,
{
    async fn send(&self, request: Request<Bytes>, context: &Context) -> Answer {
        (self.0)(request, context.clone()).await
    }
}

/// A transport that accepts every request and remembers it.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<Request<Bytes>>>>);

impl Memory {
    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn keep(&self, request: Request<Bytes>) {
        self.0.lock().unwrap().push(request);
    }

    /// Returns the ids of all events so far, in the order of arrival.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.requests().iter().flat_map(ids).collect()
    }
}

#[async_trait]
impl Transport for Memory {
    async fn send(&self, request: Request<Bytes>, _context: &Context) -> Answer {
        self.keep(request);
        status(200)
    }
}

type Attributes = Box<dyn Fn(&mut Values) + Send + Sync>;
type Encode = Box<dyn Fn(Rendering, &mut Vec<u8>) -> Result<(), EncodeError> + Send + Sync>;

/// A notification that a test composes. It counts how often it is encoded.
pub(crate) struct Probe {
    pub(crate) schema: &'static Schema,
    pub(crate) attributes: Attributes,
    pub(crate) encode: Encode,
    encoded: AtomicUsize,
}

impl Probe {
    pub(crate) fn new() -> Self {
        Self {
            schema: &security::EVENTS,
            attributes: Box::new(|_| {}),
            encode: Box::new(|_, out| {
                out.extend_from_slice(b"{}");
                Ok(())
            }),
            encoded: AtomicUsize::new(0),
        }
    }

    pub(crate) fn with_attributes(act: impl Fn(&mut Values) + Send + Sync + 'static) -> Self {
        Self { attributes: Box::new(act), ..Self::new() }
    }

    pub(crate) fn with_encode(
        act: impl Fn(Rendering, &mut Vec<u8>) -> Result<(), EncodeError> + Send + Sync + 'static,
    ) -> Self {
        Self { encode: Box::new(act), ..Self::new() }
    }

    /// Returns a notification whose JSON text has this many bytes.
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        Self::with_encode(move |_, out| {
            out.resize(out.len() + bytes, b' ');
            Ok(())
        })
    }

    pub(crate) fn encoded(&self) -> usize {
        self.encoded.load(Ordering::Relaxed)
    }
}

impl Notification for Probe {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn id(&self) -> Cow<'_, str> {
        Cow::Borrowed("probe")
    }

    fn kind(&self) -> &str {
        "event_created"
    }

    fn attributes(&self, values: &mut Values) {
        (self.attributes)(values);
    }

    fn encode(&self, rendering: Rendering, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encoded.fetch_add(1, Ordering::Relaxed);
        (self.encode)(rendering, out)
    }
}
