//! End to end on the smol runtime and its sockets: documented notifications reach a receiver
//! through documented filters, in batches and with retries. The crate does not depend on a runtime,
//! so the program differs from the quickstart only in how it spawns and sends.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use recohook::{
    Filter, Notification, Notifier, Reported, Transport, Webhook, async_trait,
    bytes::Bytes,
    clock::ThreadClock,
    findface::security::{self, AnyNotification, Event, parse_delivery},
    http::{Request, Response},
    policy::{Attempts, Backoff, Batching, Retry, RetryOn},
    transport::{Body, Context, TransportError},
};
use smol::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

const LONG: Duration = Duration::from_secs(60);

/// The filters of the vendor's documentation, as it writes them.
const FILTERS: [(&str, &str); 5] = [
    ("1", "{}"),
    ("2", r#"{ "events": {} }"#),
    ("3", r#"{ "episodes": { "allowed_types": ["episode_open"], "matched": true }}"#),
    ("4", r#"{ "events": { "camera_group_in": [1, 3], "matched_dossier_in": [12, 25] } }"#),
    ("5", r#"{ "events": { "camera_in": [], "matched": true } }"#),
];

/// The bodies of the vendor's documentation.
const DOCUMENTED: [&[u8]; 8] = [
    include_bytes!("data/findface-security-2020/event.json"),
    include_bytes!("data/findface-security-2020/episode_opening.json"),
    include_bytes!("data/findface-security-2020/episode_closing.json"),
    include_bytes!("data/findface-security-2020/counter_record.json"),
    include_bytes!("data/findface-security-2020/event.verbose.json"),
    include_bytes!("data/findface-security-2020/episode_opening.verbose.json"),
    include_bytes!("data/findface-security-2020/episode_closing.verbose.json"),
    include_bytes!("data/findface-security-2020/counter_record.verbose.json"),
];

#[test]
fn the_quickstart_runs_on_smol() {
    smol::block_on(async {
        let receiver = Receiver::start().await.unwrap();
        let notifier = Notifier::new(Plain, ThreadClock::new());
        let mut reports = notifier.reports();
        let journal = smol::spawn(async move {
            let mut lines = Vec::new();
            while let Some(Reported::Report(report)) = reports.next().await {
                lines.push(report.to_string());
            }
            lines
        });

        for (id, filter) in FILTERS {
            let policy = security::policy().with_batch(Batching::at_most(3).unwrap());
            let webhook = receiver.webhook(&format!("/hook/{id}"), filter).with_policy(policy);
            notifier.insert(id, webhook).unwrap();
        }
        let event = publish_all(&notifier);
        // The driver is spawned only now, so that it finds full queues and the batches are known.
        let driver = smol::spawn(notifier.driver());
        let stats = notifier.flush(LONG).await;
        assert_eq!((stats.delivered, stats.attempts, stats.failures), (13, 6, 0));
        assert_documented(&receiver);

        notifier.replace_all([("6".into(), stubborn(&receiver))]).unwrap();
        notifier.publish(&AnyNotification::from(event)).unwrap();
        let total = notifier.shutdown(LONG).await;
        driver.await;
        assert_eq!((total.matched, total.accepted, total.delivered), (14, 14, 14));
        assert_eq!((total.attempts, total.failures), (11, 4));
        assert_stubborn(&receiver, &journal.await);
    });
}

/// Publishes the documented notifications and one more event, which it returns.
fn publish_all(notifier: &Notifier) -> Event {
    for body in DOCUMENTED {
        for notification in parse_delivery(body).unwrap() {
            notifier.publish(&notification).unwrap();
        }
    }
    let event = Event::new("4285000000000000001").camera_group(3).matched(true).matched_dossier(25);
    assert_eq!(notifier.publish(&event).unwrap().queued, 3);
    event
}

/// Asserts that each webhook got the notifications that its filter matches. Those of each topic
/// come in order and in batches of three.
fn assert_documented(receiver: &Receiver) {
    let events = ["4267625862518432158", "4284552331019521692", "4285000000000000001"];
    let mut lanes = BTreeMap::<_, Vec<Vec<String>>>::new();
    for arrived in receiver.take() {
        lanes.entry((arrived.path, arrived.topic)).or_default().push(arrived.ids);
    }
    let lanes: Vec<_> =
        lanes.iter().map(|((path, topic), batches)| (path.as_str(), *topic, &**batches)).collect();
    let batch = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        lanes,
        [
            ("/hook/1", "counters", &[batch(&["16", "1253"])] as &[_]),
            ("/hook/1", "episodes", &[batch(&["2118", "518", "104229"]), batch(&["104236"])]),
            ("/hook/1", "events", &[batch(&events)]),
            ("/hook/2", "events", &[batch(&events)]),
            ("/hook/4", "events", &[batch(&events[2..])]),
        ]
    );
}

/// Returns a webhook with the documented retries, except for the time between them.
fn stubborn(receiver: &Receiver) -> Webhook {
    let backoff =
        Backoff::exponential(Duration::from_millis(1), 2.7, Duration::from_millis(10)).unwrap();
    let retry =
        Retry::new(Attempts::at_most(10).unwrap(), backoff).with_retry_on(RetryOn::AnyFailure);
    let webhook = receiver.webhook("/stubborn", r#"{ "events": { "matched": true } }"#);
    webhook.with_policy(security::policy().with_retry(retry))
}

/// Asserts that one delivery was repeated until it was accepted, and that the journal shows each
/// attempt.
fn assert_stubborn(receiver: &Receiver, journal: &[String]) {
    let arrived = receiver.take();
    assert_eq!(arrived.len(), 5);
    for one in &arrived {
        assert_eq!(one.ids, ["4285000000000000001"]);
        assert_eq!(one.delivery, arrived[0].delivery);
    }
    let refused: Vec<_> = journal.iter().filter(|line| line.contains("Error")).collect();
    assert_eq!(refused.len(), 4, "{journal:#?}");
    for (attempt, line) in (1..).zip(refused) {
        let expected = format!("405, message='Method Not Allowed'. Attempt {attempt} out of 10.");
        assert!(line.contains(&expected), "{line}");
    }
    assert_eq!(journal.len(), 6 + 5);
}

/// A transport that sends each request over a connection of its own, on smol's sockets.
struct Plain;

#[async_trait]
impl Transport for Plain {
    async fn send(
        &self,
        request: Request<Bytes>,
        _context: &Context,
    ) -> Result<Response<Body>, TransportError> {
        let authority = request.uri().authority().ok_or("no authority");
        let authority = authority.map_err(TransportError::invalid_request)?.as_str();
        let stream = TcpStream::connect(authority).await.map_err(TransportError::connect)?;
        let answer = exchange(stream, &request).await.map_err(TransportError::interrupted)?;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        let response = Response::builder().status(status).body(Body::from(answer.into_bytes()));
        response.map_err(TransportError::protocol)
    }
}

async fn exchange(mut stream: TcpStream, request: &Request<Bytes>) -> io::Result<String> {
    let (uri, body) = (request.uri(), request.body());
    let mut head = format!("POST {} HTTP/1.1\r\nhost: {}\r\n", uri.path(), stream.peer_addr()?);
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().map_err(io::Error::other)?);
    }
    head += &format!("connection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// A receiver that keeps what it gets, and refuses the first four requests to `/stubborn`.
struct Receiver {
    address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

struct Arrived {
    path: String,
    delivery: String,
    topic: &'static str,
    ids: Vec<String>,
}

impl Receiver {
    async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&arrived);
        smol::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                smol::spawn(receive(stream, Arc::clone(&keep))).detach();
            }
        })
        .detach();
        Ok(Self { address, arrived })
    }

    fn webhook(&self, path: &str, filter: &str) -> Webhook {
        let filter = Filter::parse(filter, &security::FILTERS).unwrap();
        let webhook = Webhook::new(&format!("http://{}{path}", self.address), filter).unwrap();
        webhook.with_delivery_id_header("x-delivery").unwrap()
    }

    /// Returns the requests that have arrived since the last call.
    fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.arrived.lock().unwrap())
    }
}

async fn receive(stream: TcpStream, arrived: Arc<Mutex<Vec<Arrived>>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head += &line;
    }
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(of, _)| *of == name).unwrap().1
    };
    let mut body = vec![0; header("content-length").parse().unwrap()];
    stream.read_exact(&mut body).await?;
    let notifications = parse_delivery(&body).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let refuse = {
        let mut arrived = arrived.lock().unwrap();
        arrived.push(Arrived {
            path: path.clone(),
            delivery: header("x-delivery").to_owned(),
            topic: notifications[0].schema().topic(),
            ids: notifications.iter().map(|notification| notification.id().into_owned()).collect(),
        });
        path == "/stubborn" && arrived.len() <= 4
    };
    let status = if refuse { "405 Method Not Allowed" } else { "200 OK" };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).await
}
