//! Drivers that are dropped before their work is done.

use recohook::Moment;

use crate::{
    network::Reply,
    world::{World, ms, publish, webhook},
};

/// Attempts of a dropped driver are abandoned, and another driver repeats them.
pub(crate) fn drivers_are_dropped() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    let short_lived = [world.drive_briefly(), world.drive_briefly()];
    world.drive(1);
    let publishers = [10, 20].map(|first| {
        world.spawn(move |notifier| {
            for id in first..first + 2 {
                assert_eq!(publish(&notifier, id).queued, 1);
            }
        })
    });
    publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    let stats = world.flush();
    assert_eq!((stats.accepted, stats.pending()), (4, 0));
    let (_, network) = world.end();
    short_lived.into_iter().for_each(|driver| driver.join().unwrap());
    let mut arrived: Vec<_> = network.arrivals().into_iter().flat_map(|one| one.ids).collect();
    arrived.sort_unstable();
    arrived.dedup();
    assert_eq!(arrived, [10, 11, 20, 21]);
}

/// If a driver is woken and then dropped, another driver is woken instead. It also takes over the
/// timer.
pub(crate) fn a_parked_driver_is_dropped() {
    let mut world = World::new(|arrival| match arrival.attempt {
        1 => Reply::Now(500),
        _ => Reply::success(arrival),
    });
    world.notifier.insert("all", webhook()).unwrap();
    let short_lived = [world.drive_briefly(), world.drive_briefly()];
    world.drive(1);
    let publisher = world.spawn(|notifier| publish(&notifier, 10).queued);
    assert_eq!(publisher.join().unwrap(), 1);
    let stats = world.flush();
    assert_eq!(stats.delivered, 1);
    // If a dropped driver abandons the retry, it is repeated at once. So the last request is never
    // later than the retry was due.
    let last = world.network.arrivals().last().unwrap().at;
    assert_eq!(last, Moment::ZERO + ms(5));
    world.end();
    short_lived.into_iter().for_each(|driver| driver.join().unwrap());
}
