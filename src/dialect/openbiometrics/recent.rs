use serde::Deserialize;

use super::EventType;

/// The query of `GET /events/recent`: how many events of the history, and of which type.
///
/// ```
/// use recohook::openbiometrics::{EventType, RecentQuery};
///
/// let query: RecentQuery = serde_json::from_str(r#"{"event_type": "face_matched"}"#)?;
/// assert_eq!(query.limit, 100);
/// assert_eq!(query.event_type, Some(EventType::FaceMatched));
///
/// // A parameter that is misspelt must not answer with all the rest.
/// assert!(serde_json::from_str::<RecentQuery>(r#"{"event_typ": "face_matched"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RecentQuery {
    /// The most events to answer with; 100 unless told (documented).
    pub limit: usize,
    /// The only type to answer with; without it, all of them.
    pub event_type: Option<EventType>,
}

impl Default for RecentQuery {
    fn default() -> Self {
        Self { limit: 100, event_type: None }
    }
}
