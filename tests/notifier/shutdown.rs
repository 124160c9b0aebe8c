//! Flush and shutdown, and how drivers end.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, executor::block_on, future::join, future::pending, poll};
use recohook::{
    Config, Notifier, PublishError, Transport, Webhook,
    clock::ThreadClock,
    policy::Batching,
    report::{DeadLetter, DeadLetterReason, DropReason, Stats},
};

use super::support::*;

const SOON: Duration = Duration::from_millis(10);

/// Returns a transport that never responds.
fn silent() -> impl Transport + 'static {
    slow(|_, _| Box::pin(pending()))
}

fn lingering() -> Webhook {
    let batching = Batching::at_most(1000).unwrap().with_linger(LONG);
    webhook().with_policy(eager(1).with_batch(batching))
}

#[test]
fn a_flush_sends_lingering_batches_at_once_and_returns_the_statistics() {
    everywhere(|world| {
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        notifier.insert("all", lingering()).unwrap();
        for id in 0..3 {
            notifier.publish(&event(id)).unwrap();
        }
        assert!(memory.requests().is_empty());
        let stats = world.block_on(notifier.flush(LONG));
        assert_eq!((stats.delivered, stats.attempts, stats.pending()), (3, 1, 0));
        // A later notification lingers again.
        notifier.publish(&event(3)).unwrap();
        assert_eq!(notifier.total().pending(), 1);
        world.block_on(notifier.shutdown(LONG));
        assert_eq!(memory.requests().len(), 2);
        running.join();
    });
}

#[test]
fn a_flush_ends_in_time_even_if_something_is_pending() {
    everywhere(|world| {
        let (notifier, running) = world.start(silent(), Config::default());
        notifier.insert("all", webhook()).unwrap();
        notifier.publish(&event(1)).unwrap();
        assert_eq!(world.block_on(notifier.flush(SOON)).pending(), 1);
        assert_eq!(world.block_on(notifier.flush(Duration::ZERO)).pending(), 1);
        let stats = world.block_on(notifier.shutdown(SOON));
        assert_eq!((stats.dropped.shutdown, stats.pending()), (1, 0));
        running.join();
    });
}

#[test]
fn concurrent_flushes_all_end() {
    everywhere(|world| {
        let (notifier, running) = world.start(Memory::default(), Config::default());
        notifier.insert("all", lingering()).unwrap();
        std::thread::scope(|scope| {
            for publisher in 0..4 {
                let notifier = notifier.clone();
                scope.spawn(move || {
                    for number in 0..50 {
                        notifier.publish(&event(format!("{publisher}-{number}"))).unwrap();
                        let own = world.block_on(notifier.flush(LONG));
                        assert!(
                            own.delivered > number,
                            "the thread's own events must be delivered"
                        );
                    }
                });
            }
        });
        let both = join(notifier.flush(LONG), notifier.flush(LONG));
        let (one, other) = world.block_on(both);
        assert_eq!((one.delivered, other.delivered), (200, 200));
        world.block_on(notifier.shutdown(LONG));
        running.join();
    });
}

#[test]
fn a_flush_that_is_dropped_leaves_nothing_behind() {
    everywhere(|world| {
        let (notifier, running) = world.start(silent(), Config::default());
        notifier.insert("all", webhook()).unwrap();
        notifier.publish(&event(1)).unwrap();
        let (count, waker) = counting_waker();
        for _ in 0..3 {
            let mut context = std::task::Context::from_waker(&waker);
            let mut flush = Box::pin(notifier.flush(LONG));
            let inside = world.block_on(async { flush.poll_unpin(&mut context).is_pending() });
            assert!(inside);
            drop(flush);
        }
        // The notifier must not keep the waker of a dropped flush, and must not wake it.
        world.block_on(notifier.shutdown(SOON));
        assert_eq!(Arc::strong_count(&count), 2);
        assert_eq!(*count.0.lock().unwrap(), 0);
        drop(waker);
        running.join();
    });
}

/// A waker that counts how often it is woken.
struct Count(Mutex<usize>);

impl std::task::Wake for Count {
    fn wake(self: Arc<Self>) {
        *self.0.lock().unwrap() += 1;
    }
}

fn counting_waker() -> (Arc<Count>, std::task::Waker) {
    let count = Arc::new(Count(Mutex::new(0)));
    (Arc::clone(&count), count.into())
}

#[test]
fn without_a_driver_flush_and_shutdown_end_at_once() {
    let dead_letters = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&dead_letters);
    let config = Config::default().with_dead_letter_handler(move |dead_letter: DeadLetter| {
        kept.lock().unwrap().push(dead_letter)
    });
    let notifier = Notifier::with_config(Memory::default(), ThreadClock::new(), config);
    notifier.insert("all", webhook()).unwrap();
    for id in 0..3 {
        notifier.publish(&event(id)).unwrap();
    }
    // A future that is ready at once has not slept.
    let flushed = notifier.flush(LONG).now_or_never().unwrap();
    assert_eq!(flushed.pending(), 3);
    let closing = notifier.shutdown(LONG).now_or_never().unwrap();
    assert_eq!((closing.accepted, closing.dropped.shutdown, closing.pending()), (3, 3, 0));
    let dead_letters = dead_letters.lock().unwrap();
    let [dead_letter] = &dead_letters[..] else {
        panic!("one dead letter is expected: {dead_letters:?}")
    };
    assert_eq!(dead_letter.reason(), DeadLetterReason::Dropped(DropReason::Shutdown));
    assert!(dead_letter.batch().ids().eq(["0", "1", "2"]));
}

#[test]
fn flush_and_shutdown_end_when_the_last_driver_is_dropped() {
    let notifier = Notifier::new(silent(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    notifier.publish(&event(1)).unwrap();
    block_on(async {
        let (one, other) = (notifier.driver(), notifier.driver());
        let (flush, shutdown) = (notifier.flush(LONG), notifier.shutdown(LONG));
        futures::pin_mut!(flush, shutdown);
        assert!(poll!(&mut flush).is_pending());
        drop(one);
        assert!(poll!(&mut flush).is_pending());
        drop(other);
        assert_eq!(flush.await.pending(), 1);

        let driver = notifier.driver();
        assert!(poll!(&mut shutdown).is_pending());
        drop(driver);
        assert_eq!(shutdown.await.dropped.shutdown, 1);
    });
}

#[test]
fn shutdown_sends_what_it_can_and_drops_the_rest_in_time() {
    everywhere(|world| {
        let dead_letters = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&dead_letters);
        let config = Config::default().with_dead_letter_handler(move |dead_letter: DeadLetter| {
            kept.lock().unwrap().push(dead_letter)
        });
        let transport = slow(|_, context| {
            let stuck = context.webhook() == "stuck";
            Box::pin(async move { if stuck { pending().await } else { status(200) } })
        });
        let (notifier, running) = world.start(transport, config);
        notifier.insert("stuck", webhook()).unwrap();
        notifier.insert("lingers", lingering()).unwrap();
        notifier.insert("paused", webhook()).unwrap();
        notifier.pause("paused").unwrap();
        for id in 0..4 {
            notifier.publish(&event(id)).unwrap();
        }
        let sent = |stats: Option<Stats>| stats.unwrap().delivered == 4;
        world.block_on(async {
            let patient = notifier.shutdown(LONG);
            futures::pin_mut!(patient);
            assert!(poll!(patient).is_pending());
        });
        while !sent(notifier.stats("lingers")) {
            std::thread::yield_now();
        }
        let stats = world.block_on(notifier.shutdown(SOON));
        assert_eq!((stats.accepted, stats.pending()), (12, 0));
        assert_eq!((stats.delivered, stats.dropped.shutdown), (4, 8));
        running.join();
        let dead_letters = dead_letters.lock().unwrap();
        assert!(
            dead_letters
                .iter()
                .all(|one| one.reason() == DeadLetterReason::Dropped(DropReason::Shutdown))
        );
        let members: usize = dead_letters.iter().map(|dead_letter| dead_letter.batch().len()).sum();
        assert_eq!(members, 8);
        assert!(matches!(notifier.publish(&event(9)), Err(PublishError::Closed)));
        assert_eq!(notifier.total(), stats);
    });
}

#[test]
fn shutdown_does_not_wait_for_paused_webhooks() {
    everywhere(|world| {
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        notifier.insert("paused", webhook()).unwrap();
        notifier.pause("paused").unwrap();
        notifier.publish(&event(1)).unwrap();
        let stats = in_time({
            let notifier = notifier.clone();
            move || block_on(notifier.shutdown(Duration::from_secs(3600)))
        });
        assert_eq!(stats.dropped.shutdown, 1);
        assert!(memory.requests().is_empty());
        running.join();
    });
}

#[test]
fn a_cancelled_shutdown_stays_in_effect_and_can_be_repeated() {
    everywhere(|world| {
        let (notifier, running) = world.start(silent(), Config::default());
        notifier.insert("all", webhook()).unwrap();
        notifier.publish(&event(1)).unwrap();
        world.block_on(async {
            let shutdown = notifier.shutdown(LONG);
            futures::pin_mut!(shutdown);
            assert!(poll!(shutdown).is_pending());
        });
        assert!(matches!(notifier.publish(&event(2)), Err(PublishError::Closed)));
        let both = join(notifier.shutdown(LONG), notifier.shutdown(SOON));
        let (one, other) = world.block_on(both);
        assert_eq!(one, other);
        assert_eq!((one.dropped.shutdown, one.pending()), (1, 0));
        assert_eq!(world.block_on(notifier.shutdown(LONG)), one);
        running.join();
        // A driver that is spawned after the shutdown ends at once.
        world.drive(&notifier).join();
    });
}

#[test]
fn a_shutdown_that_is_never_polled_does_nothing() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    drop(notifier.shutdown(LONG));
    assert!(notifier.publish(&event(1)).is_ok());
}

#[test]
fn webhooks_can_be_read_and_changed_after_the_shutdown() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    block_on(notifier.shutdown(LONG));
    notifier.update("all", webhook().with_name("later")).unwrap();
    notifier.insert("new", webhook()).unwrap();
    notifier.pause("new").unwrap();
    notifier.remove("all").unwrap();
    assert_eq!(notifier.webhooks().len(), 1);
    assert_eq!(block_on(notifier.flush(LONG)).pending(), 0);
}
