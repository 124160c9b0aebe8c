//! The contract of [`Registrar`], tested on each of its implementations.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use recohook::{
    Config, Engine, Filter, Limits, Moment, Registrar, RegistryError, Webhook, WebhookId,
    findface::{Filters, Registration, security},
    openbiometrics,
};
use serde_json::json;

use crate::support::{World, object, on};

fn webhook(name: &str) -> Webhook {
    let filter = Filter::everything(&security::FILTERS);
    Webhook::new("http://127.0.0.1:9/", filter).unwrap().with_name(name)
}

fn names(registrar: &impl Registrar) -> Vec<(String, String)> {
    let name = |(id, webhook): (WebhookId, Arc<Webhook>)| {
        (id.as_str().to_owned(), webhook.name().to_owned())
    };
    let mut names: Vec<_> = registrar.list().into_iter().map(name).collect();
    names.sort();
    names
}

fn kind(result: Result<(), RegistryError>) -> Option<&'static str> {
    result.err().map(|error| error.kind())
}

/// Calls each method of a registrar without webhooks, whose wall clock is one second after the
/// start of 1970.
fn assert_contract(registrar: &mut impl Registrar) {
    assert_eq!(registrar.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    assert_eq!(registrar.limits(), &limits());
    assert_eq!(names(registrar), []);

    registrar.insert(1, webhook("a")).unwrap();
    registrar.insert("x", webhook("b")).unwrap();
    assert_eq!(kind(registrar.insert(1, webhook("c"))), Some("taken"));
    let both = [("1".to_owned(), "a".to_owned()), ("x".to_owned(), "b".to_owned())];
    assert_eq!(names(registrar), both);
    assert_eq!(registrar.get("x").unwrap().name(), "b");
    assert!(registrar.get("y").is_none());
    assert_eq!(registrar.stats(1).unwrap().matched, 0);
    assert!(registrar.stats(2).is_none());

    registrar.update("x", webhook("new")).unwrap();
    assert_eq!(registrar.get("x").unwrap().name(), "new");
    let renamed = registrar.modify("x", |webhook| {
        Ok::<_, RegistryError>(webhook.clone().with_name(format!("{}er", webhook.name())))
    });
    assert_eq!(renamed.unwrap().name(), "newer");
    assert_eq!(registrar.get("x").unwrap().name(), "newer");

    registrar.pause(1).unwrap();
    registrar.resume(1).unwrap();
    registrar.remove(1).unwrap();
    assert_eq!(kind(registrar.update(1, webhook("d"))), Some("unknown"));
    assert_eq!(kind(registrar.remove(1)), Some("unknown"));
    assert_eq!(kind(registrar.pause(1)), Some("unknown"));
    assert_eq!(kind(registrar.resume(1)), Some("unknown"));
    let missing = registrar.modify(1, |_| Ok::<_, RegistryError>(webhook("e")));
    assert_eq!(missing.unwrap_err().kind(), "unknown");
    assert_eq!(names(registrar), [("x".to_owned(), "newer".to_owned())]);
}

fn limits() -> Limits {
    Limits::default().with_max_filter_bytes(1000)
}

#[test]
fn a_notifier_is_a_registrar() {
    let world = World::with_config(Config::default().with_limits(limits()));
    world.set_seconds(1);
    assert_contract(&mut &world.notifier);
}

#[test]
fn an_engine_lends_a_registrar() {
    let mut engine = Engine::with_config(Config::default().with_limits(limits()));
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    assert_contract(&mut engine.registrar(Moment::ZERO, wall));
}

#[test]
fn a_failed_modification_changes_nothing() {
    let world = World::new();
    world.notifier.insert(1, webhook("a")).unwrap();
    let refused = RegistryError::DuplicateId { id: 7.into() };
    let result = (&world.notifier).modify(1, |_| Err(refused.clone()));
    assert_eq!(result.unwrap_err(), refused);
    // Each header is valid by itself, but both have the same name.
    let twice = |webhook: &Webhook| -> Result<Webhook, RegistryError> {
        Ok(webhook
            .clone()
            .with_header("x-id", "1")
            .unwrap()
            .with_delivery_id_header("x-id")
            .unwrap())
    };
    assert_eq!((&world.notifier).modify(1, twice).unwrap_err().kind(), "duplicate_header");
    assert_eq!(world.notifier.webhook(1).unwrap().headers().get("x-id"), None);
}

#[test]
fn a_modification_runs_again_after_a_concurrent_change() {
    let world = World::new();
    world.notifier.insert(1, webhook("a")).unwrap();
    let mut seen = Vec::new();
    let webhook = (&world.notifier).modify(1, |present| {
        seen.push(present.name().to_owned());
        if seen.len() < 3 {
            // No lock is held, so the modification may change the registry itself.
            world.notifier.update(1, webhook(&format!("other {}", seen.len())))?;
        }
        Ok::<_, RegistryError>(present.clone().with_name("mine"))
    });
    assert_eq!(webhook.unwrap().name(), "mine");
    assert_eq!(seen, ["a", "other 1", "other 2"]);
    assert_eq!(world.notifier.webhook(1).unwrap().name(), "mine");
}

#[test]
fn modifications_by_several_threads_are_all_applied() {
    let world = World::new();
    world.notifier.insert(1, webhook("0")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let next = |webhook: &Webhook| {
                        let count: u32 = webhook.name().parse().unwrap();
                        Ok::<_, RegistryError>(webhook.clone().with_name((count + 1).to_string()))
                    };
                    (&world.notifier).modify(1, next).unwrap();
                }
            });
        }
    });
    assert_eq!(world.notifier.webhook(1).unwrap().name(), "200");
}

#[test]
fn rest_registries_serve_an_engine() {
    let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::UNIX_EPOCH);
    let (rest, open) = (security::webhooks(), openbiometrics::Webhooks::new());
    let mut registrar = engine.registrar(now, wall);
    let text = json!({"name": "gate", "url": "http://127.0.0.1/", "filters": {}});
    let created = rest.create(&mut registrar, &object(&text)).unwrap();
    assert_eq!(created.created_date, Some("1970-01-01T00:00:00.000000Z".into()));
    let text = json!({"url": "https://h/", "event_types": ["face_matched"]});
    let opened = open.create(&mut registrar, &object(&text)).unwrap();
    assert_eq!(rest.list(&registrar), [created]);
    assert_eq!(open.get(&registrar, &opened.id), Some(opened.clone()));
    assert_eq!(open.get(&registrar, "1"), None);

    let event = security::Event::new("42");
    assert_eq!(engine.publish(&event, now).unwrap().queued, 1);
    let mut registrar = engine.registrar(now, wall + Duration::from_secs(1));
    let changes = serde_json::from_str(r#"{"active": false}"#).unwrap();
    let patched: Registration = rest.patch(&mut registrar, 1, &changes).unwrap();
    assert_eq!(patched.modified_date, Some("1970-01-01T00:00:01.000000Z".into()));
    open.delete(&mut registrar, &opened.id).unwrap();
    assert_eq!(engine.publish(&event, now).unwrap().matched, 0);
}

#[test]
fn an_id_that_was_seen_is_not_reused() {
    let world = World::new();
    let webhooks = on(&world.notifier, security::webhooks());
    let registration = Registration::new("gate", "http://127.0.0.1", Filters::default());
    for id in [1, 2] {
        assert_eq!(webhooks.create(&registration).unwrap().id, Some(id));
    }
    webhooks.delete(2).unwrap();
    // This registry starts later, after the host has registered a webhook with a larger id.
    world.notifier.insert(9, webhook("own")).unwrap();
    let later = on(&world.notifier, security::webhooks());
    later.delete(9).unwrap();
    assert_eq!(later.create(&registration).unwrap().id, Some(10));
    assert_eq!(webhooks.create(&registration).unwrap().id, Some(3));
}

#[test]
fn an_id_that_was_listed_or_changed_is_not_reused() {
    let registration = Registration::new("gate", "http://127.0.0.1", Filters::default());
    let changes = serde_json::from_str(r#"{"active": false}"#).unwrap();
    for see in 0..3 {
        let world = World::new();
        let webhooks = on(&world.notifier, security::webhooks());
        world.notifier.insert(7, webhook("own")).unwrap();
        match see {
            0 => assert_eq!(webhooks.list().len(), 1),
            1 => assert_eq!(webhooks.update(7, &registration).unwrap().id, Some(7)),
            _ => assert_eq!(webhooks.patch(7, &changes).unwrap().id, Some(7)),
        }
        world.notifier.remove(7).unwrap();
        assert_eq!(webhooks.create(&registration).unwrap().id, Some(8));
    }
}
