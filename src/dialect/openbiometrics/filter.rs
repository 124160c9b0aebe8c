use serde_json::json;

use super::{EVENTS, EventType};
use crate::{
    dialect::string_enum::StringEnum as _,
    filter::{Filter, FilterError, Section, Table},
};

/// The filter keys of the native filter language over [`EVENTS`].
///
/// The system itself offers only subscriptions to types (documented). [`subscription`] returns the
/// filter for a subscription.
///
/// ```
/// use recohook::{Filter, openbiometrics};
///
/// let filter = Filter::parse(
///     r#"{"type_in": ["face_matched", "watchlist_alert"], "watchlist": "vip", "similarity_gte": 0.9}"#,
///     &openbiometrics::FILTERS,
/// )?;
/// assert!(filter.covers(&openbiometrics::EVENTS));
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
///
/// [`Filter::lint`] warns about a type that is not documented. `*` is such a type: it does not
/// stand for all types.
pub static FILTERS: Table =
    Table::flat(&Section::native(&EVENTS)).with_known_values(&[("type", EventType::VALUES)]);

/// Returns the filter of a webhook that subscribes to exactly these types. If there are no types,
/// the filter matches nothing (inferred: `event_types` is required, and the meaning of an empty
/// list is not documented).
///
/// ```
/// use recohook::openbiometrics::{EventType, subscription};
///
/// let filter = subscription([EventType::FaceMatched, EventType::from("door_opened")])?;
/// assert_eq!(filter.to_string(), r#"{"type_in":["door_opened","face_matched"]}"#);
/// # Ok::<(), recohook::filter::FilterError>(())
/// ```
///
/// # Errors
/// Returns a [`FilterError`] if there are more types than the default [`Limits`](crate::Limits)
/// allow, or if one of the types is too long.
pub fn subscription(
    event_types: impl IntoIterator<Item: Into<EventType>>,
) -> Result<Filter, FilterError> {
    // The filter is parsed from text, so that the limits and the normal form are the same as for a
    // filter that a client writes.
    let types = Vec::from_iter(event_types.into_iter().map(Into::into));
    Filter::parse(json!({ "type_in": types }).to_string(), &FILTERS)
}
