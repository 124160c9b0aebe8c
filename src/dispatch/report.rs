//! Reports and dead letters, which are passed to the host and can be formatted as journal lines.

use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{Batch, DropReason, FailureCause, Remark};
use crate::{
    base::{DeliveryId, Moment, WebhookId},
    failure::{ErrorText, FailureKind},
    notification::Encoded,
    policy::Attempts,
};

/// A report of one event. It describes an attempt that ended, or notifications that were dropped or
/// rejected.
///
/// Call [`Engine::reports`](crate::Engine::reports) or
/// [`Notifier::reports`](crate::Notifier::reports) to subscribe to reports. A report shares its
/// batch with the dispatcher, so the payloads stay in memory as long as the report exists.
///
/// ```
/// # use recohook::findface::security::{self, Event};
/// # use recohook::{Engine, FailureKind, Filter, Moment, Reported, Webhook, report::ReportEvent};
/// # use std::time::SystemTime;
/// let (now, wall) = (Moment::ZERO, SystemTime::now());
/// let mut engine = Engine::new();
/// let filter = Filter::parse(r#"{"events": {}}"#, &security::FILTERS)?;
/// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, now)?;
/// let mut reports = engine.reports();
/// engine.publish(&Event::new("42"), now)?;
/// let outgoing = engine.poll_request(now, wall).expect("it is due");
/// engine.handle_failure(outgoing.attempt_id(), FailureKind::Connect, now);
/// let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
/// assert!(matches!(report.event(), ReportEvent::Failed { attempt: 1, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The journal line
///
/// `Display` writes one line for a journal, in the format that documented systems use. The line
/// never contains a line break, whatever the ids and error messages contain.
///
/// ```text
/// <queue:  0> Webhook worker(id-2, type-"events") sent batch(len-1, type-"events"): ['42']
/// <queue:  1> Webhook worker(id-2, type-"events") Error sending webhook: 405, message='Method Not Allowed'. Attempt 2 out of 10. Next attempt in 0.729 seconds.
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) webhook: WebhookId,
    pub(super) topic: &'static str,
    pub(super) queued: usize,
    pub(super) at: Moment,
    pub(super) event: ReportEvent,
    pub(super) remarks: Vec<Remark>,
}

/// The event that a [`Report`] describes. Later releases may add events.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReportEvent {
    /// An attempt succeeded. Its notifications have been delivered.
    Delivered {
        /// The id of the delivery.
        delivery: DeliveryId,
        /// The number of the attempt, starting at 1.
        attempt: u32,
        /// The status of the response.
        status: StatusCode,
        /// The notifications.
        batch: Arc<Batch>,
    },
    /// An attempt failed, and another one will be made.
    Failed {
        /// The id of the delivery.
        delivery: DeliveryId,
        /// The number of the attempt, starting at 1.
        attempt: u32,
        /// The maximum number of attempts for the delivery, according to the policy at the time of
        /// the report.
        attempts: Attempts,
        /// Why the attempt failed.
        cause: FailureCause,
        /// The message of the transport error or panic that made the attempt fail. If there was a
        /// response, this is the reason phrase that the receiver sent instead of the usual one.
        error_text: Option<ErrorText>,
        /// The time until the next attempt is due. The attempt may be made later, for example
        /// because the webhook is paused or a limit on requests in flight has been reached.
        next: Duration,
        /// The notifications.
        batch: Arc<Batch>,
    },
    /// None of a delivery's attempts succeeded, and no further attempt will be made. The delivery's
    /// notifications are dead.
    ///
    /// Usually, an attempt has just failed. If an update has lowered the maximum number of
    /// attempts, the last attempt may have failed earlier.
    Dead {
        /// The id of the delivery.
        delivery: DeliveryId,
        /// The number of the last attempt that failed, starting at 1.
        attempt: u32,
        /// The maximum number of attempts for the delivery, according to the policy at the time of
        /// the report.
        attempts: Attempts,
        /// Why the last attempt failed.
        cause: FailureCause,
        /// The message of the transport error or panic that made the attempt fail. If there was a
        /// response, this is the reason phrase that the receiver sent instead of the usual one.
        error_text: Option<ErrorText>,
        /// The notifications.
        batch: Arc<Batch>,
    },
    /// An attempt was abandoned. It is repeated with the same number as soon as a `Retry-After`, a
    /// pause and the limits on requests in flight allow it.
    ///
    /// If an update has lowered the maximum number of attempts below this number, a `Dead` event
    /// follows instead.
    Abandoned {
        /// The id of the delivery.
        delivery: DeliveryId,
        /// The number of the attempt, starting at 1.
        attempt: u32,
        /// The notifications.
        batch: Arc<Batch>,
    },
    /// An attempt failed for a reason that says nothing about the receiver: a
    /// [stale connection](FailureKind::StaleConnection), or a host that has [no descriptor
    /// left](FailureKind::Exhausted). It does not count and is repeated with the same number.
    ///
    /// If an update has lowered the maximum number of attempts below this number, a `Dead` event
    /// follows instead.
    Repeated {
        /// The id of the delivery.
        delivery: DeliveryId,
        /// The number of the attempt, starting at 1.
        attempt: u32,
        /// Why the attempt failed.
        kind: FailureKind,
        /// The message of the transport error.
        error_text: Option<ErrorText>,
        /// The time until the attempt is due again. It may be made later, for example because the
        /// webhook is paused or a limit on requests in flight has been reached.
        next: Duration,
        /// The notifications.
        batch: Arc<Batch>,
    },
    /// Accepted notifications were dropped.
    Dropped {
        /// Why the notifications were dropped.
        reason: DropReason,
        /// The notifications.
        batch: Arc<Batch>,
    },
    /// A webhook rejected a notification. See [`Receipt::rejected`](crate::Receipt::rejected).
    Rejected {
        /// The notification.
        item: Arc<Encoded>,
    },
}

/// A batch of accepted notifications that will not be delivered. The host can store or examine the
/// batch.
///
/// A [`DeadLetterHandler`](crate::DeadLetterHandler) receives one dead letter for every dead
/// delivery and one for every group of dropped notifications. A rejected notification does not
/// become a dead letter, because the result of [`publish`](crate::Engine::publish) already shows
/// the rejection.
///
/// `Display` writes one line, which is similar to a [`Report`]'s line.
///
/// ```
/// use recohook::report::{DeadLetter, DropReason, DeadLetterReason};
/// use recohook::{Config, Engine, Filter, Moment, Webhook, findface::security::{self, Event}};
///
/// let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(
///     |dead_letter: DeadLetter| {
///         assert_eq!(dead_letter.reason(), DeadLetterReason::Dropped(DropReason::Shutdown));
///         assert_eq!(dead_letter.batch().ids().collect::<Vec<_>>(), ["42"]);
///     },
/// ));
/// let filter = Filter::everything(&security::FILTERS);
/// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, Moment::ZERO)?;
/// engine.publish(&Event::new("42"), Moment::ZERO)?;
/// assert_eq!(engine.shutdown().dropped.total(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DeadLetter {
    pub(super) webhook: WebhookId,
    pub(super) topic: &'static str,
    pub(super) reason: DeadLetterReason,
    pub(super) error_text: Option<ErrorText>,
    pub(super) batch: Arc<Batch>,
    pub(super) remarks: Vec<Remark>,
}

/// The reason why notifications will not be delivered. Later releases may add reasons.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DeadLetterReason {
    /// An attempt failed, and the policy does not allow another one.
    Failed {
        /// The number of the attempt, starting at 1.
        attempt: u32,
        /// Why the attempt failed.
        cause: FailureCause,
    },
    /// The notifications were dropped from the queue or from a delivery.
    Dropped(DropReason),
}

impl Report {
    /// Returns the id of the webhook.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// Returns the topic of the notifications.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// Returns the number of notifications that were queued for the webhook and topic after the
    /// event.
    ///
    /// Notifications in a delivery that is waiting for a retry are not counted. If this number
    /// grows from report to report, the receiver is too slow.
    ///
    /// ```
    /// # use recohook::findface::security::{self, Event};
    /// # use recohook::{Engine, Filter, Moment, Reported, Webhook};
    /// # use std::time::SystemTime;
    /// let (now, wall) = (Moment::ZERO, SystemTime::now());
    /// let mut engine = Engine::new();
    /// let filter = Filter::parse(r#"{"events": {}}"#, &security::FILTERS)?;
    /// engine.insert("front", Webhook::new("http://127.0.0.1:8888/", filter)?, now)?;
    /// let mut reports = engine.reports();
    /// for id in ["1", "2", "3"] {
    ///     engine.publish(&Event::new(id), now)?;
    /// }
    /// let outgoing = engine.poll_request(now, wall).expect("it is due");
    /// engine.abandon(outgoing.attempt_id(), now);
    /// let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
    /// assert_eq!(report.queued(), 2, "the first is in the delivery");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// Returns when the event happened, according to the host's monotonic clock.
    ///
    /// In reports of a removal or a shutdown, this is the latest [`Moment`] passed to an earlier
    /// call. Calls that insert, remove or pause a webhook, or read its status, are not taken into
    /// account.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// Writes why the attempt failed. Writes nothing if no attempt failed.
    pub(crate) fn write_cause(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.event {
            ReportEvent::Failed { cause, error_text, .. }
            | ReportEvent::Dead { cause, error_text, .. } => {
                write_cause(f, *cause, error_text.as_ref())
            }
            _ => Ok(()),
        }
    }

    /// Returns remarks on the response of the attempt.
    ///
    /// ```
    /// # use recohook::findface::security::{Event, FILTERS};
    /// # use recohook::{Engine, Filter, Moment, Reported, Webhook, report::Remark};
    /// # use recohook::http::{HeaderMap, StatusCode, header::LOCATION};
    /// # use std::time::SystemTime;
    /// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// let mut reports = engine.reports();
    /// engine.publish(&Event::new("42"), now)?;
    /// let id = engine.poll_request(now, wall).expect("it is due").attempt_id();
    ///
    /// let headers = HeaderMap::from_iter([(LOCATION, "https://new.example/?token=x".parse()?)]);
    /// engine.handle_response(id, StatusCode::PERMANENT_REDIRECT, &headers, now, wall);
    /// let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
    /// let [Remark::Location { url }] = report.remarks() else { panic!("no remark") };
    /// assert_eq!(url.as_str(), "https://new.example/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Returns the event.
    pub fn event(&self) -> &ReportEvent {
        &self.event
    }
}

impl DeadLetter {
    /// Returns the id of the webhook that did not receive the notifications.
    pub fn webhook(&self) -> &WebhookId {
        &self.webhook
    }

    /// Returns the topic of the notifications.
    pub fn topic(&self) -> &'static str {
        self.topic
    }

    /// Returns remarks on the response of the last attempt.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Returns why the notifications will not be delivered.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::http::{HeaderMap, StatusCode};
    /// use recohook::report::{DeadLetter, DeadLetterReason, FailureCause};
    /// use recohook::{Config, Engine, Filter, Moment, Webhook};
    /// use std::{sync::mpsc, time::SystemTime};
    ///
    /// let (sender, dead_letters) = mpsc::channel();
    /// let handler = move |dead: DeadLetter| drop(sender.send(dead));
    /// let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(handler));
    /// let (now, wall) = (Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due");
    ///
    /// let id = outgoing.attempt_id();
    /// engine.handle_response(id, StatusCode::GONE, &HeaderMap::new(), now, wall);
    /// let cause = FailureCause::Status(StatusCode::GONE);
    /// assert_eq!(dead_letters.recv()?.reason(), DeadLetterReason::Failed { attempt: 1, cause });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reason(&self) -> DeadLetterReason {
        self.reason
    }

    /// Returns the message of the transport error or panic that made the last attempt fail, or the
    /// reason phrase of the response if it is not the usual one.
    ///
    /// Returns `None` if the response had the usual phrase, if the error had no message, or if the
    /// notifications were dropped.
    ///
    /// ```
    /// use recohook::findface::security::{Event, FILTERS};
    /// use recohook::{Config, Engine, Filter, Moment, Webhook};
    /// use recohook::{report::DeadLetter, transport::TransportError};
    /// use std::{sync::mpsc, time::SystemTime};
    ///
    /// let (sender, dead_letters) = mpsc::channel();
    /// let handler = move |dead: DeadLetter| drop(sender.send(dead));
    /// let mut engine = Engine::with_config(Config::default().with_dead_letter_handler(handler));
    /// let (now, wall) = (Moment::ZERO, SystemTime::now());
    /// let webhook = Webhook::new("http://127.0.0.1/", Filter::everything(&FILTERS))?;
    /// engine.insert("front", webhook, now)?;
    /// engine.publish(&Event::new("42"), now)?;
    /// let outgoing = engine.poll_request(now, wall).expect("a request is due");
    ///
    /// let error = TransportError::invalid_request("the URL has no host");
    /// engine.handle_failure(outgoing.attempt_id(), error, now);
    /// let dead_letter = dead_letters.recv()?;
    /// assert_eq!(dead_letter.error_text().expect("it is kept").as_str(), "the URL has no host");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error_text(&self) -> Option<&ErrorText> {
        self.error_text.as_ref()
    }

    /// Returns the notifications with their ids and JSON bodies, so that they can be stored or
    /// published again.
    pub fn batch(&self) -> &Arc<Batch> {
        &self.batch
    }
}

// Unlike the line of a report, this line does not begin with the length of the queue, because a
// dead letter may be read long after the queue has changed.
impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (webhook, topic) = (self.webhook.as_str().escape_debug(), self.topic);
        write!(f, "Webhook worker(id-{webhook}, type-\"{topic}\") ")?;
        match self.reason {
            DeadLetterReason::Failed { attempt, cause } => {
                write!(f, "gave up after attempt {attempt}, ")?;
                write_cause(f, cause, self.error_text())?;
            }
            DeadLetterReason::Dropped(reason) => write!(f, "dropped ({})", reason.as_str())?,
        }
        write!(f, "; batch(len-{}, type-\"{topic}\"): ", self.batch.len())?;
        write_ids(f, &self.batch)?;
        write_remarks(f, &self.remarks)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_event(f)?;
        write_remarks(f, &self.remarks)
    }
}

impl Report {
    /// Writes the part of the line that documented systems write.
    fn write_event(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (webhook, topic) = (self.webhook.as_str().escape_debug(), self.topic);
        write!(f, "<queue: {:>2}> Webhook worker(id-{webhook}, type-\"{topic}\") ", self.queued)?;
        match &self.event {
            ReportEvent::Delivered { batch, .. } => {
                write!(f, "sent batch(len-{}, type-\"{topic}\"): ", batch.len())?;
                write_ids(f, batch)
            }
            ReportEvent::Failed { attempt, attempts, cause, error_text, next, .. } => {
                write_failure(f, *cause, error_text.as_ref(), *attempt, *attempts)?;
                write!(f, " Next attempt in {:.3} seconds.", next.as_secs_f64())
            }
            ReportEvent::Dead { attempt, attempts, cause, error_text, batch, .. } => {
                write_failure(f, *cause, error_text.as_ref(), *attempt, *attempts)?;
                write!(f, " Giving up batch(len-{}, type-\"{topic}\"): ", batch.len())?;
                write_ids(f, batch)
            }
            ReportEvent::Abandoned { attempt, batch, .. } => {
                write!(f, "Attempt {attempt} was abandoned, batch(len-{})", batch.len())
            }
            ReportEvent::Repeated { attempt, kind, error_text, batch, .. } => {
                write!(f, "Attempt {attempt} does not count and is repeated: ")?;
                write_cause(f, FailureCause::Failure(*kind), error_text.as_ref())?;
                write!(f, ", batch(len-{})", batch.len())
            }
            ReportEvent::Dropped { reason, batch } => {
                write!(f, "dropped {} ({}): ", batch.len(), reason.as_str())?;
                write_ids(f, batch)
            }
            ReportEvent::Rejected { item } => write!(f, "rejected '{}'", item.id().escape_debug()),
        }
    }
}

/// Writes the part that the lines of failed and dead deliveries have in common.
fn write_failure(
    f: &mut fmt::Formatter<'_>,
    cause: FailureCause,
    error_text: Option<&ErrorText>,
    attempt: u32,
    attempts: Attempts,
) -> fmt::Result {
    f.write_str("Error sending webhook: ")?;
    write_cause(f, cause, error_text)?;
    write!(f, ". Attempt {attempt} out of ")?;
    match attempts {
        Attempts::Limited(most) => write!(f, "{most}."),
        Attempts::Unlimited => f.write_str("unlimited."),
    }
}

/// Writes why an attempt failed, with the error message if there is one.
fn write_cause(
    f: &mut fmt::Formatter<'_>,
    cause: FailureCause,
    error_text: Option<&ErrorText>,
) -> fmt::Result {
    match (cause, error_text) {
        // The phrase that the receiver sent instead of the usual one.
        (FailureCause::Status(status), Some(phrase)) => {
            write!(f, "{}, message='{phrase}'", status.as_u16())
        }
        // Without this check, an empty message would leave a colon with nothing after it.
        (_, Some(error_text)) if !error_text.as_str().is_empty() => {
            write!(f, "{cause}: {error_text}")
        }
        _ => write!(f, "{cause}"),
    }
}

/// Writes remarks, each after a semicolon.
fn write_remarks(f: &mut fmt::Formatter<'_>, remarks: &[Remark]) -> fmt::Result {
    remarks.iter().try_for_each(|remark| write!(f, "; {remark}"))
}

/// Writes the ids of a batch as a list.
// The ids are escaped, since a host may take them from a source that it does not control. Without
// escaping, an id could break the line and forge another one.
fn write_ids(f: &mut fmt::Formatter<'_>, batch: &Batch) -> fmt::Result {
    f.write_str("[")?;
    for (at, id) in batch.ids().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(f, "{comma}'{}'", id.escape_debug())?;
    }
    f.write_str("]")
}
