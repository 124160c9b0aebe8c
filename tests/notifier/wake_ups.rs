//! No wake-up is lost.

use std::sync::mpsc;
#[cfg(feature = "testing")]
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use recohook::{Config, policy::Batching};

use super::support::*;

#[test]
fn a_hundred_thousand_single_publishes_are_each_delivered() {
    in_time(|| {
        let world = World::threads(2);
        let (arrived, arrivals) = mpsc::channel();
        let arrived = std::sync::Mutex::new(arrived);
        let transport = instant(move |_, _| {
            arrived.lock().unwrap().send(()).unwrap();
            status(200)
        });
        let (notifier, running) = world.start(transport, Config::default());
        notifier.insert("all", webhook()).unwrap();
        let event = event(1);
        for number in 0..100_000 {
            notifier.publish(&event).unwrap();
            let arrival = arrivals.recv_timeout(LONG);
            assert!(arrival.is_ok(), "publish {number} woke no driver: {}", notifier.total());
        }
        let stats = world.block_on(notifier.shutdown(LONG));
        assert_eq!((stats.delivered, stats.attempts), (100_000, 100_000));
        running.join();
    });
}

#[test]
fn a_thousand_flushes_of_lingering_batches_all_end() {
    everywhere(|world| {
        let (notifier, running) = world.start(Memory::default(), Config::default());
        let lingering = eager(1).with_batch(Batching::at_most(9).unwrap().with_linger(LONG));
        notifier.insert("all", webhook().with_policy(lingering)).unwrap();
        for round in 1..=1000 {
            notifier.publish(&event(round)).unwrap();
            let stats = world.block_on(notifier.flush(LONG));
            assert_eq!((stats.delivered, stats.pending()), (round, 0));
        }
        world.block_on(notifier.shutdown(LONG));
        running.join();
    });
}

#[test]
fn drivers_that_come_and_go_leave_nothing_unsent() {
    let world = World::threads(1);
    let (arrived, arrivals) = mpsc::channel();
    let arrived = std::sync::Mutex::new(arrived);
    let transport = instant(move |_, _| {
        arrived.lock().unwrap().send(()).unwrap();
        status(200)
    });
    let (notifier, running) = world.start(transport, Config::default());
    notifier.insert("all", webhook()).unwrap();
    for _ in 0..2000 {
        // This driver parks, and is dropped when the publish may have woken it.
        let mut short_lived = notifier.driver();
        let waker = futures::task::noop_waker();
        let mut context = std::task::Context::from_waker(&waker);
        assert!(futures::FutureExt::poll_unpin(&mut short_lived, &mut context).is_pending());
        notifier.publish(&event(1)).unwrap();
        drop(short_lived);
        arrivals.recv_timeout(LONG).expect("the other driver takes over");
    }
    world.block_on(notifier.shutdown(LONG));
    running.join();
}

/// A driver that sleeps until a later moment is woken for an earlier one, and only for that.
#[cfg(feature = "testing")]
#[test]
fn an_earlier_timer_wakes_a_driver_that_sleeps_until_a_later_one() {
    use std::{task::Context, time::Duration};

    use futures::FutureExt;
    use recohook::{Moment, Notifier, testing::ManualClock};

    let at = |seconds| Moment::ZERO + Duration::from_secs(seconds);
    let (clock, memory) = (ManualClock::new(), Memory::default());
    let notifier = Notifier::new(memory.clone(), clock.clone());
    let (mut driver, wakes) = (notifier.driver(), Arc::new(Wakes::default()));
    let waker = Arc::clone(&wakes).into();
    let mut context = Context::from_waker(&waker);
    assert!(driver.poll_unpin(&mut context).is_pending());

    for (seconds, is_nearest) in [(50, true), (10, true), (30, false)] {
        let batching = Batching::at_most(9).unwrap().with_linger(Duration::from_secs(seconds));
        let lingering = webhook().with_policy(eager(1).with_batch(batching));
        notifier.insert(seconds.to_string(), lingering).unwrap();
        notifier.publish(&event(seconds)).unwrap();
        assert_eq!(wakes.take() > 0, is_nearest, "for a timer of {seconds} s");
        assert!(driver.poll_unpin(&mut context).is_pending());
    }
    for (seconds, ids) in [(10, &["10", "30"][..]), (30, &["30"]), (50, &["50", "10", "30"])] {
        assert_eq!(clock.next_wake(), Some(at(seconds)));
        clock.advance_to(at(seconds));
        assert!(wakes.take() > 0);
        assert!(driver.poll_unpin(&mut context).is_pending());
        let requests = memory.requests();
        assert_eq!(requests.last().map(super::support::ids).unwrap(), ids, "after {seconds} s");
    }
    assert_eq!(memory.requests().len(), 3);
}

/// A waker that counts how often it is woken.
#[cfg(feature = "testing")]
#[derive(Default)]
struct Wakes(AtomicUsize);

#[cfg(feature = "testing")]
impl Wakes {
    /// Returns how often it was woken since the last call.
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

#[cfg(feature = "testing")]
impl std::task::Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
