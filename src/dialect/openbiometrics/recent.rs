use serde::Deserialize;

use super::EventType;

/// The query of `GET /events/recent`: the number of events from the history, and their type.
///
/// A host passes the fields to [`History::recent`](crate::History::recent). An unknown parameter is
/// an error.
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
    /// The largest number of events to return. Default: 100 (documented).
    pub limit: usize,
    /// The only type of event to return. `None` returns all types.
    pub event_type: Option<EventType>,
}

impl Default for RecentQuery {
    fn default() -> Self {
        Self { limit: 100, event_type: None }
    }
}
