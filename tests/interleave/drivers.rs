//! Drivers that go before their time.

use recohook::Moment;

use crate::{
    network::Reply,
    world::{World, ms, publish, webhook},
};

/// What a dropped driver had in flight is abandoned, and sent by another.
pub(crate) fn drivers_are_dropped() {
    let mut world = World::new(Reply::success);
    world.notifier.insert("all", webhook()).unwrap();
    let passing = [world.pass(), world.pass()];
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
    passing.into_iter().for_each(|driver| driver.join().unwrap());
    let mut arrived: Vec<_> = network.arrivals().into_iter().flat_map(|one| one.ids).collect();
    arrived.sort_unstable();
    arrived.dedup();
    assert_eq!(arrived, [10, 11, 20, 21]);
}

/// A driver that is called and dropped hands its call on; and its sleep is another's.
pub(crate) fn a_parked_driver_is_dropped() {
    let mut world = World::new(|arrival| match arrival.attempt {
        1 => Reply::Now(500),
        _ => Reply::success(arrival),
    });
    world.notifier.insert("all", webhook()).unwrap();
    let passing = [world.pass(), world.pass()];
    world.drive(1);
    let publisher = world.spawn(|notifier| publish(&notifier, 10).queued);
    assert_eq!(publisher.join().unwrap(), 1);
    let stats = world.flush();
    assert_eq!(stats.delivered, 1);
    // A passing driver may send it again when it abandons it: never later than it was due.
    let last = world.network.arrivals().last().unwrap().at;
    assert_eq!(last, Moment::ZERO + ms(5));
    world.end();
    passing.into_iter().for_each(|driver| driver.join().unwrap());
}
