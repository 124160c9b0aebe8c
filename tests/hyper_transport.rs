//! `HyperTransport` over loopback, tested with a hyper server and with raw sockets.
#![cfg(feature = "hyper")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

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
    transport.send(post(url), &context()).await
}

fn context() -> Context {
    Context::new("7", DeliveryId::new(1, 1), 1, Duration::from_secs(30))
}

async fn failure(url: &str) -> TransportError {
    send(&HyperTransport::new(), url).await.unwrap_err()
}

/// Returns the texts of an error and of its sources.
fn chain(error: &TransportError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

/// Starts a server for one connection. It reads a whole request and then calls `respond`.
async fn raw<F, T>(
    respond: impl FnOnce(TcpStream, String) -> F + Send + 'static,
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
            assert_ne!(
                stream.read_buf(&mut request).await.unwrap(),
                0,
                "the request is incomplete"
            );
        }
        respond(stream, String::from_utf8(request).unwrap()).await
    });
    (address, server)
}

/// Starts a server for one connection that responds with `bytes` and closes. Returns its URL.
async fn raw_bytes(bytes: &'static [u8]) -> String {
    let (address, _) = raw(move |mut stream, _| async move {
        stream.write_all(bytes).await.unwrap();
    })
    .await;
    format!("http://{address}/")
}

/// A hyper server that counts its connections and requests.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server that returns the body of each request, and redirects from `/moved` to `/`.
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
async fn a_request_is_sent_without_a_change() {
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
        "POST /a/b?c=%20d HTTP/1.1\r\nContent-Type: application/json\r\nHost: {address}\r\n\
         Content-Length: 4\r\n\r\n[{{}}]"
    );
    assert_eq!(server.await.unwrap(), expected);
}

#[tokio::test]
async fn clones_of_a_transport_share_its_pool_of_connections() {
    let server = Server::start().await;
    let transport = HyperTransport::new();
    for _ in 0..10 {
        let response = send(&transport.clone(), &server.url("/")).await.unwrap();
        let drained = response.into_body().drain(100).await.unwrap();
        assert_eq!((drained.bytes(), drained.is_complete()), (4, true));
        // The task of the connection runs on this thread. Let it return the connection to the pool.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), 10);
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_closed_idle_connection_does_not_fail_an_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        // Allow the client to keep the connection, but close it.
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
async fn a_redirect_is_not_followed() {
    let server = Server::start().await;
    let response = send(&HyperTransport::new(), &server.url("/moved")).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
}

/// Returns a port on which nothing listens.
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
async fn a_connection_that_closes_before_the_response_is_interrupted() {
    let error = failure(&raw_bytes(b"").await).await;
    assert_eq!(error.kind(), FailureKind::Interrupted, "{}", chain(&error));
    let error = failure(&raw_bytes(b"HTTP/1.1 200 OK\r\ncontent-le").await).await;
    assert_eq!(error.kind(), FailureKind::Interrupted, "{}", chain(&error));
}

#[tokio::test]
async fn a_response_that_is_not_http_is_a_protocol_failure() {
    let responses: [&[u8]; 4] = [
        b"220 mail.example ESMTP\r\n\r\n",
        b"\0\xff\x16\x03\0\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
    ];
    for response in responses {
        let error = failure(&raw_bytes(response).await).await;
        assert_eq!(error.kind(), FailureKind::Protocol, "{}", chain(&error));
    }
}

async fn body_failure(bytes: &'static [u8]) -> TransportError {
    let response = send(&HyperTransport::new(), &raw_bytes(bytes).await).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().drain(1000).await.unwrap_err()
}

#[tokio::test]
async fn an_incomplete_or_invalid_body_is_a_failure() {
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
async fn an_endless_body_is_read_to_the_limit_and_its_connection_is_closed() {
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
        _ = send(&transport, &url) => panic!("the server should not respond"),
        received = until_received => received.unwrap(),
    }
    assert_eq!(server.await.unwrap(), 0);
}

#[tokio::test]
async fn a_url_that_is_not_absolute_http_is_an_invalid_request() {
    for url in ["/hook", "127.0.0.1:80", "ftp://127.0.0.1/"] {
        let error = failure(url).await;
        assert_eq!(error.kind(), FailureKind::InvalidRequest);
        assert!(chain(&error).contains("absolute http(s)"), "{}", chain(&error));
    }
}

#[test]
fn sending_without_a_runtime_is_an_error() {
    let transport = HyperTransport::new();
    let error = futures::executor::block_on(send(&transport, "http://127.0.0.1:1/")).unwrap_err();
    assert_eq!(error.kind(), FailureKind::Other);
    assert!(chain(&error).contains("no tokio runtime"), "{}", chain(&error));
}

#[cfg(not(feature = "rustls"))]
#[tokio::test]
async fn https_without_the_feature_is_an_invalid_request() {
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
        self, ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
        server::WebPkiClientVerifier,
    };
    use recohook::transport::{Proxy, TlsConfig};

    use super::*;

    const CERTIFICATE: &[u8] = include_bytes!("data/tls/certificate.der");
    const KEY: &[u8] = include_bytes!("data/tls/key.der");

    fn key() -> PrivateKeyDer<'static> {
        PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY))
    }

    fn roots(certificates: &[&'static [u8]]) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().map(|&der| der.into()));
        roots
    }

    /// Starts a server for one connection with the self-signed certificate. Its thread returns the
    /// request, or `None` if the client refuses the certificate.
    fn serve() -> (String, thread::JoinHandle<Option<String>>) {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key())
            .unwrap();
        let (url, server) = serve_connections(config, 1);
        (url, thread::spawn(move || server.join().unwrap().remove(0)))
    }

    /// Starts a server for a number of connections with one request each. They stay open until all
    /// have been served.
    fn serve_connections(
        config: ServerConfig,
        count: usize,
    ) -> (String, thread::JoinHandle<Vec<Option<String>>>) {
        let config = Arc::new(config);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let mut streams = Vec::new();
            let requests = (0..count).map(|_| {
                let (stream, _) = listener.accept().unwrap();
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                let mut request = Vec::new();
                while !request.ends_with(b"[{}]") {
                    let mut part = [0; 1024];
                    let read = stream.read(&mut part).ok().filter(|read| *read > 0)?;
                    request.extend_from_slice(&part[..read]);
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                streams.push(stream);
                Some(String::from_utf8(request).unwrap())
            });
            requests.collect()
        });
        (url, server)
    }

    /// Returns a configuration that trusts only these certificates. It also offers h2, which the
    /// transport does not support.
    fn client(certificates: &[&'static [u8]]) -> ClientConfig {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots(certificates))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }

    /// Returns a transport that trusts only these certificates.
    fn trusting(certificates: &[&'static [u8]]) -> HyperTransport {
        HyperTransport::builder().with_tls_config(client(certificates)).build()
    }

    /// Sends a request of a webhook that has its own configuration, and reads the response.
    async fn send_with(
        transport: &HyperTransport,
        url: &str,
        config: &TlsConfig,
    ) -> Result<u16, TransportError> {
        let mut request = post(url);
        request.extensions_mut().insert(config.clone());
        Ok(transport.send(request, &context()).await?.status().as_u16())
    }

    /// Starts a proxy for one connection, which leads to `target`.
    fn proxy(target: String) -> Proxy {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") {
                client.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            assert!(head.starts_with(format!("CONNECT {target} HTTP/1.1\r\n").as_bytes()));
            let mut server = std::net::TcpStream::connect(target).unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            std::io::copy(&mut client, &mut server)
        });
        Proxy::new(&url).unwrap()
    }

    #[tokio::test]
    async fn tls_reaches_through_a_proxy() {
        let (url, server) = serve();
        let target = url.trim_start_matches("https://").trim_end_matches('/').to_owned();
        let transport = HyperTransport::builder()
            .with_tls_config(client(&[CERTIFICATE]))
            .with_proxy(proxy(target))
            .build();
        assert_eq!(send(&transport, &url).await.unwrap().status(), 200);
        assert!(server.join().unwrap().unwrap().starts_with("POST / HTTP/1.1\r\n"));
    }

    #[tokio::test]
    async fn a_webhook_can_have_its_own_roots_and_connections() {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key())
            .unwrap();
        let (url, server) = serve_connections(config, 3);
        let (transport, own) = (trusting(&[]), TlsConfig::new(client(&[CERTIFICATE])));
        assert_eq!(send_with(&transport, &url, &own).await.unwrap(), 200);
        // The idle connection of this webhook serves neither the transport nor another webhook.
        let error = send(&transport, &url).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
        let other = TlsConfig::new(client(&[CERTIFICATE]));
        assert_eq!(send_with(&transport, &url, &other).await.unwrap(), 200);
        let requests = server.join().unwrap();
        assert_eq!(requests.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
    }

    #[tokio::test]
    async fn a_webhook_can_have_a_client_certificate_and_a_minimum_version() {
        let provider = Arc::new(ring::default_provider());
        let accepted = Arc::new(roots(&[CERTIFICATE]));
        let clients =
            WebPkiClientVerifier::builder_with_provider(accepted, Arc::clone(&provider)).build();
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_client_cert_verifier(clients.unwrap())
            .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key())
            .unwrap();
        let certified = |versions: &[&'static rustls::SupportedProtocolVersion]| {
            let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
                .with_protocol_versions(versions)
                .unwrap()
                .with_root_certificates(roots(&[CERTIFICATE]))
                .with_client_auth_cert(vec![CertificateDer::from(CERTIFICATE)], key());
            TlsConfig::new(config.unwrap())
        };
        let (url, server) = serve_connections(server, 3);
        let transport = trusting(&[]);
        let anonymous = TlsConfig::new(client(&[CERTIFICATE]));
        let error = send_with(&transport, &url, &anonymous).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
        let strict = certified(&[&rustls::version::TLS13]);
        let error = send_with(&transport, &url, &strict).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
        let usual = certified(rustls::DEFAULT_VERSIONS);
        assert_eq!(send_with(&transport, &url, &usual).await.unwrap(), 200);
        let requests = server.join().unwrap();
        assert_eq!(requests.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
    }

    #[tokio::test]
    async fn no_request_is_sent_if_the_certificate_is_not_trusted() {
        let (url, server) = serve();
        let error = send(&trusting(&[]), &url).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
        assert_eq!(server.join().unwrap(), None);
    }

    #[tokio::test]
    async fn the_roots_of_the_platform_are_used_by_default() {
        let (url, _server) = serve();
        let error = failure(&url).await;
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
    }

    #[tokio::test]
    async fn configured_roots_are_used() {
        let (url, server) = serve();
        let response = send(&trusting(&[CERTIFICATE]), &url).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(server.join().unwrap().unwrap().starts_with("POST / HTTP/1.1\r\n"));
    }

    #[tokio::test]
    async fn a_transport_with_https_can_send_http() {
        let server = Server::start().await;
        assert_eq!(send(&trusting(&[CERTIFICATE]), &server.url("/")).await.unwrap().status(), 200);
    }

    #[tokio::test]
    async fn connect_and_tls_failures_have_different_kinds() {
        let error = send(&trusting(&[CERTIFICATE]), &format!("https://{}/", free_port().await))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), FailureKind::Connect, "{}", chain(&error));

        let plain = Server::start().await.url("/").replace("http:", "https:");
        let error = send(&trusting(&[CERTIFICATE]), &plain).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Tls, "{}", chain(&error));
    }
}
