//! Several threads publish while the registry changes.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use recohook::{Notifier, WebhookId, clock::ThreadClock};

use super::support::*;

fn undriven() -> Notifier {
    Notifier::new(Memory::default(), ThreadClock::new())
}

#[test]
fn a_change_applies_to_every_thread_at_once() {
    const THREADS: usize = 3;
    let (notifier, turn) = (undriven(), Barrier::new(THREADS + 1));
    let steps = [
        (0, "x"),
        (1, "inserted"),
        (0, "updated"),
        (1, "updated back"),
        (1, "paused"),
        (0, "removed"),
        (2, "replaced"),
    ];
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for (wanted, after) in steps {
                    turn.wait();
                    let receipt = notifier.publish(&event(1)).unwrap();
                    assert_eq!(receipt.matched, wanted, "{after}");
                    turn.wait();
                }
            });
        }
        for (_, what) in steps {
            match what {
                "inserted" => notifier.insert("a", webhook()).unwrap(),
                "updated" => notifier.update("a", webhook().with_active(false)).unwrap(),
                "updated back" => notifier.update("a", webhook()).unwrap(),
                "paused" => notifier.pause("a").unwrap(),
                "removed" => notifier.remove("a").unwrap(),
                "replaced" => {
                    let both = ["a", "b"].map(|id| (WebhookId::from(id), webhook()));
                    assert_eq!(notifier.replace_all(both).unwrap().inserted, 2);
                }
                _ => {}
            }
            turn.wait();
            turn.wait();
        }
    });
}

/// At any moment, exactly one of the two webhooks is registered.
#[test]
fn no_notification_is_lost_while_one_webhook_replaces_another() {
    const TIMES: u64 = 2_000;
    let (notifier, done) = (undriven(), AtomicBool::new(false));
    let only = |id: &str| notifier.replace_all([(WebhookId::from(id), webhook())]).unwrap();
    only("a");
    thread::scope(|scope| {
        let threads = [0, 1].map(|_| {
            scope.spawn(|| {
                for id in 0..TIMES {
                    let receipt = notifier.publish(&event(id)).unwrap();
                    assert_eq!((receipt.matched, receipt.queued), (1, 1), "notification {id}");
                }
            })
        });
        let changes = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert_eq!((only("b").removed, only("a").removed), (1, 1));
            }
        });
        let results = threads.map(thread::ScopedJoinHandle::join);
        done.store(true, Ordering::Relaxed);
        changes.join().unwrap();
        results.into_iter().for_each(|result| result.unwrap());
    });
    let total = notifier.total();
    assert_eq!(total.accepted, 2 * TIMES);
    assert_eq!(total.dropped.removed + total.pending(), 2 * TIMES);
}
