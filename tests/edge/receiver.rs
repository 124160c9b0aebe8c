//! Receivers on plain sockets, and what is sent to them.

use std::{future::Future, net::SocketAddr, time::Duration};

use recohook::{
    DeliveryId, Filter, Notifier, Transport, Webhook,
    bytes::Bytes,
    clock::TokioClock,
    findface::security::{Event, FILTERS},
    http::{Request, Response},
    policy::{Attempts, Backoff, Policy, Retry},
    report::{FailureCause, ReportEvent, Stats},
    target::TargetPolicy,
    transport::{Body, Context, HyperTransport, TransportError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Starts a receiver that handles each connection with `serve`, which gets the number of the
/// connection, from 0.
pub(crate) async fn receiver<F>(
    serve: impl Fn(usize, TcpStream) -> F + Send + 'static,
) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(number, stream));
        }
    });
    address
}

/// Starts a receiver that reads a request on each connection, writes `answer` and closes.
pub(crate) async fn answering(answer: &'static [u8]) -> SocketAddr {
    receiver(move |_, mut stream| async move {
        if read_request(&mut stream).await {
            let _ = stream.write_all(answer).await;
        }
    })
    .await
}

/// Reads a request. Returns `false` if the connection ended before.
pub(crate) async fn read_request(stream: &mut TcpStream) -> bool {
    let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let head = request.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        if let Some(head) = head {
            let text = std::str::from_utf8(&request[..head]).unwrap().to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            if request.len() >= head + 4 + length.unwrap().parse::<usize>().unwrap() {
                return true;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return false,
            Ok(read) => request.extend_from_slice(&chunk[..read]),
        }
    }
}

/// Sends one request.
pub(crate) async fn send(
    transport: &HyperTransport,
    url: &str,
) -> Result<Response<Body>, TransportError> {
    send_under(transport, url, TargetPolicy::default()).await
}

/// Sends one request under a target policy.
pub(crate) async fn send_under(
    transport: &HyperTransport,
    url: &str,
    policy: TargetPolicy,
) -> Result<Response<Body>, TransportError> {
    let request = Request::post(url).body(Bytes::from_static(b"[{}]")).unwrap();
    let context = Context::new("7", DeliveryId::new(1, 1), 1, Duration::from_secs(30));
    transport.send(request, &context.with_target_policy(policy)).await
}

/// Sends one request and reads the body of its response. Returns the status.
pub(crate) async fn exchange(transport: &HyperTransport, url: &str) -> u16 {
    let response = send(transport, url).await.unwrap();
    let status = response.status().as_u16();
    response.into_body().drain(1 << 20).await.unwrap();
    status
}

/// A policy with a number of attempts, 10 milliseconds apart.
pub(crate) fn attempts(attempts: u32) -> Policy {
    let backoff = Backoff::constant(Duration::from_millis(10)).unwrap();
    let retry = Retry::new(Attempts::at_most(attempts).unwrap(), backoff);
    Policy::default().with_retry(retry).with_timeout(Duration::from_secs(20)).unwrap()
}

/// Delivers one notification to each URL. Returns the statistics and the causes of failures.
pub(crate) async fn deliver(
    transport: HyperTransport,
    policy: &Policy,
    urls: &[String],
) -> (Stats, Vec<(FailureCause, String)>) {
    let notifier = Notifier::new(transport, TokioClock::new());
    let driver = tokio::spawn(notifier.driver());
    let mut reports = notifier.reports();
    for (id, url) in urls.iter().enumerate() {
        let webhook = Webhook::new(url, Filter::everything(&FILTERS)).unwrap();
        notifier.insert(id as u64, webhook.with_policy(policy.clone())).unwrap();
    }
    notifier.publish(&Event::new("1")).unwrap();
    notifier.flush(LONG).await;
    let stats = notifier.shutdown(LONG).await;
    driver.await.unwrap();
    let mut causes = Vec::new();
    while let Some(recohook::Reported::Report(report)) = reports.try_next() {
        if let ReportEvent::Failed { cause, error_text, .. }
        | ReportEvent::Dead { cause, error_text, .. } = report.event()
        {
            let text = error_text.as_ref().map(ToString::to_string);
            causes.push((*cause, text.unwrap_or_default()));
        }
    }
    (stats, causes)
}

pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}/hook")
}
