//! The manual clock and the scripted transport of the feature `testing`.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, SystemTime},
};

use futures::{
    FutureExt, StreamExt,
    executor::{LocalPool, block_on},
    stream::FuturesUnordered,
    task::LocalSpawnExt,
};
use recohook::{
    Clock, DeliveryId, FailureKind, Moment, Transport,
    bytes::Bytes,
    http::{Method, Request, Response, StatusCode, header::RETRY_AFTER},
    testing::{ManualClock, Reply, ReplyBody, ScriptedTransport},
    transport::{Body, Context, TransportError},
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn sleepers_wake_in_order_and_only_when_due() {
    let clock = ManualClock::new();
    let at = |seconds: u32| Moment::ZERO + SECOND * seconds;
    let mut sleeps: FuturesUnordered<_> = [5, 2, 9, 2]
        .into_iter()
        .enumerate()
        .map(|(n, seconds)| clock.sleep_until(at(seconds)).map(move |()| (n, seconds)))
        .collect();

    assert_eq!(sleeps.next().now_or_never(), None);
    assert_eq!(clock.next_wake(), Some(at(2)));
    clock.advance(SECOND * 2 - Duration::from_nanos(1));
    assert_eq!(sleeps.next().now_or_never(), None);

    clock.advance_to(at(7));
    let woken: Vec<_> = std::iter::from_fn(|| sleeps.next().now_or_never().flatten()).collect();
    assert_eq!(woken, [(1, 2), (3, 2), (0, 5)]);
    assert_eq!(clock.next_wake(), Some(at(9)));

    drop(sleeps);
    assert_eq!(clock.next_wake(), None);
    clock.advance_to(at(3));
    assert_eq!(clock.now(), at(7));
    clock.sleep_until(at(7)).now_or_never().unwrap();
    clock.advance(Duration::MAX);
    assert_eq!(clock.now(), Moment::MAX);
}

#[test]
fn a_test_can_step_from_wake_to_wake() {
    let clock = ManualClock::new();
    let mut pool = LocalPool::new();
    let (seen, times) = std::sync::mpsc::channel();
    for every in [2, 3] {
        let (clock, seen) = (clock.clone(), seen.clone());
        let ticks = async move {
            for _ in 0..3 {
                clock.sleep_until(clock.now() + SECOND * every).await;
                seen.send((every, clock.now() - Moment::ZERO)).unwrap();
            }
        };
        pool.spawner().spawn_local(ticks).unwrap();
    }
    pool.run_until_stalled();
    while let Some(at) = clock.next_wake() {
        clock.advance_to(at);
        pool.run_until_stalled();
    }
    let seen: Vec<_> = times.try_iter().map(|(every, at)| (every, at.as_secs())).collect();
    assert_eq!(seen, [(2, 2), (3, 3), (2, 4), (3, 6), (2, 6), (3, 9)]);
}

#[test]
fn the_wall_clock_advances_with_the_clock_and_may_jump() {
    let clock = ManualClock::new();
    clock.advance(SECOND);
    assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH + SECOND);
    let noon = SystemTime::UNIX_EPOCH + SECOND * 1_600_000_000;
    clock.set_wall(noon);
    clock.advance(SECOND);
    assert_eq!(clock.wall(), noon + SECOND);
    assert_eq!(clock.now(), Moment::ZERO + SECOND * 2);
    clock.set_wall(SystemTime::UNIX_EPOCH);
    assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH);
}

fn post(body: &'static str) -> Request<Bytes> {
    Request::post("http://receiver.test/hook")
        .header("x-test", body)
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

fn context(attempt: u32) -> Context {
    Context::new("7", DeliveryId::new(1, 1), attempt, SECOND * 30)
}

fn send(
    transport: &ScriptedTransport,
    body: &'static str,
) -> Result<Response<Body>, TransportError> {
    block_on(transport.send(post(body), &context(1)))
}

#[test]
fn replies_come_in_order_and_the_default_after_them() {
    let transport = ScriptedTransport::new(ManualClock::new());
    let busy = Response::builder().status(503).header(RETRY_AFTER, "120").body("busy").unwrap();
    transport.push(Reply::response(busy));
    transport.push(Reply::failure(FailureKind::Tls));

    let response = send(&transport, "a").unwrap();
    assert_eq!(
        (response.status(), &response.headers()[RETRY_AFTER]),
        (503.try_into().unwrap(), &"120".parse().unwrap())
    );
    let drained = block_on(response.into_body().drain(100)).unwrap();
    assert_eq!((drained.bytes(), drained.is_complete()), (4, true));

    assert_eq!(send(&transport, "b").unwrap_err().kind(), FailureKind::Tls);
    assert_eq!(send(&transport, "c").unwrap().status(), 200);
    transport.set_default_reply(Reply::status(StatusCode::NO_CONTENT));
    assert_eq!(send(&transport, "d").unwrap().status(), 204);
    assert_eq!(send(&transport, "e").unwrap().status(), 204);
}

#[test]
fn every_request_is_remembered() {
    let clock = ManualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    let sender: Box<dyn Transport> = Box::new(transport.clone());
    clock.advance(SECOND);
    block_on(sender.send(post("[1]"), &context(3))).unwrap();

    let [received] = &transport.requests()[..] else { panic!("one request is expected") };
    assert_eq!(received.request().method(), Method::POST);
    assert_eq!(received.request().uri(), "http://receiver.test/hook");
    assert_eq!(received.request().headers()["x-test"], "[1]");
    assert_eq!(received.request().body(), "[1]");
    assert_eq!(received.at(), Moment::ZERO + SECOND);
    assert_eq!((received.context().webhook(), received.context().attempt()), ("7", 3));
    assert_eq!(received.context().timeout(), SECOND * 30);
}

#[test]
fn a_delay_lasts_until_the_clock_moves() {
    let clock = ManualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    transport.push(Reply::status(StatusCode::OK).with_delay(SECOND));
    let context = context(1);
    let mut sending = transport.send(post("[]"), &context);
    assert!((&mut sending).now_or_never().is_none());
    assert_eq!(transport.requests().len(), 1);
    clock.advance(SECOND);
    assert_eq!(sending.now_or_never().unwrap().unwrap().status(), 200);
}

#[test]
fn a_transport_can_panic_and_can_hang() {
    let transport = ScriptedTransport::new(ManualClock::new());
    transport.push(Reply::panic());
    transport.push(Reply::hang());
    let context = context(1);
    let panicking = AssertUnwindSafe(transport.send(post("[]"), &context)).catch_unwind();
    assert!(block_on(panicking).is_err());
    assert!(transport.send(post("[]"), &context).now_or_never().is_none());
    assert_eq!(transport.requests().len(), 2);
}

#[test]
fn bodies_can_be_endless_stalled_or_broken() {
    let transport = ScriptedTransport::new(ManualClock::new());
    let push = |body: ReplyBody| transport.push(Reply::response(Response::new(body)));
    push(ReplyBody::from("[").then_endless());
    push(ReplyBody::from("[").then_stall());
    push(ReplyBody::from("[").then_fail(FailureKind::Interrupted));

    let body = || send(&transport, "[]").unwrap().into_body();
    let drained = block_on(body().drain(1 << 20)).unwrap();
    assert_eq!((drained.bytes(), drained.is_complete()), (1 << 20, false));
    let mut stalled = body();
    assert_eq!(block_on(stalled.next()).unwrap().unwrap(), "[");
    assert!(stalled.next().now_or_never().is_none());
    assert_eq!(block_on(body().drain(1 << 20)).unwrap_err().kind(), FailureKind::Interrupted);
}
