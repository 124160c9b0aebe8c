//! Connections that break, age, or cannot be opened.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use recohook::{
    FailureKind, Filter, Notifier, Webhook, async_trait,
    clock::TokioClock,
    faceio,
    findface::security::{self, Event},
    openbiometrics,
    signature::{HmacSha256, Secret},
    target::TargetPolicy,
    transport::{HyperTransport, Resolver},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Barrier,
};

use crate::receiver::{
    LONG, OK, attempts, deliver, exchange, read_request, receiver, send, send_under, url,
};

/// Starts a receiver that counts its connections and requests.
async fn counting() -> (SocketAddr, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let address = receiver(move |number, mut stream| {
        counter.store(number + 1, Ordering::SeqCst);
        async move {
            while read_request(&mut stream).await {
                stream.write_all(OK).await.unwrap();
            }
        }
    })
    .await;
    (address, connections)
}

/// Opens 12 connections to a receiver that resets each of them when it is used again.
async fn twelve_stale(transport: &HyperTransport) -> String {
    let barrier = Arc::new(Barrier::new(12));
    let address = receiver(move |number, mut stream| {
        let barrier = Arc::clone(&barrier);
        async move {
            while read_request(&mut stream).await {
                if number < 12 {
                    // All 12 are in use at the same time.
                    barrier.wait().await;
                    stream.write_all(OK).await.unwrap();
                    // A byte that is not read makes the end of the connection a reset.
                    stream.readable().await.unwrap();
                    return;
                }
                stream.write_all(OK).await.unwrap();
            }
        }
    })
    .await;
    let url = url(address);
    let first = (0..12).map(|_| exchange(transport, &url));
    let statuses = futures::future::join_all(first).await;
    assert_eq!(statuses, [200; 12]);
    url
}

#[tokio::test]
async fn t4_of_many_stale_connections_only_one_is_tried() {
    let transport = HyperTransport::new();
    let url = twelve_stale(&transport).await;
    let error = send(&transport, &url).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::StaleConnection);
    for _ in 0..3 {
        assert_eq!(exchange(&transport, &url).await, 200);
    }
}

#[tokio::test]
async fn t4_a_stale_connection_does_not_cost_an_attempt() {
    let transport = HyperTransport::new();
    let url = twelve_stale(&transport).await;
    let (stats, causes) = deliver(transport, &attempts(1), &[url]).await;
    assert_eq!((stats.delivered, stats.attempts, stats.failures), (1, 1, 0));
    assert!(causes.is_empty());
}

#[tokio::test]
async fn t4_an_attempt_that_gets_no_answer_closes_the_hosts_older_connections() {
    let barrier = Arc::new(Barrier::new(3));
    let closed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&closed);
    let address = receiver(move |_, mut stream| {
        let (barrier, closed) = (Arc::clone(&barrier), Arc::clone(&counter));
        async move {
            read_request(&mut stream).await;
            barrier.wait().await;
            stream.write_all(OK).await.unwrap();
            // Nothing more is answered, as behind a firewall that has forgotten the connection.
            while !matches!(stream.read(&mut [0; 1024]).await, Ok(0) | Err(_)) {}
            closed.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let (transport, url) = (HyperTransport::new(), url(address));
    futures::future::join_all((0..3).map(|_| exchange(&transport, &url))).await;
    let given_up = tokio::time::timeout(Duration::from_millis(50), send(&transport, &url)).await;
    assert!(given_up.is_err());
    while closed.load(Ordering::SeqCst) < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn t10_all_idle_connections_are_bounded() {
    let transport = HyperTransport::builder().with_max_idle(2).build();
    let mut receivers = Vec::new();
    for _ in 0..3 {
        receivers.push(counting().await);
    }
    for _ in 0..2 {
        for (address, _) in &receivers {
            exchange(&transport, &url(*address)).await;
        }
    }
    // Each is the oldest when the next one needs its place.
    for (_, connections) in &receivers {
        assert_eq!(connections.load(Ordering::SeqCst), 2);
    }
    exchange(&transport, &url(receivers[2].0)).await;
    assert_eq!(receivers[2].1.load(Ordering::SeqCst), 2);
}

/// The addresses of the loopback network on which the receivers of T10 listen.
fn many_addresses() -> impl Iterator<Item = IpAddr> {
    (1..=150).map(|last| [127, 0, 1, last].into())
}

/// Sends from a process of its own, because the limit applies to a process.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn t10_without_descriptors_idle_connections_give_way() {
    let listeners = many_addresses().map(|address| TcpListener::bind((address, 7410)));
    for listener in futures::future::join_all(listeners).await {
        let listener = listener.unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                while read_request(&mut stream).await {
                    stream.write_all(OK).await.unwrap();
                }
            }
        });
    }
    let sender = tokio::process::Command::new("sh")
        .args(["-c", "ulimit -n 128 && exec \"$0\" --exact \"$1\" --ignored"])
        .arg(std::env::current_exe().unwrap())
        .arg("connections::t10_sender_with_few_descriptors")
        .output();
    let output = sender.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
#[ignore = "the test above runs it in a process with few descriptors"]
async fn t10_sender_with_few_descriptors() {
    let transport = HyperTransport::new();
    let mut held = Vec::new();
    for address in many_addresses() {
        assert_eq!(exchange(&transport, &format!("http://{address}:7410/")).await, 200);
    }
    // If other things hold all descriptors, nobody can help, but the receiver is not to blame.
    while let Ok(file) = std::fs::File::open("/dev/null") {
        held.push(file);
    }
    assert!(send(&transport, "http://127.0.1.150:7410/").await.is_ok(), "it is idle");
    held.extend(std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()));
    let error = send(&transport, "http://127.0.1.1:7410/").await.map(drop);
    println!("{error:?}");
}

#[tokio::test]
async fn t11_a_connection_is_not_used_for_ever() {
    let (address, connections) = counting().await;
    let age = Duration::from_millis(5);
    let transport = HyperTransport::builder().with_max_connection_age(age).build();
    exchange(&transport, &url(address)).await;
    tokio::time::sleep(age).await;
    exchange(&transport, &url(address)).await;
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn times_without_an_end_are_allowed() {
    let (address, connections) = counting().await;
    let transport = HyperTransport::builder()
        .with_max_connection_age(Duration::MAX)
        .with_idle_timeout(Duration::MAX)
        .with_connect_timeout(Duration::MAX)
        .build();
    for _ in 0..3 {
        assert_eq!(exchange(&transport, &url(address)).await, 200);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn idle_connections_are_closed_without_a_further_request() {
    let (closed, mut is_closed) = tokio::sync::mpsc::channel(1);
    let address = receiver(move |_, mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(OK).await.unwrap();
            assert_eq!(stream.read(&mut [0; 10]).await.unwrap(), 0);
            closed.send(()).await.unwrap();
        }
    })
    .await;
    let transport = HyperTransport::builder().with_idle_timeout(Duration::from_millis(5)).build();
    for _ in 0..2 {
        exchange(&transport, &url(address)).await;
        is_closed.recv().await.unwrap();
    }
}

/// Resolves each name to the same addresses.
struct Fixed(Vec<IpAddr>);

#[async_trait]
impl Resolver for Fixed {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(host, "receiver.example");
        Ok(self.0.clone())
    }
}

fn resolving(addresses: &[[u8; 4]]) -> HyperTransport {
    let addresses = addresses.iter().map(|address| IpAddr::from(*address)).collect();
    HyperTransport::builder().with_resolver(Fixed(addresses)).build()
}

#[tokio::test]
async fn an_address_that_refuses_is_followed_by_the_next() {
    let (address, _) = counting().await;
    let transport = resolving(&[[127, 0, 0, 9], [127, 0, 0, 8], [127, 0, 0, 1]]);
    let url = format!("http://receiver.example:{}/", address.port());
    assert_eq!(exchange(&transport, &url).await, 200);

    let error = send(&resolving(&[]), &url).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Connect);
}

#[tokio::test]
async fn an_address_that_does_not_answer_does_not_hold_up_the_next() {
    let (address, _) = counting().await;
    // The queue of this listener is full, so its system does not answer.
    let silent: SocketAddr = ([127, 0, 0, 9], address.port()).into();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(silent).unwrap();
    let _listener = socket.listen(1).unwrap();
    let mut held = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(silent)).await
    {
        held.push(connected.unwrap());
    }
    let transport = resolving(&[[127, 0, 0, 9], [127, 0, 0, 1]]);
    let url = format!("http://receiver.example:{}/", address.port());
    assert_eq!(exchange(&transport, &url).await, 200);
}

#[tokio::test]
async fn u5_resolved_addresses_are_checked_before_a_connection_is_opened() {
    let (address, connections) = counting().await;
    let url = format!("http://receiver.example:{}/", address.port());
    let (local, public, metadata) = ([127, 0, 0, 1], [8, 8, 8, 8], [169, 254, 169, 254]);
    for (policy, addresses, is_refused) in [
        (TargetPolicy::public(), &[local][..], true),
        // A mixed answer is refused as a whole.
        (TargetPolicy::public(), &[public, local], true),
        (TargetPolicy::default(), &[metadata], true),
        (TargetPolicy::default(), &[local, metadata], true),
        (TargetPolicy::default(), &[local], false),
    ] {
        let sent = send_under(&resolving(addresses), &url, policy).await;
        let kind = sent.map(drop).map_err(|error| error.kind());
        let expected = if is_refused { Err(FailureKind::TargetRefused) } else { Ok(()) };
        assert_eq!(kind, expected, "{addresses:?}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn u5_a_connection_of_another_policy_is_not_reused() {
    let (address, connections) = counting().await;
    let transport = HyperTransport::new();
    exchange(&transport, &url(address)).await;
    let refused = send_under(&transport, &url(address), TargetPolicy::public()).await;
    assert_eq!(refused.unwrap_err().kind(), FailureKind::TargetRefused);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn t12_names_leave_in_their_documented_case() {
    let (heads, mut received) = tokio::sync::mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while stream.read_buf(&mut request).await.unwrap() > 0 {
            if request.ends_with(b"}") || request.ends_with(b"]") {
                heads.send(String::from_utf8(std::mem::take(&mut request)).unwrap()).unwrap();
                stream.write_all(OK).await.unwrap();
            }
        }
    });
    let token = faceio::signer(&Secret::new("t0ken").unwrap()).unwrap();
    let hmac = HmacSha256::new(&Secret::new("key").unwrap());
    let new = || Webhook::new(&url(address), Filter::everything(&security::FILTERS)).unwrap();
    let webhooks = [
        new().with_profile(faceio::profile()).with_signer(token),
        new().with_profile(openbiometrics::profile()).with_signer(hmac),
        new().with_header("x-lower", "1").unwrap().with_delivery_id_header("X-DeliveryID").unwrap(),
    ];
    let notifier = Notifier::new(HyperTransport::new(), TokioClock::new());
    tokio::spawn(notifier.driver());
    let mut found = Vec::new();
    // One connection serves all requests, so no spelling may outlive its request.
    for (at, webhook) in webhooks.into_iter().enumerate() {
        notifier.insert(at as u64, webhook).unwrap();
        notifier.publish(&Event::new("42")).unwrap();
        notifier.flush(LONG).await;
        notifier.remove(at as u64).unwrap();
        let request = received.recv().await.unwrap();
        let head = request.split_once("\r\n\r\n").unwrap().0;
        let names = head.lines().skip(1).map(|line| line.split_once(':').unwrap().0.to_owned());
        let mut names: Vec<_> = names.collect();
        names.sort();
        found.push(names.join(" "));
    }
    assert_eq!(
        found,
        [
            "Content-Length Content-Type Host User-Agent WWW-Authenticate",
            "Content-Length Content-Type Host User-Agent X-Event-ID X-Event-Type X-Signature-256",
            "Content-Length Content-Type Host User-Agent X-DeliveryID x-lower",
        ]
    );
}
