//! Transports that fail in every possible way, with a clock that only the tests move.

use std::{
    error::Error,
    fmt, iter,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use futures::{
    Future,
    executor::LocalPool,
    future, stream,
    task::{LocalSpawnExt, SpawnExt},
};
use recohook::{
    Clock, Config, FailureKind, Moment, Notifier, Reported, Reports, Transport, Webhook,
    bytes::Bytes,
    clock::ThreadClock,
    findface::security,
    http::{HeaderMap, Request, Response, StatusCode, header},
    policy::{Policy, RetryOn},
    report::{FailureCause, ReportEvent, Stats},
    signature::{Message, SignError, Signer},
    testing::{ManualClock, Reply, ReplyBody, ScriptedTransport},
    transport::{Body, Context, TransportError},
};

use super::support::*;

/// A notifier with one driver and one webhook, on an executor that runs until it stalls.
struct Stage {
    pool: LocalPool,
    clock: ManualClock,
    notifier: Notifier,
    reports: Reports,
}

const TIMEOUT: Duration = Duration::from_secs(10);

fn documented() -> Policy {
    security::policy().with_timeout(TIMEOUT).unwrap()
}

impl Stage {
    fn new(transport: impl Transport + 'static, clock: &ManualClock, webhook: Webhook) -> Self {
        let notifier = Notifier::with_config(transport, clock.clone(), Config::default());
        let mut stage = Self {
            pool: LocalPool::new(),
            clock: clock.clone(),
            reports: notifier.reports(),
            notifier,
        };
        stage.notifier.insert("one", webhook).unwrap();
        stage.spawn_driver();
        stage
    }

    fn spawn_driver(&mut self) {
        self.pool.spawner().spawn(self.notifier.driver()).unwrap();
    }

    /// Publishes one event and moves the clock until no task sleeps.
    fn publish_and_run(&mut self) -> Stats {
        self.notifier.publish(&event(1)).unwrap();
        self.run()
    }

    fn run(&mut self) -> Stats {
        self.pool.run_until_stalled();
        while let Some(at) = self.clock.next_wake() {
            self.clock.advance_to(at);
            self.pool.run_until_stalled();
        }
        self.notifier.total()
    }

    /// Returns the causes of the failed attempts, in order.
    fn causes(&mut self) -> Vec<FailureCause> {
        let mut causes = Vec::new();
        while let Some(reported) = self.reports.try_next() {
            let Reported::Report(report) = reported else { panic!("no report may be missed") };
            match report.event() {
                ReportEvent::Failed { cause, .. } | ReportEvent::Dead { cause, .. } => {
                    causes.push(*cause);
                }
                _ => {}
            }
        }
        causes
    }
}

impl Stage {
    /// Returns the texts of the reports of failed attempts so far.
    fn lines(&mut self) -> Vec<String> {
        let reported = iter::from_fn(|| self.reports.try_next());
        let lines = reported.filter_map(|reported| match reported {
            Reported::Report(report) => Some(report.to_string()),
            _ => None,
        });
        lines.filter(|line| line.contains("Error")).collect()
    }
}

fn scripted(replies: impl IntoIterator<Item = Reply>) -> (ManualClock, ScriptedTransport) {
    let clock = ManualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    replies.into_iter().for_each(|reply| transport.push(reply));
    (clock, transport)
}

#[test]
fn a_refusing_receiver_is_retried_with_the_documented_backoff() {
    let (clock, transport) =
        scripted((0..7).map(|_| Reply::status(StatusCode::METHOD_NOT_ALLOWED)));
    let mut stage = Stage::new(transport.clone(), &clock, webhook().with_policy(documented()));
    let stats = stage.publish_and_run();
    assert_eq!((stats.delivered, stats.attempts, stats.failures), (1, 8, 7));
    let at: Vec<Moment> = transport.requests().iter().map(|received| received.at()).collect();
    let waits: Vec<_> =
        at.windows(2).map(|pair| format!("{:.3}", (pair[1] - pair[0]).as_secs_f64())).collect();
    assert_eq!(waits, ["0.270", "0.729", "1.968", "5.314", "14.349", "38.742", "100.000"]);
    let requests = transport.requests();
    assert!(requests.iter().map(|received| received.context().attempt()).eq(1..=8));
}

#[test]
fn every_kind_of_failure_is_reported_and_all_but_one_are_retried() {
    use FailureKind::*;
    for kind in [Timeout, Connect, Tls, Interrupted, Protocol, Panic, InvalidRequest, Other] {
        let (clock, transport) = scripted([Reply::failure(kind)]);
        let mut stage = Stage::new(transport, &clock, webhook().with_policy(documented()));
        let stats = stage.publish_and_run();
        let expected = if kind == InvalidRequest { (0, 1, 1) } else { (1, 0, 2) };
        assert_eq!((stats.delivered, stats.dead, stats.attempts), expected, "{kind}");
        assert_eq!(stage.causes(), [FailureCause::Failure(kind)]);
    }
}

#[test]
fn an_attempt_that_never_ends_times_out() {
    let late = Reply::status(StatusCode::OK).with_delay(TIMEOUT + Duration::from_nanos(1));
    for reply in [Reply::hang(), late] {
        let (clock, transport) = scripted([reply]);
        let mut stage = Stage::new(transport.clone(), &clock, webhook().with_policy(documented()));
        let stats = stage.publish_and_run();
        assert_eq!((stats.delivered, stats.attempts), (1, 2));
        assert_eq!(stage.causes(), [FailureCause::Failure(FailureKind::Timeout)]);
        let second = transport.requests()[1].at();
        assert_eq!(second - Moment::ZERO, TIMEOUT + Duration::from_millis(270));
    }
}

#[test]
fn a_response_at_the_moment_of_the_timeout_counts() {
    let (clock, transport) = scripted([Reply::status(StatusCode::OK).with_delay(TIMEOUT)]);
    let mut stage = Stage::new(transport, &clock, webhook().with_policy(documented()));
    assert_eq!(stage.publish_and_run().failures, 0);
}

/// A clock that counts how many tasks sleep, now and at most at the same time.
struct Watched(ManualClock, Arc<Mutex<(usize, usize)>>);

#[recohook::async_trait]
impl Clock for Watched {
    fn now(&self) -> Moment {
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }

    async fn sleep_until(&self, at: Moment) {
        struct Awake<'a>(&'a Mutex<(usize, usize)>);
        impl Drop for Awake<'_> {
            fn drop(&mut self) {
                self.0.lock().unwrap().0 -= 1;
            }
        }
        {
            let mut asleep = self.1.lock().unwrap();
            *asleep = (asleep.0 + 1, asleep.1.max(asleep.0 + 1));
        }
        let _awake = Awake(&self.1);
        self.0.sleep_until(at).await;
    }
}

#[test]
fn attempts_of_a_driver_share_one_sleep_and_time_out_separately() {
    let (clock, asleep) = (ManualClock::new(), Arc::default());
    // Every third attempt gets a response just before its timeout.
    let (answering, mut times) = (clock.clone(), Vec::new());
    let transport = slow(move |_, context| {
        let (clock, answers) = (answering.clone(), context.timeout().as_secs() % 3 == 0);
        Box::pin(async move {
            let at = clock.now() + (context.timeout() - Duration::from_millis(1));
            if !answers {
                future::pending::<()>().await;
            }
            clock.sleep_until(at).await;
            status(200)
        })
    });
    let notifier = Notifier::new(transport, Watched(clock.clone(), Arc::clone(&asleep)));
    let mut reports = notifier.reports();
    // The attempts begin in the order of insertion, which is not the order in which they end.
    let seconds = (0..50).map(|at| at * 17 % 50 + 1);
    for timeout in seconds {
        let policy = eager(1).with_timeout(Duration::from_secs(timeout)).unwrap();
        notifier.insert(timeout, webhook().with_policy(policy)).unwrap();
    }
    notifier.publish(&event(1)).unwrap();
    let mut pool = LocalPool::new();
    pool.spawner().spawn_local(notifier.driver()).unwrap();
    pool.run_until_stalled();
    while let Some(at) = clock.next_wake() {
        clock.advance_to(at);
        pool.run_until_stalled();
        while let Some(Reported::Report(report)) = reports.try_next() {
            let ended = matches!(report.event(), ReportEvent::Dead { .. });
            times.extend(ended.then_some((report.webhook().to_string(), at)));
        }
    }
    let expected = (1..=50).filter(|timeout| timeout % 3 != 0);
    let expected = expected.map(|one| (one.to_string(), Moment::ZERO + Duration::from_secs(one)));
    assert_eq!(times, Vec::from_iter(expected));
    assert_eq!(notifier.total().delivered, 16);
    assert_eq!(*asleep.lock().unwrap(), (0, 1));
}

#[test]
fn an_endless_body_is_read_up_to_the_bound_and_the_status_counts() {
    for code in [200, 500] {
        let body = Response::builder().status(code).body(ReplyBody::default().then_endless());
        let (clock, transport) = scripted([Reply::response(body.unwrap())]);
        let mut stage = Stage::new(transport, &clock, webhook().with_policy(eager(1)));
        let stats = stage.publish_and_run();
        assert_eq!((stats.delivered, stats.dead), if code == 200 { (1, 0) } else { (0, 1) });
    }
}

#[test]
fn t2_the_head_decides_whatever_happens_to_the_body() {
    let bodies = [
        ReplyBody::from("[").then_fail(FailureKind::Interrupted),
        ReplyBody::from("[").then_fail(FailureKind::Protocol),
        ReplyBody::from("[").then_stall(),
    ];
    for (status, attempts) in [(200, 1), (410, 1), (503, 2)] {
        for body in bodies.clone() {
            let response = Response::builder().status(status).body(body).unwrap();
            let (clock, transport) = scripted([Reply::response(response)]);
            let policy = Policy::default();
            let mut stage = Stage::new(transport, &clock, webhook().with_policy(policy));
            let stats = stage.publish_and_run();
            assert_eq!(stats.attempts, attempts, "{status}");
            assert_eq!(stats.delivered, u64::from(status != 410), "{status}");
            let causes = stage.causes();
            assert!(causes.iter().all(|cause| matches!(cause, FailureCause::Status(_))));
        }
    }
}

#[test]
fn t3_retry_after_counts_whatever_happens_to_the_body() {
    for body in [
        ReplyBody::from("[").then_fail(FailureKind::Interrupted),
        ReplyBody::from("[").then_stall(),
    ] {
        let response = Response::builder().status(429).header(header::RETRY_AFTER, "30");
        let (clock, transport) = scripted([Reply::response(response.body(body).unwrap())]);
        let mut stage = Stage::new(transport.clone(), &clock, webhook().with_policy(documented()));
        assert_eq!(stage.publish_and_run().delivered, 1);
        let requests = transport.requests();
        assert!(requests[1].at() - requests[0].at() >= Duration::from_secs(30));
    }
}

#[test]
fn an_endless_body_of_empty_chunks_is_left_at_the_timeout() {
    let transport = instant(|_, _| {
        let nothing = stream::repeat_with(|| Ok(Bytes::new()));
        Ok(Response::new(Body::stream(nothing)))
    });
    let notifier = Notifier::new(transport, ThreadClock::new());
    let policy = eager(1).with_timeout(Duration::from_millis(20)).unwrap();
    notifier.insert("one", webhook().with_policy(policy)).unwrap();
    in_time(move || {
        let running = World::threads(1).drive(&notifier);
        notifier.publish(&event(1)).unwrap();
        let stats = futures::executor::block_on(notifier.shutdown(LONG));
        assert_eq!((stats.delivered, stats.attempts), (1, 1));
        running.join();
    });
}

#[test]
fn retry_after_blocks_the_whole_webhook() {
    let busy = |value: &str| {
        let response = Response::builder().status(503).header(header::RETRY_AFTER, value);
        Reply::response(
            response.header(header::DATE, "Sun, 06 Nov 1994 08:49:00 GMT").body("").unwrap(),
        )
    };
    for (value, seconds) in [("7", 7), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("86400", 100)] {
        let (clock, transport) = scripted([busy(value)]);
        clock.set_wall(SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000));
        let mut stage = Stage::new(transport.clone(), &clock, webhook().with_policy(documented()));
        stage.notifier.publish(&event(1)).unwrap();
        stage.pool.run_until_stalled();
        let blocked_for = stage.notifier.status("one").unwrap().blocked_for;
        assert_eq!(blocked_for, Duration::from_secs(seconds), "{value}");
        // Another topic of the same webhook must wait, too.
        stage.notifier.publish(&security::CounterRecord::new(1)).unwrap();
        assert_eq!(stage.run().delivered, 2);
        let later = transport.requests();
        assert!(later[1..].iter().all(|one| one.at() - Moment::ZERO >= blocked_for), "{value}");
    }
}

/// A transport that panics before it returns a future.
struct Hasty;

impl Transport for Hasty {
    fn send<'a, 'b, 'c>(
        &'a self,
        _request: Request<Bytes>,
        _context: &'b Context,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        panic!("the transport panics when it is called")
    }
}

struct Unwilling;

impl Signer for Unwilling {
    fn sign(&self, _message: &Message<'_>, _headers: &mut HeaderMap) -> Result<(), SignError> {
        panic!("the signer panics")
    }
}

#[test]
fn a_panic_is_a_failed_attempt() {
    let clock = ManualClock::new();
    let plain = || webhook().with_policy(documented());
    let polled = ScriptedTransport::new(clock.clone());
    polled.set_default_reply(Reply::panic());
    for (transport, webhook) in [
        (Box::new(Hasty) as Box<dyn Transport>, plain()),
        (Box::new(polled), plain()),
        (Box::new(Memory::default()), plain().with_signer(Unwilling)),
    ] {
        let mut stage = Stage::new(transport, &clock, webhook);
        let stats = stage.publish_and_run();
        assert_eq!((stats.dead, stats.attempts, stats.pending()), (1, 10, 0));
        assert_eq!(stage.causes(), [FailureCause::Failure(FailureKind::Panic); 10]);
    }
}

#[test]
fn a_panic_of_a_body_does_not_change_the_answer() {
    let body = instant(|_, _| {
        let chunks = stream::poll_fn(|_| panic!("the body panics"));
        Ok(Response::new(Body::stream(chunks)))
    });
    let mut stage = Stage::new(body, &ManualClock::new(), webhook().with_policy(documented()));
    let stats = stage.publish_and_run();
    assert_eq!((stats.delivered, stats.attempts), (1, 1));
}

/// Returns a transport that fails with an error, which sets `asked` when its text is read.
fn refusing(asked: &Arc<AtomicBool>) -> impl Transport + use<> {
    struct Refused(Arc<AtomicBool>);

    impl fmt::Debug for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Refused")
        }
    }

    impl fmt::Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.store(true, Ordering::Relaxed);
            f.write_str("127.0.0.1 refuses")
        }
    }

    impl Error for Refused {}

    let asked = Arc::clone(asked);
    instant(move |_, _| Err(TransportError::connect(Refused(Arc::clone(&asked)))))
}

#[test]
fn reports_show_the_text_of_the_error() {
    let clock = ManualClock::new();
    let asked = Arc::new(AtomicBool::new(false));
    let mut stage = Stage::new(refusing(&asked), &clock, webhook().with_policy(documented()));
    assert_eq!(stage.publish_and_run().dead, 1);
    let lines = stage.lines();
    assert_eq!(lines.len(), 10);
    for line in lines {
        let expected = "Error sending webhook: no connection to the receiver: 127.0.0.1 refuses. ";
        assert!(line.contains(expected), "{line}");
    }
    assert!(asked.load(Ordering::Relaxed));
}

#[test]
fn without_a_subscription_the_text_of_an_error_is_not_read() {
    let (clock, asked) = (ManualClock::new(), Arc::new(AtomicBool::new(false)));
    let mut stage = Stage::new(refusing(&asked), &clock, webhook().with_policy(documented()));
    let silent = stage.notifier.clone();
    stage.reports = Notifier::new(Memory::default(), clock.clone()).reports();
    assert_eq!(stage.publish_and_run().dead, 1);
    assert!(silent.reports().try_next().is_none());
    assert!(!asked.load(Ordering::Relaxed));
}

#[test]
fn a_panic_is_reported_with_its_message() {
    let (clock, transport) = scripted([Reply::panic()]);
    let mut stage = Stage::new(transport, &clock, webhook().with_policy(documented()));
    assert_eq!(stage.publish_and_run().delivered, 1);
    let line = stage.lines().remove(0);
    assert!(line.contains("the transport or a signer panicked: scripted panic. "), "{line}");
}

#[test]
fn an_error_whose_text_panics_is_a_failed_attempt() {
    #[derive(Debug)]
    struct Shy;

    impl fmt::Display for Shy {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("the text of the error panics")
        }
    }

    impl Error for Shy {}

    let clock = ManualClock::new();
    let shy = instant(|_, _| Err(TransportError::other(Shy)));
    let mut stage = Stage::new(shy, &clock, webhook().with_policy(documented()));
    let stats = stage.publish_and_run();
    assert_eq!((stats.dead, stats.attempts, stats.pending()), (1, 10, 0));
    assert_eq!(stage.causes(), [FailureCause::Failure(FailureKind::Panic); 10]);
}

#[test]
fn a_panic_does_not_affect_other_attempts() {
    let (clock, transport) = scripted([Reply::hang(), Reply::panic()]);
    let mut stage = Stage::new(transport, &clock, webhook().with_policy(documented()));
    stage.notifier.insert("two", webhook().with_policy(documented())).unwrap();
    let stats = stage.publish_and_run();
    assert_eq!((stats.delivered, stats.failures), (2, 2));
}

/// A future that never ends and panics when it is dropped.
struct Grenade;

impl Future for Grenade {
    type Output = Answer;

    fn poll(
        self: Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Answer> {
        std::task::Poll::Pending
    }
}

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("the transport's future panics when it is dropped")
    }
}

#[test]
fn a_dropped_driver_ends_even_if_a_future_in_it_panics() {
    let notifier = Notifier::new(slow(|_, _| Box::pin(Grenade)), ManualClock::new());
    notifier.insert("one", webhook()).unwrap();
    notifier.publish(&event(1)).unwrap();
    let mut driver = notifier.driver();
    assert!(futures::FutureExt::now_or_never(&mut driver).is_none());
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(driver)));
    assert!(dropped.is_err());
    // No driver is left, so the shutdown ends at once.
    let stats = futures::FutureExt::now_or_never(notifier.shutdown(LONG)).unwrap();
    assert_eq!((stats.dropped.shutdown, stats.attempts), (1, 0));
}

#[test]
fn attempts_of_a_dropped_driver_are_abandoned_and_not_counted() {
    let clock = ManualClock::new();
    let transport = ScriptedTransport::new(clock.clone());
    let notifier = Notifier::new(transport.clone(), clock.clone());
    let once = eager(1).with_max_in_flight_batches(3).unwrap();
    let id = webhook().with_policy(once).with_delivery_id_header("x-delivery").unwrap();
    notifier.insert("one", id).unwrap();
    for id in 0..3 {
        notifier.publish(&event(id)).unwrap();
        transport.push(Reply::hang());
    }
    let mut pool = LocalPool::new();
    let driver = pool.spawner().spawn_with_handle(notifier.driver()).unwrap();
    pool.run_until_stalled();
    assert_eq!(notifier.status("one").unwrap().in_flight, 3);
    let mut reports = notifier.reports();
    drop(driver);
    pool.run_until_stalled();
    let stats = notifier.total();
    assert_eq!(notifier.status("one").unwrap().in_flight, 0);
    assert_eq!((stats.pending(), stats.attempts, stats.failures), (3, 0, 0));
    for _ in 0..3 {
        let Some(Reported::Report(report)) = reports.try_next() else {
            panic!("three reports are expected")
        };
        assert!(matches!(report.event(), ReportEvent::Abandoned { attempt: 1, .. }), "{report}");
    }
    // Another driver sends them again, with the same delivery ids and attempt numbers.
    pool.spawner().spawn_local(notifier.driver()).unwrap();
    pool.run_until_stalled();
    let stats = notifier.total();
    assert_eq!((stats.delivered, stats.attempts), (3, 3));
    let requests = transport.requests();
    let ids = |at: std::ops::Range<usize>| {
        let mut ids: Vec<_> = requests[at]
            .iter()
            .map(|one| (one.request().headers()["x-delivery"].clone(), one.context().attempt()))
            .collect();
        ids.sort_by(|one, other| one.0.as_bytes().cmp(other.0.as_bytes()));
        ids
    };
    assert_eq!(ids(0..3), ids(3..6));
}

#[test]
fn another_driver_takes_over_the_timer_of_a_dropped_one() {
    let (clock, transport) = scripted([Reply::status(StatusCode::BAD_GATEWAY)]);
    let notifier = Notifier::new(transport, clock.clone());
    notifier.insert("one", webhook().with_policy(documented())).unwrap();
    notifier.publish(&event(1)).unwrap();
    let mut pool = LocalPool::new();
    let first = pool.spawner().spawn_with_handle(notifier.driver()).unwrap();
    pool.run_until_stalled();
    // This driver parks without a timer. It must take over the timer of the first one.
    pool.spawner().spawn_local(notifier.driver()).unwrap();
    pool.run_until_stalled();
    drop(first);
    pool.run_until_stalled();
    assert_eq!(clock.next_wake(), Some(Moment::ZERO + Duration::from_millis(270)));
    clock.advance(Duration::from_millis(270));
    pool.run_until_stalled();
    assert_eq!(notifier.total().delivered, 1);
}

#[test]
fn a_clock_that_jumps_loses_nothing() {
    struct Jumpy(ManualClock, Arc<AtomicBool>);
    #[recohook::async_trait]
    impl Clock for Jumpy {
        fn now(&self) -> Moment {
            // Every other call returns the origin.
            let back = self.1.fetch_xor(true, Ordering::Relaxed);
            if back { Moment::ZERO } else { self.0.now() }
        }
        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH - Duration::from_secs(1)
        }
        async fn sleep_until(&self, at: Moment) {
            self.0.sleep_until(at).await;
        }
    }
    let (clock, transport) = scripted((0..3).map(|_| Reply::status(StatusCode::BAD_GATEWAY)));
    let notifier = Notifier::new(transport, Jumpy(clock.clone(), Arc::default()));
    notifier.insert("one", webhook().with_policy(documented())).unwrap();
    let mut pool = LocalPool::new();
    pool.spawner().spawn_local(notifier.driver()).unwrap();
    notifier.publish(&event(1)).unwrap();
    for _ in 0..10 {
        pool.run_until_stalled();
        clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(notifier.total().delivered, 1);
    clock.advance_to(Moment::MAX);
    notifier.publish(&event(2)).unwrap();
    pool.run_until_stalled();
    assert_eq!(notifier.total().delivered, 2);
}

#[test]
fn a_4xx_ends_a_delivery_only_if_the_policy_says_so() {
    for (on, attempts) in [(RetryOn::Transient, 1), (RetryOn::AnyFailure, 2)] {
        let (clock, transport) = scripted([Reply::status(StatusCode::GONE)]);
        let retry = documented().retry().clone().with_retry_on(on);
        let policy = documented().with_retry(retry);
        let mut stage = Stage::new(transport, &clock, webhook().with_policy(policy));
        assert_eq!(stage.publish_and_run().attempts, attempts);
    }
}

#[test]
fn a_busy_driver_lets_other_tasks_run() {
    // The work never ends, because each delivery publishes the next event.
    let notifier = Arc::new(std::sync::OnceLock::<Notifier>::new());
    let inner = Arc::clone(&notifier);
    let transport = instant(move |_, _| {
        inner.get().unwrap().publish(&event(1)).unwrap();
        status(200)
    });
    let endless = Notifier::new(transport, ManualClock::new());
    assert!(notifier.set(endless.clone()).is_ok());
    endless.insert("one", webhook()).unwrap();
    endless.publish(&event(0)).unwrap();
    let mut pool = LocalPool::new();
    pool.spawner().spawn_local(endless.driver()).unwrap();
    pool.run_until(async {
        for _ in 0..3 {
            yield_once().await;
        }
    });
    assert!(endless.total().delivered > 0);
}

async fn yield_once() {
    let mut yielded = false;
    future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
