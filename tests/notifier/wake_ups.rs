//! No wake-up gets lost.

use std::sync::mpsc;

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
            assert!(arrival.is_ok(), "publish {number} woke nobody: {}", notifier.total());
        }
        let account = world.block_on(notifier.shutdown(LONG));
        assert_eq!((account.delivered, account.attempts), (100_000, 100_000));
        running.join();
    });
}

#[test]
fn a_thousand_flushes_of_what_lingers_each_end() {
    everywhere(|world| {
        let (notifier, running) = world.start(Memory::default(), Config::default());
        let lingering = eager(1).with_batch(Batching::at_most(9).unwrap().with_linger(LONG));
        notifier.insert("all", webhook().with_policy(lingering)).unwrap();
        for round in 1..=1000 {
            notifier.publish(&event(round)).unwrap();
            let account = world.block_on(notifier.flush(LONG));
            assert_eq!((account.delivered, account.pending()), (round, 0));
        }
        world.block_on(notifier.shutdown(LONG));
        running.join();
    });
}

#[test]
fn drivers_that_come_and_go_leave_nothing_lying() {
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
        // A driver that parks, and goes when it may have been called.
        let mut passing = notifier.driver();
        let waker = futures::task::noop_waker();
        let mut context = std::task::Context::from_waker(&waker);
        assert!(futures::FutureExt::poll_unpin(&mut passing, &mut context).is_pending());
        notifier.publish(&event(1)).unwrap();
        drop(passing);
        arrivals.recv_timeout(LONG).expect("the driver that is left takes over");
    }
    world.block_on(notifier.shutdown(LONG));
    running.join();
}
