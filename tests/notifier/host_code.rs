//! Host code that uses the notifier while the notifier calls it. No lock may be held then, or the
//! tests hang.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Wake},
    thread,
    time::SystemTime,
};

use futures::{FutureExt, StreamExt};
use recohook::{
    Clock, Config, DeadLetterHandler, Moment, Notifier, PublishError, RegistryError, Reports,
    Webhook, WebhookId, async_trait,
    clock::ThreadClock,
    findface::security,
    http::HeaderMap,
    policy::{Overflow, Policy},
    report::DeadLetter,
    signature::{Message, SignError, Signer},
};

use super::support::*;

/// A notifier that host code can use once it is set.
type Later = Arc<OnceLock<Notifier>>;

#[test]
fn a_dead_letter_handler_may_publish_again() {
    struct Again {
        notifier: Later,
        stats: mpsc::Sender<(u64, u64)>,
    }
    impl DeadLetterHandler for Again {
        fn handle(&self, dead_letter: DeadLetter) {
            let notifier = self.notifier.get().unwrap();
            let stats = notifier.stats(dead_letter.webhook().clone()).unwrap();
            self.stats.send((stats.dead, stats.pending())).unwrap();
            notifier.insert("second", webhook()).unwrap();
            for id in dead_letter.batch().ids() {
                notifier.publish(&event(id).camera(7)).unwrap();
            }
        }
    }
    in_time(|| {
        everywhere(|world| {
            let later = Later::default();
            let (stats, received) = mpsc::channel();
            let dead_letters = Again { notifier: later.clone(), stats };
            let memory = Memory::default();
            let receiver = memory.clone();
            let transport = instant(move |request, context| {
                if context.webhook() == "first" {
                    return status(410);
                }
                receiver.keep(request);
                status(200)
            });
            let config = Config::default().with_dead_letter_handler(dead_letters);
            let (notifier, running) = world.start(transport, config);
            later.set(notifier.clone()).unwrap();
            let first =
                Webhook::new("http://127.0.0.1:9/", filter(r#"{"events": {"camera_in": [1]}}"#));
            notifier.insert("first", first.unwrap().with_policy(eager(1))).unwrap();
            notifier.publish(&event(42).camera(1)).unwrap();
            assert_eq!(received.recv_timeout(LONG), Ok((1, 0)));
            while notifier.total().delivered == 0 {
                thread::yield_now();
            }
            assert_eq!(memory.ids(), ["42"]);
            world.block_on(notifier.shutdown(LONG));
            running.join();
        });
    });
}

/// A signer that uses the notifier when it signs and when it is dropped.
struct Nosy(Notifier);

impl Signer for Nosy {
    fn sign(&self, _message: &Message<'_>, headers: &mut HeaderMap) -> Result<(), SignError> {
        headers.insert("x-matched", self.0.total().matched.into());
        Ok(())
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        assert_eq!(self.0.stats("nobody"), None);
        assert!(self.0.remove("nobody").is_err());
    }
}

#[test]
fn signers_may_use_the_notifier_when_they_sign_and_when_they_are_dropped() {
    in_time(|| {
        let world = World::threads(1);
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        let nosy = || webhook().with_signer(Nosy(notifier.clone()));
        notifier.insert("a", nosy()).unwrap();
        notifier.publish(&event(1)).unwrap();
        let refused = world.block_on(notifier.shutdown(LONG));
        assert_eq!(refused.delivered, 1);
        assert_eq!(memory.requests()[0].headers()["x-matched"], "1");

        // Each of these calls drops a webhook that was replaced, removed or refused.
        notifier.update("a", nosy()).unwrap();
        assert!(matches!(notifier.insert("a", nosy()), Err(RegistryError::Taken { .. })));
        assert!(matches!(notifier.update("b", nosy()), Err(RegistryError::Unknown { .. })));
        let twice = [("a".into(), nosy()), ("a".into(), nosy())];
        assert!(matches!(notifier.replace_all(twice), Err(RegistryError::DuplicateId { .. })));
        let large = nosy().with_header("x-large", &"x".repeat(20_000)).unwrap();
        let refused = notifier.update("a", large);
        assert!(matches!(refused, Err(RegistryError::HeadersTooLarge { .. })));
        assert_eq!(notifier.replace_all([("a".into(), nosy())]).unwrap().updated, 1);
        notifier.remove("a").unwrap();
        running.join();
    });
}

#[test]
fn a_conversion_into_a_webhook_id_may_use_the_notifier() {
    struct Id<'a>(&'a Notifier);
    impl From<Id<'_>> for WebhookId {
        fn from(id: Id<'_>) -> Self {
            assert_eq!(id.0.total().matched, 0);
            Self::from(7)
        }
    }
    in_time(|| {
        let notifier = Notifier::new(Memory::default(), ThreadClock::new());
        let id = || Id(&notifier);
        notifier.insert(id(), webhook()).unwrap();
        notifier.update(id(), webhook()).unwrap();
        notifier.pause(id()).unwrap();
        notifier.resume(id()).unwrap();
        assert!(notifier.stats(id()).is_some());
        assert!(notifier.status(id()).is_some());
        notifier.remove(id()).unwrap();
    });
}

#[test]
fn a_notification_may_publish_others_while_it_is_published() {
    in_time(|| {
        let world = World::threads(1);
        let memory = Memory::default();
        let (notifier, running) = world.start(memory.clone(), Config::default());
        let everything = webhook().with_rendering(recohook::Rendering::Compact);
        notifier.insert("compact", everything).unwrap();
        notifier.insert("full", webhook()).unwrap();
        let inner = notifier.clone();
        let mut outer = Probe::with_attributes(move |values| {
            values.int(security::EVENTS.expect("camera"), 3);
            assert_eq!(inner.publish(&event("from attributes")).unwrap().queued, 2);
        });
        let inner = notifier.clone();
        outer.encode = Box::new(move |_, out| {
            out.extend_from_slice(br#"{"id": "out"#);
            assert_eq!(inner.publish(&event("from encode")).unwrap().queued, 2);
            out.extend_from_slice(br#"er"}"#);
            Ok(())
        });
        assert_eq!(notifier.publish(&outer).unwrap().queued, 2);
        world.block_on(notifier.shutdown(LONG));
        running.join();
        let mut ids = memory.ids();
        ids.sort();
        let of = |id: &str, times| vec![id.to_owned(); times];
        assert_eq!(ids, [of("from attributes", 2), of("from encode", 4), of("outer", 2)].concat());
    });
}

#[test]
fn a_notification_may_shut_the_notifier_down_while_it_is_encoded() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    let other = notifier.clone();
    let last = Probe::with_encode(move |_, out| {
        // No driver exists, so the shutdown ends at once.
        let _closing = futures::executor::block_on(other.shutdown(LONG));
        out.extend_from_slice(b"{}");
        Ok(())
    });
    assert!(matches!(notifier.publish(&last), Err(PublishError::Closed)));
    let stats = notifier.total();
    assert_eq!((stats.matched, stats.rejected, stats.accepted), (1, 1, 0));
}

#[test]
fn the_destructor_of_a_thread_local_may_publish() {
    struct Parting(Notifier, mpsc::Sender<Option<usize>>);
    impl Drop for Parting {
        fn drop(&mut self) {
            let receipt = self.0.publish(&event("gone"));
            self.1.send(receipt.ok().map(|receipt| receipt.queued)).unwrap();
        }
    }
    thread_local! {
        static PARTING: RefCell<Option<Parting>> = const { RefCell::new(None) };
    }
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    let (queued, receipts) = mpsc::channel();
    thread::spawn(move || {
        let parting = Parting(notifier.clone(), queued);
        PARTING.with(|slot| *slot.borrow_mut() = Some(parting));
        // This must come after `PARTING` is set, so that the crate's own thread-local is destroyed
        // first.
        notifier.publish(&event("here")).unwrap();
    })
    .join()
    .unwrap();
    assert_eq!(receipts.recv(), Ok(Some(1)));
}

#[test]
fn a_transport_may_use_the_notifier() {
    in_time(|| {
        everywhere(|world| {
            let later = Later::default();
            let inner = later.clone();
            let transport = instant(move |request, _| {
                let notifier = inner.get().unwrap();
                let left: u32 = ids(&request)[0].parse().unwrap();
                if left > 0 {
                    notifier.publish(&event(left - 1)).unwrap();
                }
                notifier.update("all", webhook()).unwrap();
                assert_eq!(notifier.webhooks().len(), 1);
                status(200)
            });
            let (notifier, running) = world.start(transport, Config::default());
            assert!(later.set(notifier.clone()).is_ok());
            notifier.insert("all", webhook()).unwrap();
            notifier.publish(&event(100)).unwrap();
            while notifier.total().delivered < 101 {
                thread::yield_now();
            }
            world.block_on(notifier.shutdown(LONG));
            running.join();
        });
    });
}

#[test]
fn a_clock_may_use_the_notifier() {
    struct Nosy(ThreadClock, Later);
    #[async_trait]
    impl Clock for Nosy {
        fn now(&self) -> Moment {
            if let Some(notifier) = self.1.get() {
                assert_eq!(notifier.webhooks().len(), 1);
            }
            self.0.now()
        }
        fn wall(&self) -> SystemTime {
            assert!(self.1.get().unwrap().stats("all").is_some());
            self.0.wall()
        }
        async fn sleep_until(&self, at: Moment) {
            let _total = self.1.get().unwrap().total();
            self.0.sleep_until(at).await;
        }
    }
    in_time(|| {
        let later = Later::default();
        let failures = AtomicUsize::new(3);
        let transport = instant(move |_, _| {
            let less = |left: usize| left.checked_sub(1);
            let fails = failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
            status(if fails { 500 } else { 200 })
        });
        let notifier = Notifier::new(transport, Nosy(ThreadClock::new(), later.clone()));
        notifier.insert("all", webhook()).unwrap();
        assert!(later.set(notifier.clone()).is_ok());
        let world = World::threads(2);
        let running = world.drive(&notifier);
        notifier.publish(&event(1)).unwrap();
        let stats = world.block_on(notifier.shutdown(LONG));
        assert_eq!((stats.delivered, stats.failures), (1, 3));
        assert!(notifier.pause("all").is_ok());
        running.join();
    });
}

/// A waker that uses the notifier when it wakes and when it is dropped.
struct Busy {
    notifier: Notifier,
    reports: Mutex<Option<Reports>>,
    woken: AtomicUsize,
}

impl Busy {
    fn new(notifier: &Notifier) -> Arc<Self> {
        let reports = Mutex::new(Some(notifier.reports()));
        Arc::new(Self { notifier: notifier.clone(), reports, woken: AtomicUsize::new(0) })
    }
}

impl Wake for Busy {
    fn wake(self: Arc<Self>) {
        if self.woken.fetch_add(1, Ordering::Relaxed) == 0 {
            assert_eq!(self.notifier.publish(&event("woken")).unwrap().queued, 1);
        }
        assert!(self.notifier.status("all").is_some());
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut reports = self.reports.lock().unwrap().take().unwrap();
        while reports.try_next().is_some() {}
        drop(reports);
        assert!(self.notifier.stats("all").is_some());
    }
}

#[test]
fn wakers_may_use_the_notifier_when_they_wake_and_when_they_are_dropped() {
    in_time(|| {
        let notifier = Notifier::new(Memory::default(), ThreadClock::new());
        notifier.insert("all", webhook()).unwrap();
        let (mut driver, mut reports) = (notifier.driver(), notifier.reports());
        for _ in 0..3 {
            let busy = Busy::new(&notifier);
            let waker = busy.clone().into();
            let mut context = Context::from_waker(&waker);
            // Each poll replaces the waker of the previous poll, which is dropped.
            assert!(driver.poll_unpin(&mut context).is_pending());
            while reports.try_next().is_some() {}
            assert!(reports.poll_next_unpin(&mut context).is_pending());
            drop(waker);
            let others = notifier.total().accepted;
            notifier.publish(&event(1)).unwrap();
            assert_eq!(notifier.total().accepted, others + 2);
            assert!(busy.woken.load(Ordering::Relaxed) >= 1);
        }
        for _ in 0..3 {
            let waker = Busy::new(&notifier).into();
            let mut context = Context::from_waker(&waker);
            while reports.try_next().is_some() {}
            assert!(reports.poll_next_unpin(&mut context).is_pending());
            let mut flush = Box::pin(notifier.flush(LONG));
            assert!(flush.poll_unpin(&mut context).is_pending());
        }
        drop((reports, driver));
    });
}

/// A signer that uses the notifier when it is dropped.
struct Bomb(Notifier);

impl Signer for Bomb {
    fn sign(&self, _: &Message<'_>, _: &mut HeaderMap) -> Result<(), SignError> {
        Ok(())
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!self.0.webhooks().is_empty());
    }
}

/// Replaced webhooks are dropped by the thread that replaces them, or by one that publishes.
#[test]
fn replaced_webhooks_may_use_the_notifier_when_they_are_dropped() {
    in_time(|| {
        let notifier = Notifier::new(Memory::default(), ThreadClock::new());
        let all = || {
            // Nothing is sent, and a slow machine may publish more between two changes than a queue
            // holds.
            let policy = Policy::default().with_overflow(Overflow::DropOldest);
            let signed =
                || webhook().with_policy(policy.clone()).with_signer(Bomb(notifier.clone()));
            (0..20).map(|id| (WebhookId::from(id), signed())).collect::<Vec<_>>()
        };
        notifier.replace_all(all()).unwrap();
        let done = AtomicUsize::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                while done.load(Ordering::Relaxed) == 0 {
                    notifier.publish(&event(1)).unwrap();
                }
            });
            for _ in 0..200 {
                notifier.replace_all(all()).unwrap();
            }
            done.store(1, Ordering::Relaxed);
        });
        assert!(notifier.replace_all([(WebhookId::from("last"), webhook())]).is_ok());
    });
}
