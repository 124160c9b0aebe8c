//! Shutdown, dropped handles, and tasks that wait for either.

use futures::FutureExt;
use recohook::{Notifier, PublishError, Reported, Reports, report::ReportEvent};
use shuttle::{future::block_on, thread::JoinHandle};

use crate::{
    network::Reply,
    time::FOREVER,
    world::{Note, World, below, ms, publish, webhook},
};

/// The numbers of notifications in reports, by outcome.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    delivered: usize,
    dropped: usize,
}

/// Spawns a thread that reads all reports to the end.
fn read(world: &World) -> JoinHandle<Seen> {
    let reports = world.notifier.reports();
    // `World::spawn` would pass a handle, which would keep the notifier open.
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
                other => panic!("unexpected report: {other:?}"),
            },
            Reported::Lagged(missed) => panic!("{missed} reports were missed"),
            Reported::Unknown(unknown) => panic!("{unknown}"),
        }
    }
    seen
}

fn publish_two(notifier: &Notifier, first: u64) {
    for id in first..first + 2 {
        assert_eq!(publish(notifier, id).queued, 1);
    }
}

/// After the last handle is dropped, the drivers send all pending notifications and end.
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

/// If no handle and no driver is left, pending notifications are dropped and the reports end.
pub(crate) fn everything_is_dropped() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    let short_lived = [world.drive_briefly(), world.drive_briefly()];
    let reader = read(&world);
    let publisher = world.spawn(|notifier| publish_two(&notifier, 10));
    world.join();
    publisher.join().unwrap();
    short_lived.into_iter().for_each(|driver| driver.join().unwrap());
    let seen = reader.join().unwrap();
    assert_eq!(seen.delivered + seen.dropped, 2, "{seen:?}");
}

/// A notification that is published during a shutdown is either accepted and counted, or refused
/// with `Closed`.
pub(crate) fn a_shutdown_during_publishing() {
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
    // All three attempts of a delivery may time out, so notifications may also end as dead.
    let ended = stats.delivered + stats.dead + stats.dropped.shutdown;
    assert_eq!((stats.accepted, ended), (taken, taken));
    assert!(stats.delivered <= network.done().len() as u64);
}

/// A flush ends when the last driver is dropped. A dropped flush leaves nothing behind.
pub(crate) fn flushes_are_dropped() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    let short_lived = world.drive_briefly();
    let waiter = world.spawn(|notifier| {
        publish_two(&notifier, 10);
        // The tasks of these two flushes are never woken.
        let _ = notifier.flush(FOREVER).now_or_never();
        let _ = notifier.flush(FOREVER).now_or_never();
        block_on(notifier.flush(FOREVER))
    });
    waiter.join().unwrap();
    world.drive(1);
    assert_eq!(world.flush().delivered, 2);
    world.end();
    short_lived.join().unwrap();
}
