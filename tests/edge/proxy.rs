//! Connections through a proxy.

use std::{
    error::Error,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use recohook::{
    DeliveryId, FailureKind,
    bytes::Bytes,
    http::Request,
    target::TargetPolicy,
    transport::{Context, HyperTransport, Proxy, ProxyError, Transport, TransportError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::receiver::{OK, exchange, read_request, receiver, send_under, url};

/// Starts a proxy. It leads to `target`, whatever host it is asked for. Returns the proxy and the
/// heads that it gets.
async fn proxy(target: SocketAddr) -> (Proxy, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let received = Arc::clone(&heads);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let received = Arc::clone(&received);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                received.lock().unwrap().push(String::from_utf8(head).unwrap());
                let mut server = TcpStream::connect(target).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                drop(copy_bidirectional(&mut client, &mut server).await);
            });
        }
    });
    (proxy, heads)
}

/// Starts a receiver that answers all requests of all connections.
async fn patient() -> SocketAddr {
    receiver(|_, mut stream| async move {
        while read_request(&mut stream).await {
            stream.write_all(OK).await.unwrap();
        }
    })
    .await
}

fn through(proxy: Proxy) -> HyperTransport {
    HyperTransport::builder().with_proxy(proxy).with_connect_timeout(Duration::from_secs(2)).build()
}

fn text(error: TransportError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text
}

#[tokio::test]
async fn requests_share_the_tunnels_of_their_receiver() {
    let (proxy, heads) = proxy(patient().await).await;
    let transport = through(proxy.with_credentials("user", "pass").unwrap());
    // The name is unknown on this machine. Only the proxy has to know it.
    for url in ["http://one.invalid/a", "http://one.invalid/b", "http://two.invalid:81/"] {
        assert_eq!(exchange(&transport, url).await, 200);
    }
    let connect = |target| {
        format!(
            "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\
             Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n"
        )
    };
    assert_eq!(*heads.lock().unwrap(), ["one.invalid:80", "two.invalid:81"].map(connect));
}

#[tokio::test]
async fn some_receivers_are_reached_directly() {
    let target = patient().await;
    let (proxy, heads) = proxy(target).await;
    let port = target.port();
    let by_network = proxy.clone().with_direct_network("127.0.0.0/8".parse().unwrap());
    assert_eq!(exchange(&through(by_network), &url(target)).await, 200);
    let by_name = proxy.clone().with_direct_host("LOCALHOST.");
    let transport = through(by_name);
    assert_eq!(exchange(&transport, &format!("http://localhost:{port}/")).await, 200);
    // Some machines do not know the name with a dot, but no proxy is asked for it.
    let dot = format!("http://localhost.:{port}/");
    drop(send_under(&transport, &dot, TargetPolicy::default()).await);
    assert!(heads.lock().unwrap().is_empty());
    assert_eq!(exchange(&transport, &url(target)).await, 200);
    assert_eq!(heads.lock().unwrap().len(), 1);

    // A webhook's own proxy counts, and its connections are its own.
    for (own, connections) in [(Proxy::none(), 1), (proxy, 2)] {
        let mut request = Request::post(url(target)).body(Bytes::from_static(b"[{}]")).unwrap();
        request.extensions_mut().insert(own);
        let context = Context::new("7", DeliveryId::new(1, 1), 1, Duration::from_secs(30));
        assert_eq!(transport.send(request, &context).await.unwrap().status(), 200);
        assert_eq!(heads.lock().unwrap().len(), connections);
    }
}

#[tokio::test]
async fn u5_the_target_policy_applies_to_the_receiver_and_not_to_the_proxy() {
    let (proxy, heads) = proxy(patient().await).await;
    let transport = through(proxy);
    let public = TargetPolicy::public();
    for url in ["http://127.0.0.1/", "http://[::1]/"] {
        let error = send_under(&transport, url, public.clone()).await.unwrap_err();
        assert_eq!(error.kind(), FailureKind::TargetRefused, "{url}");
    }
    assert!(heads.lock().unwrap().is_empty());
    for url in ["http://8.8.8.8/", "http://receiver.invalid/", "http://receiver.invalid/"] {
        assert_eq!(send_under(&transport, url, public.clone()).await.unwrap().status(), 200);
    }
    assert_eq!(heads.lock().unwrap().len(), 2);
    // A tunnel that another policy allowed is not reused.
    let denied = public.with_denied_network("8.0.0.0/8".parse().unwrap());
    let error = send_under(&transport, "http://8.8.8.8/", denied).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::TargetRefused);
}

#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_is_a_failure_to_connect() {
    for (answer, expected) in [
        (&b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"[..], "status 407"),
        (b"HTTP/1.1 502 No\r\nContent-Length: 2\r\n\r\nno", "status 502"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "did not answer CONNECT as HTTP requires"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "before the receiver could"),
        (b"", "did not answer CONNECT as HTTP requires"),
    ] {
        let address = receiver(move |_, mut stream| async move {
            let mut head = [0; 1024];
            assert!(stream.read(&mut head).await.unwrap() > 0);
            stream.write_all(answer).await.unwrap();
        })
        .await;
        let transport = through(Proxy::new(&format!("http://{address}")).unwrap());
        let error = send_under(&transport, "http://h.invalid/", TargetPolicy::default()).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Connect, "{expected}");
        let text = text(error);
        assert!(text.contains(expected), "{text}");
    }
    // A flood of interim responses, and silence, end too.
    let flood = receiver(|_, mut stream| async move {
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_ok() {}
    })
    .await;
    let silent = receiver(|_, mut stream| async move {
        drop(stream.read_to_end(&mut Vec::new()).await);
    })
    .await;
    // Nothing listens on port 1.
    for (server, expected) in [
        (flood.to_string(), "the proxy opened no connection to the receiver"),
        (silent.to_string(), "it took longer than the connect timeout"),
        ("127.0.0.1:1".to_owned(), "the proxy cannot be reached: "),
        ("proxy.invalid".to_owned(), "the proxy cannot be reached: the name of the server cannot"),
    ] {
        let transport = through(Proxy::new(&format!("http://{server}")).unwrap());
        let error = send_under(&transport, "http://h.invalid/", TargetPolicy::default()).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), FailureKind::Connect, "{server}");
        let text = text(error);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn urls_of_proxies() {
    for url in ["http://proxy", "http://proxy:3128/", "HTTP://[::1]:1", "http://10.0.0.1:80"] {
        assert!(Proxy::new(url).is_ok(), "{url}");
    }
    for url in [
        "",
        "proxy:3128",
        "/",
        "https://proxy",
        "http://p/path",
        "http://p:0",
        "http://p:",
        "http://p:x",
        "http://",
    ] {
        assert_eq!(Proxy::new(url).unwrap_err(), ProxyError::Url, "{url}");
    }
    let error = Proxy::new("http://user:secret@proxy").unwrap_err();
    assert_eq!((error, error.kind()), (ProxyError::UrlCredentials, "proxy_url_credentials"));
    let proxy = Proxy::new("http://proxy").unwrap();
    for (name, password) in [("a:b", "c"), ("a\n", "c"), ("a", "c\u{7f}")] {
        let error = proxy.clone().with_credentials(name, password).unwrap_err();
        assert_eq!((error, error.kind()), (ProxyError::Credentials, "proxy_credentials"));
    }
    let proxy = proxy.with_credentials("user", "secret").unwrap();
    let shown = format!("{proxy:?} {:?}", through(proxy.clone()));
    assert!(!shown.contains("c2VjcmV0") && !shown.contains("Basic"), "{shown}");
}
