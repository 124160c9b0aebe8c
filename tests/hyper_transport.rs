//! `HyperTransport` over loopback, against a hyper server and against raw sockets.
#![cfg(feature = "hyper")]
#![allow(clippy::unwrap_used, reason = "the helpers of the tests are tests too")]

use std::{
    convert::Infallible,
    error::Error,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use recohook::{
    DeliveryId, FailureKind, Transport,
    bytes::Bytes,
    http::{Request, Response, header::LOCATION},
    transport::{Body, Context, HyperTransport, TransportError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

fn post(url: &str) -> Request<Bytes> {
    Request::post(url)
        .header("content-type", "application/json")
        .body(Bytes::from_static(b"[{}]"))
        .unwrap()
}

async fn send(transport: &HyperTransport, url: &str) -> Result<Response<Body>, TransportError> {
    let context = Context::new("7", DeliveryId::new(1, 1), 1, Duration::from_secs(30));
    transport.send(post(url), &context).await
}

async fn failure(url: &str) -> TransportError {
    send(&HyperTransport::new(), url).await.unwrap_err()
}

/// The error's own text and those below it.
fn chain(error: &TransportError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

/// A server of one connection: reads a whole request, then does what `answer` does.
async fn raw<F, T>(
    answer: impl FnOnce(TcpStream, String) -> F + Send + 'static,
) -> (SocketAddr, JoinHandle<T>)
where
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"[{}]") {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the request ended early");
        }
        answer(stream, String::from_utf8(request).unwrap()).await
    });
    (address, server)
}

/// A server of one connection that answers with `bytes` and closes.
async fn raw_bytes(bytes: &'static [u8]) -> String {
    let (address, _) = raw(move |mut stream, _| async move {
        stream.write_all(bytes).await.unwrap();
    })
    .await;
    format!("http://{address}/")
}

/// A hyper server, and how many connections and requests it had.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Echoes bodies; redirects from `/moved` to itself.
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::default());
        let server = Self { address, connections: connections.clone(), requests };
        let requests = server.requests.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.fetch_add(1, Ordering::SeqCst);
                let requests = requests.clone();
                let service = service_fn(move |request| {
                    requests.fetch_add(1, Ordering::SeqCst);
                    echo(request)
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::builder();
    if request.uri().path() == "/moved" {
        response = response.status(302).header(LOCATION, "/");
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    Ok(response.body(body.into()).unwrap())
}

#[tokio::test]
async fn the_request_goes_out_byte_for_byte() {
    let (address, server) = raw(|mut stream, request| async move {
        stream
            .write_all(b"HTTP/1.1 201 Created\r\nx-a: b\r\ncontent-length: 2\r\n\r\nok")
            .await
            .unwrap();
        request
    })
    .await;
    let response =
        send(&HyperTransport::new(), &format!("http://{address}/a/b?c=%20d")).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-a"], "b");
    let drained = response.into_body().drain(2).await.unwrap();
    assert_eq!((drained.bytes(), drained.is_complete()), (2, true));
    let expected = format!(
        "POST /a/b?c=%20d HTTP/1.1\r\ncontent-type: application/json\r\nhost: {address}\r\n\
         content-length: 4\r\n\r\n[{{}}]"
    );
    assert_eq!(server.await.unwrap(), expected);
}

#[tokio::test]
async fn clones_share_the_pool_and_connections_serve_many_requests() {
    let server = Server::start().await;
    let transport = HyperTransport::new();
    for _ in 0..10 {
        let response = send(&transport.clone(), &server.url("/")).await.unwrap();
        let drained = response.into_body().drain(100).await.unwrap();
        assert_eq!((drained.bytes(), drained.is_complete()), (4, true));
        // Lets the connection's task, on this same thread, hand it back to the pool.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), 10);
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_idle_connection_that_the_receiver_closed_costs_no_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        // Says keep-alive, then closes all the same.
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"[{}]") {
                stream.read_buf(&mut request).await.unwrap();
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
    });
    let transport = HyperTransport::new();
    for _ in 0..2 {
        let response = send(&transport, &url).await.unwrap();
        assert_eq!(response.status(), 200);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let server = Server::start().await;
    let response = send(&HyperTransport::new(), &server.url("/moved")).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

/// A port that nobody listens on.
async fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_refused_connection_is_reported() {
    let error = failure(&format!("http://{}/", free_port().await)).await;
    assert_eq!(error.kind(), FailureKind::Connect);
    assert!(chain(&error).contains("refused"), "{}", chain(&error));
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_interrupted() {
    let error = failure(&raw_bytes(b"").await).await;
    assert_eq!(error.kind(), FailureKind::Interrupted, "{}", chain(&error));
    let error = failure(&raw_bytes(b"HTTP/1.1 200 OK\r\ncontent-le").await).await;
    assert_eq!(error.kind(), FailureKind::Interrupted, "{}", chain(&error));
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_reported() {
    let answers: [&[u8]; 4] = [
        b"220 mail.example ESMTP\r\n\r\n",
        b"\0\xff\x16\x03\0\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
    ];
    for answer in answers {
        let error = failure(&raw_bytes(answer).await).await;
        assert_eq!(error.kind(), FailureKind::Protocol, "{}", chain(&error));
    }
}

async fn body_failure(answer: &'static [u8]) -> TransportError {
    let response = send(&HyperTransport::new(), &raw_bytes(answer).await).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().drain(1000).await.unwrap_err()
}

#[tokio::test]
async fn a_body_that_breaks_off_or_is_no_http_is_reported() {
    let broken = body_failure(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
    assert_eq!(broken.kind(), FailureKind::Interrupted, "{}", chain(&broken));
    let broken =
        body_failure(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nha").await;
    assert_eq!(broken.kind(), FailureKind::Interrupted, "{}", chain(&broken));
    let garbage =
        body_failure(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nmany\r\n").await;
    assert_eq!(garbage.kind(), FailureKind::Protocol, "{}", chain(&garbage));
}

#[tokio::test]
async fn an_endless_body_is_left_at_the_limit_and_its_connection_closed() {
    let (address, server) = raw(|mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let response = send(&HyperTransport::new(), &format!("http://{address}/")).await.unwrap();
    let drained = response.into_body().drain(64 * 1024).await.unwrap();
    assert_eq!((drained.bytes(), drained.is_complete()), (64 * 1024, false));
    server.await.unwrap();
}

#[tokio::test]
async fn a_dropped_request_closes_its_connection() {
    let (received, until_received) = tokio::sync::oneshot::channel();
    let (address, server) = raw(|mut stream, _| async move {
        received.send(()).unwrap();
        stream.read(&mut [0]).await.unwrap_or(0)
    })
    .await;
    let (transport, url) = (HyperTransport::new(), format!("http://{address}/"));
    tokio::select! {
        _ = send(&transport, &url) => panic!("there is no answer"),
        received = until_received => received.unwrap(),
    }
    assert_eq!(server.await.unwrap(), 0);
}

#[tokio::test]
async fn a_url_that_cannot_be_sent_to_is_terminal() {
    for url in ["/hook", "127.0.0.1:80", "ftp://127.0.0.1/"] {
        let error = failure(url).await;
        assert_eq!(error.kind(), FailureKind::InvalidRequest);
        assert!(chain(&error).contains("absolute http(s)"), "{}", chain(&error));
    }
}

#[test]
fn outside_a_runtime_it_is_an_error() {
    let transport = HyperTransport::new();
    let error = futures::executor::block_on(send(&transport, "http://127.0.0.1:1/")).unwrap_err();
    assert_eq!(error.kind(), FailureKind::Other);
    assert!(chain(&error).contains("no tokio runtime"), "{}", chain(&error));
}

#[cfg(not(feature = "rustls"))]
#[tokio::test]
async fn https_without_its_feature_is_refused_with_the_reason() {
    let error = failure("https://127.0.0.1/").await;
    assert_eq!(error.kind(), FailureKind::InvalidRequest);
    assert!(chain(&error).contains("feature `rustls`"), "{}", chain(&error));
}

#[cfg(feature = "rustls")]
mod https {
    use std::{
        io::{Read, Write},
        thread,
    };

    use recohook::transport::rustls::{
        ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    };

    use super::*;

    const CERTIFICATE: &[u8] = include_bytes!("data/tls/certificate.der");
    const KEY: &[u8] = include_bytes!("data/tls/key.der");

    /// A server of one connection with the self-signed certificate. Its result is the request, or
    /// none where the client refuses the certificate.
    fn serve() -> (String, thread::JoinHandle<Option<String>>) {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key)
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut request = Vec::new();
            while !request.ends_with(b"[{}]") {
                let mut part = [0; 1024];
                let read = stream.read(&mut part).ok().filter(|read| *read > 0)?;
                request.extend_from_slice(&part[..read]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            Some(String::from_utf8(request).unwrap())
        });
        (url, server)
    }

    /// Trusts these certificates only, and offers a protocol that is not spoken.
    fn trusting(certificates: &[&'static [u8]]) -> HyperTransport {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().map(|&der| der.into()));
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        HyperTransport::builder().with_tls_config(config).build()
    }

    #[tokio::test]
    async fn a_certificate_that_nobody_vouches_for_gets_no_request() {
        let (url, server) = serve();
        let error = send(&trusting(&[]), &url).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
        assert_eq!(server.join().unwrap(), None);
    }

    #[tokio::test]
    async fn the_platform_does_not_vouch_for_it_either() {
        let (url, _server) = serve();
        let error = failure(&url).await;
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
    }

    #[tokio::test]
    async fn own_roots_are_used() {
        let (url, server) = serve();
        let response = send(&trusting(&[CERTIFICATE]), &url).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(server.join().unwrap().unwrap().starts_with("POST / HTTP/1.1\r\n"));
    }

    #[tokio::test]
    async fn a_transport_with_https_still_speaks_http() {
        let server = Server::start().await;
        assert_eq!(send(&trusting(&[CERTIFICATE]), &server.url("/")).await.unwrap().status(), 200);
    }

    #[tokio::test]
    async fn no_connection_and_no_secure_channel_are_told_apart() {
        let error = send(&trusting(&[CERTIFICATE]), &format!("https://{}/", free_port().await))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), FailureKind::Connect, "{}", chain(&error));

        let plain = Server::start().await.url("/").replace("http:", "https:");
        let error = send(&trusting(&[CERTIFICATE]), &plain).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
    }
}
