//! Every queue is bounded, and a notification that does not fit is counted.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{channel::oneshot, executor::block_on};
use recohook::{
    Config, Limits, Notifier, PublishError, Receipt,
    clock::ThreadClock,
    policy::Overflow,
    report::{DeadLetter, DeadLetterReason, DropReason},
};

use super::support::*;

fn idle(limits: Limits) -> Notifier {
    let config = Config::default().with_limits(limits);
    Notifier::with_config(Memory::default(), ThreadClock::new(), config)
}

fn counts(receipt: &Receipt) -> (usize, usize, usize) {
    (receipt.matched, receipt.queued, receipt.rejected)
}

fn assert_full(published: Result<Receipt, PublishError>, webhooks: usize) {
    match published {
        Err(PublishError::Full { rejected }) => assert_eq!(rejected, webhooks),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_queue_of_a_webhook_is_bounded_in_notifications() {
    let notifier = idle(Limits::default().with_max_webhook_queue_items(2));
    notifier.insert("old", webhook()).unwrap();
    notifier.publish(&event(1)).unwrap();
    notifier.insert("new", webhook()).unwrap();
    assert_eq!(counts(&notifier.publish(&event(2)).unwrap()), (2, 2, 0));
    // It is an error only if nothing was queued.
    assert_eq!(counts(&notifier.publish(&event(3)).unwrap()), (2, 1, 1));
    assert_full(notifier.publish(&event(4)), 2);
    let stats = notifier.stats("old").unwrap();
    assert_eq!((stats.matched, stats.accepted, stats.rejected), (4, 2, 2));
    assert_eq!(stats.pending(), 2);
}

#[test]
fn the_queue_of_a_webhook_is_bounded_in_bytes() {
    let notifier = idle(Limits::default().with_max_webhook_queue_bytes(100));
    notifier.insert("one", webhook()).unwrap();
    assert_full(notifier.publish(&Probe::of_bytes(101)), 1);
    assert!(notifier.publish(&Probe::of_bytes(60)).is_ok());
    assert_full(notifier.publish(&Probe::of_bytes(41)), 1);
    assert!(notifier.publish(&Probe::of_bytes(40)).is_ok());
    assert_eq!(notifier.status("one").unwrap().pending_bytes, 100);
}

#[test]
fn all_queues_together_are_bounded_in_notifications() {
    let notifier = idle(Limits::default().with_max_queue_items(3));
    for id in 0..2 {
        notifier.insert(id, webhook()).unwrap();
    }
    assert_eq!(counts(&notifier.publish(&event(1)).unwrap()), (2, 2, 0));
    assert_eq!(counts(&notifier.publish(&event(2)).unwrap()), (2, 1, 1));
    assert_full(notifier.publish(&event(3)), 2);
}

#[test]
fn total_bytes_count_once_for_all_webhooks_and_are_freed_with_the_last() {
    let notifier = idle(Limits::default().with_max_queue_bytes(100));
    for id in 0..10 {
        notifier.insert(id, webhook()).unwrap();
    }
    assert_eq!(counts(&notifier.publish(&Probe::of_bytes(60)).unwrap()), (10, 10, 0));
    assert_eq!(counts(&notifier.publish(&Probe::of_bytes(40)).unwrap()), (10, 10, 0));
    assert_full(notifier.publish(&Probe::of_bytes(1)), 10);
    for id in 0..9 {
        notifier.remove(id).unwrap();
    }
    assert_full(notifier.publish(&Probe::of_bytes(1)), 1);
    notifier.remove(9).unwrap();
    notifier.insert("new", webhook()).unwrap();
    assert!(notifier.publish(&Probe::of_bytes(100)).is_ok());
}

#[test]
fn bytes_are_freed_after_delivery() {
    everywhere(|world| {
        let config = Config::default().with_limits(Limits::default().with_max_queue_bytes(100));
        let (notifier, running) = world.start(Memory::default(), config);
        notifier.insert("one", webhook()).unwrap();
        let mut delivered = 0;
        while delivered < 100 {
            // A driver frees a delivery just after it is counted, so publishing may fail until
            // then.
            delivered += u64::from(notifier.publish(&Probe::of_bytes(100)).is_ok());
            std::thread::yield_now();
        }
        let stats = world.block_on(notifier.shutdown(LONG));
        assert_eq!((stats.delivered, stats.pending()), (100, 0));
        assert_eq!(stats.matched, stats.delivered + stats.rejected);
        running.join();
    });
}

#[test]
fn a_dropped_oldest_notification_is_counted_and_becomes_a_dead_letter() {
    let dead_letters = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&dead_letters);
    let config = Config::default()
        .with_limits(Limits::default().with_max_webhook_queue_items(2))
        .with_dead_letter_handler(move |dead_letter: DeadLetter| {
            kept.lock().unwrap().push(dead_letter)
        });
    let notifier = Notifier::with_config(Memory::default(), ThreadClock::new(), config);
    let latest = webhook().with_policy(eager(1).with_overflow(Overflow::DropOldest));
    notifier.insert("latest", latest).unwrap();
    for id in 0..5 {
        assert_eq!(notifier.publish(&event(id)).unwrap().queued, 1);
    }
    let stats = notifier.stats("latest").unwrap();
    assert_eq!((stats.accepted, stats.dropped.overflow, stats.pending()), (5, 3, 2));
    let dead_letters = dead_letters.lock().unwrap();
    let dropped = dead_letters.iter().map(|dead_letter| dead_letter.batch().items()[0].id());
    assert!(dropped.eq(["0", "1", "2"]));
    assert!(dead_letters.iter().all(|dead_letter| {
        dead_letter.reason() == DeadLetterReason::Dropped(DropReason::Overflow)
            && dead_letter.webhook().as_str() == "latest"
    }));
}

#[test]
fn requests_in_flight_are_bounded_with_any_number_of_drivers() {
    everywhere(|world| {
        let limits = Limits::default().with_max_in_flight(3).with_max_webhook_in_flight(2);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let clock = Arc::new(ThreadClock::new());
        let transport = slow(move |_, _| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let (now, clock) = (Arc::clone(&now), Arc::clone(&clock));
            Box::pin(async move {
                let due = recohook::Clock::now(&clock) + Duration::from_millis(1);
                recohook::Clock::sleep_until(&clock, due).await;
                now.fetch_sub(1, Ordering::SeqCst);
                status(200)
            })
        });
        let (notifier, running) = world.start(transport, Config::default().with_limits(limits));
        for id in 0..5 {
            let several = webhook().with_policy(eager(1).with_max_in_flight_batches(4).unwrap());
            notifier.insert(id, several).unwrap();
        }
        for id in 0..20 {
            notifier.publish(&event(id)).unwrap();
        }
        assert_eq!(world.block_on(notifier.shutdown(LONG)).delivered, 100);
        assert_eq!(seen.load(Ordering::SeqCst), 3);
        running.join();
    });
}

#[test]
fn a_dead_receiver_does_not_delay_others() {
    let (stuck, stays) = oneshot::channel::<()>();
    let stays = futures::FutureExt::shared(stays);
    let transport = slow(move |_, context| {
        let stays = stays.clone();
        let dead = context.webhook() == "dead";
        Box::pin(async move {
            if dead {
                let _ = stays.await;
            }
            status(200)
        })
    });
    let world = World::threads(1);
    let (notifier, running) = world.start(transport, Config::default());
    notifier.insert("dead", webhook()).unwrap();
    notifier.insert("alive", webhook()).unwrap();
    for id in 0..100 {
        notifier.publish(&event(id)).unwrap();
    }
    while notifier.stats("alive").unwrap().delivered < 100 {
        std::thread::yield_now();
    }
    assert_eq!(notifier.stats("dead").unwrap().pending(), 100);
    assert_eq!(notifier.status("dead").unwrap().in_flight, 1);
    drop(stuck);
    assert_eq!(block_on(notifier.shutdown(LONG)).delivered, 200);
    running.join();
}
