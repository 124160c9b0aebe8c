//! The cost of sending over HTTP on loopback: a notifier with one driver on hyper, compared with a
//! bare loop over the same client, with as many requests at a time and the same bodies. The bodies
//! of the loop are ready before the measurement, or serialized from the events as in the notifier:
//! once for all webhooks.

mod hooks;

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use criterion::{Bencher, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use recohook::{
    Notifier,
    bytes::Bytes,
    clock::TokioClock,
    findface::security::Event,
    http::{HeaderMap, Method, Request, Response},
    transport::HyperTransport,
};
use tokio::{net::TcpListener, runtime, runtime::Runtime};

criterion_group!(benches, http);
criterion_main!(benches);

/// The number of requests at a time, and of webhooks. All are at one receiver.
const AT_ONCE: usize = 16;

/// Measures the time of one request. The throughput counts its notifications.
fn http(criterion: &mut Criterion) {
    let url = format!("http://{}/hook", receiver());
    let runtime = single_threaded();
    let mut group = criterion.benchmark_group("http");
    group.sample_size(10);
    for items in [1, 100] {
        group.throughput(Throughput::Elements(items as u64));
        let bare = Bare::new(&url, items);
        group.bench_function(BenchmarkId::new("bare client", items), |bencher| {
            let ready = Bytes::from(bare.body());
            let bodies = |each| vec![ready.clone(); each as usize];
            measure(bencher, items, |each| runtime.block_on(bare.send(|| bodies(each))));
        });
        group.bench_function(BenchmarkId::new("bare client that serializes", items), |bencher| {
            let bodies = |each| (0..each).map(|_| bare.body().into()).collect();
            measure(bencher, items, |each| runtime.block_on(bare.send(|| bodies(each))));
        });
        group.bench_function(BenchmarkId::new("notifier", items), |bencher| {
            let notifier = runtime.block_on(started(&url, items));
            measure(bencher, items, |each| runtime.block_on(send(&notifier, each, items)));
        });
    }
    group.finish();
}

/// Measures `send`, which makes a number of requests for each webhook and returns how long it took.
fn measure(bencher: &mut Bencher<'_>, items: usize, mut send: impl FnMut(u64) -> Duration) {
    bencher.iter_custom(|requests| {
        let each = requests.div_ceil(AT_ONCE as u64);
        let time = hooks::in_runs(each, 1_000 / items, &mut send);
        time.mul_f64(requests as f64 / (each * AT_ONCE as u64) as f64)
    });
}

/// Creates a notifier and spawns its driver.
async fn started(url: &str, items: usize) -> Notifier {
    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    for id in 0..AT_ONCE as u64 {
        notifier.insert(id, hooks::webhook(url, items)).expect("the webhook is valid");
    }
    tokio::spawn(notifier.driver());
    notifier
}

/// Returns the time to publish and deliver `each` batches for each webhook.
async fn send(notifier: &Notifier, each: u64, items: usize) -> Duration {
    let (event, before) = (hooks::event(7), notifier.total());
    let start = Instant::now();
    for _ in 0..each * items as u64 {
        notifier.publish(&event).expect("the queues have room");
    }
    let stats = notifier.flush(hooks::LONG).await;
    let time = start.elapsed();
    assert_eq!(stats.attempts - before.attempts, each * AT_ONCE as u64);
    assert_eq!(stats.delivered, stats.matched);
    time
}

/// The code of a server that has only an HTTP client.
struct Bare {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    headers: HeaderMap,
    events: Vec<Event>,
}

impl Bare {
    fn new(url: &str, items: usize) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: url.to_owned(),
            headers: hooks::webhook(url, items).headers().clone(),
            events: vec![hooks::event(7); items],
        }
    }

    fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&self.events).expect("the events are JSON")
    }

    /// Returns the time to make the bodies, and to send each of them from each of [`AT_ONCE`]
    /// tasks.
    async fn send(&self, bodies: impl FnOnce() -> Vec<Bytes>) -> Duration {
        let start = Instant::now();
        let bodies: Arc<[Bytes]> = bodies().into();
        let tasks = (0..AT_ONCE).map(|_| {
            let (client, url) = (self.client.clone(), self.url.parse().expect("the URL is valid"));
            let mut request = Request::new(());
            (*request.method_mut(), *request.uri_mut()) = (Method::POST, url);
            *request.headers_mut() = self.headers.clone();
            let bodies = Arc::clone(&bodies);
            tokio::spawn(async move {
                for body in &*bodies {
                    let request = request.clone().map(|()| Full::new(body.clone()));
                    let response = client.request(request).await.expect("the receiver responds");
                    assert!(response.status().is_success());
                    response.into_body().collect().await.expect("the body is complete");
                }
            })
        });
        for task in Vec::from_iter(tasks) {
            task.await.expect("the task does not panic");
        }
        start.elapsed()
    }
}

/// Starts a receiver on a thread of its own. It reads each request and answers 200.
fn receiver() -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        single_threaded().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
            sender
                .send(listener.local_addr().expect("the socket is bound"))
                .expect("the caller waits");
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).expect("the option can be set");
                let connection = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(accept));
                tokio::spawn(async move { drop(connection.await) });
            }
        });
    });
    address.recv().expect("the receiver starts")
}

async fn accept(mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    while let Some(Ok(_)) = request.body_mut().frame().await {}
    Ok(Response::new(Full::default()))
}

fn single_threaded() -> Runtime {
    runtime::Builder::new_current_thread().enable_all().build().expect("the runtime can be built")
}
