//! Changes of the registry while other threads publish.

use std::sync::Arc;

use recohook::{Notifier, Registrar, RegistryError, Reported, Webhook, WebhookId};
use shuttle::{
    future::block_on,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{
    network::Reply,
    world::{World, below, publish, webhook},
};

/// After a change has returned, it applies to the notifications of all threads.
pub(crate) fn changes_apply_at_once() {
    // Incremented before and after each change, so it is even while nothing changes.
    let phase = Arc::new(AtomicUsize::new(0));
    type Change = fn(&Notifier) -> Result<(), RegistryError>;
    /// The changes, each with the number of webhooks that match afterwards.
    const CHANGES: [(Change, usize); 4] = [
        (|notifier| notifier.insert("b", webhook()), 2),
        (|notifier| notifier.update("b", webhook().with_active(false)), 1),
        (|notifier| notifier.remove("b"), 1),
        (|notifier| notifier.insert("c", webhook()), 2),
    ];
    let wanted = |changes: usize| changes.checked_sub(1).map_or(1, |last| CHANGES[last].1);

    let mut world = World::new(Reply::success);
    world.notifier.insert("a", webhook()).unwrap();
    world.drive(1);
    let publishers = [10, 20].map(|first| {
        let phase = Arc::clone(&phase);
        world.spawn(move |notifier| {
            for id in first..first + 3 {
                let before = phase.load(Ordering::SeqCst);
                let matched = publish(&notifier, id).matched;
                let after = phase.load(Ordering::SeqCst);
                if before == after && before.is_multiple_of(2) {
                    assert_eq!(matched, wanted(before / 2), "after change {}", before / 2);
                }
                assert!(matched == 1 || matched == 2);
            }
        })
    });
    let changer = world.spawn(move |notifier| {
        for (change, wanted) in CHANGES {
            phase.fetch_add(1, Ordering::SeqCst);
            change(&notifier).unwrap();
            phase.fetch_add(1, Ordering::SeqCst);
            assert_eq!(publish(&notifier, 1).matched, wanted);
        }
    });
    publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    changer.join().unwrap();
    let (stats, network) = world.end();
    assert_eq!(stats.rejected, 0);
    assert_eq!(stats.delivered, network.done().len() as u64);
    assert_eq!(stats.accepted, stats.delivered + stats.dropped.removed);
}

/// One webhook replaces another. Each notification is queued for exactly one of the two.
pub(crate) fn one_webhook_replaces_another() {
    let mut world = World::new(Reply::success);
    let replace = |notifier: &Notifier, id: &str| {
        notifier.replace_all([(WebhookId::from(id), webhook())]).unwrap()
    };
    replace(&world.notifier, "a");
    world.drive(1);
    let publishers = [10, 20].map(|first| {
        world.spawn(move |notifier| {
            for id in first..first + 2 {
                let receipt = publish(&notifier, id);
                assert_eq!((receipt.matched, receipt.queued), (1, 1), "notification {id}");
            }
        })
    });
    let changer = world.spawn(move |notifier| {
        for id in ["b", "a"] {
            let replaced = replace(&notifier, id);
            assert_eq!((replaced.inserted, replaced.removed), (1, 1));
        }
    });
    publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    changer.join().unwrap();
    let (stats, network) = world.end();
    // A notification in flight to a removed webhook ends in one way, and one in its queue is
    // dropped.
    assert_eq!(stats.accepted, 4);
    assert_eq!(stats.delivered, network.done().len() as u64);
    assert_eq!(stats.delivered + stats.dropped.removed, 4);
}

/// Concurrent changes happen one after the other.
pub(crate) fn concurrent_changes() {
    let mut world = World::new(Reply::success);
    world.drive(1);
    let changers = ["a", "b"].map(|own| {
        world.spawn(move |notifier| {
            let taken = notifier.insert("both", webhook()).is_err();
            notifier.insert(own, webhook()).unwrap();
            assert!(publish(&notifier, 1).matched >= 1);
            let ids: Vec<_> = notifier.webhooks().into_iter().map(|(id, _)| id).collect();
            assert!(ids.contains(&WebhookId::from(own)), "{ids:?}");
            notifier.remove(own).unwrap();
            let unknown = notifier.remove("both").is_err();
            (usize::from(taken), usize::from(unknown))
        })
    });
    let results = changers.map(|changer| changer.join().unwrap());
    let taken: usize = results.iter().map(|(taken, _)| taken).sum();
    let unknown: usize = results.iter().map(|(_, unknown)| unknown).sum();
    // An insertion is refused only if the other thread has inserted the webhook. Then only one of
    // the two removals finds it.
    assert_eq!(taken, unknown, "each refused insertion must mean one failed removal");
    assert!(world.notifier.webhooks().is_empty());
    assert_eq!(publish(&world.notifier, 2).matched, 0);
    world.end();
}

/// Each concurrent `modify` call changes the result of the call before it.
pub(crate) fn no_modification_is_lost() {
    let world = World::new(Reply::success);
    world.notifier.insert("a", webhook().with_name("0")).unwrap();
    let changers = [1, 10].map(|step: u32| {
        world.spawn(move |notifier| {
            for _ in 0..2 {
                let add = |webhook: &Webhook| -> Result<Webhook, RegistryError> {
                    let sum: u32 = webhook.name().parse().unwrap();
                    Ok(webhook.clone().with_name((sum + step).to_string()))
                };
                (&notifier).modify("a", add).unwrap();
            }
        })
    });
    changers.into_iter().for_each(|changer| changer.join().unwrap());
    assert_eq!(world.notifier.webhook("a").unwrap().name(), "22");
    world.end();
}

/// A notification that is published during a pause is sent after the webhook resumes.
pub(crate) fn a_paused_webhook_resumes() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    world.drive(2);
    let mut reports = world.notifier.reports();
    let changer = world.spawn(|notifier| {
        notifier.pause("all").unwrap();
        assert_eq!(publish(&notifier, 30).queued, 1);
        notifier.resume("all").unwrap();
    });
    let publishers = [10, 20].map(|first| {
        world.spawn(move |notifier| {
            let ids = first..first + 1 + below(2);
            ids.map(|id| publish(&notifier, id).queued).sum::<usize>()
        })
    });
    let queued: usize = publishers.into_iter().map(|publisher| publisher.join().unwrap()).sum();
    changer.join().unwrap();
    // This only waits, whereas a flush would wake the drivers.
    for _ in 0..queued + 1 {
        assert!(matches!(block_on(reports.next()), Some(Reported::Report(_))));
    }
    let stats = world.notifier.total();
    assert_eq!((stats.pending(), stats.delivered), (0, queued as u64 + 1));
    world.end();
}
