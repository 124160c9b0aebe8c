//! End to end over loopback: every byte that a receiver gets, and receivers that misbehave.
#![cfg(feature = "hyper")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    convert::Infallible,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use recohook::{
    Filter, Limits, Notifier, Reported, Webhook,
    bytes::Bytes,
    clock::TokioClock,
    filter::FilterError,
    findface::security::{self, AnyNotification, Event, parse_delivery},
    http::{Request, Response},
    policy::{Attempts, Backoff, Batching, Policy, Retry, RetryOn, Success},
    report::{Remark, Report, ReportEvent, Stats},
    signature::{HmacSha256, Secret},
    transport::HyperTransport,
};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(60);

fn filter(text: &str) -> Filter {
    Filter::parse(text, &security::FILTERS).unwrap()
}

/// Returns the documented policy with other times: a millisecond between attempts, and a minute for
/// each.
fn impatient() -> Policy {
    let backoff = Backoff::constant(Duration::from_millis(1)).unwrap();
    let retry =
        Retry::new(Attempts::at_most(10).unwrap(), backoff).with_retry_on(RetryOn::AnyFailure);
    security::policy().with_retry(retry).with_timeout(LONG).unwrap()
}

fn webhook(receiver: SocketAddr) -> Webhook {
    let url = format!("http://{receiver}/hook?site=north");
    Webhook::new(&url, filter("{}")).unwrap().with_policy(impatient())
}

/// Registers a webhook, publishes events one after the other, and waits until all are settled.
/// Returns the statistics and the causes of the failed attempts.
async fn deliver(webhook: Webhook, events: usize) -> (Stats, Vec<String>) {
    let cause = |report: &Report| match report.event() {
        ReportEvent::Failed { cause, .. } | ReportEvent::Dead { cause, .. } => {
            vec![cause.as_str().to_owned()]
        }
        _ => Vec::new(),
    };
    deliver_and_take(webhook, events, cause).await
}

/// Does the same as [`deliver`], but returns what `take` takes from each report.
async fn deliver_and_take(
    webhook: Webhook,
    events: usize,
    take: impl Fn(&Report) -> Vec<String>,
) -> (Stats, Vec<String>) {
    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let mut reports = notifier.reports();
    notifier.insert("one", webhook).unwrap();
    for id in 1..=events {
        notifier.publish(&Event::empty(id.to_string())).unwrap();
        notifier.flush(LONG).await;
    }
    let stats = notifier.shutdown(LONG).await;
    driver.await.unwrap();
    let mut taken = Vec::new();
    while let Some(Reported::Report(report)) = reports.try_next() {
        taken.extend(take(&report));
    }
    (stats, taken)
}

/// A receiver on plain sockets, which keeps every byte of each request and may answer with any
/// bytes.
struct RawReceiver {
    address: SocketAddr,
    requests: mpsc::Receiver<RawRequest>,
}

struct RawRequest {
    /// The number of its connection, from 0.
    connection: usize,
    head: Vec<String>,
    body: Vec<u8>,
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

impl RawReceiver {
    /// Starts a receiver that calls `answer` after each request, with the number of earlier
    /// requests. If `answer` fails, the connection is closed.
    fn start(answer: impl Fn(usize, &mut TcpStream) -> io::Result<()> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (received, requests) = mpsc::channel();
        thread::spawn(move || {
            let mut count = 0;
            for (connection, stream) in listener.incoming().enumerate() {
                let mut stream = BufReader::new(stream.unwrap());
                while let Ok((head, body)) = read(&mut stream) {
                    if received.send(RawRequest { connection, head, body }).is_err() {
                        return;
                    }
                    count += 1;
                    if answer(count - 1, stream.get_mut()).is_err() {
                        break;
                    }
                }
            }
        });
        Self { address, requests }
    }

    fn next(&self) -> RawRequest {
        self.requests.recv_timeout(LONG).unwrap()
    }

    /// Returns how many more requests there were.
    fn rest(&self) -> usize {
        self.requests.try_iter().count()
    }
}

fn read(stream: &mut impl BufRead) -> io::Result<(Vec<String>, Vec<u8>)> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.strip_suffix("\r\n").expect("each line ends with CRLF").to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let length = head.iter().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.expect("the request has a content length").parse().unwrap()];
    stream.read_exact(&mut body)?;
    Ok((head, body))
}

/// A receiver on hyper that keeps bodies by path.
struct Receiver {
    address: SocketAddr,
    bodies: Kept,
}

type Kept = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bodies = Kept::default();
        let kept = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                let service = service_fn(move |request| accept(Arc::clone(&kept), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, bodies }
    }

    /// Returns the notifications that were sent to `path`, batch by batch.
    fn batches(&self, path: &str) -> Vec<Vec<Value>> {
        let bodies = self.bodies.lock().unwrap();
        let own = bodies.iter().filter(|(to, _)| to == path);
        own.map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }
}

async fn accept(
    kept: Kept,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    kept.lock().unwrap().push((path, body.to_vec()));
    Ok(Response::new(Full::default()))
}

#[tokio::test]
async fn every_byte_of_a_request_is_as_configured() {
    let receiver = RawReceiver::start(|_, stream| stream.write_all(OK));
    let secret = Secret::new("It's a Secret to Everybody").unwrap();
    let two = impatient().with_batch(Batching::at_most(2).unwrap().with_linger(LONG));
    let one = webhook(receiver.address)
        .with_policy(two)
        .with_header("X-Site", "north gate")
        .unwrap()
        .with_header("Authorization", "Bearer token")
        .unwrap()
        .with_delivery_id_header("X-Delivery")
        .unwrap()
        .with_signer(HmacSha256::new(&secret));
    let config = recohook::Config::default().with_seed(7);
    let notifier = Notifier::with_config(HyperTransport::new(), TokioClock::new(), config);
    let driver = tokio::spawn(notifier.driver());
    notifier.insert("one", one).unwrap();
    notifier.publish(&Event::empty("42").camera(3).confidence(0.5)).unwrap();
    notifier.publish(&Event::empty("\u{e9}\n").matched(true)).unwrap();
    assert_eq!(notifier.shutdown(LONG).await.delivered, 2);
    driver.await.unwrap();

    let mut request = receiver.next();
    assert_eq!(request.head.remove(0), "POST /hook?site=north HTTP/1.1");
    request.head.sort();
    let delivery = request.head.iter().find(|line| line.starts_with("X-Delivery: ")).unwrap();
    let (epoch, sequence) = delivery["X-Delivery: ".len()..].split_once('-').unwrap();
    assert!(
        epoch.len() == 16 && epoch.bytes().all(|byte| byte.is_ascii_hexdigit()) && sequence == "1"
    );
    assert_eq!(
        request.head,
        [
            "Authorization: Bearer token".to_owned(),
            "Content-Length: 70".to_owned(),
            "Content-Type: application/json".to_owned(),
            format!("Host: {}", receiver.address),
            concat!("User-Agent: recohook/", env!("CARGO_PKG_VERSION")).to_owned(),
            delivery.clone(),
            // Computed with Python's `hmac` from the body below.
            "X-Signature-256: sha256=77792e3329f3a7ed32c7c7517d5fa008590d1e6f0bc4d9c49db73658b0d13452".to_owned(),
            "X-Site: north gate".to_owned(),
        ]
    );
    let body = r#"[{"id":"42","camera":3,"confidence":0.5},{"id":"é\n","matched":true}]"#;
    assert_eq!(String::from_utf8(request.body).unwrap(), body);
    assert_eq!(receiver.rest(), 0);
}

#[tokio::test]
async fn one_connection_serves_many_deliveries() {
    let receiver = RawReceiver::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\naccepted")
    });
    let (stats, _) = deliver(webhook(receiver.address), 20).await;
    assert_eq!((stats.delivered, stats.attempts), (20, 20));
    for id in 1..=20 {
        let request = receiver.next();
        assert_eq!(request.connection, 0);
        assert_eq!(request.body, format!(r#"[{{"id":"{id}"}}]"#).as_bytes());
    }
}

#[tokio::test]
async fn a_receiver_that_refuses_four_times_gets_the_same_delivery_five_times() {
    let receiver = RawReceiver::start(|count, stream| match count {
        0..4 => stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n"),
        _ => stream.write_all(OK),
    });
    let one = webhook(receiver.address).with_delivery_id_header("x-delivery").unwrap();
    let (stats, causes) = deliver(one, 1).await;
    assert_eq!((stats.delivered, stats.attempts, stats.failures), (1, 5, 4));
    assert_eq!(causes, ["4xx"; 4]);
    let first = receiver.next();
    for _ in 1..5 {
        let next = receiver.next();
        assert_eq!((&next.head, &next.body), (&first.head, &first.body));
    }
    assert_eq!(receiver.rest(), 0);
}

#[tokio::test]
async fn a_response_that_never_ends_times_out() {
    let policy = impatient().with_timeout(Duration::from_secs(2)).unwrap();
    let deliveries = [&b""[..], b"HTTP/1.1 200 OK\r\nx-ha"].map(|silence| {
        let receiver = RawReceiver::start(move |count, stream| match count {
            0 => {
                stream.write_all(silence)?;
                // Waits until the sender closes the connection.
                stream.read(&mut [0]).map(drop)?;
                Err(io::ErrorKind::TimedOut.into())
            }
            _ => stream.write_all(OK),
        });
        let one = webhook(receiver.address).with_policy(policy.clone());
        async { (deliver(one, 1).await, receiver) }
    });
    for ((stats, causes), receiver) in futures::future::join_all(deliveries).await {
        assert_eq!((stats.delivered, stats.attempts), (1, 2));
        assert_eq!(causes, ["timeout"]);
        let (first, second) = (receiver.next(), receiver.next());
        assert_eq!((first.connection, second.connection), (0, 1));
        assert_eq!(first.body, second.body);
    }
}

#[tokio::test]
async fn a_response_of_gigabytes_is_read_only_up_to_the_bound() {
    let (sent, received) = mpsc::channel();
    let receiver = RawReceiver::start(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8589934592\r\n\r\n")?;
        let (chunk, mut bytes) = ([b'x'; 65536], 0);
        let ended = loop {
            match stream.write_all(&chunk) {
                Ok(()) => bytes += chunk.len(),
                Err(error) => break error,
            }
        };
        sent.send(bytes).unwrap();
        Err(ended)
    });
    let (stats, _) = deliver(webhook(receiver.address), 1).await;
    assert_eq!((stats.delivered, stats.attempts), (1, 1));
    // Besides the bound, the buffers of both sockets hold some bytes.
    let bytes = received.recv_timeout(LONG).unwrap();
    assert!(bytes < Limits::default().max_response_bytes() + 64 * 1024 * 1024, "{bytes}");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let elsewhere = RawReceiver::start(|_, stream| stream.write_all(OK));
    let target = elsewhere.address;
    for code in [301, 302, 303, 307, 308] {
        let receiver = RawReceiver::start(move |count, stream| match count {
            0 => write!(
                stream,
                "HTTP/1.1 {code} Elsewhere\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n"
            ),
            _ => stream.write_all(OK),
        });
        let (stats, causes) = deliver(webhook(receiver.address), 1).await;
        assert_eq!((stats.delivered, stats.attempts), (1, 2));
        assert_eq!(causes, ["3xx"]);
    }
    assert_eq!(elsewhere.rest(), 0);
}

#[tokio::test]
async fn the_success_rule_decides_and_not_the_transport() {
    for (rule, code, delivered) in [
        (Success::Any2xx, 204, 1),
        (Success::Below400, 304, 1),
        (Success::one_of([http(201), http(409)]).unwrap(), 409, 1),
        (Success::Exactly(http(200)), 202, 0),
    ] {
        let receiver = RawReceiver::start(move |_, stream| {
            write!(stream, "HTTP/1.1 {code} Code\r\nconnection: close\r\n\r\n")?;
            Err(io::ErrorKind::ConnectionAborted.into())
        });
        let once =
            impatient().with_retry(Retry::new(Attempts::at_most(1).unwrap(), Backoff::default()));
        let one = webhook(receiver.address).with_policy(once.with_success(rule));
        assert_eq!(deliver(one, 1).await.0.delivered, delivered, "{code}");
    }
}

fn http(code: u16) -> recohook::http::StatusCode {
    recohook::http::StatusCode::from_u16(code).unwrap()
}

#[tokio::test]
async fn broken_connections_and_invalid_responses_are_retried() {
    for (garbage, cause) in [
        (&b""[..], "interrupted"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n", "interrupted"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "protocol"),
    ] {
        let receiver = RawReceiver::start(move |count, stream| match count {
            0 => {
                stream.write_all(garbage)?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            _ => stream.write_all(OK),
        });
        let (stats, causes) = deliver(webhook(receiver.address), 1).await;
        assert_eq!((stats.delivered, stats.attempts), (1, 2));
        assert_eq!(causes, [cause]);
    }
}

#[tokio::test]
async fn t2_a_body_that_is_cut_or_invalid_is_only_a_remark() {
    for (answer, delivered, kind) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"[..], 1, "interrupted"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nmany\r\n", 1, "protocol"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwait\r\n", 1, "interrupted"),
        (b"HTTP/1.1 410 Gone\r\ncontent-length: 10\r\n\r\nhalf", 0, "interrupted"),
    ] {
        let receiver = RawReceiver::start(move |_, stream| {
            stream.write_all(answer)?;
            Err(io::ErrorKind::ConnectionAborted.into())
        });
        let transient = impatient().with_retry(Retry::default());
        let webhook = webhook(receiver.address).with_policy(transient);
        let (stats, remarks) = deliver_and_take(webhook, 1, |report| {
            let remarks = report.remarks().iter().map(|remark| match remark {
                Remark::BodyFailed { kind, .. } => kind.as_str().to_owned(),
                other => panic!("{other:?}"),
            });
            remarks.collect()
        })
        .await;
        assert_eq!((stats.delivered, stats.dead, stats.attempts), (delivered, 1 - delivered, 1));
        assert_eq!(remarks, [kind]);
    }
}

#[tokio::test]
async fn a_receiver_that_closes_at_once_or_does_not_exist_gets_all_attempts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let closing: JoinHandle<()> = thread::spawn(move || {
        for stream in listener.incoming().take(3) {
            drop(stream);
        }
    });
    let (stats, causes) = deliver(webhook(address), 1).await;
    closing.join().unwrap();
    assert_eq!((stats.dead, stats.attempts), (1, 10));
    assert_eq!(causes.len(), 10);
    // A connection is reset before or while the request is written, and later ones are refused.
    assert!(causes.iter().all(|cause| ["interrupted", "connect"].contains(&cause.as_str())));
    assert_eq!(causes.last().unwrap(), "connect");
}

#[tokio::test]
async fn retry_after_of_a_real_response_blocks_the_webhook() {
    let receiver = RawReceiver::start(|count, stream| match count {
        0 => stream.write_all(
            b"HTTP/1.1 503 Busy\r\ndate: Sun, 06 Nov 1994 08:49:00 GMT\r\nretry-after: \
              Sun, 06 Nov 1994 08:50:00 GMT\r\ncontent-length: 0\r\n\r\n",
        ),
        _ => stream.write_all(OK),
    });
    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    notifier.insert("one", webhook(receiver.address)).unwrap();
    notifier.publish(&Event::empty("1")).unwrap();
    while notifier.total().failures == 0 {
        tokio::task::yield_now().await;
    }
    let blocked_for = notifier.status("one").unwrap().blocked_for;
    assert!(
        blocked_for > Duration::from_secs(30) && blocked_for <= Duration::from_secs(60),
        "{blocked_for:?}"
    );
    notifier.remove("one").unwrap();
    notifier.shutdown(LONG).await;
    driver.await.unwrap();
}

macro_rules! documented {
    ($($name:literal),* $(,)?) => {
        [$(include_str!(concat!("data/findface-security-2020/", $name, ".json"))),*]
    };
}

/// The documented bodies. Those at even positions have ids, and the others have whole entities.
const BODIES: [&str; 8] = documented![
    "event",
    "event.verbose",
    "episode_opening",
    "episode_opening.verbose",
    "episode_closing",
    "episode_closing.verbose",
    "counter_record",
    "counter_record.verbose",
];

#[tokio::test]
async fn the_documented_filters_select_the_documented_bodies() {
    /// A path, a filter, and the positions of the bodies that the filter matches, section by
    /// section.
    const CASES: &[(&str, &str, &[&[usize]])] = &[
        ("/all", "{}", &[&[0, 1], &[2, 3, 4, 5], &[6, 7]]),
        ("/example-1", r#"{ "events": {} }"#, &[&[0, 1]]),
        // In no documented episode is `matched` true.
        (
            "/example-2",
            r#"{ "episodes": { "allowed_types": ["episode_open"], "matched": true }}"#,
            &[],
        ),
        (
            "/unmatched-openings",
            r#"{ "episodes": { "allowed_types": ["episode_open"], "matched": false }}"#,
            &[&[2, 3]],
        ),
        // The documented text has trailing commas, which are not valid JSON. No documented event
        // has a dossier.
        (
            "/example-3",
            r#"{"events": {"camera_group_in": [1, 3], "matched_dossier_in": [12, 25]}}"#,
            &[],
        ),
        ("/group-1-or-3", r#"{"events": {"camera_group_in": [1, 3]}}"#, &[&[0, 1]]),
        (
            "/camera-1",
            r#"{"events": {"camera_in": [1]}, "counters": {"camera_in": [1]}}"#,
            &[&[1], &[7]],
        ),
        ("/unmatched-list", r#"{"events": {"matched_lists_in": [-1]}}"#, &[&[0, 1]]),
        ("/long-episodes", r#"{"episodes": {"events_count_gte": 2}}"#, &[&[5]]),
        ("/two-faces", r#"{"counters": {"faces_gte": 2, "silhouettes_lte": 3}}"#, &[&[6]]),
        // Documented: an empty list matches nothing.
        ("/template", include_str!("data/findface-security-2020/filters.all-keys.json"), &[]),
    ];
    let receiver = Receiver::start().await;
    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let batches = security::policy().with_batch(Batching::at_most(10).unwrap().with_linger(LONG));
    for (path, text, _) in CASES {
        let url = format!("http://{}{path}", receiver.address);
        let one = Webhook::new(&url, filter(text)).unwrap().with_policy(batches.clone());
        notifier.insert(*path, one).unwrap();
    }
    let mut expected = Vec::new();
    for body in BODIES {
        let [notification]: [AnyNotification; 1] =
            parse_delivery(body.as_bytes()).unwrap().try_into().unwrap();
        notifier.publish(&notification).unwrap();
        expected.extend(serde_json::from_str::<Vec<Value>>(body).unwrap());
    }
    let stats = notifier.shutdown(LONG).await;
    driver.await.unwrap();
    assert_eq!((stats.delivered, stats.failures), (stats.matched, 0));
    for (path, _, passing) in CASES {
        let mut batches = receiver.batches(path);
        batches.sort_by_key(|batch| expected.iter().position(|one| *one == batch[0]));
        let wanted = passing.iter().map(|batch| batch.iter().map(|at| expected[*at].clone()));
        let wanted: Vec<Vec<Value>> = wanted.map(Iterator::collect).collect();
        assert_eq!(batches, wanted, "{path}");
    }
}

#[test]
fn the_third_documented_filter_is_refused_as_it_is_printed() {
    let printed = "{
            \"events\": {
                    \"camera_group_in\": [1, 3],
                    \"matched_dossier_in\": [12, 25],
            },
    }";
    let error: FilterError = Filter::parse(printed, &security::FILTERS).unwrap_err();
    assert_eq!(error.to_string(), "line 5 column 13: not valid JSON: trailing comma");
}
