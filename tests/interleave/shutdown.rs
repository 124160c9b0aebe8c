//! The end, and those who wait for it.

use futures::FutureExt;
use recohook::{Notifier, PublishError, Reported, Reports, report::ReportEvent};
use shuttle::{future::block_on, thread::JoinHandle};

use crate::{
    network::Reply,
    time::FOREVER,
    world::{Note, World, below, ms, publish, webhook},
};

/// What reports say of accepted notifications.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    delivered: usize,
    dropped: usize,
}

/// Reads all reports to their end.
fn read(world: &World) -> JoinHandle<Seen> {
    let reports = world.notifier.reports();
    // Not with a handle, which would hold up the end.
    shuttle::thread::spawn(move || block_on(read_to_the_end(reports)))
}

async fn read_to_the_end(mut reports: Reports) -> Seen {
    let mut seen = Seen::default();
    while let Some(reported) = reports.next().await {
        match reported {
            Reported::Report(report) => match report.event() {
                ReportEvent::Delivered { batch, .. } => seen.delivered += batch.len(),
                ReportEvent::Dropped { batch, .. } => seen.dropped += batch.len(),
                ReportEvent::Abandoned { .. } => {}
                other => panic!("unexpected: {other:?}"),
            },
            Reported::Lagged(missed) => panic!("{missed} are missed"),
        }
    }
    seen
}

fn publish_two(notifier: &Notifier, first: u64) {
    for id in first..first + 2 {
        assert_eq!(publish(notifier, id).queued, 1);
    }
}

/// After the last handle the drivers send what is pending, and end.
pub(crate) fn the_last_handle_is_dropped() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    world.drive(2);
    let reader = read(&world);
    let publishers =
        [10, 20].map(|first| world.spawn(move |notifier| publish_two(&notifier, first)));
    let network = world.join();
    publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    assert_eq!(reader.join().unwrap(), Seen { delivered: 4, dropped: 0 });
    assert_eq!(network.done().len(), 4);
}

/// Without a handle and without a driver, what is left is dropped and the reports end.
pub(crate) fn everything_is_dropped() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    let passing = [world.pass(), world.pass()];
    let reader = read(&world);
    let publisher = world.spawn(|notifier| publish_two(&notifier, 10));
    world.join();
    publisher.join().unwrap();
    passing.into_iter().for_each(|driver| driver.join().unwrap());
    let seen = reader.join().unwrap();
    assert_eq!(seen.delivered + seen.dropped, 2, "{seen:?}");
}

/// A notification is either accepted and counted, or refused because of the end.
pub(crate) fn a_shutdown_meets_publishers() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    world.drive(2);
    let publishers = [10, 20].map(|first| {
        world.spawn(move |notifier| {
            let results = (first..first + 2).map(|id| notifier.publish(&Note(id)));
            let taken = results.map(|result| match result {
                Ok(receipt) => receipt.queued as u64,
                Err(PublishError::Closed) => 0,
                Err(error) => panic!("{error}"),
            });
            taken.sum::<u64>()
        })
    });
    let within = ms(below(20));
    let other = world.spawn(move |notifier| block_on(notifier.shutdown(within)));
    let closing = block_on(world.notifier.shutdown(within));
    assert_eq!(closing.pending(), 0);
    let taken: u64 = publishers.into_iter().map(|publisher| publisher.join().unwrap()).sum();
    assert_eq!(other.join().unwrap().pending(), 0);
    let (stats, network) = world.end();
    // Attempts may run out of time here, each of the three.
    let ended = stats.delivered + stats.dead + stats.dropped.shutdown;
    assert_eq!((stats.accepted, ended), (taken, taken));
    assert!(stats.delivered <= network.done().len() as u64);
}

/// A flush ends when the last driver goes, and a wait that is dropped is forgotten.
pub(crate) fn waits_are_dropped() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    let passing = world.pass();
    let waiter = world.spawn(|notifier| {
        publish_two(&notifier, 10);
        // Polled by a task that is not woken any more.
        let _ = notifier.flush(FOREVER).now_or_never();
        let _ = notifier.flush(FOREVER).now_or_never();
        block_on(notifier.flush(FOREVER))
    });
    waiter.join().unwrap();
    world.drive(1);
    assert_eq!(world.flush().delivered, 2);
    world.end();
    passing.join().unwrap();
}
