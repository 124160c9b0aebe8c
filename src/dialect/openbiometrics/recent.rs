use serde::Deserialize;

use super::EventType;

/// The query of `GET /events/recent`. It limits the number of events and can select one type.
///
/// The host passes the fields to [`History::recent`](crate::History::recent). An unknown parameter
/// is an error.
///
/// ```
/// use recohook::openbiometrics::{EventType, RecentQuery};
///
/// let query: RecentQuery = serde_json::from_str(r#"{"event_type": "face_matched"}"#)?;
/// assert_eq!(query.limit, 100);
/// assert_eq!(query.event_type, Some(EventType::FaceMatched));
///
/// // A misspelt parameter must not return events of all types.
/// assert!(serde_json::from_str::<RecentQuery>(r#"{"event_typ": "face_matched"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RecentQuery {
    /// The maximum number of events to return. Default: 100 (documented).
    pub limit: usize,
    /// The type of events to return. If it is `None`, events of all types are returned.
    pub event_type: Option<EventType>,
}

impl Default for RecentQuery {
    fn default() -> Self {
        Self { limit: 100, event_type: None }
    }
}
