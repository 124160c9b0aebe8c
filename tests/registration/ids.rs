//! The ids of webhooks, and which webhooks belong to which API.

use std::{collections::HashSet, thread};

use recohook::{
    Filter, Webhook,
    findface::{Filters, Registration, RegistrationError, lite, security},
    openbiometrics::{self, EventType},
};

use crate::support::{World, on};

fn registration() -> Registration {
    Registration::new("gate", "http://127.0.0.1/", Filters::default())
}

/// Returns an object with an id, as a registry answers it.
fn answered(id: i64) -> Registration {
    let mut answer = registration();
    answer.id = Some(id);
    answer
}

fn ids(list: &[Registration]) -> Vec<Option<i64>> {
    list.iter().map(|one| one.id).collect()
}

#[test]
fn ids_increase_and_are_not_reused() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    for id in 1..=12 {
        assert_eq!(webhooks.create(&registration()).unwrap().id, Some(id));
    }
    webhooks.delete(12).unwrap();
    webhooks.delete(3).unwrap();
    assert_eq!(webhooks.create(&registration()).unwrap().id, Some(13));
    let left = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13];
    assert_eq!(
        ids(&webhooks.list()),
        left.map(Some),
        "ids must be sorted as numbers, not as texts"
    );

    for gone in [3, 12, 0, -1, 99] {
        assert_eq!(webhooks.get(gone), None);
        assert_eq!(webhooks.delete(gone).unwrap_err().kind(), "unknown");
        assert_eq!(webhooks.update(gone, &registration()).unwrap_err().kind(), "unknown");
    }
}

#[test]
fn new_ids_follow_the_largest_restored_id() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    webhooks.restore(&answered(41)).unwrap();
    webhooks.restore(&answered(7)).unwrap();
    assert_eq!(webhooks.create(&registration()).unwrap().id, Some(42));
    assert_eq!(ids(&webhooks.list()), [7, 41, 42].map(Some));
    assert_eq!(webhooks.restore(&answered(42)).unwrap_err().kind(), "taken");
    assert_eq!(webhooks.restore(&registration()).unwrap_err(), RegistrationError::NoId);
}

#[test]
fn ids_below_1_cannot_be_restored() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    for id in [0, -1, i64::MIN] {
        let error = webhooks.restore(&answered(id)).unwrap_err();
        assert_eq!((&error, error.kind()), (&RegistrationError::Id { id }, "id"));
    }
    assert_eq!(world.notifier.webhooks().len(), 0);
}

#[test]
fn no_webhook_can_be_created_after_the_largest_id() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    webhooks.restore(&answered(i64::MAX)).unwrap();
    for _ in 0..2 {
        let error = webhooks.create(&registration()).unwrap_err();
        assert_eq!((&error, error.kind()), (&RegistrationError::NoIdLeft, "no_id_left"));
    }
    assert_eq!(ids(&webhooks.list()), [Some(i64::MAX)]);
}

#[test]
fn threads_get_distinct_ids() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    let create = || Vec::from_iter((0..50).map(|_| webhooks.create(&registration()).unwrap().id));
    let given: Vec<_> = thread::scope(|scope| {
        let threads = Vec::from_iter((0..4).map(|_| scope.spawn(create)));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(given.iter().collect::<HashSet<_>>().len(), 200);
    assert_eq!(webhooks.list().len(), 200);
}

#[test]
fn ids_that_the_host_has_used_are_skipped() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    let own = || Webhook::new("http://a/", Filter::everything(&lite::FILTERS)).unwrap();
    for id in ["1", "2", "04", "+5", "x"] {
        world.notifier.insert(id, own()).unwrap();
    }
    assert_eq!(webhooks.create(&registration()).unwrap().id, Some(3));
    assert_eq!(webhooks.create(&registration()).unwrap().id, Some(4));
}

#[test]
fn several_apis_and_the_host_do_not_share_webhooks() {
    let world = World::new();
    let (security, lite) =
        (on(&world.notifier, security::webhooks()), on(&world.notifier, lite::webhooks()));
    let open = on(&world.notifier, openbiometrics::Webhooks::new());
    let own = Webhook::new("http://own/", Filter::everything(&security::FILTERS)).unwrap();
    world.notifier.insert("own", own).unwrap();
    let subscription = openbiometrics::subscription([EventType::FaceMatched]).unwrap();
    let other = Webhook::new("https://other/", subscription).unwrap();
    world.notifier.insert("wh_000000000000", other).unwrap();

    let for_lite = lite::Registration::new("", "http://lite/", Filters::default());
    let first = security.create(&registration()).unwrap();
    let second = lite.create(&for_lite).unwrap();
    let events = openbiometrics::Registration::new("https://open/", [EventType::FaceMatched]);
    let third = open.create(&events).unwrap();
    assert_eq!((first.id, second.id), (Some(1), Some(2)));

    let assert_listed = || {
        assert_eq!(security.list(), std::slice::from_ref(&first));
        assert_eq!(lite.list(), std::slice::from_ref(&second));
    };
    assert_listed();
    assert_eq!(open.list(), [third]);
    assert_eq!((security.get(2), lite.get(1)), (None, None));
    for error in [
        security.update(2, &registration()).unwrap_err(),
        security.delete(2).unwrap_err(),
        lite.update(1, &for_lite).unwrap_err(),
        lite.delete(1).unwrap_err(),
    ] {
        assert_eq!(error.kind(), "unknown");
    }
    for id in ["own", "1", "2", "wh_000000000000"] {
        assert_eq!(open.delete(id).unwrap_err().kind(), "unknown");
    }
    assert_eq!(world.notifier.webhooks().len(), 5);
    assert_listed();
}
