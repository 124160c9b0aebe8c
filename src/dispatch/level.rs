use std::fmt;

use super::{Report, ReportEvent};

/// The level of a log line. The names are those of most logging libraries.
///
/// ```
/// use recohook::report::Level;
///
/// assert!(Level::Error > Level::Warning);
/// assert_eq!(Level::Warning.to_string(), "WARNING");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Level {
    /// Only useful to find a mistake.
    Debug,
    /// Everything works.
    Info,
    /// Something failed, but nothing is lost yet.
    Warning,
    /// Notifications will not be delivered.
    Error,
}

impl Report {
    /// Returns the level at which to log the report.
    ///
    /// | event | level | source |
    /// |---|---|---|
    /// | [`Delivered`](ReportEvent::Delivered) | info | documented for FindFace Security 2020 |
    /// | [`Failed`](ReportEvent::Failed) | warning | documented for FindFace Security 2020 |
    /// | [`Dead`](ReportEvent::Dead), [`Dropped`](ReportEvent::Dropped), [`Rejected`](ReportEvent::Rejected) | error | ours |
    /// | [`Abandoned`](ReportEvent::Abandoned), [`Repeated`](ReportEvent::Repeated) | debug | ours |
    ///
    /// With the crate `tracing`, for example, a host logs all reports like this:
    ///
    /// ```text
    /// match report.level() {
    ///     Level::Error => tracing::error!("{report}"),
    ///     Level::Warning => tracing::warn!("{report}"),
    ///     Level::Info => tracing::info!("{report}"),
    ///     _ => tracing::debug!("{report}"),
    /// }
    /// ```
    pub fn level(&self) -> Level {
        match self.event {
            ReportEvent::Delivered { .. } => Level::Info,
            ReportEvent::Failed { .. } => Level::Warning,
            ReportEvent::Abandoned { .. } | ReportEvent::Repeated { .. } => Level::Debug,
            ReportEvent::Dead { .. }
            | ReportEvent::Dropped { .. }
            | ReportEvent::Rejected { .. } => Level::Error,
        }
    }
}

impl Level {
    /// Returns the name in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
