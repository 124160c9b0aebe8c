//! Subscriptions to reports.

use futures::FutureExt;
use recohook::{Config, Reported, Reports};
use shuttle::future::block_on;

use crate::{
    network::Reply,
    world::{World, publish, webhook},
};

/// Reads all reports to the end. Returns how many were read and how many were missed.
async fn count(mut reports: Reports) -> (u64, u64) {
    let (mut read, mut missed) = (0, 0);
    while let Some(reported) = reports.next().await {
        match reported {
            Reported::Report(_) => read += 1,
            Reported::Lagged(more) => missed += more,
            Reported::Unknown(unknown) => panic!("{unknown}"),
        }
    }
    (read, missed)
}

/// A subscription sees everything that happens after it, and other subscriptions take nothing away
/// from it.
pub(crate) fn reports_are_read() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    world.drive(2);
    let all = world.notifier.reports();
    let reader = shuttle::thread::spawn(move || block_on(count(all)));
    let publisher = world.spawn(|notifier| {
        publish(&notifier, 10);
        publish(&notifier, 11);
    });
    let passing = world.spawn(|notifier| {
        let mut some = notifier.reports();
        // This wait is given up. The wait below must be woken nevertheless.
        let _ = some.next().now_or_never();
        publish(&notifier, 12);
        assert!(matches!(block_on(some.next()), Some(Reported::Report(_))));
    });
    publisher.join().unwrap();
    passing.join().unwrap();
    let late = world.spawn(|notifier| {
        let reports = notifier.reports();
        publish(&notifier, 13);
        drop(notifier);
        block_on(count(reports))
    });
    world.join();
    let (read, missed) = late.join().unwrap();
    assert!((1..=4).contains(&read) && missed == 0, "{read} reports were read and {missed} missed");
    assert_eq!(reader.join().unwrap(), (4, 0));
}

/// A subscription that falls behind learns exactly how many reports it missed.
pub(crate) fn a_subscription_lags() {
    let config = Config::default().with_max_reports(1);
    let mut world = World::with_config(Reply::success, config);
    world.notifier.insert("all", webhook()).unwrap();
    world.drive(1);
    let readers = [world.notifier.reports(), world.notifier.reports()]
        .map(|reports| shuttle::thread::spawn(move || block_on(count(reports))));
    let publishers = [10, 20].map(|first| {
        world.spawn(move |notifier| {
            publish(&notifier, first);
            publish(&notifier, first + 1);
        })
    });
    publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    let (stats, _) = world.end();
    assert_eq!(stats.delivered, 4);
    for reader in readers {
        let (read, missed) = reader.join().unwrap();
        assert_eq!(read + missed, 4);
        assert!(read >= 1, "the last report must be kept");
    }
}
