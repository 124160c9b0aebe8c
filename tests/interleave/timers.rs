//! Timers: timeouts, linger and retries.

use recohook::{Clock, Moment, policy::Batching};
use shuttle::future::block_on;

use crate::{
    network::Reply,
    world::{World, ms, one_of, policy, publish, webhook, with_policy},
};

/// A response races with the timeout of its attempt.
pub(crate) fn attempts_time_out() {
    let mut world = World::new(|_| one_of([Reply::Later(200), Reply::Later(500), Reply::Never]));
    world.notifier.insert("all", with_policy(policy(2))).unwrap();
    world.drive(2);
    let publishers = [10, 20].map(|id| world.spawn(move |notifier| publish(&notifier, id).queued));
    assert_eq!(publishers.map(|publisher| publisher.join().unwrap()), [1, 1]);
    let stats = world.flush();
    assert_eq!((stats.accepted, stats.delivered + stats.dead), (2, 2));
    let (stats, network) = world.end();
    assert_eq!(stats.attempts, network.arrivals().len() as u64);
    assert_eq!(stats.failures, stats.attempts - stats.delivered);
}

/// An earlier timer wakes a driver that sleeps until a later one.
pub(crate) fn timers_fire_on_time() {
    let mut world = World::new(Reply::success);
    world.drive(2);
    let publishers = [30, 20, 10].map(|linger| {
        world.spawn(move |notifier| {
            let batching = Batching::at_most(10).unwrap().with_linger(ms(linger));
            let webhook = with_policy(policy(1).with_batch(batching));
            notifier.insert(linger.to_string(), webhook).unwrap();
            publish(&notifier, linger);
        })
    });
    publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
    // The clock moves only if all threads wait, so the timers decide when requests are sent.
    block_on(world.clock.sleep_until(Moment::ZERO + ms(40)));
    let arrivals = world.network.arrivals();
    assert_eq!(arrivals.len(), 3);
    for arrival in arrivals {
        let linger = ms(arrival.webhook.parse().unwrap());
        assert_eq!(arrival.at, Moment::ZERO + linger, "at the wrong time: {arrival:?}");
    }
    let (stats, _) = world.end();
    assert_eq!(stats.delivered, stats.matched);
}

/// A failed attempt is repeated at its exact moment, whichever driver is awake.
pub(crate) fn retries_are_on_time() {
    let mut world = World::new(|arrival| match arrival.attempt {
        1 | 2 => one_of([Reply::Now(500), Reply::Later(500), Reply::Never]),
        _ => Reply::success(arrival),
    });
    for id in ["a", "b"] {
        world.notifier.insert(id, webhook()).unwrap();
    }
    world.drive(2);
    let publishers = [10, 20].map(|id| world.spawn(move |notifier| publish(&notifier, id).queued));
    assert_eq!(publishers.map(|publisher| publisher.join().unwrap()), [2, 2]);
    let stats = world.flush();
    assert_eq!(stats.delivered, 4);
    // An attempt fails at once or after 10 ms, and the next one follows 5 ms later. The second
    // notification of a webhook waits for the first one.
    let mut last: [Option<(u32, Moment)>; 2] = [None, None];
    for arrival in world.network.arrivals() {
        let last = &mut last[usize::from(arrival.webhook == "b")];
        if let Some((attempt, at)) = *last {
            let waited = arrival.at - at;
            match arrival.attempt {
                1 => assert_eq!((attempt, waited), (3, ms(0)), "{arrival:?}"),
                _ => assert!(waited == ms(5) || waited == ms(15), "{waited:?}: {arrival:?}"),
            }
        }
        *last = Some((arrival.attempt, arrival.at));
    }
    world.end();
}
