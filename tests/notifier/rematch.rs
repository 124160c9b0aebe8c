//! Webhooks that are removed while a notification for them is encoded, and webhooks that replace
//! them.

use std::sync::atomic::{AtomicUsize, Ordering};

use recohook::{
    EncodeError, Notifier, Receipt, Rendering, Reported, WebhookId, clock::ThreadClock,
    report::ReportEvent,
};

use super::support::*;

/// Ids of webhooks, each with a rendering.
type Hooks = &'static [(&'static str, Rendering)];

use Rendering::{Compact, Full};

fn replace(notifier: &Notifier, hooks: Hooks) {
    let hook = |(id, rendering): &(&str, Rendering)| {
        (WebhookId::from(*id), webhook().with_rendering(*rendering))
    };
    notifier.replace_all(hooks.iter().map(hook)).unwrap();
}

/// Returns a notification that can be encoded only once. Meanwhile it replaces all webhooks by
/// `then`.
fn encodable_once(notifier: &Notifier, then: Hooks) -> Probe {
    let (notifier, times) = (notifier.clone(), AtomicUsize::new(0));
    Probe::with_encode(move |_, out| {
        if times.fetch_add(1, Ordering::Relaxed) > 0 {
            return Err(EncodeError::new("it is gone"));
        }
        replace(&notifier, then);
        out.extend_from_slice(b"{}");
        Ok(())
    })
}

fn counts(receipt: Receipt) -> (usize, usize, usize) {
    (receipt.matched, receipt.queued, receipt.rejected)
}

#[test]
fn an_encoded_notification_is_queued_for_webhooks_that_came_meanwhile() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    for before in [&[("stays", Full), ("goes", Full)][..], &[("goes", Full)]] {
        replace(&notifier, before);
        let probe = encodable_once(&notifier, &[("stays", Full), ("comes", Full)]);
        assert_eq!(counts(notifier.publish(&probe).unwrap()), (2, 2, 0));
        assert_eq!(probe.encoded(), 1);
        assert_eq!(notifier.stats("comes").unwrap().accepted, 1);
    }
}

#[test]
fn a_webhook_rejects_a_notification_that_cannot_be_encoded_for_it() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    replace(&notifier, &[("stays", Full), ("goes", Full)]);
    let mut reports = notifier.reports();
    let probe = encodable_once(&notifier, &[("stays", Full), ("comes", Compact)]);
    assert_eq!(counts(notifier.publish(&probe).unwrap()), (2, 1, 1));
    assert_eq!(probe.encoded(), 2);
    let stats = notifier.stats("comes").unwrap();
    assert_eq!((stats.matched, stats.accepted, stats.rejected), (1, 0, 1));
    let Some(Reported::Report(report)) = reports.try_next() else {
        panic!("the rejection must be reported")
    };
    assert_eq!(report.webhook(), &WebhookId::from("comes"));
    assert!(matches!(report.event(), ReportEvent::Rejected { item } if item.id() == "probe"));
}

#[test]
fn it_is_an_error_if_no_webhook_accepts_it() {
    let notifier = Notifier::new(Memory::default(), ThreadClock::new());
    replace(&notifier, &[("goes", Full)]);
    let probe = encodable_once(&notifier, &[("comes", Compact)]);
    assert_eq!(notifier.publish(&probe).unwrap_err().kind(), "encode");
    assert_eq!(notifier.total().matched, 0);
}
