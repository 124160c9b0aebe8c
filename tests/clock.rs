//! The behaviour that every clock must have, tested on each clock that follows real time.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
    thread,
    time::Duration,
};

use futures::{FutureExt, StreamExt, future::join_all, stream::FuturesUnordered};
use recohook::{
    Moment,
    clock::{Clock, ThreadClock},
};

const STEP: Duration = Duration::from_millis(3);
const FAR: Duration = Duration::from_secs(3600);

/// A clock and an executor whose futures may sleep on it, both usable from any thread.
trait Host: Sync {
    fn clock(&self) -> &dyn Clock;
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T;
}

struct Threads(ThreadClock);

impl Host for Threads {
    fn clock(&self) -> &dyn Clock {
        &self.0
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        futures::executor::block_on(future)
    }
}

/// A waker that counts its wake-ups.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Counter {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll_with(future: &mut (impl Future<Output = ()> + Unpin), counter: &Arc<Counter>) -> bool {
    let waker = Waker::from(counter.clone());
    future.poll_unpin(&mut Context::from_waker(&waker)).is_ready()
}

fn test_all(host: &impl Host) {
    a_sleep_until_a_past_moment_ends_at_once(host);
    a_sleep_ends_at_its_moment_and_not_before(host);
    sleeps_end_in_order(host);
    a_dropped_sleep_does_not_wake(host);
    only_the_latest_waker_is_woken(host);
    a_long_sleep_does_not_delay_a_short_one(host);
    a_short_sleep_starts_during_a_long_one_on_another_thread(host);
    no_wake_up_is_lost_among_threads(host);
}

fn a_sleep_until_a_past_moment_ends_at_once(host: &impl Host) {
    host.block_on(async {
        host.clock().sleep_until(Moment::ZERO).await;
        let now = host.clock().now();
        host.clock().sleep_until(now).await;
    });
}

fn a_sleep_ends_at_its_moment_and_not_before(host: &impl Host) {
    for micros in [1, 10, 100, 1_000, 10_000] {
        let at = host.clock().now() + Duration::from_micros(micros);
        host.block_on(host.clock().sleep_until(at));
        assert!(host.clock().now() >= at);
    }
}

fn sleeps_end_in_order(host: &impl Host) {
    let start = host.clock().now() + STEP;
    let ended: Vec<u32> = host.block_on(async {
        let sleeps: FuturesUnordered<_> = [3, 0, 4, 1, 2]
            .into_iter()
            .map(|n| host.clock().sleep_until(start + STEP * n).map(move |()| n))
            .collect();
        sleeps.collect().await
    });
    assert_eq!(ended, [0, 1, 2, 3, 4]);
}

fn a_dropped_sleep_does_not_wake(host: &impl Host) {
    let counter = Arc::default();
    host.block_on(async {
        let at = host.clock().now() + STEP;
        let mut dropped = host.clock().sleep_until(at);
        assert!(!poll_with(&mut dropped, &counter));
        drop(dropped);
        host.clock().sleep_until(at + STEP).await;
    });
    assert_eq!(counter.count(), 0);
}

fn only_the_latest_waker_is_woken(host: &impl Host) {
    let (first, latest) = (Arc::default(), Arc::default());
    host.block_on(async {
        let at = host.clock().now() + STEP;
        let mut sleep = host.clock().sleep_until(at);
        assert!(!poll_with(&mut sleep, &first));
        assert!(!poll_with(&mut sleep, &latest));
        host.clock().sleep_until(at + STEP).await;
        assert!(poll_with(&mut sleep, &latest));
    });
    assert_eq!((first.count(), latest.count()), (0, 1));
}

fn a_long_sleep_does_not_delay_a_short_one(host: &impl Host) {
    host.block_on(async {
        let clock = host.clock();
        let mut far = [clock.sleep_until(Moment::MAX), clock.sleep_until(clock.now() + FAR)];
        let counter = Arc::default();
        assert!(far.iter_mut().all(|sleep| !poll_with(sleep, &counter)));
        clock.sleep_until(clock.now() + STEP).await;
        assert!(far.iter_mut().all(|sleep| !poll_with(sleep, &counter)));
        assert_eq!(counter.count(), 0);
    });
}

fn a_short_sleep_starts_during_a_long_one_on_another_thread(host: &impl Host) {
    let clock = host.clock();
    let far = clock.now() + FAR;
    thread::scope(|scope| {
        let (give_up, given_up) = futures::channel::oneshot::channel::<()>();
        scope.spawn(move || {
            host.block_on(futures::future::select(clock.sleep_until(far), given_up));
        });
        host.block_on(clock.sleep_until(clock.now() + STEP));
        give_up.send(()).unwrap();
    });
    assert!(clock.now() < far);
}

fn no_wake_up_is_lost_among_threads(host: &impl Host) {
    let clock = host.clock();
    thread::scope(|scope| {
        for thread in 0..8_u64 {
            scope.spawn(move || {
                for round in 0..100 {
                    let sleep = |n: u64| {
                        let micros = (thread * 37 + round * 11 + n * 101) % 700;
                        clock.sleep_until(clock.now() + Duration::from_micros(micros))
                    };
                    host.block_on(async {
                        // Drop half of the sleeps before they end.
                        join_all((0..5).map(sleep)).now_or_never();
                        join_all((5..10).map(sleep)).await;
                    });
                }
            });
        }
    });
}

#[test]
fn the_thread_clock_passes_all_tests() {
    test_all(&Threads(ThreadClock::new()));
}

#[test]
fn clocks_work_behind_pointers() {
    let shared: Arc<dyn Clock> = Arc::new(ThreadClock::new());
    let boxed: Box<dyn Clock> = Box::new(shared.clone());
    let at = boxed.now() + STEP;
    futures::executor::block_on(boxed.sleep_until(at));
    assert!(shared.now() >= at);
}

#[cfg(feature = "tokio")]
mod tokio_clock {
    use recohook::clock::TokioClock;
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    struct Tokio(Runtime, TokioClock);

    impl Host for Tokio {
        fn clock(&self) -> &dyn Clock {
            &self.1
        }

        fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
            self.0.block_on(future)
        }
    }

    #[test]
    fn the_tokio_clock_passes_all_tests() {
        let runtime = Builder::new_multi_thread().enable_time().build().unwrap();
        test_all(&Tokio(runtime, TokioClock::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_tokio_clock_follows_paused_time() {
        let clock = TokioClock::new();
        let start = clock.now();
        clock.sleep_until(start + FAR).await;
        assert_eq!(clock.now() - start, FAR);
        tokio::time::advance(STEP).await;
        assert_eq!(clock.now() - start, FAR + STEP);
    }
}
