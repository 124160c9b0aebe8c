//! Subscriptions to reports, and the texts of reports.

use std::thread;

use futures::executor::block_on;
use recohook::{
    Config, FailureKind, Notifier, Reported, Reports,
    clock::ThreadClock,
    report::{DropReason, Report, ReportEvent},
};

use super::support::*;

/// Reads all reports up to the end.
fn read(mut reports: Reports) -> Vec<Report> {
    block_on(async {
        let mut all = Vec::new();
        while let Some(reported) = reports.next().await {
            match reported {
                Reported::Report(report) => all.push(report),
                Reported::Lagged(missed) => panic!("{missed} reports were missed"),
                Reported::Unknown(unknown) => panic!("{unknown}"),
            }
        }
        all
    })
}

fn lines(reports: &[Report]) -> Vec<String> {
    reports.iter().map(Report::to_string).collect()
}

#[test]
fn each_attempt_and_each_resolution_is_reported_and_then_the_stream_ends() {
    everywhere(|world| {
        let transport = instant(|_, context| match context.attempt() {
            1 => failure(FailureKind::Connect),
            2 => status(405),
            _ => status(200),
        });
        let (notifier, running) = world.start(transport, Config::default());
        let reports = notifier.reports();
        notifier.insert(2, webhook().with_policy(eager(10))).unwrap();
        notifier.publish(&event(42)).unwrap();
        world.block_on(notifier.flush(LONG));
        notifier.pause(2).unwrap();
        notifier.publish(&event(43)).unwrap();
        world.block_on(notifier.shutdown(LONG));
        assert_eq!(
            lines(&read(reports)),
            [
                "<queue:  0> Webhook worker(id-2, type-\"events\") Error sending webhook: no \
                 connection to the receiver. Attempt 1 out of 10. Next attempt in 0.001 seconds.",
                "<queue:  0> Webhook worker(id-2, type-\"events\") Error sending webhook: 405, \
                 message='Method Not Allowed'. Attempt 2 out of 10. Next attempt in 0.001 seconds.",
                "<queue:  0> Webhook worker(id-2, type-\"events\") sent batch(len-1, \
                 type-\"events\"): ['42']",
                "<queue:  0> Webhook worker(id-2, type-\"events\") dropped 1 (shutdown): ['43']",
            ]
        );
        running.join();
    });
}

#[test]
fn reports_are_in_order_and_complete() {
    const EVENTS: u64 = 500;
    everywhere(|world| {
        let config = Config::default().with_max_reports(10 * EVENTS as usize);
        let (notifier, running) = world.start(Memory::default(), config);
        for id in 0..4 {
            notifier.insert(id, webhook()).unwrap();
        }
        let reports = notifier.reports();
        let reader = thread::spawn(|| read(reports));
        for id in 0..EVENTS {
            notifier.publish(&event(id)).unwrap();
        }
        world.block_on(notifier.shutdown(LONG));
        running.join();
        let reports = reader.join().unwrap();
        assert_eq!(reports.len() as u64, 4 * EVENTS);
        for webhook in ["0", "1", "2", "3"] {
            let own = reports.iter().filter(|report| report.webhook().as_str() == webhook);
            let ids = own.map(|report| match report.event() {
                ReportEvent::Delivered { batch, .. } => batch.items()[0].id().to_owned(),
                other => panic!("{other:?}"),
            });
            assert!(ids.eq((0..EVENTS).map(|id| id.to_string())), "webhook {webhook}");
        }
    });
}

#[test]
fn a_subscription_that_falls_behind_learns_how_many_it_missed() {
    let config = Config::default().with_max_reports(3);
    let notifier = Notifier::with_config(Memory::default(), ThreadClock::new(), config);
    let (mut slow, mut quick) = (notifier.reports(), notifier.reports());
    notifier.insert("all", webhook()).unwrap();
    for id in 0..5 {
        notifier.publish(&event(id)).unwrap();
        notifier.remove("all").unwrap();
        notifier.insert("all", webhook()).unwrap();
        assert!(matches!(quick.try_next(), Some(Reported::Report(_))));
    }
    assert!(quick.try_next().is_none());
    assert!(matches!(slow.try_next(), Some(Reported::Lagged(2))));
    for id in 2..5 {
        let Some(Reported::Report(report)) = slow.try_next() else {
            panic!("three reports must be left")
        };
        let ReportEvent::Dropped { reason: DropReason::Removed, batch } = report.event() else {
            panic!("{report}")
        };
        assert!(batch.ids().eq([id.to_string().as_str()]));
    }
    assert!(slow.try_next().is_none());
}

#[test]
fn a_subscription_sees_only_what_follows_it() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    notifier.insert("all", webhook()).unwrap();
    let drop_one = |id| {
        notifier.publish(&event(id)).unwrap();
        notifier.replace_all([]).unwrap();
        notifier.insert("all", webhook()).unwrap();
    };
    drop_one("before");
    let first = notifier.reports();
    drop_one("between");
    let mut second = notifier.reports();
    drop(first);
    drop_one("after");
    let Some(Reported::Report(report)) = second.try_next() else {
        panic!("one report is expected")
    };
    assert!(report.to_string().ends_with("dropped 1 (removed): ['after']"), "{report}");
    assert!(second.try_next().is_none());

    drop(second);
    drop_one("unheard");
    assert!(notifier.reports().try_next().is_none());
}

#[test]
fn without_a_subscription_no_report_is_made() {
    // A report holds its batch, so the bytes of the batch count until the report is dropped.
    let limits = recohook::Limits::default().with_max_queue_bytes(100);
    let config = Config::default().with_limits(limits);
    let notifier = Notifier::with_config(Memory::default(), ThreadClock::new(), config);
    let drop_one = || {
        notifier.insert("all", webhook()).unwrap();
        let published = notifier.publish(&Probe::of_bytes(100));
        notifier.remove("all").unwrap();
        published
    };
    assert!(drop_one().is_ok());
    assert!(drop_one().is_ok());
    let reports = notifier.reports();
    assert!(drop_one().is_ok());
    assert!(drop_one().is_err(), "the unread report must hold its batch");
    drop(reports);
    assert!(drop_one().is_ok(), "the end of the subscription must drop the report");
    assert!(drop_one().is_ok());
}

#[test]
fn a_subscription_after_the_end_ends_at_once() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    block_on(notifier.shutdown(LONG));
    assert!(read(notifier.reports()).is_empty());
}
