use std::{borrow::Cow, sync::Arc};

use serde::Deserialize;

use super::{Event, EventType, RegistrationError, UnknownFields, UnknownTypes};
use crate::{filter::hint, notification::History};

/// The order of recent events.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum RecentOrder {
    /// The most recent event is the last, as in the answers of the project's own engine (read in
    /// its source).
    #[default]
    NewestLast,
    /// The most recent event is the first (ours).
    NewestFirst,
}

/// The query of `GET /events/recent`. It limits the number of events and can select one type.
///
/// [`from_pairs`](Self::from_pairs) reads the query, and [`select`](Self::select) returns the
/// events. For `Deserialize`, an unknown parameter is an error, and an unknown type is not.
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

impl RecentQuery {
    /// Reads the query from its decoded parameters. If one appears twice, the last one counts.
    ///
    /// The project's own engine refuses unknown types (read in its source).
    ///
    /// ```
    /// use recohook::openbiometrics::{RecentQuery, UnknownFields, UnknownTypes};
    ///
    /// let read = |name, value| {
    ///     let (fields, types) = (UnknownFields::default(), UnknownTypes::default());
    ///     RecentQuery::from_pairs([(name, value)], fields, types)
    /// };
    /// assert_eq!(read("limit", "10")?.limit, 10);
    /// assert_eq!(
    ///     read("limit", "abc").unwrap_err().to_string(),
    ///     r#"in the parameter `limit`: expected an integer of 0 or more, found "abc""#,
    /// );
    /// assert!(read("event_type", "face_machted").is_err());
    /// # Ok::<(), recohook::openbiometrics::RegistrationError>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`RegistrationError`] if the limit is not an integer of 0 or more, and for unknown
    /// types and parameters if they are to be refused.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        fields: UnknownFields,
        types: UnknownTypes,
    ) -> Result<Self, RegistrationError> {
        let mut query = Self::default();
        for (name, value) in pairs {
            match name {
                "limit" => {
                    query.limit = value.parse().map_err(|_| RegistrationError::Parameter {
                        name: "limit",
                        expected: "an integer of 0 or more",
                        found: value.to_owned(),
                    })?;
                }
                "event_type" => {
                    let event_type = EventType::from(value);
                    types.check(&event_type, || "in the parameter `event_type`".to_owned())?;
                    query.event_type = Some(event_type);
                }
                _ if fields == UnknownFields::Refuse => {
                    let hint = hint(name, ["limit", "event_type"].map(Cow::from).into_iter());
                    let name = name.to_owned();
                    return Err(RegistrationError::UnknownParameter { name, hint });
                }
                _ => {}
            }
        }
        Ok(query)
    }

    /// Returns the events that the query selects. A limit of 0 selects one event, as in the
    /// project's own engine (read in its source).
    ///
    /// ```
    /// use recohook::History;
    /// use recohook::openbiometrics::{Event, EventType, RecentOrder, RecentQuery};
    ///
    /// let history = History::new(1000);
    /// for id in ["evt_1", "evt_2", "evt_3"] {
    ///     history.push(Event::new(id, EventType::LineCrossed, "2026-03-19T10:32:15+00:00"));
    /// }
    /// let mut query = RecentQuery::default();
    /// query.limit = 2;
    /// let events = query.select(&history, RecentOrder::default());
    /// assert_eq!(events[1].id, "evt_3");
    /// ```
    pub fn select(&self, history: &History<Event>, order: RecentOrder) -> Vec<Arc<Event>> {
        let kind = self.event_type.as_ref().map(EventType::as_str);
        let mut events = history.recent(self.limit.max(1), kind);
        if order == RecentOrder::NewestLast {
            events.reverse();
        }
        events
    }
}
