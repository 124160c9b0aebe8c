//! Concurrent publishers, with flushes and with full queues.

use recohook::{Config, Limits, PublishError, policy::Overflow};
use shuttle::future::block_on;

use crate::{
    network::Reply,
    time::FOREVER,
    world::{Note, World, policy, publish, webhook, with_policy},
};

/// A notification that was published before a flush is delivered when the flush returns, whichever
/// driver sends it.
pub(crate) fn publishers_flush() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    world.drive(2);
    let publishers = [10, 20].map(|first| {
        let network = world.network.clone();
        world.spawn(move |notifier| {
            for id in first..first + 2 {
                assert_eq!(publish(&notifier, id).queued, 1);
                let stats = block_on(notifier.flush(FOREVER));
                assert!(network.done().contains(&id), "{id} is not delivered: {stats}");
            }
        })
    });
    publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    let (stats, network) = world.end();
    assert_eq!((stats.delivered, stats.attempts), (4, 4));
    let done = network.done();
    for first in [10, 20] {
        let own: Vec<_> = done.iter().filter(|id| **id / 10 == first / 10).collect();
        assert_eq!(own, [&first, &(first + 1)], "each must arrive once and in order");
    }
}

/// If a queue is full, a notification is rejected or dropped, and counted.
pub(crate) fn full_queues() {
    let limits = Limits::default().with_max_queue_items(2).with_max_in_flight(1);
    let mut world = World::with_config(Reply::success, Config::default().with_limits(limits));
    world.notifier.insert("newest", webhook()).unwrap();
    let dropping = policy(1).with_overflow(Overflow::DropOldest);
    world.notifier.insert("oldest", with_policy(dropping)).unwrap();
    world.drive(2);
    let publishers = [10, 20].map(|first| {
        world.spawn(move |notifier| {
            let results = (first..first + 3).map(|id| notifier.publish(&Note(id)));
            results.fold((0, 0), |(queued, rejected), result| match result {
                Ok(receipt) => (queued + receipt.queued, rejected + receipt.rejected),
                Err(PublishError::Full { rejected: all }) => (queued, rejected + all),
                Err(error) => panic!("{error}"),
            })
        })
    });
    let counts = publishers.map(|publisher| publisher.join().unwrap());
    let (stats, network) = world.end();
    assert_eq!(stats.accepted, counts.iter().map(|(queued, _)| *queued as u64).sum::<u64>());
    assert_eq!(stats.rejected, counts.iter().map(|(_, rejected)| *rejected as u64).sum::<u64>());
    assert_eq!(stats.matched, 12);
    assert_eq!(stats.delivered, network.done().len() as u64);
}
