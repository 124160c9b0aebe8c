//! Responses that no well-behaved receiver sends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use recohook::{FailureKind, policy::Policy, transport::HyperTransport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::receiver::{
    OK, answering, attempts, deliver, exchange, read_request, receiver, send, url,
};

/// Starts a receiver that repeats `bytes` as fast as it can, from a thread of its own, after it has
/// read a request and sent `first`.
async fn flooding(first: &'static [u8], bytes: &'static [u8]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(first);
                let flood = bytes.repeat(64 * 1024 / bytes.len());
                while stream.write_all(&flood).is_ok() {}
            });
        }
    });
    url(address)
}

/// Delivers to a flooding receiver and to a healthy one, on one thread, with a task beside them
/// that runs whenever it can. Returns the longest time during which that task did not run.
async fn gap_beside(flood: String, what: &str) -> Vec<(u64, u64)> {
    let (longest, stop) =
        (Arc::new(std::sync::Mutex::new(Duration::ZERO)), Arc::new(AtomicUsize::new(0)));
    let heart = tokio::spawn({
        let (longest, stop) = (Arc::clone(&longest), Arc::clone(&stop));
        async move {
            let mut last = Instant::now();
            while stop.load(Ordering::Relaxed) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
                let mut longest = longest.lock().unwrap();
                *longest = (*longest).max(last.elapsed());
                last = Instant::now();
            }
        }
    });
    let healthy = answering(OK).await;
    let policy = Policy::default()
        .with_retry(attempts(1).retry().clone())
        .with_timeout(Duration::from_secs(1))
        .unwrap();
    let mut urls = vec![flood; 4];
    urls.push(url(healthy));
    let (stats, causes) = deliver(HyperTransport::new(), &policy, &urls).await;
    stop.store(1, Ordering::Relaxed);
    heart.await.unwrap();
    println!("edge: {what}: longest gap of the heartbeat {:?}", longest.lock().unwrap());
    println!("edge: {what}: {causes:?}");
    vec![(stats.delivered, stats.dead)]
}

#[tokio::test]
async fn t1_endless_interim_responses_cost_only_their_attempt() {
    let flood = flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n").await;
    assert_eq!(gap_beside(flood, "T1, interim responses").await, [(1, 4)]);
}

#[tokio::test]
async fn t1_an_endless_head_costs_only_its_attempt() {
    let flood = flooding(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n").await;
    assert_eq!(gap_beside(flood, "T1, headers").await, [(1, 4)]);
    let flood = flooding(b"HTTP/1.1 200 OK\r\nx-a: ", b"b").await;
    assert_eq!(gap_beside(flood, "T1, one header").await, [(1, 4)]);
}

#[tokio::test]
async fn t1_a_few_interim_responses_are_skipped() {
    let address = answering(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n\
          HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(exchange(&HyperTransport::new(), &url(address)).await, 200);
}

#[tokio::test]
async fn t5_heads_that_browsers_accept_are_accepted_and_their_connections_not_reused() {
    let many = "x-a: b\r\n".repeat(900);
    let heads = [
        "HTTP/1.1 200 OK\r\nX-A : b\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nx-a: b\r\n  c\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nPHP Warning: x\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\ncontent-length: 0\n\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{many}content-length: 0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\nx-a: {}\r\ncontent-length: 0\r\n\r\n", "b".repeat(200_000)),
    ];
    for (at, head) in heads.into_iter().enumerate() {
        let head: &'static [u8] = head.leak().as_bytes();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let address = receiver(move |number, mut stream| {
            counter.store(number + 1, Ordering::SeqCst);
            async move {
                while read_request(&mut stream).await {
                    stream.write_all(head).await.unwrap();
                }
            }
        })
        .await;
        let transport = HyperTransport::new();
        for _ in 0..2 {
            assert_eq!(exchange(&transport, &url(address)).await, 200, "head {at}");
        }
        // The last head is only long. It is read as every client reads it.
        let expected = if at == 5 { 1 } else { 2 };
        assert_eq!(connections.load(Ordering::SeqCst), expected, "head {at}");
    }
}

#[tokio::test]
async fn t5_a_head_that_is_refused_is_refused_with_its_status() {
    for (head, reason) in [
        (format!("HTTP/1.1 200 OK\r\nx-a: {}", "b".repeat(300_000)), "262144 bytes"),
        (format!("HTTP/1.1 200 OK\r\n{}", "x-a: b\r\n".repeat(1_100)), "1000 lines"),
    ] {
        let address = answering(head.leak().as_bytes()).await;
        let error = send(&HyperTransport::new(), &url(address)).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Protocol);
        let text = recohook::failure::ErrorText::of(&error).to_string();
        assert!(text.contains("status 200") && text.contains(reason), "{text}");
    }
}

#[tokio::test]
async fn t6_an_answer_counts_although_the_request_was_not_read() {
    use recohook::{DeliveryId, Transport, bytes::Bytes, http::Request, transport::Context};
    for status in [413, 429, 401, 200] {
        let address = receiver(move |_, mut stream| async move {
            // Read only the head, answer, and close with the body unread, which resets.
            let _ = stream.read(&mut [0; 1000]).await;
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let transport = HyperTransport::new();
        for number in 0..20 {
            let body = Bytes::from(vec![b'x'; 8 << 20]);
            let request = Request::post(url(address)).body(body).unwrap();
            let context = Context::new("7", DeliveryId::new(1, number), 1, Duration::from_secs(30));
            let response = transport.send(request, &context).await.unwrap();
            assert_eq!(response.status(), status);
        }
    }
}
