//! The lines of the systems' logs that a report does not contain.

use std::{fmt, time::Duration};

use crate::{
    dispatch::{Report, ReportEvent},
    notification::Notification,
    webhook::{Registrar, Webhook},
};

/// Returns the line that FindFace Security 2020 logs for each of its sections when the registry of
/// webhooks changes (documented). Log them after each change, at the level `INFO`.
///
/// A line contains the ids of the active webhooks whose filters name the section. That a section
/// without webhooks has the line `set()` is inferred.
///
/// ```
/// use recohook::findface::security;
/// use recohook::{Engine, Filter, Moment, Registrar, Webhook};
/// use std::time::SystemTime;
///
/// let mut engine = Engine::new();
/// let mut registrar = engine.registrar(Moment::ZERO, SystemTime::now());
/// let filter = Filter::parse(r#"{"events": {}}"#, &security::FILTERS)?;
/// registrar.insert(2, Webhook::new("http://127.0.0.1:8888/", filter)?)?;
/// assert_eq!(
///     security::update_lines(&registrar)[0],
///     r#"Updating "events" workers for webhooks: {2}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn update_lines(registrar: &impl Registrar) -> Vec<String> {
    let table = &super::security::FILTERS;
    let webhooks = registrar.list();
    let sections = table.sections().iter().map(|section| {
        let wants = |webhook: &Webhook| {
            webhook.is_active()
                && webhook.filter().table() == table
                && webhook.filter().covers(section.schema())
        };
        let ids = webhooks.iter().filter(|(_, webhook)| wants(webhook));
        let ids = Vec::from_iter(ids.map(|(id, _)| id.as_str().escape_debug().to_string()));
        let ids =
            if ids.is_empty() { "set()".to_owned() } else { format!("{{{}}}", ids.join(", ")) };
        format!("Updating \"{}\" workers for webhooks: {ids}", section.name())
    });
    sections.collect()
}

/// Returns the line that FindFace Security 2020 logs when it gets a notification (documented).
/// `delta` is the time between the creation of the notification and the call to `publish`. Log it
/// at the level `INFO`.
///
/// ```
/// use recohook::findface::security::{self, Event};
/// use std::time::Duration;
///
/// assert_eq!(
///     security::reception_line(&Event::new("42"), Duration::from_micros(2617)),
///     "Webhook updater processing message(type-\"events:event_created\"). Consumer reception \
///      delta: 0.002617",
/// );
/// ```
pub fn reception_line(notification: &dyn Notification, delta: Duration) -> String {
    let (topic, kind) = (notification.schema().topic(), notification.kind().escape_debug());
    format!(
        "Webhook updater processing message(type-\"{topic}:{kind}\"). Consumer reception delta: \
         {:.6}",
        delta.as_secs_f64()
    )
}

/// Returns the line that FindFace Security 2019 logs for a report (documented). All its lines have
/// the level `INFO`.
///
/// The document has a line for a success and one for a failed connection. Other failures have the
/// same form (inferred), and other reports have our own line. The spelling of "occured" is the
/// vendor's.
///
/// ```
/// use recohook::findface::security_2019::{self, Event, FILTERS};
/// use recohook::http::{HeaderMap, StatusCode};
/// use recohook::{Engine, Filter, Moment, Reported, Webhook};
/// use std::time::SystemTime;
///
/// let (mut engine, now, wall) = (Engine::new(), Moment::ZERO, SystemTime::now());
/// let webhook = Webhook::new("http://127.0.0.1:8888/", Filter::everything(&FILTERS))?;
/// engine.insert(1, webhook, now)?;
/// let mut reports = engine.reports();
/// engine.publish(&Event::new("42"), now)?;
/// let id = engine.poll_request(now, wall).expect("it is due").attempt_id();
/// engine.handle_response(id, StatusCode::OK, &HeaderMap::new(), now, wall);
///
/// let Some(Reported::Report(report)) = reports.try_next() else { panic!("no report") };
/// assert_eq!(security_2019::log_line(&report).to_string(), "hook 1 was pulled on");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn log_line(report: &Report) -> LogLine<'_> {
    LogLine(report)
}

/// A line of the log of FindFace Security 2019. [`log_line`] returns it, and `Display` writes it.
#[derive(Clone, Copy, Debug)]
pub struct LogLine<'a>(&'a Report);

impl fmt::Display for LogLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        let hook = report.webhook().as_str().escape_debug();
        match report.event() {
            ReportEvent::Delivered { .. } => write!(f, "hook {hook} was pulled on"),
            ReportEvent::Failed { .. } | ReportEvent::Dead { .. } => {
                write!(f, "While working on hook {hook} Exception occured: ")?;
                report.write_cause(f)
            }
            _ => write!(f, "{report}"),
        }
    }
}
